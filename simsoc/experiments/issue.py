"""Issuing an experiment: everything that is not finished yet is run, wherever it stands."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from simsoc.backends.budget import Purse, Spent
from simsoc.core.errors import ScenarioError
from simsoc.loading import Source, load
from simsoc.runlog.booking import book_to_first
from simsoc.scenario.overrides import Overrides, changes
from simsoc.scenario.spec import Budget
from simsoc.society.sitting import spent
from simsoc.workbench import check

from .branch import futures
from .folder import INDEX, held, prepare, read_index, standing
from .layout import Plan, Planned, lay_out
from .one import Outcome, asks_models, logged
from .processes import in_turn, over_processes
from .results import Results
from .threads import Threads


class ArmSoFar(NamedTuple):
    """How far an arm has got."""

    arm: str
    done: int
    """Runs finished."""
    failed: int
    """Runs that have ended otherwise in this sitting."""
    total: int
    calls: int
    """Decisions in the logs of runs that have ended."""
    paid: int
    """Calls that models were asked, those of runs under way included."""


Progress = Callable[[Sequence[ArmSoFar]], None]


def experiment(
    scenario: Source,
    *,
    folder: str | Path | None = None,
    processes: int | None = None,
    at_once: int | None = None,
    overwrite: bool = False,
    ladder: bool = False,
    progress: Progress | None = None,
    overrides: Overrides = (),
    **more: Any,
) -> Results:
    """Run an experiment until it is complete, and open its folder.

    scenario: as for `run`; or the folder of an experiment, to go on with it. folder: where the logs go, ``runs/NAME``
    in the working folder when not given. processes: for runs on rules alone, as many as there are cores when not given;
    1 starts none. at_once: most societies side by side where models are asked. overwrite: start anew. ladder: run the
    null ladder beside every arm. progress: called now and then with how far each arm has got. overrides: as ``--set``,
    also as keywords.

    Runs that are finished are left alone, others go on from their logs. One that fails is told in a warning and in
    `Results.runs`, and does not stop the others. Raises ScenarioError before anything is run, LogExists where the
    folder holds another experiment, and KeyboardInterrupt when all runs have stopped resumably.
    """
    plan, path = begin(scenario, folder, overrides, ladder=ladder, **more)
    outcomes = issue(plan, path, processes=processes, at_once=at_once, overwrite=overwrite, progress=progress)
    left = [f"{run.told} ({o.status}{': ' + o.why if o.why else ''})" for run, o in outcomes if o.status != "finished"]
    if left:
        shown = "; ".join(left[:5]) + (f"; and {len(left) - 5} more" if len(left) > 5 else "")
        warnings.warn(f"{len(left)} of {len(outcomes)} runs are not finished: {shown}", stacklevel=2)
    return Results(path)


def issue(
    plan: Plan,
    folder: Path,
    *,
    processes: int | None = None,
    at_once: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> list[tuple[Planned, Outcome]]:
    """Run what is left of a plan in a folder; every run with what came of it. Raises as `experiment`."""
    if overwrite or any(standing(folder / run.file) != "finished" for run in plan.runs):
        check(plan.scenario)
    with held(folder):
        prepare(folder, plan, overwrite=overwrite)
        return Sitting(plan, folder, progress).run(processes, at_once)


def begin(
    scenario: Source, folder: str | Path | None = None, overrides: Overrides = (), *, ladder: bool = False, **more: Any
) -> tuple[Plan, Path]:
    """The plan of an experiment, and its folder. ladder: with all rungs of the null ladder, unless it names some."""
    if isinstance(scenario, str | Path) and (Path(scenario) / INDEX).is_file():
        index = read_index(Path(scenario))
        if index.branch is not None:
            plan = futures(load(index.scenario, overrides, folder=index.folder, **more), index.branch)
        else:
            plan = lay_out(index.scenario, overrides, ladder=ladder, folder=index.folder, **more)
        return plan, Path(folder) if folder is not None else Path(scenario)
    plan = lay_out(scenario, overrides, ladder=ladder, **more)
    return plan, Path(folder) if folder is not None else Path("runs") / plan.scenario.name


def others(plan: Plan, folder: Path, overrides: Overrides = ()) -> list[tuple[Plan, Path]]:
    """The experiments that an experiment names under `also`, each in a folder of its own beside that of the first.

    overrides: of the first; those of `backend` hold for all. What the others name in turn is not among them. Raises
    ScenarioError.
    """
    experiment, made = plan.scenario.experiment, []
    backend = [change for change in changes(overrides)[0] if change.key.partition(".")[0] == "backend"]
    for place, file in enumerate(experiment.also if experiment is not None else ()):
        path = plan.scenario.folder / file
        if not path.is_file():
            raise ScenarioError.at(f"experiment.also.{place}", f"there is no file {path}")
        other = lay_out(path, backend)
        made.append((other, folder.parent / other.scenario.name))
    if len({where.absolute() for _, where in [(plan, folder), *made]}) <= len(made):
        raise ScenarioError.at("experiment.also", "experiments in one folder: give each scenario a name of its own")
    return made


class Sitting:
    """One sitting of an experiment."""

    def __init__(self, plan: Plan, folder: Path, progress: Progress | None = None) -> None:
        self._plan = plan
        self._folder = folder
        self._progress = progress
        self._outcomes: dict[int, Outcome] = {}
        self._threads: Threads | None = None
        for number, run in enumerate(plan.runs):
            if standing(folder / run.file) == "finished":
                self._outcomes[number] = logged(folder / run.file)

    def run(self, processes: int | None, at_once: int | None) -> list[tuple[Planned, Outcome]]:
        """Run what is left; every run with what came of it, in the order of the plan."""
        left = [(n, run) for n, run in enumerate(self._plan.runs) if n not in self._outcomes]
        live = [(n, run) for n, run in left if asks_models(run.scenario)]
        rules = [(n, run) for n, run in left if not asks_models(run.scenario)]
        many = min(processes or _cores(), len(rules))
        self._tick()
        try:
            if many > 1:
                over_processes(rules, self._folder, self._told, processes=many, tick=self._tick)
            else:
                in_turn(rules, self._folder, self._told, tick=self._tick)
            if live:
                purse = _purse(self._plan, self._folder)
                self._threads = Threads(live, self._plan.runs, self._folder, self._told, at_once=at_once, purse=purse)
                self._threads.run(self._tick)
        finally:
            self._tick()
            self._book()
        return [(run, self._outcomes[n]) for n, run in enumerate(self._plan.runs)]

    def _told(self, number: int, outcome: Outcome) -> None:
        self._outcomes[number] = outcome

    def _book(self) -> None:
        """Where all runs of a replicate are finished, shared calls are booked to the first that used them."""
        replicates: dict[int, list[int]] = {}
        for number, run in enumerate(self._plan.runs):
            replicates.setdefault(run.replicate, []).append(number)
        for numbers in replicates.values():
            ended = [self._outcomes[n] for n in numbers if n in self._outcomes]
            if len(ended) == len(numbers) > 1 and all(o.status == "finished" for o in ended):
                book_to_first([self._folder / self._plan.runs[n].file for n in numbers])

    def _tick(self) -> None:
        if self._progress is not None:
            self._progress([self._so_far(arm) for arm in self._plan.arms])

    def _so_far(self, arm: str) -> ArmSoFar:
        done = failed = calls = paid = total = 0
        for number, run in enumerate(self._plan.runs):
            if run.arm != arm:
                continue
            total += 1
            outcome = self._outcomes.get(number)
            if outcome is not None:
                done += outcome.status == "finished"
                failed += outcome.status != "finished"
                calls, paid = calls + outcome.calls, paid + outcome.paid
            elif self._threads is not None:
                paid += self._threads.sibling(run).paid
        return ArmSoFar(arm, done, failed, total, calls, paid)


def _purse(plan: Plan, folder: Path) -> Purse | None:
    """What all runs together may still spend; None where the scenario sets no cap."""
    if plan.scenario.budget == Budget():
        return None
    before = [spent(folder / run.file) for run in plan.runs if standing(folder / run.file) != "missing"]
    dollars, tokens, calls = (sum(getattr(one, what) for one in before) for what in ("dollars", "tokens", "calls"))
    minutes = max((one.minutes for one in before), default=0.0)  # runs side by side share them
    return Purse.of(plan.scenario.budget, Spent(dollars, tokens, calls, minutes))


def _cores() -> int:
    count: Callable[[], int | None] = getattr(os, "process_cpu_count", os.cpu_count)
    return count() or 1
