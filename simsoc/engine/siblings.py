"""Runs of one replicate side by side: what one of them has been answered stands in for the same call of another.

A call that two of them want at once is sent once. The first to want it sends it; the others wait, and send their own
only when it came to nothing. Everything here happens in the one event loop that the runs share, but for `join`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from simsoc.core.calls import Asked, Book, Kept
from simsoc.core.canonical import text_hash
from simsoc.core.protocols import Purse
from simsoc.core.words import Answer, Ask, Identity, NoAnswer, Reply

from .reuse import Elsewhere

if TYPE_CHECKING:
    from .hub import Done, Gate


class _Memory:
    """The replies to a run's calls in this sitting; of prompts only keys."""

    def __init__(self) -> None:
        self._kept: dict[Identity, Kept] = {}

    def get(self, identity: Identity) -> Kept | None:
        return self._kept.get(identity)

    def text(self, key: int) -> str:
        raise KeyError(key)

    def key(self, text: str) -> int:
        return int(text_hash(text)[:15], 16)

    def keep(self, ask: Ask, reply: Reply) -> None:
        prompt = None if reply.prompt is None else self.key(reply.prompt)
        self._kept[ask.identity] = Kept(reply.by, prompt, reply.settings, replace(reply, prompt=None, settings=None))


class Siblings:
    """The runs of one replicate, in file order."""

    def __init__(self) -> None:
        self.runs: list[Sibling] = []
        self._under_way: dict[Identity, list[_Sent]] = {}

    def join(self, books: Iterable[Book] = ()) -> Sibling:
        """One more run. books: its log, where there was one before this sitting."""
        joined = Sibling(self, tuple(books))
        self.runs.append(joined)
        return joined

    def same(self, ask: Ask, live: Any) -> _Sent | None:
        """The same call, on its way for another run."""
        for sent in self._under_way.get(ask.identity, ()):
            first = sent.call.live.signature(sent.call.ask)
            if first[:3] == live.signature(ask, first.settings)[:3]:
                return sent
        return None

    def begin(self, sent: _Sent) -> None:
        """A call is about to be sent."""
        self._under_way.setdefault(sent.call.ask.identity, []).append(sent)

    def end(self, sent: _Sent) -> None:
        """It is back, or nobody waits for it any more; those who waited look again. Safe to call twice."""
        calls = self._under_way.get(sent.call.ask.identity, [])
        if sent in calls:
            calls.remove(sent)
            if not calls:
                del self._under_way[sent.call.ask.identity]
        waiting, sent.waiting = sent.waiting, []
        for call in waiting:
            call.gate.again(call)

    def of(self, gate: _Shared, owner: Hashable) -> tuple[list[_Sent], list[_Sent]]:
        """Calls sent through a gate for an owner (everybody when None), and calls that others wait for."""
        calls = [sent for several in self._under_way.values() for sent in several]
        own = [sent for sent in calls if sent.call.gate is gate and owner in (None, sent.call.owner)]
        return own, [sent for sent in calls if sent.waiting]


class Sibling:
    """One run among its siblings: where it finds their answers, and the gate its calls go through."""

    def __init__(self, siblings: Siblings, books: tuple[Book, ...]) -> None:
        self.siblings = siblings
        self.memory = _Memory()
        self.paid = 0
        """Calls answered for this run in this sitting."""
        self.reused = 0
        """Calls answered by what a sibling was told."""
        self._sources = [Elsewhere(book) for book in (*books, self.memory)]
        self._gates: dict[int, _Shared] = {}

    def find(self, ask: Ask, backend: Asked) -> Reply | None:
        """What another run was told when it made the very same call, or None."""
        for other in self.siblings.runs:
            if other is not self:
                for source in other._sources:
                    reply = source.find(ask, backend)
                    if reply is not None:
                        self.reused += 1
                        return reply
        return None

    def gate(self, inner: Gate) -> Gate:
        """A gate in front of a server's own, where a call that is on its way for another run waits for that."""
        return self._gates.setdefault(id(inner), _Shared(self, inner))

    def told(self, ask: Ask, outcome: Reply | Exception) -> None:
        """A call of this run is back."""
        if isinstance(outcome, Answer | NoAnswer):
            self.paid += 1
            self.memory.keep(ask, outcome)


class _Call(NamedTuple):
    """A call as it was submitted."""

    gate: _Shared
    order: Any
    ask: Ask
    done: Done
    live: Any
    ready: Any
    owner: Hashable
    purse: Purse | None


class _Sent:
    """A call that was handed to a server's gate. Stands as the call's purse there, which hears when it is sent."""

    __slots__ = ("call", "left", "waiting")

    def __init__(self, call: _Call) -> None:
        self.call = call
        self.left = False
        """Whether it has left, so that its end will be told."""
        self.waiting: list[_Call] = []
        """The same call of other runs."""

    def take(self) -> None:
        """It is sent now."""
        self.left = True
        if self.call.purse is not None:
            self.call.purse.take()

    def book(self, outcome: Any) -> None:
        """It is back; None when it was dropped between two tries."""
        if self.call.purse is not None:
            self.call.purse.book(outcome)
        if outcome is None:
            self.call.gate.siblings.end(self)

    def back(self, outcome: Reply | Exception) -> None:
        """The end of the call, as its run and then those who wait hear of it."""
        self.call.gate.sibling.told(self.call.ask, outcome)
        self.call.done(outcome)
        self.call.gate.siblings.end(self)


class _Shared:
    """The gate that `Sibling.gate` makes."""

    def __init__(self, sibling: Sibling, inner: Gate) -> None:
        self.sibling = sibling
        self.siblings = sibling.siblings
        self._inner = inner

    def submit(
        self,
        order: Any,
        ask: Ask,
        done: Done,
        live: Any = None,
        ready: Any = None,
        owner: Hashable = None,
        purse: Purse | None = None,
    ) -> None:
        """Queue a call that no sibling has an answer to yet."""
        self._send(_Call(self, order, ask, done, live, ready, owner, purse))

    def again(self, call: _Call) -> None:
        """The call that this one waited for has ended: take its answer, or send this one."""
        try:
            found = self.sibling.find(call.ask, call.live)
        except Exception as error:
            call.done(error)
            return
        if found is not None:
            call.done(found)
        else:
            self._send(call)

    def _send(self, call: _Call) -> None:
        try:
            first = self.siblings.same(call.ask, call.live)
        except Exception as error:
            call.done(error)
            return
        if first is not None:
            first.waiting.append(call)
            return
        sent = _Sent(call)
        self.siblings.begin(sent)
        self._inner.submit(call.order, call.ask, sent.back, call.live, call.ready, owner=call.owner, purse=sent)

    def clear(self, owner: Hashable = None) -> int:
        """Forget an owner's calls that are not in flight, also those that wait for a sibling's; how many there were."""
        dropped = self._inner.clear(owner)
        own, waited_for = self.siblings.of(self, owner)
        for sent in waited_for:
            kept = [call for call in sent.waiting if call.gate is not self or owner not in (None, call.owner)]
            dropped += len(sent.waiting) - len(kept)
            sent.waiting = kept
        for sent in own:
            if not sent.left:
                self.siblings.end(sent)
        return dropped

    async def open(self) -> None:
        """Connect."""
        await self._inner.open()

    async def close(self) -> None:
        """The server's gate is shared, and closed with the hub."""
