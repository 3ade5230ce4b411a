"""What an experiment shows: every arm held against one of them, measure by measure, from one number for each run.

Nothing here knows of logs: a tidy frame of values goes in, so that runs that were never written count as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.core.canonical import dumps
from simsoc.core.stream import Stream
from simsoc.measures import paired

from .documented import FRAMES

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 1 - paired.LEVEL
_OWN = ("arm", "replicate", "measure", "over", "value")


class Silence(NamedTuple):
    """What is known of decisions without an answer, for worst-case bounds."""

    silent: Collection[tuple[Any, ...]]
    """Grid points and arms (`key_of`) in which there are any."""
    worst: Mapping[tuple[Any, ...], tuple[float, float]]
    """By (grid point and arm, replicate, measure), the least and the most a run could have come to."""


def effects(
    values: pd.DataFrame,
    to: str,
    *,
    seed: int = 0,
    planned: Mapping[tuple[Any, ...], int] | None = None,
    silence: Silence | None = None,
    minds: Mapping[tuple[Any, ...], str] | None = None,
) -> pd.DataFrame:
    """Every arm against arm `to`: a row for each grid point, arm and measure, with the columns of `documented`.

    values: one row for each run and measure, with the columns arm, replicate, measure, value, and one for each key of
    a grid; runs of one replicate are paired. seed: of the resamples. planned: replicates there are to be, by grid keys
    and arm; those that are there when not given. silence: for worst-case bounds. minds: who answered, by grid keys and
    arm. Arms and measures come in order of appearance.

    Holm's correction is taken over the arms and measures of one grid point. Raises ValueError where a column is not
    there, two runs have one place, or no arm is called `to`.
    """
    keys = grid_of(values)
    rows: list[dict[str, Any]] = []
    for point, pairs in _points(values, to, keys):
        family = [_row(point, pair, to, seed, planned, silence, minds) for pair in pairs]
        for row, p in zip(family, paired.holm([row["p"] for row in family]), strict=True):
            row["p_holm"] = p
            row["family"] = tests = sum(one["p"] is not None for one in family)
            row["found"] = verdict_of(row)
            row["detectable"] = paired.detectable(row["sd"], row["n"], max(1, tests))
            row["further"] = paired.further(row["difference"], row["sd"], row["n"], max(1, tests))
        rows += family
    return framed("effects", rows, keys)


class Pair(NamedTuple):
    """An arm and what it is held against, in one measure: values by replicate, those that both have."""

    arm: str
    measure: str
    over: str
    replicates: Sequence[Any]
    here: Sequence[float]
    there: Sequence[float]
    planned: int

    @property
    def differences(self) -> list[float]:
        """The arm minus the other, by replicate."""
        return [a - b for a, b in zip(self.here, self.there, strict=True)]


def grid_of(values: pd.DataFrame) -> list[str]:
    """The keys of the grid. Raises ValueError where a column that is needed is not there."""
    lacking = [name for name in _OWN if name not in values.columns and name != "over"]
    if lacking:
        raise ValueError(f"values need columns arm, replicate, measure, value; not there: {', '.join(lacking)}")
    return [str(name) for name in values.columns if name not in _OWN]


def _points(values: pd.DataFrame, to: str, keys: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], list[Pair]]]:
    """Every grid point with its pairs of arms, measure by measure."""
    if to not in set(values["arm"]):
        raise ValueError(f"no arm '{to}' among {', '.join(map(str, dict.fromkeys(values['arm'])))}")
    for point, part in by_point(values, keys):
        table = by_arm(part)
        arms = list(dict.fromkeys(arm for arm, _ in table))
        measures = dict.fromkeys(measure for _, measure in table)
        named = [(arm, measure) for arm in arms if arm != to for measure in measures if (arm, measure) in table]
        pairs = [pair_of(table, arm, to, measure) for arm, measure in named]
        yield point, pairs


class Taken(NamedTuple):
    """One measure in one arm."""

    over: str
    by_replicate: Mapping[Any, float]
    """Values by replicate; those without one left out."""
    planned: int


def by_arm(part: pd.DataFrame) -> dict[tuple[str, str], Taken]:
    """By arm and measure, what was taken. Raises ValueError where two runs have one place."""
    found: dict[tuple[str, str], dict[Any, float]] = {}
    over: dict[tuple[str, str], str] = {}
    told = part["over"] if "over" in part else [""] * len(part)
    for arm, replicate, measure, value, window in zip(
        part["arm"], part["replicate"], part["measure"], part["value"], told, strict=True
    ):
        own = found.setdefault((arm, measure), {})
        if replicate in own:
            raise ValueError(f"arm {arm}, replicate {replicate}: two values of {measure}")
        own[replicate] = float("nan") if value is None else float(value)
        if over.setdefault((arm, measure), window) != window and "differ" not in over[arm, measure]:
            over[arm, measure] += " (of the first run; runs differ in length)"
    return {
        place: Taken(over[place], {r: v for r, v in own.items() if v == v}, len(own)) for place, own in found.items()
    }


def by_point(values: pd.DataFrame, keys: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """The grid's points in order of appearance, with their rows. Values of a key may be anything JSON knows."""
    if not keys:
        yield (), values
        return
    places: dict[str, tuple[tuple[Any, ...], list[int]]] = {}
    for number, point in enumerate(zip(*(values[key] for key in keys), strict=True)):
        places.setdefault(_label(point), (tuple(point), []))[1].append(number)
    for point, numbers in places.values():
        yield point, values.iloc[numbers]


