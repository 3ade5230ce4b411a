"""The null ladder: what a model is held against, made from any scenario.

A rung is the scenario with one thing taken away: the model (`null`, `mechanistic`), what its people are told about
themselves (`persona_free`, `shuffled`), who is tied to whom (`rewired`), or that they see each other
(`no_interaction`). What a model does on a rung as well owes nothing to what was taken away there (methods.md 3.3, 9).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from simsoc.core.errors import ScenarioError
from simsoc.loading import load
from simsoc.networks import FIXED
from simsoc.population import asked_for
from simsoc.scenario.spec import BackendSpec, Scenario
from simsoc.shelves import SHELVES
from simsoc.society.answering import named_backends

RUNGS: Mapping[str, str] = {
    "null": "every answer drawn uniformly from what may be answered",
    "mechanistic": "every answer by the published rule beside the prompt",
    "persona_free": "nobody is told who they are",
    "shuffled": "the same personas, dealt out again by lot",
    "rewired": "ties at random, everybody keeps as many",
    "no_interaction": "nobody sees anybody",
}
"""Every rung, and what is left when its one thing is taken away."""
Changes = Mapping[str, Any]


class Rung(NamedTuple):
    """A rung of one arm."""

    name: str
    scenario: Scenario | None
    """None where this arm cannot have it."""
    why: str = ""
    """Why not."""


def rungs(scenario: Scenario, wanted: bool | tuple[str, ...]) -> Iterator[Rung]:
    """The rungs of an arm, in the order of `RUNGS`; those it cannot have say why, once they are wanted."""
    for name in RUNGS:
        if wanted is not True and name not in (wanted or ()):
            continue
        changes = _CHANGES[name](scenario)
        if isinstance(changes, str):
            yield Rung(name, None, changes)
            continue
        try:
            made = load(scenario, list(changes.items()))
        except ScenarioError as error:
            yield Rung(name, None, "; ".join(problem.message for problem in error.problems))
            continue
        yield Rung(name, made) if made != scenario else Rung(name, None, "it would be the arm itself")


def _answered_by(model: str) -> Any:
    def changes(scenario: Scenario) -> Changes | str:
        own = named_backends(scenario)
        if all(spec.model == model for spec in own):
            return f"the arm itself is answered by '{model}'"
        if any(isinstance(v, BackendSpec) for one in scenario.interventions for v in one.do.parameters().values()):
            return "an intervention says who answers, whatever the backend is"
        made: dict[str, Any] = {"backend": {"model": model}}
        people = scenario.population
        if asked_for(people) and getattr(people.given, "backend", None) is None:
            made["population.backend"] = _as_written(scenario)  # the same people, whoever answers for them
        return made

    return changes


def _as_written(scenario: Scenario) -> dict[str, Any]:
    """The backend of a scenario without its groups."""
    return scenario.backend.model_dump(mode="json", exclude_unset=True, exclude={"groups"})


def _persona_free(scenario: Scenario) -> Changes | str:
    return _nobody_told(scenario) or {"prompting.persona": "none"}


def _shuffled(scenario: Scenario) -> Changes | str:
    return _nobody_told(scenario) or {"prompting.persona.shuffled": True}


def _nobody_told(scenario: Scenario) -> str | None:
    """Why there is no persona to be taken away; None where there is one."""
    if _blank(scenario):
        return "nothing is known about these people"
    said = [getattr(SHELVES["worlds"].get(part.kind), "unpersonal", None) for part in scenario.world]
    return said[0] if all(said) else None


def _blank(scenario: Scenario) -> bool:
    return scenario.population.kind == "blank" and scenario.network.kind not in FIXED  # graphs may bring traits


def _rewired(scenario: Scenario) -> Changes | str:
    kind = scenario.network.kind
    if kind in ("empty", "complete"):
        told = "nobody is tied to anybody at the start" if kind == "empty" else "everybody is tied to everybody"
        return f"{told}: there is nothing to rewire"
    return {"rewired": True}


def _no_interaction(scenario: Scenario) -> Changes | str:
    made: dict[str, Any] = {}
    for number, part in enumerate(scenario.world):
        of_world = getattr(SHELVES["worlds"].get(part.kind), "alone", None)
        if of_world is None:
            return f"world {part.kind} does not say how its people can be alone"
        found = of_world(part.given, scenario)
        if isinstance(found, str):
            return found
        for key, value in found.items():
            made[key[1:] if key.startswith("/") else f"world.{number}.{key}"] = value
    return made


_CHANGES = {
    "null": _answered_by("null"),
    "mechanistic": _answered_by("mechanistic"),
    "persona_free": _persona_free,
    "shuffled": _shuffled,
    "rewired": _rewired,
    "no_interaction": _no_interaction,
}
