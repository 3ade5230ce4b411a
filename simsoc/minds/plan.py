"""A day's plan: blocks that fill 24 hours, some of them in smaller pieces (methods.md 1.6 and 1.7).

Whatever a model answers, minutes are conserved. The repair rule is one for all: pieces count in the order given, what
reaches beyond the end is cut there, and what is missing at the end is filled by the last of them going on. Where
nothing usable was given, what had been planned stands. A part of the day without a plan has no activity (None).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import msgspec
from msgspec import Struct

from .records import DAY

SLEEPING = "sleeping"
SHORTEST, LONGEST = 5, 15
"""Minutes of a fine piece; the last of a block may be shorter."""
_LATE = 23 * 60  # from then on nothing is taken to pieces


class Piece(Struct, frozen=True):
    """Something to do for some minutes."""

    activity: str | None
    minutes: int


class Block(Struct, frozen=True, omit_defaults=True):
    """A part of the day with one activity; pieces, where there are any, sum up to it."""

    activity: str | None
    minutes: int
    pieces: tuple[Piece, ...] = ()

    def timeline(self) -> tuple[Piece, ...]:
        """What is done in it, in order."""
        return self.pieces or (Piece(self.activity, self.minutes),)


class Doing(Struct, frozen=True):
    """What a plan says of a minute."""

    activity: str | None
    """What is done, in as much detail as there is."""
    since: int
    until: int
    """Minutes of the day."""
    block: int
    """Which block it is in."""


class Plan(Struct, frozen=True):
    """What an agent means to do on one day. `blocks` sum up to 1440 minutes."""

    day: int
    broad: tuple[str, ...]
    """The day in broad strokes, as answered."""
    blocks: tuple[Block, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON-able content of an event."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        return made

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """From the content of an event. Raises msgspec.ValidationError."""
        return msgspec.convert(content, cls)

    def start(self, block: int) -> int:
        """Minute of the day at which a block begins."""
        return sum(b.minutes for b in self.blocks[:block])

    def at(self, minute: int) -> Doing:
        """What is planned for a minute of the day. Raises ValueError outside 0..1439."""
        begin, index = self._block_at(minute)
        since = begin
        for piece in self.blocks[index].timeline():
            if minute < since + piece.minutes:
                return Doing(piece.activity, since, since + piece.minutes, index)
            since += piece.minutes
        raise ValueError(f"block {index} is shorter than its pieces")

    def _block_at(self, minute: int) -> tuple[int, int]:
        begin = 0
        for index, block in enumerate(self.blocks):
            if begin <= minute < begin + block.minutes:
                return begin, index
            begin += block.minutes
        raise ValueError(f"minute {minute} is not in this day")

    def rough(self, minute: int, ahead: int) -> int | None:
        """The next block to be taken to pieces: it begins within so many minutes and has none yet.

        None where there is no such block: sleep and hours without a plan stay whole, and nothing is taken to pieces
        after 23:00.
        """
        begin = 0
        for index, block in enumerate(self.blocks):
            soon = begin < minute + ahead and begin + block.minutes > minute
            awake = block.activity is not None and not asleep(block.activity)
            if soon and awake and not block.pieces and begin < _LATE and minute < _LATE:
                return index
            begin += block.minutes
        return None

    def taken_to_pieces(self, block: int, pieces: Sequence[Piece]) -> Plan:
        """With a block in fine pieces; as it was where none is usable."""
        fine = fitted(_fine(pieces), self.blocks[block].minutes, LONGEST)
        changed = list(self.blocks)
        changed[block] = Block(changed[block].activity, changed[block].minutes, fine)
        return Plan(self.day, self.broad, tuple(changed))

    def left_whole(self, block: int) -> Plan:
        """With a block as the one piece it is: it is not taken to pieces any more."""
        changed = list(self.blocks)
        whole = changed[block]
        changed[block] = Block(whole.activity, whole.minutes, (Piece(whole.activity, whole.minutes),))
        return Plan(self.day, self.broad, tuple(changed))

    def affected(self, minute: int, minutes: int) -> tuple[int, int, int]:
        """Of something that begins at a minute: where it ends, and the first and last block it falls in.

        Nothing goes on beyond midnight. Raises ValueError for a minute outside the day or fewer minutes than one.
        """
        if minutes < 1:
            raise ValueError(f"something that takes {minutes} minutes cannot be put into a plan")
        end = min(minute + minutes, DAY)
        return end, self._block_at(minute)[1], self._block_at(end - 1)[1]

    def remainder(self, minute: int, minutes: int) -> tuple[Piece, ...]:
        """What is planned after something that begins at a minute, up to the end of the block it ends in."""
        end, _, last = self.affected(minute, minutes)
        return _between(self._timeline(0, last), end, DAY)

    def inserted(self, minute: int, activity: str, minutes: int, rest: Sequence[Piece] = ()) -> Plan:
        """With something put in at a minute, and the remainder of the affected blocks done as `rest` says.

        Blocks keep their beginnings and ends. Without a usable rest, what was planned for the time afterwards stands.
        """
        end, first, last = self.affected(minute, minutes)
        begin, stop = self.start(first), self.start(last + 1)
        old = self._timeline(first, last)
        after = fitted(rest, stop - end) or _between(old, end - begin, stop - begin)
        new = [*_between(old, 0, minute - begin), Piece(activity, end - minute), *after]
        changed = list(self.blocks)
        done = 0
        for index in range(first, last + 1):
            block = changed[index]
            changed[index] = Block(block.activity, block.minutes, _between(new, done, done + block.minutes))
            done += block.minutes
        return Plan(self.day, self.broad, tuple(changed))

    def _timeline(self, first: int, last: int) -> list[Piece]:
        return [piece for block in self.blocks[first : last + 1] for piece in block.timeline()]


def asleep(activity: str | None) -> bool:
    """Whether an activity is sleep."""
    return activity is not None and "sleep" in activity.lower()


def from_hours(day: int, wake: int | None, activities: Sequence[str] | None, broad: Sequence[str] = ()) -> Plan:
    """A plan from one activity for each hour after waking; hours before are slept.

    Where the hour of waking is not known, the activities begin at midnight. Too many are not used, where there are too
    few the last one goes on, and None leaves those hours without a plan. Equal neighbours become one block.
    """
    slots: list[str | None] = [SLEEPING] * (wake or 0)
    given: list[str | None] = [a.strip() for a in activities or () if a.strip()]
    slots += given[: 24 - len(slots)]
    slots += [given[-1] if given else None] * (24 - len(slots))
    blocks: list[Block] = []
    for slot in slots:
        if blocks and _same(blocks[-1].activity, slot):
            blocks[-1] = Block(blocks[-1].activity, blocks[-1].minutes + 60)
        else:
            blocks.append(Block(slot, 60))
    return Plan(day, tuple(broad), tuple(blocks))


def distinct(activities: Iterable[str]) -> int:
    """How many different activities there are."""
    return len({activity.strip().casefold() for activity in activities})


def _same(a: str | None, b: str | None) -> bool:
    return a == b or (a is not None and b is not None and a.casefold() == b.casefold())


def fitted(pieces: Sequence[Piece], minutes: int, longest: int = DAY) -> tuple[Piece, ...]:
    """Pieces that fill exactly so many minutes, by the repair rule above; none where none is usable.

    longest: most minutes of one piece with which a lack is filled.
    """
    made: list[Piece] = []
    left = minutes
    for piece in pieces:
        if piece.minutes > 0 and left > 0:
            made.append(Piece(piece.activity, min(piece.minutes, left)))
            left -= made[-1].minutes
    while made and left > 0:
        made.append(Piece(made[-1].activity, min(longest, left)))
        left -= made[-1].minutes
    return tuple(made)


def _fine(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces of 5 to 15 minutes: shorter ones take 5, longer ones are divided evenly."""
    made: list[Piece] = []
    for piece in pieces:
        if piece.minutes > 0:
            minutes = max(piece.minutes, SHORTEST)
            parts = -(-minutes // LONGEST)
            made += [Piece(piece.activity, minutes // parts + (i < minutes % parts)) for i in range(parts)]
    return made


def _between(pieces: Iterable[Piece], begin: int, end: int) -> tuple[Piece, ...]:
    """What of a timeline falls between two minutes, counted from its beginning."""
    made = []
    at = 0
    for piece in pieces:
        minutes = min(at + piece.minutes, end) - max(at, begin)
        if minutes > 0:
            made.append(Piece(piece.activity, minutes))
        at += piece.minutes
    return tuple(made)
