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
        self.moved = 0.0
        """Largest movement of anybody in the current step."""
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
        """Keep the position and the largest movement of the step."""
        old = self.held[agent]
        if old is None:
            self.starts.append(float(value))
        elif agent < self.n:
            self.moved = max(self.moved, abs(value - old))
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
                raise ScenarioError(
                    f"agent {agent} has {spec.start_trait}={value!r}, not a number between {spec.low:g} and "
                    f"{spec.high:g}"
                )
            return float(value)
        if not isinstance(spec.start, str):
            return spec.start[agent % len(spec.start)]
        return Stream(self.setting.seed, "first", agent).uniform(spec.low, spec.high)

    def facts(self, view: View, agent: int, values: tuple[Any, ...], seen: tuple[int, ...]) -> Facts:
        """Own, first and others' positions with the weights of their ties; names when looked at."""
        tied = self.spec.group is None
        weights = [self.setting.ties.weight(agent, b) if tied and b != agent else 1.0 for b in seen]
        given = {"own": self.held[agent], "others": list(values), "weights": weights, "start": self.starts[agent]}
        return Facts(given, LATER, (self, view, agent, values, seen))

    def open_step(self, step: int) -> list[Event]:
        """As in every opinion world; movement is counted anew."""
        self.moved = 0.0
        return super().open_step(step)

    def close_step(self, step: int) -> list[Event]:
        """Has everybody come to rest?"""
        if self.spec.stop == "settled" and self.moved <= self.spec.tolerance:
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
