"""People from a table: one row each, one column for each trait."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import nearest
from simsoc.core.stream import draw

MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "null"})
"""Cells that say nothing: the person does not have the trait."""


_KINDS = (
    (b"PK", "a zip or an Excel file", "unpack it, or save the sheet as `CSV UTF-8`"),
    (b"$FL", "an SPSS file", "take the CSV or the Stata file (.dta) of the study, or save it as CSV"),
    (b"\xff\xfe", "text in UTF-16", "save it as `CSV UTF-8`"),
    (b"\xfe\xff", "text in UTF-16", "save it as `CSV UTF-8`"),
)
"""Files by their first bytes, and what to do with each."""


def wrong(key: str, message: str) -> ScenarioError:
    """The error at a key of the population."""
    return ScenarioError([Problem("", f"population.{key}", message)])


def missing(path: Path) -> ScenarioError:
    """The error for a file that is not there, with the nearest name."""
    near = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
    return wrong("file", f"no file '{path}'.{nearest(path.name, near)}")


def csv_file(
    seed: int,
    *,
    file: str,
    n: Annotated[int, Field(ge=1)] | None = None,
    columns: Annotated[Sequence[str], Field(min_length=1)]
    | Annotated[Mapping[str, str], Field(min_length=1)]
    | None = None,
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ",",
) -> list[dict[str, Any]]:
    """People from a CSV file with a header row: a row is a person, a column a trait.

    file: path, relative to the scenario.
    n: size of a sample without replacement, kept in the order of the file; everybody when not given.
    columns: the columns to keep, or a mapping from trait to column, to rename them.
    delimiter: what stands between the cells.

    The sample takes one addressed draw for each row. A column in which every cell is a whole number, or a number,
    becomes one; empty cells and NA are left out. Raises ScenarioError when the file is missing, empty or broken, for
    unknown columns (with the nearest name), and when it has fewer than n rows.
    """
    header, rows = table(Path(file), delimiter)
    told_apart(Path(file), header, delimiter)
    kept = _kept(header, columns)
    parsed = {trait: _parse([row[place] for row in rows]) for trait, place in kept.items()}
    everybody = [{trait: cells[i] for trait, cells in parsed.items() if cells[i] is not None} for i in range(len(rows))]
    return everybody if n is None else [everybody[i] for i in sampled(seed, len(rows), n)]


def table(path: Path, delimiter: str, only: Collection[str] | None = None) -> tuple[list[str], list[list[str]]]:
    """Titles and stripped cells; those of some columns alone, where `only` these are wanted.

    Raises ScenarioError when the file is missing, empty or broken.
    """
    cells: list[list[str]] = []
    header: list[str] | None = None
    for line, row in _lines(path, delimiter):
        if header is None:
            header = _named(path, row)
            places = [i for i, name in enumerate(header) if only is None or name in only]
        elif len(row) != len(header):
            raise wrong("file", f"'{path.name}' line {line}: {len(row)} cells under {len(header)} titles")
        else:
            cells.append([row[i].strip() for i in places])
    if header is None or not cells:
        raise wrong("file", f"'{path.name}' holds no people: a header row and a row for each person are needed")
    return [header[i] for i in places], cells


def titles(path: Path, delimiter: str) -> list[str]:
    """The titles of a table. Raises ScenarioError when there are none."""
    for _, row in _lines(path, delimiter):
        return _named(path, row)
    raise wrong("file", f"'{path.name}' holds no people: a header row and a row for each person are needed")


def _lines(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the line each ends in."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            for row in reader:
                if any(map(str.strip, row)):
                    yield reader.line_num, row
    except FileNotFoundError:
        raise missing(path) from None
    except UnicodeDecodeError as error:
        raise wrong("file", f"'{path.name}' {_other(path)}") from error
    except (OSError, csv.Error) as error:
        raise wrong("file", f"'{path.name}' cannot be read: {type(error).__name__}: {error}") from error


def _other(path: Path) -> str:
    """What a file is that is no text in UTF-8, by its first bytes, and what to do."""
    with path.open("rb") as file:
        begins = file.read(4)
    for bytes_, what, instead in _KINDS:
        if begins.startswith(bytes_):
            return f"is {what}: {instead}"
    return "is no text in UTF-8: save it as `CSV UTF-8`"


def separated(path: Path, header: Sequence[str], delimiter: str) -> str | None:
    """What stands between the cells of a table that looks as if it had one column; None where it has several."""
    if len(header) != 1:
        return None
    return next((mark for mark in (";", "\t", "|", ",") if mark != delimiter and mark in header[0]), None)


def told_apart(path: Path, header: Sequence[str], delimiter: str) -> None:
    """Raises ScenarioError for a table whose cells stand between something else."""
    mark = separated(path, header, delimiter)
    if mark is not None:
        told = f"'{path.name}' would be one column, '{header[0][:40]}': its cells stand between {mark!r}"
        raise wrong("delimiter", f"{told}; say delimiter: {json.dumps(mark)}")


def _named(path: Path, row: Sequence[str]) -> list[str]:
    """Titles, each once."""
    header = [name.strip() for name in row]
    counted = Counter(header)
    doubled = sorted(name for name, count in counted.items() if count > 1 or not name)
    if doubled:
        raise wrong("file", f"'{path.name}': every column needs a name of its own (see {doubled})")
    return header


def _kept(header: Sequence[str], columns: Sequence[str] | Mapping[str, str] | None) -> dict[str, int]:
    """Trait names and the places of their columns."""
    if columns is None:
        columns = header
    wanted = dict(columns) if isinstance(columns, Mapping) else {name: name for name in columns}
    for name in wanted.values():
        if name not in header:
            known = ", ".join(header[:20]) + (" ..." if len(header) > 20 else "")
            raise wrong("columns", f"no column '{name}'.{nearest(name, list(header))} Known: {known}.")
    return {trait: header.index(name) for trait, name in wanted.items()}


def _parse(cells: Sequence[str]) -> list[Any]:
    """A column as whole numbers, else as numbers, else as text; None where nothing is said."""
    said = [cell for cell in cells if cell not in MISSING]
    kinds: tuple[Callable[[str], Any], ...] = (_whole, _number)
    for kind in kinds:
        try:
            values = {cell: kind(cell) for cell in set(said)}
        except ValueError:
            continue
        return [values.get(cell) for cell in cells]
    return [None if cell in MISSING else cell for cell in cells]


def _whole(cell: str) -> int:
    """An integer; codes such as 007 and 1_0 are text."""
    value = int(cell)
    if str(value) != cell.removeprefix("+"):
        raise ValueError(cell)
    return value


def _number(cell: str) -> float:
    value = float(cell)
    digits = cell.lstrip("+-")
    if not isfinite(value) or "_" in cell or (digits[:1] == "0" and digits[1:2].isdigit()):
        raise ValueError(cell)
    return value


def sampled(seed: int, rows: int, n: int) -> list[int]:
    """So many rows in file order: those with the smallest addressed draw. Raises ScenarioError for too many."""
    if n > rows:
        raise wrong("n", f"a sample of {n} out of {rows} rows: at most {rows} work")
    keys = sorted((draw(seed, "population", "row", i), i) for i in range(rows))
    return sorted(i for _, i in keys[:n])
