"""Small pictures as SVG: lines with bands over time, and intervals beside a zero. Colours come from the page's style.

Every picture has a title and a description for those who do not see it. Series differ in dash as well as in colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from .plain import number, shown

_WIDTH, _HEIGHT = 620, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 14, 14, 42
COLOURS = 8
"""Colours of the palette; further series repeat them with another dash."""
DASHES = ("", "7 4", "2 3", "9 3 2 3", "1 4", "12 4")


class Series(NamedTuple):
    """One line with its band."""

    label: str
    xs: Sequence[float]
    means: Sequence[float | None]
    lows: Sequence[float | None]
    """Lower edge of the band; nowhere a number where there is no band."""
    highs: Sequence[float | None]


def lines(series: Sequence[Series], *, title: str, x: str, y: str) -> Markup:
    """Lines over time with bands; gaps where there is no value."""
    given = [v for one in series for own in (one.means, one.lows, one.highs) for v in own if v is not None]
    times = [x for one in series for x in one.xs]
    if not given or not times:
        return Markup('<p class="nothing">Not defined at any step.</p>')
    bottom, top = _room(min(given), max(given))
    first, last = min(times), max(times)
    plane = _Plane(first, last if last > first else first + 1, bottom, top)
    across, up = plane.across, plane.up
    parts = [*_frame(plane, x, y)]
    for number_, one in enumerate(series):
        look = f"c{number_ % COLOURS}"
        for band in _runs(one.xs, one.lows, one.highs):
            edge = [f"{across(t):.1f},{up(high):.1f}" for t, _, high in band]
            edge += [f"{across(t):.1f},{up(low):.1f}" for t, low, _ in reversed(band)]
            parts.append(Markup('<polygon class="band {}" points="{}"/>').format(look, " ".join(edge)))
    for number_, one in enumerate(series):
        look, dash = f"c{number_ % COLOURS}", DASHES[number_ % len(DASHES)]
        for line in _runs(one.xs, one.means, one.means):
            points = " ".join(f"{across(t):.1f},{up(mean):.1f}" for t, mean, _ in line)
            if len(line) == 1:
                dot = Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3"/>')
                parts.append(dot.format(look, across(line[0][0]), up(line[0][1])))
            else:
                parts.append(
                    Markup('<polyline class="line {}" stroke-dasharray="{}" points="{}"/>').format(look, dash, points)
                )
    told = "; ".join(f"{one.label}: {number(_first(one.means))} to {number(_first(one.means[::-1]))}" for one in series)
    return _svg(_WIDTH, _HEIGHT, title, f"{y} over {x}. {told}.", parts, "chart")


def interval(difference: float | None, low: float | None, high: float | None, reach: float) -> Markup:
    """A difference with its interval on a line with zero in its middle; `reach` is what the ends stand for."""
    if difference is None or difference != difference or not reach:
        return Markup("")
    width, height = 140, 22

    def at(value: float) -> float:
        return width / 2 + max(-1.0, min(1.0, value / reach)) * (width / 2 - 5)

    parts = [Markup('<line class="zero" x1="{0}" x2="{0}" y1="2" y2="20"/>').format(width / 2)]
    if low is not None and high is not None and low == low and high == high:
        bar = Markup('<line class="interval" x1="{:.1f}" x2="{:.1f}" y1="11" y2="11"/>')
        parts.append(bar.format(at(low), at(high)))
    parts.append(Markup('<circle class="estimate" cx="{:.1f}" cy="11" r="4"/>').format(at(difference)))
    told = f"{number(difference)}, interval {number(low)} to {number(high)}"
    return _svg(width, height, told, f"From {number(-reach)} to {number(reach)}.", parts, "forest")


def _svg(width: int, height: int, title: str, about: str, parts: Sequence[Markup], kind: str) -> Markup:
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="xMidYMid meet">'
        "<title>{}</title><desc>{}</desc>{}</svg>"
    ).format(kind, width, height, shown(title), shown(title), shown(about), Markup("").join(parts))


def picture(width: int, height: int, title: str, about: str, parts: Sequence[Markup]) -> Markup:
    """A picture of parts of one's own."""
    return _svg(width, height, title, about, parts, "network")


class _Plane(NamedTuple):
    """Where numbers are on the paper."""

    first: float
    last: float
    bottom: float
    top: float

    def across(self, value: float) -> float:
        """From left."""
        return _LEFT + (value - self.first) / (self.last - self.first) * (_WIDTH - _LEFT - _RIGHT)

    def up(self, value: float) -> float:
        """From above."""
        return _HEIGHT - _BOTTOM - (value - self.bottom) / (self.top - self.bottom) * (_HEIGHT - _TOP - _BOTTOM)


def _frame(plane: _Plane, x: str, y: str) -> Iterator[Markup]:
    """Axes, ticks and their names."""
    right, low = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM + 16
    for value in ticks(plane.bottom, plane.top):
        at = plane.up(value)
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(_LEFT, right, at, at)
        yield Markup('<text class="tick end" x="{}" y="{:.1f}">{:.4g}</text>').format(_LEFT - 6, at + 4, value)
    for value in ticks(plane.first, plane.last):
        yield Markup('<text class="tick middle" x="{:.1f}" y="{}">{:.6g}</text>').format(
            plane.across(value), low, value
        )
    yield Markup('<line class="axis" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>').format(
        _LEFT, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    )
    yield Markup('<text class="name middle" x="{}" y="{}">{}</text>').format(
        (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 6, escape(shown(x))
    )
    yield Markup('<text class="name middle" transform="rotate(-90)" x="{}" y="13">{}</text>').format(
        -(_TOP + _HEIGHT - _BOTTOM) / 2, escape(shown(y))
    )


def ticks(low: float, high: float, many: int = 5) -> list[float]:
    """Round numbers between two others, ends included where they are round."""
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [low]
    raw = span / many
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= raw * 0.999)
    start = math.ceil(low / step - 1e-9)
    return [round(k * step, 12) for k in range(start, math.floor(high / step + 1e-9) + 1)]


def _room(low: float, high: float) -> tuple[float, float]:
    """The range shown: with air above and below, and some where all is one number."""
    span = high - low
    if span <= 1e-12 * max(abs(low), abs(high), 1e-9):
        span = abs(high) or 1.0
        return low - span / 2, high + span / 2
    return low - span * 0.04, high + span * 0.04


def _runs(
    xs: Sequence[float], lows: Sequence[float | None], highs: Sequence[float | None]
) -> list[list[tuple[float, float, float]]]:
    """Stretches without a gap."""
    found: list[list[tuple[float, float, float]]] = [[]]
    for x, low, high in zip(xs, lows, highs, strict=True):
        if low is None or high is None:
            if found[-1]:
                found.append([])
        else:
            found[-1].append((x, low, high))
    return [one for one in found if one]


def _first(values: Sequence[float | None]) -> float | None:
    return next((value for value in values if value is not None), None)
