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

    def point(self, row: Sequence[Any], grid: Sequence[str]) -> str:
        """The point of the grid that a row is of."""
        return point_of({key: self.cell(row, key) for key in grid})


def point_of(keys: Mapping[str, Any]) -> str:
    """A point of the grid in words; empty where there is no grid."""
    return ", ".join(f"{key.rsplit('.', 1)[-1]} {_plain(v)}" for key, v in keys.items() if key not in _OWN)


def _plain(value: Any) -> str:
    """A value of a key, the same whether a frame made a whole number a decimal or not."""
    return f"{value:.12g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def called(keys: Mapping[str, Any]) -> str:
    """A run's name: its point of the grid, arm and replicate; or its file."""
    outer = [point_of(keys)]
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

    @property
    def grid(self) -> list[str]:
        """Keys of the grid."""
        return [key for key in self.runs.keys if key not in _OWN]

    def grid_columns(self) -> list[Col]:
        """A column for each key of the grid."""
        return [Col(key, "", "key of the grid") for key in self.grid]
