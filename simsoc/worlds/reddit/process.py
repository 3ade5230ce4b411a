"""The published process of thread growth (methods.md 2.2): how long a thread gets, who opens it, who replies, to what.

Every draw has an address of its own within its thread, so that nothing in one thread moves another. Members are picked
by consistent hashing (jump hash, Lamping and Veach 2014, arXiv 1406.2294): of the picks among n people, one more takes
one in n + 1 and changes no other. Source: Park et al. 2022, arXiv 2208.04024, as two re-implementations have it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simsoc.core.stream import Stream, draw

_MASK = (1 << 64) - 1
_TRIES = 30
MayWrite = Callable[[int], bool]


def jump(word: int, n: int) -> int:
    """A place in range(n) for a random 64-bit word; with n + 1 places it moves to the last one, or not at all."""
    place, ahead = 0, 0
    while ahead < n:
        place = ahead
        word = (word * 2862933555777941757 + 1) & _MASK
        ahead = int((place + 1) * (2147483648.0 / ((word >> 33) + 1)))
    return place


def probability(seed: int, number: int, mean: float, sd: float) -> float:
    """The probability with which a thread goes on after each reply: N(mean, sd), clipped to [0, 1]."""
    p = mean + sd * Stream(seed, "reddit p", number).normal()
    return round(min(1.0, max(0.0, p)), 9)


def goes_on(seed: int, number: int, replies: int, p: float, cap: int) -> bool:
    """Whether a thread with so many replies gets another one."""
    return replies < cap and draw(seed, "reddit on", number, replies) < p


def opener(seed: int, number: int, people: Sequence[int], may: MayWrite) -> int | None:
    """Who opens a thread: any of these people who may, each equally likely; None when there is nobody."""
    return _anybody(Stream(seed, "reddit opener", number), people, may)


def replier(
    seed: int,
    number: int,
    replies: int,
    cast: Sequence[int],
    newcomer: float,
    people: Sequence[int],
    may: MayWrite,
) -> int:
    """Who replies: with probability `newcomer` somebody not yet in the thread, else somebody in it; -1 for nobody.

    people: among whom newcomers are drawn. Where there is nobody of the one kind, somebody of the other.
    """
    lots = Stream(seed, "reddit who", number, replies)
    known = [agent for agent in cast if may(agent)]
    if lots.random() >= newcomer and known:
        return lots.choose(known)
    inside = set(cast)
    found = _anybody(lots, people, lambda agent: agent not in inside and may(agent))
    if found is not None:
        return found
    return lots.choose(known) if known else -1


def parent(seed: int, number: int, replies: int, there: Sequence[int], attach: str) -> int:
    """The place of the post that is replied to: any of those that are there, or the last one (`linear`)."""
    if attach == "linear":
        return there[-1]
    return there[Stream(seed, "reddit to", number, replies).below(len(there))]


def _anybody(lots: Stream, people: Sequence[int], may: MayWrite) -> int | None:
    n = len(people)
    for _ in range(_TRIES if n > 1 else n):
        agent = people[jump(lots.word(), n)]
        if may(agent):
            return agent
    there = [agent for agent in people if may(agent)]  # few are left
    return lots.choose(there) if there else None
