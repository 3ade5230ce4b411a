"""What happens in the heads of the two of a verbal turn: asks, answers, and what is to be remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from simsoc.core.words import Action, Answer, NoAnswer, Reply, Thought, Turn
from simsoc.minds.asking import Thinking
from simsoc.minds.mind import Outcome
from simsoc.minds.records import Draft
from simsoc.minds.status import sum_up

from .sheet import Part, Sheet, texts

if TYPE_CHECKING:
    from .world import Verbal


class View(Struct, frozen=True):
    """What the two of a turn know when it begins. Without interaction there is no writer."""

    at: Turn
    reader: Part
    writer: Part | None
    alone: bool
    """Whether nobody is there to read of, though messages are read."""


def think(world: Verbal, view: View) -> Thought:
    """The message, then the report of who reads it, then what both remember."""
    at, writer = view.at, view.writer
    if view.alone:
        return Action(at, "rest", {})
    content: dict[str, Any] = {}
    message: str | None = None
    if writer is not None:
        ask = Sheet(world.spec, world.mind, writer, {}).ask(world.write, None)
        wrote = yield ask
        content["writer"], content["wrote"], content["by"] = writer.me.at.agent, wrote, ask.identity
        if isinstance(wrote, NoAnswer):
            return Action(at, "read", content)  # there is nothing to read
        message = wrote.value
    yield from _report(world, view, message, content)
    if writer is not None and message is not None:
        yield from _remember(world, view.reader, writer, message, content)
    return Action(at, "read", content)


def _report(world: Verbal, view: View, message: str | None, content: dict[str, Any]) -> Thinking[None]:
    """Reasoning where it is asked for, and the belief in its light."""
    said = view.writer.own if view.writer is not None else None
    reasoning: str | None = None
    if world.spec.reasoning:
        thought = yield Sheet(world.spec, world.mind, view.reader, texts(message=message)).ask(world.reason, said)
        content["reasoned"] = thought
        reasoning = thought.value if isinstance(thought, Answer) else None
    sheet = Sheet(world.spec, world.mind, view.reader, texts(message=message, reasoning=reasoning))
    ask = sheet.ask(world.decision, said)
    content["believes"], content["read_by"] = (yield ask), ask.identity


def _remember(world: Verbal, reader: Part, writer: Part, message: str, content: dict[str, Any]) -> Thinking[None]:
    """What both keep in mind; in a running summary where memory is reflective."""
    believes, by = content["believes"], content["by"]
    if isinstance(believes, Answer):
        read = Draft("event", f"I read: {message}", ask=by)
        told = _told(world.spec.labels[believes.value + 2], content.get("reasoned"))
        news = [read, Draft("thought", told, evidence=(-1,), ask=content["read_by"])]
        content["reader_keeps"] = yield from _kept(world, reader, news)
    wrote = Draft("event", f"I wrote: {message}", ask=by)
    content["writer_keeps"] = yield from _kept(world, writer, [wrote])


def _told(label: str, reasoned: Reply | None) -> str:
    """The report as it is remembered."""
    because = f" I thought: {reasoned.value}" if isinstance(reasoned, Answer) else ""
    return f"Then I chose: {label}.{because}"


def _kept(world: Verbal, part: Part, news: Sequence[Draft]) -> Thinking[Outcome]:
    if world.spec.memory == "cumulative":
        return Outcome(drafts=tuple(news))
    return (yield from sum_up(world.mind, part.me, part.memory, news, world.spec.topic))


def kept_in(outcome: Outcome | None) -> dict[str, Any]:
    """What is to be remembered, as it stands in an event, and what was left out or silent on the way."""
    if outcome is None:
        return {}
    told: dict[str, Any] = {"memory": [draft.plain() for draft in outcome.drafts]}
    return {**told, "counts": outcome.counts} if outcome.counts else told
