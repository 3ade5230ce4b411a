"""Margins of people, wanted and achieved: what the log keeps of a population, and the lines that tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any

from simsoc.core.protocols import People

from .crossed import place, traits_of
from .crossed import told as in_words

CORE = ("party", "party7", "age_group", "gender", "race", "education")
"""Traits whose margins are told where nothing else is asked for."""
Margin = dict[str, float]
Compared = dict[str, dict[str, tuple[float | None, float]]]
"""By trait and value, what was wanted (None where nothing was) and what came out, in percent."""


def margin(people: People, trait: str, weights: Sequence[float] | None = None) -> Margin:
    """Percent of those who have a trait, or several crossed, by value as text; weighted where there are weights."""
    traits = traits_of(trait, {name for person in people for name in person})
    sums: dict[str, list[float]] = {}
    for number, person in enumerate(people):
        at = place(person, traits)
        if at is not None:
            sums.setdefault(in_words(at), []).append(1.0 if weights is None else weights[number])
    totals = {value: fsum(parts) for value, parts in sums.items()}
    whole = fsum(totals.values())
    return {value: round(100 * total / whole, 2) for value, total in sorted(totals.items())} if whole else {}


def compared(
    traits: Sequence[str],
    wanted: Mapping[str, Mapping[str, float]],
    people: People,
    weights: Sequence[float] | None = None,
) -> Compared:
    """The margins of these traits, in the order of what is wanted, beside it."""
    found: Compared = {}
    for trait in traits:
        have, of = margin(people, trait, weights), wanted.get(trait)
        if have:
            values = [*(of or {}), *(value for value in have if value not in (of or {}))]
            found[trait] = {v: (None if of is None else round(of.get(v, 0.0), 2), have.get(v, 0.0)) for v in values}
    return found


def lines(told: Mapping[str, Any]) -> list[str]:
    """A population's note in the log, in words: how people came about, who was left out, and the margins."""
    return list(_lines(told))


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    if "mode" in told:
        yield from _of_drawn(told)
    if "extended" in told:
        yield _of_extended(told["extended"])


def _of_extended(told: Mapping[str, Any]) -> str:
    silent = told["without_answer"]
    kept = f"; {silent} without answer: {told['people_without']} people keep what they had there" if silent else ""
    return f"people  extended by {', '.join(told['traits'])}, in {told['asked']} calls{kept}"


def _of_drawn(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"people  {told['said']}; margins in percent, wanted ones in brackets"
    out = told.get("left_out", {})
    if out:
        yield f"        left out: {', '.join(f'{count} {why}' for why, count in out.items())}"
    if told.get("not_there"):
        names = told["not_there"]
        yield f"        not in the file: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}"
    raked = told.get("raked")
    if raked:
        settled = "settled" if raked["settled"] else "NOT settled"
        yield (
            f"        raked to {', '.join(raked['margins'])}: {settled} after {raked['rounds']} rounds, "
            f"largest difference {raked['off']:.2g} points, {raked['trimmed']} weights trimmed"
        )
    weighed = told.get("weighed")
    if weighed:
        alike = f"; everybody counts one in {', '.join(weighed['all_alike'])}" if weighed["all_alike"] else ""
        yield f"        measures by weight: {', '.join(weighed['by_weight']) or 'none'}{alike}"
    for trait, values in told.get("margins", {}).items():
        said = ", ".join(f"{value} {have:.1f}{_wanted(want)}" for value, (want, have) in values.items())
        yield f"        {trait} %: {said}"


def _wanted(want: float | None) -> str:
    return "" if want is None else f" ({want:.1f})"
