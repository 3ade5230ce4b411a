"""The shape of a network: closure, mixing, communities, distances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import fsum
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.core.stream import Stream

if TYPE_CHECKING:
    import networkx as nx

Values = Sequence[Hashable] | Mapping[int, Hashable]
"""A value by agent id, such as a trait."""


# -- closure ------------------------------------------------------------------------------------------------------


def transitivity(graph: nx.Graph) -> float:
    """Three times the triangles over the connected triples, in 0..1 (direction ignored); 0 without triples.

    Source: Newman, Watts, Strogatz 2002, PNAS 99, 2566.
    """
    import networkx as nx

    return float(nx.transitivity(_undirected(graph)))


def transitivity_change(before: nx.Graph, after: nx.Graph) -> float:
    """Transitivity after minus before, the measure of closure of Papachristou and Yuan 2025, arXiv 2402.10659."""
    return transitivity(after) - transitivity(before)


def clustering(graph: nx.Graph) -> float | None:
    """Mean local clustering coefficient C, in 0..1; nodes with fewer than two neighbours count as 0.

    Direction ignored; every component counts. None when there is nobody. Source: Watts and Strogatz 1998.
    """
    import networkx as nx

    return float(nx.average_clustering(_undirected(graph))) if len(graph) else None


def reciprocity(graph: nx.DiGraph) -> float | None:
    """Share of arcs that are returned, in 0..1. None without arcs, or when ties have no direction."""
    import networkx as nx

    if not graph.is_directed() or not graph.number_of_edges():
        return None
    return float(nx.overall_reciprocity(graph))


def _undirected(graph: nx.Graph) -> nx.Graph:
    return graph.to_undirected(as_view=True) if graph.is_directed() else graph


# -- distances ----------------------------------------------------------------------------------------------------


class Paths(NamedTuple):
    """Distances inside the largest component."""

    length: float
    """Mean number of steps between two of its members; 0 for a single one."""
    share: float
    """Share of all nodes in it: 1 when the graph is connected."""


def path_length(graph: nx.Graph) -> Paths | None:
    """Average shortest path L of the largest connected component (of equal ones the first; direction ignored).

    `share` says how much of the graph that is: a disconnected graph has no finite average distance.
    None when there is nobody. Source: Watts and Strogatz 1998, Nature 393, 440.
    """
    import networkx as nx

    if not len(graph):
        return None
    whole = _undirected(graph)
    largest = max(nx.connected_components(whole), key=len)
    part = whole.subgraph(largest)
    return Paths(float(nx.average_shortest_path_length(part)) if len(part) > 1 else 0.0, len(part) / len(whole))


# -- mixing -------------------------------------------------------------------------------------------------------


def ei_index(pairs: Iterable[tuple[int, int]], groups: Values) -> float | None:
    """E-I = (E - I) / (E + I), E ties or contacts between groups, I inside: -1 only inside, 1 only between.

    pairs: ``graph.edges()``, or (who, whom) of replies or likes, repeated as often as they happened. groups: by agent
    id; pairs with somebody in no group (None) are left out. None when no pair is left. Random mixing gives
    1 - 2 sum of squared shares. Source: Krackhardt and Stern 1988, Soc. Psychol. Q. 51, 123.
    """
    external = internal = 0
    for a, b in pairs:
        if groups[a] is not None and groups[b] is not None:
            if groups[a] == groups[b]:
                internal += 1
            else:
                external += 1
    contacts = external + internal
    return (external - internal) / contacts if contacts else None


def ei_of_table(table: Sequence[Sequence[float]]) -> float | None:
    """The same from a table of contacts (row: group of who makes it, column: of whom it is with), weights or numbers.

    None when there is no contact.
    """
    whole = fsum(fsum(row) for row in table)
    inside = fsum(table[i][i] for i in range(len(table)))
    return (whole - 2 * inside) / whole if whole > 0 else None


def attribute_assortativity(graph: nx.Graph, values: Values) -> float | None:
    """Newman's assortativity of a trait: (sum_i e_ii - sum_i a_i b_i) / (1 - sum_i a_i b_i), at most 1.

    e: share of ties from value i to value j, a and b its margins; an undirected tie counts both ways. 1 when all ties
    join equals, about 0 at random. None without ties, or when all tied hold one value.
    Source: Newman 2003, Phys. Rev. E 67, 026126, eq. 2.
    """
    inside: int = 0
    out: Counter[Hashable] = Counter()
    into: Counter[Hashable] = Counter()
    for a, b in graph.edges():
        ends = [(a, b)] if graph.is_directed() else [(a, b), (b, a)]
        for c, d in ends:
            inside += values[c] == values[d]
            out[values[c]] += 1
            into[values[d]] += 1
    total = out.total()
    if not total:
        return None
    expected = sum(n * into[value] for value, n in out.items()) / total**2
    return (inside / total - expected) / (1 - expected) if expected < 1 else None


def shared(a: Mapping[str, Any], b: Mapping[str, Any], names: Sequence[str]) -> int:
    """How many of the named traits two people have in common; a trait one of them lacks is not shared."""
    return sum(name in a and name in b and a[name] == b[name] for name in names)


def edge_similarity(graph: nx.Graph, people: Sequence[Mapping[str, Any]], names: Sequence[str]) -> float | None:
    """Mean number of shared traits over the ties, in 0..len(names). None without ties.

    Source: Papachristou and Yuan 2025, arXiv 2402.10659 (hobby, colour and location: 0.93 at random, 2.24 at most).
    """
    edges = graph.number_of_edges()
    return sum(shared(people[a], people[b], names) for a, b in graph.edges()) / edges if edges else None


def weigh_by_similarity(graph: nx.Graph, people: Sequence[Mapping[str, Any]], names: Sequence[str]) -> nx.Graph:
    """A copy, without directions, whose edge attribute `similarity` is the number of shared traits."""
    import networkx as nx

    made = nx.Graph()
    made.add_nodes_from(sorted(graph))
    pairs = sorted({(min(a, b), max(a, b)) for a, b in graph.edges()})
    made.add_edges_from((a, b, {"similarity": shared(people[a], people[b], names)}) for a, b in pairs)
    return made


# -- communities --------------------------------------------------------------------------------------------------


class Communities(NamedTuple):
    """A partition that the Louvain method found."""

    modularity: float
    """Q, in -1/2..1."""
    groups: tuple[tuple[int, ...], ...]
    """Members of each community, ascending; communities by their smallest member."""


def louvain(graph: nx.Graph, seed: int, weight: str | None = None, resolution: float = 1.0) -> Communities | None:
    """Louvain communities and their modularity Q = sum_c (L_c / m - resolution (d_c / 2m)^2), direction ignored.

    seed: of the order in which nodes are tried; the result depends on it, so it is always said. weight: edge attribute
    to weigh ties by, such as `similarity`; every tie counts 1 when not given. None without (positive weight on) ties.
    Source: Blondel et al. 2008, J. Stat. Mech., P10008; Newman and Girvan 2004.
    """
    import networkx as nx

    whole = nx.Graph()
    whole.add_nodes_from(sorted(graph))
    ties = sorted(
        (min(a, b), max(a, b), 1.0 if weight is None else float(w)) for a, b, w in graph.edges(data=weight, default=1)
    )
    for a, b, w in ties:  # mutual arcs add up
        whole.add_edge(a, b, weight=whole[a][b]["weight"] + w if whole.has_edge(a, b) else w)
    if not fsum(w for _, _, w in ties) > 0:
        return None
    found = nx.community.louvain_communities(whole, weight="weight", resolution=resolution, seed=seed)
    groups = tuple(sorted(tuple(sorted(group)) for group in found))
    q = nx.community.modularity(whole, groups, weight="weight", resolution=resolution)
    return Communities(float(q), groups)


class Against(NamedTuple):
    """A modularity beside that of rewired graphs."""

    modularity: float
    """Of the graph itself."""
    null: float
    """Mean over the rewired graphs."""
    spread: float
    """Their sample standard deviation."""
    p: float
    """Share of all graphs, this one among them, that are at least as modular: 1 / (nulls + 1) at least."""


def modularity_against_rewired(graph: nx.Graph, stream: Stream, nulls: int = 20, swaps: int = 10) -> Against | None:
    """Modularity of the best partition found, against graphs in which everybody keeps its number of ties.

    Ties are rewired by double-edge swaps, `swaps` for each tie; direction is ignored. A sparse random graph has a
    modularity well above 0, so the number alone says nothing. None without two ties. Raises ValueError below two nulls.
    Source: Guimerà, Sales-Pardo, Amaral 2004, Phys. Rev. E 70, 025101; Maslov and Sneppen 2002, Science 296, 910.
    """
    import networkx as nx

    if nulls < 2:
        raise ValueError(f"two rewired graphs at least are needed (got {nulls})")
    whole = nx.Graph()
    whole.add_nodes_from(sorted(graph))
    whole.add_edges_from(sorted((min(a, b), max(a, b)) for a, b in graph.edges()))
    found = louvain(whole, stream.below(2**31))
    if found is None or whole.number_of_edges() < 2:
        return None
    others = []
    for _ in range(nulls):
        wanted = swaps * whole.number_of_edges()
        ends = _swapped(sorted(tuple(sorted(edge)) for edge in whole.edges()), wanted, stream)
        rewired = nx.Graph()
        rewired.add_nodes_from(whole)
        rewired.add_edges_from(ends)
        made = louvain(rewired, stream.below(2**31))
        others.append(0.0 if made is None else made.modularity)
    mean = fsum(others) / nulls
    spread = (fsum((q - mean) ** 2 for q in others) / (nulls - 1)) ** 0.5
    p = (1 + sum(q >= found.modularity for q in others)) / (nulls + 1)
    return Against(found.modularity, mean, spread, p)


def _swapped(ties: list[tuple[int, int]], wanted: int, stream: Stream) -> list[tuple[int, int]]:
    """Ties after so many tries to swap ends of two of them; no loops or doubles are made."""
    there = set(ties)
    for _ in range(wanted):
        i, j = stream.below(len(ties)), stream.below(len(ties))
        (a, b), (c, d) = ties[i], ties[j]
        if stream.below(2):
            c, d = d, c
        one, other = (min(a, d), max(a, d)), (min(c, b), max(c, b))
        if i != j and a != d and c != b and one != other and one not in there and other not in there:
            there -= {ties[i], ties[j]}
            there |= {one, other}
            ties[i], ties[j] = one, other
    return ties
