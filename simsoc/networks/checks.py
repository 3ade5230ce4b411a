"""What every generator needs: complaints that name the key, a known size, and graphs in one tidy order."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import networkx as nx

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import nearest

Edge = tuple[int, int, Mapping[str, Any]]


def wrong(key: str, message: str) -> ScenarioError:
    """A ScenarioError that points at one key of the network."""
    return ScenarioError([Problem("", f"network.{key}" if key else "network", message)])


def size(n: int | None, name: str) -> int:
    """The number of people, where the network cannot tell by itself.

    Raises ScenarioError when it is not given or below 1.
    """
    if n is None:
        raise ScenarioError([Problem("", "population.n", f"how many people? network '{name}' can be of any size")])
    if n < 1:
        raise ScenarioError([Problem("", "population.n", f"a network needs somebody (got {n})")])
    return n


def same_size(n: int | None, own: int, name: str) -> None:
    """Raises ScenarioError when the population says another size than the network has."""
    if n is not None and n != own:
        raise ScenarioError([Problem("", "population.n", f"{name} has {own} nodes, population says {n}")])


def trait_values(people: Sequence[Mapping[str, Any]], n: int, trait: str) -> list[Hashable]:
    """The value of a trait for each of the n people.

    Raises ScenarioError when somebody lacks it (with the nearest known trait), or when a value cannot name a group.
    """
    values = [person.get(trait) for person in people]
    without = [agent for agent, value in enumerate(values) if value is None]
    if len(values) != n or without:
        known = sorted({name for person in people for name in person})
        guess = nearest(trait, known)
        told = f" Known traits: {', '.join(known)}." if known else " These people have no traits at all."
        lacking = n if not people else len(without)
        raise wrong("by", f"{lacking} of {n} people have no trait '{trait}'.{guess}{told}")
    for value in values:
        if not isinstance(value, str | int | float | bool):
            raise wrong("by", f"trait '{trait}' must be a text or a number to name a group (got {value!r})")
    return values


def groups_of(values: Sequence[Hashable]) -> list[Hashable]:
    """The different values, sorted (by type first where they do not compare)."""
    return sorted(set(values), key=lambda v: (isinstance(v, str), v))


def build(n: int, edges: Iterable[Edge], *, directed: bool = False) -> nx.Graph | nx.DiGraph:
    """A graph on 0..n-1 with these edges in sorted order; loops are left out, of parallel edges the first stays."""
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(n))
    kept: dict[tuple[int, int], Mapping[str, Any]] = {}
    for a, b, attributes in edges:
        pair = (a, b) if directed or a < b else (b, a)
        if a != b and pair not in kept:
            kept[pair] = attributes
    graph.add_edges_from((a, b, kept[a, b]) for a, b in sorted(kept))
    return graph


def tidy(graph: nx.Graph | nx.DiGraph) -> nx.Graph | nx.DiGraph:
    """The same graph, its nodes 0..n-1 and its edges in sorted order, attributes kept."""
    made = build(len(graph), graph.edges(data=True), directed=graph.is_directed())
    for node, attributes in graph.nodes(data=True):
        made.nodes[node].update(attributes)
    return made
