"""The ODD protocol of a scenario (Grimm et al. 2020), filled in from what it says and from its parts' docstrings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from simsoc.catalogue import about
from simsoc.report.matter import Section
from simsoc.scenario.emit import inline
from simsoc.scenario.explain import as_data
from simsoc.scenario.files import named
from simsoc.scenario.parts import shelf_of
from simsoc.scenario.spec import Part, Scenario
from simsoc.shelves import SHELVES

_LONG = 300  # characters of a value


def protocol(scenario: Scenario, people: int, traits: Sequence[str]) -> list[Section]:
    """The seven elements. people: how many there are at the start; traits: what is known of them."""
    return [
        _purpose(scenario),
        _entities(scenario, people, traits),
        _process(scenario),
        _concepts(scenario),
        _initialisation(scenario),
        _input(scenario),
        _submodels(scenario),
    ]


def _purpose(scenario: Scenario) -> Section:
    told = [scenario.question or "The scenario does not say what it is to find out."]
    if scenario.expect:
        told.append(f"Pattern expected: {scenario.expect}")
    if scenario.source:
        told.append(f"Design from: {scenario.source}")
    return Section("1. Purpose and patterns", told)


def _entities(scenario: Scenario, people: int, traits: Sequence[str]) -> Section:
    ties = "Ties have a direction: a tie from a to b means that a follows b." if _directed(scenario) else ""
    listed = f" Their traits: {', '.join(traits)}." if traits else " They have no traits."
    told = [
        f"Agents: {people} people at the start.{listed}",
        f"Network: {_line(scenario, 'networks', scenario.network)} {ties}".strip(),
        *(f"World: {_line(scenario, 'worlds', part)}" for part in scenario.world),
    ]
    length = f"{scenario.steps} steps" if scenario.steps is not None else "as many steps as the world takes"
    told.append(
        f"Scales: one step is one tick of one clock; a run takes {length}. There is no space but the network, unless "
        "the world says so."
    )
    return Section("2. Entities, state variables and scales", told)


def _process(scenario: Scenario) -> Section:
    order = " Worlds act in the order in which they are written." if len(scenario.world) > 1 else ""
    told = [
        f"In every step: interventions that are due, then turns.{order} Then measures are taken, and surveys that are "
        "due are held; events are logged in the order in which they were applied.",
        *_about(scenario, "activations", scenario.activation),
    ]
    steps = [
        f"Step {one.at}{f' to {one.until}' if one.until else ''}{f', every {one.every} steps' if one.every else ''}: "
        f"{one.do.kind} {_short(one.do.given.model_dump(mode='json', exclude_unset=True))}"
        for one in scenario.interventions
    ]
    return Section(
        "3. Process overview and scheduling",
        told,
        parts=[Section("Interventions", steps)] if steps else (),
    )


def _concepts(scenario: Scenario) -> Section:
    minds = scenario.minds
    measures = [f"{name}: {measure.meaning} ({measure.unit})" for name, measure in _measures(scenario)]
    surveys = [f"Survey {one.name}: {len(one.questions)} questions" for one in scenario.surveys]
    return Section(
        "4. Design concepts",
        parts=[
            Section("Basic principles", [text for part in scenario.world for text in _about(scenario, "worlds", part)]),
            Section("Emergence", [
                "The measures below are what comes about; none of them is written into a decision."]),
            Section("Adaptation and objectives", [
                f"Decisions are answered by {scenario.backend.model}"
                + (f", and by others for some of the agents ({', '.join(g.model for g in scenario.backend.groups)})."
                   if scenario.backend.groups else "."),
                "Where no model is asked, a published rule decides from the same facts; its parameters are under 7."]),
            Section("Learning, prediction", _about(scenario, "minds", minds) if minds is not None else
                    ["As the world has it; no memory, reflection or plans are asked for."]),
            Section("Sensing and interaction", [
                "What an agent perceives in a turn are the facts of its decision: prompt and rule read these alone, "
                "and the log keeps them for each decision. Whom it meets is set by the network and the world."]),
            Section("Stochasticity", [
                f"Every draw has an address (seed {scenario.seed}, purpose, agent, step) and is made by a keyed hash, "
                "so that one more agent or an intervention without effect moves nobody else. What a model answers is "
                "in the log and replays."]),
            Section("Observation", [*measures, *surveys] or ["No measures are taken."]),
        ],
    )  # fmt: skip


def _initialisation(scenario: Scenario) -> Section:
    held = scenario.experiment.hold if scenario.experiment is not None else ()
    more = f" Held over the replicates: {', '.join(held)}." if held else ""
    told = [f"Seed {scenario.seed}; each replicate of an experiment has a seed of its own that all arms share.{more}"]
    parts = [
        _part(scenario, "populations", "People", scenario.population),
        _part(scenario, "networks", "Network", scenario.network),
    ]
    return Section("5. Initialisation", told, parts=parts)


def _input(scenario: Scenario) -> Section:
    found = [f"{one.key}: {one.path.name}" for one in named(as_data(scenario), scenario.folder)]
    return Section("6. Input data", found or ["The model reads no files and no data that change over time."])


def _submodels(scenario: Scenario) -> Section:
    parts = [_part(scenario, "worlds", "World", part) for part in scenario.world]
    parts.append(_part(scenario, "activations", "Activation", scenario.activation))
    if scenario.minds is not None:
        parts.append(_part(scenario, "minds", "Minds", scenario.minds))
    parts += [
        _part(scenario, "interventions", f"Intervention in step {one.at}", one.do) for one in scenario.interventions
    ]
    backend = [(key, _short(value), "") for key, value in _set(scenario.backend).items()]
    parts.append(Section("Answers", ["Who answers, and with which settings."], backend))
    return Section("7. Submodels", parts=parts)


# -- parts and what their code says of them ------------------------------------------------------------------------


def _part(scenario: Scenario, shelf: str, heading: str, part: Part) -> Section:
    """A named part: what its docstring says, its keys, and the parts within it."""
    keys, within = list[tuple[str, str, str]](), list[Section]()
    for name, field in type(part.given).model_fields.items():
        value = getattr(part.given, name)
        key = field.alias or name
        below = shelf_of(field)
        if isinstance(value, Part) and below:
            within.append(_part(scenario, below, key, value))
        else:
            plain = part.given.model_dump(mode="json", by_alias=True, include={name}).get(key)
            keys.append((key, _short(plain), " ".join((field.description or "").split())))
    return Section(f"{heading}: {part.kind}", _about(scenario, shelf, part), keys, within)


def _about(scenario: Scenario, shelf: str, part: Part) -> list[str]:
    """Paragraphs of a part's docstring; of a file of the user's own they are read, and the file is not run."""
    there = SHELVES[shelf].within(scenario.folder)
    try:
        found = there.file(part.kind).doc if there.is_file(part.kind) else there.get(part.kind)
    except (LookupError, ImportError):
        return [part.kind]
    return [text for text in about(found) if text] or [part.kind]


def _line(scenario: Scenario, shelf: str, part: Part) -> str:
    return f"{part.kind}. {_about(scenario, shelf, part)[0]}"


def _measures(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    """The measures that are taken, with what they mean."""
    several = len(scenario.world) > 1
    wanted = None if scenario.measures is None else {one.name for one in scenario.measures}
    for part in scenario.world:
        for name, measure in getattr(SHELVES["worlds"].get(part.kind), "MEASURES", {}).items():
            full = f"{part.kind}.{name}" if several else name
            if measure.default if wanted is None else full in wanted or name in wanted:
                yield full, measure


def measures(scenario: Scenario) -> dict[str, tuple[str, str]]:
    """Meaning and unit of each measure that is taken."""
    return {name: (measure.meaning, measure.unit) for name, measure in _measures(scenario)}


def _directed(scenario: Scenario) -> bool:
    return bool(getattr(scenario.network.given, "directed", False))


def _set(model: BaseModel) -> Mapping[str, Any]:
    given: dict[str, Any] = model.model_dump(mode="json", exclude_defaults=True)
    return {"model": getattr(model, "model", ""), **given}


def _short(value: Any) -> str:
    """A value on one line."""
    written = inline(value)
    if written is None:
        import json

        written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= _LONG else f"{written[:_LONG]} ..."
