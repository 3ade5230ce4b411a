"""Frames on the command line: as tables for people, and as records for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

_NUMBERED = ("interval", "range")  # columns of text that stand among numbers
_WORD = 24  # characters of a word that is not broken
_WIDE = 160  # characters of a line that nobody's window breaks


def show(frame: pd.DataFrame, title: str, *, wide: Sequence[str] = (), under: str | None = None) -> None:
    """A frame as a table on standard output, numbers to the right; where it is too wide, texts take several lines.

    wide: columns of text that do so before others. under: a column whose values become headings of the rows below them.
    """
    from pandas.api.types import is_numeric_dtype
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    heads = list(frame[under]) if under is not None else []
    frame = frame.drop(columns=under) if under is not None else frame

    def made(headings: Sequence[str]) -> Table:
        table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        for name, heading in zip(frame.columns, headings, strict=True):
            right = is_numeric_dtype(frame[name]) or name in _NUMBERED
            side: Literal["left", "right"] = "right" if right else "left"
            word = None if right or name in wide else _longest_word(frame[name])
            table.add_column(heading, justify=side, no_wrap=right, overflow="fold", min_width=word)
        for number, row in enumerate(frame.itertuples(index=False)):
            if heads and (not number or heads[number] != heads[number - 1]):
                if number:
                    table.add_section()
                table.add_row(str(heads[number]), style="bold")
            table.add_row(*(_cell(value) for value in row))
        return table

    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    table, anywhere = made(_headings(frame)), console.options.update(width=10_000)
    if console.measure(table, options=anywhere).maximum > console.width:
        table = made([heading.replace(" ", "\n") for heading in _headings(frame)])
    console.print(title, markup=False, highlight=False)
    least = console.measure(table, options=anywhere).minimum
    wide_enough = console if least <= console.width else Console(width=least)
    wide_enough.print(table, crop=False)


def _longest_word(column: pd.Series[Any]) -> int:
    """Characters of the longest word of a column of names, so that none is broken where there is little room."""
    return max((min(_WORD, len(word)) for value in column for word in str(value).split()), default=1)


def _headings(frame: pd.DataFrame) -> list[str]:
    """Names of columns, of dotted keys only the end where that says which."""
    ends = [str(name).rsplit(".", 1)[-1] for name in frame.columns]
    return [
        (end if ends.count(end) == 1 else str(name)).replace("_", " ")
        for end, name in zip(ends, frame.columns, strict=True)
    ]


def _cell(value: Any) -> str:
    if _missing(value):
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("[", "\\[")


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as JSON holds them: null where there is nothing."""
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.astype(object).to_dict("records")]


def _plain(value: Any) -> Any:
    if _missing(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _missing(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
