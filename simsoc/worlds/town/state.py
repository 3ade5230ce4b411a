"""World `town`: where everybody is, what they do, remember and know; state changes in `fold` alone.

A turn is taken by those who have something to do: who begins a day, ends an activity, arrives, holds a talk, or is at a
place at which something has just happened. All turns of a step see its start. Two who agree to talk meet when the turn
of the one who wishes it is applied, unless one of them was met before; the talk is held in its next turn, and is one
activity of both. Source: Park et al. 2023, arXiv 2304.03442.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from msgspec.structs import replace

from simsoc.core.errors import ScenarioError
from simsoc.core.protocols import Said, Stored
from simsoc.core.shelf import nearest
from simsoc.core.words import Action, Decision, Event, Rule, Thought, Turn
from simsoc.minds.asking import Me
from simsoc.minds.memory import Memory
from simsoc.minds.mind import Generative
from simsoc.minds.planning import Occasion as Known
from simsoc.minds.planning import Routine
from simsoc.minds.rules.weighing import weight_of
from simsoc.worlds.setting import Setting

from . import happenings
from . import people as folk
from .being import Being, Other, Seen
from .deciding import WHERE, YES_NO, seeds, turn
from .folding import fold
from .items import Held, Source
from .maps import Map, names
from .measures import TOWN_MEASURES
from .rules import attend, where
from .spec import TownSpec
from .times import DAY, minute, seconds

_ASKED = 50  # memories that come to mind at most when somebody is asked something (released code)
_QUESTION = 0.4  # share of a prompt that is kept for a question


class Town:
    """A town and its people."""

    kind = "town"
    Spec = TownSpec
    MEASURES = TOWN_MEASURES
    MINDS = ("generative",)
    TOGETHER = True
    CHANGES = frozenset(("out", "bandwidth"))
    BEARS = frozenset(("ties", "join", "leave", "traits"))

    def __init__(self, spec: TownSpec, setting: Setting) -> None:
        self.spec = spec
        self.setting = setting
        self.stopped: str | None = None
        self.latest = 0
        """Step of the last event."""
        people = setting.people
        self.map = _map(spec, people)
        wrong = [f"population.people.{key}: {said}" for key, said in folk.problems(people, self.map)]
        wrong += [f"{key}: {said}" for key, said in _of_spec(spec, people, self.map)]
        if wrong:
            raise ScenarioError("; ".join(wrong))
        self.dwellers = folk.read(people, self.map, setting.seed, setting.tell)
        self.names = {dweller.name: agent for agent, dweller in enumerate(self.dwellers)}
        self._tick = seconds(spec.step) / 60
        self._start = minute(spec.start)
        self.length: int | None = None if spec.days is None else self._steps(spec.days)
        self.items = {item.name: item for item in spec.news}
        self.beings = [Being(dweller.home) for dweller in self.dwellers]
        self.gone: dict[int, None] = {}
        """Who has left."""
        self.here: dict[str, dict[int, None]] = {}
        """Who is at which spot, in the order of coming."""
        self.ways: dict[int, float] = {}
        """Who is on the way, and the game minute of arrival."""
        self.knows: dict[str, dict[int, Source]] = {name: {} for name in self.items}
        """By item of news, who knows it and from whom."""
        self.known: list[dict[int, None]] = [{} for _ in self.dwellers]
        """Whom everybody knows, in the order of getting to know them."""
        self.mutual = 0
        """Pairs who know each other."""
        self.last: dict[tuple[int, int], float] = {}
        """Game minute at which a pair's last talk ended; the lower id first."""
        self.chats = 0
        self.chats_of = (-1, 0)
        """The last step in which talks were held, and how many."""
        self.missed = 0
        """Wishes to talk that came to nothing."""
        self.held = [self._held(occasion) for occasion in spec.occasions]
        self.mind = self._mind()
        self.memories: list[Memory] = [] if self.mind is None else [self.mind.memory() for _ in self.dwellers]
        self.fresh: list[Stored] = []
        """Memories stored and not yet taken by a log."""
        self.touched: list[tuple[int, int]] = []
        """(agent, number) of memories that came to mind since a log was told."""
        self.where = Decision("plan/where", "town/where", WHERE, None, setting.choice)
        self.attend = Decision("react/attend", "town/attend", YES_NO, None, setting.choice)
        self._rules()
        for agent, being in enumerate(self.beings):
            self.here.setdefault(being.at, {})[agent] = None

    @staticmethod
    def alone(spec: TownSpec, scenario: Any) -> Mapping[str, Any] | str:
        """Whoever is in the same room is seen."""
        return "people of a town see whoever is where they are"

    @staticmethod
    def default_network(spec: TownSpec) -> tuple[str, dict[str, Any]]:
        """Nobody knows anybody, but for the relations people have."""
        return "empty", {}

    @staticmethod
    def check(spec: TownSpec, scenario: Any) -> Iterator[tuple[str, str]]:
        """What is wrong with places, people, news and occasions: (key, message)."""
        people = scenario.population.parameters().get("people")
        if people is None:
            return
        town = _map(spec, people)
        yield from ((f"/population.people.{key}", said) for key, said in folk.problems(people, town))
        yield from _of_spec(spec, people, town)

    @staticmethod
    def closed_labels(spec: TownSpec) -> tuple[str, ...]:
        """What a model is shown to pick from where it is asked whether to talk or to go; places are shown by name."""
        return YES_NO.options or ()

    def _mind(self) -> Generative | None:
        """The minds of the scenario; generative ones where it says nothing."""
        part, shelves = self.setting.minds, self.setting.shelves
        if part is not None and part.kind == "none":
            return None
        context = {"shelves": shelves}
        given = (
            part.given if part is not None else shelves["minds"].spec("generative").model_validate({}, context=context)
        )
        stated = {item.text: item.pass_ for item in self.spec.news}
        return Generative(given, shelves, self.setting.choice, more={"stated": stated}, asks_vectors=True)  # type: ignore[arg-type]

    def _rules(self) -> None:
        rules = {} if self.mind is None else self.mind.spec.rules.parameters()
        self.where = replace(self.where, rule=Rule("town.where", where, {"out": self.spec.out}))
        self.attend = replace(self.attend, rule=Rule("town.attend", attend, {"attend": rules.get("attend", 0.5)}))

    def _held(self, spec: Any) -> Held:
        day = (spec.day - 1) * DAY
        host = self.names[self.items[spec.news].holder]
        return Held(spec, host, self.map.spot(spec.at), day + minute(spec.from_), day + minute(spec.to))

    # -- time -----------------------------------------------------------------------------------------------------

    def now(self, step: int) -> float:
        """Game minutes since midnight of day 1; the first step takes place at the start."""
        return self._start + max(0, step - 1) * self._tick

    def _steps(self, days: float) -> int:
        return max(1, round((days * DAY - self._start) / self._tick))

    def begin(self) -> list[Event]:
        """Who knows whom and what at the start, and seed memories."""
        return self._happen(happenings.first(self, weight_of, seeds))

    def open_step(self, step: int) -> list[Event]:
        """Arrivals, ends of talks, closing hours and occasions."""
        return self._happen(happenings.opening(self, step))

    def close_step(self, step: int) -> list[Event]:
        """Nothing."""
        return []

    def due(self, step: int) -> Sequence[int]:
        """Those who have something to do, in id order."""
        now = self.now(step)
        day = int(now // DAY) + 1
        return [agent for agent in self.active() if self._due(self.beings[agent], step, now, day)]

    def _due(self, being: Being, step: int, now: float, day: int) -> bool:
        if being.talk is not None:
            return being.talk.begins and being.talk.until is None
        if being.way is not None:
            return False
        if being.until <= now or being.heeds == step or being.plan is None or being.plan.day != day:
            return True
        return being.ponders or bool(being.hears)

    def active(self) -> Sequence[int]:
        """Everybody who is there."""
        everybody = range(len(self.beings))
        return [agent for agent in everybody if agent not in self.gone] if self.gone else everybody

    # -- a turn ---------------------------------------------------------------------------------------------------

    def me(self, agent: int, step: int, at: Turn | None = None) -> Me:
        """Somebody as its mind knows itself."""
        dweller = self.dwellers[agent]
        at = at or Turn(self.setting.seed, step, agent, 0)
        return Me(at, dweller.name, dweller.persona, self.now(step), self.beings[agent].status)

    def objective(self, agent: int) -> str | None:
        """What somebody works on (`planner: tasks`): its trait `objective`."""
        given = self.setting.people[agent].get("objective")
        return given if isinstance(given, str) else None

    def observe(self, turn: Turn) -> Seen:
        """What somebody sees at the start of the step."""
        agent, now = turn.agent, self.now(turn.step)
        own, me = replace(self.beings[agent]), self.me(agent, turn.step, turn)
        memory = self.memories[agent].view() if self.memories else None
        if own.talk is not None and self.memories:
            other = own.talk.partner
            there = Turn(turn.seed, turn.step, other, 0)
            partner = (self.me(other, turn.step, there), replace(self.beings[other]), self.memories[other].view())
            return Seen(turn, now, me, own, memory, partner=partner)
        day = int(now // DAY) + 1
        return Seen(
            turn, now, me, own, memory, self._others(agent, own.at), self._routine(agent, day), self._known(agent, day)
        )

    def _others(self, agent: int, spot: str) -> tuple[Other, ...]:
        """Those at a spot who changed last, as many as are taken notice of."""
        there = sorted((a for a in self.here[spot] if a != agent), key=lambda a: (-self.beings[a].changed, a))
        return tuple(self._other(agent, a) for a in there[: self.spec.bandwidth])

    def _other(self, agent: int, other: int) -> Other:
        being, pair = self.beings[other], (min(agent, other), max(agent, other))
        talking = None if being.talk is None else self.dwellers[being.talk.partner].name
        ended = self.last.get(pair)
        since = None if ended is None else self.now(being.changed) - ended
        return Other(other, self.dwellers[other].name, being.activity, talking, being.changed, since)

    def _routine(self, agent: int, day: int) -> tuple[Routine, ...]:
        return tuple(Routine(h.doing, h.start, h.end - h.start) for h in self.dwellers[agent].usual(day))

    def _known(self, agent: int, day: int) -> tuple[Known, ...]:
        """Occasions of a day that somebody knows of and remembers; for the host they are part of the routine."""
        if self.mind is None or not self.mind.spec.memory:
            return ()
        of_day = [h for h in self.held if h.spec.day == day and h.host != agent and agent in self.knows[h.spec.news]]
        return tuple(Known(h.spec.doing, int(h.begins % DAY), int(h.ends - h.begins)) for h in of_day)

    def decide(self, view: Seen) -> Thought:
        """Its course."""
        return turn(self, view)

    def apply(self, action: Action) -> list[Event]:
        """What becomes of a turn; wishes to talk that clash are settled in the order of turns."""
        return self._happen(happenings.of_turn(self, action))

    def _happen(self, events: Iterator[Event]) -> list[Event]:
        """Fold events one after another, each made after the one before is folded."""
        made = []
        for event in events:
            self.fold(event)
            made.append(event)
        return made

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        self.latest = event.step
        fold(self, event)

    # -- changes from outside -------------------------------------------------------------------------------------

    def decisions(self) -> list[Decision]:
        """What people are asked here."""
        return [self.where, self.attend, *(self.mind.decisions() if self.mind is not None else [])]

    def change(self, spec: TownSpec, setting: Setting) -> None:
        """Another spec, or the same in another setting, from now on."""
        if setting.persona != self.setting.persona:
            people = enumerate(zip(self.dwellers, setting.people, strict=True))
            self.dwellers = [replace(d, persona=folk.spoken(p, a, d.name, setting.tell)) for a, (d, p) in people]
        self.spec, self.setting = spec, setting
        self._rules()

    def refuses_person(self, traits: Mapping[str, Any]) -> str | None:
        """Why somebody with these traits cannot come to live here, or None."""
        people = self.setting.people
        return folk.refuses(traits, people, _map(self.spec, [*people, traits]))

    def newcomer(self, agent: int, step: int) -> list[Event]:
        """Whom somebody who has joined knows, and what it remembers."""
        return self._happen(happenings.arrived(self, step, agent, weight_of, seeds))

    def inject(self, step: int, item: Any, who: Sequence[int] | None) -> list[Event]:
        """An item of news is told to these people, or to everybody, from outside."""
        agents = self.active() if who is None else who
        return self._happen(happenings.injected(self, step, str(item), agents))

    def refuses_item(self, item: Any, *, whose: bool) -> str | None:
        """Only items that are listed under `news` can be told."""
        known = list(self.items)
        return (
            None
            if item in known
            else f"no news '{item}'.{nearest(str(item), known)} Known: {', '.join(known) or 'none'}"
        )

    # -- looking --------------------------------------------------------------------------------------------------

    def stored(self) -> tuple[list[Stored], list[tuple[int, int]]]:
        """Memories stored and recalled since the last time, for the log."""
        fresh, touched, self.fresh, self.touched = self.fresh, self.touched, [], []
        return fresh, touched

    def step_at(self, now: float) -> int:
        """The first step that is not before a game minute."""
        return ceil((now - self._start) / self._tick) + 1

    def introduce(self, agent: int, tell: folk.Tell) -> str:
        """Who somebody is, as its own prompts tell it: goals and relations, not the routine; cut as there."""
        dweller = self.dwellers[agent]
        words = folk.spoken(self.setting.people[agent], agent, dweller.name, tell)
        if self.mind is None:
            return words
        page = self.mind.page(replace(self.me(agent, self.latest), persona=words))
        return str(page.shown["persona"])

    def standing(self, agent: int, about: str) -> Mapping[str, Any]:
        """What somebody is doing and up to, and what comes to its mind when asked about something.

        Memories are as many as fit under the cap of its prompts, beside who it is and the question.
        """
        being = self.beings[agent]
        told: dict[str, Any] = {"doing": being.activity or folk.FREE, "place": being.at}
        if self.mind is None:
            return told
        page = self.mind.page(self.me(agent, self.latest))
        if page.shown["status"]:
            told["status"] = page.shown["status"]
        if self.mind.spec.memory:
            page.text("question", about, _QUESTION)
            recall = self.mind.recall(self.memories[agent].view(), [about], page, top=_ASKED)
            told["memories"] = [record.text for record in recall.records]
            if recall.left_out:
                told["memories_left_out"] = recall.left_out
        return told

    def remember(self, step: int, agent: int, heard: Sequence[Said]) -> list[Event]:
        """Somebody was asked this and answered that, and keeps it."""
        return self._happen(happenings.asked(self, step, agent, heard)) if self.memories else []


def _map(spec: TownSpec, people: Sequence[Mapping[str, Any]]) -> Map:
    return Map(spec.places, [folk.home_of(person, agent) for agent, person in enumerate(people)])


def _of_spec(spec: TownSpec, people: Sequence[Mapping[str, Any]], town: Map) -> Iterator[tuple[str, str]]:
    """What is wrong with places, news and occasions."""
    places, seen = names(spec.places), set()
    for number, place in enumerate(spec.places):
        if place.name in seen:
            yield f"places.{number}.name", f"there is a place '{place.name}' already; names have to differ"
        seen.add(place.name)
        for other in place.ties:
            if other not in town.places:
                yield f"places.{number}.ties", f"no place '{other}'.{nearest(other, places)}"
    if lost := town.apart():
        yield "places", f"no way leads from '{next(iter(town.places))}' to {', '.join(lost)}"
    called, items = [folk.name_of(p, a) for a, p in enumerate(people)], [item.name for item in spec.news]
    for number, item in enumerate(spec.news):
        if item.name in items[:number]:
            yield f"news.{number}.name", f"there is an item '{item.name}' already; names have to differ"
        if item.holder not in called:
            yield f"news.{number}.holder", f"nobody is called '{item.holder}'.{nearest(item.holder, called)}"
    for number, one in enumerate(spec.occasions):
        if one.news not in items:
            yield (
                f"occasions.{number}.news",
                f"no item '{one.news}'.{nearest(one.news, items)} Known: {', '.join(items)}",
            )
        if (why := town.fits(one.at)) is not None:
            yield f"occasions.{number}.at", f"{why}.{nearest(one.at, places)}"
