"""Arms held against their twins: where they part, whom that reaches, what was paid for, and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.core.errors import LogError
from simsoc.core.shelf import nearest
from simsoc.runlog import steps
from simsoc.runlog.reader import Run, open_run

from .folder import read_index, standing
from .results import Results, keyed
from .twins import Twins, twins

if TYPE_CHECKING:
    import pandas as pd


class Pair(NamedTuple):
    """A run and the twin it is held against."""

    keys: Mapping[str, Any]
    """What tells it apart: the grid's keys, replicate, arm."""
    here: Path
    there: Path


class Comparison:
    """Runs against their twins. Frames are made when first looked at; rows begin with grid keys, replicate and arm."""

    def __init__(self, pairs: Sequence[Pair], to: str, measures: Sequence[str] | None = None) -> None:
        self.pairs = pairs
        """Every run but those that are compared to."""
        self.to = to
        """The arm, or run, the others are held against."""
        self._measures = measures

    @cached_property
    def partings(self) -> pd.DataFrame:
        """One row per run: the first event that differs from its twin's, and how many agents it has reached.

        last_step: that both runs have; step, turn, agent: of the event, missing where every event is the same; here,
        there: what happened; touched: who has done or been asked something else by the last step; share: of the people.
        """
        import pandas as pd

        rows = []
        for pair, found in self._found:
            parting, last = found.parting, found.reach[-1]
            row = {**pair.keys, "last_step": last.step, **(parting._asdict() if parting is not None else {})}
            rows.append({**row, "touched": last.touched, "share": _share(last.touched, last.people)})
        columns = (*self._keys, "last_step", "step", "turn", "agent", "here", "there", "touched", "share")
        return pd.DataFrame(rows, columns=columns).astype({"step": "Int64", "turn": "Int64", "agent": "Int64"})

    @cached_property
    def touched(self) -> pd.DataFrame:
        """One row per run and step: agents touched so far, the people there are, and the share."""
        import pandas as pd

        rows = [
            (*pair.keys.values(), *reach, _share(reach.touched, reach.people))
            for pair, found in self._found
            for reach in found.reach
        ]
        return pd.DataFrame(rows, columns=[*self._keys, "step", "touched", "people", "share"])

    @cached_property
    def calls(self) -> pd.DataFrame:
        """One row per run, twins first: calls answered by rules, paid for and re-used, and what was paid for took."""
        import pandas as pd

        rows = []
        for keys, path in self._all_runs():
            with open_run(path) as run:
                rows.append({**keys, **steps.counts(run)})
        types = dict.fromkeys(steps.COUNTED, "Int64") | {"dollars": "float64"}
        return pd.DataFrame(rows, columns=[*self._keys, *steps.COUNTED]).astype(types)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """One row per run and measure: its last value and its mean over the window, here and in the twin."""
        import pandas as pd

        rows = []
        for pair in self.pairs:
            with open_run(pair.here) as here, open_run(pair.there) as there:
                rows += [{**pair.keys, **row} for row in _side_by_side(here, there, self._measures)]
        columns = ["measure", "final", "final_there", "mean", "mean_there"]
        return pd.DataFrame(rows, columns=[*self._keys, *columns])

    @property
    def grid(self) -> list[str]:
        """The keys that the grid varies."""
        return [key for key in self._keys if key not in ("replicate", "arm")]

    @property
    def _keys(self) -> list[str]:
        return list(self.pairs[0].keys)

    @cached_property
    def _found(self) -> list[tuple[Pair, Twins]]:
        made = []
        for pair in self.pairs:
            with open_run(pair.here) as here, open_run(pair.there) as there:
                made.append((pair, twins(here, there)))
        return made

    def _all_runs(self) -> Iterator[tuple[Mapping[str, Any], Path]]:
        """Every run once, each after the one it is compared to."""
        seen: set[Path] = set()
        for pair in self.pairs:
            for keys, path in (({**pair.keys, "arm": self.to}, pair.there), (pair.keys, pair.here)):
                if path not in seen:
                    seen.add(path)
                    yield keys, path

    def __repr__(self) -> str:
        return f"<Comparison of {len(self.pairs)} runs to {self.to}>"


def compare(
    what: str | Path | Results | Iterable[str | Path], *, to: str | Path | None = None, measures: Iterable[str] = ()
) -> Comparison:
    """Hold runs against their twins.

    what: the folder of an experiment, or run logs of the same seed. to: the arm, or log, the others are held against;
    what the scenario says, or the first log, when not given. measures: which, instead of the scenario's.

    Runs are compared as far as both go. Raises LogError where there is nothing to compare.
    """
    wanted = list(measures) or None
    if isinstance(what, Results):
        what = what.folder
    if isinstance(what, str | Path):
        return _of_experiment(Path(what), None if to is None else str(to), wanted)
    return _of_logs([Path(path) for path in what], None if to is None else Path(to), wanted)


def _of_experiment(folder: Path, to: str | None, measures: list[str] | None) -> Comparison:
    index = read_index(folder)
    arms = list(dict.fromkeys(entry.arm for entry in index.runs))
    if to is not None and to not in arms:
        raise LogError(f"{folder}: no arm '{to}'.{nearest(to, arms)} Known: {', '.join(arms)}.")
    against = to or index.to
    there = {(e.point, e.replicate): folder / e.file for e in index.runs if e.arm == against}
    pairs = [
        Pair(keyed(entry), folder / entry.file, there[entry.point, entry.replicate])
        for entry in index.runs
        if entry.arm != against
    ]
    begun = [pair for pair in pairs if _begun(pair.here) and _begun(pair.there)]
    if not begun:
        said = "it has one arm only" if len(arms) == 1 else "no arm has run beside another yet"
        raise LogError(f"{folder}: nothing to compare; {said}.")
    return Comparison(begun, against, measures or index.measures)


def _of_logs(paths: list[Path], to: Path | None, measures: list[str] | None) -> Comparison:
    others = [path for path in paths if to is None or path.resolve() != to.resolve()]
    against = to if to is not None else others.pop(0) if others else None
    if against is None or not others:
        raise LogError("two runs at least are compared")
    with open_run(against) as run:
        seed, name = run.info["seed"], run.info["arm"] or against.stem
    pairs = []
    for path in others:
        with open_run(path) as run:
            info = run.info
        if info["seed"] != seed:
            raise LogError(f"{path}: seed {info['seed']}, but {against} has seed {seed}; twins share it.")
        pairs.append(Pair({"replicate": info["replicate"], "arm": info["arm"] or path.stem}, path, against))
    return Comparison(pairs, name, measures)


def _begun(path: Path) -> bool:
    if standing(path) == "missing":
        return False
    with open_run(path) as run:
        return run.info["steps"] is not None


def _share(touched: int, people: int) -> float:
    return touched / people if people else 0.0


def _side_by_side(here: Run, there: Run, names: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    ours, theirs = (run.summary().set_index("measure") for run in (here, there))
    for name in names or list(ours.index):
        if name in ours.index and name in theirs.index:
            yield {
                "measure": name,
                "final": ours["final"][name],
                "final_there": theirs["final"][name],
                "mean": ours["mean"][name],
                "mean_there": theirs["mean"][name],
            }
