"""What has to be known of every run before arms can be held against each other: read once, run by run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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


def silence(found: Sequence[Read], worlds: Sequence[str]) -> Silence:
    """Shares of decisions without an answer, and the ranges that the measures of these worlds declare."""
    frame = failures(found, [])
    share = dict(zip(_by_arm(found), frame["share"].tolist(), strict=True))
    ranges: dict[str, tuple[float, float]] = {}
    for world in worlds:
        known = SHELVES["worlds"].get(world).MEASURES if world in SHELVES["worlds"] else {}
        for name, measure in known.items():
            if measure.bounds is not None:
                ranges[f"{world}.{name}"] = measure.bounds
                ranges.setdefault(name, measure.bounds)
    return Silence(share, ranges)


def _by_arm(found: Sequence[Read]) -> dict[tuple[Any, ...], list[Read]]:
    by_arm: dict[tuple[Any, ...], list[Read]] = {}
    for one in found:
        by_arm.setdefault(key_of((*one.ran.point, one.ran.arm)), []).append(one)
    return by_arm
