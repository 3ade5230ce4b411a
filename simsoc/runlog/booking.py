"""Who pays for a call that several runs of a replicate share, whichever of them happened to send it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from .files import plainly
from .reader import open_run

# The very same call: identity, model, prompt and settings, and the words that came back.
_SHARED = """
SELECT f.id, o.id FROM main.ask AS f JOIN other.ask AS o
  ON o.step = f.step AND o.agent = f.agent AND o.turn = f.turn AND o.purpose = f.purpose AND o.draw = f.draw
  AND o.seed IS f.seed AND o."by" = f."by" AND o.prompt = f.prompt AND o.settings = f.settings AND o.reply IS f.reply
  WHERE f.source = 'replay' AND o.source = 'live'
"""
_COUNTS = "SELECT count(*) FILTER (WHERE source = 'replay'), count(*) FILTER (WHERE source = 'live') FROM ask"


def book_to_first(logs: Sequence[Path]) -> int:
    """Book each shared call to the first of these finished logs that used it; how many were moved.

    It is `live` there and `replay` in the others. Doing it again changes nothing. Raises LogError.
    """
    moved = 0
    for first, other in _pairs(logs):
        # One transaction over both files: neither is changed without the other.
        with plainly(first), closing(sqlite3.connect(first, isolation_level=None)) as raw:
            raw.execute("ATTACH DATABASE ? AS other", (str(other),))
            raw.execute("BEGIN IMMEDIATE")
            shared = raw.execute(_SHARED).fetchall()
            raw.executemany("UPDATE main.ask SET source = 'live' WHERE id = ?", [(row[0],) for row in shared])
            raw.executemany("UPDATE other.ask SET source = 'replay' WHERE id = ?", [(row[1],) for row in shared])
            raw.execute("COMMIT")
            moved += len(shared)
    return moved


def _pairs(logs: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """Pairs of logs, in order, where the first was given something and the second asked for something."""
    counts = []
    for path in logs:
        with open_run(path) as run:
            counts.append(run.rows(_COUNTS)[0])
    for n, first in enumerate(logs):
        if counts[n][0]:
            yield from ((first, other) for m, other in enumerate(logs[n + 1 :], start=n + 1) if counts[m][1])
