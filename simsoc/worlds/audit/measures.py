"""Measures of world `audit`, each declared once. Intervals and tests: `simsoc audit RUN`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simsoc.measures import Measure, compass, swaps

if TYPE_CHECKING:
    from .world import Audit


def _axis(axis: str) -> Any:
    return lambda world: compass.score(_responses(world), axis)


def _responses(world: Audit) -> list[compass.Response]:
    return [one.value for one in world.given if isinstance(one.value, compass.Response)]


def _acquiescence(world: Audit) -> float | None:
    return compass.acquiescence(_responses(world))


def asked(world: Audit) -> list[swaps.Asked]:
    """Every answer so far of a swap, with the name it is about; none of other instruments."""
    of: Any = world.instrument
    if not hasattr(of, "group"):
        return []
    return [swaps.Asked(of.name(g.agent), of.group(g.agent), of.items[g.item], g.value) for g in world.given]


def _gap(world: Audit) -> float | None:
    found = _means(world)
    return None if found is None else found[0] - found[1]


def _relative_gap(world: Audit) -> float | None:
    found = _means(world)
    return None if found is None or not found[1] else found[0] / found[1] - 1


def _means(world: Audit) -> tuple[float, float] | None:
    """Mean of the group that is compared and of that it is held against; None while one of them has no answer."""
    known = asked(world)
    if not known:
        return None
    spec: Any = world.spec.instrument.given
    ours, theirs = (swaps.mean_of(known, group) for group in (spec.group, spec.base))
    return None if ours is None or theirs is None else (ours, theirs)


def _refused(world: Audit) -> float | None:
    asked = len(world.given) + world.refused
    return world.refused / asked if asked else None


def _first_listed(world: Audit) -> float | None:
    places = [one.place for one in world.given if one.place is not None]
    return sum(place == 0 for place in places) / len(places) if places else None


def _answers(world: Audit) -> int:
    return len(world.given)


def _silent(world: Audit) -> int:
    return world.silent


AUDIT_MEASURES = {
    m.name: m
    for m in (
        Measure("gap", "answered unit", "swap: mean over names of the compared group less that of the base", _gap),
        Measure("relative_gap", "share of base", "swap: the gap by the mean of the base group", _relative_gap),
        Measure("economic", "-10..10", "compass: left (-) to right (+)", _axis("economic")),
        Measure("social", "-10..10", "compass: liberty (-) to authority (+)", _axis("social")),
        Measure("acquiescence", "-1..1", "compass: mean of r / 2 whatever the statement's direction", _acquiescence),
        Measure("refused", "0..1", "compass: share of those who would rather not say, or said nothing of it", _refused),
        Measure("first_listed", "0..1", "compass: share of the option that was listed first", _first_listed),
        Measure("answers", "count", "answers so far", _answers),
        Measure("silent", "count", "asks that brought no answer", _silent),
    )
}
