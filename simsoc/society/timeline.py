"""Interventions taking place: what is due before a step is done to the society, in the order of the scenario.

What changes the society is an event (`society.tie`, `society.join`, ... or an event of a world), because agents see it;
that somebody intervened is a note beside the events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.protocols import World
from simsoc.core.words import Event
from simsoc.engine.activation import Order
from simsoc.engine.loop import Schedule
from simsoc.engine.route import Route
from simsoc.interventions.calendar import Occasion, occasions, takes_place, times
from simsoc.loading import load
from simsoc.midway import Course, placed
from simsoc.population.who import problems as of_who
from simsoc.scenario.spec import BackendSpec, Intervention, Scenario
from simsoc.shelves import SHELVES
from simsoc.worlds.setting import SOCIETY, Setting

from . import prompting
from .answering import Answering, Changing
from .build import schedule
from .stage import Stage

if TYPE_CHECKING:
    from .model import Society

_CANNOT = {
    "ties": "takes no ties from outside",
    "join": "does not take newcomers from outside",
    "leave": "lets nobody go",
    "traits": "does not take other traits",
    "suspend": "suspends nobody",
}
"""What a world says that does not bear a kind of intervention."""


class Timeline:
    """The interventions of a society, and what they need to take place.

    Raises ScenarioError, with everything that is wrong, for what cannot take place in this society.
    """

    def __init__(self, society: Society, answering: Answering) -> None:
        self._society = society
        self._answering = answering
        self._interventions = society.scenario.interventions
        self._course = Course(society.scenario, load)
        self._now = self._course.now
        self._suspended: dict[int, list[int]] = {}
        self._hidden: set[int] = set()
        self.setting: Setting = society.setting
        self.worlds: Sequence[World] = society.worlds
        own = answering.of(society.scenario)
        vectors = answering.vectors(society.scenario)
        self._turns = schedule(society.scenario, self.setting.people)
        if wrong := list(dict.fromkeys(self._problems())):
            raise ScenarioError(wrong)
        self._route = Changing(*own, answering.backends(), vectors=vectors)
        self.route: Route = self._route if self._interventions else Route(*own, vectors=vectors)
        """Who answers for whom."""
        self.schedule: Schedule = self._regime if self._interventions else self._turns
        """Who takes a turn when."""

    @property
    def seed(self) -> int:
        """The seed of the run, as it is now."""
        return self._society.engine.seed

    def due(self, step: int) -> bool:
        """Whether something takes place, or is undone, before a step."""
        return next(occasions(self._interventions, step), None) is not None

    def apply(self, step: int) -> None:
        """Let take place what is due before a step."""
        for occasion in occasions(self._interventions, step):
            one = self._interventions[occasion.number]
            part, stage = SHELVES["interventions"].get(one.do.kind), Stage(self, one, occasion.number, step)
            who = list(stage.who) if occasion.begins and part.whom != "no" else None  # as they are before it
            (part.do if occasion.begins else part.undo)(one.do.given, stage)
            self._note(step, occasion, one, who)

    def _note(self, step: int, occasion: Occasion, one: Intervention, who: list[int] | None) -> None:
        what = one.model_dump(mode="json", by_alias=True, exclude_defaults=True)["do"]
        content: dict[str, Any] = {"index": occasion.number, "do": what, **({} if who is None else {"who": who})}
        self._society.note(step, "intervention", content | ({} if occasion.begins else {"undone": True}))

    # -- what there is ----------------------------------------------------------------------------------------------

    def happens(self, what: str, step: int, content: dict[str, Any]) -> None:
        """Something happens to the society itself: everybody folds it, and it is logged."""
        event = Event(step, 0, -1, SOCIETY + what, content)
        self.setting.fold(event)
        for world in self.worlds:
            world.fold(event)
        self.emit(None, [event])

    def emit(self, world: World | None, events: Sequence[Event]) -> None:
        """Events that are folded already go into digest and log."""
        self._society.engine.emit(world, events)  # type: ignore[arg-type]

    def join(self, traits: Mapping[str, Any], step: int) -> int:
        """Somebody new without ties, in every world; its id."""
        agent = len(self.setting.people)
        self.happens("join", step, {"who": agent, "traits": dict(traits)})
        self._route.take_in(agent, self._answering.of_newcomer(self._now, agent))
        self._society.admit(agent, step)
        for world in self.worlds:
            self.emit(world, world.newcomer(agent, step))  # type: ignore[attr-defined]
        return agent

    def leave(self, agent: int, step: int) -> None:
        """Somebody without ties goes."""
        self.happens("leave", step, {"who": agent})
        self._society.see_off(agent, step)

    def suspend(self, index: int, step: int, who: Sequence[int], hide: bool) -> None:
        """These may do nothing from now on, in every world. Who is suspended already stays hidden, or not, as it is."""
        if hide:
            self._hidden.update(set(who).difference(*self._suspended.values()))
        self._suspended.setdefault(index, []).extend(who)
        for world in self.worlds:
            self.emit(world, world.suspend(step, who, True, hide))  # type: ignore[attr-defined]

    def restore(self, index: int, step: int) -> None:
        """Those whom an intervention has suspended may act again, unless another one holds them still."""
        who = sorted(set(self._suspended.pop(index, ())).difference(*self._suspended.values()))
        for hide in (True, False):
            free = [agent for agent in who if (agent in self._hidden) == hide]
            for world in self.worlds if free else ():
                self.emit(world, world.suspend(step, free, False, hide))  # type: ignore[attr-defined]
        self._hidden.difference_update(who)

    # -- how things are done ----------------------------------------------------------------------------------------

    def turn(self, occasion: Occasion) -> None:
        """Keys of the scenario begin to hold, or do not hold any more."""
        self._course.turn(occasion)
        was, now = self._now, self._course.now
        self._now = now
        told = now.choice != was.choice or now.prompting.persona != was.prompting.persona
        if told:
            self.setting = msgspec.structs.replace(self.setting, choice=now.choice, persona=now.prompting.persona)
        for world, old, new in zip(self.worlds, was.world, now.world, strict=True):
            if new != old or told:
                world.change(new.given, self.setting)  # type: ignore[attr-defined]
        if now.activation != was.activation:
            self._turns = schedule(now, self.setting.people)
        if now.prompts != was.prompts or now.prompting != was.prompting:
            self._answering.prompts.use(now.prompts, now.prompting)
        if now.backend != was.backend:
            self._route.use(*self._answering.of(now, exact=False))

    def _regime(self, seed: int, step: int, agents: Sequence[int]) -> Order:
        return self._turns(seed, step, agents)

    def lend(self, index: int, who: Sequence[int], backend: BackendSpec) -> None:
        """A backend answers for these from now on."""
        self._route.lend(index, who, self._answering.backend(backend, f"interventions.{index}.do.to"))

    def take_back(self, index: int) -> None:
        """It does not any more."""
        self._route.take_back(index)

    def reseed(self, seed: int) -> None:
        """Another seed from now on, where it is another."""
        if seed == self.seed:
            return
        self._society.engine.seed = seed
        self.setting = msgspec.structs.replace(self.setting, seed=seed)
        for world, part in zip(self.worlds, self._now.world, strict=True):
            if hasattr(world, "change"):
                world.change(part.given, self.setting)

    # -- what cannot be ---------------------------------------------------------------------------------------------

    def _problems(self) -> Iterator[Problem]:
        """Everything that is wrong with the interventions in this society."""
        for number, one in enumerate(self._interventions):
            here, part = f"interventions.{number}", SHELVES["interventions"].get(one.do.kind)
            for world in self.worlds:
                if part.bears is not None and part.bears not in getattr(world, "BEARS", ()):
                    yield Problem("", f"{here}.do", f"world '{world.kind}' {_CANNOT.get(part.bears, 'refuses this')}")
            for key, said in part.problems(one.do.given, one, self.worlds, self.setting.people):
                yield Problem("", f"{here}.do.{key}", said)
            yield from self._strangers(number, one)
            if self.setting.weighted:
                yield from _of_weights(one, f"interventions.{number}.do")
            if one.do.kind == "backend":
                yield from _said(self._answering.backend, one.do.given.to, f"{here}.do.to")  # type: ignore[attr-defined]
        yield from prompting.problems(self._answering.prompts, self._society.scenario, self.worlds)
        yield from self._of_settings()

    def _strangers(self, number: int, one: Intervention) -> Iterator[Problem]:
        """Selections of people who will not be there, and of traits that nobody will have."""
        n = len(self.setting.people) + sum(
            other.do.given.n * (times(other, one.at) + (i < number and takes_place(other, one.at)))  # type: ignore[attr-defined]
            for i, other in enumerate(self._interventions)
            if other.do.kind == "join"
        )
        more = [trait for other in self._interventions for trait in _traits(other)]
        selections = list(SHELVES["interventions"].get(one.do.kind).selections(one.do.given))
        selections = [("do." + key, who) for key, who in selections]
        for key, who in [*([("who", one.who)] if one.who is not None else []), *selections]:
            yield from of_who(who, self.setting.people, f"interventions.{number}.{key}", n=n, more=more)

    def _of_settings(self) -> Iterator[Problem]:
        """Settings that this society cannot take, later; backends they need are made."""
        scenario, told = self._society.scenario, set()
        newcomers = [traits for one in self._interventions if (traits := _newcomer(one)) is not None]
        for occasion, error in self._course.stages():
            for problem in error.problems if error is not None else self._unfit(self._course.now, newcomers):
                if problem not in told:
                    told.add(problem)
                    yield placed(problem, scenario, occasion.number)
        for number, one in enumerate(self._interventions):
            if (traits := _newcomer(one)) is not None:
                for problem in _said(schedule, scenario, [*self.setting.people, traits]):
                    yield Problem("", f"interventions.{number}.do", f"{problem.path}: {problem.message}")

    def _unfit(self, settings: Scenario, newcomers: Sequence[dict[str, Any]]) -> Iterator[Problem]:
        for number, (world, part) in enumerate(zip(self.worlds, settings.world, strict=True)):
            if hasattr(world, "refuses"):
                for key, said in world.refuses(part.given):
                    yield Problem("", f"world.{number}.{key}", said)
        yield from _said(schedule, settings, [*self.setting.people, *newcomers])
        wrong = _said(self._answering.check, settings)
        yield from wrong or prompting.problems(self._answering.prompts_of(settings), settings, self.worlds)


def _of_weights(one: Intervention, here: str) -> Iterator[Problem]:
    """Survey weights are what they were in the survey; newcomers may bring one."""
    if one.do.kind == "traits" and "weight" in one.do.given.to:  # type: ignore[attr-defined]
        yield Problem("", f"{here}.to.weight", "people carry survey weights, which nothing changes; leave it out")
    if one.do.kind == "join" and "weight" in one.do.given.traits:  # type: ignore[attr-defined]
        weight = one.do.given.traits["weight"]  # type: ignore[attr-defined]
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight > 0:
            told = f"a survey weight is a number above 0; 1 is that of the average respondent (got {weight!r})"
            yield Problem("", f"{here}.traits.weight", told)


def _said(make: Callable[..., Any], *of: Any) -> list[Problem]:
    """What making something finds wrong."""
    try:
        make(*of)
    except ScenarioError as error:
        return error.problems
    return []


def _newcomer(one: Intervention) -> dict[str, Any] | None:
    """The traits of those who join."""
    found: dict[str, Any] | None = one.do.given.traits if one.do.kind == "join" else None  # type: ignore[attr-defined]
    return found


def _traits(one: Intervention) -> Sequence[str]:
    """Traits that somebody may have after it."""
    if one.do.kind == "traits":
        return list(one.do.given.to)  # type: ignore[attr-defined]
    return list(_newcomer(one) or ())
