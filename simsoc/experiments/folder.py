"""The folder of an experiment: a log for each run and an index that says which runs there are to be."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from simsoc.core.errors import BrokenLog, LogError, LogExists
from simsoc.runlog.reader import open_run
from simsoc.scenario.explain import as_data, to_yaml
from simsoc.scenario.plain import plain
from simsoc.society.sitting import Parent

from .beside import Elsewhere, elsewhere
from .layout import LeftOut, Plan, Planned

INDEX = "index.json"
_FORM = 1


class Entry(NamedTuple):
    """One run, as the index has it."""

    arm: str
    grid: Mapping[str, Any]
    point: int
    replicate: int
    seed: int
    file: str
    of: str = ""
    """The arm whose ladder this is a rung of; empty for an arm as written."""
    rung: str = ""


class Index(NamedTuple):
    """What the index says."""

    name: str
    scenario: Mapping[str, Any]
    """With its experiment, as it was given."""
    folder: Path
    """Where its relative paths start."""
    to: str
    """The arm the others are held against."""
    measures: tuple[str, ...]
    """What is compared."""
    runs: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...] = ()
    """Rungs of the ladder that could not be made."""
    published: Elsewhere | None = None
    """What was measured elsewhere."""
    branch: Parent | None = None
    """The run of which all runs are other futures."""


def write_index(folder: Path, plan: Plan) -> None:
    """Write the index, or replace it whole. Raises LogError when it cannot be written."""
    scenario = plan.scenario
    told = {
        "simsoc": "experiment",
        "form": _FORM,
        "name": scenario.name,
        "to": plan.to,
        "measures": list(plan.measures),
        "folder": Path(os.path.relpath(scenario.folder, folder.absolute())).as_posix(),
        "yaml": to_yaml(scenario),
        "scenario": as_data(scenario),
        "runs": [{name: getattr(run, name) for name in Entry._fields} for run in plan.runs],
        "left_out": [one._asdict() for one in plan.left_out],
        "published": None if (there := elsewhere(scenario)) is None else there._asdict(),
        "branch": None if plan.branch is None else _seen_from(folder, plan.branch),
    }
    target, draft = folder / INDEX, folder / f"{INDEX}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            json.dump(told, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        raise LogError(f"{target}: {error.strerror or error}") from error


def read_index(folder: Path) -> Index:
    """The index of an experiment. Raises LogError when there is none, or none that can be read."""
    path = folder / INDEX
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LogError(f"{folder}: no experiment; its {INDEX} is missing.") from None
    except (OSError, ValueError) as error:
        raise LogError(f"{path}: cannot be read ({error}).") from None
    if not isinstance(told, dict) or told.get("simsoc") != "experiment":
        raise LogError(f"{path}: not the index of an experiment.")
    if told.get("form", 0) > _FORM:
        raise LogError(f"{path}: written by a newer simsoc. Update simsoc to read it.")
    runs = tuple(Entry(**run) for run in told["runs"])
    if any(Path(run.file).name != run.file for run in runs):
        raise LogError(f"{path}: names logs in other folders.")
    start = Path(os.path.normpath(folder.absolute() / told["folder"]))
    left_out = tuple(LeftOut(**one) for one in told.get("left_out", ()))
    there = told.get("published")
    published = None if there is None else Elsewhere(**there)
    named = (told["name"], told["scenario"], start, told["to"], tuple(told["measures"]))
    return Index(*named, runs, left_out, published, _branch(folder, told.get("branch")))


def _seen_from(folder: Path, parent: Parent) -> dict[str, Any]:
    """A run and a step of it, the path as seen from the folder."""
    return {"run": Path(os.path.relpath(parent.path.absolute(), folder.absolute())).as_posix(), "at": parent.at}


def _branch(folder: Path, told: Mapping[str, Any] | None) -> Parent | None:
    if told is None:
        return None
    return Parent(Path(os.path.relpath(folder.absolute() / told["run"])), told["at"])


# -- going on with an experiment ------------------------------------------------------------------------------------

_SAID = ("question", "source", "expect", "budget", "reuse", "published", "experiment.compare")
_LADDER = ("experiment.ladder", "experiment.ladder_of")
_WIRE = ("base_url", "key_from", "transport", "slots", "per_minute", "timeout", "retries")


def differences(index: Index, plan: Plan) -> list[str]:
    """What makes the runs of a plan others than those of an index, a line for each key.

    More replicates, or rungs of the ladder, are only more runs. What is said about an experiment, what it may spend,
    and how its server is reached make no other runs either.
    """
    was = dict(_flat(plain(index.scenario)))
    now = dict(_flat(plain(as_data(plan.scenario))))
    repeats = "experiment.replicates"
    if now.get(repeats, 1) >= was.get(repeats, 1):
        was.pop(repeats, None), now.pop(repeats, None)
    if {entry.file for entry in index.runs} <= {run.file for run in plan.runs}:
        was, now = ({k: v for k, v in flat.items() if not k.startswith(_LADDER)} for flat in (was, now))
    was["branch"], now["branch"] = (
        None if one.branch is None else str((one.branch.path.absolute().resolve(), one.branch.at))
        for one in (index, plan)
    )
    keys = [key for key in {**was, **now} if was.get(key, _NONE) != now.get(key, _NONE) and not _free(key)]
    return [f"{key}: was {_told(was, key)}, now {_told(now, key)}" for key in keys]


_NONE = object()


def _free(key: str) -> bool:
    if any(key == said or key.startswith(f"{said}.") for said in _SAID):
        return True
    return key.removeprefix("population.").startswith("backend.") and key.rsplit(".", 1)[1] in _WIRE


def _flat(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted key, value) of everything in a mapping that is no mapping itself."""
    if path == "backend" and isinstance(data, str):
        data = {"model": data}
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, data


