"""A scenario's settings as its interventions `set` change them, and what is wrong with interventions by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import nearest
from simsoc.interventions.calendar import Occasion, occasions, turning_points
from simsoc.scenario.overrides import changes, label_of
from simsoc.scenario.places import key_of
from simsoc.scenario.spec import Intervention, Scenario
from simsoc.scenario.telling import dotted, index, segments

from .shelves import SHELVES

Read = Callable[[Scenario, list[tuple[str, Any]]], Scenario]
"""Loads a scenario with overrides."""
CHANGED = ("world", "activation", "backend", "choice", "prompts", "prompting")
"""First parts of the keys that `set` can change."""
_FEW = 1000  # steps at which settings change that are looked at beforehand


class Course:
    """The settings of a run over time."""

    def __init__(self, scenario: Scenario, read: Read) -> None:
        self._of = scenario
        self._plain = scenario.alone().model_copy(update={"interventions": ()})
        self._plain.model_fields_set.discard("interventions")
        self._read = read
        self._known: dict[tuple[int, ...], Scenario] = {(): self._plain}
        self.active: tuple[int, ...] = ()
        """The interventions that hold now, the one set last at the end."""

    @property
    def now(self) -> Scenario:
        """The scenario as it holds now, without interventions. Raises ScenarioError where keys do not go together."""
        if self.active not in self._known:
            keys = [(key, value) for i in self.active for key, value in keys_of(self._of.interventions[i]).items()]
            self._known[self.active] = self._read(self._plain, keys)
        return self._known[self.active]

    def turn(self, occasion: Occasion) -> None:
        """An intervention `set` begins to hold, on top of the others, or does not hold any more."""
        others = tuple(i for i in self.active if i != occasion.number)
        self.active = (*others, occasion.number) if occasion.begins else others

    def stages(self) -> Iterator[tuple[Occasion, ScenarioError | None]]:
        """Every change of the settings, in time, with what is wrong with them then; `now` is what they are then."""
        self.active = ()
        for step in turning_points(self._of.interventions)[:_FEW]:
            for occasion in occasions(self._of.interventions, step):
                if not keys_of(self._of.interventions[occasion.number]):
                    continue
                self.turn(occasion)
                try:
                    _ = self.now
                except ScenarioError as error:
                    yield occasion, error
                else:
                    yield occasion, None
        self.active = ()


def keys_of(one: Intervention) -> dict[str, Any]:
    """The keys an intervention sets; none where it is of another kind."""
    found: dict[str, Any] = one.do.given.keys if one.do.kind == "set" else {}  # type: ignore[attr-defined]
    return found


def problems(scenario: Scenario, read: Read, *, sound: bool) -> Iterator[Problem]:
    """What is wrong with the interventions of a scenario, as far as that can be told before the society is built.

    sound: whether the rest of the scenario is right, so that what is wrong later is the fault of an intervention.
    """
    refused = [
        problem for number, one in enumerate(scenario.interventions) for problem in _refusals(scenario, number, one)
    ]
    yield from (problem for number, one in enumerate(scenario.interventions) for problem in _shape(number, one))
    yield from refused
    if refused or not sound:
        return
    told: dict[Problem, Problem] = {}
    for occasion, error in Course(scenario, read).stages():
        for problem in error.problems if error is not None else ():
            told.setdefault(problem, placed(problem, scenario, occasion.number))
    yield from dict.fromkeys(told.values())


def _shape(number: int, one: Intervention) -> Iterator[Problem]:
    """Whether the kind has a `who`, and an end."""
    part, kind = SHELVES["interventions"].get(one.do.kind), one.do.kind
    if one.until is not None and one.every is None and not hasattr(part, "undo"):
        said = (
            f"'{kind}' takes place once and is not undone; `until` goes with `every`, and says how long it is repeated"
        )
        yield Problem("", f"interventions.{number}.until", said)
    if part.whom == "no" and one.who is not None:
        yield Problem("", f"interventions.{number}.who", f"'{kind}' is about nobody in particular; leave `who` out")
    if part.whom == "must" and one.who is None:
        yield Problem("", f"interventions.{number}", f"'{kind}' needs a `who`; `who: {{}}` is everybody")


def _refusals(scenario: Scenario, number: int, one: Intervention) -> Iterator[Problem]:
    """Keys that cannot change while a run goes on."""
    for key in keys_of(one):
        found, wrong = changes([(key, None)])
        try:
            said = wrong[0].message if wrong else _refusal(scenario, segments(found[0].key))
        except ValueError as error:
            said = str(error)
        if said is not None:
            yield Problem("", _path(number, key), said)


def _refusal(scenario: Scenario, steps: Sequence[str]) -> str | None:
    first, *rest = steps
    known = {key_of(name, field) for name, field in Scenario.model_fields.items()}
    can = f"A `set` can change {', '.join(CHANGED)}."
    if first == "seed":
        return "a seed is changed by `do: {kind: seed, to: ...}`"
    if first not in CHANGED:
        why = "used only when a run begins." if first in known else f"unknown key.{nearest(first, list(CHANGED))}"
        return f"{why} {can}"
    if first == "choice" or (first == "prompting" and (not rest or rest[0] == "persona")):  # worlds are told of it
        fixed = [p.kind for p in scenario.world if not hasattr(SHELVES["worlds"].get(p.kind), "change")]
        return f"world '{fixed[0]}' cannot be changed while a run goes on" if fixed else None
    if first != "world":
        return None
    at = index(rest[0]) if rest else None
    rest = rest[1:] if at is not None else rest
    if not rest:
        return "a world is not replaced while a run goes on; say which of its keys change, e.g. world.rule.beta"
    if at is None and len(scenario.world) > 1:
        return None  # told when the key is put in
    return _refusal_of_world(scenario, at or 0, rest[0])


def _refusal_of_world(scenario: Scenario, at: int, key: str) -> str | None:
    if at >= len(scenario.world):
        return f"there is no world {at}: there are {len(scenario.world)}, counted from 0"
    part = scenario.world[at]
    can = sorted(getattr(SHELVES["worlds"].get(part.kind), "CHANGES", ()))
    if key in can:
        return None
    listed = f" World '{part.kind}' can change {', '.join(can) or 'nothing'} while a run goes on."
    if key == "kind" or key in type(part.given).model_fields:
        return f"used only when a run begins.{listed}"
    return f"unknown key.{nearest(key, can)}{listed}"


def placed(problem: Problem, scenario: Scenario, number: int) -> Problem:
    """A problem of changed settings, told at the key that brought it about, or else at the intervention."""
    for place, one in [(number, scenario.interventions[number]), *enumerate(scenario.interventions)]:
        for key in keys_of(one):
            meant = changes([(key, None)])[0][0].key
            if problem.where == label_of(meant) or _within(problem.path, meant):
                return Problem("", _path(place, key), _said(problem, meant))
    return Problem("", f"interventions.{number}.do", _said(problem, ""))


def _within(path: str, key: str) -> bool:
    """Whether a path is that of a key, or below it; a list of one needs no number."""
    plain, key = path.replace("world.0.", "world."), key.replace("world.0.", "world.")
    return plain == key or plain.startswith(f"{key}.")


def _said(problem: Problem, key: str) -> str:
    return f"{problem.path}: {problem.message}" if problem.path and problem.path != key else problem.message


def _path(number: int, key: str) -> str:
    return dotted(("interventions", number, "do", "keys", key))
