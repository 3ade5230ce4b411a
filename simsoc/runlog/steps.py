"""A run's events and decisions step by step, as text: what two runs are compared by, with one step in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from simsoc.core.calls import SURVEYS

from .reader import Run

EventRow = tuple[int, int, int, str, str]
"""(step, turn, agent, kind, content as JSON)"""
AskRow = tuple[int, int, int, str, int, str]
"""(step, agent, turn, purpose, draw, facts as JSON)"""

_EVENTS = "SELECT step, turn, agent, kind, content FROM event ORDER BY id"
_ASKS = (
    "SELECT step, agent, turn, purpose, draw, facts FROM ask"
    f" WHERE NOT (purpose >= '{SURVEYS}' AND purpose < '{SURVEYS[:-1]}0') ORDER BY step, id"
)
_COUNTS = (
    "SELECT count(*) FILTER (WHERE source = 'rule'), count(*) FILTER (WHERE source = 'live'),"
    " count(*) FILTER (WHERE source = 'replay'), coalesce(sum(attempts) FILTER (WHERE source = 'live'), 0),"
    " sum(tokens_in) FILTER (WHERE source = 'live'), sum(tokens_out) FILTER (WHERE source = 'live'),"
    " sum(cost) FILTER (WHERE source = 'live'), count(*) FILTER (WHERE status <> 'ok') FROM ask"
)
COUNTED = ("by_rule", "paid", "reused", "requests", "tokens_in", "tokens_out", "dollars", "silent")
"""What `counts` gives."""


def events(run: Run) -> Iterator[tuple[int, list[EventRow]]]:
    """(step, its events in applied order), ascending."""
    return _by_step(run.stream(_EVENTS))


def asks(run: Run) -> Iterator[tuple[int, list[AskRow]]]:
    """(step, its decisions by agent and turn), ascending; what surveys asked is none."""
    return ((step, sorted(rows)) for step, rows in _by_step(run.stream(_ASKS)))


def born(run: Run) -> dict[int, int]:
    """The step in which each agent came to be."""
    return dict(run.rows("SELECT id, born_step FROM agent ORDER BY id"))


def counts(run: Run) -> dict[str, Any]:
    """How many calls were answered by rules, paid for and re-used, and what those that were paid for took."""
    return dict(zip(COUNTED, run.rows(_COUNTS)[0], strict=True))


def _by_step(rows: Iterator[Any]) -> Iterator[tuple[int, list[Any]]]:
    for step, group in groupby(rows, key=itemgetter(0)):
        yield step, list(group)
