"""What a society needs of logs: how its own begins or goes on, what it holds already, and whose answers count."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.backends.budget import Spent
from simsoc.core.errors import LogError, Problem, ScenarioError
from simsoc.engine.resume import Continued, Forked, Held
from simsoc.engine.reuse import Answers, Elsewhere, Past, Source
from simsoc.engine.reuse import Parent as ParentsAnswers
from simsoc.engine.silent import Silent
from simsoc.scenario import userfiles
from simsoc.scenario.overrides import Overrides, changes
from simsoc.scenario.spec import Scenario

from .packages import packages
from .sources import named, opened

if TYPE_CHECKING:
    from simsoc.engine.siblings import Sibling
    from simsoc.runlog.answered import Answered
    from simsoc.runlog.reader import Run
    from simsoc.runlog.rows import RunInfo
    from simsoc.runlog.writer import Writer


class Parent(NamedTuple):
    """The run that a run is forked from."""

    path: Path
    at: int
    """The last step they share."""


class Twin(NamedTuple):
    """Which run of an experiment a run is."""

    arm: str
    replicate: int
    sibling: Sibling | None = None
    """Its seat among the runs of its replicate that run side by side with it; rules need none."""


class Sitting(NamedTuple):
    """One sitting of a run: from its start or from where it stopped, to wherever it gets."""

    writer: Writer | None
    """Its log; None when nothing is written."""
    past: Continued | Forked | None
    """What stands in front of the log where there is a past to check."""
    answers: Answers | None
    """Whose answers may stand in for a model's; None where there is nothing to look up."""


def sit(
    scenario: Scenario,
    path: Path | None,
    backends: Sequence[Any],
    *,
    directed: bool = False,
    overwrite: bool = False,
    resume: bool = False,
    parent: Parent | None = None,
    twin: Twin | None = None,
) -> Sitting:
    """Make or reopen the log of a run, and open every log it takes answers from.

    Raises LogError when a log cannot be used, or is to be overwritten though it is read from; ScenarioError when one
    under `reuse` is not there.
    """
    if path is not None and resume:
        parent = _parent_of(path)
    origin = None if parent is None else _opened_parent(parent, scenario)
    others = [Elsewhere(book) for book in opened(scenario, path, resumed=resume)]
    writer = own = None
    past: Continued | Forked | None = None
    if path is not None:
        if resume:
            writer, past, own = _again(scenario, path, backends)
        else:
            writer = _anew(scenario, path, backends, directed=directed, overwrite=overwrite, parent=parent, twin=twin)
    sources: list[Source] = [] if own is None else [own]
    if parent is not None and origin is not None:
        _adopt(origin, backends)
        sources.append(ParentsAnswers(origin, parent.at))
        past = Forked(past or writer or Silent(), origin.run.stored_events(parent.at), parent.at)
    if twin is not None and twin.sibling is not None:
        sources.append(twin.sibling)
    sources += others
    return Sitting(writer, past, Answers(sources) if sources else None)


def _anew(
    scenario: Scenario,
    path: Path,
    backends: Sequence[Any],
    *,
    directed: bool,
    overwrite: bool,
    parent: Parent | None,
    twin: Twin | None,
) -> Writer:
    """A new log."""
    from simsoc.runlog.writer import Writer

    if overwrite and path.exists():
        read = [found for _, found, _ in named(scenario)] + [b.path for b in backends if hasattr(b, "path")]
        read += [parent.path] if parent is not None else []
        if any(found.resolve() == path.resolve() for found in read):
            raise LogError(f"{path}: this run takes answers from the log it is to overwrite; give another path")
    info = run_info(scenario, path, directed=directed, parent=parent, twin=twin)
    writer = Writer.create(path, info, overwrite=overwrite, hold=_hold(backends))
    if parent is not None:
        writer.note(parent.at, "fork", {"parent": info.parent, "at": parent.at})
    return writer


def run_info(
    scenario: Scenario, path: Path, *, directed: bool, parent: Parent | None = None, twin: Twin | None = None
) -> RunInfo:
    """The run as its log will know it. The folder of the scenario and the parent are kept as seen from the log."""
    from simsoc.runlog.rows import RunInfo
    from simsoc.scenario.explain import to_yaml

    return RunInfo.of(
        scenario,
        directed=directed,
        yaml=to_yaml(scenario),
        folder=_seen_from(path, scenario.folder),
        versions=_versions(scenario),
        parent=None if parent is None else _seen_from(path, parent.path),
        forked_at=None if parent is None else parent.at,
        arm="" if twin is None else twin.arm,
        replicate=0 if twin is None else twin.replicate,
    )


def _seen_from(log: Path, other: Path) -> str:
    return Path(os.path.relpath(other, log.absolute().parent)).as_posix()


