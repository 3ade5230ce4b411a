"""Asking for people in rounds, as if they had been asked for one by one.

What comes out is what asking one after another would give: a place goes to the first of its draws that is no
near-duplicate of a seed or of somebody before. All that can be known to be needed is asked at once; whoever comes after
somebody still open keeps waiting, with an answer in hand. So the order of answers changes nothing, and one person more
changes nobody else.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Protocol

from simsoc.core.answers import PLACEHOLDER
from simsoc.core.errors import ScenarioError
from simsoc.core.protocols import Gathered
from simsoc.core.words import Answer, Ask, Reply

from .likeness import Shingles, Texts, shingles
from .persona import COMPOSED, TEXT

Gathering = Generator[Sequence[Ask], Sequence[Reply], Gathered]


class Wanted(Protocol):
    """People to be asked for."""

    given: Sequence[Mapping[str, Any]]
    """The seeds."""
    shown: Sequence[Mapping[str, Any]]
    """The seeds as they are shown."""
    first: int
    """Id of the first who is asked for; the seeds are those before."""
    n: int
    distinct: float | None
    redraws: int

    def ask(self, agent: int, draw: int = 0, taken: Sequence[str] = ()) -> Ask:
        """The draw-th ask for a person."""
        ...


class _Place:
    """Somebody still to be found."""

    def __init__(self, agent: int) -> None:
        self.agent = agent
        self.draw = 0
        self.made: dict[str, Any] | None = None
        """The answer of this draw; None when there was none, or it was turned down."""
        self.words: Shingles = frozenset()
        self.compared = 0
        """With how many of the known texts the answer has been compared."""
        self.last: dict[str, Any] | None = None
        """The latest answer, also where it was turned down."""
        self.taken: list[str] = []
        """Texts of those whom earlier draws were too much like."""

    def take(self, reply: Reply) -> bool:
        """The reply to the ask of this draw; whether it is an answer."""
        self.compared = 0
        self.made = self.last = reply.value if isinstance(reply, Answer) else None
        self.words = shingles(_words_of(self.made)) if self.made is not None else frozenset()
        return self.made is not None


class _Gatherer:
    """The people so far."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._known = Texts(wanted.distinct or 1.0)
        self._texts: list[str] = []
        self.people: list[dict[str, Any]] = [dict(person) for person in wanted.given[: wanted.first]]
        self.open = [_Place(agent) for agent in range(wanted.first, wanted.n)]
        self.asked = self.silent = 0
        self.alike: list[dict[str, Any]] = []
        for person in wanted.shown:
            self._learn(_words_of(person))

    def _learn(self, text: str, words: Shingles | None = None) -> None:
        self._known.add(shingles(text) if words is None else words)
        self._texts.append(text)

    def take(self, places: Sequence[_Place], replies: Sequence[Reply]) -> None:
        """The replies of a round."""
        self.asked += len(places)
        self.silent += sum(not place.take(reply) for place, reply in zip(places, replies, strict=True))

    def settle(self, *, strict: bool) -> list[_Place]:
        """Settle who can be settled, in order of ids; who has to be asked for again.

        Raises ScenarioError when somebody has been asked for as often as is allowed, unless that is not `strict`.
        """
        again: list[_Place] = []
        left: list[_Place] = []
        for place in self.open:
            self._compare(place)
            if place.made is None and place.draw >= self._wanted.redraws and not strict:
                place.made = place.last
            if place.made is None:
                again.append(place)
            if again:  # whoever comes after somebody still open may yet turn out too much like them
                left.append(place)
            else:
                self.people.append(place.made)  # type: ignore[arg-type]
                self._learn(_words_of(place.made), place.words)  # type: ignore[arg-type]
        self.open = left
        if any(place.draw >= self._wanted.redraws for place in again):
            raise self._too_few(again)
        for place in again:
            place.draw += 1
        return again

    def _compare(self, place: _Place) -> None:
        """Turn an answer down that is a near-duplicate of a known text."""
        if place.made is None or self._wanted.distinct is None:
            return
        near = self._known.nearest(place.words, place.compared)
        place.compared = len(self._known)
        if near is None:
            return
        place.made = None
        place.taken.append(self._texts[near.number])
        seeds = len(self._wanted.shown)
        like = {"seed": near.number} if near.number < seeds else {"agent": near.number - seeds + self._wanted.first}
        self.alike.append({"agent": place.agent, "draw": place.draw, "like": like, "likeness": round(near.likeness, 3)})

    def _too_few(self, again: Sequence[_Place]) -> ScenarioError:
        wanted, draws = self._wanted, self._wanted.redraws + 1
        silent = sum(place.last is None for place in again)
        why = (
            [f"{len(again) - silent} are near-duplicates (distinct: {wanted.distinct:g})"]
            if len(again) > silent
            else []
        )
        why += [f"{silent} were not answered"] if silent else []
        times = "once each" if draws == 1 else f"{draws} times each, at most"
        return ScenarioError.at(
            "population.n",
            f"{wanted.n - len(again)} of {wanted.n} people have come about, asked for {times}; of the others "
            f"{' and '.join(why)}. More seeds or traits, more `redraws`, another `distinct` or a smaller n would help.",
        )

    def told(self) -> dict[str, Any]:
        """What it took, for the log."""
        return {
            "people": len(self.people),
            "asked": self.asked,
            "near_duplicates": len(self.alike),
            "without_answer": self.silent,
            "alike": self.alike,
        }


def gather(wanted: Wanted, *, strict: bool = True) -> Gathering:
    """Yields rounds of asks, is sent their replies in the same order, returns the people and what it took.

    Raises ScenarioError when fewer come about than are wanted; where that is not `strict`, near-duplicates are kept
    then.
    """
    gatherer = _Gatherer(wanted)
    places = list(gatherer.open)
    while places:
        replies = yield [wanted.ask(place.agent, place.draw, place.taken) for place in places]
        gatherer.take(places, replies)
        places = gatherer.settle(strict=strict)
    return Gathered(gatherer.people, gatherer.told())


def _words_of(person: Mapping[str, Any]) -> str:
    """What is compared: the text about a person, without marks; the traits where there is none; never the name."""
    text = person.get(TEXT)
    if isinstance(text, str):
        return "" if text == PLACEHOLDER else text.removeprefix(COMPOSED).strip()
    return " ".join(str(value) for trait, value in person.items() if trait != "name")
