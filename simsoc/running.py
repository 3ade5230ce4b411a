"""Running a scenario to its end, from the start or from where an earlier sitting stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.core.protocols import Backend
from simsoc.scenario.spec import Scenario

from .society import Society, loaded
from .society.forking import forked
from .society.sitting import Parent, scenario_of

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

Progress = Callable[[Society], None]


def run(
    scenario: str | Path | Mapping[str, Any] | Scenario,
    seed: int | None = None,
    *,
    log: str | Path | None = None,
    overwrite: bool = False,
    backend: Backend | Callable[..., Any] | str | Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    **overrides: Any,
) -> Run:
    """Run a scenario to its end and open its log.

    log: path of the run log; by default ``runs/<name>-s<seed>.db`` in the working folder, with a number when taken.
    progress: called with the society after every step. Everything else as for Society. Raises ScenarioError before
    anything runs, BackendError when a model could not be reached (what was answered is in the log: `resume` goes on).
    """
    from simsoc.runlog.reader import open_run

    if isinstance(backend, str | Mapping):
        overrides, backend = {**overrides, "backend": backend}, None
    checked = loaded(scenario, seed, overrides)
    path = Path(log) if log is not None else free_path(checked)
    society = Society(checked, log=path, overwrite=overwrite, backend=backend)
    society.run_model(progress)
    return open_run(path)


def resume(
    log: str | Path,
    *,
    backend: Backend | Callable[..., Any] | None = None,
    progress: Progress | None = None,
    **overrides: Any,
) -> Run:
    """Go on with a run that was stopped or killed, in the same log, and open it.

    The run is done again from the start with the answers of the log: no answered call is asked again, and every event
    has to come out as it was logged. overrides: what changes no answer may be otherwise in this sitting, e.g.
    ``budget__dollars=10`` or ``backend__slots=64``. Raises LogError when the log is no run, or is finished; Divergence,
    naming the first difference, when other code, libraries or files lead elsewhere.
    """
    from simsoc.runlog.reader import open_run

    path = Path(log)
    society = Society(scenario_of(path, overrides), log=path, resume=True, backend=backend)
    society.run_model(progress)
    return open_run(path)


def fork(
    run: str | Path | Run,
    at: int,
    *,
    seed: int | None = None,
    interventions: Sequence[Mapping[str, Any]] = (),
    log: str | Path | None = None,
    overwrite: bool = False,
    backend: Backend | Callable[..., Any] | None = None,
    progress: Progress | None = None,
    **overrides: Any,
) -> Run:
    """Run the future of another run again from a step on, with something changed, and open its log.

    run: the parent, finished or stopped; its log is only read. at: the last step they share; 0 makes a twin. seed: of
    the future (a universe). interventions: as in a scenario, later than `at`. overrides: keys that are set from the
    next step on, e.g. ``world__rule__beta=2``; ``steps=60`` makes the run longer. log: by default beside the parent,
    ``RUN-fSTEP.db``, with a number when taken. backend: answers for everybody, as it did in the parent.

    The past is the parent's, answers included, and checked; later answers of the parent stand in where the very same is
    asked, so only what is new is paid for. Raises LogError when the parent has no such step, ScenarioError for what
    cannot be changed, Divergence when the past does not come out as it was.
    """
    from simsoc.runlog.reader import open_run

    scenario, parent = forked(run, at, overrides, seed=seed, interventions=interventions)
    path = Path(log) if log is not None else fork_path(parent)
    society = Society(scenario, log=path, overwrite=overwrite, parent=parent, backend=backend)
    society.run_model(progress)
    return open_run(path)


def free_path(scenario: Scenario, folder: Path = Path("runs")) -> Path:
    """Where a run is logged when nothing else is said: the first free of ``runs/NAME-sSEED.db``, ``...-2.db``, ..."""
    return _free(folder, f"{scenario.name}-s{scenario.seed}")


def fork_path(parent: Parent) -> Path:
    """Where a fork is logged when nothing else is said: beside its parent, ``RUN-fSTEP.db``, ``RUN-fSTEP-2.db``, ..."""
    return _free(parent.path.parent, f"{parent.path.stem}-f{parent.at}")


def _free(folder: Path, stem: str) -> Path:
    path, number = folder / f"{stem}.db", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.db"
    return path
