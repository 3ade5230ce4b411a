"""When interventions take place, and when they are undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simsoc.scenario.spec import Intervention


class Occasion(NamedTuple):
    """An intervention before a step."""

    number: int
    """Its place in the scenario's list, from 0."""
    begins: bool
    """False where it is undone."""


def occasions(interventions: Sequence[Intervention], step: int) -> Iterator[Occasion]:
    """What takes place before a step: what is undone first, each in the order of the list."""
    for number, one in enumerate(interventions):
        if one.every is None and one.until is not None and step == one.until + 1:
            yield Occasion(number, False)
    for number, one in enumerate(interventions):
        if takes_place(one, step):
            yield Occasion(number, True)


def takes_place(one: Intervention, step: int) -> bool:
    """Whether an intervention takes place before a step."""
    if step == one.at or one.every is None or step < one.at:
        return step == one.at
    return (step - one.at) % one.every == 0 and (one.until is None or step <= one.until)


def times(one: Intervention, step: int) -> int:
    """How often it has taken place before a step, not counting that step."""
    if step <= one.at or one.every is None:
        return int(step > one.at)
    last = step - 1 if one.until is None else min(step - 1, one.until)
    return (last - one.at) // one.every + 1


def turning_points(interventions: Sequence[Intervention]) -> list[int]:
    """Steps that show all there is to see: each first time, each undoing, and after these one repetition of each."""
    singles = {one.at for one in interventions}
    singles |= {one.until + 1 for one in interventions if one.every is None and one.until is not None}
    again = {
        one.at + one.every * (times(one, step + 1))
        for one in interventions
        if one.every is not None
        for step in singles
        if step >= one.at
    }
    return sorted(singles | {s for s in again if any(takes_place(one, s) for one in interventions)})
