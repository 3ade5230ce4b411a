"""Simulated values beside published ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.measures import paired
from simsoc.scenario.published import values_of
from simsoc.scenario.spec import Scenario

from .effects import by_arm, by_point, framed, key_of

if TYPE_CHECKING:
    import pandas as pd


class Elsewhere(NamedTuple):
    """What was measured elsewhere, as the index of an experiment keeps it."""

    source: str
    mind: str
    """Who answered there."""
    runs: int | None
    """Runs behind each value."""
    spread: str
    """What `low` and `high` are."""
    rows: Sequence[Mapping[str, Any]]
    """The values, each with arm, measure, value, low, high, at, source."""
    see: str = ""
    """Where to look on."""


def elsewhere(scenario: Scenario) -> Elsewhere | None:
    """What a scenario says was measured elsewhere, its file read."""
    published = scenario.published
    if published is None:
        return None
    rows = [one.model_dump(mode="json") for one in values_of(scenario)]
    return Elsewhere(published.source, published.mind, published.runs, published.spread, rows, published.see)


def beside(
    values: pd.DataFrame, there: Elsewhere, arms: Sequence[str], keys: Sequence[str], minds: Mapping[Any, str]
) -> pd.DataFrame:
    """A row for each published value, with what was simulated in its arm; at every grid point that it fits."""
    rows: list[dict[str, Any]] = []
    for point, part in by_point(values, keys):
        table = by_arm(part)
        at = dict(zip(keys, point, strict=True))
        for one in there.rows:
            if any(at.get(key) != value for key, value in one["at"].items()):
                continue
            arm = one["arm"] or arms[0]
            taken = table.get((arm, one["measure"]))
            row = {"point": point, "arm": arm, "measure": one["measure"], "published": one["value"]}
            row |= {
                "from": one["low"],
                "to": one["high"],
                "source": one["source"],
                "n": 0,
                "over": "",
                "place": "not run",
            }
            if taken is not None and taken.by_replicate:
                found = paired.interval(list(taken.by_replicate.values()))
                row |= {"n": found.n, "over": taken.over, "simulated": found.mean, "low": found.low, "high": found.high}
                row |= {"mind": minds.get(key_of((*point, arm)), ""), "place": _place(found, one)}
            rows.append(row)
    return framed("published", rows, keys)


def _place(found: paired.Interval, published: Mapping[str, Any]) -> str:
    """Where a simulated mean lies of what was published; without a range, whether its interval holds the value."""
    low, high = published["low"], published["high"]
    if low is None or high is None:
        if found.low is None or found.high is None:
            return "no range"
        return "covered" if found.low <= published["value"] <= found.high else "apart"
    if low <= found.mean <= high:
        return "inside"
    if found.low is not None and found.high is not None and found.low <= high and low <= found.high:
        return "overlaps"
    return "outside"