def _told(data: Mapping[str, Any], key: str) -> str:
    return json.dumps(data[key], ensure_ascii=False) if key in data else "not there"


def standing(path: Path) -> str:
    """Where a run stands: `missing`, or `running` (also after a kill), `stopped`, `failed` or `finished`.

    Raises LogError for a file that is no run log.
    """
    if not path.exists():
        return "missing"
    try:
        with open_run(path) as run:
            return str(run.rows("SELECT status FROM run")[0][0])
    except BrokenLog as error:
        if "before it began" in str(error):
            return "missing"
        raise


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder for oneself, as long as the process lives. Raises LogError when another process has it."""
    try:
        import fcntl
    except ImportError:  # Windows: two at once are not noticed
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LogError(f"{folder}: another process is running this experiment.") from None
        yield


def prepare(folder: Path, plan: Plan, *, overwrite: bool) -> None:
    """Write the index of a new experiment, or look whether an old one is the same and bring it up to date.

    Raises LogExists, saying what differs, when there is another experiment here and it is not to be overwritten.
    """
    if (folder / INDEX).exists():
        if overwrite:
            _clear(folder, read_index(folder))
        elif other := differences(read_index(folder), plan):
            told = "\n".join(f"  {line}" for line in other)
            raise LogExists(f"{folder}: there is another experiment here already. What differs:\n{told}\n")
    elif folder.is_dir() and any(run_here(folder, run).exists() for run in plan.runs) and not overwrite:
        raise LogExists(f"{folder}: there are run logs here, but no {INDEX}.")
    write_index(folder, plan)


def _clear(folder: Path, index: Index) -> None:
    """Remove the index and the logs of its runs, and nothing else."""
    (folder / INDEX).unlink()
    for run in index.runs:
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                (folder / f"{run.file}{ending}").unlink()


def run_here(folder: Path, run: Planned | Entry) -> Path:
    """The log of a run."""
    return folder / run.file
