"""Surveys taking place: after a step, and before it is committed, so that a step in the log has all its waves.

Nothing is written into worlds, digest or measures, and no draw is shared with them. Only a survey that is remembered
happens to the people: then its end is an event in each world whose people have a memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.protocols import Said
from simsoc.core.shelf import nearest
from simsoc.core.stream import draw
from simsoc.interventions.calendar import times
from simsoc.population.who import chosen, problems
from simsoc.scenario.prompting import Persona
from simsoc.scenario.questions import held_after
from simsoc.scenario.spec import Survey, Who
from simsoc.surveys.sheet import Asking, Heard, Respondent, Sheet, value_of

if TYPE_CHECKING:
    from .model import Society


class Surveying:
    """The surveys of a society. Raises ScenarioError, with everything that is wrong, for people there cannot be."""

    def __init__(self, society: Society) -> None:
        self._society = society
        self._surveys = society.scenario.surveys
        if wrong := [p for n, survey in enumerate(self._surveys) for p in self._problems(survey, f"surveys.{n}")]:
            raise ScenarioError(wrong)

    def due(self, step: int, *, last: bool) -> list[Survey]:
        """What is held after a step. last: whether the run ends with it."""
        return [survey for survey in self._surveys if held_after(survey.at, step, last=last)]

    def stirs(self, step: int) -> bool:
        """Whether what is held after a step happens to the people, so that no later turn can be thought of before."""
        return any(survey.remembered and held_after(survey.at, step, last=False) for survey in self._surveys)

    def hold(self, step: int, *, last: bool) -> None:
        """Ask everybody everything that is due after a step, and let it be remembered. Raises as `Engine.step`."""
        sheets = [Sheet(survey, self.rule(survey), self._setting.choice) for survey in self.due(step, last=last)]
        asked: list[tuple[Sheet, int]] = []
        thoughts: list[Asking] = []
        for sheet in sheets:
            for agent in self.respondents(sheet.survey, step):
                mine = sheet.thoughts(self.respondent(agent, step))
                thoughts += mine
                asked += [(sheet, agent)] * len(mine)
        if not thoughts:
            return
        heard: list[Heard] = self._society.engine.poll(thoughts)
        for sheet in sheets:
            if sheet.survey.remembered:
                self._remember(step, [(a, h) for (s, a), h in zip(asked, heard, strict=True) if s is sheet])

    def _remember(self, step: int, answers: Sequence[tuple[int, Heard]]) -> None:
        """What each of them was asked and answered, by ascending id, in the order of the questions."""
        by_agent: dict[int, list[Said]] = {}
        for agent, heard in answers:
            by_agent.setdefault(agent, []).extend(Said(h.question.ask, value_of(h.reply), h.by) for h in heard)
        for world in self._society.worlds:
            if hasattr(world, "remember"):
                for agent, told in by_agent.items():
                    self._society.engine.emit(world, world.remember(step, agent, told))

    # -- who is asked, and as what --------------------------------------------------------------------------------

    def respondents(self, survey: Survey, step: int) -> list[int]:
        """Who is asked after a step, ascending: those of the people who are there that fit."""
        fresh = (step,) if survey.sample == "fresh" else ()
        lot = partial(_lot, self._society.engine.seed, survey.name, fresh)
        ties = self._society.ties
        return chosen(survey.who or Who(), self._setting.people, lot, ties=ties, among=sorted(ties.graph))

    def respondent(self, agent: int, step: int, told: Persona | None = None) -> Respondent:
        """Somebody as it is now. told: what it is told about itself, and how, where that is not as in the run."""
        setting = self._setting if told is None else replace(self._setting, persona=told)
        traits, words = setting.told(agent), partial(setting.tell, agent)
        for world in self._society.worlds:
            if hasattr(world, "introduce"):
                words = partial(world.introduce, agent, setting.tell)
        return Respondent(self._society.engine.seed, agent, step, traits, words, partial(self._standing, agent))

    def _standing(self, agent: int, about: str) -> dict[str, Any]:
        """What the worlds tell of somebody; what two of them call alike bears the name of the second."""
        told: dict[str, Any] = {}
        for world in self._society.worlds:
            if hasattr(world, "standing"):
                for name, value in world.standing(agent, about).items():
                    told[name if name not in told else f"{world.kind} {name}"] = value
        return told

    def rule(self, survey: Survey) -> Any:
        """How a survey is answered when no model is asked."""
        return self._setting.rule("survey_rules", survey.rule)

    @property
    def _setting(self) -> Any:
        """The surroundings as they are now: interventions may have changed them."""
        return self._society.timeline.setting

    # -- what cannot be ---------------------------------------------------------------------------------------------

    def _problems(self, survey: Survey, here: str) -> Iterator[Problem]:
        """Selections of people who will not be there, and traits that nobody will have."""
        people, more = self._society.setting.people, list(self._traits_to_come())
        if survey.who is not None:
            yield from problems(survey.who, people, f"{here}.who", n=len(people) + self._to_come(), more=more)
        named = survey.rule.parameters().get("trait") or ()
        known = sorted({trait for person in people for trait in person}.union(more))
        for question, trait in ((None, named),) if isinstance(named, str) else dict(named).items():
            if trait not in known:
                path = f"{here}.rule.trait" + (f".{question}" if question is not None else "")
                listed = f"Known: {', '.join(known)}." if known else "These people have no traits at all."
                yield Problem("", path, f"nobody has '{trait}'.{nearest(trait, known)} {listed}")

    def _to_come(self) -> int:
        """People who will have joined by the end."""
        end = self._society.length + 1
        joins = (one for one in self._society.scenario.interventions if one.do.kind == "join")
        return sum(one.do.given.n * times(one, end) for one in joins)  # type: ignore[attr-defined]

    def _traits_to_come(self) -> Iterator[str]:
        """Traits that somebody will have been given by the end."""
        for one in self._society.scenario.interventions:
            if one.do.kind == "traits":
                yield from one.do.given.to  # type: ignore[attr-defined]
            elif one.do.kind == "join":
                yield from one.do.given.traits  # type: ignore[attr-defined]


def _lot(seed: int, name: str, fresh: tuple[int, ...], agent: int) -> float:
    return draw(seed, "survey", name, *fresh, agent)
