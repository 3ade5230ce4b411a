"""`simsoc.write_report`: one HTML file about a run or an experiment."""

from __future__ import annotations

from pathlib import Path

from simsoc.core.errors import LogError
from simsoc.experiments.results import Results
from simsoc.runlog.reader import Run

from .gather import gather

MOST = 3_000
"""Decisions shown with prompt and answer, where nothing else is said."""


def write_report(
    what: str | Path | Run | Results, to: str | Path | None = None, *, decisions: int = MOST, overwrite: bool = True
) -> Path:
    """Write a report: what was asked and found, effects, curves, network, feeds, decisions, costs, protocol, replay.

    what: a run log or the folder of an experiment. to: the file; beside the log, ``RUN.html``, or in the folder,
    ``report.html``, when not given. decisions: how many are shown with prompt and answer, sampled evenly.

    The file holds everything it shows, and reaches no network. Raises LogError.
    """
    from simsoc.report.page import write

    path = Path(what.path if isinstance(what, Run) else what.folder if isinstance(what, Results) else what)
    target = Path(to) if to is not None else path / "report.html" if path.is_dir() else path.with_suffix(".html")
    if target.exists() and not overwrite:
        raise LogError(f"{target}: there is a file already")
    matter = gather(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return write(matter, target, most=decisions)
    except OSError as error:
        raise LogError(f"{target}: {error.strerror or error}") from None
