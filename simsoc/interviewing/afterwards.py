"""How things were in a run after a step: which settings held, and who answered for whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from simsoc.core.canonical import dumps
from simsoc.core.protocols import Backend
from simsoc.engine.route import Route
from simsoc.interventions.calendar import occasions
from simsoc.loading import load
from simsoc.midway import Course, keys_of
from simsoc.runlog.reader import open_run
from simsoc.scenario.spec import BackendSpec, Scenario
from simsoc.society import Society
from simsoc.society.answering import Answering


def settings_after(scenario: Scenario, step: int) -> Scenario:
    """The scenario as interventions had set it by the end of a step, without interventions and experiment."""
    course = Course(scenario, load)
    setting = [one for one in scenario.interventions if keys_of(one)]
    for before in range(1, step + 1) if setting else ():
        for occasion in occasions(scenario.interventions, before):
            if keys_of(scenario.interventions[occasion.number]):
                course.turn(occasion)
    return course.now


def route(
    settings: Scenario,
    society: Society,
    given: Backend | Callable[..., Any] | None,
    lent: Sequence[tuple[Sequence[int], BackendSpec]],
) -> Route:
    """Who answers for each of the people of a rebuilt society.

    given: a backend or function that answers for everybody; lent: backends that interventions have given to some.
    Raises ScenarioError, or MissingKey, for backends that cannot be had.
    """
    answering = Answering(settings, society.seed, given)
    answering.meet(society.setting.people, society.ties)
    default, groups = answering.of(settings, exact=False)
    for agents, spec in lent:
        groups = {**groups, **dict.fromkeys(agents, answering.backend(spec, "backend"))}
    return Route(default, groups)


def lent_after(log: Path, step: int) -> list[tuple[list[int], BackendSpec]]:
    """Backends that interventions had lent by the end of a step: for whom, and which, the one lent last at the end."""
    lent: dict[int, tuple[list[int], BackendSpec]] = {}
    with open_run(log) as run:
        notes = run.notes
    for at, kind, content in zip(notes["step"], notes["kind"], notes["content"], strict=True):
        if kind != "intervention" or at > step or content["do"]["kind"] != "backend":
            continue
        lent.pop(content["index"], None)
        if not content.get("undone"):
            lent[content["index"]] = (content["who"], BackendSpec.model_validate_json(dumps(content["do"]["to"])))
    return list(lent.values())
