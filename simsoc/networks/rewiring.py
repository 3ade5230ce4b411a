"""A network with everybody's number of ties kept and everything else left to chance: what structure is held against."""

from __future__ import annotations

import networkx as nx

from simsoc.core.stream import Stream

from .checks import build

SWAPS = 10
"""Tries for each tie; some ten leave nothing of the network but its degrees (Milo et al. 2003, cond-mat/0312028)."""


def rewired(graph: nx.Graph | nx.DiGraph, stream: Stream, swaps: int = SWAPS) -> nx.Graph | nx.DiGraph:
    """The graph with its ties swapped at random: a-b and c-d become a-d and c-b, where neither is there already.

    Everybody keeps the number of ties; in a directed graph both the number followed and of followers. Attributes stay
    with the nodes, and those of a tie with the one it starts from. stream: where the swaps are drawn.

    Source: Maslov and Sneppen 2002, Science 296, 910.
    """
    ties = [(a, b, attributes) for a, b, attributes in sorted(graph.edges(data=True), key=lambda tie: tie[:2])]
    directed = graph.is_directed()
    ends = [[a, b] for a, b, _ in ties]
    there = {_pair(a, b, directed) for a, b in ends}
    tries = swaps * len(ends)
    generator = stream.generator()
    for start in range(0, tries, 65_536):
        many = min(65_536, tries - start)
        picked = generator.integers(0, len(ends), size=(many, 2)).tolist()
        turned = (
            generator.integers(0, 2, size=many).tolist() if not directed else [0] * many
        )  # a tie without direction has no first end
        for (i, j), turn in zip(picked, turned, strict=True):
            (a, b), (c, d) = ends[i], ends[j]
            if turn:
                c, d = d, c
            if a == d or c == b:
                continue
            new, other = _pair(a, d, directed), _pair(c, b, directed)
            if new == other or new in there or other in there:
                continue
            there -= {_pair(a, b, directed), _pair(c, d, directed)}
            there |= {new, other}
            ends[i], ends[j] = [a, d], [c, b]
    made = build(len(graph), ((a, b, ties[i][2]) for i, (a, b) in enumerate(ends)), directed=directed)
    for node, attributes in graph.nodes(data=True):
        made.nodes[node].update(attributes)
    return made


def _pair(a: int, b: int, directed: bool) -> tuple[int, int]:
    return (a, b) if directed or a < b else (b, a)
