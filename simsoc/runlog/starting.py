"""Making a new log file: room for it, the schema, and the row of the run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from simsoc.core.errors import LogError, LogExists

from . import statements as sql
from .files import look, plainly, reading, side, writing
from .migrations import migrate
from .rows import RunInfo, as_json, versions
from .tables import run


def begin_file(path: Path, info: RunInfo, *, overwrite: bool) -> None:
    """A log with its run row and nothing else. Raises LogExists or LogError."""
    if path.exists():
        _make_room(path, overwrite=overwrite)
    with plainly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        for ending in ("-wal", "-shm"):
            side(path, ending).unlink(missing_ok=True)
        engine = writing(path)
        try:
            with engine.begin() as connection:
                migrate(connection)
                connection.exec_driver_sql(sql.RUN, _row(info))
        finally:
            engine.dispose()


def _row(info: RunInfo) -> tuple[object, ...]:
    known = {
        "name": info.name,
        "scenario": as_json(info.scenario),
        "yaml": info.yaml,
        "folder": info.folder,
        "seed": info.seed,
        "arm": info.arm,
        "replicate": info.replicate,
        "parent": info.parent,
        "forked_at": info.forked_at,
        "people": info.people,
        "directed": int(info.directed),
        "versions": as_json(versions() if info.versions is None else info.versions),
        "status": "running",
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return tuple(known.get(name) for name in run.c.keys()[1:])


def _make_room(path: Path, *, overwrite: bool) -> None:
    """Refuse to replace a log that is not to be replaced, and anything that is no log.

    What a run left that was ended before it began holds nothing, and is replaced without asking.
    """
    if path.is_dir():
        raise LogError(f"{path}: a folder; a run log is a file.")
    if not path.is_file():
        raise LogError(f"{path}: not an ordinary file; a run log is one.")
    state = _state(path)
    if not overwrite and "before it began" not in state:
        raise LogExists(
            f"{path}: there is a log already ({state}). Resume it, give another path, or ask to overwrite it."
        )
    if path.stat().st_size:
        look(path)
        if "not a run log" in state:
            raise LogError(f"{path}: not a run log, and so not overwritten.")
    with plainly(path):
        path.unlink()


def _state(path: Path) -> str:
    """What a log says of itself, in a few words."""
    try:
        engine = reading(path)
    except LogError as error:
        return str(error).removeprefix(f"{path}: ").rstrip(".")
    try:
        with engine.connect() as connection:
            name, status, steps = connection.exec_driver_sql("SELECT name, status, steps FROM run").one()
    finally:
        engine.dispose()
    return f"{name}, {status}, {steps or 0} steps"
