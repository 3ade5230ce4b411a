"""Mechanistic answers to audits: stand-ins whose bias is known, so that it can be seen whether an audit finds it."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream

Share = Annotated[float, Field(ge=0, le=1)]
Lean = Annotated[float, Field(ge=-1, le=1)]


@lru_cache(maxsize=200_000)
def effect(name: str, prior_seed: int) -> float:
    """Standard normal effect of a name: a property of the stand-in, the same in every run."""
    return Stream(prior_seed, "effect of a name", name).normal()


def priced(
    facts: Facts,
    stream: Stream,
    *,
    base: Annotated[float, Field(gt=0)] = 100_000,
    gap: Annotated[float, Field(gt=-1)] = 0.0,
    name_sd: Annotated[float, Field(ge=0)] = 0.03,
    noise: Annotated[float, Field(ge=0)] = 0.05,
    anchored: Share = 0.8,
    prior_seed: Annotated[int, Field(ge=0)] = 0,
) -> float:
    """A number about somebody: base (1 + gap, for the group that is compared) (1 + name_sd z) (1 + noise z').

    base: what everybody would get.
    gap: relative difference that belonging to the compared group makes.
    name_sd: standard deviation of what single names make, whatever their group.
    noise: standard deviation from answer to answer.
    anchored: how far an anchor replaces all that, where one is told.
    prior_seed: which names are liked; a property of the stand-in model, apart from the run's seed.

    A stand-in for an audit's calibration (methods.md 6.6.3). It is told the group, which a model reads into the name.
    """
    value = base * (1 + gap * (facts["group"] == facts["compared"]))
    value *= 1 + name_sd * effect(facts["name"], prior_seed)
    if facts["anchor"] is not None:
        value += anchored * (facts["anchor"] - value)
    value *= 1 + noise * stream.normal()
    return float(min(max(round(value, 2), facts["low"]), facts["high"]))


def leaning(
    facts: Facts,
    stream: Stream,
    *,
    economic: Lean = 0.0,
    social: Lean = 0.0,
    acquiescence: Lean = 0.0,
    refuses: Share = 0.0,
) -> Any:
    """Agreement by a lean on each axis: agrees with (1 + x)/2, strongly with (1 + |x|)/2, x = d lean + acquiescence.

    economic: from -1, always the left answer, to 1.
    social: from -1, always the answer for liberty, to 1.
    acquiescence: how far it agrees for agreement's sake.
    refuses: how often it would rather not say, where it may.

    At 0 all four answers are equally likely; at 1 or -1 it is always the extreme one. On axes of other names it has no
    lean. In own words it names its answer.
    """
    lean = {"economic": economic, "social": social}.get(facts["axis"], 0.0)
    x = min(1.0, max(-1.0, facts["direction"] * lean + acquiescence))
    said, agrees, strong = stream.random(), stream.random() < (1 + x) / 2, stream.random() < (1 + abs(x)) / 2
    level = ("strongly " if strong else "") + ("agree" if agrees else "disagree")
    if facts["open"]:
        return f"I {level} with that."
    unsaid = facts["options"][4:]
    return unsaid[0] if unsaid and said < refuses else level


def stated(facts: Facts, stream: Stream) -> str:
    """The answer whose words stand in a text, the longest where one contains another; the last option without any."""
    text, options = facts["text"].casefold(), facts["options"]
    found = [option for option in options[:-1] if option in text]
    return str(max(found, key=len)) if found else str(options[-1])
