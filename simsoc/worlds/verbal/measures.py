"""Measures of world `opinion_verbal`: B and D of Chuang et al. 2024 (arXiv 2311.09618)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simsoc.measures import Measure
from simsoc.measures import opinion as of_opinion

if TYPE_CHECKING:
    from .world import Verbal


WEIGHED = frozenset(("mean", "diversity"))
"""Measures that count people by their survey weights, where they carry these."""


def _beliefs(world: Verbal) -> list[int]:
    return [world.held[agent] for agent in world.folk()]


def _mean(world: Verbal) -> float | None:
    return of_opinion.mean(_beliefs(world), world.setting.weights(world.folk()))


def _diversity(world: Verbal) -> float | None:
    return of_opinion.diversity(_beliefs(world), world.setting.weights(world.folk()))


def _sweeps(world: Verbal) -> float | None:
    folk = len(world.folk())
    return world.turns / folk if folk else None


VERBAL_MEASURES = {
    m.name: m
    for m in (
        Measure("mean", "-2..2", "mean belief (B); its value at the end is the published bias", _mean),
        Measure(
            "diversity", "levels", "sample standard deviation of beliefs (D, n - 1); 1.49 at the start", _diversity
        ),
        Measure("sweeps", "turns per person", "turns taken so far divided by the number of people", _sweeps),
    )
}
