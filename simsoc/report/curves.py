"""Measures over time: a line for each arm, its band what replicates leave open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from .matter import Matter
from .svg import Series, lines

if TYPE_CHECKING:
    import pandas as pd

_POINTS = 240  # of a line, at most
MOST = 24
"""Charts of a page, at most."""


class Chart(NamedTuple):
    """A measure at one point of the grid."""

    measure: str
    meaning: str
    unit: str
    point: str
    """Which point of the grid; empty where there is one."""
    svg: Markup
    rows: list[tuple[str, int, float | None, float | None, float | None, float | None]]
    """(arm, runs, start, end, lower and upper edge of the band at the end)"""
    labels: list[str]


def charts(matter: Matter) -> tuple[list[Chart], int]:
    """The charts of a report, and how many more there would be."""
    frame = matter.runs.measures
    grid = matter.grid
    made, left = list[Chart](), 0
    for name, (meaning, unit) in matter.measures.items():
        if name not in frame:
            continue
        for told, part in _points(frame, grid):
            if len(made) == MOST:
                left += 1
                continue
            series, rows = _series(matter, part, name)
            title = f"{name} by step{f', {told}' if told else ''}"
            picture = lines(series, title=title, x="step", y=f"{name} ({unit})" if unit else name)
            made.append(Chart(name, meaning, unit, told, picture, rows, [one.label for one in series]))
    return made, left


def _points(frame: pd.DataFrame, grid: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    """The parts of a frame by point of the grid, each with its name."""
    if not grid:
        return [("", frame)]
    names = (
        frame[grid]
        .astype(object)
        .apply(lambda row: ", ".join(f"{key.rsplit('.', 1)[-1]} {value}" for key, value in row.items()), axis=1)
    )
    return [(str(told), part) for told, part in frame.groupby(names, sort=False)]


def _series(matter: Matter, part: pd.DataFrame, name: str) -> tuple[list[Series], list[Any]]:
    series, rows = list[Series](), list[Any]()
    arms = [arm for arm in matter.arms if "arm" in part and (part["arm"] == arm).any()] or [""]
    for arm in arms:
        own = part[part["arm"] == arm] if "arm" in part and arm else part
        by_step = own.groupby("step")[name]
        mean, n, sd = by_step.mean(), by_step.count(), by_step.std()
        half = _half(n.to_list(), sd.to_list())
        steps = _thinned(list(mean.index))
        means = {step: _clean(value) for step, value in mean.items()}
        edges = dict(zip(mean.index, half, strict=True))
        lows = [_edge(means[s], edges[s], -1) for s in steps]
        highs = [_edge(means[s], edges[s], 1) for s in steps]
        series.append(Series(arm or matter.name, steps, [means[s] for s in steps], lows, highs))
        rows.append((arm or matter.name, int(n.max() or 0), means[steps[0]], means[steps[-1]], lows[-1], highs[-1]))
    return series, rows


def _half(counts: Sequence[int], spreads: Sequence[float]) -> list[float | None]:
    """Half the width of 95% intervals of means, by Student's t; None below two runs."""
    from scipy.stats import t

    quantile = {n: float(t.ppf(0.975, n - 1)) for n in set(counts) if n > 1}
    return [None if n < 2 or sd != sd else quantile[n] * sd / n**0.5 for n, sd in zip(counts, spreads, strict=True)]


def _edge(mean: float | None, half: float | None, side: int) -> float | None:
    return None if mean is None or half is None else mean + side * half


def _clean(value: float) -> float | None:
    return float(value) if value == value and abs(value) != float("inf") else None


def _thinned(steps: list[Any]) -> list[Any]:
    """Every so many steps of a long run, first and last among them."""
    if len(steps) <= _POINTS:
        return steps
    return [steps[i * (len(steps) - 1) // (_POINTS - 1)] for i in range(_POINTS)]
