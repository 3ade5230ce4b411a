"""World `growth`: who is tied to whom, and how a choice becomes ties.

The design says who chooses when and among whom; this class shows the candidates, applies choices and keeps the record
of choices that the kernel exponent is estimated from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from simsoc.core.answers import Choice, Pick
from simsoc.core.errors import ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.shelf import nearest
from simsoc.core.stream import Stream
from simsoc.core.words import Action, Answer, Ask, Decision, Event, Reply, Thought, Turn
from simsoc.scenario.spec import Scenario
from simsoc.worlds.names import Fixed, fresh
from simsoc.worlds.setting import Setting

from .measures import GROWTH_MEASURES
from .spec import GrowthSpec


class Slot(Struct, frozen=True):
    """One choice an agent is to make in its turn."""

    candidates: tuple[int, ...]
    """Ids that may be chosen, ascending."""
    count: int
    """How many are to be chosen."""
    drop: int | None = None
    """The end of a tie that is given up for the chosen one."""


class View(Struct, frozen=True):
    """What an agent sees at its turn."""

    at: Turn
    slots: tuple[Slot, ...]
    capped: bool


class Made(NamedTuple):
    """A choice that was asked for, and what came of it."""

    slot: Slot
    facts: Facts
    reply: Reply
    declined: list[tuple[int, str | None]]
    """Those chosen who did not accept, where they are asked, with the reason when they gave no answer."""


class Growth:
    """People choose ties, one person at a time."""

    kind = "growth"
    Spec = GrowthSpec
    MEASURES = GROWTH_MEASURES
    CHANGES = frozenset(
        ("rule", "names", "name_length", "order", "show_degree", "show_neighbours", "attributes", "cap", "context")
    )
    """Keys that may change while the world goes on."""
    BEARS = frozenset(("ties", "leave", "traits"))
    """What may be done to the society around it (kinds of interventions)."""

    def __init__(self, spec: GrowthSpec, setting: Setting) -> None:
        self.spec = spec
        self.setting = setting
        self.ties = setting.ties
        self.stopped: str | None = None
        self.gone: set[int] = set()
        """Those who were there and have left."""
        for key, why in self.refuses(spec):
            raise ScenarioError.at(f"world.{key}", why)
        self.design = setting.shelves["growth_designs"].get(spec.design.kind)(spec.design.given, self)
        self.length: int | None = self.design.length
        self.initial: int = self.design.initial
        self.choices: list[tuple[int, dict[int, int]]] = []
        """Degree of each chosen candidate with how many candidates had which degree, in order of choice."""
        self.picks: list[tuple[str, int]] = []
        """(name, place in the list) of every choice of an audit."""
        self.silent = 0
        """Choices that were asked for and not given."""
        self.start_transitivity: float | None = None
        """Transitivity of the network before the first choice."""
        self._names = Fixed(setting.seed, spec.name_length)
        self.degrees: dict[int, int] = {}
        """How many people have how many followers (ties when undirected)."""
        self._accept = self._accepting()
        self._decision = self._choosing()

    def _choosing(self) -> Decision:
        """What whoever takes a turn is asked."""
        rule = self.setting.rule("growth_rules", self.spec.rule)
        return Decision("choose", f"growth/{self.design.template}", Pick(), rule, self.setting.choice)

    def _accepting(self) -> Decision | None:
        """What the other side of a choice is asked, where the design says so."""
        part = getattr(self.spec.design.given, "acceptance", None)
        if part is None:
            return None
        rule = self.setting.rule("acceptance_rules", part)
        return Decision("accept", "growth/accept", Choice(("yes", "no")), rule, self.setting.choice)

    def decisions(self) -> list[Decision]:
        """What people are asked here."""
        return [self._decision, *([self._accept] if self._accept is not None else [])]

    unpersonal = "people of world growth have no persona: they are told of themselves what they show each other"
    """Why what people are told about themselves cannot be taken from them."""

    @staticmethod
    def alone(spec: GrowthSpec, scenario: Scenario) -> Mapping[str, Any] | str:
        """There is nothing else here."""
        return "all that people do in world growth is to choose each other"

    @staticmethod
    def default_network(spec: GrowthSpec) -> tuple[str, dict[str, Any]] | None:
        """The network a scenario means by leaving it out: (kind, keys), or None for the usual one."""
        if spec.design.kind == "homophily":
            return "empty", {}
        return ("empty", {"directed": True}) if spec.design.kind in ("newcomers", "audit") else None

    @staticmethod
    def people_at_start(spec: GrowthSpec, n: int) -> int:
        """Of n people, how many are there before the first step."""
        if spec.design.kind != "newcomers":
            return n
        design = spec.design.parameters()
        return min(n, int(design["m"] if design["start"] is None else design["start"]))

    # -- life cycle ---------------------------------------------------------------------------------------------

    def begin(self) -> list[Event]:
        """Nothing happens at step 0; the network as it stands is what changes are measured against."""
        self.degrees = dict(Counter(self.degree(agent) for agent in self.ties.graph))
        self.start_transitivity = GROWTH_MEASURES["transitivity"].of(self)
        return []

    def open_step(self, step: int) -> list[Event]:
        """A newcomer arrives, where the design has newcomers."""
        newcomer = self.design.newcomer(step)
        if newcomer is None:
            return []
        event = Event(step, 0, newcomer, "join", {})
        self.fold(event)
        return [event]

    def close_step(self, step: int) -> list[Event]:
        """Nothing."""
        return []

    def due(self, step: int) -> Sequence[int] | None:
        """Who chooses in this step, in this order."""
        order: Sequence[int] = self.design.due(step)
        return order

    def active(self) -> Sequence[int]:
        """Everybody who has joined."""
        return sorted(self.ties.graph)

    # -- a turn -------------------------------------------------------------------------------------------------

    def observe(self, turn: Turn) -> View:
        """The choices to be made at this turn, with their candidates."""
        slots, capped = [], False
        for number, slot in enumerate(self.design.slots(turn)):
            cap = self.spec.cap
            if cap is not None and cap < len(slot.candidates):
                stream = Stream(turn.seed, "cap", turn.agent, turn.step, turn.turn, number)
                kept = sorted(slot.candidates[i] for i in stream.sample(len(slot.candidates), cap))
                slot = Slot(tuple(kept), min(slot.count, cap), slot.drop)
                capped = True
            slots.append(slot)
        return View(turn, tuple(slots), capped)

    def decide(self, view: View) -> Thought:
        """One ask for each choice; a choice made earlier in the turn is no candidate for a later one."""
        at = view.at
        made: list[Made] = []
        taken: set[int] = set()
        for draw, slot in enumerate(view.slots):
            candidates = tuple(c for c in slot.candidates if c not in taken) if taken else slot.candidates
            count = min(slot.count, len(candidates))
            if count == 0:
                continue
            given: dict[str, Any] = {"count": count, "candidates": len(candidates)}
            if view.capped:
                given["options"] = list(candidates)
            facts = Facts(given, self.design.later, (self, at, candidates, draw))
            reply = yield Ask(at.seed, at.agent, at.step, at.turn, draw, self._decision, facts, "choose")
            declined: list[tuple[int, str | None]] = []
            if isinstance(reply, Answer):
                taken.update(reply.value)
                if self._accept is not None:
                    declined = yield from self._who_declines(at, reply.value)
            made.append(Made(Slot(candidates, count, slot.drop), facts, reply, declined))
        return Action(at, "choose", {"made": tuple(made), "capped": view.capped})

    def _who_declines(self, at: Turn, chosen: Sequence[int]) -> Generator[Ask, Reply, list[tuple[int, str | None]]]:
        """Ask the other side of each choice; those who do not say yes."""
        assert self._accept is not None
        declined: list[tuple[int, str | None]] = []
        purpose = f"accept/{at.agent}"
        for draw, other in enumerate(chosen):
            there = Turn(at.seed, at.step, other, at.turn)
            facts = Facts({"asker": at.agent}, self.design.later_of_other, (self, there, (at.agent,), draw))
            reply = yield Ask(at.seed, other, at.step, at.turn, draw, self._accept, facts, purpose)
            if not isinstance(reply, Answer):
                declined.append((other, reply.reason))
            elif reply.value != "yes":
                declined.append((other, None))
        return declined

    def apply(self, action: Action) -> list[Event]:
        """Ties to the chosen; a NoAnswer makes none and is counted."""
        at = action.at
        events: list[Event] = []
        for slot, facts, reply, declined in action.content["made"]:
            if not isinstance(reply, Answer):
                events.append(
                    Event(at.step, at.turn, at.agent, "silent", {"reason": reply.reason, "count": slot.count})
                )
                continue
            against = [other for other, _ in declined]
            content: dict[str, Any] = {"to": [other for other in reply.value if other not in against]}
            if against:
                content["declined"] = against
            if slot.drop is not None:
                content["drop"] = slot.drop
            if action.content["capped"]:
                content["among"] = list(slot.candidates)
            if self.design.places:
                content |= _placed(facts, reply.value)
            events.append(Event(at.step, at.turn, at.agent, self.design.verb, content))
            for other, reason in declined:
                if reason is not None:
                    unheard = {"reason": reason, "who": other, "count": 1}
                    events.append(Event(at.step, at.turn, at.agent, "silent", unheard))
        for event in events:
            self.fold(event)
        return events

    # -- the only writer ----------------------------------------------------------------------------------------

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        content = event.content
        if event.kind == "join":
            self.setting.join(event.agent, event.step)
            self.degrees[0] = self.degrees.get(0, 0) + 1
        elif event.kind == "follow":
            self._record(event.agent, content)
            if "drop" in content:
                self._tie(event.agent, content["drop"], add=False)
            for other in content["to"]:
                self._tie(event.agent, other, add=True)
        elif event.kind == "pick":
            self.picks.append((content["name"], content["place"]))
        elif event.kind == "silent":
            self.silent += content["count"]
        elif event.kind == "society.tie":
            self._recount(event, 1)
        elif event.kind == "society.untie":
            self._recount(event, -1)
        elif event.kind == "society.leave":
            self.gone.add(content["who"])
            self.degrees[0] -= 1

    def _recount(self, event: Event, more: int) -> None:
        """A tie that was made (1) or cut (-1) from outside is there already, or is there no more."""
        a, b = event.content["a"], event.content["b"]
        for agent in (b,) if self.ties.directed else (a, b):
            now = self.degree(agent)
            self.degrees[now - more] -= 1
            self.degrees[now] = self.degrees.get(now, 0) + 1

    def _record(self, agent: int, content: dict[str, Any]) -> None:
        """Each chosen degree with the degrees there were to choose from."""
        if not self.design.recorded:
            return
        if "among" in content:
            among: dict[int, int] = {}
            for other in content["among"]:
                among[self.degree(other)] = among.get(self.degree(other), 0) + 1
        else:
            among = dict(self.degrees)
            among[self.degree(agent)] -= 1
        for other in content["to"]:
            k = self.degree(other)
            self.choices.append((k, {d: n for d, n in among.items() if n > 0}))
            among[k] -= 1

    def _tie(self, a: int, b: int, *, add: bool) -> None:
        counted = (b,) if self.ties.directed else (a, b)
        before = [self.degree(agent) for agent in counted]
        if add:
            self.ties.add(a, b)
        else:
            self.ties.remove(a, b)
        for agent, old in zip(counted, before, strict=True):
            new = self.degree(agent)
            self.degrees[old] -= 1
            self.degrees[new] = self.degrees.get(new, 0) + 1

    # -- what is done from outside ------------------------------------------------------------------------------

    def refuses(self, spec: GrowthSpec) -> Iterator[tuple[str, str]]:
        """What these keys ask for and the people have not: (key, message)."""
        people = self.setting.people
        for trait in spec.attributes:
            if not any(trait in person for person in people):
                known = sorted({name for person in people for name in person})
                guess, listed = nearest(trait, known), ", ".join(known) or "none"
                yield "attributes", f"nobody has '{trait}'.{guess} Known traits: {listed}."

    def change(self, spec: GrowthSpec, setting: Setting) -> None:
        """Other keys (of `CHANGES`), or another seed or way of choosing, from now on."""
        if spec.name_length != self.spec.name_length:
            self._names = Fixed(self._names.seed, spec.name_length)
        self.spec, self.setting = spec, setting
        self.design.shows(spec)
        self._accept = self._accepting()
        self._decision = self._choosing()

    # -- what candidates show -----------------------------------------------------------------------------------

    def degree(self, agent: int) -> int:
        """Followers of an agent; its ties when undirected."""
        graph = self.ties.graph
        return len(graph.pred[agent]) if self.ties.directed else len(graph.adj[agent])

    def names(self, at: Turn, agents: Sequence[int], draw: int) -> list[str]:
        """A name for each of these agents in this call."""
        if self.spec.names == "fixed":
            return self._names.of(agents)
        stream = Stream(at.seed, "names", at.agent, at.step, at.turn, draw)
        return fresh(stream, len(agents), self.spec.name_length)


def _placed(facts: Facts, chosen: list[int]) -> dict[str, Any]:
    """Under which name and at which place in the list the first choice stood (audits)."""
    at = facts["options"].index(chosen[0])
    return {"name": facts["labels"][at], "place": facts["shown"].index(at)}
