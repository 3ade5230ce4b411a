"""Nothing is paid for twice: answers there are already, looked up nearest first.

This run's own log, the run it was forked from, runs side by side with it, then the logs a scenario names. Rules are
asked again, models are not. Where a log holds the very past of this run (its own log; its parent up to the fork) a call
that differs is a Divergence; anywhere else it is merely another call, and the model is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec.structs import replace

from simsoc.core.calls import Asked, Book, Signature, compare, only_looks, place
from simsoc.core.errors import Divergence
from simsoc.core.words import Answer, Ask, NoAnswer, Reply


class Source(Protocol):
    """Somewhere answers are found."""

    def find(self, ask: Ask, backend: Asked) -> Reply | None:
        """The reply that stands in for this call, told as `replay`, or None."""
        ...


class Answers:
    """The one lookup of a run: its sources, nearest first."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources: Sequence[Source] = tuple(sources)

    def find(self, ask: Ask, backend: Asked) -> Reply | None:
        """The logged reply to this call, or None when the model has to be asked. Raises Divergence, as sources do."""
        for source in self._sources:
            reply = source.find(ask, backend)
            if reply is not None:
                return reply
        return None


class Past:
    """A log whose calls up to a step are this run's own.

    book: its calls; steps: the last step that is shared whole; told: what it is called in messages.
    """

    def __init__(self, book: Book, steps: int, told: str = "the log") -> None:
        self._book = book
        self._steps = steps
        self._told = told

    def find(self, ask: Ask, backend: Asked) -> Reply | None:
        """The reply of this log, whatever it was, also where the wire failed.

        Raises Divergence when the log has the call with another model, prompt or setting, or should have it and has
        not.
        """
        kept = self._book.get(ask.identity)
        if kept is None:
            if ask.step <= self._steps:
                raise Divergence(f"{self._told} has no model's answer to the call of {place(ask)}")
            return None
        if kept.prompt is None:
            return replace(kept.reply, source="replay")
        now = backend.signature(ask, kept.settings)
        compare(ask, kept, now, self._book)
        return replace(kept.reply, source="replay", prompt=now.prompt, settings=now.settings)


class Elsewhere:
    """A log of another run: what it holds under another model, prompt or setting is another call's."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def find(self, ask: Ask, backend: Asked) -> Reply | None:
        """The reply of a model to the very same call.

        Its words are read again under the facts of this call: two worlds may show the same labels for other options.
        """
        kept = self._book.get(ask.identity)
        if kept is None or kept.prompt is None or kept.by != backend.name:
            return None
        now = backend.signature(ask, kept.settings)
        if kept.by != now.by or kept.settings != now.settings or kept.prompt != self._book.key(now.prompt):
            return None
        return _read_again(kept.reply, now)


class Parent:
    """The log that a run is forked from: its past up to a step, and after that another run's log.

    A fork may be surveyed otherwise than its parent was, in the past, too.
    """

    def __init__(self, book: Book, at: int) -> None:
        self._at = at
        self._past = Past(book, at, "the run this one is forked from")
        self._later = Elsewhere(book)

    def find(self, ask: Ask, backend: Asked) -> Reply | None:
        """As in the past up to the fork, as elsewhere after it."""
        past = ask.step <= self._at and not only_looks(ask)
        return (self._past if past else self._later).find(ask, backend)


def _read_again(reply: Reply, now: Signature) -> Reply | None:
    """The reply as it stands for this call; None when its words are no answer to it."""
    told = {"source": "replay", "prompt": now.prompt, "settings": now.settings}
    if isinstance(reply, NoAnswer):
        return replace(reply, **told)
    assert isinstance(reply, Answer)
    if now.read is None or reply.raw is None:
        return replace(reply, **told)
    try:
        return replace(reply, value=now.read(reply.raw), **told)
    except ValueError:
        return None
