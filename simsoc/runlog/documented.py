"""The columns of every frame, with units and meanings: declared once, held to by `Run`, printed in the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Column, Float, Integer, Table

from . import tables as t

if TYPE_CHECKING:
    import pandas as pd


class Col(NamedTuple):
    """One column of a frame."""

    name: str
    """`*` stands for columns named by the data."""
    unit: str
    meaning: str
    dtype: str | None = None
    """pandas type, where it is not for pandas to say."""


def _dtype(column: Column[Any]) -> str | None:
    if isinstance(column.type, Integer):
        return "Int64" if column.nullable else "int64"
    return "float64" if isinstance(column.type, Float) else None


def _of(table: Table, *names: str, **renamed: str) -> tuple[Col, ...]:
    """Columns as the table documents them; ``new=old`` gives one another name."""
    picked = [(new, table.c[old]) for new, old in renamed.items()] + [(name, table.c[name]) for name in names]
    return tuple(Col(name, c.info["unit"], c.comment or "", _dtype(c)) for name, c in picked)


_CALL = ("step", "turn", "agent", "purpose", "draw")
_HOW = ("flags", "attempts", "tokens_in", "tokens_out", "cost", "latency")
_ITEM = ("author", "made_step", "n", "score")
_MEMORY = ("agent", "n", "step", "kind", "depth", "subject", "predicate", "object")
_VALUE = Col("value", "", "the answer, decoded; None unless status is ok", "object")

FRAMES: dict[str, tuple[Col, ...]] = {
    "agents": (
        *_of(t.agent, "born_step", "label", "backend", agent="id"),
        Col("*", "", "one column per trait, as at birth"),
    ),
    "events": (
        *_of(t.event, "step", "turn", "agent", "kind", event="id"),
        Col("content", "", "the particulars as a dictionary; `events_of` has a column per key instead", "object"),
    ),
    "asks": (*_of(t.ask, *_CALL, "source", "by", "status", ask="id"), _VALUE, *_of(t.ask, "detail", "choice", *_HOW)),
    "asks_with(texts=True)": (
        Col("prompt", "", "the messages as sent, as JSON; None for a rule"),
        Col("reply", "", "the reply's text as received; None for a rule"),
        Col("settings", "", "the model's settings, as canonical JSON; None for a rule"),
    ),
    "asks_with(facts=True)": (Col("facts.*", "", "one column per given fact"),),
    "survey(name)": (
        Col("step", "step", "the wave: after which step it was held; 0 is the start", "int64"),
        Col("agent", "id", "who was asked", "int64"),
        Col("question", "", "which question, by its name"),
        Col("answer", "", "what was answered; None where there was no answer", "object"),
        *_of(t.ask, "status", "detail", "by", "source"),
        Col(
            "weight", "", "what whoever was asked counts: its survey weight where people carry these, else 1", "float64"
        ),
    ),
    "survey(name, wide=True)": (
        Col("step", "step", "the wave", "int64"),
        Col("agent", "id", "who was asked", "int64"),
        Col("weight", "", "what it counts: its survey weight where people carry these, else 1", "float64"),
        Col("*", "", "one column per question; missing where there was no answer"),
    ),
    "interviews": (
        Col("step", "step", "after which step somebody was asked; 0 is the start", "int64"),
        Col("agent", "id", "who was asked", "int64"),
        Col("name", "", "how it is called, where it has a name"),
        Col("question", "", "the question in words"),
        Col("answer", "", "what was answered; None where there was no answer", "object"),
        *_of(t.ask, "status", "detail", "by", "source"),
        Col("attempts", "requests", "requests sent; 0 for a rule", "Int64"),
        *_of(t.ask, "tokens_in", "tokens_out", "cost", "latency"),
        Col("form", "", "what might be answered, e.g. {choice: [yes, no]}", "object"),
        Col("facts", "", "what the answer could rest on beside the persona, as a dictionary", "object"),
        Col("prompt", "", "the messages as sent; None for a rule", "object"),
        Col("reply", "", "the reply's text as received; None for a rule"),
        Col("settings", "", "the model's settings; None for a rule", "object"),
        Col("asked_at", "UTC", "when; for people, nothing depends on it"),
    ),
    "opinions": (
        Col("step", "step", "at the end of which step; 0 is the start", "int64"),
        Col("agent", "id", "whose opinion", "int64"),
        Col("opinion", "", "the option held, or a number on the world's scale"),
    ),
    "opinion_changes": (
        *_of(t.event, "step", "turn", event="id"),
        Col("agent", "id", "whose opinion", "int64"),
        Col("opinion", "", "what it was changed to; the first row of an agent is what it started with"),
    ),
    "posts": (
        Col("post", "", "its id, AUTHOR.STEP.N"),
        Col("thread", "", "id of the opening post of its thread"),
        Col("parent", "", "id of what it replies to; None for an opening post"),
        Col("depth", "replies", "replies above it, itself included; 0 for an opening post", "int64"),
        Col("author", "id", "who wrote it; -1 for nobody in the run", "int64"),
        Col("by", "", "name of who wrote it, where that is nobody in the run"),
        Col("step", "step", "when; 0 before the run began", "int64"),
        Col("n", "count", "which of its author's posts of that step", "int64"),
        Col("title", "", "title of an opening post; None where it has none"),
        Col("text", "", "what it says, edits included, also where readers no longer see it"),
        Col("labels", "", "names of the rules it breaks, as whoever wrote it says, as a list", "object"),
        Col("synthetic", "", "whether a grammar composed the text", "boolean"),
        Col("up", "votes", "votes for it, or likes", "int64"),
        Col("down", "votes", "votes against it", "int64"),
        Col(
            "score", "votes", "votes for less votes against, its author's own included where there are titles", "int64"
        ),
        Col("gone", "", "removed by a moderator, or deleted by its author; None while it is there"),
        Col("edited", "", "whether its text is not the first", "boolean"),
        Col("pinned", "", "whether a moderator pinned it", "boolean"),
    ),
    "ties": (
        *_of(t.tie, "a", "b", "from_step", "to_step"),
        Col("attributes", "", "weight and the like, as a dictionary", "object"),
    ),
    "measures": (
        Col("step", "step", "when; the index", "int64"),
        Col("*", "", "one column per measure; missing where it is not defined", "float64"),
    ),
    "measures_long": _of(t.measure, "step", "name", "value"),
    "failures": (
        *_of(t.ask, *_CALL),
        Col("what", "", "`no answer`, or `attempt` for a try of a call", None),
        Col("n", "count", "which try, from 1; empty for a call without answer", "Int64"),
        Col("kind", "", "refused, unparseable, truncated, failed; of a try also rate_limited, timed_out, ..."),
        Col("detail", "", "what went wrong"),
        Col("text", "", "what the model said, when it said something"),
    ),
    "exposures": (
        *_of(t.exposure, "step", "viewer", "turn", "slot", *_ITEM, "ranker"),
        Col("parts", "", "parts of the score, as a dictionary", "object"),
    ),
    "suggestions": (
        *_of(t.suggestion, "step", "viewer", "turn", "slot", "account", "score", "ranker"),
        Col("parts", "", "parts of the score, as a dictionary", "object"),
    ),
    "memories": (
        *_of(t.memory, *_MEMORY),
        Col("text", "", "the memory in words"),
        *_of(t.memory, "importance"),
        Col("keywords", "", "words it is found by, as a list", "object"),
        Col("evidence", "", "numbers (n) of the memories it rests on, as a list", "object"),
        *_of(t.memory, "last_access", "expires", "event", "ask"),
    ),
    "summary": (
        Col("measure", "", "which measure"),
        Col("first", "", "its value at step 0; missing where it is not defined", "float64"),
        Col("final", "", "its value at the last step", "float64"),
        Col("mean", "", "its mean over the window that the scenario declares", "float64"),
        Col("window", "steps", "first and last step of the window"),
    ),
    "notes": (*_of(t.note, "step", "kind"), Col("content", "", "the particulars as a dictionary", "object")),
}
"""Columns of each frame in order; a name with parentheses lists what the option adds or gives instead."""


def columns(*, tables: bool = False) -> pd.DataFrame:
    """Every column that `Run` gives, or, with `tables`, every column of the file: table, column, unit, meaning."""
    import pandas as pd

    rows: list[tuple[str, str, str, str]]
    if tables:
        rows = [
            (table.name, c.name, c.info["unit"], c.comment or "")
            for table in t.metadata.tables.values()
            for c in table.columns
        ]
    else:
        rows = [(frame, c.name, c.unit, c.meaning) for frame, given in FRAMES.items() for c in given]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning"])
