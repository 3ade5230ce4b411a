"""World `opinion_verbal`: one writes, another reads and reports what it believes (methods.md 5C).

A turn is the reader's. Whose message it reads is drawn by address among those it is tied to, so a turn reads and writes
the two of them alone and runs beside others. State changes in `fold` alone; memories are rebuilt from events, which
carry what is to be remembered. Source: Chuang et al. 2024, Findings of NAACL, arXiv 2311.09618.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from msgspec.structs import replace

from simsoc.core.answers import Choice, Words
from simsoc.core.errors import ScenarioError
from simsoc.core.protocols import Stored
from simsoc.core.shares import largest_remainder
from simsoc.core.stream import Stream
from simsoc.core.words import Action, Decision, Event, NoAnswer, Reach, Rule, Thought, Turn
from simsoc.minds.asking import Me
from simsoc.minds.memory import Memory
from simsoc.minds.mind import Generative
from simsoc.minds.records import Draft
from simsoc.minds.spec import GenerativeSpec
from simsoc.scenario.spec import Scenario
from simsoc.scenario.telling import shown
from simsoc.worlds.names import Fixed
from simsoc.worlds.opinion.meeting import by_lot
from simsoc.worlds.opinion.outside import Approachable
from simsoc.worlds.setting import Setting

from . import rules
from .measures import VERBAL_MEASURES, WEIGHED
from .sheet import Part
from .spec import LEVELS, VerbalSpec
from .thinking import View, kept_in, think

_LONGEST = 800  # characters of a message or of reasoning
_QUESTION = 0.4  # share of a prompt that is kept for a question of a survey
_NAME = 3  # letters and digits of whoever has no name


class Verbal(Approachable):
    """People write short messages to each other; whoever reads one reports what it believes then, on -2 to 2."""

    kind = "opinion_verbal"
    Spec = VerbalSpec
    MEASURES = VERBAL_MEASURES
    WEIGHED = WEIGHED
    CHANGES = frozenset(("topic", "bias", "closed_world", "personas", "reasoning", "labels", "order", "rule"))
    length: int | None = None
    may_stop = False
    _spec: Any

    def __init__(self, spec: VerbalSpec, setting: Setting) -> None:
        self.stopped: str | None = None
        self.turns = 0
        """Turns taken so far by anybody."""
        self.n = len(setting.people)
        self.gone: set[int] = set()
        self.frozen: set[int] = set()
        self.held: list[int] = []
        """Belief of each agent, -2 to 2."""
        self.starts: list[int] = []
        """First belief of each agent."""
        self.memories: list[Memory] = []
        """What each agent remembers of messages and reports."""
        self.fresh: list[Stored] = []
        """Memories stored that the log has not seen."""
        self._names = Fixed(setting.seed, _NAME)
        self._added: list[int] = []
        self._last: tuple[int, int, int] | None = None
        self.mind = _mind(spec, setting)
        self.change(spec, setting)

    def change(self, spec: VerbalSpec, setting: Setting) -> None:  # type: ignore[override]
        """Other keys (of `CHANGES`), or another seed or way of choosing, from now on."""
        self._spec, self.spec, self.setting = spec, spec, setting
        self.write = Decision("write", "verbal/write", Words(_LONGEST), Rule("message", rules.message, {}))
        self.reason = Decision("reason", "verbal/reason", Words(_LONGEST), Rule("reasons", rules.reasons, {}))
        self.decision = self.decides(spec, setting)

    def decides(self, spec: VerbalSpec, setting: Setting) -> Decision:
        """The belief that the reader reports."""
        rule = setting.rule("opinion_verbal_rules", spec.rule)
        return Decision("read", "verbal/read", Choice(LEVELS), rule, setting.choice)

    def decisions(self) -> list[Decision]:
        """What people are asked here."""
        reason = [self.reason] if self.spec.reasoning else []
        return [self.write, *reason, self.decision, *self.mind.decisions()]

    @staticmethod
    def closed_labels(spec: VerbalSpec) -> tuple[str, ...]:
        """What a model is shown to pick from."""
        return spec.labels

    @staticmethod
    def alone(spec: VerbalSpec, scenario: Scenario) -> Mapping[str, Any] | str:
        """Nobody reads anything: each report is made from the first belief."""
        return {"interaction": False} if spec.interaction else "there is no interaction in it as it is"

    # -- first beliefs ------------------------------------------------------------------------------------------

    def begin(self) -> list[Event]:
        """First beliefs."""
        events = [Event(0, 0, agent, "start", {"to": level}) for agent, level in enumerate(self._first())]
        for event in events:
            self.fold(event)
        return events

    def _first(self) -> list[int]:
        if self.spec.start != "even" or self.spec.start_trait is not None:
            return [self.first_of(agent) for agent in range(self.n)]
        dealt = [0] * self.n
        at = iter(by_lot(self.setting.seed, self.n, "start"))
        for level, count in zip(LEVELS, largest_remainder(self.n, [1.0] * len(LEVELS)), strict=True):
            for _ in range(count):
                dealt[next(at)] = level
        return dealt

    def first_of(self, agent: int) -> int:
        """By trait or from the list where the scenario says so, otherwise one draw."""
        spec = self.spec
        if spec.start_trait is not None:
            value = self.setting.people[agent].get(spec.start_trait)
            if not _is_level(value):
                told = f"agent {agent} has {spec.start_trait}={value!r}, not a whole number from -2 to 2"
                raise ScenarioError.at("world.start_trait", told)
            return int(value)  # type: ignore[arg-type]
        if not isinstance(spec.start, str):
            return spec.start[agent % len(spec.start)]
        return Stream(self.setting.seed, "first", self.kind, agent).choose(LEVELS)

    # -- steps --------------------------------------------------------------------------------------------------

    def open_step(self, step: int) -> list[Event]:
        """Nothing."""
        return []

    def close_step(self, step: int) -> list[Event]:
        """Nothing."""
        return []

    def due(self, step: int) -> Sequence[int] | None:
        """Left to the scenario's activation."""
        return None

    def active(self) -> Sequence[int]:
        """Everybody who is there."""
        return self.folk()

    def quiet(self, step: int) -> bool:
        """Always: the world itself does nothing."""
        return True

    def reach(self, turn: Turn) -> Reach | None:
        """The two of a turn; without interaction the reader alone."""
        writer = self._met(turn)
        both = (turn.agent,) if writer is None else tuple(sorted((turn.agent, writer)))
        return Reach(both, both)

    def apart(self) -> Verbal:
        """A copy with beliefs and memories of its own."""
        other = copy(self)
        other.held, other.starts = list(self.held), list(self.starts)
        other.memories = [memory.copy() for memory in self.memories]
        other.gone, other.frozen, other.fresh = set(self.gone), set(self.frozen), []
        return other

    # -- a turn -------------------------------------------------------------------------------------------------

    def _met(self, turn: Turn) -> int | None:
        """Whose message is read at this turn."""
        tied = self.setting.ties.neighbours(turn.agent) if self.spec.interaction else ()
        if not tied:
            return None
        return Stream(turn.seed, "meet", self.kind, turn.agent, turn.step, turn.turn).choose(tied)

    def observe(self, turn: Turn) -> View:
        """What the two know when the turn begins."""
        reader = self._part(turn.agent, turn)
        writer = self._met(turn)
        if writer is None:
            return View(turn, reader, None, self.spec.interaction)
        part = self._part(writer, turn)
        return View(turn, reader, replace(part, me=part.me.met_by(reader.me)), False)

    def _part(self, agent: int, turn: Turn) -> Part:
        person = self.setting.people[agent]
        name = str(person.get("name") or self._names.of((agent,))[0])
        who = self.setting.tell(agent, name) if self.spec.personas and self.spec.role_play else ""
        at = Turn(turn.seed, turn.step, agent, turn.turn)
        me = Me(at, name, who, float(turn.step), draws={})
        own = self.held[agent] if self.spec.interaction else self.starts[agent]
        return Part(me, own, self.starts[agent], self.memories[agent].view())

    def decide(self, view: View) -> Thought:
        """The message, then the report of who reads it, then what both remember."""
        return think(self, view)

    # -- applying and folding -----------------------------------------------------------------------------------

    def apply(self, action: Action) -> list[Event]:
        """What was written, believed and kept in mind; a silence changes nothing and says so."""
        at, content = action.at, action.content
        if action.verb == "rest":
            events = [Event(at.step, at.turn, at.agent, "rest", {})]
        else:
            events = [*self._writing(at, content), *self._believing(at, content)]
        for event in events:
            self.fold(event)
        return events

    def _writing(self, at: Turn, content: Mapping[str, Any]) -> list[Event]:
        if "writer" not in content:
            return []
        wrote, who = content["wrote"], content["writer"]
        if isinstance(wrote, NoAnswer):
            return [Event(at.step, at.turn, at.agent, "silent", {"who": who, "of": "write", "reason": wrote.reason})]
        told = {"who": who, "text": wrote.value, **kept_in(content.get("writer_keeps"))}
        return [Event(at.step, at.turn, at.agent, "write", told)]

    def _believing(self, at: Turn, content: Mapping[str, Any]) -> list[Event]:
        if "believes" not in content:
            return []
        reasoned, believes = content.get("reasoned"), content["believes"]
        events = []
        if isinstance(reasoned, NoAnswer):
            events.append(Event(at.step, at.turn, at.agent, "silent", {"of": "reason", "reason": reasoned.reason}))
        if isinstance(believes, NoAnswer):
            return [*events, Event(at.step, at.turn, at.agent, "silent", {"of": "read", "reason": believes.reason})]
        told = {"to": believes.value, **kept_in(content.get("reader_keeps"))}
        return [*events, Event(at.step, at.turn, at.agent, "set", told)]

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        kind, content = event.kind, event.content
        if kind == "start":
            self.held.append(content["to"])
            self.starts.append(content["to"])
            self.memories.append(self.mind.memory())
        elif kind == "society.join":
            self.n = content["who"] + 1
        elif kind == "society.leave":
            self.let_go(content["who"])
        elif kind in ("set", "write", "silent", "rest"):
            self._count(event)
            agent = content.get("who", event.agent)
            if kind == "set":
                self.held[agent] = content["to"]
            drafts = [Draft.of(draft) for draft in content.get("memory", ())]
            made = self.memories[agent].store(drafts, float(event.step), event=(event.step, event.turn, event.agent))
            self.fresh += [Stored(agent, record, event) for record in made]

    def _count(self, event: Event) -> None:
        key = (event.step, event.agent, event.turn)
        if key != self._last and event.agent >= 0:
            self._last = key
            self.turns += 1

    def stored(self) -> tuple[list[Stored], list[tuple[int, int]]]:
        """Memories stored since the last time, for the log; none expires here, and none is touched."""
        fresh, self.fresh = self.fresh, []
        return fresh, []

    # -- what is done from outside ------------------------------------------------------------------------------

    def tell(self, value: Any) -> Any:
        """Levels are told as they are."""
        return value

    def standing(self, agent: int, about: str) -> dict[str, Any]:
        """What somebody believes and remembers of it, for whoever asks it; without role play nothing is its own."""
        if agent >= len(self.held) or not self.spec.role_play:
            return {"topic": self.spec.topic}
        me = Me(Turn(self.setting.seed, 0, agent, 0), "", self.setting.tell(agent), 0.0, draws={})
        page = self.mind.page(me)
        page.text("question", about, _QUESTION)
        found = self.mind.recall(self.memories[agent].view(), (), page)
        kept: dict[str, Any] = {"memories": [record.text for record in found.records]} if found.found else {}
        if found.left_out:
            kept["memories_left_out"] = found.left_out
        return {**self.holding(agent), "topic": self.spec.topic, **kept}

    def holding(self, agent: int) -> dict[str, Any]:
        """The agent's belief, in words."""
        return {"view": self.spec.labels[self.held[agent] + 2]}

    def refuses_opinion(self, item: Any) -> str | None:
        """It has to be a level."""
        return None if _is_level(item) else f"should be a whole number from -2 to 2 (got {shown(item)})"

    def refuses_person(self, traits: Mapping[str, Any]) -> str | None:
        """Where beliefs begin with a trait, it has to be a level."""
        trait = self.spec.start_trait
        if trait is not None and not _is_level(traits.get(trait)):
            return f"'{trait}' has to be a whole number from -2 to 2: beliefs start with it"
        return None


def _is_level(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in LEVELS


def _mind(spec: VerbalSpec, setting: Setting) -> Generative:
    """Minds that remember and sum up, and do nothing else by themselves."""
    given = {
        "memory": {"mode": spec.memory},
        "reflection": False,
        "planning": False,
        "dialogue": False,
        "tokens": spec.tokens,
    }
    made = GenerativeSpec.model_validate(given, context={"shelves": setting.shelves})
    return Generative(made, setting.shelves, setting.choice)
