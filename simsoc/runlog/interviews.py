"""Interviews with the people of a run, kept beside its log: one line of JSON for each question, oldest first.

A run is never written to by whoever looks at it, so ``RUN.db`` has its interviews in ``RUN-interviews.jsonl``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from simsoc.core.errors import BrokenLog, LogError

from .rows import as_json

if TYPE_CHECKING:
    import pandas as pd


_NEEDED = ("step", "agent", "seed", "purpose", "draw", "answer", "status", "by", "prompt", "settings")


def beside(run: Path) -> Path:
    """Where the interviews of a run are kept when nothing else is said."""
    return run.with_name(f"{run.stem}-interviews.jsonl")


def records(path: Path) -> list[dict[str, Any]]:
    """Every interview in a file, none where there is no file. Raises BrokenLog, naming the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise LogError(f"{path}: the interviews cannot be read: {error}") from None
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            record = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise BrokenLog(f"{path}:{number}: not an interview: {error}") from None
        if missing := [key for key in _NEEDED if key not in record]:
            raise BrokenLog(f"{path}:{number}: not an interview: it has no {missing[0]}")
        found.append(record)
    return found


def append(path: Path, record: Mapping[str, Any]) -> None:
    """One more interview, written at once. Raises LogError."""
    line = (as_json(record) + "\n").encode(errors="replace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, line)
        finally:
            os.close(file)
    except OSError as error:
        raise LogError(f"{path}: the interview cannot be written: {error.strerror or error}") from None


def interviews(path: Path) -> pd.DataFrame:
    """The interviews of a file as a frame."""
    from .documented import FRAMES
    from .tidy import frame

    columns = FRAMES["interviews"]
    return frame([[record.get(column.name) for column in columns] for record in records(path)], columns)
