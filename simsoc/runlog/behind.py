"""What stands behind a run's numbers, as far as somebody wants to look: decisions with their prompts, views, counts.

For reports. Samples go by place in the order of steps and agents, never by chance or by order of arrival, so that two
reports of one run show the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from .queries import NAMED_PARTS, RANKED
from .reader import Run

_CALL = "step, agent, turn, purpose, draw"
_DECISION = (
    'id, step, agent, turn, purpose, draw, source, "by", status, value, detail, facts, choice, prompt, reply, settings,'
    " flags, attempts, tokens_in, tokens_out, cost, latency"
)
_SAMPLE = (
    f"SELECT {_DECISION} FROM (SELECT *, row_number() OVER (PARTITION BY status <> 'ok' ORDER BY {_CALL}) - 1 AS place"
    f" FROM ask) WHERE place % CASE WHEN status = 'ok' THEN ? ELSE ? END = 0 ORDER BY {_CALL}"
)
_MINDS = (
    "SELECT \"by\", source, count(*), coalesce(sum(status <> 'ok'), 0), coalesce(sum(max(attempts - 1, 0)), 0),"
    " sum(tokens_in), sum(tokens_out), sum(cost), coalesce(sum(source = 'live' AND cost IS NULL), 0), avg(latency)"
    ' FROM ask GROUP BY "by", source ORDER BY min(id)'
)
_KINDS = (
    "SELECT 'no answer', purpose, status, count(*), min(detail) FROM ask WHERE status <> 'ok' GROUP BY purpose, status"
    " UNION ALL SELECT 'attempt', purpose, kind, count(*), min(detail) FROM attempt GROUP BY purpose, kind"
    " ORDER BY 4 DESC, 2, 3"
)


Item = tuple[int, int, int]
"""(author, step, n)"""


class Decision(NamedTuple):
    """A call and what came back; prompt, reply and settings are keys of texts."""

    ask: int
    step: int
    agent: int
    turn: int
    purpose: str
    draw: int
    source: str
    by: str
    status: str
    value: str | None
    """As JSON."""
    detail: str | None
    facts: str
    """As JSON."""
    choice: str | None
    prompt: int | None
    reply: int | None
    settings: int | None
    flags: str | None
    attempts: int
    tokens_in: int | None
    tokens_out: int | None
    cost: float | None
    latency: float | None


class Mind(NamedTuple):
    """Who answered how many calls of a run, and what that took."""

    by: str
    source: str
    calls: int
    silent: int
    repeated: int
    tokens_in: int | None
    tokens_out: int | None
    dollars: float | None
    unpriced: int
    seconds: float | None
    """Mean latency."""


class Failing(NamedTuple):
    """How often something went wrong, and the words of one time."""

    what: str
    """`no answer`, or `attempt` for a try of a call."""
    purpose: str
    kind: str
    times: int
    example: str | None


class View(NamedTuple):
    """What somebody was shown in one turn: slots from the top."""

    step: int
    viewer: int
    turn: int
    slots: Sequence[tuple[int, Item, float | None, Mapping[str, Any], str]]
    """(slot, item as (author, step, n), score and its parts by name, ranker)"""


def decisions(run: Run, most: int) -> tuple[list[Decision], int]:
    """So many decisions at most, and how many there are.

    Those without an answer take a quarter of the places, where there are so many; the others are spread evenly over
    steps and people.
    """
    silent, told = (int(n) for n in run.rows("SELECT coalesce(sum(status <> 'ok'), 0), count(*) FROM ask")[0])
    most = max(most, 4)
    failed = min(silent, max(most // 4, most - (told - silent)))
    every, odd = _stride(told - silent, most - failed), _stride(silent, failed)
    return [Decision(*row) for row in run.rows(_SAMPLE, (every, odd))], told


def _stride(there: int, wanted: int) -> int:
    return max(1, -(-there // max(wanted, 1)))


def texts(run: Run, keys: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Texts by their keys."""
    for start in range(0, len(keys), 500):
        part = tuple(keys[start : start + 500])
        yield from run.rows(f"SELECT id, text FROM text WHERE id IN ({', '.join('?' * len(part))})", part)


