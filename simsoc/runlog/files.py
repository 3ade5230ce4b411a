"""Log files: opening them, and saying in plain words what is wrong with one.

The one place where SQLAlchemy engines are made. A log is written in WAL mode, so that it can be read meanwhile and a
kill leaves it whole; when its writer closes, it becomes a single file again that can be sent, or read from a folder
nobody may write to.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, StaticPool

from simsoc.core.errors import BrokenLog, LogError, SimsocError

from .migrations import STEPS, migrate, version

_MAGIC = b"SQLite format 3\x00"
_PATIENCE = 30.0  # seconds a writer waits for another process to let the file go


def side(path: Path, ending: str) -> Path:
    """SQLite's companion files of a log, `-wal` and `-shm`."""
    return path.with_name(path.name + ending)


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise into a LogError that says what to do."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise _said(path, str(getattr(error, "orig", None) or error)) from error
    except OSError as error:
        raise LogError(f"{path}: {error.strerror or error}") from error
    except LogError as error:
        if str(error).startswith(str(path)):
            raise
        raise type(error)(f"{path}: {error}") from error


def _said(path: Path, message: str) -> SimsocError:
    low = message.lower()
    if "is full" in low:
        return LogError(f"{path}: no space left to write the log. What was committed is safe; free some and resume.")
    if "readonly" in low or "read-only" in low:
        return LogError(f"{path}: the log cannot be written; the file or its folder is read-only.")
    if "unable to open" in low:
        return LogError(f"{path}: cannot be opened; look at the permissions of the file and its folder.")
    if "locked" in low:
        return LogError(f"{path}: another process is writing this log. One run, one writer.")
    if "malformed" in low or "not a database" in low or "no such" in low or "disk i/o" in low:
        return BrokenLog(f"{path}: damaged or incomplete ({message}).")
    return LogError(f"{path}: {message}")


def look(path: Path) -> None:
    """Raise BrokenLog or LogError when there is no run log at this path, as far as its first bytes tell."""
    if not path.exists():
        raise LogError(f"{path}: there is no such file.")
    if path.is_dir():
        raise LogError(f"{path}: a folder, not a run log.")
    if not path.is_file():
        raise LogError(f"{path}: not an ordinary file; a run log is one.")
    with plainly(path), path.open("rb") as file:
        start = file.read(len(_MAGIC))
    if not start:
        raise BrokenLog(f"{path}: empty; its run was ended before it began.")
    if start != _MAGIC:
        raise BrokenLog(f"{path}: not a run log (not an SQLite database).")


def writing(path: Path) -> Engine:
    """An engine on one connection that writes; usable from every thread, one at a time."""

    def connect() -> sqlite3.Connection:
        made = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error:
            made.close()
            raise
        return made

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def settle(engine: Engine, path: Path) -> None:
    """Make a closed log one file again, where no reader stands in the way. Disposes of the engine."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.cursor().execute("PRAGMA busy_timeout = 0")
        raw.cursor().execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError:
        pass  # somebody is reading: the log stays in WAL mode, whole all the same
    finally:
        raw.close()
        engine.dispose()


def reading(path: Path) -> Engine:
    """An engine that only reads, also while the run is still being written, and from a read-only folder.

    A log with an older schema is brought up to date in a copy in memory; the file stays as it is. Raises LogError,
    BrokenLog or OldSchema.
    """
    look(path)
    with plainly(path):
        address = _address(path)
        if address is None:
            return _copied(path)
        with closing(sqlite3.connect(address, uri=True)) as raw:
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        engine = create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(address, uri=True, timeout=_PATIENCE, check_same_thread=False),
            poolclass=NullPool,
        )
        if _checked(engine) < len(STEPS):
            with closing(sqlite3.connect(address, uri=True)) as raw:
                return _in_memory(raw)
        return engine


def _checked(engine: Engine) -> int:
    with engine.connect() as connection:
        found = version(connection)
        if not found or not connection.exec_driver_sql("SELECT count(*) FROM run").scalar_one():
            raise BrokenLog("incomplete; its run was ended before it began.")
        return found


def _address(path: Path) -> str | None:
    """URI to read a log by; None when only a copy can be read (unwritten changes in a read-only folder)."""
    plain = path.resolve().as_uri() + "?mode=ro"
    try:
        with closing(sqlite3.connect(plain, uri=True)) as raw:
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return plain
    except sqlite3.OperationalError as error:
        if "unable to open" not in str(error) and "readonly" not in str(error):
            raise
    wal = side(path, "-wal")
    return plain + "&immutable=1" if not wal.exists() or not wal.stat().st_size else None


def _copied(path: Path) -> Engine:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        for ending in ("", "-wal"):
            shutil.copyfile(side(path, ending), side(copy, ending))
        with closing(sqlite3.connect(copy)) as raw:
            return _in_memory(raw)


def _in_memory(source: sqlite3.Connection) -> Engine:
    """A copy in memory, with today's schema."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    source.backup(copy)
    engine = create_engine("sqlite://", creator=lambda: copy, poolclass=StaticPool)
    try:
        _checked(engine)
        with engine.begin() as connection:
            migrate(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine
