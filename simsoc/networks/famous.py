"""Observed networks that ship with NetworkX. Their size is their own; `label` keeps the original name of a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import networkx as nx

from simsoc.core.stream import Stream

from .checks import build, same_size

People = Sequence[Mapping[str, Any]]


def _named(graph: nx.Graph, n: int | None, name: str) -> nx.Graph:
    """Nodes renumbered in the graph's own order, their names and attributes kept, edges sorted."""
    same_size(n, len(graph), name)
    place = {label: i for i, label in enumerate(graph)}
    made = build(len(graph), ((place[a], place[b], data) for a, b, data in graph.edges(data=True)))
    for label, attributes in graph.nodes(data=True):
        made.nodes[place[label]].update(attributes, label=label)
    return made


def karate_club(n: int | None, stream: Stream, people: People) -> nx.Graph:
    """Friendships of 34 karate club members before a split; `club` is the side taken, `weight` counts shared contexts.

    Source: Zachary 1977, J. Anthropol. Res. 33, 452. Raises ScenarioError when the population is of another size.
    """
    return _named(nx.karate_club_graph(), n, "karate_club")


def davis_southern_women(n: int | None, stream: Stream, people: People, *, projection: bool = False) -> nx.Graph:
    """18 women (`bipartite` 0) tied to the 14 social events (1) each of them attended: 32 nodes.

    projection: whether to take the women alone, tied when they met at an event; `weight` counts the events.

    Source: Davis, Gardner, Gardner 1941, Deep South. Raises ScenarioError when the population is of another size.
    """
    graph = nx.davis_southern_women_graph()
    if projection:
        women = list(graph.graph["top"])
        met = nx.bipartite.weighted_projected_graph(graph, women)
        graph = nx.Graph()
        graph.add_nodes_from(women)
        graph.add_edges_from(met.edges(data=True))
    return _named(graph, n, "davis_southern_women")


def florentine_families(n: int | None, stream: Stream, people: People) -> nx.Graph:
    """Marriages among 15 families of Renaissance Florence.

    Source: Breiger and Pattison 1986, Social Networks 8, 215. Raises ScenarioError when the population
    is of another size.
    """
    return _named(nx.florentine_families_graph(), n, "florentine_families")


def les_miserables(n: int | None, stream: Stream, people: People) -> nx.Graph:
    """77 characters of Les Misérables, tied when they share a chapter; `weight` counts the chapters.

    Source: Knuth 1993, The Stanford GraphBase. Raises ScenarioError when the population is of another size.
    """
    return _named(nx.les_miserables_graph(), n, "les_miserables")
