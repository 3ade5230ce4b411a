"""Who knew what by when and through which talk: from logged events, and against what is claimed (methods.md 1.9).

Everything here is a pure function of plain data. Of events it reads the kinds `learn` (agent knows item from the start
or from outside) and `talk` (agent with other; `told`: item and who told it), with or without a world's name before.
Source: Park et al. 2023, arXiv 2304.03442.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple


class Knower(NamedTuple):
    """Somebody who came to know an item."""

    item: str
    agent: int
    step: int
    source: int | None
    """Who told it; None where it was known from the start, or told from outside."""
    chat: tuple[int, int, int] | None
    """(step, turn, agent) of the talk in which it was told."""


class Chat(NamedTuple):
    """A talk in which something was said."""

    step: int
    turn: int
    a: int
    b: int
    told: tuple[tuple[str, int], ...]
    """Items, and who told them."""


class Checked(NamedTuple):
    """Claims against what is known."""

    confirmed: int
    """Claims of those who do know."""
    invented: int
    """Claims without a memory that confirms them: not counted as knowing."""
    unclaimed: int
    """Those who know and do not say so."""


def chats(events: Iterable[Any]) -> list[Chat]:
    """The talks, in logged order."""
    found = []
    for event in events:
        if _kind(event) == "talk" and event.content["said"]:
            told = tuple((item, who) for item, who in event.content["told"])
            found.append(Chat(event.step, event.turn, event.agent, event.content["with"], told))
    return found


def knowers(events: Iterable[Any]) -> list[Knower]:
    """Everybody who came to know something, in the order in which it happened.

    An item counts as told only where whoever tells it knows it by then.
    """
    found: list[Knower] = []
    known: set[tuple[str, int]] = set()
    for event in events:
        kind = _kind(event)
        if kind == "learn":
            new = [Knower(event.content["item"], event.agent, event.step, None, None)]
        elif kind == "talk":
            new = _of_talk(event, known)
        else:
            continue
        for one in new:
            if (one.item, one.agent) not in known:
                known.add((one.item, one.agent))
                found.append(one)
    return found


def _of_talk(event: Any, known: Collection[tuple[str, int]]) -> list[Knower]:
    pair = (event.agent, event.content["with"])
    told = event.content["told"] if event.content["said"] else ()
    at = (event.step, event.turn, event.agent)
    return [
        Knower(item, pair[1] if who == pair[0] else pair[0], event.step, who, at)
        for item, who in told
        if (item, who) in known
    ]


def closure(talks: Iterable[Chat], start: Iterable[int]) -> dict[int, int]:
    """Whom an item can have reached at most, and in which step: along talks in time order, from those at the start.

    Equal to who knows where everybody always passes the item on.
    """
    reached = dict.fromkeys(start, 0)
    for talk in talks:
        for one, other in ((talk.a, talk.b), (talk.b, talk.a)):
            if one in reached and other not in reached:
                reached[other] = talk.step
    return reached


def by_step(found: Iterable[Knower], item: str) -> list[tuple[int, int]]:
    """(step, how many know the item from then on), at each step at which that changes."""
    counted: dict[int, int] = {}
    for number, one in enumerate((k for k in found if k.item == item), start=1):
        counted[one.step] = number
    return list(counted.items())


def check_claims(claims: Iterable[int], knows: Collection[int]) -> Checked:
    """Claims to know an item (agents who said so when asked) against those who have a memory of it."""
    claiming = set(claims)
    confirmed = len(claiming & set(knows))
    return Checked(confirmed, len(claiming) - confirmed, len(set(knows)) - confirmed)


def mutual_density(knows: Mapping[int, Collection[int]], n: int) -> float:
    """Density of mutual knowledge, 2E / (V(V - 1)): a pair counts where each knows the other."""
    if n < 2:
        return 0.0
    edges = sum(a in knows.get(b, ()) for a in knows for b in knows[a] if a < b)
    return 2 * edges / (n * (n - 1))


def report(found: Sequence[Knower], talks: Sequence[Chat], names: Mapping[int, str], when: Any) -> str:
    """Who knew what by when and through which talk, in words. when: from a step to a time in words."""
    lines = []
    for item in dict.fromkeys(one.item for one in found):
        of_item = [one for one in found if one.item == item]
        most = closure(talks, [one.agent for one in of_item if one.source is None])
        share = f"{len(of_item)} of {len(names)} people ({len(of_item) / len(names):.0%})"
        lines.append(f"{item}: known to {share}; talks could have carried it to {len(most)}")
        for one in of_item:
            how = "knew it by itself" if one.source is None else f"from {names[one.source]}"
            at = "" if one.chat is None else f" (talk of {names[one.chat[2]]}, step {one.chat[0]})"
            lines.append(f"  {when(one.step)}  {names[one.agent]} {how}{at}")
    return "\n".join(lines)


def _kind(event: Any) -> str:
    return str(event.kind).rpartition(".")[2]
