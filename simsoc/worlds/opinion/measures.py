"""Measures of the opinion worlds, declared once: taken every step, shown by the DataCollector, stored in the log."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import TYPE_CHECKING, Any

from simsoc.core.calls import SURVEYS
from simsoc.measures import Average, Measure
from simsoc.measures import opinion as of_opinion

if TYPE_CHECKING:
    from .choices import Opinion
    from .scale import OpinionScale


def _own(world: Any) -> list[Any]:
    """What the people hold who are there, without added committed agents."""
    held: list[Any] = world.held[: world.n]
    return held if not world.gone else [held[agent] for agent in world.folk()]


def _among_people(world: Any) -> Any:
    """The network without added committed agents."""
    graph = world.setting.ties.graph
    return graph if len(graph) == world.n and not world.gone else graph.subgraph(world.folk())


def _sweeps(world: Any) -> float | None:
    folk = len(world.folk())
    return float(world.turns / folk) if folk else None


WEIGHED = frozenset(
    ("magnetisation", "abs_magnetisation", "largest_share", "mean", "spread", "major_clusters", "bimodality")
)
"""Measures that count people by their survey weights, where they carry these."""
ALIKE = frozenset(("mean_magnetisation",))
"""Those that would have to, and count everybody alike."""


def _held_by(world: Opinion) -> list[float]:
    """How many hold each option, by their weights where they carry any."""
    if not world.setting.weighted:
        return [sum(column) for column in zip(*world.tally, strict=True)]
    return [
        fsum(world.setting.weight(a) for a in world.folk() if world.held[a] == o) for o in range(len(world.options))
    ]


def _magnetisation(world: Opinion) -> float | None:
    if len(world.options) != 2:
        return None
    first, second = _held_by(world)
    return float((first - second) / (first + second)) if first + second else None


def _abs_magnetisation(world: Opinion) -> float | None:
    m = _magnetisation(world)
    return None if m is None else abs(m)


def _course(world: Opinion) -> float | None:
    if len(world.options) != 2 or len(world.tally) > 1:
        return None
    course = world.course
    return sum(course) / len(course) if course else _magnetisation(world)


def _largest_share(world: Opinion) -> float | None:
    totals = _held_by(world)
    return float(max(totals) / sum(totals)) if any(totals) else None


def _local_agreement(world: Opinion) -> float | None:
    return of_opinion.local_agreement(_among_people(world), world.held)


def _clusters(world: Opinion) -> int | None:
    found = of_opinion.opinion_clusters(_among_people(world), world.held)
    return None if found is None else found.number


def _groups(world: Opinion) -> int:
    return sum(1 for tally in world.tally if sum(tally))


_LATEST = (
    "SELECT step, agent, status <> 'ok' FROM ask"
    f" WHERE NOT (purpose >= '{SURVEYS}' AND purpose < '{SURVEYS[:-1]}0') ORDER BY step, turn, draw"
)


def _unheard(run: Any, steps: Sequence[int]) -> list[float]:
    """By step, the share of the people whose latest decision by then has no answer: they hold what they held before."""
    rows, latest, shares, place = run.rows(_LATEST), dict[int, bool](), [], 0
    for step in steps:
        while place < len(rows) and rows[place][0] <= step:
            latest[rows[place][1]] = bool(rows[place][2])
            place += 1
        people = max(len(run.graph(step)), 1) if any(latest.values()) else 1
        shares.append(min(1.0, sum(latest.values()) / people))
    return shares


CHOICE_MEASURES = {
    m.name: m
    for m in (
        Measure(
            "magnetisation",
            "-1..1",
            "share of the first of two options minus that of the second",
            _magnetisation,
            average=Average(_unheard, -1.0, 1.0, kept=True),
        ),
        Measure(
            "abs_magnetisation",
            "0..1",
            "size of the magnetisation; 1 is consensus",
            _abs_magnetisation,
            average=Average(_unheard, -1.0, 1.0, kept=True),
        ),
        Measure("mean_magnetisation", "-1..1", "magnetisation averaged over a step's turns", _course, default=False),
        Measure(
            "largest_share",
            "0..1",
            "share of the people who hold the commonest option",
            _largest_share,
            average=Average(_unheard, 0.0, 1.0, kept=True),
        ),
        Measure("sweeps", "turns per person", "turns taken so far divided by the number of people", _sweeps),
        Measure("local_agreement", "0..1", "share of ties whose ends agree", _local_agreement, default=False),
        Measure("clusters", "count", "connected sets of like-minded people", _clusters, default=False),
        Measure("groups", "count", "groups after splitting; 1 before", _groups, default=False),
    )
}


def _weights(world: OpinionScale) -> list[float] | None:
    """Survey weights of those that `_own` looks at."""
    return world.setting.weights(world.folk())


def _mean(world: OpinionScale) -> float | None:
    return of_opinion.mean(_own(world), _weights(world))


def _spread(world: OpinionScale) -> float | None:
    return of_opinion.diversity(_own(world), _weights(world))


def _gap(world: OpinionScale) -> float:
    spec = world.spec
    return spec.cluster_gap if spec.cluster_gap is not None else (spec.high - spec.low) / 20


def _scale_clusters(world: OpinionScale) -> int | None:
    found = of_opinion.fragmentation(_own(world), _gap(world))
    return None if found is None else found.number


def _major_clusters(world: OpinionScale) -> int | None:
    found = of_opinion.fragmentation(_own(world), _gap(world), weights=_weights(world))
    return None if found is None else found.major


def _bimodality(world: OpinionScale) -> float | None:
    return of_opinion.bimodality(_own(world), _weights(world))


SCALE_MEASURES = {
    m.name: m
    for m in (
        Measure("mean", "scale units", "mean position", _mean),
        Measure("spread", "scale units", "sample standard deviation of positions (n - 1)", _spread),
        Measure("clusters", "count", "groups of positions with gaps between them", _scale_clusters),
        Measure("major_clusters", "count", "clusters that hold at least a twentieth of the people", _major_clusters),
        Measure("sweeps", "turns per person", "turns taken so far divided by the number of people", _sweeps),
        Measure("bimodality", "0..1", "bimodality coefficient; uniform is 5/9", _bimodality, default=False),
    )
}
