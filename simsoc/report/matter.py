"""What a report is about, as it is handed in: everything that the logs alone do not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simsoc.runlog.documented import Col
from simsoc.runlog.many import Runs


class Table(NamedTuple):
    """A table of numbers and words with columns that are explained."""

    title: str
    about: str
    """A sentence or two under the title."""
    columns: Sequence[Col]
    rows: Sequence[Sequence[Any]]
    name: str = ""
    """`effects` has numbers that lead to the runs behind them."""

    def cell(self, row: Sequence[Any], name: str) -> Any:
        """A cell of a row, by the name of its column."""
        return row[[column.name for column in self.columns].index(name)]


def called(keys: Mapping[str, Any]) -> str:
    """A run's name: its point of the grid, arm and replicate; or its file."""
    outer = [f"{key.rsplit('.', 1)[-1]} {value}" for key, value in keys.items() if key not in _OWN]
    replicate = f"#{keys['replicate']}" if "replicate" in keys else ""
    name = keys.get("run") or " ".join(str(part) for part in (keys.get("arm"), replicate) if part)
    return ", ".join(str(part) for part in (*outer, name) if part) or "this run"


_OWN = ("arm", "replicate", "run")


class Section(NamedTuple):
    """A part of the protocol: a heading, paragraphs, keys with values and meanings, parts of its own."""

    heading: str
    paragraphs: Sequence[str] = ()
    keys: Sequence[tuple[str, str, str]] = ()
    """(key, value, meaning)"""
    parts: Sequence[Section] = ()


class Writing(NamedTuple):
    """Something people wrote, to be read as they would: a thread."""

    title: str
    text: str


class Matter(NamedTuple):
    """A run or an experiment, ready to be shown."""

    name: str
    question: str
    source: str
    expect: str
    runs: Runs
    """Told apart by grid keys, replicate and arm; by nothing where there is one."""
    to: str | None
    """The arm others are held against; None outside an experiment."""
    arms: Sequence[str]
    measures: Mapping[str, tuple[str, str]]
    """Meaning and unit of each measure that is drawn, in order."""
    verdict: Sequence[str]
    """What was found, a sentence each."""
    tables: Sequence[Table]
    """Of the comparison: effects first."""
    values: Sequence[tuple[Mapping[str, Any], str, float | None]]
    """(keys of the run, measure, value): what each run gives to the effects."""
    odd: Sequence[Section]
    writings: Sequence[Writing]
    scenario: str
    """As a YAML file."""
    replay: Sequence[tuple[str, str]]
    """(what it does, the command)"""
    made_by: str
    """simsoc and its version."""
