"""Two runs side by side: where they part, and whom that reaches. One step of each is in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from simsoc.core.canonical import canonical
from simsoc.runlog import steps
from simsoc.runlog.reader import Run
from simsoc.runlog.steps import EventRow


class Parting(NamedTuple):
    """The first event that differs between a run and its twin."""

    step: int
    turn: int
    agent: int
    """Whose event it is, or whom the world did something to; -1 for neither."""
    here: str | None
    """What happened in the run, as `kind {content}`; None where the twin alone went on."""
    there: str | None
    """What happened in its twin."""


class Reach(NamedTuple):
    """How far the difference has spread by the end of a step."""

    step: int
    touched: int
    """Agents who have done or been asked something else than their twins, in this step or before."""
    people: int
    """Agents there are in either run."""


class Twins(NamedTuple):
    """What came of two runs of the same seed."""

    parting: Parting | None
    """None when every event is the same."""
    reach: list[Reach]
    """For every step that both have, from 0."""


def twins(here: Run, there: Run) -> Twins:
    """A run held against its twin, step by step as far as both go."""
    last = min(here.steps, there.steps)
    births = sorted({**steps.born(there), **steps.born(here)}.values())
    parting: Parting | None = None
    touched: set[int] = set()
    reach: list[Reach] = []
    born = 0
    decisions = _side_by_side(steps.asks(here), steps.asks(there), last)
    for step, ours, theirs in _side_by_side(steps.events(here), steps.events(there), last):
        _, asked, asked_there = next(decisions)
        if ours != theirs:
            if parting is None:
                parting = _first(ours, theirs)
            touched |= _agents(ours, theirs, _whose) - {-1}
        if asked != asked_there:
            touched |= _agents(asked, asked_there, itemgetter(1))
        while born < len(births) and births[born] <= step:
            born += 1
        reach.append(Reach(step, len(touched), born))
    if parting is None and here.steps != there.steps:
        parting = _beyond(here, there, last)
    return Twins(parting, reach)


def _side_by_side(
    here: Iterable[tuple[int, list[Any]]], there: Iterable[tuple[int, list[Any]]], last: int
) -> Iterator[tuple[int, list[Any], list[Any]]]:
    """(step, rows here, rows there) of every step up to the last, also of those in which nothing happened."""
    ours, theirs = iter(here), iter(there)
    a, b = next(ours, None), next(theirs, None)
    for step in range(last + 1):
        left, right = [], []
        if a is not None and a[0] == step:
            left, a = a[1], next(ours, None)
        if b is not None and b[0] == step:
            right, b = b[1], next(theirs, None)
        yield step, left, right


def _first(ours: list[EventRow], theirs: list[EventRow]) -> Parting | None:
    """The first place where two steps differ: another event there, or one that only one of them has."""
    for a, b in zip_longest(ours, theirs):
        if a is not None and b is not None:
            if _same(a, b):
                continue
            if (a[1], _whose(a), a[3]) != (b[1], _whose(b), b[3]):
                a, b = (None, b) if any(_same(a, other) for other in theirs) else (a, None)
        return _parting(a, b)
    return None  # other text, the same content


def _parting(a: EventRow | None, b: EventRow | None) -> Parting:
    row = a or b
    assert row is not None
    return Parting(row[0], row[1], _whose(row), _told(a), _told(b))


def _whose(row: EventRow) -> int:
    """Whose event it is; of what the world does to somebody, who that is."""
    if row[2] >= 0 or '"who"' not in row[4]:
        return row[2]
    who = msgspec.json.decode(row[4]).get("who")
    return who if isinstance(who, int) else row[2]


def _same(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    """Whether two rows agree; their last column is JSON, whose floats may differ in the last digits."""
    return a == b or (a[:-1] == b[:-1] and _canonical(a[-1]) == _canonical(b[-1]))


def _canonical(content: str) -> str:
    return canonical(msgspec.json.decode(content))


def _agents(ours: list[Any], theirs: list[Any], whose: Callable[[Any], int]) -> set[int]:
    """Agents whose rows differ."""
    by_agent: dict[int, tuple[list[Any], list[Any]]] = {}
    for side, rows in enumerate((ours, theirs)):
        for row in rows:
            by_agent.setdefault(whose(row), ([], []))[side].append(row)
    return {
        agent
        for agent, (a, b) in by_agent.items()
        if len(a) != len(b) or not all(_same(x, y) for x, y in zip(a, b, strict=True))
    }


def _beyond(here: Run, there: Run, last: int) -> Parting | None:
    """Where one run goes on after the other has ended, without a difference before."""
    longer, ours = (here, True) if here.steps > there.steps else (there, False)
    for step, rows in steps.events(longer):
        if step > last:
            return _parting(rows[0], None) if ours else _parting(None, rows[0])
    return None


def _told(row: EventRow | None) -> str | None:
    return None if row is None else f"{row[3]} {row[4]}"
