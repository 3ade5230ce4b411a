"""Networks of any size: complete, empty, rings, lattices, and the random graphs everybody compares with.

All of them are undirected unless `directed` says otherwise, and draw from the stream alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isqrt
from typing import Annotated, Any

import networkx as nx
from pydantic import Field

from simsoc.core.stream import Stream

from .checks import Edge, build, size, tidy, wrong

Probability = Annotated[float, Field(ge=0, le=1)]
People = Sequence[Mapping[str, Any]]
_MOST_COMPLETE = 6_000


def complete(n: int | None, stream: Stream, people: People) -> nx.Graph:
    """Everybody is tied to everybody. For at most 6,000 people: every tie takes a few hundred bytes."""
    n = size(n, "complete")
    if n > _MOST_COMPLETE:
        raise wrong(
            "kind", f"complete has {n * (n - 1) // 2:,} ties for {n:,} people, too many to hold; use a sparse one"
        )
    return nx.complete_graph(n)


def empty(n: int | None, stream: Stream, people: People, *, directed: bool = False) -> nx.Graph | nx.DiGraph:
    """Nobody is tied to anybody (yet).

    directed: whether ties that come will have a direction.
    """
    return build(size(n, "empty"), (), directed=directed)


def ring(n: int | None, stream: Stream, people: People, *, k: Annotated[int, Field(ge=2)] = 2) -> nx.Graph:
    """A circle on which each is tied to the k nearest.

    k: neighbours, half of them on either side; even.

    Raises ScenarioError when k is odd or not below n.
    """
    n = size(n, "ring")
    _fits_ring(n, k)
    return build(n, ((i, (i + j) % n, {}) for i in range(n) for j in range(1, k // 2 + 1)))


def _fits_ring(n: int, k: int) -> None:
    if k >= n:
        raise wrong("k", f"{k} neighbours on a ring of {n}: at most {max(0, (n - 1) // 2 * 2)} work")
    if k % 2:
        raise wrong("k", f"neighbours come in pairs, one on either side (got {k}): {k - 1} or {k + 1} work")


def lattice(
    n: int | None,
    stream: Stream,
    people: People,
    *,
    rows: Annotated[int, Field(ge=1)] | None = None,
    cols: Annotated[int, Field(ge=1)] | None = None,
    torus: bool = False,
    diagonal: bool = False,
) -> nx.Graph:
    """A rectangular grid, rows x cols, each tied to the nearest above, below, left and right; ids run along the rows.

    rows: lines of people; follows from n and cols when not given, the most square rectangle with neither.
    cols: people in a line; follows from n and rows when not given.
    torus: whether opposite edges meet.
    diagonal: whether the four diagonal neighbours are tied too (Moore instead of von Neumann).

    Raises ScenarioError when rows and cols do not make n.
    """
    height, width = _rectangle(n, rows, cols)
    return build(height * width, _grid(height, width, torus, diagonal))


def _rectangle(n: int | None, rows: int | None, cols: int | None) -> tuple[int, int]:
    if rows is not None and cols is not None:
        if n is not None and rows * cols != n:
            raise wrong("rows", f"{rows} rows of {cols} make {rows * cols} places, population says {n}")
        return rows, cols
    n = size(n, "lattice")
    given = rows if rows is not None else cols
    if given is not None:
        if n % given:
            lower, upper = n // given * given, (n // given + 1) * given
            works = f"{lower} or {upper}" if lower else f"{upper}"
            raise wrong("rows" if rows is not None else "cols", f"{n} people do not fill lines of {given}: {works} do")
        return (given, n // given) if rows is not None else (n // given, given)
    height = next(h for h in range(isqrt(n), 0, -1) if n % h == 0)
    if height == 1 and n > 3:
        raise wrong("rows", f"{n} people make no rectangle but a line: say rows and cols, or take {n - 1} or {n + 1}")
    return height, n // height


def _grid(height: int, width: int, torus: bool, diagonal: bool) -> Iterator[Edge]:
    steps = [(0, 1), (1, 0), (1, 1), (1, -1)] if diagonal else [(0, 1), (1, 0)]
    for row in range(height):
        for col in range(width):
            for down, right in steps:
                r, c = row + down, col + right
                if torus:
                    r, c = r % height, c % width
                if 0 <= r < height and 0 <= c < width:
                    yield row * width + col, r * width + c, {}


def erdos_renyi(
    n: int | None,
    stream: Stream,
    people: People,
    *,
    p: Probability | None = None,
    degree: Annotated[float, Field(ge=0)] | None = None,
    directed: bool = False,
) -> nx.Graph | nx.DiGraph:
    """Every pair is tied independently with the same probability.

    p: probability of a tie.
    degree: instead of p, the mean number of ties (the mean number followed when directed).
    directed: whether ties have a direction.

    Raises ScenarioError unless exactly one of p and degree is given, or when degree is above n-1.
    Source: Gilbert 1959; Erdős and Rényi 1959.
    """
    n = size(n, "erdos_renyi")
    if (p is None) == (degree is None):
        raise wrong("p", "say either 'p' (probability of a tie) or 'degree' (mean number of ties)")
    if p is None:
        assert degree is not None
        if degree > n - 1:
            raise wrong("degree", f"a mean degree of {degree:g} among {n} people: at most {n - 1} works")
        p = degree / (n - 1) if n > 1 else 0.0
    return tidy(nx.fast_gnp_random_graph(n, p, seed=stream.generator(), directed=directed))


def watts_strogatz(
    n: int | None,
    stream: Stream,
    people: People,
    *,
    k: Annotated[int, Field(ge=2)] = 4,
    p: Probability = 0.1,
    connected: bool = False,
) -> nx.Graph:
    """A ring of k neighbours whose ties are rewired with probability p: the small world.

    k: neighbours on the ring, half of them on either side; even.
    p: probability that a tie is rewired.
    connected: whether it is drawn again (a hundred times at most) until everybody can reach everybody.

    Raises ScenarioError when k is odd or not below n, or no connected one is found.
    Source: Watts and Strogatz 1998, Nature 393, 440.
    """
    n = size(n, "watts_strogatz")
    _fits_ring(n, k)
    if not connected:
        return tidy(nx.watts_strogatz_graph(n, k, p, seed=stream.generator()))
    try:
        return tidy(nx.connected_watts_strogatz_graph(n, k, p, tries=100, seed=stream.generator()))
    except nx.NetworkXError:
        raise wrong(
            "connected", f"none of 100 draws with k = {k} and p = {p:g} was connected: a larger k works"
        ) from None


def barabasi_albert(n: int | None, stream: Stream, people: People, *, m: Annotated[int, Field(ge=1)] = 2) -> nx.Graph:
    """Growth by preferential attachment: each newcomer is tied to m others, drawn in proportion to their degree.

    m: ties each newcomer makes; growth starts from a star of m+1.

    Raises ScenarioError when m is not below n.
    Source: Barabási and Albert 1999, Science 286, 509.
    """
    n = size(n, "barabasi_albert")
    if m >= n:
        raise wrong("m", f"{m} ties for each newcomer among {n} people: at most {n - 1} work")
    return tidy(nx.barabasi_albert_graph(n, m, seed=stream.generator()))


def random_regular(
    n: int | None, stream: Stream, people: People, *, degree: Annotated[int, Field(ge=0)] = 3
) -> nx.Graph:
    """Everybody has exactly the same number of ties, to whom is random.

    degree: ties of each.

    Raises ScenarioError when degree is not below n or n times degree is odd. Source: Kim and Vu 2003.
    """
    n = size(n, "random_regular")
    if degree >= n:
        raise wrong("degree", f"{degree} ties each among {n} people: at most {n - 1} work")
    if n * degree % 2:
        works = f"{degree - 1} or {degree + 1}" if degree + 1 < n else f"{degree - 1}"
        raise wrong(
            "degree", f"{n} people with {degree} ties each leave a loose end: {works} works, or one person more"
        )
    return tidy(nx.random_regular_graph(degree, n, seed=stream.generator()))
