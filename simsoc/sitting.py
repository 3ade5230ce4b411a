"""What a society needs of its run log: how a new one begins, and what an old one already holds."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from simsoc.core.errors import LogError
from simsoc.core.words import Reply
from simsoc.engine.resume import Answers, Continued, Identity, Past
from simsoc.scenario.spec import Scenario

if TYPE_CHECKING:
    from simsoc.runlog.rows import RunInfo
    from simsoc.runlog.writer import Writer


def run_info(scenario: Scenario, path: Path, *, directed: bool) -> RunInfo:
    """The run as its log will know it. The folder of the scenario is kept as seen from the log."""
    from simsoc.runlog.rows import RunInfo
    from simsoc.scenario.explain import to_yaml

    folder = os.path.relpath(scenario.folder, path.absolute().parent)
    return RunInfo.of(scenario, directed=directed, yaml=to_yaml(scenario), folder=Path(folder).as_posix())


def continued(path: Path, writer: Writer) -> tuple[Continued, Answers]:
    """A log that checks the past before it writes on, and the answers it holds.

    Warns when the run was begun with other versions of Python, simsoc or the libraries it depends on.
    """
    from simsoc.runlog.reader import open_run
    from simsoc.runlog.rows import versions

    run = open_run(path)
    steps = -1 if writer.steps is None else writer.steps
    now = versions()
    moved = [f"{name} {was} -> {now.get(name)}" for name, was in run.info["versions"].items() if now.get(name) != was]
    if moved:
        warnings.warn(f"{path} was written by other versions: {', '.join(moved)}", stacklevel=4)
    begun: set[Identity] = set()
    paid: list[tuple[Identity, Reply]] = []
    for one in run.answers():  # one pass; what rules said is not kept, they are asked again
        if one.identity[2] > steps:
            begun.add(one.identity)
        if one.reply.source != "rule":
            paid.append((one.identity, one.reply))
    return Continued(writer, Past(steps, run.stored_events(), frozenset(begun))), Answers(paid)


def scenario_of(path: Path) -> Scenario:
    """The scenario of a log, with the folder its relative paths start from. Raises LogError for a finished run."""
    from simsoc.loading import load
    from simsoc.runlog.reader import open_run

    with open_run(path) as run:
        if run.info["status"] == "finished":
            raise LogError(f"{path}: this run is finished ({run.info['reason']}); there is nothing to resume.")
        given, folder = run.scenario, path.absolute().parent / run.info["folder"]
    return load(given, folder=folder)
