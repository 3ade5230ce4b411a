"""The statement behind each frame that is rows of the file: `Frames` reads it whole, `pieces` a chunk at a time."""

from __future__ import annotations

from typing import NamedTuple

from .documented import FRAMES

_CALL = "step, turn, agent, purpose, draw"


class Query(NamedTuple):
    """Where the rows of a frame come from."""

    sql: str
    """Gives the declared columns in order and, where columns are named by the data, one more: a JSON mapping."""
    spread: tuple[str, str] | None = None
    """Table and column of that mapping."""
    prefix: str = ""
    """What columns named by the data are: their name begins with it where it is taken already."""


def _names(frame: str, **instead: str) -> str:
    return ", ".join(f'"{instead.get(column.name, column.name)}"' for column in FRAMES[frame])


def _memory_names() -> str:
    return ", ".join("t.text" if c.name == "text" else f"memory.{c.name}" for c in FRAMES["memories"])


NAMED_PARTS = """
    CASE WHEN substr(e.parts, 1, 1) = '[' THEN (
        SELECT json_group_object(coalesce(n.value, p.key), p.value)
        FROM json_each(e.parts) p LEFT JOIN json_each(r.parts) n ON n.key = p.key
    ) ELSE e.parts END
"""
"""Parts that are a list of numbers get the names that a note says their ranker's have; with `RANKED`."""
RANKED = """
exposure e LEFT JOIN (
    SELECT json_extract(content, '$.ranker') AS ranker, json_extract(content, '$.parts') AS parts
    FROM note WHERE kind = 'ranker'
) r ON r.ranker = e.ranker
"""
_SHOWN = ", ".join(f'e."{column.name}"' for column in FRAMES["exposures"][:-1])
_EXPOSURES = f"SELECT {_SHOWN}, {NAMED_PARTS} FROM {RANKED} ORDER BY e.id"

QUERIES: dict[str, Query] = {
    "agents": Query(
        "SELECT id, born_step, label, backend, traits FROM agent ORDER BY id", ("agent", "traits"), "trait"
    ),
    "events": Query("SELECT id, step, turn, agent, kind, content FROM event ORDER BY id"),
    "asks": Query(f"SELECT {_names('asks', ask='id')} FROM ask ORDER BY id"),
    "ties": Query(f"SELECT {_names('ties')} FROM tie ORDER BY id"),
    "measures_long": Query("SELECT step, name, value FROM measure ORDER BY step, id"),
    "failures": Query(
        f"SELECT {_CALL}, 'no answer', NULL AS n, status, detail, text.text FROM ask"
        " LEFT JOIN text ON text.id = reply WHERE status <> 'ok'"
        f" UNION ALL SELECT {_CALL}, 'attempt', n, kind, detail, said.text FROM attempt"
        " LEFT JOIN text said ON said.id = attempt.text ORDER BY step, agent, turn, purpose, draw, n"
    ),
    "exposures": Query(_EXPOSURES),
    "suggestions": Query(f"SELECT {_names('suggestions')} FROM suggestion ORDER BY id"),
    "memories": Query(f"SELECT {_memory_names()} FROM memory LEFT JOIN text t ON t.id = memory.text ORDER BY agent, n"),
    "notes": Query("SELECT step, kind, content FROM note ORDER BY id"),
}
