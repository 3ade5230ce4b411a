"""Follow graphs with a preference for one's own kind."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
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
    by: str = "party",
    directed: bool = True,
) -> nx.Graph | nx.DiGraph:
    """Ties that prefer the same party: a candidate of the own group has weight h, any other 1-h.

    degree: others that everybody follows, exactly; the mean number of ties when not directed.
    homophily: the weight h; one half ignores the groups.
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
        return _tied(n, stream, groups, degree, homophily)
    return build(n, _followed(stream, groups, degree, homophily), directed=True)


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
