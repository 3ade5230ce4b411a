"""The run log: one SQLite file per run, and the only room that knows SQL and pandas.

A `Writer` takes a run down as it happens; `open_run` reads one back as pandas frames; `simsoc.runlog.verify` derives
again whatever can be derived. Events arrive a step at a time, whole; answers ahead of them. Long texts are stored once,
named by their hash. The file is a plain SQLite database: any browser for those shows it, and every column is documented
(`columns`). Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .documented import columns
    from .reader import Logged, Run, open_run
    from .rows import AgentRow, ExposureRow, MemoryRow, RunInfo
    from .writer import Writer

__all__ = [
    "AgentRow",
    "ExposureRow",
    "Logged",
    "MemoryRow",
    "Run",
    "RunInfo",
    "Writer",
    "columns",
    "open_run",
]

_HOMES = {
    "AgentRow": "rows",
    "ExposureRow": "rows",
    "Logged": "reader",
    "MemoryRow": "rows",
    "Run": "reader",
    "RunInfo": "rows",
    "Writer": "writer",
    "columns": "documented",
    "open_run": "reader",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
