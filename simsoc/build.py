"""From a checked scenario to the parts of a society: people, ties, worlds, and who answers for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from simsoc.backends import build as build_backend
from simsoc.backends.prompts import Prompts
from simsoc.core.errors import ScenarioError
from simsoc.core.protocols import Backend, World
from simsoc.core.stream import Stream
from simsoc.engine.loop import Schedule
from simsoc.engine.route import Route
from simsoc.networks import FIXED, SIZED
from simsoc.networks.ties import Graph
from simsoc.population.who import members
from simsoc.scenario.spec import Backends, BackendSpec, Part, Scenario
from simsoc.worlds.setting import Setting

from .shelves import SHELVES


def _parameters(scenario: Scenario, part: Part) -> dict[str, Any]:
    """A part's keyword arguments; a `file` becomes a path relative to the scenario's folder."""
    given = part.parameters()
    if isinstance(given.get("file"), str):
        given["file"] = str(Path(scenario.folder) / given["file"])
    return given


def people_and_ties(scenario: Scenario, seed: int) -> tuple[list[dict[str, Any]], Graph]:
    """The people of a scenario and who is tied to whom at the start.

    A network of fixed size sets the number of people. Where a world lets people in over time, the network is made for
    those who are there at the start.
    """
    source = SHELVES["populations"].get(scenario.population.kind)
    people: list[dict[str, Any]] = source(seed, **_parameters(scenario, scenario.population))
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
    graph = make(start or None, Stream(seed, "network"), people[:start], **_parameters(scenario, network))
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


def schedule(scenario: Scenario) -> Schedule:
    """The activation regime."""
    part = scenario.activation
    return partial(SHELVES["activations"].get(part.kind), **part.parameters())


def route(
    scenario: Scenario, seed: int, people: list[dict[str, Any]], given: Backend | Callable[..., Any] | None = None
) -> Route:
    """Who answers for whom. `given` is a backend or function that answers for everybody instead."""
    prompts = Prompts(scenario.prompts, folder=scenario.folder)
    if scenario.prompts and (problems := prompts.problems()):
        raise ScenarioError(problems)
    if given is not None:
        if hasattr(given, "now") or hasattr(given, "slots"):
            return Route(given)  # type: ignore[arg-type]
        from simsoc.backends.local import from_function

        return Route(from_function(given))
    spec: Backends = scenario.backend
    default = _backend(spec, prompts, seed, "backend")
    groups: dict[int, Backend] = {}
    for number, group in enumerate(spec.groups):
        path = f"backend.groups.{number}"
        backend = _backend(group, prompts, seed, path)
        for agent in members(group.who, people, seed, path=f"{path}.who", purpose=f"backend/{number}"):
            groups.setdefault(agent, backend)
    found = Route(default, groups)
    _readable_labels(scenario, found)
    return found


def _backend(spec: BackendSpec, prompts: Prompts, seed: int, path: str) -> Backend:
    try:
        return build_backend(spec, prompts=prompts, seed=seed)
    except LookupError as error:
        raise ScenarioError.at(f"{path}.model", str(error)) from None


def _readable_labels(scenario: Scenario, route: Route) -> None:
    """Raises ScenarioError where log-probabilities of labels cannot be read from one token."""
    if scenario.choice != "logprobs" or all(hasattr(b, "now") for b in route.backends()):
        return
    from simsoc.backends.odds import logprob_labels_ok

    for part in scenario.world:
        labels = getattr(SHELVES["worlds"].get(part.kind), "closed_labels", None)
        why = logprob_labels_ok(labels(part.given), scenario.backend.top_logprobs) if labels is not None else None
        if why is not None:
            raise ScenarioError.at("choice", why)


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