def _label(point: Sequence[Any]) -> str:
    return dumps([value.item() if hasattr(value, "item") else value for value in point])


def pair_of(table: Mapping[tuple[str, str], Taken], arm: str, to: str, measure: str) -> Pair:
    """An arm beside another."""
    here, there = table[arm, measure], table.get((to, measure), Taken("", {}, 0))
    both = sorted(r for r in here.by_replicate if r in there.by_replicate)
    a, b = ([one.by_replicate[r] for r in both] for one in (here, there))
    return Pair(arm, measure, here.over, both, a, b, max(here.planned, there.planned))


def difference(differences: Sequence[float]) -> dict[str, Any]:
    """The columns n, difference, low, high, sd; of nothing, an n of 0."""
    if not differences:
        return {"n": 0, "difference": None, "low": None, "high": None, "sd": None}
    found = paired.interval(differences)
    return {"n": found.n, "difference": found.mean, "low": found.low, "high": found.high, "sd": found.sd}


def _row(
    point: tuple[Any, ...],
    pair: Pair,
    to: str,
    seed: int,
    planned: Mapping[tuple[Any, ...], int] | None,
    silence: Silence | None,
    minds: Mapping[tuple[Any, ...], str] | None,
) -> dict[str, Any]:
    place = key_of((*point, pair.arm))
    row: dict[str, Any] = {"point": point, "arm": pair.arm, "measure": pair.measure, "over": pair.over}
    row |= difference(pair.differences)
    n = row["n"]
    row["left_out"] = max(0, (planned or {}).get(place, pair.planned) - n)
    row["mind"] = (minds or {}).get(place, "")
    row["p"] = None
    if not n:
        return row
    row["here"], row["there"] = paired.interval(pair.here).mean, paired.interval(pair.there).mean
    boot = paired.bootstrap(pair.differences, Stream(seed, *_address(point, pair.arm, pair.measure), "bootstrap"))
    row["boot_low"], row["boot_high"] = boot if boot is not None else (None, None)
    row["p_t"] = paired.t_test(pair.differences)
    row["p"] = sign_flips_of(point, pair.arm, pair.measure, pair.differences, seed)
    row["p_least"] = paired.smallest_p(n)
    row["correlation"], row["saved"] = paired.shared(pair.here, pair.there)
    if silence is not None:
        row["lowest"], row["highest"] = _worst(point, pair, to, row, silence)
    return row


def _address(point: tuple[Any, ...], arm: str, measure: str) -> tuple[str, ...]:
    return ("compare", _label(point), arm, measure)


def sign_flips_of(
    point: tuple[Any, ...], arm: str, measure: str, differences: Sequence[float], seed: int
) -> float | None:
    """P of the sign-flip test, the same wherever it is told; None below two replicates, which make no test."""
    if len(differences) < 2:
        return None
    return paired.sign_flips(differences, Stream(seed, *_address(point, arm, measure), "flips")).p


def _worst(
    point: tuple[Any, ...], pair: Pair, to: str, row: Mapping[str, Any], silence: Silence
) -> tuple[float | None, float | None]:
    """The mean difference if the missing answers had all gone one way, or all the other; None where nobody knows."""
    places = [key_of((*point, arm)) for arm in (pair.arm, to)]
    if not any(place in silence.silent for place in places):
        return None, None
    limits = [[silence.worst.get((place, r, pair.measure)) for r in pair.replicates] for place in places]
    here, there = ([one for one in several if one is not None] for several in limits)
    if len(here) < len(pair.replicates) or len(there) < len(pair.replicates):
        return None, None
    both = list(zip(here, there, strict=True))
    return tuple(sum(a[i] - b[1 - i] for a, b in both) / len(both) for i in (0, 1))  # type: ignore[return-value]


def key_of(place: Sequence[Any]) -> tuple[Any, ...]:
    """Grid values and arm as a key of a mapping, whatever the values are."""
    return (_label(place[:-1]), place[-1])


def verdict_of(row: Mapping[str, Any]) -> str:
    """Whether an effect is found, from its difference, low, high, sd and p_holm: yes, unsure, no, same, or -."""
    if row.get("low") is None:
        return "-"
    if row["sd"] == 0 == row["difference"]:
        return "same"
    interval = row["low"] > 0 or row["high"] < 0
    p = row["p_holm"] is not None and row["p_holm"] < ALPHA
    return "yes" if interval and p else "unsure" if interval or p else "no"


def framed(name: str, rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> pd.DataFrame:
    """A frame with the columns documented, behind those of the grid; `point` in a row holds the grid's values."""
    import pandas as pd

    made: dict[str, Any] = {key: [row["point"][i] for row in rows] for i, key in enumerate(keys)}
    for column in FRAMES[name]:
        cells = [row.get(column.name) for row in rows]
        made[column.name] = pd.Series(cells, dtype=column.dtype or (None if rows else object))
    return pd.DataFrame(made)
