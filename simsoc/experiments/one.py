"""One run of an experiment: begun, gone on with, or left alone when it is finished."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from simsoc.backends.budget import Purse
from simsoc.core.errors import BackendError, OverBudget, ScenarioError, SimsocError
from simsoc.engine.hub import Hub
from simsoc.engine.siblings import Sibling
from simsoc.loading import placed
from simsoc.runlog.reader import open_run
from simsoc.scenario.spec import BackendSpec, Scenario
from simsoc.society import Society
from simsoc.society.answering import named_backends
from simsoc.society.sitting import Parent, Twin

from .folder import standing

_AT_ONCE = ("mechanistic", "null", "scripted", "replay")


class Outcome(NamedTuple):
    """What came of a run in this sitting."""

    status: str
    """finished; stopped (it can be gone on with); failed; or missing, when it was not begun."""
    why: str = ""
    """What ended a run that is not finished."""
    calls: int = 0
    """Decisions in its log, by rules and models."""
    paid: int = 0
    """Calls that models were asked, in all sittings."""
    gone: bool = False
    """Whether it was the server, the key or the purse, so that other runs would end the same way."""


def asks_models(scenario: Scenario) -> bool:
    """Whether some of its agents are answered by a server."""
    later = (value for done in scenario.interventions for value in done.do.parameters().values())
    specs = [*named_backends(scenario), *(value for value in later if isinstance(value, BackendSpec))]
    return any(spec.model.partition("/")[0] not in _AT_ONCE for spec in specs)


def advance(
    scenario: Scenario,
    path: Path,
    arm: str,
    replicate: int,
    *,
    hub: Hub | None = None,
    sibling: Sibling | None = None,
    purse: Purse | None = None,
    parent: Parent | None = None,
    begun: Callable[[Society], None] = lambda society: None,
    progress: Callable[[Society], None] | None = None,
) -> Outcome:
    """Bring a run to its end, from wherever its log stands, and say what came of it.

    parent: what it is forked from; the log of one that has begun knows. begun: called with the society before its first
    step; progress: after every step. Both may `close` the society, which ends the run resumably. What goes wrong is in
    the outcome; nothing but KeyboardInterrupt is raised.
    """
    try:
        stands = standing(path)
        if stands != "finished":
            twin = Twin(arm, replicate, sibling)
            fresh = stands == "missing"
            origin = {"parent": parent} if fresh else {"resume": True}
            society = Society(scenario, log=path, overwrite=fresh, hub=hub, twin=twin, purse=purse, **origin)
            try:
                begun(society)
                society.run_model(progress)
            finally:
                society.close("interrupted")
        return logged(path)
    except Exception as error:
        return _ended(path, scenario, error)


def logged(path: Path) -> Outcome:
    """How a run stands by its log. Raises LogError."""
    if standing(path) == "missing":
        return Outcome("missing")
    with open_run(path) as run:
        info = run.info
        calls, paid = run.rows("SELECT count(*), coalesce(sum(source = 'live'), 0) FROM ask")[0]
    why = "" if info["status"] == "finished" else info["reason"] or "killed"
    status = "stopped" if info["status"] == "running" else info["status"]
    return Outcome(status, why, calls, paid)


def _ended(path: Path, scenario: Scenario, error: Exception) -> Outcome:
    """A run that an error has ended."""
    if isinstance(error, ScenarioError):
        error = placed(error, scenario)
    told: Any = str(error) if isinstance(error, SimsocError) else f"{type(error).__name__}: {error}"
    gone = isinstance(error, BackendError | OverBudget)
    try:
        outcome = logged(path)
    except SimsocError:
        outcome = Outcome("failed")
    status = "failed" if outcome.status in ("missing", "finished") else outcome.status
    return outcome._replace(status=status, why=told, gone=gone)
