"""What has to be known of every run before arms can be held against each other: read once, run by run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.measures import Measure
from simsoc.measures.paired import if_kept, if_missing
from simsoc.runlog.reader import open_run
from simsoc.runlog.tallied import Answered, Number, answered, numbers, prompts
from simsoc.shelves import SHELVES

from .effects import Silence, framed, key_of
from .folder import standing

if TYPE_CHECKING:
    import pandas as pd


class Ran(NamedTuple):
    """A run that is there or is to be."""

    keys: Mapping[str, Any]
    """Grid, replicate, arm."""
    path: Path
    of: str = ""
    """The arm whose ladder it is a rung of."""
    rung: str = ""

    @property
    def point(self) -> tuple[Any, ...]:
        """The grid's values."""
        return tuple(value for key, value in self.keys.items() if key not in ("replicate", "arm"))

    @property
    def arm(self) -> str:
        """Its arm."""
        return str(self.keys["arm"])


class Read(NamedTuple):
    """A run and what it came to."""

    ran: Ran
    status: str
    why: str
    numbers: Sequence[Number]
    answered: Sequence[Answered]
    """Both empty unless it is finished."""


def read(runs: Iterable[Ran]) -> list[Read]:
    """Every run as its log has it; only those that are finished count."""
    return [_read(ran) for ran in runs]


def _read(ran: Ran) -> Read:
    status = standing(ran.path)
    if status == "missing":
        return Read(ran, status, "not begun", (), ())
    with open_run(ran.path) as run:
        if status == "finished":
            return Read(ran, status, "", numbers(run), answered(run))
        return Read(ran, status, str(run.info["reason"] or ""), (), ())


def values(found: Sequence[Read], keys: Sequence[str], measures: Sequence[str] | None) -> pd.DataFrame:
    """One row for each finished run and measure, in the order of the measures, where they are given."""
    rows: list[dict[str, Any]] = []
    for one in found:
        by_name = {number.measure: number for number in one.numbers}
        for name in measures if measures is not None else by_name:
            if name in by_name:
                rows.append({"point": one.ran.point, **one.ran.keys, **by_name[name]._asdict()})
    return framed("values", rows, keys)


def unfinished(found: Sequence[Read], keys: Sequence[str]) -> pd.DataFrame:
    """One row for each run that does not count."""
    rows = [
        {"point": one.ran.point, **one.ran.keys, "status": one.status, "why": one.why}
        for one in found
        if one.status != "finished"
    ]
    return framed("standing", rows, keys)


def failures(found: Sequence[Read], keys: Sequence[str]) -> pd.DataFrame:
    """One row for each arm at each grid point: decisions, and how many came to nothing, in finished runs."""
    rows = []
    for place, reads in _by_arm(found).items():
        finished = [one for one in reads if one.status == "finished"]
        told = [answer for one in finished for answer in one.answered]
        row: dict[str, Any] = {"point": reads[0].ran.point, "arm": place[1], "planned": len(reads)}
        row |= {"finished": len(finished), "decisions": sum(answer.decisions for answer in told)}
        for status in ("refused", "unparseable", "truncated", "failed"):
            row[status] = sum(answer.decisions for answer in told if answer.status == status)
        row["no_answer"] = sum(answer.decisions for answer in told if answer.status != "ok")
        row["share"] = row["no_answer"] / row["decisions"] if row["decisions"] else 0.0
        rows.append({**row, "mind": mind(finished)})
    return framed("failures", rows, keys)


def minds(found: Sequence[Read]) -> dict[tuple[Any, ...], str]:
    """Who answered, by grid point and arm."""
    return {place: mind(reads) for place, reads in _by_arm(found).items()}


def mind(reads: Iterable[Read]) -> str:
    """Rules and models by name, the models first."""
    told = {(not answer.model, answer.by): None for one in reads for answer in one.answered}
    named = [f"{by} (rule)" if rule and by != "null" else by for rule, by in sorted(told, key=lambda pair: pair[0])]
    return ", ".join(named)


def asked(found: Sequence[Read]) -> dict[tuple[Any, ...], dict[Any, str]]:
    """What was asked, by grid point and arm and then by replicate, in a word that is equal where every prompt is."""
    told = {}
    for place, reads in _by_arm(found).items():
        finished = [one for one in reads if one.status == "finished"]
        told[place] = {one.ran.keys["replicate"]: _prompts(one.ran.path) for one in finished}
    return told


def _prompts(path: Path) -> str:
    with open_run(path) as run:
        return prompts(run)


def planned(found: Sequence[Read]) -> dict[tuple[Any, ...], int]:
    """Replicates there are to be, by grid point and arm."""
    return {place: len(reads) for place, reads in _by_arm(found).items()}


def silence(found: Sequence[Read], worlds: Sequence[str], names: Collection[str]) -> Silence:
    """What finished runs would have come to at worst, where decisions are missing. names: of measures looked at."""
    known: dict[str, Measure] = {}
    for world in worlds:
        of_world = SHELVES["worlds"].get(world).MEASURES if world in SHELVES["worlds"] else {}
        for name, measure in of_world.items():
            known[f"{world}.{name}"] = measure
            known.setdefault(name, measure)
    silent: set[tuple[Any, ...]] = set()
    worst: dict[tuple[Any, ...], tuple[float, float]] = {}
    for place, reads in _by_arm(found).items():
        for one in reads:
            quiet = any(answer.status != "ok" for answer in one.answered)
            if quiet:
                silent.add(place)
            for number in one.numbers:
                measure = known.get(number.measure)
                if number.value is None or measure is None or number.measure not in names:
                    continue
                limits = _worst(one, number, measure) if quiet else (number.value, number.value)
                if limits is not None:
                    worst[(place, one.ran.keys["replicate"], number.measure)] = limits
    return Silence(silent, worst)


def _worst(one: Read, number: Number, measure: Measure) -> tuple[float, float] | None:
    """The least and the most that a run's number could be, whatever the decisions were that have no answer."""
    if measure.average is None:
        return None
    with open_run(one.ran.path) as run:
        series = run.measures[number.measure].dropna()
        first, last = number.window or (series.index[-1], series.index[-1])
        steps = [step for step in series.index if first <= step <= last]
        shares = measure.average.missing(run, steps)
    if shares is None:
        return None
    low, high = measure.average.low, measure.average.high
    limits = if_kept if measure.average.kept else if_missing
    each = [limits(float(series[step]), share, low, high) for step, share in zip(steps, shares, strict=True)]
    least, most = (sum(limit[i] for limit in each) / len(each) for i in (0, 1))
    floor, ceiling = measure.bounds or (least, most)
    return max(floor, least), min(ceiling, most)


def _by_arm(found: Sequence[Read]) -> dict[tuple[Any, ...], list[Read]]:
    by_arm: dict[tuple[Any, ...], list[Read]] = {}
    for one in found:
        by_arm.setdefault(key_of((*one.ran.point, one.ran.arm)), []).append(one)
    return by_arm
