"""Designs of the growth world: who chooses when, among whom, and what candidates show.

Sources: newcomers, De Marzo, Pietronero, Garcia 2023, arXiv 2312.06619, and Papachristou and Yuan 2025, PNAS Nexus
4(12) pgaf317, arXiv 2402.10659 (also closure, homophily and small worlds).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from simsoc.core.errors import ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.shelf import Strict
from simsoc.core.stream import Stream, draw
from simsoc.core.words import Turn
from simsoc.scenario.spec import Named, Part

if TYPE_CHECKING:
    from .spec import GrowthSpec
    from .state import Growth, Slot

PLACES = {"none": "", "school": "school", "work": "workplace", "community": "neighbourhood"}


class Design:
    """Base: everybody who is there chooses once, in random order, in a single step."""

    template = "befriend"
    verb = "follow"
    places = False
    """Whether the name and place of a choice are recorded."""
    recorded = False
    """Whether choices tell about the kernel: everybody there was a candidate."""
    Spec: type[Strict] = Strict

    def __init__(self, spec: Any, world: Growth) -> None:
        self.spec = spec
        self.world = world
        self.n = len(world.setting.people)
        self.initial = self.n
        self.length: int | None = 1
        self.shows(world.spec)

    def shows(self, shown: GrowthSpec) -> None:
        """What candidates, and those who ask for a tie, show by these keys."""
        self.later: dict[str, Callable[[Facts], Any]] = dict(LATER)
        self.later_of_other = {name: of for name, of in LATER.items() if name not in ("labels", "shown", "options")}
        self.later_of_other |= {"listing": _asker, "shown": _yes_or_no}
        if shown.attributes:
            self.later_of_other |= {"attributes": _attributes, "own": _own, "shared": _shared}
        if shown.show_degree:
            self.later["degree"] = _degree
        if shown.show_neighbours:
            self.later |= {"neighbours": _neighbours, "common": _common}
        if shown.attributes:
            self.later |= {"attributes": _attributes, "own": _own, "shared": _shared}

    def newcomer(self, step: int) -> int | None:
        """Who arrives in this step, or None."""
        return None

    def due(self, step: int) -> Sequence[int]:
        """Everybody once, in random order."""
        return [a for _, a in sorted((draw(self.world.setting.seed, "order", a, step), a) for a in self.there())]

    def there(self, below: int | None = None) -> Sequence[int]:
        """Everybody, or those with lower ids, who has not left."""
        everybody = range(self.n if below is None else below)
        return [agent for agent in everybody if agent not in self.world.gone] if self.world.gone else everybody

    def strangers(self, agent: int) -> tuple[int, ...]:
        """Everybody the agent has no tie with yet."""
        known = {agent, *self.world.ties.neighbours(agent)}
        return tuple(other for other in self.there() if other not in known)

    def slots(self, turn: Turn) -> list[Slot]:
        """The choices of a turn."""
        raise NotImplementedError


class Newcomers(Design):
    """One newcomer a step chooses m of those already there (preferential attachment)."""

    template = "follow"
    recorded = True

    class Spec(Strict):
        """Keys of this design."""

        m: Annotated[int, Field(ge=1)] = 1
        """Links each newcomer makes."""
        start: Annotated[int, Field(ge=1)] | None = None
        """People at the start, without ties unless the network says otherwise; m of them when not given."""

    def __init__(self, spec: Any, world: Growth) -> None:
        super().__init__(spec, world)
        self.initial = type(world).people_at_start(world.spec, self.n)
        if self.initial < spec.m:
            raise ScenarioError(f"world.design.start: {self.initial} people at the start, but m is {spec.m}")
        if self.n <= self.initial:
            raise ScenarioError(f"population.n: {self.n} people and {self.initial} there at the start: nobody arrives")
        self.length = self.n - self.initial

    def newcomer(self, step: int) -> int | None:
        """The next id, while there are people left."""
        agent = self.initial + step - 1
        return agent if agent < self.n else None

    def due(self, step: int) -> Sequence[int]:
        """The newcomer."""
        agent = self.newcomer(step)
        return [] if agent is None else [agent]

    def slots(self, turn: Turn) -> list[Slot]:
        """M of all who came earlier."""
        from .state import Slot

        return [Slot(tuple(self.there(turn.agent)), self.spec.m)]


class Closure(Design):
    """Everybody adds ties to people they are not tied to yet, seeing neighbour lists (triadic closure)."""

    class Spec(Strict):
        """Keys of this design."""

        links: Annotated[int, Field(ge=1)] = 1
        """New ties each person makes."""

    def __init__(self, spec: Any, world: Growth) -> None:
        super().__init__(spec, world)
        if not any(self.strangers(agent) for agent in range(self.n)):
            raise ScenarioError.at("network", "everybody is tied to everybody; there is nobody to choose")

    def slots(self, turn: Turn) -> list[Slot]:
        """Some of all strangers."""
        from .state import Slot

        return [Slot(self.strangers(turn.agent), self.spec.links)]


class Homophily(Closure):
    """Everybody chooses a few people by their attributes, from a network without ties (homophily, communities)."""

    class Spec(Strict):
        """Keys of this design."""

        links: Annotated[int, Field(ge=1)] = 4
        """People each person chooses, in order of preference."""
        acceptance: Annotated[Part, Named("acceptance_rules")] | None = None
        """Ask the other side of each choice too, with this rule where no model answers; a tie needs both."""

    def strangers(self, agent: int) -> tuple[int, ...]:
        """Everybody else: a choice may be mutual, and who has chosen whom before is no cue."""
        return tuple(other for other in self.there() if other != agent)


class SmallWorld(Design):
    """Each right-hand tie of a ring is rewired with probability beta; its owner picks the new end (small world)."""

    class Spec(Strict):
        """Keys of this design."""

        beta: Annotated[float, Field(ge=0, le=1)] = 0.25
        """Probability that a tie is rewired."""

    def __init__(self, spec: Any, world: Growth) -> None:
        super().__init__(spec, world)
        if world.ties.directed:
            raise ScenarioError("network.directed: the small-world design rewires an undirected ring")
        self._right = {a: self._ahead(a) for a in range(self.n)}
        if not any(self._right.values()):
            raise ScenarioError.at("network", "there are no ties to rewire; use network: {kind: ring, k: 4}")

    def _ahead(self, agent: int) -> list[int]:
        """Ends of the agent's ties to the next half of the ring, nearest first."""
        n = self.n
        gaps = sorted((other - agent) % n for other in self.world.ties.neighbours(agent))
        return [(agent + gap) % n for gap in gaps if 2 * gap < n or (2 * gap == n and agent < n // 2)]

    def due(self, step: int) -> Sequence[int]:
        """Around the ring, as Watts and Strogatz do."""
        return self.there()

    def slots(self, turn: Turn) -> list[Slot]:
        """One choice among strangers for each tie that is rewired."""
        from .state import Slot

        agent = turn.agent
        rewired = []
        for end in self._right[agent]:
            still = self.world.ties.graph.has_edge(agent, end)
            if still and draw(turn.seed, "rewire", agent, end) < self.spec.beta:
                rewired.append(Slot(self.strangers(agent), 1, end))
        return rewired


class Audit(Design):
    """One person is shown the same candidates again and again; nothing is tied (token and position priors)."""

    template = "follow"
    verb = "pick"
    places = True

    class Spec(Strict):
        """Keys of this design."""

        candidates: Annotated[int, Field(ge=2)] = 20
        """How many names are shown."""
        shows: Annotated[int, Field(ge=1)] = 1000
        """How often they are shown, in a new order each time."""

    def __init__(self, spec: Any, world: Growth) -> None:
        super().__init__(spec, world)
        if self.n < spec.candidates + 1:
            raise ScenarioError(f"population.n: an audit of {spec.candidates} names needs {spec.candidates + 1} people")
        self.length = spec.shows

    def due(self, step: int) -> Sequence[int]:
        """The last person, who looks at the others."""
        return [self.spec.candidates] if self.spec.candidates not in self.world.gone else []

    def slots(self, turn: Turn) -> list[Slot]:
        """One of all candidates."""
        from .state import Slot

        return [Slot(tuple(self.there(self.spec.candidates)), 1)]


# -- what candidates show, computed when looked at ------------------------------------------------------------------


def _labels(facts: Facts) -> list[str]:
    """A name for each candidate; later ones in the same list name everybody else."""
    world, at, candidates, number = facts.source
    names: list[str] = world.names(at, candidates, number)
    return names


def _shown(facts: Facts) -> list[int]:
    """The order in which candidates are listed."""
    world, at, candidates, number = facts.source
    order = list(range(len(candidates)))
    if world.spec.order == "shuffled":
        Stream(at.seed, "list", at.agent, at.step, at.turn, number).shuffle(order)
    return order


def _degree(facts: Facts) -> list[int]:
    """Followers (ties when undirected) of each candidate."""
    world, _, candidates, _ = facts.source
    adjacent = world.ties.graph.pred if world.ties.directed else world.ties.graph.adj
    return [len(adjacent[c]) for c in candidates]


def _neighbours(facts: Facts) -> dict[str, list[list[str]] | list[str]]:
    """Names of the agent's own and of each candidate's neighbours."""
    world, at, candidates, number = facts.source
    everybody = [*candidates, *(a for a in sorted(world.ties.graph) if a not in set(candidates))]
    names = world.names(at, everybody, number)
    called = dict(zip(everybody, names, strict=True))
    labels = facts["labels"]
    called |= dict(zip(candidates, labels, strict=True))
    ties = world.ties
    return {
        "own": _mixed([called[a] for a in ties.neighbours(at.agent)], facts),
        "candidates": [_mixed([called[a] for a in ties.neighbours(c)], facts, c) for c in candidates],
    }


def _mixed(names: list[str], facts: Facts, whose: int = -1) -> list[str]:
    """Names in shown order: that of the ids would tell who came first."""
    world, at, _, number = facts.source
    if world.spec.order == "shuffled":
        Stream(at.seed, "neighbours", at.agent, at.step, at.turn, number, whose).shuffle(names)
    return names


def _common(facts: Facts) -> list[int]:
    """Common neighbours of the agent and each candidate."""
    world, at, candidates, _ = facts.source
    own = set(world.ties.neighbours(at.agent))
    return [len(own.intersection(world.ties.neighbours(c))) for c in candidates]


def _attributes(facts: Facts) -> list[dict[str, Any]]:
    """The traits each candidate shows."""
    world, _, candidates, _ = facts.source
    people = world.setting.people
    return [{trait: people[c].get(trait) for trait in world.spec.attributes} for c in candidates]


def _own(facts: Facts) -> dict[str, Any]:
    """The agent's own traits of those shown."""
    world, at, _, _ = facts.source
    return {trait: world.setting.people[at.agent].get(trait) for trait in world.spec.attributes}


def _shared(facts: Facts) -> list[int]:
    """How many attributes each candidate shares with the agent."""
    own = facts["own"]
    return [sum(value is not None and own[t] == value for t, value in each.items()) for each in facts["attributes"]]


def _listing(facts: Facts) -> list[dict[str, Any]]:
    """The candidates as shown: name first, then what else they show, in shown order."""
    lines = []
    for i in facts["shown"]:
        line: dict[str, Any] = {"name": facts["labels"][i]}
        if facts.has("degree"):
            line["followers" if facts.source[0].ties.directed else "ties"] = facts["degree"][i]
        if facts.has("neighbours"):
            line["neighbours"] = facts["neighbours"]["candidates"][i]
        if facts.has("attributes"):
            line |= facts["attributes"][i]
        lines.append(line)
    return lines


def _yes_or_no(facts: Facts) -> list[int]:
    """The order in which yes and no are listed."""
    world, at, _, number = facts.source
    order = [0, 1]
    if world.spec.order == "shuffled":
        Stream(at.seed, "yes or no", at.agent, at.step, at.turn, number).shuffle(order)
    return order


def _asker(facts: Facts) -> dict[str, Any]:
    """Who asks for a tie, as it shows itself to the other side."""
    world, at, (asker,), number = facts.source
    shown: dict[str, Any] = {"name": world.names(at, [asker], number)[0]}
    return shown | (facts["attributes"][0] if facts.has("attributes") else {})


LATER: dict[str, Callable[[Facts], Any]] = {
    "options": lambda facts: list(facts.source[2]),
    "labels": _labels,
    "shown": _shown,
    "listing": _listing,
    "place": lambda facts: PLACES[facts.source[0].spec.context],
}
