"""Rows of a survey's file, read by its codebook: CSV or Stata, the columns that are needed and no others."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import nearest

from .codebook import SILENT, Codebook, Said, TraitBook, Unknown
from .tables import MISSING, missing, table, titles, wrong

T = TypeVar("T")
STATA = (".dta",)
_LABEL = re.compile(r"\s*(-?\d+)[.:]\s")
"""How ANES labels a code, `7. Strong Republican`: files that were saved again may have numbered the labels anew."""
_MOST = 12  # columns and codes that a message names


class Rows(NamedTuple):
    """Columns of a file as stripped texts; a column is as long as there are rows."""

    columns: Mapping[str, Sequence[str]]
    length: int


def header(path: Path, delimiter: str) -> list[str]:
    """The names of a file's columns. Raises ScenarioError when it cannot be read."""
    if path.suffix.lower() in STATA:
        return _stata(path, lambda reader: list(reader.variable_labels()))
    return titles(path, delimiter)


def rows(path: Path, delimiter: str, wanted: Iterable[str]) -> Rows:
    """These columns of a file; those it does not have are left out. Raises ScenarioError when it cannot be read."""
    names = set(wanted)
    if path.suffix.lower() in STATA:
        return _from_stata(path, names)
    found, cells = table(path, delimiter, names)
    return Rows({name: [row[place] for row in cells] for place, name in enumerate(found)}, len(cells))


def _stata(path: Path, use: Callable[[Any], T]) -> T:
    """What is made of a Stata file by its reader. Raises ScenarioError when it cannot be read."""
    import pandas as pd

    try:
        with pd.read_stata(path, iterator=True) as reader:
            return use(reader)
    except FileNotFoundError:
        raise missing(path) from None
    except (OSError, ValueError, KeyError, struct.error) as error:
        told = f"'{path.name}' cannot be read as a Stata file: {error}. Is it whole, and a .dta?"
        raise wrong("file", told) from error


def _from_stata(path: Path, wanted: set[str]) -> Rows:
    def columns(reader: Any) -> tuple[list[str], Any, Mapping[str, Mapping[int, str]]]:
        names = [name for name in reader.variable_labels() if name in wanted]
        read = reader.read(columns=names, convert_categoricals=False, convert_dates=False)
        return names, read, reader.value_labels()

    names, frame, labels = _stata(path, columns)
    if not len(frame):
        raise wrong("file", f"'{path.name}' holds no people: it has columns and no row")
    found = {}
    for name in names:
        codes = {code: said[1] for code, label in labels.get(name, {}).items() if (said := _LABEL.match(label))}
        found[name] = [codes.get(value) or _cell(value) for value in frame[name].tolist()]
    return Rows(found, len(frame))


def _cell(value: Any) -> str:
    """A value of a Stata file as a CSV file would have it: the code that its label begins with, else the value."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


class Read(NamedTuple):
    """Respondents as people."""

    people: list[dict[str, Any]]
    absent: list[str]
    """Traits of the book whose columns are not in the file."""


def respondents(path: Path, book: Codebook, found: Rows, traits: Iterable[str]) -> Read:
    """The rows as people with these traits. Raises ScenarioError with every code that the book does not know."""
    people: list[dict[str, Any]] = [{} for _ in range(found.length)]
    unknown: list[Problem] = []
    absent = []
    for trait in traits:
        of = book.traits[trait]
        if not any(column in found.columns for column in of.needs()):
            absent.append(trait)
            continue
        reader = _Reader(path, book, found, unknown)
        for person, value in zip(people, reader.trait(of), strict=True):
            if value is not SILENT:
                person[trait] = value
    if unknown:
        raise ScenarioError(list(dict.fromkeys(unknown)))
    return Read(people, absent)


class _Reader:
    """Columns decoded, and what could not be."""

    def __init__(self, path: Path, book: Codebook, found: Rows, unknown: list[Problem]) -> None:
        self._path, self._book, self._found, self._unknown = path, book, found, unknown

    def trait(self, of: TraitBook) -> Sequence[Any]:
        """A trait of each row."""
        if of.each is not None:
            return self._each(of.each)
        if of.columns is not None:
            return self._several(of, of.columns)
        values = self._column(of.column, of)
        for later in of.otherwise:
            if later.column in self._found.columns and SILENT in values:
                others = self._column(later.column, later)
                values = [other if value is SILENT else value for value, other in zip(values, others, strict=True)]
        return values

    def _column(self, name: str | None, said: Said) -> list[Any]:
        """What a column says, every different cell decoded once."""
        assert name is not None
        cells = self._found.columns[name]
        meant: dict[str, Any] = dict.fromkeys(MISSING, SILENT)
        strange: dict[str, int] = {}
        for place, cell in enumerate(cells):
            if cell not in meant:
                try:
                    meant[cell] = said.decoded(cell, self._book.missing_below)
                except Unknown:
                    meant[cell] = SILENT
                    strange[cell] = place
        if strange:
            self._unknown.append(self._told(name, said, strange, cells))
        return [meant[cell] for cell in cells]

    def _told(self, name: str, said: Said, strange: Mapping[str, int], cells: Sequence[str]) -> Problem:
        first = list(strange.items())[:5]
        codes = ", ".join(f"'{cell}' ({cells.count(cell)} rows, first row {row + 1})" for cell, row in first)
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        of = f"the codebook of {self._book.study}" if self._book.study else "the codebook"
        below = "" if self._book.missing_below is None else f"; below {self._book.missing_below} is missing"
        told = f"'{self._path.name}', column {name}: {codes}{more} not in {of}, which knows {said.known()}{below}"
        if self._book.get:
            told += f". Take the file as it is handed out, {self._book.file}: {self._book.get}"
        else:
            told += ". Add them to `levels`, or to `silent` where they say nothing"
        return Problem("", "population.file", told)

    def _several(self, of: TraitBook, columns: Sequence[str]) -> list[Any]:
        """Different things that several columns say."""
        read = [self._column(name, of) for name in columns if name in self._found.columns]
        named = ([value for value in row if value is not SILENT] for row in zip(*read, strict=True))
        return [list(dict.fromkeys(values)) or SILENT for values in named]

    def _each(self, each: Mapping[str, str]) -> list[Any]:
        """Things whose column says 1, of those who were asked or had no need to be (-1)."""
        yes_no = Said(levels={"yes": (1,), "no": (0, -1)})
        read = {thing: self._column(name, yes_no) for thing, name in each.items() if name in self._found.columns}
        return [
            [thing for thing, said in zip(read, row, strict=True) if said == "yes"]
            if any(said is not SILENT for said in row)
            else SILENT
            for row in zip(*read.values(), strict=True)
        ]


def lacking(path: Path, names: Sequence[str], found: Sequence[str], book: Codebook, why: str) -> ScenarioError:
    """The error for columns that are not in the file: what was found, what is expected, where it is to be had."""
    listed = ", ".join(names[:_MOST]) + (" ..." if len(names) > _MOST else "")
    there = ", ".join(found[:_MOST]) + (f" ... ({len(found)} in all)" if len(found) > _MOST else "")
    told = f"'{path.name}' has no column {listed}, {why}.{nearest(names[0], list(found))} It has: {there}."
    if book.get:
        told += f" Expected is the full file of {book.study}, {book.file}: {book.get}."
    return wrong("file", told)
