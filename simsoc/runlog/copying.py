"""A copy of a log for others: with its scenario's folder where they have it, and without what they may not see.

A text that is withheld keeps its row, its id and its hash, so that a replay elsewhere still finds whether it renders
the very same; only the words are gone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from .files import look, plainly
from .migrations import migrate
from .rows import as_json

WITHHELD = "[withheld: see the README of the package]"
"""What stands in the place of a text."""
_FACTS = '{"withheld":true}'


def copy(
    log: Path,
    target: Path,
    *,
    folder: str,
    scenario: Mapping[str, Any],
    yaml: str,
    withhold: Callable[[int, Mapping[str, Any]], Mapping[str, Any]] | None = None,
) -> dict[str, int]:
    """Copy a log, compacted: equal logs give equal files. Returns how many rows of what were withheld.

    folder: where the scenario's paths start, as seen from the copy. withhold: what stands in the place of somebody's
    traits, given (agent, traits); then prompts, facts, memories and notes about people are withheld as well.
    """
    look(log)
    with plainly(log), closing(sqlite3.connect(f"{log.resolve().as_uri()}?mode=ro", uri=True)) as raw:
        raw.execute("VACUUM INTO ?", (str(target),))
    with plainly(target), closing(sqlite3.connect(target, isolation_level=None)) as raw:
        _migrated(target)
        raw.execute("BEGIN")
        raw.execute("UPDATE run SET folder = ?, scenario = ?, yaml = ?", (folder, as_json(scenario), yaml))
        counts = _withheld(raw, withhold) if withhold is not None else {}
        raw.execute("COMMIT")
        raw.execute("VACUUM")
    return counts


def _migrated(path: Path) -> None:
    """Bring the copy's schema up to date, so that every reader finds what it knows."""
    from .files import writing

    engine = writing(path)
    try:
        with engine.begin() as connection:
            migrate(connection)
    finally:
        with closing(engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.cursor().execute("PRAGMA journal_mode = DELETE")
        engine.dispose()


def _withheld(
    raw: sqlite3.Connection, withhold: Callable[[int, Mapping[str, Any]], Mapping[str, Any]]
) -> dict[str, int]:
    people = raw.execute("SELECT id, traits FROM agent ORDER BY id").fetchall()
    for agent, traits in people:
        own = as_json(withhold(agent, msgspec.json.decode(traits)))
        raw.execute("UPDATE agent SET traits = ? WHERE id = ?", (own, agent))
    told = "SELECT prompt FROM ask WHERE prompt IS NOT NULL UNION SELECT text FROM memory"
    counts = {"people": len(people)}
    counts["texts"] = raw.execute(f"UPDATE text SET text = ? WHERE id IN ({told})", (WITHHELD,)).rowcount
    counts["facts"] = raw.execute("UPDATE ask SET facts = ?", (_FACTS,)).rowcount
    raw.execute("UPDATE memory SET subject = NULL, predicate = NULL, object = NULL, keywords = NULL")
    note = {"people": len(people), "texts": counts["texts"], "facts": counts["facts"]}
    raw.execute("INSERT INTO note (step, kind, content) VALUES (0, 'withheld', ?)", (as_json(note),))
    return counts


def fingerprint(traits: Mapping[str, Any]) -> str:
    """The hash that stands in the place of somebody's traits."""
    ordered = as_json({key: traits[key] for key in sorted(traits)})
    return blake2b(ordered.encode(), digest_size=16).hexdigest()
