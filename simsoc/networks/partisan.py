"""Follow graphs with a preference for one's own kind."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import inf, log1p
from typing import Annotated, Any

import networkx as nx
from pydantic import Field

from simsoc.core.stream import Stream

from .checks import Edge, build, groups_of, size, tidy, trait_values, wrong


def partisan(
    n: int | None,
    stream: Stream,
    people: Sequence[Mapping[str, Any]],
    *,
    degree: Annotated[int, Field(ge=1)] = 30,
    homophily: Annotated[float, Field(ge=0, le=1)] = 0.8,
    ei: Annotated[float, Field(gt=-1, lt=1)] | None = None,
    by: str = "party",
    directed: bool = True,
) -> nx.Graph | nx.DiGraph:
    """Ties that prefer the same party: a candidate of the own group has weight h, any other 1-h.

    degree: others that everybody follows, exactly; the mean number of ties when not directed.
    homophily: the weight h; one half ignores the groups.
    ei: the E-I index that follows are to have; h is worked out from it, in place of `homophily`, and both are in the
    log (note `network`). Every value of `by` is a group. Directed only.
    by: the trait that names the group.
    directed: whether one follows without being followed.

    Those followed are drawn one after another in proportion to the weights of those left; not directed, pairs are tied
    independently with probabilities in the ratio h to 1-h. With two equal groups the expected E-I index is close to
    1 - 2h. Raises ScenarioError when people lack the trait, or when there are not enough candidates.
    Source: follow graph chosen for Törnberg et al. 2023, arXiv 2310.05984, whose own is not published.
    """
    n = size(n, "partisan")
    if degree >= n:
        raise wrong("degree", f"{degree} others to follow among {n} people: at most {n - 1} work")
    groups = trait_values(people, n, by)
    if not directed:
        if ei is not None:
            raise wrong("ei", "works for directed ties alone; say homophily instead")
        return _tied(n, stream, groups, degree, homophily)
    h = homophily if ei is None else _weight_for(ei, groups, degree)
    graph = build(n, _followed(stream, groups, degree, h), directed=True)
    inside = sum(groups[a] == groups[b] for a, b in graph.edges())
    graph.graph["told"] = {
        "homophily": h,
        "ei": 1 - 2 * inside / graph.number_of_edges(),
        **({} if ei is None else {"ei_wanted": ei}),
    }
    return graph


def _weight_for(ei: float, groups: Sequence[Hashable], degree: int) -> float:
    """The weight of the own group at which the expected E-I is the wanted one, by bisection.

    Raises ScenarioError where no weight reaches it.
    """
    n, sizes = len(groups), [count for _, count in sorted(Counter(groups).items(), key=str)]
    low, high = 0.0, 1.0
    for _ in range(60):
        h = (low + high) / 2
        low, high = (h, high) if _expected(h, sizes, n, degree) > ei else (low, h)
    if abs(_expected(h, sizes, n, degree) - ei) > 0.01:
        most, least = (_expected(end, sizes, n, degree) for end in (1e-12, 1 - 1e-12))
        raise wrong("ei", f"{ei:g} cannot be reached with degree {degree} here: from {least:.2f} to {most:.2f} works")
    return round(h, 9)


def _expected(h: float, sizes: Sequence[int], n: int, degree: int) -> float:
    """E-I of successive weighted draws, by the mean of Wallenius' distribution (Manly 1974, Biometrics 30, 281).

    Of a alike and b others, x and degree - x are taken, where (1 - x / a)^(1 - h) = (1 - (degree - x) / b)^h.
    """
    inside = 0.0
    for own in sizes:
        a, b = own - 1, n - own
        low, high = max(0.0, degree - b), min(float(a), float(degree))
        for _ in range(60):
            x = (low + high) / 2
            left = (1 - h) * log1p(-x / a) if a and x < a else -inf
            right = h * log1p(-(degree - x) / b) if b and degree - x < b else -inf
            low, high = (x, high) if left > right else (low, x)
        inside += own * low
    return 1 - 2 * inside / (n * degree)


def _followed(stream: Stream, groups: Sequence[Hashable], degree: int, h: float) -> Iterator[Edge]:
    """Successive weighted draws without replacement, each agent from a stream of its own."""
    base = stream.word()
    members: dict[Hashable, list[int]] = defaultdict(list)
    for agent, group in enumerate(groups):
        members[group].append(agent)
    others = {group: [a for a, g in enumerate(groups) if g != group] for group in members}
    for agent, group in enumerate(groups):
        own = Stream(base, "follow", agent)
        alike = [len(members[group]) - 1, len(others[group])]
        reach = (alike[0] if h > 0 else 0) + (alike[1] if h < 1 else 0)
        if reach < degree:
            raise wrong(
                "degree",
                f"with homophily {h:g} agent {agent} has {reach} candidates, fewer than {degree}: at most {reach} work",
            )
        taken = [0, 0]
        for _ in range(degree):
            side = own.pick((h * (alike[0] - taken[0]), (1 - h) * (alike[1] - taken[1])))
            taken[side] += 1
        here = bisect_left(members[group], agent)
        for i in own.sample(alike[0], taken[0]):
            yield agent, members[group][i + (i >= here)], {}
        for i in own.sample(alike[1], taken[1]):
            yield agent, others[group][i], {}


def _tied(n: int, stream: Stream, groups: Sequence[Hashable], degree: int, h: float) -> nx.Graph:
    """A block model whose two probabilities are in the ratio h to 1-h and give the mean degree."""
    names = groups_of(groups)
    members = [[agent for agent in range(n) if groups[agent] == name] for name in names]
    alike = sum(len(ids) * (len(ids) - 1) // 2 for ids in members)
    unlike = n * (n - 1) // 2 - alike
    weight = h * alike + (1 - h) * unlike
    scale = n * degree / 2 / weight if weight else float("inf")
    if scale * max(h if alike else 0.0, (1 - h) if unlike else 0.0) > 1 + 1e-12:
        top = max(h if alike else 0.0, (1 - h) if unlike else 0.0)
        most = 2 * weight / n / top if top else 0.0
        raise wrong(
            "degree",
            f"a mean degree of {degree} with homophily {h:g} needs more pairs than there are: at most {most:.3g} works",
        )
    inside, across = min(1.0, scale * h), min(1.0, scale * (1 - h))
    matrix = [[inside if i == j else across for j in range(len(names))] for i in range(len(names))]
    graph = nx.stochastic_block_model(
        [len(ids) for ids in members], matrix, nodelist=[a for ids in members for a in ids], seed=stream.generator()
    )
    for agent in graph:
        del graph.nodes[agent]["block"]
    return tidy(graph)
