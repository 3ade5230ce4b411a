"""The network of a run at the end of a step, as a NetworkX graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx


def graph(
    people: Iterable[tuple[int, str, int, Mapping[str, Any]]],
    ties: Iterable[tuple[int, int, Mapping[str, Any] | None]],
    *,
    directed: bool,
) -> Any:
    """A Graph, or a DiGraph when ties are directed.

    people: id, label, step of birth and traits of everybody there, tied or not; traits become node attributes.
    ties: both ends and attributes of every tie that holds.
    """
    made = nx.DiGraph() if directed else nx.Graph()
    for agent, label, born, traits in people:
        made.add_node(agent, **{"label": label, "born_step": born, **traits})
    for a, b, attributes in ties:
        made.add_edge(a, b, **(attributes or {}))
    return made
