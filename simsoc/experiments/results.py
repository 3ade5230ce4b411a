"""An experiment's folder, open for reading: its runs and measures as tidy frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.core.errors import LogError
from simsoc.runlog import steps
from simsoc.runlog.many import Runs
from simsoc.runlog.reader import Run, open_run

from . import gathered
from .beside import beside
from .folder import INDEX, Entry, Index, read_index, standing
from .gathered import Ran
from .layout import LeftOut

if TYPE_CHECKING:
    import pandas as pd

    from .compared import Comparison

# `steps` may be a key of the grid
_INFO = {"status": "status", "reason": "reason", "last_step": "steps"} | {n: n for n in ("turns", "seconds", "digest")}
_TYPES = dict.fromkeys(("last_step", "turns", *steps.COUNTED), "Int64") | {"seconds": "float64", "dollars": "float64"}


class Results:
    """What has come of an experiment so far. Raises LogError where there is none."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.index: Index = read_index(self.folder)
        """The runs there are to be, and what they are compared in."""

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.index.name

    @property
    def arms(self) -> list[str]:
        """In file order."""
        return list(dict.fromkeys(entry.arm for entry in self.index.runs))

    @property
    def grid(self) -> list[str]:
        """The keys that the grid varies; columns of every frame."""
        return list(self.index.runs[0].grid)

    @property
    def complete(self) -> bool:
        """Whether every run is finished."""
        return all(standing(self.folder / entry.file) == "finished" for entry in self.index.runs)

    @property
    def runs(self) -> pd.DataFrame:
        """One row per run: where it stands, and how many of its calls were paid for or re-used."""
        import pandas as pd

        rows = []
        for entry in self.index.runs:
            row: dict[str, Any] = {**keyed(entry), "seed": entry.seed, "file": entry.file, "status": "missing"}
            run = self._opened(entry)
            if run is not None:
                with run:
                    row |= {name: run.info[column] for name, column in _INFO.items()} | steps.counts(run)
            rows.append(row)
        columns = (*keyed(self.index.runs[0]), "seed", "file", *_INFO, *steps.COUNTED)
        return pd.DataFrame(rows, columns=columns).astype(_TYPES)

    @property
    def measures(self) -> pd.DataFrame:
        """The measures of every run at every step: a column each."""
        return self._all(lambda runs: runs.measures)

    def summary(self) -> pd.DataFrame:
        """One row per run and measure: at the start, at the end, and the mean over the window the scenario declares."""
        return self._all(lambda runs: runs.summary())

    @property
    def published(self) -> pd.DataFrame | None:
        """One row per published value with the simulated one beside it; None where the scenario names none.

        Columns are in `Comparison.columns()`.
        """
        if self.index.published is None:
            return None
        found = gathered.read(Ran(keyed(e), self.folder / e.file, e.of, e.rung) for e in self.index.runs)
        values = gathered.values(found, self.grid, None)
        return beside(values, self.index.published, self.arms, self.grid, gathered.minds(found))

    @property
    def left_out(self) -> list[str]:
        """Rungs of the null ladder that could not be made, a line for each and why."""
        return left_out(self.index.left_out)

    def run(self, arm: str | None = None, replicate: int = 0, **grid: Any) -> Run:
        """Open one run: of the arm the others are compared to, when none is named. Raises LogError.

        grid: values of the grid's keys, with double underscores for dots; the first point that fits.
        """
        wanted = {key.replace("__", "."): value for key, value in grid.items()}
        for entry in self.index.runs:
            fits = all(entry.grid.get(key) == value for key, value in wanted.items())
            if fits and entry.arm == (arm or self.index.to) and entry.replicate == replicate:
                return open_run(self.folder / entry.file)
        raise LogError(f"{self.folder}: no run of arm {arm or self.index.to}, replicate {replicate}, {wanted}")

    def compare(self, to: str | None = None) -> Comparison:
        """Every arm against one of them, replicate by replicate."""
        from .compared import compare

        return compare(self.folder, to=to)

    def _opened(self, entry: Entry) -> Run | None:
        path = self.folder / entry.file
        return open_run(path) if standing(path) != "missing" else None

    def _all(self, frame: Callable[[Runs], pd.DataFrame]) -> pd.DataFrame:
        """A frame of every run there is, one below the other, with what tells the runs apart in front."""
        import pandas as pd

        begun = self.begun()
        return frame(Runs(begun)) if begun else pd.DataFrame(columns=list(keyed(self.index.runs[0])))

    def begun(self) -> list[tuple[dict[str, Any], Path]]:
        """Every run there is, finished or not: what tells it apart, and its log."""
        logs = ((keyed(entry), self.folder / entry.file) for entry in self.index.runs)
        return [(keys, path) for keys, path in logs if standing(path) != "missing"]

    def __repr__(self) -> str:
        done = sum(standing(self.folder / entry.file) == "finished" for entry in self.index.runs)
        return f"<Results {self.name}, {done} of {len(self.index.runs)} runs finished, {self.folder}>"

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.index.runs)


