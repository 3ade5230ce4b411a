"""An experiment's folder, open for reading: its runs and measures as tidy frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.core.errors import LogError
from simsoc.runlog import steps
from simsoc.runlog.reader import Run, open_run

from .folder import Entry, Index, read_index, standing

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
        return self._all(lambda run: run.measures.reset_index())

    def summary(self) -> pd.DataFrame:
        """One row per run and measure: at the start, at the end, and the mean over the window the scenario declares."""
        return self._all(Run.summary)

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

    def _all(self, frame: Callable[[Run], pd.DataFrame]) -> pd.DataFrame:
        """A frame of every run there is, one below the other, with what tells the runs apart in front."""
        import pandas as pd

        made = []
        for entry in self.index.runs:
            run = self._opened(entry)
            if run is not None:
                with run:
                    own = frame(run)
                for place, (key, value) in enumerate(keyed(entry).items()):
                    own.insert(place, key, [value] * len(own))
                made.append(own)
        return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=list(keyed(self.index.runs[0])))

    def __repr__(self) -> str:
        done = sum(standing(self.folder / entry.file) == "finished" for entry in self.index.runs)
        return f"<Results {self.name}, {done} of {len(self.index.runs)} runs finished, {self.folder}>"

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.index.runs)


def keyed(entry: Entry) -> dict[str, Any]:
    """The columns that tell the runs of an experiment apart."""
    return {**entry.grid, "replicate": entry.replicate, "arm": entry.arm}


def open_experiment(folder: str | Path) -> Results:
    """Open the folder of an experiment. Raises LogError."""
    return Results(folder)
