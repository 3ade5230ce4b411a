"""Who lives in the town: home, routine, relations, seed memories and goals, from a person's traits.

Traits: `name`; `home` (a place); `routine`, a list of {from, to, at, doing, day}; `relations`, a mapping from names to
what they are to the person, or a list of names; `memories`, a list or one text whose clauses end in semicolons (Park et
al. 2023); `goals`, a list; all else, and `persona`, tells who the person is. Without a routine one is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from simsoc.core.shelf import nearest
from simsoc.core.stream import Stream
from simsoc.minds.plan import SLEEPING, Block, Plan

from .maps import Map, room_of
from .times import DAY, minute

OWN = ("home", "routine", "relations", "memories", "goals")
"""Traits that the town reads, which are no text about the person."""
FREE = "free time"
Tell = Callable[[int, str, Collection[str]], str]
_KEYS = ("from", "to", "at", "doing", "day")


class Habit(Struct, frozen=True):
    """Something usual, within one day."""

    start: int
    """Minutes of the day."""
    end: int
    at: str
    doing: str
    day: int | None = None
    """On this day alone, and then instead of what is usual."""


class Dweller(Struct, frozen=True):
    """A person as the town knows it from the start."""

    name: str
    home: str
    persona: str
    habits: tuple[Habit, ...]
    knows: tuple[str, ...]
    memories: tuple[str, ...]

    def usual(self, day: int) -> list[Habit]:
        """What a day usually consists of, without overlaps: by time; what is of this day alone comes first."""
        chosen: list[Habit] = []
        of_day = [h for h in self.habits if h.day == day]
        for habit in (*of_day, *(h for h in self.habits if h.day is None)):
            parts = [(habit.start, habit.end)]
            for other in chosen:
                parts = [piece for part in parts for piece in _without(part, other.start, other.end)]
            chosen += [Habit(start, end, habit.at, habit.doing) for start, end in parts]
        return sorted(chosen, key=lambda h: h.start)

    def plan(self, day: int) -> Plan:
        """A day of routines alone, to the minute."""
        blocks: list[Block] = []
        at = 0
        for habit in self.usual(day):
            if habit.start > at:
                blocks.append(Block(FREE, habit.start - at))
            blocks.append(Block(habit.doing, habit.end - habit.start))
            at = habit.end
        if at < DAY:
            blocks.append(Block(FREE, DAY - at))
        return Plan(day, (), tuple(blocks))


def _without(part: tuple[int, int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What is left of a part of the day outside another."""
    for a, b in ((part[0], min(part[1], start)), (max(part[0], end), part[1])):
        if a < b:
            yield a, b


def name_of(person: Mapping[str, Any], agent: int) -> str:
    """What a person is called."""
    return str(person.get("name") or f"Person {agent}")


def home_of(person: Mapping[str, Any], agent: int) -> str:
    """Where a person lives."""
    return str(person.get("home") or f"Home of {name_of(person, agent)}")


def read(people: Sequence[Mapping[str, Any]], town: Map, seed: int, tell: Tell) -> list[Dweller]:
    """The people of a town; they are right (`problems`). tell: who an agent is, in words."""
    return [dweller(person, agent, town, seed, tell) for agent, person in enumerate(people)]


def spoken(person: Mapping[str, Any], agent: int, name: str, tell: Tell) -> str:
    """Who somebody is, in words: traits, goals, relations; nothing where nothing is to be told."""
    told = [tell(agent, name, OWN)]
    if not told[0]:
        return ""
    told += [f"Goal: {goal.strip().rstrip('.')}." for goal in _texts(person.get("goals"))]
    related = person.get("relations") or ()
    if isinstance(related, Mapping):
        told.append(" ".join(f"{other} is your {what}." for other, what in related.items()))
    return " ".join(text for text in told if text)


def dweller(
    person: Mapping[str, Any], agent: int, town: Map, seed: int, tell: Tell, name: str | None = None
) -> Dweller:
    """One of them, whose home is on the map. name: how it is called here, where that is not its own name."""
    name, home = name or name_of(person, agent), home_of(person, agent)
    given = person.get("routine")
    habits = [_habit(one, town) for one in given] if given else _drawn(agent, home, town, seed)
    words, related = spoken(person, agent, name, tell), person.get("relations") or ()
    return Dweller(name, town.spot(home), words, tuple(_split(habits)), tuple(related), _seeds(person))


