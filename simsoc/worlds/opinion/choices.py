"""World `opinion`: each agent holds one of a few options (methods.md 5A, 5B and the discrete models of 5D)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, cast

from simsoc.core.answers import Choice
from simsoc.core.errors import ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.shares import largest_remainder
from simsoc.core.shelf import nearest
from simsoc.core.stream import Stream
from simsoc.core.words import Decision, Event
from simsoc.scenario.telling import shown
from simsoc.worlds.setting import Setting

from .measures import ALIKE, CHOICE_MEASURES, WEIGHED
from .meeting import Meeting, View, by_lot
from .spec import OpinionSpec


class Opinion(Meeting):
    """Agents see what those they are tied to hold, and pick one of a few options."""

    kind = "opinion"
    Spec = OpinionSpec
    MEASURES = CHOICE_MEASURES
    WEIGHED = WEIGHED
    ALIKE = ALIKE
    CHANGES = Meeting.CHANGES | {"labels", "toss", "wording", "restart"}

    def __init__(self, spec: OpinionSpec, setting: Setting) -> None:
        self.spec = spec
        self.options = spec.options
        self._number = {option: i for i, option in enumerate(spec.options)}
        self._zeros = [0] * len(spec.options)
        self.group = [0] * len(setting.people)
        """Group of each agent; all in one until groups split."""
        self.tally: list[list[int]] = [list(self._zeros)]
        """How many of each group hold each option; added committed agents do not count."""
        self._since = [0]
        self.course: list[float] | deque[float] = []
        """Magnetisation of the first group after each opinion set in this step."""
        super().__init__(spec, setting)
        self.rests = self._resting()

    def decides(self, spec: OpinionSpec, setting: Setting) -> Decision:
        """One of the options."""
        return Decision(
            "opinion",
            f"opinion/{spec.wording}",
            Choice(spec.options),
            setting.rule("opinion_rules", spec.rule),
            setting.choice,
        )

    @staticmethod
    def closed_labels(spec: OpinionSpec) -> tuple[str, ...]:
        """What a model is shown to pick from, where that does not vary."""
        return spec.labels or spec.options

    # -- values --------------------------------------------------------------------------------------------------

    def tell(self, value: Any) -> Any:
        """The option of this number."""
        return self.options[value]

    def hold(self, agent: int, value: Any) -> None:
        """Keep the option's number, and the tally."""
        new = self._number[value]
        held = self.held
        old = held[agent]
        if old == new:
            return
        held[agent] = new
        if agent >= self.n:
            return
        tally = self.tally[self.group[agent]]
        if old is not None:
            tally[old] -= 1
        tally[new] += 1
        if tally[new] == sum(tally):
            self._agreed()
        else:
            self.stopped = None

    def _agreed(self) -> None:
        """Somebody has just made a group unanimous: are all groups?"""
        begun = len(self.held) >= self.n and None not in self.held[: self.n] and not self.awaits()
        if (
            begun
            and any(map(any, self.tally))
            and self.spec.stop == "consensus"
            and all(max(t) == sum(t) for t in self.tally)
        ):
            self.stopped = "consensus" if len(self.tally) == 1 else "every group agrees"

    def first(self) -> list[Any]:
        """Even, random, by shares or by trait."""
        n = self.n
        if self.spec.start_trait is not None:
            return [self._from_trait(agent) for agent in range(n)]
        if self.spec.start == "random":
            return [self.first_of(agent) for agent in range(n)]
        return self._deal(by_lot(self.setting.seed, n, "start"), n)

    def _deal(self, agents: list[int], n: int) -> list[Any]:
        shares = [1.0] * len(self.options) if isinstance(self.spec.start, str) else self._shares()
        dealt: list[Any] = [0] * n
        at = 0
        for number, count in enumerate(largest_remainder(len(agents), shares)):
            for agent in agents[at : at + count]:
                dealt[agent] = number
            at += count
        return dealt

    def _shares(self) -> list[float]:
        start = cast("dict[str, float]", self.spec.start)
        return [start.get(option, 0.0) for option in self.options]

    def first_of(self, agent: int) -> Any:
        """By trait where the scenario says so, otherwise one draw by the starting shares."""
        if self.spec.start_trait is not None:
            return self._from_trait(agent)
        shares = [1.0] * len(self.options) if isinstance(self.spec.start, str) else self._shares()
        return Stream(self.setting.seed, "first", self.kind, agent).pick(shares)

    def _from_trait(self, agent: int) -> int:
        value = self.setting.people[agent].get(self.spec.start_trait)  # type: ignore[arg-type]
        if not self._is_option(value):
            raise ScenarioError.at(
                "world.start_trait",
                f"agent {agent} has {self.spec.start_trait}={value!r}, which is none of the options "
                f"{', '.join(self.options)}",
            )
        return self._number[str(value)]

    def _resting(self) -> Callable[[int], bool] | None:
        """Where groups split and agreement is the end, whoever's group agrees waits for the others."""
        return self._group_agrees if self.spec.split_after is not None and self.spec.stop == "consensus" else None

    def _group_agrees(self, agent: int) -> bool:
        """Whether everybody in the agent's group holds the same: it rests while others go on."""
        tally = self.tally[self.group[agent]]
        return max(tally) == sum(tally)

    # -- what is done from outside -------------------------------------------------------------------------------

    def _is_option(self, value: Any) -> bool:
        return isinstance(value, str) and value in self._number

    def refuses_opinion(self, item: Any) -> str | None:
        """It has to be one of the options."""
        if self._is_option(item):
            return None
        return f"no option {shown(item)}.{nearest(str(item), list(self.options))} Known: {', '.join(self.options)}."

    def refuses_person(self, traits: Mapping[str, Any]) -> str | None:
        """Where opinions begin with a trait, it has to name an option."""
        trait = self.spec.start_trait
        if trait is not None and not self._is_option(traits.get(trait)):
            return f"'{trait}' has to be one of the options {', '.join(self.options)}: opinions start with it"
        return super().refuses_person(traits)

    def let_go(self, agent: int) -> None:
        """Whoever has left counts no more; those who remain may agree."""
        super().let_go(agent)
        if agent < self.n:
            tally = self.tally[self.group[agent]]
            tally[self.held[agent]] -= 1
            if max(tally) == sum(tally):
                self._agreed()

    def change(self, spec: OpinionSpec, setting: Setting) -> None:  # type: ignore[override]
        """Other keys from now on; whether agreement is the end may be another question then."""
        before, self.spec = self.spec, spec
        super().change(spec, setting)
        if spec.stop != before.stop:
            self.rests = self._resting()
            self.stopped = None
            self._agreed()

    # -- facts ---------------------------------------------------------------------------------------------------

    def facts(self, view: View, agent: int, own: Any, values: tuple[Any, ...], seen: tuple[int, ...]) -> Facts:
        """Counts by option and the own option; names, labels and the shuffled list when looked at."""
        if len(self.options) == 2:
            second = sum(values)
            counts = [len(values) - second, second]
        else:
            counts = list(self._zeros)
            for value in values:
                counts[value] += 1
        given = {"counts": counts, "own": self.options[own]}
        return Facts(given, LATER, (self, view, agent, values, seen))

    # -- what may happen at once ---------------------------------------------------------------------------------

    def quiet(self, step: int) -> bool:
        """As in every opinion world; where groups may split, no step is."""
        return self.spec.split_after is None and super().quiet(step)

    def apart(self) -> Opinion:
        """A copy with opinions of its own; where groups come to rest, turns wait for all before them instead."""
        if self.rests is not None:
            return self
        other = cast("Opinion", super().apart())
        other.tally = [list(tally) for tally in self.tally]
        other.course = deque(maxlen=1)  # not looked at there
        return other

    # -- splitting groups ----------------------------------------------------------------------------------------

    def open_step(self, step: int) -> list[Event]:
        """As in every opinion world; the course within the step starts anew."""
        self.course = []
        return super().open_step(step)

    def close_step(self, step: int) -> list[Event]:
        """Groups that have disagreed for too long split by opinion."""
        if self.stopped is None and max(self.tally[0]) == sum(self.tally[0]):
            self._agreed()  # everybody may have agreed before a commitment that has passed now
        after = self.spec.split_after
        if after is None or self.stopped is not None:
            return []
        events: list[Event] = []
        for group, tally in enumerate(list(self.tally)):
            if step - self._since[group] >= after and max(tally) < sum(tally):
                events += self._split(step, group, len(self.tally) + sum(e.kind == "split" for e in events))
        for event in events:
            self.fold(event)
        if all(max(t) == sum(t) for t in self.tally) and self.spec.stop == "consensus":
            self.stopped = "every group agrees"
        return events

    def _split(self, step: int, group: int, first_new: int) -> list[Event]:
        members = [agent for agent in self.folk() if self.group[agent] == group]
        parts = [[a for a in members if self.held[a] == number] for number in range(len(self.options))]
        parts = [part for part in parts if part]
        into = [group, *range(first_new, first_new + len(parts) - 1)]
        events = [
            Event(step, 0, -1, "split", {"group": into[i], "members": part}) for i, part in enumerate(parts) if i > 0
        ]
        of = {agent: i for i, part in enumerate(parts) for agent in part}
        ties = self.setting.ties
        for a in members:
            crossing = [b for b in ties.neighbours(a) if b in of and of[b] != of[a] and (ties.directed or a < b)]
            events += [Event(step, 0, -1, "untie", {"a": a, "b": b}) for b in crossing]
        if self.spec.restart:
            for i, part in enumerate(parts):
                lot = by_lot(self.setting.seed, self.n, "restart", str(step), str(into[i]))
                dealt = self._deal([a for a in lot if of.get(a) == i], self.n)
                events += [Event(step, 0, -1, "set", {"who": a, "to": self.options[dealt[a]]}) for a in part]
        return events

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        if event.kind == "split":
            self._fold_split(event)
            return
        super().fold(event)
        if event.kind == "set" and len(self.options) == 2:
            first, second = self.tally[0]
            if first or second:
                self.course.append((first - second) / (first + second))
        elif event.kind == "society.join":
            self.group.append(0)

    def _fold_split(self, event: Event) -> None:
        into = event.content["group"]
        self.tally.append(list(self._zeros))
        self._since.append(event.step)
        for agent in event.content["members"]:
            number = self.held[agent]
            self.tally[self.group[agent]][number] -= 1
            self._since[self.group[agent]] = event.step
            self.group[agent] = into
            self.tally[into][number] += 1


def _friends(facts: Facts) -> list[dict[str, str]]:
    """Those seen, each with a name and the label of its opinion, in shown order."""
    world, view, agent, values, seen = facts.source
    names = world.shown_names(view, agent, seen)
    labels = facts["labels"]
    order = world.shown_order(view, agent, len(seen), "list")
    return [{"name": names[i], "opinion": labels[values[i]]} for i in order]


def _labels(facts: Facts) -> list[str]:
    """The shown label of each option, tossed for this call where the scenario says so."""
    world, view, agent, _, _ = facts.source
    spec = world.spec
    if spec.labels is None:
        return list(spec.options)
    labels = list(spec.labels)
    if spec.toss:
        world.lots(view, agent, "labels").shuffle(labels)
    return labels


def _shown(facts: Facts) -> list[int]:
    """The order in which the options are listed."""
    world, view, agent, _, _ = facts.source
    order: list[int] = world.shown_order(view, agent, len(world.options), "options")
    return order


LATER = {
    "options": lambda facts: list(facts.source[0].options),
    "friends": _friends,
    "labels": _labels,
    "shown": _shown,
    "topic": lambda facts: facts.source[0].spec.topic,
    "persona": lambda facts: facts.source[0].persona(facts.source[2]),
}
