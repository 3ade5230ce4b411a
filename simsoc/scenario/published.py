"""Published numbers as a scenario names them: read from a file and from rows, checked against arms and measures."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import nearest

from .spec import Scenario
from .study import PublishedValue, Rung
from .telling import shown
from .yaml12 import read_text

_NUMBERS = ("value", "low", "high")
_NEEDED = ("measure", "value")
_FILE = "published.file"
_NOTHING = ("", "NA", "-")


def values_of(scenario: Scenario) -> list[PublishedValue]:
    """Every published value of a scenario, those of the file first. Raises ScenarioError for a file that is no use."""
    published = scenario.published
    if published is None:
        return []
    grid = list(scenario.experiment.grid) if scenario.experiment is not None else []
    found = [] if published.file is None else _read(Path(scenario.folder) / published.file, grid)
    found = [*found, *published.rows]
    return [one if one.source else one.model_copy(update={"source": published.source}) for one in found]


def problems(scenario: Scenario, measures: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with the published values of a scenario whose runs take these measures."""
    if scenario.published is None:
        return
    try:
        found = values_of(scenario)
    except ScenarioError as error:
        yield from error.problems
        return
    first = len(found) - len(scenario.published.rows)
    if not found:
        yield Problem("", "published", "says nothing: give a 'file' or 'rows'")
    experiment = scenario.experiment
    arms = list(experiment.arms) if experiment is not None else ["base"]
    grid = experiment.grid if experiment is not None else {}
    for number, one in enumerate(found):
        path = _FILE if number < first else f"published.rows.{number - first}"
        told = f"row {number + 1}: " if number < first else ""
        if one.arm is None and len(arms) > 1:
            yield Problem("", path, f"{told}which arm? {', '.join(arms)}")
        elif one.arm is not None and not _known(one.arm, arms):
            yield Problem("", path, f"{told}no arm '{one.arm}'.{nearest(one.arm, arms)} Known: {', '.join(arms)}.")
        if one.measure not in measures:
            known = list(measures)
            guess = nearest(one.measure, known)
            yield Problem("", path, f"{told}no '{one.measure}' is taken.{guess} Taken: {', '.join(known)}.")
        for key in one.at:
            if key not in grid:
                yield Problem("", path, f"{told}the grid does not vary '{key}'.{nearest(key, list(grid))}")


def _known(arm: str, arms: Sequence[str]) -> bool:
    if arm in arms:
        return True
    of, _, rung = arm.rpartition(".")
    return of in arms and rung in get_args(get_args(Rung)[0])


def _read(path: Path, grid: Sequence[str]) -> list[PublishedValue]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(line for line in file if not line.startswith("#"))
            header, rows = list(reader.fieldnames or ()), list(reader)
    except FileNotFoundError:
        near = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        raise ScenarioError.at(_FILE, f"no file '{path}'.{nearest(path.name, near)}") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError.at(_FILE, f"{path} cannot be read ({error})") from None
    known = ["arm", "measure", *_NUMBERS, "source", *grid]
    wrong = [f"no column '{name}'" for name in _NEEDED if name not in header]
    wrong += [f"column '{n}' is none of {', '.join(known)}.{nearest(str(n), known)}" for n in header if n not in known]
    if wrong:
        raise ScenarioError([Problem("", _FILE, f"{path.name}: {said}") for said in wrong])
    return [_row(row, number, path, grid) for number, row in enumerate(rows, 1)]


def _row(row: Mapping[str, Any], number: int, path: Path, grid: Sequence[str]) -> PublishedValue:
    given: dict[str, Any] = {"measure": (row["measure"] or "").strip(), "source": (row.get("source") or "").strip()}
    if (arm := (row.get("arm") or "").strip()) not in _NOTHING:
        given["arm"] = arm
    for name in _NUMBERS:
        cell = (row.get(name) or "").strip()
        if cell not in _NOTHING:
            given[name] = _number(cell, name, number, path)
    given["at"] = {key: read_text(row[key]).data for key in grid if (row.get(key) or "").strip() not in _NOTHING}
    try:
        return PublishedValue.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = "needs a number" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
        raise ScenarioError.at(_FILE, f"{path.name}, row {number}: {where + ': ' if where else ''}{said}") from None


def _number(cell: str, name: str, number: int, path: Path) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ScenarioError.at(_FILE, f"{path.name}, row {number}: {name} should be a number (got {shown(cell)})")
    return value
