"""Which side somebody is on, and how strongly: what persona, label and measures all go by.

By warmth, as Törnberg et al. 2023, arXiv 2310.05984: partisan = (rating of Republicans - rating of Democrats) / 100,
and the party is its sign. Or by identification, where leaners count as partisans; their strengths are chosen so that
the wording thresholds of the same paper give `prefers`, `is a` and `is a strong`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

PartyBy = Literal["warmth", "identification"]
SIDES = ("democrat", "none", "republican")
RATED = ("ft_dem_party", "ft_rep_party")
"""What warmth goes by: ratings from 0 to 100."""
_STRENGTHS = {
    "strong_democrat": -0.8,
    "weak_democrat": -0.4,
    "lean_democrat": -0.1,
    "independent": 0.0,
    "lean_republican": 0.1,
    "weak_republican": 0.4,
    "strong_republican": 0.8,
}


def needed(by: PartyBy) -> tuple[str, ...]:
    """Traits without which nobody has a side."""
    return RATED if by == "warmth" else ("party7",)


def sided(person: Mapping[str, Any], by: PartyBy) -> dict[str, Any]:
    """`party` and `partisan` of somebody; nothing where what they go by is not known."""
    if by == "warmth":
        democrats, republicans = (person.get(trait) for trait in RATED)
        if democrats is None or republicans is None:
            return {}
        partisan = round((republicans - democrats) / 100, 2)
    elif person.get("party7") in _STRENGTHS:
        partisan = _STRENGTHS[person["party7"]]
    else:
        return {}
    return {"party": SIDES[(partisan > 0) - (partisan < 0) + 1], "partisan": partisan}


def side_in_words(party: Any, partisan: Any) -> tuple[str, str]:
    """A side as a noun and as a sentence about `you`, by the published thresholds; empty where there is none.

    |partisan| below .2 prefers a party, below .5 is of it, and from .5 on strongly so; 0 prefers neither.
    """
    if party not in SIDES:
        return (str(party), f"Your party: {party}.") if isinstance(party, str) and party else ("", "")
    if party == "none":
        return "neither party", "You prefer neither party."
    noun = "Democrat" if party == "democrat" else "Republican"
    strength = abs(partisan) if isinstance(partisan, int | float) else 0.3
    if strength < 0.2:
        return f"leaning to the {noun}s", f"You prefer the {noun}s."
    return (noun, f"You are a {noun}.") if strength < 0.5 else (f"strong {noun}", f"You are a strong {noun}.")
