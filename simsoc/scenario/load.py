"""From a YAML file, a mapping or a loaded scenario to a checked one; everything that is wrong is told at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from simsoc.core.errors import Problem, ScenarioError

from .explain import as_data
from .findings import LOOKED_AT, endless, found, in_order, written
from .origin import Origin
from .overrides import Overrides, apply, changes
from .places import Place, Shelves
from .plain import plain
from .spec import Scenario
from .telling import dotted, one_line, path_of, shown, told
from .yaml12 import Document, read_file

Source = str | os.PathLike[str] | Mapping[str, Any] | Scenario
Check = Callable[[Scenario], Iterable[Problem]]
"""A check of a whole scenario, of parts against each other. A problem without a place gets one from its path."""


class _Draft(NamedTuple):
    """A scenario before it is checked."""

    data: Any
    origin: Origin
    folder: Path


def load(
    source: Source,
    shelves: Shelves,
    overrides: Overrides = (),
    *,
    folder: str | os.PathLike[str] | None = None,
    checks: Sequence[Check] = (),
) -> Scenario:
    """Read and check a scenario.

    source: a YAML file, a mapping, or a loaded scenario. shelves: where the names in it are looked up.
    overrides: dotted keys and values that replace those of the source, as `a.b=c` or pairs. folder: what relative paths
    start from; the file's folder, or the working directory for a mapping. checks: run when each key is right by itself.

    While it is checked, parts see `folder` and `shelves` in their validation context.

    Raises ScenarioError with everything that is wrong, in file order, then by override.
    """
    draft = _draft(source, folder)
    shelves = {name: shelf.within(draft.folder) for name, shelf in shelves.items()}
    root = Place(shelves, Scenario)
    wanted, wrong = changes(overrides)
    data, lost = apply(draft.data, wanted, root, draft.origin)
    wrong += lost
    context = {"shelves": shelves, "folder": draft.folder, "origin": draft.origin}
    try:
        scenario = Scenario.model_validate(data, context=context)
    except ValidationError as error:
        said = [*found(error, root, data), *endless(data)]
        raise told([*in_order(said, draft.origin), *wrong], max(0, error.error_count() - LOOKED_AT)) from None
    if wrong := [*in_order(endless(data), draft.origin), *wrong]:
        raise told(wrong)
    if failed := [_placed(p, root, data, draft.origin) for check in checks for p in _run(check, scenario)]:
        raise told([problem for _, problem in sorted(failed, key=lambda pair: pair[0])])
    return scenario


def _draft(source: Source, folder: str | os.PathLike[str] | None) -> _Draft:
    if isinstance(source, Scenario):
        return _Draft(plain(as_data(source)), source.origin.copy(), Path(folder or source.folder).absolute())
    if isinstance(source, Mapping):
        return _Draft(plain(source), Origin(), Path(folder or "").absolute())
    if not isinstance(source, str | os.PathLike):
        raise ScenarioError(f"a scenario is a YAML file or a mapping, not {shown(source)}")
    document = read_file(source)
    if not isinstance(document.data, Mapping):
        raise _no_mapping(document)
    return _Draft(document.data, Origin(document.name, document.lines), Path(folder or Path(source).absolute().parent))


def _no_mapping(document: Document) -> ScenarioError:
    if document.data is None:
        return ScenarioError([Problem(document.name, "", "the file is empty")])
    where = f"{document.name}:{document.lines[()]}"
    return ScenarioError(
        [Problem(where, "", f"a scenario is a mapping of keys such as 'name: ...' (got {shown(document.data)})")]
    )


def _run(check: Check, scenario: Scenario) -> list[Problem]:
    try:
        return list(check(scenario))
    except ScenarioError as error:
        return error.problems


def _placed(problem: Problem, root: Place, data: Any, origin: Origin) -> tuple[tuple[int, int], Problem]:
    """A check's problem at its line, under the path that the user wrote."""
    try:
        path = written(path_of(problem.path), root, data)
    except ValueError:
        path = ()  # about the scenario as a whole
    where = problem.where or origin.where(path)
    return origin.rank(path), Problem(where, dotted(path) or problem.path, one_line(problem.message))
