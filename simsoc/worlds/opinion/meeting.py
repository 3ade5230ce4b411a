"""What all opinion worlds share: who meets whom, what is written, committed agents and splitting groups.

A turn belongs to one agent. Either it alone decides, seeing everybody it is tied to, or (`group`) it meets some of them
and each member decides on what the group held when it met. State changes in `fold` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from operator import itemgetter
from typing import Any

from msgspec import Struct

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream, draw
from simsoc.core.words import Action, Answer, Ask, Decision, Event, Reach, Reply, Thought, Turn
from simsoc.scenario.spec import Scenario, Who
from simsoc.worlds.names import Fixed, fresh
from simsoc.worlds.setting import Setting

from .outside import Approachable
from .spec import MeetingSpec


class View(Struct, frozen=True, gc=False):
    """What an agent sees at its turn: a copy, so that later turns cannot change it."""

    at: Turn
    seen: tuple[int, ...]
    """Ids of those whose opinions it sees, ascending; of everybody who meets when `group` is set."""
    values: tuple[Any, ...]
    """What each of them holds, as stored (option numbers or positions)."""
    own: Any = None
    """What the agent itself holds."""


class Meeting(Approachable):
    """Base of the opinion worlds. Subclasses say how values are stored, told and decided."""

    kind: str
    length: int | None = None

    def __init__(self, spec: MeetingSpec, setting: Setting) -> None:
        self.setting = setting
        self.decision = self.decides(spec, setting)
        self.stopped: str | None = None
        self.turns = 0
        """Turns taken so far by anybody."""
        self.step = 0
        """The step that is going on."""
        self.n = len(setting.people)
        """People there have been, without added committed agents: their ids are below."""
        self.gone: set[int] = set()
        """Those of them who have left."""
        self.held: list[Any] = []
        """What each agent holds, by id."""
        self.frozen: set[int] = set()
        """Agents who are committed now."""
        self._spec = spec
        self._names = Fixed(setting.seed, spec.name_length)
        self._readers: dict[int, tuple[tuple[int, ...], Any]] = {}
        self._reaches: dict[int, tuple[tuple[int, ...], Reach]] = {}
        self.rests: Callable[[int], bool] | None = None
        """Whether an agent takes no decisions at present; None when everybody does."""
        self._last: tuple[int, int, int] | None = None
        self._added = self._add_committed()

    @staticmethod
    def check(spec: MeetingSpec, scenario: Scenario) -> Iterator[tuple[str, str]]:
        """What does not fit the rest of the scenario: (key, message)."""
        if spec.group is not None and scenario.activation.kind == "together":
            yield "group", "people who meet change each other's opinions, so activation has to be one_by_one"

    @staticmethod
    def alone(spec: MeetingSpec, scenario: Scenario) -> Mapping[str, Any] | str:
        """Nobody is tied to anybody, and each is asked with its own opinion alone in sight."""
        if spec.group is not None:
            return "people who meet in groups decide on nothing by themselves"
        added = {"committed": None} if spec.committed is not None and spec.committed.n is not None else {}
        return {"/network": "empty", "include_self": True, **added}

    # -- life cycle ---------------------------------------------------------------------------------------------

    def _add_committed(self) -> list[int]:
        """Ids of committed agents that are appended to the people."""
        committed = self._spec.committed
        if committed is None or committed.n is None:
            return []
        people = self.setting.people
        ids = list(range(len(people), len(people) + committed.n))
        people.extend({"role": "committed"} for _ in ids)
        for agent in ids:
            self.setting.join(agent, 0)
        return ids

    def begin(self) -> list[Event]:
        """First opinions."""
        events = [Event(0, 0, agent, "start", {"to": self.tell(v)}) for agent, v in enumerate(self.first())]
        if self._added:
            to = self._spec.committed.to  # type: ignore[union-attr]
            events += [Event(0, 0, agent, "start", {"to": to}) for agent in self._added]
        for event in events:
            self.fold(event)
        return events

    def open_step(self, step: int) -> list[Event]:
        """Commitments that begin or end with this step."""
        self.step = step
        committed = self._spec.committed
        if committed is None:
            return []
        events: list[Event] = []
        if step == committed.start:
            events = self._commit(step, "commit", "tie")
        elif committed.until is not None and step == committed.until + 1:
            events = self._commit(step, "release", "untie")
        for event in events:
            self.fold(event)
        return events

    def _commit(self, step: int, kind: str, tie: str) -> list[Event]:
        committed = self._spec.committed
        assert committed is not None
        if committed.who is not None:
            who = self._committing(committed.who) if kind == "commit" else sorted(self.frozen)
            events = [Event(step, 0, -1, kind, {"who": agent}) for agent in who]
            if kind == "commit":
                events += [Event(step, 0, -1, "set", {"who": agent, "to": committed.to}) for agent in who]
            return events
        added = [b for b in self._added if b in self.setting.ties.graph]
        return [Event(step, 0, -1, tie, {"a": a, "b": b}) for b in added for a in self.folk()]

    def _committing(self, who: Who) -> list[int]:
        """Those of the people who are there that become committed."""
        return [agent for agent in self.setting.who(who) if agent not in self.gone]

    def close_step(self, step: int) -> list[Event]:
        """Nothing by default."""
        return []

    def awaits(self) -> bool:
        """Whether a commitment is still to come, so that agreement is not the end."""
        committed = self._spec.committed
        return committed is not None and self.step < committed.start

    def due(self, step: int) -> Sequence[int] | None:
        """Left to the scenario's activation."""
        return None

    def active(self) -> Sequence[int]:
        """Everybody who is there and not committed."""
        if not self.frozen:
            return self.folk()
        return [agent for agent in self.folk() if agent not in self.frozen]

    # -- a turn -------------------------------------------------------------------------------------------------

    def observe(self, turn: Turn) -> View:
        """Opinions of those the agent is tied to, or of the group it meets."""
        agent = turn.agent
        if self.rests is not None and self.rests(agent):
            return View(turn, (), ())
        seen = self.setting.ties.neighbours(agent)
        if self._spec.group is not None:
            if not seen:
                return View(turn, (), ())
            seen = self._met(turn, seen)
            return View(turn, seen, tuple(self.held[other] for other in seen))
        if self._spec.include_self:
            seen = (*seen, agent)
        if not seen:
            return View(turn, (), ())
        known = self._readers.get(agent)
        if known is None or (known[0] is not seen and known[0] != seen):
            known = self._readers[agent] = (seen, itemgetter(*seen) if len(seen) > 1 else None)
        values = known[1](self.held) if known[1] is not None else (self.held[seen[0]],)
        return View(turn, seen, values, self.held[agent])

    def _met(self, turn: Turn, tied: tuple[int, ...]) -> tuple[int, ...]:
        """Who meets at this turn: the agent and some of those it is tied to, ascending."""
        assert self._spec.group is not None
        stream = Stream(turn.seed, "meet", self.kind, turn.agent, turn.step, turn.turn)
        size = min(self._spec.group - 1, len(tied))
        return tuple(sorted((turn.agent, *(tied[i] for i in stream.sample(len(tied), size)))))

    # -- what may happen at once --------------------------------------------------------------------------------

    def reach(self, turn: Turn) -> Reach | None:
        """A turn reads the opinions the agent sees, and writes its own; a group that meets reads and writes its own."""
        if self.rests is not None:
            return None
        agent = turn.agent
        seen = self.setting.ties.neighbours(agent)
        if self._spec.group is not None:
            met = self._met(turn, seen) if seen else (agent,)
            return Reach(met, met)
        known = self._reaches.get(agent)
        if known is None or known[0] is not seen:
            known = self._reaches[agent] = (seen, Reach((*seen, agent), (agent,)))
        return known[1]

    @property
    def may_stop(self) -> bool:
        """Whether the world may come to an end by itself."""
        stop: str = self._spec.stop  # type: ignore[attr-defined]
        return stop != "never"

    def quiet(self, step: int) -> bool:
        """Unless a commitment begins or ends with this step."""
        committed = self._spec.committed
        if committed is None:
            return True
        return step != committed.start and (committed.until is None or step != committed.until + 1)

    def apart(self) -> Meeting:
        """A copy with opinions of its own."""
        other = copy(self)
        other.held = list(self.held)
        other.frozen, other.gone = set(self.frozen), set(self.gone)
        other._readers, other._reaches = {}, {}
        return other

    # -- thinking and acting ------------------------------------------------------------------------------------

    def decide(self, view: View) -> Thought:
        """Ask the agent, or every member of the group it meets, for an opinion."""
        at = view.at
        if not view.seen:
            return Action(at, "rest", {})
        if self._spec.group is not None:
            return (yield from self._decide_in_group(view))
        decision = self.decision
        facts = self.facts(view, at.agent, view.own, view.values, view.seen)
        reply = yield Ask(at.seed, at.agent, at.step, at.turn, 0, decision, facts, decision.purpose)
        return Action(at, "set", {"replies": ((at.agent, reply),)})

    def _decide_in_group(self, view: View) -> Thought:
        at = view.at
        replies: list[tuple[int, Reply]] = []
        for place, member in enumerate(view.seen):
            if member in self.frozen:
                continue
            inside = [i for i, other in enumerate(view.seen) if self._spec.include_self or other != member]
            seen = tuple(view.seen[i] for i in inside)
            facts = self.facts(view, member, view.values[place], tuple(view.values[i] for i in inside), seen)
            purpose = self.decision.purpose if member == at.agent else f"{self.decision.purpose}/met {at.agent}"
            replies.append((member, (yield Ask(at.seed, member, at.step, at.turn, 0, self.decision, facts, purpose))))
        return Action(at, "set", {"replies": tuple(replies)})

    def apply(self, action: Action) -> list[Event]:
        """Opinions as answered; a NoAnswer changes nothing and says so."""
        at = action.at
        if action.verb == "rest":
            events = [Event(at.step, at.turn, at.agent, "rest", {})]
        else:
            events = []
            for agent, reply in action.content["replies"]:
                content: dict[str, Any] = {} if agent == at.agent else {"who": agent}
                if isinstance(reply, Answer):
                    kind, content["to"] = "set", reply.value
                else:
                    kind, content["reason"] = "silent", reply.reason
                if agent not in self.frozen:
                    events.append(Event(at.step, at.turn, at.agent, kind, content))
        for event in events:
            self.fold(event)
        return events

    # -- the only writer ----------------------------------------------------------------------------------------

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        kind = event.kind
        if kind == "set":
            self._count(event)
            content = event.content
            self.hold(content.get("who", event.agent), content["to"])
        elif kind in ("silent", "rest"):
            self._count(event)
        elif kind == "start":
            self.held.append(None)
            self.hold(event.agent, event.content["to"])
        elif kind == "commit":
            self.frozen.add(event.content["who"])
        elif kind == "release":
            self.frozen.discard(event.content["who"])
        elif kind == "tie":
            self.setting.ties.add(event.content["a"], event.content["b"])
        elif kind == "untie":
            self.setting.ties.remove(event.content["a"], event.content["b"])
        elif kind == "society.join":
            self.n = event.content["who"] + 1
        elif kind == "society.leave":
            self.let_go(event.content["who"])

    def _count(self, event: Event) -> None:
        key = (event.step, event.agent, event.turn)
        if key != self._last and event.agent >= 0:
            self._last = key
            self.turns += 1

    # -- what subclasses fill in --------------------------------------------------------------------------------

    def first(self) -> list[Any]:
        """First opinion of each of the people, as stored."""
        raise NotImplementedError

    def hold(self, agent: int, value: Any) -> None:
        """Store what an agent holds from now on."""
        raise NotImplementedError

    def facts(self, view: View, agent: int, own: Any, values: tuple[Any, ...], seen: tuple[int, ...]) -> Facts:
        """What an agent is told: what it held itself, and what those it saw held, when they met."""
        raise NotImplementedError

    # -- what prompts show, computed when looked at --------------------------------------------------------------

    def shown_names(self, view: View, agent: int, seen: tuple[int, ...]) -> list[str]:
        """A name for each of those seen."""
        if self._spec.names == "fixed":
            return self._names.of(seen)
        return fresh(self.lots(view, agent, "names"), len(seen), self._spec.name_length)

    def shown_order(self, view: View, agent: int, n: int, what: str) -> list[int]:
        """The order in which n things are listed."""
        order = list(range(n))
        if self._spec.order == "shuffled":
            self.lots(view, agent, what).shuffle(order)
        return order

    @staticmethod
    def lots(view: View, agent: int, what: str) -> Stream:
        """The randomness of one thing a prompt shows."""
        at = view.at
        address = f"{at.seed}\x1f{what}\x1f{agent}\x1f{at.step}\x1f{at.turn}\x1f{at.agent}"
        return Stream(at.seed, address=address)

    def persona(self, agent: int) -> str:
        """Who the agent is, in a sentence or two; empty when personas are not shown."""
        return self.setting.tell(agent) if self._spec.personas else ""

    def decisions(self) -> list[Decision]:
        """What people are asked here."""
        return [self.decision]


def by_lot(seed: int, n: int, *path: str) -> list[int]:
    """Ids of n people in random order; one addressed draw each."""
    return [agent for _, agent in sorted((draw(seed, *path, agent), agent) for agent in range(n))]
