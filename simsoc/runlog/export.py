"""Frames as files for other programs: Parquet or CSV, one for each table, of one run or of many.

Written a chunk at a time, so that length costs no memory. Every column has one type throughout: what JSON holds
(contents, answers, traits of mixed kinds) is written as JSON text.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from simsoc.core.errors import LogError
from simsoc.core.shelf import nearest

from . import pieces
from .documented import FRAMES, Col
from .files import plainly
from .reader import Run, open_run
from .rows import as_json

Members = Sequence[tuple[Mapping[str, Any], Path]]
"""Keys that tell a run apart (none where there is one run only), and its log."""

FORMATS = ("parquet", "csv")
_LIST = ("table", "column", "unit", "type", "meaning")


def export(members: Members, folder: str | Path, format: str, tables: Iterable[str] | None, rows: int) -> list[Path]:
    """Write the frames of these runs. See `Frames.export`."""
    if format not in FORMATS:
        raise LogError(f"no format '{format}'.{nearest(format, list(FORMATS))} Formats: {', '.join(FORMATS)}.")
    write = _parquet if format == "parquet" else _csv
    wanted = None if tables is None else list(dict.fromkeys(tables))
    with open_run(members[0][1]) as run:
        for name in wanted or ():
            pieces.known(run, name)
    target = Path(folder)
    with plainly(target):
        target.mkdir(parents=True, exist_ok=True)
    written, told = list[Path](), list[tuple[str, ...]]()
    for name in wanted or [frame for frame in FRAMES if "(" not in frame]:
        columns = joint_columns(members, name)
        source = joint_rows(members, name, columns)
        first = next(source, None)
        if first is None and wanted is None:
            continue
        path = target / f"{name}.{format}"
        with plainly(path):
            write(path, columns, chain([] if first is None else [first], source), rows)
        written.append(path)
        told += [(name, c.name, c.unit, c.dtype or "text", c.meaning) for c in columns]
    if told:
        listed = target / "columns.csv"
        with plainly(listed):
            _csv(listed, [Col(name, "", "") for name in _LIST], told, rows)
        written.append(listed)
    return written


# -- many runs under one heading -----------------------------------------------------------------------------------


def joint_columns(members: Members, name: str) -> list[Col]:
    """The keys of the runs, then every column that one of them has; types that differ become one that holds both."""
    keys = {key: [own[key] for own, _ in members] for key in members[0][0]}
    found: dict[str, Col] = {}
    for _, path in members:
        with open_run(path) as run:
            for column in pieces.columns_of(run, name):
                before = found.get(column.name)
                found[column.name] = column if before is None else before._replace(dtype=_both(before, column))
    front = [Col(key, "", "what tells the runs apart", _kind(values)) for key, values in keys.items()]
    return [*front, *(_beside(column, name, keys) for column in found.values())]


def _beside(column: Col, frame: str, keys: Container[str]) -> Col:
    """A column beside the keys: one that bears the name of a key is named after its frame."""
    return column._replace(name=f"{frame}.{column.name}") if column.name in keys else column


def joint_rows(members: Members, name: str, columns: Sequence[Col]) -> Iterator[Sequence[Any]]:
    """The rows of every run, one after the other, under joint columns."""
    for own, path in members:
        texts = [column.dtype == "object" for column in columns[: len(own)]]
        front = [as_json(v) if text and v is not None else v for v, text in zip(own.values(), texts, strict=True)]
        with open_run(path) as run:
            here = [_beside(column, name, own) for column in pieces.columns_of(run, name)]
            yield from _under(run, name, front, columns[len(own) :], here)


def _under(
    run: Run, name: str, front: list[Any], columns: Sequence[Col], own: Sequence[Col]
) -> Iterator[Sequence[Any]]:
    """The rows of a run, whose own columns are these, under those of all."""
    here = {c.name: (place, c.dtype) for place, c in enumerate(own)}
    plan = list[tuple[int | None, bool]]()
    for column in columns:
        place, dtype = here.get(column.name, (None, None))
        plan.append((place, column.dtype == "object" and dtype != "object"))
    if not front and [place for place, _ in plan] == list(range(len(here))):
        yield from pieces.rows_of(run, name)
        return
    for row in pieces.rows_of(run, name):
        yield [
            *front,
            *(
                None if place is None or row[place] is None else as_json(row[place]) if text else row[place]
                for place, text in plan
            ),
        ]


def _both(one: Col, other: Col) -> str | None:
    types = {one.dtype, other.dtype}
    return one.dtype if len(types) == 1 else "float64" if types <= {"int64", "Int64", "float64"} else "object"


def _kind(values: Sequence[Any]) -> str | None:
    """The type of a key in front."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int}:
        return "Int64"
    if kinds <= {int, float}:
        return "float64"
    return "boolean" if kinds <= {bool} else None if kinds <= {str} else "object"


# -- the two formats -----------------------------------------------------------------------------------------------


def _csv(path: Path, columns: Sequence[Col], rows: Iterable[Sequence[Any]], _: int) -> None:
    """UTF-8, commas, a heading; what is missing is empty."""
    truths = [place for place, column in enumerate(columns) if column.dtype == "boolean"]
    with _draft(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([column.name for column in columns])
        if not truths:
            out.writerows(rows)
            return
        for row in rows:
            cells = list(row)
            for place in truths:
                cells[place] = None if cells[place] is None else str(bool(cells[place])).lower()
            out.writerow(cells)


def _parquet(path: Path, columns: Sequence[Col], rows: Iterable[Sequence[Any]], most: int) -> None:
    """One row group a chunk; unit and meaning of a column are its metadata."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise LogError("Parquet needs pyarrow: pip install 'simsoc[parquet]'; or export as CSV") from None
    types: dict[str | None, Callable[[], Any]] = {
        "int64": pa.int64,
        "Int64": pa.int64,
        "float64": pa.float64,
        "boolean": pa.bool_,
    }
    schema = pa.schema(
        [
            pa.field(c.name, types.get(c.dtype, pa.string)(), metadata={"unit": c.unit, "meaning": c.meaning})
            for c in columns
        ]
    )
    source = iter(rows)
    with _draft(path) as draft, parquet.ParquetWriter(draft, schema, compression="zstd") as out:
        while piece := list(islice(source, most)):
            cells = zip(*piece, strict=True)
            out.write_table(
                pa.table([pa.array(own, f.type) for own, f in zip(cells, schema, strict=True)], schema=schema)
            )


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """Where to write, so that the file is there whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
