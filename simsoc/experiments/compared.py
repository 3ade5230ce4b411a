"""Arms held against their twins: where they part, whom that reaches, what was paid for, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.core.errors import LogError
from simsoc.core.shelf import nearest
from simsoc.runlog import steps
from simsoc.runlog.reader import Run, open_run

from . import gathered, placing, wording
from .beside import beside
from .effects import effects
from .folder import Index, read_index, standing
from .gathered import Ran
from .results import Results, keyed, left_out
from .scope import scope
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

    def __init__(
        self,
        pairs: Sequence[Pair],
        to: str,
        measures: Sequence[str] | None = None,
        *,
        runs: Sequence[Ran] = (),
        index: Index | None = None,
    ) -> None:
        self.pairs = pairs
        """Every run but those that are compared to, and the rungs of the ladder."""
        self.to = to
        """The arm, or run, the others are held against."""
        self._measures = measures
        self._runs = runs
        self._index = index

    @property
    def runs(self) -> Sequence[Ran]:
        """Every run there is or is to be, rungs of the ladder included."""
        return self._runs

    # -- what was found: statistics over replicates -------------------------------------------------------------------

    @cached_property
    def effects(self) -> pd.DataFrame:
        """One row per grid point, arm and measure: the paired difference with intervals, tests and power.

        Columns are in `Comparison.columns()`. Only finished runs count; `left_out` says how many pairs do not.
        """
        return effects(
            self._of_arms,
            self.to,
            seed=self._seed,
            planned=gathered.planned(self._read),
            silence=gathered.silence(self._read, self._worlds, set(self._of_arms["measure"])),
            minds=self._minds,
        )

    @cached_property
    def ladder(self) -> pd.DataFrame:
        """One row per arm, measure and rung of the null ladder: whether the model can be told apart from it."""
        rungs: dict[str, dict[str, str]] = {}
        for ran in self._runs:
            if ran.rung:
                rungs.setdefault(ran.of, {})[ran.rung] = ran.arm
        return placing.placed(gathered.values(self._read, self.grid, self._measures), rungs, self.to, self.grid)

    @property
    def left_out(self) -> list[str]:
        """Rungs of the ladder that could not be made, a line for each and why."""
        return left_out(self._index.left_out) if self._index is not None else []

    @cached_property
    def wordings(self) -> pd.DataFrame:
        """One row per arm, measure and wording: the effect under this wording of the prompts."""
        asked = gathered.asked(self._read) if self._design.worded_at_all else None
        return wording.wordings(self._of_arms, self._design, self.grid, self._minds, asked=asked, seed=self._seed)

    @cached_property
    def robust(self) -> pd.DataFrame:
        """One row per arm and measure: whether its effect holds over wordings, and what may be said."""
        models = {answer.by for one in self._read for answer in one.answered if answer.model}
        return wording.robust(self.wordings, models, self._design.plain_grid)

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row per grid point and arm: runs that count, decisions, and those without an answer, by kind."""
        return gathered.failures(self._read, self.grid)

    @cached_property
    def published(self) -> pd.DataFrame | None:
        """One row per published value with the simulated one beside it; None where the scenario names none."""
        if self._index is None or self._index.published is None:
            return None
        arms = list(dict.fromkeys(ran.arm for ran in self._runs))
        return beside(self.values, self._index.published, arms, self.grid, self._minds)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """One row per run that is not finished and does not count."""
        return gathered.unfinished(self._read, self.grid)

    @cached_property
    def values(self) -> pd.DataFrame:
        """One row per finished run and measure: what goes into the statistics, rungs of the ladder included."""
        return gathered.values(self._read, self.grid, None)

    @cached_property
    def scope(self) -> str:
        """What the intervals generalise to, in a sentence."""
        first = self.pairs[0]
        at = {key: value for key, value in first.keys.items() if key not in ("replicate", "arm")}
        logs = [
            pair.there
            for pair in self.pairs
            if pair.keys["arm"] == first.keys["arm"] and at.items() <= pair.keys.items()
        ]
        hold = (self._index.scenario.get("experiment") or {}).get("hold", ()) if self._index is not None else ()
        return scope(logs, hold)

    # -- where twins part ---------------------------------------------------------------------------------------------

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

    # -- parts --------------------------------------------------------------------------------------------------------

    @staticmethod
    def columns() -> pd.DataFrame:
        """What every column of the frames of statistics means: table, column, unit, meaning."""
        from .documented import columns

        return columns()

    @property
    def grid(self) -> list[str]:
        """The keys that the grid varies."""
        return [key for key in self._keys if key not in ("replicate", "arm")]

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self._index.name if self._index is not None else ""

    @property
    def elsewhere(self) -> Any:
        """What the scenario says of published values (source, mind, runs, spread), or None."""
        return self._index.published if self._index is not None else None

    @property
    def _keys(self) -> list[str]:
        return list(self.pairs[0].keys)

    @cached_property
    def _read(self) -> list[gathered.Read]:
        return gathered.read(self._runs)

    @cached_property
    def _of_arms(self) -> pd.DataFrame:
        """The values of arms as written, of what is compared."""
        arms = [one for one in self._read if not one.ran.rung]
        return gathered.values(arms, self.grid, self._measures)

    @property
    def _seed(self) -> int:
        """Of what the statistics draw."""
        return int(self._index.scenario.get("seed", 1)) if self._index is not None else 0

    @cached_property
    def _minds(self) -> dict[tuple[Any, ...], str]:
        return gathered.minds(self._read)

    @property
    def _worlds(self) -> list[str]:
        if self._index is None:
            with open_run(self.pairs[0].here) as run:
                worlds: Any = run.scenario["world"]
        else:
            worlds = self._index.scenario["world"]
        several = worlds if isinstance(worlds, list | tuple) else [worlds]
        return [str(one["kind"] if isinstance(one, Mapping) else one) for one in several]

    @cached_property
    def _design(self) -> wording.Design:
        arms: dict[str, Any] = dict.fromkeys(ran.arm for ran in self._runs if not ran.rung)
        if self._index is not None:
            arms = dict((self._index.scenario.get("experiment") or {}).get("arms") or arms)
        return wording.Design(arms, self.grid, self.to)

    @cached_property
    def _found(self) -> list[tuple[Pair, Twins]]:
        made = []
        for pair in self.pairs:
            with open_run(pair.here) as here, open_run(pair.there) as there:
                made.append((pair, twins(here, there)))
        return made

    def _all_runs(self) -> Iterator[tuple[Mapping[str, Any], Path]]:
        """Every run once, each after the one it is compared to; then the rungs of the ladder."""
        seen: set[Path] = set()
        for pair in self.pairs:
            for keys, path in (({**pair.keys, "arm": self.to}, pair.there), (pair.keys, pair.here)):
                if path not in seen:
                    seen.add(path)
                    yield keys, path
        for ran in self._runs:
            if ran.rung and _begun(ran.path):
                yield ran.keys, ran.path

    def __repr__(self) -> str:
        return f"<Comparison of {len(self.pairs)} runs to {self.to}>"


