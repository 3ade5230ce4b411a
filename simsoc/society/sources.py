"""Other runs' logs as sources of answers: those under `reuse`, and the one that a `replay` backend plays."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from simsoc.core.errors import LogError, ScenarioError
from simsoc.core.shelf import needs
from simsoc.scenario.spec import BackendSpec, Scenario

if TYPE_CHECKING:
    from simsoc.backends.prompts import Prompts
    from simsoc.backends.replay import Replay
    from simsoc.runlog.answered import Answered


def named(scenario: Scenario, *, resumed: bool = False) -> Iterator[tuple[str, Path, bool]]:
    """(key, path, whether it was found in a folder) of every log under `reuse`, in order; folders by name.

    Raises ScenarioError for what is not there; a resumed run goes on without it, with a warning.
    """
    for number, written in enumerate(scenario.reuse):
        key, path = f"reuse.{number}", Path(scenario.folder) / written
        if path.is_dir():
            yield from ((key, found, True) for found in sorted(path.glob("*.db")))
        elif path.is_file():
            yield key, path, False
        elif resumed:
            warnings.warn(f"{key}: there is nothing at {path} any more", stacklevel=2)
        else:
            raise ScenarioError.at(key, f"there is no run log and no folder of them at {path}")


def opened(scenario: Scenario, own: Path | None, *, resumed: bool = False) -> list[Answered]:
    """The logs under `reuse`, open for reading; this run's own log is none of them.

    A file in a folder that is no run log is left out with a warning. Raises ScenarioError for one that is named.
    """
    from simsoc.runlog.answered import Answered
    from simsoc.runlog.reader import open_run

    books = []
    seen = set() if own is None else {own.resolve()}
    for key, path, in_folder in named(scenario, resumed=resumed):
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        try:
            books.append(Answered(open_run(path)))
        except LogError as error:
            if not in_folder:
                raise ScenarioError.at(key, str(error)) from None
            warnings.warn(f"not re-used: {error}", stacklevel=2)
    return books


@needs("Jinja2")
def replay(model: str, spec: BackendSpec, *, prompts: Prompts, seed: int) -> Replay:
    """A paid run again without asking anybody: replay/RUN.db, the path relative to the scenario's folder.

    Every prompt and setting is compared with the logged one; the first that differs ends the run.
    """
    from simsoc.backends.replay import Replay
    from simsoc.runlog.answered import Answered
    from simsoc.runlog.reader import open_run

    if not model:
        raise LookupError("which run? Write replay/<log>, e.g. replay/runs/first-s1.db.")
    path = prompts.folder / model
    try:
        book = Answered(open_run(path), rules=True)
    except LogError as error:
        raise LookupError(str(error)) from None
    if seed != book.seed:
        raise LookupError(f"{path} was run with seed {book.seed}, this run has seed {seed}: no call would be in it")
    return Replay(spec.model, path, book, prompts)
