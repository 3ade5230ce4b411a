"""World `opinion_scale`: each agent holds a number (the continuous models of methods.md 5D)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from simsoc.core.answers import Number
from simsoc.core.errors import ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.stream import Stream
from simsoc.core.words import Decision, Event
from simsoc.scenario.telling import shown
from simsoc.worlds.setting import SOCIETY, Setting

from .measures import SCALE_MEASURES, WEIGHED
from .meeting import Meeting, View
from .spec import ScaleSpec


class OpinionScale(Meeting):
    """Agents see the positions of those they are tied to, and take a position on a scale."""

    kind = "opinion_scale"
    Spec = ScaleSpec
    MEASURES = SCALE_MEASURES
    WEIGHED = WEIGHED
    CHANGES = Meeting.CHANGES | {"tolerance", "cluster_gap"}

    def __init__(self, spec: ScaleSpec, setting: Setting) -> None:
        self.spec = spec
        self.starts: list[float] = []
        """First opinion of each agent."""
        self.still: set[int] = set()
        """Who has taken a position without moving since somebody last moved."""
        super().__init__(spec, setting)

    def decides(self, spec: ScaleSpec, setting: Setting) -> Decision:
        """A position on the scale."""
        return Decision(
            "position",
            "opinion/position",
            Number(spec.low, spec.high),
            setting.rule("opinion_scale_rules", spec.rule),
            setting.choice,
        )

    def apart(self) -> OpinionScale:
        """A copy with positions of its own."""
        other = cast("OpinionScale", super().apart())
        other.still = set()
        return other

    def tell(self, value: Any) -> Any:
        """Positions are told as they are."""
        return value

    def hold(self, agent: int, value: Any) -> None:
        """Keep the position, and who has come to rest."""
        old = self.held[agent]
        if old is None:
            self.starts.append(float(value))
        elif abs(value - old) > self.spec.tolerance:
            self._stir()
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
            if not self._is_position(value):
                raise ScenarioError.at(
                    "world.start_trait",
                    f"agent {agent} has {spec.start_trait}={value!r}, not a number between {spec.low:g} and "
                    f"{spec.high:g}",
                )
            return float(value)  # type: ignore[arg-type]
        if not isinstance(spec.start, str):
            return spec.start[agent % len(spec.start)]
        return Stream(self.setting.seed, "first", self.kind, agent).uniform(spec.low, spec.high)

    def facts(self, view: View, agent: int, own: Any, values: tuple[Any, ...], seen: tuple[int, ...]) -> Facts:
        """Own, first and others' positions with the weights of their ties; names when looked at."""
        weights = self.setting.ties.weights(agent, seen) if self.spec.group is None else [1.0] * len(seen)
        given = {"own": own, "others": list(values), "weights": weights, "start": self.starts[agent]}
        return Facts(given, LATER, (self, view, agent, values, seen))

    def fold(self, event: Event) -> None:
        """Change the state as an event says. Who sees nobody is at rest; who does not answer is not.

        What is done from outside may set everybody moving again.
        """
        super().fold(event)
        if event.kind == "rest":
            self.still.add(event.agent)
        elif event.kind.startswith(SOCIETY):
            self._stir()

    def _stir(self) -> None:
        """Nobody is known to be at rest any more."""
        self.still.clear()
        self.stopped = None

    def holding(self, agent: int) -> dict[str, Any]:
        """The agent's place on the scale."""
        return {"position": {"value": self.held[agent], "from": self.spec.low, "to": self.spec.high}}

    # -- what is done from outside -------------------------------------------------------------------------------

    def _is_position(self, value: Any) -> bool:
        """Whether this is a number on the scale."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and bool(self.spec.low <= value <= self.spec.high)

    def refuses_opinion(self, item: Any) -> str | None:
        """It has to be a number on the scale."""
        if self._is_position(item):
            return None
        return f"should be a number between {self.spec.low:g} and {self.spec.high:g} (got {shown(item)})"

    def refuses_person(self, traits: Mapping[str, Any]) -> str | None:
        """Where positions begin with a trait, it has to be one."""
        trait = self.spec.start_trait
        if trait is not None and not self._is_position(traits.get(trait)):
            return (
                f"'{trait}' has to be a number between {self.spec.low:g} and {self.spec.high:g}: positions start there"
            )
        return super().refuses_person(traits)

    def inject(self, step: int, item: Any, who: Sequence[int] | None) -> list[Event]:
        """These people now hold this position."""
        return super().inject(step, float(item), who)

    def change(self, spec: ScaleSpec, setting: Setting) -> None:  # type: ignore[override]
        """Other keys from now on, by which people may move again."""
        before, self.spec = self.spec, spec
        super().change(spec, setting)
        if spec != before:
            self._stir()

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
