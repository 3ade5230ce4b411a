"""World `opinion_scale`: each agent holds a number (the continuous models of methods.md 5D)."""

from __future__ import annotations

from typing import Any

from simsoc.core.answers import Number
from simsoc.core.errors import ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.stream import Stream
from simsoc.core.words import Decision, Event
from simsoc.worlds.setting import Setting

from .measures import SCALE_MEASURES
from .meeting import Meeting, View
from .spec import ScaleSpec


class OpinionScale(Meeting):
    """Agents see the positions of those they are tied to, and take a position on a scale."""

    kind = "opinion_scale"
    Spec = ScaleSpec
    MEASURES = SCALE_MEASURES

    def __init__(self, spec: ScaleSpec, setting: Setting) -> None:
        self.spec = spec
        self.starts: list[float] = []
        """First opinion of each agent."""
        self.still: set[int] = set()
        """Who has taken a position without moving since somebody last moved."""
        decision = Decision(
            "position",
            "opinion/position",
            Number(spec.low, spec.high),
            setting.rule("opinion_scale_rules", spec.rule),
            setting.choice,
        )
        super().__init__(spec, setting, decision)

    def tell(self, value: Any) -> Any:
        """Positions are told as they are."""
        return value

    def hold(self, agent: int, value: Any) -> None:
        """Keep the position, and who has come to rest."""
        old = self.held[agent]
        if old is None:
            self.starts.append(float(value))
        elif abs(value - old) > self.spec.tolerance:
            self.still.clear()
        else:
            self.still.add(agent)
        self.held[agent] = float(value)

    def first(self) -> list[Any]:
        """Uniform on the scale, a list in turn, or by trait."""
        return [self.first_of(agent) for agent in range(self.n)]

    def first_of(self, agent: int) -> Any:
        """Uniform on the scale, a list in turn, or by trait."""
        spec = self.spec
        if spec.start_trait is not None:
            value = self.setting.people[agent].get(spec.start_trait)
            if isinstance(value, bool) or not isinstance(value, int | float) or not spec.low <= value <= spec.high:
                raise ScenarioError.at(
                    "world.start_trait",
                    f"agent {agent} has {spec.start_trait}={value!r}, not a number between {spec.low:g} and "
                    f"{spec.high:g}",
                )
            return float(value)
        if not isinstance(spec.start, str):
            return spec.start[agent % len(spec.start)]
        return Stream(self.setting.seed, "first", self.kind, agent).uniform(spec.low, spec.high)

    def facts(self, view: View, agent: int, own: Any, values: tuple[Any, ...], seen: tuple[int, ...]) -> Facts:
        """Own, first and others' positions with the weights of their ties; names when looked at."""
        tied = self.spec.group is None
        weights = [self.setting.ties.weight(agent, b) if tied and b != agent else 1.0 for b in seen]
        given = {"own": own, "others": list(values), "weights": weights, "start": self.starts[agent]}
        return Facts(given, LATER, (self, view, agent, values, seen))

    def fold(self, event: Event) -> None:
        """Change the state as an event says. Who sees nobody is at rest; who does not answer is not."""
        super().fold(event)
        if event.kind == "rest":
            self.still.add(event.agent)

    def close_step(self, step: int) -> list[Event]:
        """Has everybody come to rest, each having had a turn since the last movement?"""
        if self.spec.stop == "settled" and not self.awaits() and self.still.issuperset(self.active()):
            self.stopped = "settled"
        return []


def _friends(facts: Facts) -> list[dict[str, Any]]:
    """Those seen, each with a name and its position, in shown order."""
    world, view, agent, values, seen = facts.source
    names = world.shown_names(view, agent, seen)
    order = world.shown_order(view, agent, len(seen), "list")
    return [{"name": names[i], "position": f"{values[i]:.3g}"} for i in order]


LATER = {
    "friends": _friends,
    "low": lambda facts: facts.source[0].spec.low,
    "high": lambda facts: facts.source[0].spec.high,
    "topic": lambda facts: facts.source[0].spec.topic,
    "persona": lambda facts: facts.source[0].persona(facts.source[2]),
}
