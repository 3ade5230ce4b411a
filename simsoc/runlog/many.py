"""Many runs as one: every frame that `Run` gives, one below the other, with what tells the runs apart in front."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import getattr_static, isfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.core.errors import LogError

from .reader import Run, open_run

if TYPE_CHECKING:
    import pandas as pd


class Runs:
    """Runs side by side. Nothing is read before it is asked for, and one run is open at a time.

    members: for each run the keys that tell it apart, the same ones for all, and its log.

    Whatever `Run` gives as a frame, this gives for all of them, with the keys in front: `runs.measures`, `runs.agents`,
    `runs.summary()`, `runs.survey("approval", wide=True)`, ... A column that has the name of a key is then named after
    its frame, as in `agents.backend`. ``for keys, run in runs`` opens one after another.
    """

    def __init__(self, members: Iterable[tuple[Mapping[str, Any], str | Path]]) -> None:
        self.members: list[tuple[Mapping[str, Any], Path]] = [(dict(keys), Path(path)) for keys, path in members]
        """Keys and log of each run."""
        if not self.members:
            raise LogError("there is no run log to open")

    @property
    def keys(self) -> list[str]:
        """What tells the runs apart: the first columns of every frame."""
        return list(self.members[0][0])

    @property
    def info(self) -> pd.DataFrame:
        """One row per run: name, seed, where it stands, steps, turns, seconds, digest, and the log."""
        import pandas as pd

        told = ("name", "seed", "status", "reason", "steps", "turns", "seconds", "digest")
        rows = []
        for keys, run in self:
            given = {f"run.{name}" if name in keys else name: run.info[name] for name in told}
            rows.append({**keys, **given, "log": str(run.path)})
        return pd.DataFrame(rows)

    @property
    def versions(self) -> dict[str, str]:
        """Versions of Python, simsoc and libraries that the runs were made with; several where they differ."""
        found: dict[str, dict[str, None]] = {}
        for _, run in self:
            for name, version in run.info["versions"].items():
                found.setdefault(name, {})[version] = None
        return {name: ", ".join(versions) for name, versions in found.items()}

    def __getattr__(self, name: str) -> Any:
        found = getattr_static(Run, name, None)
        if isinstance(found, property) and _gives_frame(found.fget):
            return self._all(name, lambda run: getattr(run, name))
        if isfunction(found) and _gives_frame(found):
            return lambda *given, **more: self._all(name, lambda run: getattr(run, name)(*given, **more))
        raise AttributeError(f"runs have no {name!r}; frames: {', '.join(sorted(_frames()))}")

    def _all(self, name: str, make: Callable[[Run], pd.DataFrame]) -> pd.DataFrame:
        import pandas as pd

        made = []
        for keys, run in self:
            made.append(_beside(keys, make(run), name))
        filled = [own for own in made if len(own)] or made[:1]
        return pd.concat(filled, ignore_index=True)

    def chunks(self, name: str, rows: int = 100_000) -> Iterator[pd.DataFrame]:
        """A frame in pieces of at most so many rows, run after run; columns named by the data are those of its run."""
        for keys, run in self:
            for piece in run.chunks(name, rows):
                yield _beside(keys, piece, name)

    def export(
        self, folder: str | Path, *, format: str = "parquet", tables: Iterable[str] | None = None, rows: int = 100_000
    ) -> list[Path]:
        """Write frames of all runs as files, one for each table; as `Run.export`."""
        from .export import export

        return export(self.members, folder, format, tables, rows)

    def __iter__(self) -> Iterator[tuple[Mapping[str, Any], Run]]:
        for keys, path in self.members:
            with open_run(path) as run:
                yield keys, run

    def __len__(self) -> int:
        return len(self.members)

    def __dir__(self) -> Sequence[str]:
        return [*super().__dir__(), *_frames()]

    def __repr__(self) -> str:
        return f"<Runs: {len(self)} logs, told apart by {', '.join(self.keys) or 'nothing'}>"


def _beside(keys: Mapping[str, Any], frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """A frame with the keys of its run in front."""
    own = frame.reset_index() if frame.index.name is not None else frame
    own = own.rename(columns={column: f"{name}.{column}" for column in own.columns if column in keys})
    for place, (key, value) in enumerate(keys.items()):
        own.insert(place, key, [value] * len(own))
    return own


def _gives_frame(function: Any) -> bool:
    return getattr(function, "__annotations__", {}).get("return") == "pd.DataFrame"


def _frames() -> list[str]:
    """Names of everything that a run gives as a frame."""
    found = []
    for name in dir(Run):
        made = getattr_static(Run, name)
        if not name.startswith("_") and _gives_frame(made.fget if isinstance(made, property) else made):
            found.append(name)
    return found
