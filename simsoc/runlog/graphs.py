"""The network of a run at the end of a step, as a NetworkX graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx


def as_changed(
    people: Iterable[Any], traits: Iterable[Mapping[str, Any]], events: Iterable[tuple[int, str, Mapping[str, Any]]]
) -> tuple[list[Any], list[dict[str, Any]]]:
    """The rows of those who have not left (by their id, the first column), and their traits after all that was done."""
    known = {row[0]: (row, dict(own)) for row, own in zip(people, traits, strict=True)}
    for _, kind, content in events:
        if kind == "society.leave":
            del known[content["who"]]
            continue
        for trait, value in content["to"].items():
            if value is None:
                known[content["who"]][1].pop(trait, None)
            else:
                known[content["who"]][1][trait] = value
    return [row for row, _ in known.values()], [own for _, own in known.values()]


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
