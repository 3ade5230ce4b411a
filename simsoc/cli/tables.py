"""Frames on the command line: as tables for people, and as records for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

_NUMBERED = ("interval", "range")  # columns of text that stand among numbers
_WIDE = 160  # characters of a line that nobody's window breaks


def show(frame: pd.DataFrame, title: str, *, wide: Sequence[str] = (), under: str | None = None) -> None:
    """A frame as a table on standard output, numbers to the right; where it is too wide, texts take several lines.

    wide: columns of text that do so before others. under: a column whose values become headings of the rows below them.
    """
    from pandas.api.types import is_numeric_dtype
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    heads = list(frame[under]) if under is not None else []
    frame = frame.drop(columns=under) if under is not None else frame
    for name, heading in zip(frame.columns, _headings(frame), strict=True):
        right = is_numeric_dtype(frame[name]) or name in _NUMBERED
        side: Literal["left", "right"] = "right" if right else "left"
        table.add_column(heading, justify=side, no_wrap=right, overflow="fold")
    for number, row in enumerate(frame.itertuples(index=False)):
        if heads and (not number or heads[number] != heads[number - 1]):
            if number:
                table.add_section()
            table.add_row(str(heads[number]), style="bold")
        table.add_row(*(_cell(value) for value in row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    console.print(title, markup=False, highlight=False)
    console.print(table)


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
