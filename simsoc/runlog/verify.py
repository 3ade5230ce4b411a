"""Derive again what can be derived, and say in a sentence each what does not agree.

A log names its texts by their hashes and its events by a digest, so a copy that was changed, on purpose or by a bad
disk, shows. What is checked: SQLite's own structure, texts, events, call identities, references, steps and ties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from simsoc.core.errors import BrokenLog, LogError, OldSchema

from .copying import WITHHELD
from .reader import Run
from .rows import text_row

_SHOWN = 5  # examples of one kind of fault


class Finding(NamedTuple):
    """One thing found."""

    serious: bool
    """False for what is merely worth knowing, such as a run that has not ended."""
    about: str
    """structure, schema, texts, digest, calls, references, steps, ties or run."""
    message: str

    def __str__(self) -> str:
        """The sentence, with what it is about."""
        return f"{self.about}: {self.message}"


def verify(path: str | Path) -> list[Finding]:
    """Everything wrong with a run log, empty when all agrees.

    Raises LogError when there is no such file; a damaged one is a finding.
    """
    try:
        run = Run(path)
    except OldSchema as error:
        return [Finding(True, "schema", str(error))]
    except BrokenLog as error:
        return [Finding(True, "structure", str(error))]
    with run:
        broken = _found(_structure, run)
        if broken:
            return broken
        checks = (_texts, _digest, _calls, _references, _steps, _ties, _ended)
        return [finding for check in checks for finding in _found(check, run)]


def _found(check: Callable[[Run], Iterator[Finding]], run: Run) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check(run))
    except (LogError, msgspec.DecodeError, ValueError, TypeError) as error:
        found.append(Finding(True, "structure", f"cannot be read ({error})"))
    return found


def _some(rows: list[Any], tell: Callable[[Any], str]) -> str:
    """The first few, and how many more."""
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return "; ".join(map(tell, rows[:_SHOWN])) + more


def _structure(run: Run) -> Iterator[Finding]:
    rows = run.rows("PRAGMA integrity_check")
    if rows != [("ok",)]:
        yield Finding(True, "structure", f"SQLite finds the file damaged: {_some(rows, lambda r: str(r[0]))}.")


def _texts(run: Run) -> Iterator[Finding]:
    """Every text bears the name that its content gives it."""
    wrong = []
    for key, name, text in run.stream("SELECT id, hash, text FROM text ORDER BY id"):
        if text == WITHHELD:
            continue
        made = text_row(text)
        if (made.id, made.hash) != (key, name):
            wrong.append((key,))
    if wrong:
        yield Finding(True, "texts", f"{len(wrong)} not what was logged: text {_some(wrong, lambda r: str(r[0]))}.")


def _digest(run: Run) -> Iterator[Finding]:
    stored, derived = run.info["digest"], run.digest()
    if stored and stored != derived:
        yield Finding(True, "digest", f"the events are not those of the run: {derived}, not {stored}.")


def _calls(run: Run) -> Iterator[Finding]:
    rows = run.rows(
        "SELECT agent, step, turn, purpose, draw, count(*) FROM ask"
        " GROUP BY coalesce(seed, -1), agent, step, turn, purpose, draw HAVING count(*) > 1",
    )
    if rows:
        told = _some(rows, lambda r: f"agent {r[0]}, step {r[1]}, turn {r[2]}, {r[3]} {r[4]} ({r[5]} times)")
        yield Finding(True, "calls", f"{len(rows)} answered more than once: {told}.")
    strange = run.rows("SELECT id FROM ask WHERE (status = 'ok') <> (value IS NOT NULL)")
    if strange:
        yield Finding(True, "calls", f"value and status disagree in ask {_some(strange, lambda r: str(r[0]))}.")


def _references(run: Run) -> Iterator[Finding]:
    rows = run.rows("PRAGMA foreign_key_check")
    if rows:
        told = _some(rows, lambda r: f"{r[0]} {r[1]} names a missing {r[2]}")
        yield Finding(True, "references", f"{len(rows)} lead nowhere: {told}.")


def _steps(run: Run) -> Iterator[Finding]:
    """No event outside the steps that were committed, and none out of order."""
    last = run.info["steps"]
    outside = run.rows(f"SELECT id, step FROM event WHERE step < 0 OR step > {-1 if last is None else int(last)}")
    if outside:
        told = _some(outside, lambda r: f"event {r[0]} in step {r[1]}")
        yield Finding(True, "steps", f"{len(outside)} events outside the {last or 0} steps done: {told}.")
    back = run.rows(
        "SELECT id, step FROM (SELECT id, step, lag(step) OVER (ORDER BY id) AS before FROM event) WHERE step < before",
    )
    if back:
        yield Finding(True, "steps", f"time runs backwards at {_some(back, lambda r: f'event {r[0]}')}.")


def _ties(run: Run) -> Iterator[Finding]:
    wrong = run.rows("SELECT a, b, from_step, to_step FROM tie WHERE to_step < from_step OR from_step < 0")
    if wrong:
        told = _some(wrong, lambda r: f"{r[0]}-{r[1]} from step {r[2]} to {r[3]}")
        yield Finding(True, "ties", f"{len(wrong)} end before they begin: {told}.")
    twice = run.rows("SELECT a, b, count(*) FROM tie WHERE to_step IS NULL GROUP BY a, b HAVING count(*) > 1")
    if twice:
        yield Finding(True, "ties", f"made again while they last: {_some(twice, lambda r: f'{r[0]}-{r[1]}')}.")
    if run.rows("SELECT 1 FROM agent LIMIT 1"):
        lost = run.rows("SELECT a, b FROM tie WHERE a NOT IN (SELECT id FROM agent) OR b NOT IN (SELECT id FROM agent)")
        if lost:
            yield Finding(True, "ties", f"with people who are not there: {_some(lost, lambda r: f'{r[0]}-{r[1]}')}.")


def _ended(run: Run) -> Iterator[Finding]:
    info = run.info
    if info["status"] == "finished":
        if not info["digest"]:
            yield Finding(True, "digest", "the run finished, but its digest is missing.")
        return
    done = "nothing is done yet" if info["steps"] is None else f"{info['steps']} steps are done"
    last = -1 if info["steps"] is None else int(info["steps"])
    ahead = run.rows(f"SELECT count(*) FROM ask WHERE step > {last}")[0][0]
    more = f", and {ahead} answers of the next step wait" if ahead else ""
    why = f" ({info['reason']})" if info["reason"] else ""
    yield Finding(False, "run", f"not finished: {info['status']}{why}; {done}{more}.")
