"""The SQL a writer sends, each a constant with tuples for its rows."""

from __future__ import annotations

from . import tables as t
from .tables import insert

TEXT = (
    insert(t.text)
    # A repeated text changes nothing; another text under the same id violates NOT NULL and so is refused.
    + " ON CONFLICT (id) DO UPDATE SET hash = NULL WHERE hash <> excluded.hash"
)
RULE = insert(
    t.ask,
    *("id", "step", "agent", "turn", "purpose", "draw", "seed", "by", "value", "facts"),
    source="'rule'",
    status="'ok'",
    attempts="0",
)
TOLD = insert(t.ask)
ATTEMPT = insert(t.attempt, *t.attempt.c.keys()[1:])
EVENT = insert(t.event, *t.event.c.keys()[1:])
AGENT = insert(t.agent)
EXPOSURE = insert(
    t.exposure,
    *("step", "viewer", "turn", "slot", "author", "made_step", "n", "score", "ranker", "parts"),
)
SUGGESTION = insert(t.suggestion, *t.suggestion.c.keys()[1:])
TIE = insert(t.tie, "a", "b", "from_step", "attributes")
UNTIE = "UPDATE tie SET to_step = ? WHERE a = ? AND b = ? AND to_step IS NULL"
MEMORY = insert(t.memory, *t.memory.c.keys()[1:])
IDENTITIES = "SELECT coalesce(seed, ?), agent, step, turn, purpose, draw, id FROM ask"
RECALL = "UPDATE memory SET last_access = ? WHERE agent = ? AND n = ?"
MEASURE = insert(t.measure, "step", "name", "value") + " ON CONFLICT (step, name) DO UPDATE SET value = excluded.value"
NOTE = insert(t.note, "step", "kind", "content")

RUN = insert(t.run, *t.run.c.keys()[1:], id="1")
GO_ON = "UPDATE run SET status = 'running', reason = NULL, digest = NULL"
COUNT_PEOPLE = "UPDATE run SET people = (SELECT count(*) FROM agent) WHERE people = 0"
STEP = "UPDATE run SET steps = ?, turns = coalesce(?, turns), seconds = ?"
FINISH = "UPDATE run SET status = ?, reason = ?, digest = ?, turns = coalesce(?, turns), seconds = ?"
