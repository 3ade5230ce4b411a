"""A run's society as it was at the end of a step: everything happens again, with the answers of the log."""

from __future__ import annotations

from pathlib import Path

from simsoc.core.errors import LogError
from simsoc.loading import load

from .model import Society
from .sitting import Parent, scenario_of


def rebuilt(log: str | Path, at: int | None = None) -> Society:
    """The society of a logged run as it stood at the end of a step, the last one when not given; 0 is the start.

    Nobody is asked and nothing is written: whoever answered, rules included, the log answers for them, and every event
    has to come out as it was logged. Raises LogError when the log has no such step, Divergence, naming the first
    difference, when other code, libraries or files lead elsewhere.
    """
    path = Path(log)
    step = step_of(path, at)
    played = [("backend", f"replay/{path.absolute()}"), ("reuse", []), ("budget", {})]
    given = scenario_of(path, finished=True).alone()
    if getattr(given.population.given, "backend", None) is not None:
        played.append(("population.backend", f"replay/{path.absolute()}"))
    scenario = load(given, played)
    society = Society(scenario, parent=Parent(path, step))
    while society.engine.clock < step:
        society.step()
    return society


def step_of(path: Path, at: int | None) -> int:
    """The step that is meant, the last one when none is said. Raises LogError when the log does not have it."""
    from simsoc.runlog.reader import open_run

    with open_run(path) as run:
        steps = run.info["steps"]
    if steps is None:
        raise LogError(f"{path}: not even its start is in the log; there is nothing to look at.")
    if at is not None and not 0 <= at <= steps:
        raise LogError(f"{path}: there is no step {at}; the log has steps 0 to {steps}.")
    return int(steps if at is None else at)
