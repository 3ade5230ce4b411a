"""Which of the people a selection names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import nearest
from simsoc.core.stream import draw
from simsoc.scenario.spec import Who


def members(
    who: Who, people: Sequence[Mapping[str, Any]], seed: int, *, path: str = "who", purpose: str = "who"
) -> list[int]:
    """Ids of those who fit, ascending; every key that is given must hold.

    ids: these agents. share: one addressed draw each, so that a larger share contains a smaller one and a newcomer
    changes nobody's membership. traits: equal to the value, or one of the values when a list is given; who lacks the
    trait does not fit. path: where the selection stands in the scenario, for messages. purpose: address of the draws;
    selections that must not overlap by construction need different ones.
    Raises ScenarioError for ids nobody has and traits nobody has, with the nearest guess.
    """
    _known(who, people, path)
    ids = range(len(people)) if who.ids is None else sorted(set(who.ids))
    return [
        agent
        for agent in ids
        if (who.share is None or draw(seed, purpose, agent) < who.share) and _fits(people[agent], who.traits)
    ]


def _fits(person: Mapping[str, Any], traits: Mapping[str, Any]) -> bool:
    for name, wanted in traits.items():
        if name not in person:
            return False
        value = person[name]
        if value != wanted and not (isinstance(wanted, list | tuple) and value in wanted):
            return False
    return True


def _known(who: Who, people: Sequence[Mapping[str, Any]], path: str) -> None:
    problems = []
    strangers = [agent for agent in who.ids or () if agent >= len(people)]
    if strangers:
        told = ", ".join(map(str, strangers[:5])) + (" ..." if len(strangers) > 5 else "")
        last = len(people) - 1
        problems.append(Problem("", f"{path}.ids", f"no agent {told}: ids run from 0 to {last}. Did you mean {last}?"))
    if who.traits:
        known = sorted({name for person in people for name in person})
        listed = f" Known: {', '.join(known)}." if known else " These people have no traits at all."
        for name in who.traits:
            if name not in known:
                problems.append(Problem("", f"{path}.traits.{name}", f"nobody has it.{nearest(name, known)}{listed}"))
    if problems:
        raise ScenarioError(problems)
