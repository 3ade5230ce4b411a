"""A log file open for reading: its run row, and rows by statement. What `Run` is built on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from .files import plainly, reading


class Opened:
    """A log file that is read and never written."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._engine = reading(self.path)

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """All rows of a statement in SQLite's SQL. Raises BrokenLog when the file is damaged."""
        with plainly(self.path), closing(self._engine.raw_connection()) as raw:
            cursor = raw.cursor()  # bare tuples: a million rows are read in one go
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def stream(self, statement: str, values: tuple[Any, ...] = ()) -> Iterator[Any]:
        """The rows of a statement, one after another."""
        with plainly(self.path), closing(self._engine.raw_connection()) as raw:
            cursor = raw.cursor()
            cursor.execute(statement, values)
            while rows := cursor.fetchmany(5_000):
                yield from rows

    @property
    def info(self) -> dict[str, Any]:
        """The run's row: name, seed, arm, replicate, status, steps, turns, digest, versions and the rest."""
        with plainly(self.path), self._engine.connect() as connection:
            row = dict(connection.exec_driver_sql("SELECT * FROM run").mappings().one())
        row["scenario"], row["versions"] = msgspec.json.decode(row["scenario"]), msgspec.json.decode(row["versions"])
        row["directed"] = bool(row["directed"])
        del row["id"]
        return row

    @cached_property
    def scenario(self) -> dict[str, Any]:
        """The scenario as run, every default filled in."""
        spec: dict[str, Any] = self.info["scenario"]
        return spec

    @property
    def steps(self) -> int:
        """Steps written so far."""
        return int(self.rows("SELECT coalesce(steps, 0) FROM run")[0][0])

    def close(self) -> None:
        """Let the file go."""
        self._engine.dispose()
