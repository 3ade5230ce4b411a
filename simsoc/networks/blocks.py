"""Groups with ties inside and between them: the stochastic block model."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Annotated, Any

import networkx as nx
from pydantic import Field

from simsoc.core.shares import largest_remainder
from simsoc.core.stream import Stream

from .checks import groups_of, same_size, size, tidy, trait_values, wrong

Probability = Annotated[float, Field(ge=0, le=1)]


def stochastic_block(
    n: int | None,
    stream: Stream,
    people: Sequence[Mapping[str, Any]],
    *,
    sizes: Annotated[Sequence[Annotated[int, Field(ge=1)]], Field(min_length=1)] | None = None,
    shares: Annotated[Sequence[Annotated[float, Field(gt=0)]], Field(min_length=1)] | None = None,
    by: str | None = None,
    p: Sequence[Sequence[Probability]] | None = None,
    p_in: Probability | None = None,
    p_out: Probability | None = None,
    directed: bool = False,
) -> nx.Graph | nx.DiGraph:
    """Blocks of people: pairs are tied independently, with a probability that depends on their two blocks.

    sizes: people in each block; ids run through the blocks.
    shares: instead of sizes, relative sizes of the blocks, rounded to fit n.
    by: instead of sizes, a trait whose values, sorted, are the blocks.
    p: matrix of probabilities, block by block.
    p_in: instead of p, the probability of a tie inside a block.
    p_out: instead of p, the probability of a tie between two blocks.
    directed: whether ties have a direction.

    The node attribute `block` holds the number of the block, or the trait's value. Raises ScenarioError for sizes that
    do not add up to n, for a matrix that does not fit, or is not symmetric although ties have no direction.
    Source: Holland, Laskey, Leinhardt 1983, Social Networks 5, 109.
    """
    members, names = _blocks(n, people, sizes, shares, by)
    matrix = _matrix(len(members), p, p_in, p_out, directed)
    graph = nx.stochastic_block_model(
        [len(ids) for ids in members],
        matrix,
        nodelist=[agent for ids in members for agent in ids],
        seed=stream.generator(),
        directed=directed,
    )
    graph = tidy(graph)
    for name, ids in zip(names, members, strict=True):
        for agent in ids:
            graph.nodes[agent]["block"] = name
    return graph


def _blocks(
    n: int | None,
    people: Sequence[Mapping[str, Any]],
    sizes: Sequence[int] | None,
    shares: Sequence[float] | None,
    by: str | None,
) -> tuple[list[list[int]], list[Any]]:
    """Ids of each block's members, and the blocks' names."""
    if sum(given is not None for given in (sizes, shares, by)) != 1:
        raise wrong("sizes", "say one of 'sizes' (people in each block), 'shares' or 'by' (a trait)")
    if by is not None:
        n = size(n, "stochastic_block")
        values = trait_values(people, n, by)
        names: list[Hashable] = groups_of(values)
        return [[agent for agent in range(n) if values[agent] == name] for name in names], names
    if sizes is not None:
        same_size(n, sum(sizes), "stochastic_block")
    else:
        assert shares is not None
        sizes = largest_remainder(size(n, "stochastic_block"), shares)
        if 0 in sizes:
            raise wrong(
                "shares", f"{n} people are too few for {len(shares)} blocks of these shares: one would be empty"
            )
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return [list(range(end - count, end)) for count, end in zip(sizes, ends, strict=True)], list(range(len(sizes)))


def _matrix(
    blocks: int, p: Sequence[Sequence[float]] | None, p_in: float | None, p_out: float | None, directed: bool
) -> list[list[float]]:
    if p is None:
        if p_in is None or p_out is None:
            raise wrong("p", "say 'p' (a matrix) or both 'p_in' and 'p_out'")
        return [[p_in if i == j else p_out for j in range(blocks)] for i in range(blocks)]
    if p_in is not None or p_out is not None:
        raise wrong("p", "say either 'p' (a matrix) or 'p_in' and 'p_out', not both")
    if len(p) != blocks or any(len(row) != blocks for row in p):
        raise wrong("p", f"{blocks} blocks need a matrix of {blocks} x {blocks} probabilities")
    if not directed:
        skew = [(i, j) for i in range(blocks) for j in range(i) if p[i][j] != p[j][i]]
        if skew:
            j, i = skew[0][1], skew[0][0]
            raise wrong(
                "p", f"not symmetric: [{i}][{j}] is {p[i][j]:g}, [{j}][{i}] is {p[j][i]:g} (or `directed: true`)"
            )
    return [list(row) for row in p]