def _habit(one: Mapping[str, Any], town: Map) -> Habit:
    return Habit(minute(one["from"]), minute(one["to"]), town.spot(one["at"]), one["doing"], one.get("day"))


def _split(habits: Iterable[Habit]) -> Iterator[Habit]:
    """What goes on over midnight is two habits."""
    for h in habits:
        if h.start < h.end:
            yield h
        else:
            yield Habit(h.start, DAY, h.at, h.doing, h.day)
            if h.end:
                yield Habit(0, h.end, h.at, h.doing, None if h.day is None else h.day + 1)


def _drawn(agent: int, home: str, town: Map, seed: int) -> list[Habit]:
    """An ordinary day: sleep, work somewhere, an evening out or at home."""
    lot = Stream(seed, "routine", agent)
    away = [name for name, place in town.places.items() if place.kind != "home"]
    work, evening = lot.choose(away), lot.choose([*town.public, home])
    up = 60 * (6 + lot.below(3))
    here, there, late = town.spot(home), town.spot(work), town.spot(evening)
    return [
        Habit(up, up + 60, here, "having breakfast"),
        Habit(up + 120, up + 540, there, f"working at {work}"),
        Habit(up + 660, up + 780, late, f"spending the evening at {evening}"),
        Habit(23 * 60, up, here, SLEEPING),
    ]


def _texts(given: Any) -> list[str]:
    if not given:
        return []
    return [given] if isinstance(given, str) else [str(one) for one in given]


def _seeds(person: Mapping[str, Any]) -> tuple[str, ...]:
    """Seed memories; one text is divided at semicolons (Park et al. 2023)."""
    return tuple(clause for text in _texts(person.get("memories")) for c in text.split(";") if (clause := c.strip()))


# -- what can be wrong -------------------------------------------------------------------------------------------------


def problems(people: Sequence[Mapping[str, Any]], town: Map) -> Iterator[tuple[str, str]]:
    """What is wrong with the people of a town: (place in the list and trait, message)."""
    called = [name_of(person, agent) for agent, person in enumerate(people)]
    for agent, person in enumerate(people):
        if called[agent] in called[:agent]:
            yield f"{agent}.name", f"somebody is called '{called[agent]}' already; names have to differ"
        yield from _of_routine(agent, person.get("routine"), town)
        for other in person.get("relations") or ():
            if other not in called:
                yield f"{agent}.relations", f"nobody is called '{other}'.{nearest(str(other), called)}"


def refuses(person: Mapping[str, Any], people: Sequence[Mapping[str, Any]], town: Map) -> str | None:
    """Why somebody cannot come to live beside these people, or None."""
    new = f"{len(people)}."
    wrong = (
        f"{key.removeprefix(new)}: {said}" for key, said in problems([*people, person], town) if key.startswith(new)
    )
    return next(wrong, None)


def _of_routine(agent: int, given: Any, town: Map) -> Iterator[tuple[str, str]]:
    if given is not None and not isinstance(given, list | tuple):
        yield f"{agent}.routine", "should be a list of {from, to, at, doing}"
        return
    for number, one in enumerate(given or ()):
        here = f"{agent}.routine.{number}"
        if not isinstance(one, Mapping):
            yield here, "should be {from, to, at, doing}"
            continue
        yield from ((f"{here}.{k}", f"no key '{k}'.{nearest(str(k), list(_KEYS))}") for k in one if k not in _KEYS)
        missing = [key for key in _KEYS[:4] if not isinstance(one.get(key), str)]
        if missing:
            yield here, f"needs the text{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
            continue
        for key in ("from", "to"):
            try:
                minute(one[key])
            except ValueError as error:
                yield f"{here}.{key}", str(error)
        why = town.fits(one["at"])
        if why is not None:
            yield f"{here}.at", f"{why}.{nearest(room_of(one['at'])[0], list(town.places))}"