def compare(
    what: str | Path | Results | Iterable[str | Path], *, to: str | Path | None = None, measures: Iterable[str] = ()
) -> Comparison:
    """Hold runs against their twins.

    what: the folder of an experiment, or run logs of the same seed. to: the arm, or log, the others are held against;
    what the scenario says, or the first log, when not given. measures: which, instead of the scenario's.

    Runs are compared as far as both go; statistics rest on finished runs alone. Raises LogError where there is nothing
    to compare.
    """
    wanted = list(measures) or None
    if isinstance(what, Results):
        what = what.folder
    if isinstance(what, str | Path):
        return _of_experiment(Path(what), None if to is None else str(to), wanted)
    return _of_logs([Path(path) for path in what], None if to is None else Path(to), wanted)


def _of_experiment(folder: Path, to: str | None, measures: list[str] | None) -> Comparison:
    index = read_index(folder)
    arms = list(dict.fromkeys(entry.arm for entry in index.runs if not entry.rung))
    if to is not None and to not in arms:
        raise LogError(f"{folder}: no arm '{to}'.{nearest(to, arms)} Known: {', '.join(arms)}.")
    against = to or index.to
    there = {(e.point, e.replicate): folder / e.file for e in index.runs if e.arm == against}
    pairs = [
        Pair(keyed(entry), folder / entry.file, there[entry.point, entry.replicate])
        for entry in index.runs
        if entry.arm != against and not entry.rung
    ]
    if not pairs and any(entry.rung for entry in index.runs):  # one arm and its ladder
        pairs = [
            Pair(keyed(entry), folder / entry.file, there[entry.point, entry.replicate])
            for entry in index.runs
            if entry.rung
        ]
    begun = [pair for pair in pairs if _begun(pair.here) and _begun(pair.there)]
    if not begun:
        said = "it has one arm only" if len(arms) == 1 else "no arm has run beside another yet"
        raise LogError(f"{folder}: nothing to compare; {said}.")
    runs = [Ran(keyed(entry), folder / entry.file, entry.of, entry.rung) for entry in index.runs]
    return Comparison(begun, against, measures or index.measures, runs=runs, index=index)


def _of_logs(paths: list[Path], to: Path | None, measures: list[str] | None) -> Comparison:
    others = [path for path in paths if to is None or path.resolve() != to.resolve()]
    against = to if to is not None else others.pop(0) if others else None
    if against is None or not others:
        raise LogError("two runs at least are compared")
    with open_run(against) as run:
        seed, name, replicate = run.info["seed"], run.info["arm"] or against.stem, run.info["replicate"]
    pairs = []
    for path in others:
        with open_run(path) as run:
            info = run.info
        if info["seed"] != seed:
            raise LogError(f"{path}: seed {info['seed']}, but {against} has seed {seed}; twins share it.")
        pairs.append(Pair({"replicate": info["replicate"], "arm": info["arm"] or path.stem}, path, against))
    runs = [Ran({"replicate": replicate, "arm": name}, against), *(Ran(pair.keys, pair.here) for pair in pairs)]
    return Comparison(pairs, name, measures, runs=runs)


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
