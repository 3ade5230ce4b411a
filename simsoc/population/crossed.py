"""Margins as a scenario writes them, of one trait or of several crossed (`party x gender`), held against the people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.protocols import People
from simsoc.core.shelf import nearest

CROSS = " x "
"""What stands between the traits of a crossed margin."""
_ROUNDING = 0.005
"""How far shares that are meant to add up to 1, or to 100, may be from it."""
_SLIP = 0.1
"""Within which a sum is not taken for counts, but for a slip."""


class Cells(NamedTuple):
    """One margin: where everybody is, and the share of each cell."""

    name: str
    traits: tuple[str, ...]
    cells: Mapping[tuple[str, ...], float]
    levels: Sequence[int]
    """By person, the number of its cell; -1 for who lacks a trait."""


def traits_of(name: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """The traits of a margin by its name. known: names of traits, which may have an ` x ` of their own."""
    return (name,) if name in known else tuple(part.strip() for part in name.split(CROSS))


def place(person: Mapping[str, Any], traits: Sequence[str]) -> tuple[str, ...] | None:
    """The values of these traits as texts; None where one is missing."""
    values = tuple(str(person[trait]) for trait in traits if person.get(trait) is not None)
    return values if len(values) == len(traits) else None


def told(cell: Sequence[str]) -> str:
    """A cell in words."""
    return ", ".join(cell)


def flat(shares: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """Cells and shares of a margin as written: a value, or another mapping within, for each value."""
    for value, share in shares.items():
        if isinstance(share, Mapping):
            yield from flat(share, (*above, value))
        else:
            yield (*above, value), float(share)


def percent(shares: Mapping[str, Any]) -> dict[str, float]:
    """Shares by cell in words, in percent of their sum."""
    cells = dict(flat(shares))
    whole = fsum(cells.values())
    return {told(cell): 100 * share / whole for cell, share in cells.items()}


def located(people: People, margins: Mapping[str, Mapping[str, Any]]) -> list[Cells]:
    """Margins with everybody's cell. Raises ScenarioError for traits, values and shares that do not fit the people."""
    wrong: list[Problem] = []
    found = []
    known = sorted({name for person in people for name in person})
    for name, shares in margins.items():
        traits = traits_of(name, known)
        places = [place(person, traits) for person in people]
        cells = dict(flat(shares))
        said = list(_problems(people, traits, places, cells, known))
        wrong += [Problem("", f"population.rake.margins.{name}", message) for message in said]
        number = {cell: i for i, cell in enumerate(cells)}
        found.append(Cells(name, traits, cells, [-1 if at is None else number.get(at, -1) for at in places]))
    if wrong:
        raise ScenarioError(wrong)
    return found


def _problems(
    people: People,
    traits: Sequence[str],
    places: Sequence[tuple[str, ...] | None],
    cells: Mapping[tuple[str, ...], float],
    known: Sequence[str],
) -> Iterator[str]:
    """What is wrong with one margin."""
    strangers = [trait for trait in traits if trait not in known]
    for trait in strangers:
        listed = f" Known: {', '.join(known[:30])}{' ...' if len(known) > 30 else ''}."
        yield f"nobody has '{trait}'.{nearest(trait, list(known))}{listed}"
    if strangers:
        return
    if any(len(cell) != len(traits) for cell in cells):
        within = "one share for each value" if len(traits) == 1 else f"shares of {traits[-1]} within each {traits[0]}"
        more = f" (crossed margins are called `a{CROSS}b`)" if len(traits) == 1 else ""
        yield f"{CROSS.join(traits)} needs {within}, {_example(traits)}{more}"
        return
    yield from _of_values(people, traits, places, cells)
    yield from _of_sum(fsum(cells.values()))


def _example(traits: Sequence[str]) -> str:
    inner = "{VALUE: SHARE, ...}"
    for _ in traits[1:]:
        inner = f"{{VALUE: {inner}, ...}}"
    return inner


def _of_values(
    people: People,
    traits: Sequence[str],
    places: Sequence[tuple[str, ...] | None],
    cells: Mapping[tuple[str, ...], float],
) -> Iterator[str]:
    counts = Counter(at for at in places if at is not None)
    values = [list(dict.fromkeys(str(p[t]) for p in people if p.get(t) is not None)) for t in traits]
    unknown: set[tuple[str, str]] = set()
    for cell, share in cells.items():
        if cell in counts or not share > 0:
            continue
        strange = [(t, v, of) for t, v, of in zip(traits, cell, values, strict=True) if v not in of]
        for trait, value, there in strange:
            if (trait, value) not in unknown:
                unknown.add((trait, value))
                listed = ", ".join(there[:12]) + (" ..." if len(there) > 12 else "")
                yield f"nobody has {trait} '{value}'.{nearest(value, there)} There are: {listed}."
        if not strange:
            yield f"nobody is in the cell {told(cell)}: nobody can stand for a share of {share:g}; merge it, or say 0"
    for at, count in counts.items():
        if at not in cells:
            yield f"no share is said for '{told(at)}', which {count} people have"


def _of_sum(whole: float) -> Iterator[str]:
    """Shares are in any unit; what is nearly 1 or 100, and not quite, is a slip."""
    if not whole > 0:
        yield "no value has a positive share"
    for meant in (1, 100):
        if _ROUNDING < round(abs(whole / meant - 1), 9) <= _SLIP:
            yield f"shares add up to {whole:.6g}, not to {meant}: is a value missing, or said twice?"


def disagreeing(margins: Sequence[Cells], tolerance: float) -> list[str]:
    """Shares of the same values that two margins imply and that differ, in words: such margins cannot both be met."""
    found = []
    for number, one in enumerate(margins):
        for other in margins[number + 1 :]:
            common = [trait for trait in one.traits if trait in other.traits]
            if not common:
                continue
            here, there = _implied(one, common), _implied(other, common)
            cell = max(dict.fromkeys([*here, *there]), key=lambda at: round(abs(here.get(at, 0) - there.get(at, 0)), 9))
            a, b = here.get(cell, 0.0), there.get(cell, 0.0)
            if abs(a - b) > tolerance:
                found.append(f"'{one.name}' makes {told(cell)} {100 * a:.4g} %, '{other.name}' {100 * b:.4g} %")
    return found


def _implied(margin: Cells, traits: Sequence[str]) -> dict[tuple[str, ...], float]:
    """Shares of the values of some of its traits."""
    at = [margin.traits.index(trait) for trait in traits]
    whole = fsum(margin.cells.values())
    sums: dict[tuple[str, ...], float] = {}
    for cell, share in margin.cells.items():
        key = tuple(cell[i] for i in at)
        sums[key] = sums.get(key, 0.0) + share / whole
    return sums
