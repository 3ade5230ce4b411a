"""A run's frames a chunk at a time, whatever their length: for frames that do not fit into memory, and for export.

Rows come straight from the file, in the order of the whole frame. Columns named by the data (traits, measures) are
found by a first pass inside SQLite, so that every chunk has the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from simsoc.core.errors import LogError
from simsoc.core.shelf import nearest

from .documented import FRAMES, Col
from .queries import QUERIES
from .rows import as_json

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

Row = Sequence[Any]

TABLES = (*(name for name in QUERIES), "measures", "opinions", "opinion_changes")
"""Frames that are read a chunk at a time; every other one is read whole and cut."""

_TYPES = {"integer": "Int64", "real": "float64", "true": "boolean", "false": "boolean", "text": None}
_decode = msgspec.json.decode


def known(run: Frames, name: str) -> None:
    """Raise LogError for what is no frame of a run."""
    if name not in FRAMES or "(" in name:
        names = [frame for frame in FRAMES if "(" not in frame]
        raise LogError(f"{run.path}: no table '{name}'.{nearest(name, names)} Tables: {', '.join(names)}.")


def columns_of(run: Frames, name: str) -> tuple[Col, ...]:
    """The columns of a frame in this run, those named by the data among them, all with a type or None for text."""
    known(run, name)
    given = FRAMES[name]
    if name == "measures":
        first = "SELECT name FROM measure GROUP BY name ORDER BY min(step), min(id)"
        return (*given[:-1], *(Col(row[0], "", "a measure", "float64") for row in run.rows(first)))
    if name in ("opinions", "opinion_changes"):
        return (*given[:-1], given[-1]._replace(dtype=_type(kind for (kind,) in _opinion_types(run))))
    if name not in QUERIES or not QUERIES[name].spread:
        return given
    return (*given[:-1], *(col for col, _ in _spread(run, name)))


def rows_of(run: Frames, name: str) -> Iterator[Row]:
    """The rows of a frame under `columns_of`: cells as the file has them, JSON as text in columns of objects."""
    if name == "measures":
        return _measures(run)
    if name == "opinions":
        return _opinions(run)
    if name == "opinion_changes":
        return ((event, step, turn, who, to) for event, step, turn, who, to, before in _changes(run) if to != before)
    if name not in QUERIES:
        frame = getattr(run, name)
        return _of_frame(frame() if callable(frame) else frame, columns_of(run, name))
    rows = run.stream(QUERIES[name].sql)
    return _unfolded(rows, _spread(run, name)) if QUERIES[name].spread else rows


def chunks(run: Frames, name: str, rows: int) -> Iterator[pd.DataFrame]:
    """A frame in pieces of so many rows: together they are the whole frame, and one empty piece is an empty frame."""
    from .tidy import decoded, frame, series

    columns, source = columns_of(run, name), iter(rows_of(run, name))
    index = columns[0].name if name == "measures" else None
    start = 0
    while (piece := list(islice(source, rows))) or not start:
        made = frame(piece, columns)
        for column in columns:
            if column.dtype == "object":
                made[column.name] = series(decoded(list(made[column.name])), "object")
        made.index += start
        start += max(len(piece), 1)
        yield made if index is None else made.set_index(index)


# -- columns named by the data -------------------------------------------------------------------------------------


def _spread(run: Frames, name: str) -> list[tuple[Col, str]]:
    """Columns named by the keys of the JSON mapping in a frame's last cell, in order of appearance, with these keys."""
    query = QUERIES[name]
    assert query.spread is not None
    table, field = query.spread
    found = run.rows(
        f"SELECT j.key, group_concat(DISTINCT j.type) FROM {table} AS t, json_each(t.{field}) AS j"
        " GROUP BY j.key ORDER BY min(t.id * 100000 + j.id)"
    )
    own = {column.name for column in FRAMES[name][:-1]}
    return [
        (Col(f"{query.prefix}.{key}" if key in own else key, "", query.prefix, _type(types.split(","))), key)
        for key, types in found
    ]


def _type(found: Iterable[str]) -> str | None:
    """The type of a column that holds JSON values of these types: `object` (as JSON) where they do not go together."""
    types = {_TYPES.get(kind, "object") for kind in found if kind != "null"}
    if types == {"Int64", "float64"}:
        return "float64"
    return types.pop() if len(types) == 1 else "object" if types else None


def _unfolded(rows: Iterable[Row], spread: Sequence[tuple[Col, str]]) -> Iterator[Row]:
    keys = [(key, column.dtype == "object") for column, key in spread]
    for *cells, content in rows:
        own = _decode(content)
        yield (*cells, *(as_json(own[key]) if text and key in own else own.get(key) for key, text in keys))


# -- frames that are more than rows of the file --------------------------------------------------------------------


def _measures(run: Frames) -> Iterator[Row]:
    names = [column.name for column in columns_of(run, "measures")[1:]]
    step, values = None, dict[str, Any]()
    for at, name, value in run.stream(QUERIES["measures_long"].sql):
        if step is not None and at != step:
            yield (step, *map(values.get, names))
            values = {}
        step, values[name] = at, value
    if step is not None:
        yield (step, *map(values.get, names))


def _opinion_types(run: Frames) -> list[Any]:
    told = "SELECT DISTINCT json_type(content, '$.to') FROM event WHERE kind IN (?, ?)"
    return [row for row in run.rows(told, run.opinion_kinds()) if row[0] is not None]


def _changes(run: Frames) -> Iterator[tuple[int, int, int, int, Any, Any]]:
    """(event, step, turn, agent, opinion, the one before) of every event that tells one, in applied order."""
    text = _type(kind for (kind,) in _opinion_types(run)) == "object"
    held: dict[int, Any] = {}
    told = "SELECT id, step, turn, agent, content FROM event WHERE kind IN (?, ?) ORDER BY id"
    for event, step, turn, agent, content in run.stream(told, run.opinion_kinds()):
        said = _decode(content)
        to, who = said.get("to"), said.get("who")
        if to is not None:
            who, to = agent if who is None else who, as_json(to) if text else to
            yield event, step, turn, who, to, held.get(who)
            held[who] = to


def _opinions(run: Frames) -> Iterator[Row]:
    left = {content["who"]: step for step, kind, content in run.done_to_people() if kind == "society.leave"}
    held: dict[int, Any] = {}
    last, end = -1, run.steps
    for _, step, _, who, to, _ in _changes(run):
        while last < step - 1:
            last += 1
            yield from _standing(held, last, left)
        held[who], end = to, max(end, step)
    for step in range(last + 1, end + 1 if held else 0):
        yield from _standing(held, step, left)


def _standing(held: dict[int, Any], step: int, left: dict[int, int]) -> Iterator[Row]:
    for agent in sorted(held):
        if step < left.get(agent, step + 1):
            yield step, agent, held[agent]


def _of_frame(frame: pd.DataFrame, columns: Sequence[Col]) -> Iterator[Row]:
    """The rows of a frame that was read whole."""
    import pandas as pd

    objects = [column.dtype == "object" for column in columns]
    for row in frame[[column.name for column in columns]].itertuples(index=False, name=None):
        yield tuple(
            as_json(cell) if text and cell is not None else None if not text and pd.isna(cell) else cell
            for cell, text in zip(row, objects, strict=True)
        )
