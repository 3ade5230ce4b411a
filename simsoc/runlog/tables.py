"""The tables of a run log, column by column, each with its unit and meaning.

This page is what readers of a log need; `columns` shows it as a frame and the documentation is made from it. The tables
themselves are made by the numbered steps in `migrations`, and a test holds the two together. Keys are integers
throughout (a text key costs several times as much per row). Steps count from 1; step 0 is the starting state.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, Table, Text

metadata = MetaData()


def _key(meaning: str) -> Column[int]:
    return Column("id", Integer, primary_key=True, comment=meaning, info={"unit": "id"})


def _whole(name: str, unit: str, meaning: str, *, empty: bool = False, to: str | None = None) -> Column[int]:
    link = () if to is None else (ForeignKey(to),)
    return Column(name, Integer, *link, nullable=empty, comment=meaning, info={"unit": unit})


def _real(name: str, unit: str, meaning: str) -> Column[float]:
    return Column(name, Float, nullable=True, comment=meaning, info={"unit": unit})


def _text(name: str, unit: str, meaning: str, *, empty: bool = False) -> Column[str]:
    return Column(name, Text, nullable=empty, comment=meaning, info={"unit": unit})


def _table(name: str, comment: str, *columns: Column[Any]) -> Table:
    return Table(name, metadata, *columns, comment=comment)


schema_version = _table(
    "schema_version",
    "Steps of the schema that this file has been through.",
    _key("number of the step"),
    _text("name", "", "name of the step"),
)

run = _table(
    "run",
    "The run itself: one row.",
    _key("always 1"),
    _text("name", "", "name of the scenario"),
    _text("scenario", "JSON", "the scenario as run, every default filled in"),
    _text("yaml", "YAML", "the scenario as a file, without what was left at its default"),
    _text("folder", "", "where its relative paths start, as seen from the log's own folder"),
    _whole("seed", "", "seed of all randomness; equal in every arm of a replicate"),
    _text("arm", "", "arm of the experiment; empty outside one"),
    _whole("replicate", "count", "number of the replicate, from 0"),
    _text("parent", "", "log this run was forked from", empty=True),
    _whole("forked_at", "step", "last step shared with the parent", empty=True),
    _whole("people", "agents", "people at the start"),
    _whole("directed", "0/1", "1 when a tie from a to b means that a follows b"),
    _text("versions", "JSON", "versions of Python, simsoc and libraries; hashes of the user's own Python files"),
    _text("status", "", "running (also after a kill), finished, stopped (can be resumed) or failed"),
    _text("reason", "", "why it ended", empty=True),
    _whole("steps", "steps", "steps written; empty before the starting state is", empty=True),
    _whole("turns", "turns", "turns taken so far, in all worlds", empty=True),
    _text("digest", "hex", "BLAKE2b-128 of the events in applied order; empty until the run ends", empty=True),
    _text("started_at", "UTC", "when the file was made; for people, nothing depends on it"),
    _real("seconds", "s", "time spent running, over all sittings"),
)

agent = _table(
    "agent",
    "Who lives in the run.",
    _key("the agent's id, from 0"),
    _whole("born_step", "step", "step in which it came to be; 0 for the people of the start"),
    _text("label", "", "name for people to read; may be empty"),
    _text("traits", "JSON", "its traits, by name"),
    _text("backend", "", "who answers for it; empty for the run's own backend"),
)

event = _table(
    "event",
    "What happened, in applied order. Folding these rows into a world rebuilds any step.",
    _key("place in the order of events, from 1"),
    _whole("step", "step", "when; 0 is the starting state"),
    _whole("turn", "count", "which of the agent's turns within the step, from 0"),
    _whole("agent", "id", "who did it; -1 for the world itself"),
    _text("kind", "", "what happened"),
    _text("content", "JSON", "the particulars; keys depend on the kind"),
)

text = _table(
    "text",
    "Prompts, replies and other long texts, each stored once.",
    _key("the first 63 bits of the hash; two different texts under one id are refused"),
    _text("hash", "hex", "BLAKE2b-128 of the text in UTF-8"),
    _text("text", "", "the text"),
)

ask = _table(
    "ask",
    "What agents were asked and what came back: one row a call, answers of rules included.",
    _key("order of arrival, from 1; not part of what is reproducible"),
    _whole("step", "step", "when"),
    _whole("agent", "id", "who was asked"),
    _whole("turn", "count", "which of the agent's turns within the step, from 0"),
    _text("purpose", "", "what for"),
    _whole("draw", "count", "which ask of this purpose within the turn, from 0"),
    _whole("seed", "", "seed of this call where it is not the run's (a universe)", empty=True),
    _text("source", "", "rule, live or replay"),
    _text("by", "", "the rule or model that answered"),
    _text("status", "", "ok, refused, unparseable, truncated or failed"),
    _text("value", "JSON", "the answer, canonical; empty unless status is ok", empty=True),
    _text("detail", "", "why there is no answer", empty=True),
    _text("facts", "JSON", "the given facts of the decision; those computed on demand can be derived from them"),
    _text("choice", "", "how a closed choice was drawn: sample, elicit or logprobs; empty for a rule", empty=True),
    _whole("prompt", "text id", "the messages as sent, as JSON", empty=True, to="text.id"),
    _whole("reply", "text id", "the reply's text as received", empty=True, to="text.id"),
    _whole("settings", "text id", "the model's settings, as canonical JSON", empty=True, to="text.id"),
    _text("flags", "", "what was done to the reply openly, separated by commas", empty=True),
    _whole("attempts", "requests", "requests sent; 0 for a rule"),
    _whole("tokens_in", "tokens", "length of the prompt, as billed", empty=True),
    _whole("tokens_out", "tokens", "length of the reply, as billed", empty=True),
    _real("cost", "USD", "by the price map; empty where the price is not known"),
    _real("latency", "s", "from the first request sent to the last byte read"),
)

attempt = _table(
    "attempt",
    "Tries that brought no usable answer, also those of calls that came to nothing.",
    _key("order of arrival, from 1"),
    _whole("ask", "id", "row of the call; empty when it never got a reply", empty=True, to="ask.id"),
    _whole("step", "step", "when"),
    _whole("agent", "id", "who was asked"),
    _whole("turn", "count", "which of the agent's turns within the step, from 0"),
    _text("purpose", "", "what for"),
    _whole("draw", "count", "which ask of this purpose within the turn, from 0"),
    _whole("n", "count", "which try of the call, from 1"),
    _text("kind", "", "rate_limited, timed_out, unreachable, unparseable, refused, truncated, ..."),
    _text("detail", "", "what went wrong"),
    _whole("text", "text id", "what the model said, when it said something", empty=True, to="text.id"),
)

exposure = _table(
    "exposure",
    "Who saw which item in which slot, and why.",
    _key("order of showing, from 1"),
    _whole("step", "step", "when"),
    _whole("viewer", "id", "who saw it"),
    _whole("turn", "count", "which of the viewer's turns within the step, from 0"),
    _whole("slot", "count", "place in what was shown, 0 at the top"),
    _whole("author", "id", "who made the item; -1 for the world itself"),
    _whole("made_step", "step", "when the item was made"),
    _whole("n", "count", "which of the author's items of that step, from 0"),
    _real("score", "", "score it was ranked by; higher is earlier"),
    _text("parts", "JSON", "parts of the score, by name; or a list, named by the note `ranker`", empty=True),
    _text("ranker", "", "the feed that ranked it"),
)

suggestion = _table(
    "suggestion",
    "Who was told of which account that it might follow, in which slot, and why.",
    _key("order of showing, from 1"),
    _whole("step", "step", "when"),
    _whole("viewer", "id", "who was told"),
    _whole("turn", "count", "which of the viewer's turns within the step, from 0"),
    _whole("slot", "count", "place among what was suggested, 0 at the top"),
    _whole("account", "id", "who was suggested"),
    _real("score", "", "score it was ranked by; higher is earlier"),
    _text("parts", "JSON", "parts of the score, by name", empty=True),
    _text("ranker", "", "the recommender that ranked it"),
)

tie = _table(
    "tie",
    "Who was tied to whom, and how long. At the end of step t a tie holds when from_step <= t < to_step.",
    _key("order of making, from 1"),
    _whole("a", "id", "one end; the follower when ties are directed, else the smaller id"),
    _whole("b", "id", "the other end; who is followed when ties are directed"),
    _whole("from_step", "step", "step in which it was made; 0 for the ties of the start"),
    _whole("to_step", "step", "step in which it was ended; empty while it lasts", empty=True),
    _text("attributes", "JSON", "weight and the like; empty when there is none", empty=True),
)

memory = _table(
    "memory",
    "What agents remember.",
    _key("order of storing, from 1"),
    _whole("agent", "id", "whose memory"),
    _whole("n", "count", "running number within the agent's memory, from 0"),
    _whole("step", "step", "when it was stored"),
    _text("kind", "", "event, thought, chat, plan, seed"),
    _whole("depth", "count", "0 for what was perceived, else 1 + the deepest of its evidence"),
    _text("subject", "", "who or what it is about, where it is kept as a triple", empty=True),
    _text("predicate", "", "what it says of the subject", empty=True),
    _text("object", "", "what the predicate is about", empty=True),
    _whole("text", "text id", "the memory in words", to="text.id"),
    _real("importance", "1..10", "how much it matters to the agent"),
    _text("keywords", "JSON", "words it is found by", empty=True),
    _text("evidence", "JSON", "numbers (n) of the memories it rests on", empty=True),
    _whole("last_access", "step", "when it was last retrieved; at first, when it was stored"),
    _whole("expires", "step", "step from which it no longer counts", empty=True),
    _whole("event", "id", "event it was stored with", empty=True, to="event.id"),
    _whole("ask", "id", "ask that brought it about", empty=True, to="ask.id"),
)

measure = _table(
    "measure",
    "Numbers taken at the end of steps.",
    _key("order of taking, from 1"),
    _whole("step", "step", "when"),
    _text("name", "", "which measure"),
    _real("value", "", "the number; empty where it is not defined"),
)

note = _table(
    "note",
    "What happened to the run rather than in it (interventions, resumes, warnings). Outside the digest.",
    _key("order of writing, from 1"),
    _whole("step", "step", "when"),
    _text("kind", "", "what happened"),
    _text("content", "JSON", "the particulars"),
)


def insert(table: Table, *names: str, **constants: str) -> str:
    """INSERT of tuples with these columns (all when none is named); constants are SQL literals.

    Raises KeyError for a column that the table does not have.
    """
    columns = [table.c[name].name for name in names or tuple(table.c.keys())]
    marks = ["?"] * len(columns) + list(constants.values())
    columns += [table.c[name].name for name in constants]
    quoted = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table.name}" ({quoted}) VALUES ({", ".join(marks)})'
