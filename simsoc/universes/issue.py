"""Running universes until they are complete: `multiverse`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.core.errors import LogError, ScenarioError
from simsoc.experiments.branch import ARM, branched
from simsoc.experiments.folder import INDEX
from simsoc.experiments.issue import Progress, begin, issue
from simsoc.experiments.layout import Plan, lay_out
from simsoc.loading import Source, load
from simsoc.scenario.overrides import Overrides, changes

from .side_by_side import Universes

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

_HELD = ["population", "network"]


def multiverse(
    what: Source | Run,
    k: int | None = None,
    *,
    at: int | None = None,
    interventions: Sequence[Mapping[str, Any]] = (),
    folder: str | Path | None = None,
    processes: int | None = None,
    at_once: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    overrides: Overrides = (),
) -> Universes:
    """Run the same thing K times with other random draws, side by side over one set of slots, and open what came of it.

    what: a scenario, whose people and network stay the same in all universes; or the log of a run, with `at`, the last
    step that all futures share; or the folder of a multiverse, to go on with it. k: how many, 10 when not given;
    universe 0 has the seed of the scenario or run. interventions: in all futures of a run, as for `simsoc.fork`, so
    that a what-if can be spread, too. folder: where the logs go, ``runs/NAME-universes`` or ``RUN-universes-fSTEP``
    when not given. The rest as for `experiment`: what was stopped or killed goes on, and nothing is paid for twice.

    Raises as `experiment` and `fork`.
    """
    plan, path = prepared(what, k, at=at, interventions=interventions, folder=folder, overrides=overrides)
    outcomes = issue(plan, path, processes=processes, at_once=at_once, overwrite=overwrite, progress=progress)
    left = [run.told for run, outcome in outcomes if outcome.status != "finished"]
    if left:
        warnings.warn(f"{len(left)} of {len(outcomes)} universes are not finished: {', '.join(left[:5])}", stacklevel=2)
    return Universes(path)


def prepared(
    what: Source | Run,
    k: int | None = None,
    *,
    at: int | None = None,
    interventions: Sequence[Mapping[str, Any]] = (),
    folder: str | Path | None = None,
    overrides: Overrides = (),
) -> tuple[Plan, Path]:
    """The plan of a multiverse, and its folder."""
    path = getattr(what, "path", what)
    if isinstance(path, str | Path) and (Path(path) / INDEX).is_file():
        if at is not None or interventions:
            raise ScenarioError("a multiverse that has begun goes on as it began; say no step and nothing new")
        wanted, _ = changes(overrides)
        more = [("experiment.replicates", k)] if k is not None else []
        return begin(Path(path), folder, [*wanted, *more])
    many = 10 if k is None else k
    if isinstance(path, str | Path) and _is_log(Path(path)):
        if at is None:
            raise LogError(f"{path}: at which step do its universes part? Say at=STEP (--at STEP); 0 is the start.")
        plan = branched(path, at, many, overrides, interventions)
        return plan, Path(folder) if folder is not None else Path(path).with_name(f"{Path(path).stem}-universes-f{at}")
    if at is not None or interventions:
        raise ScenarioError("a step at which universes part, and what is done then, go with the log of a run")
    single = load(what, overrides).alone()  # type: ignore[arg-type]
    design = {"arms": {ARM: None}, "replicates": many, "hold": _HELD}
    plan = lay_out(single, [("experiment", design)])
    return plan, Path(folder) if folder is not None else Path("runs") / f"{single.name}-universes"


def _is_log(path: Path) -> bool:
    """Whether it is an SQLite file, whatever it is called."""
    try:
        with path.open("rb") as file:
            return file.read(15) == b"SQLite format 3"
    except OSError:
        return False
