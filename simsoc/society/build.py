"""From a checked scenario to the parts of a society: people, ties, worlds, the order of turns, and measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.protocols import Gathered, Sought, World
from simsoc.core.stream import Stream
from simsoc.engine.activation import Order
from simsoc.engine.loop import Schedule
from simsoc.networks import FIXED, SIZED
from simsoc.networks.rewiring import rewired
from simsoc.networks.ties import Graph
from simsoc.scenario.files import found_from
from simsoc.scenario.spec import Part, Scenario
from simsoc.shelves import SHELVES
from simsoc.worlds.setting import Setting


def _parameters(scenario: Scenario, part: Part) -> dict[str, Any]:
    """A part's keyword arguments; a file becomes a path relative to the scenario's folder."""
    return found_from(part.parameters(), Path(scenario.folder))


def people_of(scenario: Scenario, seed: int) -> Gathered | Sought:
    """The people of a scenario and what it took; or, where they have to be asked for, what asks for them.

    They are drawn with `seed`, except where the scenario has `seeds` for them.
    """
    source = SHELVES["populations"].get(scenario.population.kind)
    own = scenario.seeds.population
    found: list[dict[str, Any]] | Gathered | Sought = source(
        seed if own is None else own, **_parameters(scenario, scenario.population)
    )
    return Gathered(found, {}) if isinstance(found, list) else found


def people_and_ties(
    scenario: Scenario, seed: int, people: list[dict[str, Any]] | None = None
) -> tuple[list[dict[str, Any]], Graph]:
    """The people of a scenario and who is tied to whom at the start. people: who is there, where that is known.

    Both are drawn with `seed`, except where the scenario has `seeds` for them. A network of fixed size sets the number
    of people. Where a world lets people in over time, the network is made for those who are there at the start.
    """
    if people is None:
        found = people_of(scenario, seed)
        people = (found if isinstance(found, Gathered) else found.stand_ins()).people
    network = scenario.network
    if not people and network.kind not in FIXED | SIZED:
        told = f"how many people? A network '{network.kind}' can be of any size; write e.g. population: {{n: 50}}"
        raise ScenarioError.at("population.n", told)
    start = len(people)
    for part in scenario.world:
        of_world = getattr(SHELVES["worlds"].get(part.kind), "people_at_start", None)
        if of_world is not None:
            start = min(start, of_world(part.given, len(people)))
    make = SHELVES["networks"].get(network.kind)
    own = scenario.seeds.network
    stream = Stream(seed if own is None else own, "network")
    graph = make(start or None, stream, people[:start], **_parameters(scenario, network))
    if scenario.rewired:
        graph = rewired(graph, Stream(seed if own is None else own, "rewired"))
    people = people or [{} for _ in graph]
    for number, part in enumerate(scenario.world):
        of_world = getattr(SHELVES["worlds"].get(part.kind), "people_at_start", None)
        if of_world is not None and of_world(part.given, len(people)) != len(graph):
            told = f"has {len(graph)} people; world.{number}.design.start should say so, and population.n be larger"
            raise ScenarioError.at("network", told)
    for agent, attributes in graph.nodes(data=True):
        people[agent] = {**attributes, **people[agent]}
    return people, Graph(graph)


def worlds(scenario: Scenario, setting: Setting) -> list[World]:
    """The worlds of a scenario on one setting, in the order written."""
    shelf = SHELVES["worlds"]
    return [shelf.get(part.kind)(part.given, setting) for part in scenario.world]


def schedule(scenario: Scenario, people: list[dict[str, Any]]) -> Schedule:
    """The activation regime. Raises ScenarioError where people lack what it goes by."""
    part = scenario.activation
    regime = partial(SHELVES["activations"].get(part.kind), **part.parameters())

    def turns(seed: int, step: int, agents: Sequence[int]) -> Order:
        order: Order = regime(seed, step, agents, people)
        return order

    turns(scenario.seed, 1, range(len(people)))
    return turns


def measures(built: Iterable[World], scenario: Scenario) -> Mapping[str, Callable[[], float | None]]:
    """The numbers taken each step: the scenario's list, or every world's own. Names are unique."""
    several = list(built)
    known: dict[str, Callable[[], float | None]] = {}
    own: list[str] = []
    for world in several:
        for name, measure in world.MEASURES.items():
            taken = partial(measure.of, world)
            full = name if name not in known else f"{world.kind}.{name}"
            known[full] = known[f"{world.kind}.{name}"] = taken
            if measure.default:
                own.append(full)
    if scenario.measures is None:
        return {name: known[name] for name in own}
    return {spec.name: known[spec.name] for spec in scenario.measures}


def unweighted(built: Iterable[World], setting: Setting, taken: Iterable[str]) -> list[Problem]:
    """Worlds and measures that could not count by the weights which people carry: none is taken without them unseen."""
    if not setting.weighted:
        return []
    several, instead = list(built), "with `mode: draw` people are drawn by weight, and then each counts one"
    told = f"has no measures that count by weight; {instead}"
    no = [Problem("", "population.mode", f"world '{w.kind}' {told}") for w in several if not hasattr(w, "WEIGHED")]
    alike = {name for world in several for name in getattr(world, "ALIKE", ())}
    told = f"counts everybody alike, and these people carry survey weights. Leave it out; or, {instead}."
    return [*no, *(Problem("", "measures", f"'{n}' {told}") for n in taken if n.rsplit(".", 1)[-1] in alike)]


def weighed(built: Iterable[World], taken: Iterable[str]) -> dict[str, list[str]]:
    """Which of the measures that are taken count people by their weights, and which count all alike."""
    by_weight = {name for world in built for name in getattr(world, "WEIGHED", ())}
    names = list(taken)
    return {
        "by_weight": [name for name in names if name.rsplit(".", 1)[-1] in by_weight],
        "all_alike": [name for name in names if name.rsplit(".", 1)[-1] not in by_weight],
    }