def _hold(backends: Sequence[Any]) -> float:
    """Seconds a step may wait for its commit: where models are asked, none."""
    return 0.02 if all(hasattr(backend, "now") for backend in backends) else 0.0


def _again(scenario: Scenario, path: Path, backends: Sequence[Any]) -> tuple[Writer, Continued, Past]:
    """A log to go on with, that checks the past before it writes on, and the answers it holds."""
    from simsoc.runlog.answered import Answered
    from simsoc.runlog.reader import open_run
    from simsoc.runlog.writer import Writer

    writer = Writer(path, hold=_hold(backends))
    run = open_run(path)
    moved = _moved(run, scenario)
    steps = -1 if writer.steps is None else writer.steps
    book = Answered(run)
    _adopt(book, backends)
    writer.note(max(steps, 0), "resume", {"after": steps, "versions": moved})
    return writer, Continued(writer, Held(steps, run.stored_events(), book.after(steps))), Past(book, steps)


def _versions(scenario: Scenario) -> dict[str, str]:
    """Versions of everything a run depends on; of the user's own files, their hashes."""
    from simsoc.runlog.rows import versions

    return {**versions(*packages(scenario)), **userfiles.versions(scenario)}


def _moved(run: Run, scenario: Scenario) -> list[str]:
    """What has another version now than when a run was made. Warns when something has."""
    from simsoc.runlog.rows import version_of

    now, then = _versions(scenario), run.info["versions"]
    now |= {name: own for name in then if name not in now and (own := version_of(name)) is not None}
    moved = [f"{name} {was} -> {now.get(name)}" for name, was in then.items() if now.get(name) != was]
    if moved:
        warnings.warn(f"{run.path} was written by other versions: {', '.join(moved)}", stacklevel=2)
    return moved


def _adopt(book: Answered, backends: Sequence[Any]) -> None:
    """Tell each backend what was found out about its server, so that prompts come out as they were sent."""
    by_name = {backend.name: backend for backend in backends if hasattr(backend, "adopt")}
    if not by_name:
        return
    for by, settings in book.settings:
        if by in by_name:
            by_name[by].adopt(settings)


# -- where a run comes from --------------------------------------------------------------------------------------


def _parent_of(path: Path) -> Parent | None:
    """The run that a logged run was forked from."""
    from simsoc.runlog.reader import open_run

    with open_run(path) as run:
        parent, at = run.info["parent"], run.info["forked_at"]
    return None if parent is None or at is None else Parent(path.absolute().parent / parent, at)


def _opened_parent(parent: Parent, scenario: Scenario) -> Answered:
    """The calls of the parent. Raises LogError when it is gone, or ends before the fork."""
    from simsoc.runlog.answered import Answered
    from simsoc.runlog.reader import open_run

    if not parent.path.exists():
        raise LogError(f"the run that this one is forked from is not at {parent.path} any more; put it back there")
    run = open_run(parent.path)
    steps = run.info["steps"]
    if steps is None or steps < parent.at:
        raise LogError(f"{parent.path}: step {parent.at} is not in this log, which has {_count(steps)}.")
    _moved(run, scenario)
    return Answered(run)


def _count(steps: int | None) -> str:
    return "nothing yet" if steps is None else f"steps 0 to {steps}"


def spent(path: Path) -> Spent:
    """What a run has cost so far, as its log has it; answers found elsewhere cost it nothing."""
    from simsoc.runlog.reader import open_run

    with open_run(path) as run:
        dollars, tokens, calls = run.paid()
        return Spent(dollars, tokens, calls, (run.info["seconds"] or 0.0) / 60.0)


_MAY_CHANGE = re.compile(
    r"budget(\..*)?"
    r"|(population\.)?backend\.(groups\.\d+\.)?(base_url|key_from|transport|slots|per_minute|timeout|retries)"
)
"""Keys that change how answers are got, and no answer: they may be others in every sitting."""


def scenario_of(path: Path, overrides: Overrides = (), *, finished: bool = False) -> Scenario:
    """The scenario of a log, with the folder its relative paths start from.

    overrides: what is to be otherwise in this sitting; only what changes no answer. Raises ScenarioError for other
    keys, LogError for a finished run, unless those are wanted, too.
    """
    from simsoc.loading import load
    from simsoc.runlog.reader import open_run

    wanted, wrong = changes(overrides)
    told = "a run goes on as it began; only budget and how the backend is reached may change (a fork changes more)"
    wrong += [Problem(f"--set {key}", key, told) for key, _ in wanted if not _MAY_CHANGE.fullmatch(key)]
    if wrong:
        raise ScenarioError(wrong)

    with open_run(path) as run:
        if run.info["status"] == "finished" and not finished:
            raise LogError(f"{path}: this run is finished ({run.info['reason']}); there is nothing to resume.")
        given, folder = run.scenario, path.absolute().parent / run.info["folder"]
    return load(given, wanted, folder=folder)