def keyed(entry: Entry) -> dict[str, Any]:
    """The columns that tell the runs of an experiment apart."""
    return {**entry.grid, "replicate": entry.replicate, "arm": entry.arm}


def left_out(several: Iterable[LeftOut]) -> list[str]:
    """Rungs that could not be made: a line for each reason, with the arms it holds for."""
    told: dict[tuple[str, str], dict[str, None]] = {}
    for one in several:
        told.setdefault((one.rung, one.why), {})[one.arm] = None
    return [f"{rung} ({', '.join(arms)}): {why}" for (rung, why), arms in told.items()]


def open_experiment(folder: str | Path) -> Results:
    """Open the folder of an experiment. Raises LogError."""
    return Results(folder)


Openable = str | Path | Results
"""A run log, the folder of an experiment, a folder of run logs, or a pattern such as `runs/*.db`."""


def open_runs(what: Openable | Iterable[Openable]) -> Runs:
    """Open many runs as one: every frame of theirs in one frame, with what tells them apart in front.

    what: an experiment or its folder, a folder of run logs, a log, a pattern such as ``runs/*.db``, or several of
    these. Runs of an experiment are told apart by the keys of its grid, `replicate` and `arm`; other logs by `run`, the
    name of the file without its ending (the path where two have one name), `replicate` and `arm`. Several experiments
    get the column `experiment` in front, their folder. Raises LogError where there is no run.
    """
    given = [what] if isinstance(what, str | Path | Results) else list(what)
    experiments: list[Results] = []
    logs: list[Path] = []
    for one in given:
        found, more = _found(one)
        experiments += found
        logs += more
    groups = [results.begun() for results in experiments]
    if len(experiments) > 1 or (experiments and logs):
        groups = [
            [({"experiment": str(results.folder), **keys}, path) for keys, path in group]
            for results, group in zip(experiments, groups, strict=True)
        ]
    members = [*(member for group in groups for member in group), *_plain(list(dict.fromkeys(logs)))]
    if not members:
        raise LogError(f"no run log in {', '.join(map(str, given)) or 'nothing'}")
    keys = list(dict.fromkeys(key for own, _ in members for key in own))
    order = [*(key for key in keys if key not in ("replicate", "arm")), "replicate", "arm"]
    return Runs(({key: own.get(key) for key in order}, path) for own, path in members)


def _found(what: Openable) -> tuple[list[Results], list[Path]]:
    """The experiments and the logs that somebody means."""
    if isinstance(what, Results):
        return [what], []
    path = Path(what)
    if path.is_dir():
        return ([Results(path)], []) if (path / INDEX).exists() else ([], sorted(path.glob("*.db")))
    if path.exists() or not any(mark in str(what) for mark in "*?["):
        return [], [path]
    experiments, logs = [], []
    for found in sorted(glob(str(what), recursive=True)):
        more = _found(found)
        experiments += more[0]
        logs += more[1]
    return experiments, logs


def _plain(logs: list[Path]) -> list[tuple[dict[str, Any], Path]]:
    """Logs outside an experiment, told apart by their names."""
    names = [path.stem for path in logs]
    whole = [path.with_suffix("").as_posix() for path in logs]
    members = []
    for path, name, long in zip(logs, names, whole, strict=True):
        with open_run(path) as run:
            told = name if names.count(name) == 1 else long
            members.append(({"run": told, "replicate": run.info["replicate"], "arm": run.info["arm"]}, path))
    return members
