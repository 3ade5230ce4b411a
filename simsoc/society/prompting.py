"""Whether what a scenario says under `prompting` fits the decisions of its worlds, before anybody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from simsoc.backends import fewshot
from simsoc.backends.prompts import Prompts, Template
from simsoc.backends.reasoning import no_room
from simsoc.core.answers import Choice
from simsoc.core.calls import SURVEYS
from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.protocols import World
from simsoc.core.shelf import nearest
from simsoc.core.words import Decision
from simsoc.scenario.spec import Scenario
from simsoc.scenario.telling import dotted


class _Known(NamedTuple):
    """A decision of a world."""

    decision: Decision
    template: Template
    labels: Sequence[str] | None
    """What its options are shown as, where that does not vary."""


def problems(prompts: Prompts, scenario: Scenario, worlds: Sequence[World]) -> Iterator[Problem]:
    """Everything that is wrong. Of worlds that do not say what they ask (`decisions`) less can be told."""
    wanted = prompts.prompting
    examples = prompts.shots.examples
    known = {one.decision.purpose: one for one in _known(prompts, scenario, worlds)}
    said = [purpose for purpose in examples if purpose not in known]
    told = [] if isinstance(wanted.reasoning, bool) else [p for p in wanted.reasoning if p not in known]
    if all(hasattr(world, "decisions") for world in worlds):
        for purpose in said:
            if why := _stranger(purpose, list(known)):
                yield _at(prompts, (purpose,), why)
        for purpose in told:
            if why := _stranger(purpose, list(known)):
                yield Problem("", "prompting.reasoning", why)
    for purpose, one in known.items():
        reasons = wanted.reasons(purpose)
        if reasons and one.template.brackets:
            yield Problem("", "prompting.reasoning", no_room(one.template.name))
        for number, key, message in fewshot.problems(
            examples.get(purpose, ()), one.decision, one.template, one.labels, reasons
        ):
            yield _at(prompts, (purpose, number, *key.split(".", 1)), message)


def _known(prompts: Prompts, scenario: Scenario, worlds: Sequence[World]) -> Iterator[_Known]:
    for world, part in zip(worlds, scenario.world, strict=True):
        for decision in getattr(world, "decisions", lambda: ())():
            labels = getattr(world, "closed_labels", None)
            try:
                template = prompts.get(decision.template)
            except ScenarioError:
                continue  # told elsewhere
            now = replace(decision, choice=scenario.choice)
            yield _Known(now, template, _fitting(decision, labels(part.given)) if labels is not None else None)


def _fitting(decision: Decision, labels: Sequence[str]) -> Sequence[str] | None:
    """A world's labels, where they are those of this decision."""
    options = decision.answer.options if isinstance(decision.answer, Choice) else None
    return labels if options is not None and len(options) == len(labels) else None


def _stranger(purpose: str, known: Sequence[str]) -> str | None:
    if purpose.startswith(SURVEYS):
        return None
    return f"nobody decides on '{purpose}' here.{nearest(purpose, list(known))} Decisions: {', '.join(known)}."


def _at(prompts: Prompts, path: tuple[str | int, ...], message: str) -> Problem:
    """A problem of an example, told where it is written: in the scenario, or in a file of its own."""
    if prompts.examples_from is None:
        return Problem("", dotted(("prompting", "examples", *path)), message)
    return Problem(prompts.examples_from.where(path), dotted(path), message)
