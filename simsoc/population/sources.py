"""People without a file: blank ones, people written out in the scenario, and people with drawn traits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Annotated, Any

from pydantic import Field

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.stream import draw
from simsoc.scenario.spec import BackendSpec

from .extending import Extend, Extended, extended

Weight = Annotated[float, Field(ge=0)]


def blank(seed: int, *, n: Annotated[int, Field(ge=1)] | None = None) -> list[dict[str, Any]]:
    """People about whom nothing is known.

    n: how many; as many as the network has when not given.

    An empty list stands for "as many as the network has".
    """
    return [{} for _ in range(n or 0)]


def inline(
    seed: int,
    *,
    people: Annotated[Sequence[Mapping[str, Any]], Field(min_length=1)],
    extend: Extend = None,
    backend: BackendSpec | None = None,
) -> list[dict[str, Any]] | Extended:
    """The people written in the scenario, in this order.

    people: a mapping of traits for each person.
    extend: further traits that a model makes up for everybody: `[occupation, hobbies, sports_team, personality, bio]`.
    backend: who makes these up; the run's own backend (without its groups) when not given.
    """
    return extended(seed, [dict(person) for person in people], extend, backend)


def attributes(
    seed: int,
    *,
    n: Annotated[int, Field(ge=1)],
    traits: Annotated[Mapping[str, Sequence[Any] | Mapping[str, Weight]], Field(min_length=1)],
    extend: Extend = None,
    backend: BackendSpec | None = None,
) -> list[dict[str, Any]] | Extended:
    """People whose traits are drawn independently: one addressed draw for each trait of each person.

    n: how many people.
    traits: by trait name, a list of equally likely values, or a mapping from value to weight.
    extend: further traits that a model makes up for everybody: `[occupation, hobbies, sports_team, personality, bio]`.
    backend: who makes these up; the run's own backend (without its groups) when not given.

    Adding a person or a trait changes nobody's other traits. Raises ScenarioError for a trait with no value, or with no
    positive weight.
    """
    tables = [(name, *_table(name, given)) for name, given in traits.items()]
    people = [
        {name: values[_at(reached, draw(seed, "trait", name, agent))] for name, values, reached in tables}
        for agent in range(n)
    ]
    return extended(seed, people, extend, backend)


def _table(name: str, given: Sequence[Any] | Mapping[str, float]) -> tuple[list[Any], list[float]]:
    """The values of a trait and their cumulated shares, in canonical order: as written."""
    values = list(given)
    weights = list(given.values()) if isinstance(given, Mapping) else [1.0] * len(values)
    total = fsum(weights)
    if not total > 0:
        what = "no value with a positive weight" if values else "no values to draw from"
        raise ScenarioError([Problem("", f"population.traits.{name}", what)])
    kept = [(value, weight) for value, weight in zip(values, weights, strict=True) if weight > 0]
    reached = [fsum(weight for _, weight in kept[: i + 1]) / total for i in range(len(kept))]
    return [value for value, _ in kept], reached


def _at(reached: Sequence[float], u: float) -> int:
    """The first place whose cumulated share exceeds u."""
    return next((i for i, share in enumerate(reached) if u < share), len(reached) - 1)