def minds(run: Run) -> list[Mind]:
    """Who answered, in order of first answers."""
    return [Mind(*row) for row in run.rows(_MINDS)]


def failing(run: Run) -> list[Failing]:
    """Calls without answer and tries that came to nothing, by purpose and kind, most frequent first."""
    return [Failing(*row) for row in run.rows(_KINDS)]


def views(run: Run, most: int) -> list[View]:
    """So many turns at most in which somebody was shown something: spread over the steps, one person after another."""
    turns = run.rows("SELECT DISTINCT step, viewer, turn FROM exposure ORDER BY step, viewer, turn")
    if not turns or most < 1:
        return []
    picked = turns if len(turns) <= most else [turns[i * (len(turns) - 1) // max(most - 1, 1)] for i in range(most)]
    told = (
        f"SELECT e.slot, e.author, e.made_step, e.n, e.score, {NAMED_PARTS}, e.ranker FROM {RANKED}"
        " WHERE e.step = ? AND e.viewer = ? AND e.turn = ? ORDER BY e.slot, e.id"
    )
    called = dict(run.rows("SELECT content ->> 'ranker', content ->> 'parts' FROM note WHERE kind = 'ranker'"))
    made = []
    for step, viewer, turn in dict.fromkeys(map(tuple, picked)):
        rows = run.rows(told, (step, viewer, turn))
        slots = [(r[0], (r[1], r[2], r[3]), r[4], _parts(r[5], called.get(r[6])), r[6]) for r in rows]
        made.append(View(step, viewer, turn, slots))
    return made


def _parts(parts: str | None, names: str | None) -> dict[str, Any]:
    """Parts of a score by name; a list of them has the names that a note of its ranker tells."""
    found = {} if parts is None else msgspec.json.decode(parts)
    if isinstance(found, list):
        told = [] if names is None else msgspec.json.decode(names)
        found = {told[n] if n < len(told) else f"part {n}": value for n, value in enumerate(found)}
    return {name: value for name, value in found.items() if value is not None}


def items(run: Run, wanted: Sequence[Item]) -> dict[Item, tuple[str, dict[str, Any]]]:
    """Kind and content of the events by which items (author, step, n) came to be."""
    found: dict[Item, tuple[str, dict[str, Any]]] = {}
    for author, step in dict.fromkeys((item[0], item[1]) for item in wanted):
        rows = run.rows(
            "SELECT kind, content FROM event WHERE agent = ? AND step = ? AND json_extract(content, '$.n') IS NOT NULL"
            " ORDER BY id",
            (author, step),
        )
        for kind, content in rows:
            own = msgspec.json.decode(content)
            found.setdefault((author, step, own["n"]), (kind, own))
    return {item: found[item] for item in wanted if item in found}


def deeds(run: Run, step: int, agent: int, turn: int) -> list[tuple[str, dict[str, Any]]]:
    """What somebody did in a turn: kind and content of its events."""
    rows = run.rows(
        "SELECT kind, content FROM event WHERE step = ? AND agent = ? AND turn = ? ORDER BY id", (step, agent, turn)
    )
    return [(kind, msgspec.json.decode(content)) for kind, content in rows]


def names(run: Run) -> dict[int, str]:
    """What people are called, where they are called something: by their label, else by a trait `name`."""
    told = "SELECT id, label, json_extract(traits, '$.name') FROM agent ORDER BY id"
    return {agent: label or str(name) for agent, label, name in run.rows(told) if label or name}


def traits(run: Run) -> dict[int, dict[str, Any]]:
    """Traits of everybody, as at birth, with `label` where they have one."""
    rows = run.rows("SELECT id, label, traits FROM agent ORDER BY id")
    return {agent: {**({"label": label} if label else {}), **msgspec.json.decode(own)} for agent, label, own in rows}
