"""Mechanistic rules for opinions that are numbers on a scale.

Each reads ``facts["own"]``, ``facts["others"]`` (opinions of those met, by id), ``facts["weights"]`` (of their ties)
and ``facts["start"]`` (the agent's first opinion), and returns a number. Sums are taken in id order with `fsum` and
rounded, so that they do not depend on the machine.
"""

from __future__ import annotations

from math import fsum
from typing import Annotated

from pydantic import Field

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream

Probability = Annotated[float, Field(ge=0, le=1)]
_DIGITS = 12


def _mean(facts: Facts, self_weight: float) -> float:
    weights: list[float] = facts["weights"]
    own: float = facts["own"]
    total = fsum(weights) + self_weight
    if total == 0:
        return own
    drawn = fsum(w * x for w, x in zip(weights, facts["others"], strict=True))
    return (drawn + self_weight * own) / total


def degroot(facts: Facts, stream: Stream, *, self_weight: Annotated[float, Field(ge=0)] = 1.0) -> float:
    """Weighted mean of own and others' opinions: x(t+1) = W x(t).

    self_weight: weight of the own opinion beside the ties' weights (1 each unless the network says otherwise).

    Source: DeGroot 1974, J. Am. Stat. Assoc. 69, 118.
    """
    return round(_mean(facts, self_weight), _DIGITS)


def friedkin_johnsen(
    facts: Facts, stream: Stream, *, susceptibility: Probability, self_weight: Annotated[float, Field(ge=0)] = 1.0
) -> float:
    """As DeGroot, but held back by the first opinion: x(t+1) = S W x(t) + (I - S) x(0).

    susceptibility: S, the share of the social mean, 0 (stubborn) to 1 (DeGroot).
    self_weight: weight of the own opinion beside the ties' weights.

    Source: Friedkin and Johnsen 1990, J. Math. Sociol. 15, 193.
    """
    moved: float = susceptibility * _mean(facts, self_weight) + (1 - susceptibility) * facts["start"]
    return round(moved, _DIGITS)


def hegselmann_krause(facts: Facts, stream: Stream, *, eps: Annotated[float, Field(gt=0)]) -> float:
    """Mean of all opinions no further than eps from the own one, itself included.

    eps: bound of confidence, in scale units.

    Source: Hegselmann and Krause 2002, JASSS 5(3).
    """
    own = facts["own"]
    reach = 1.01 * eps + 1e-11  # those beyond are out whatever the rounding, and comparing is quick
    low, high = own - reach, own + reach
    near = [x for x in facts["others"] if low <= x <= high and round(abs(x - own), _DIGITS) <= eps]
    return round(fsum((own, *near)) / (len(near) + 1), _DIGITS)


def deffuant(
    facts: Facts, stream: Stream, *, eps: Annotated[float, Field(gt=0)], mu: Annotated[float, Field(gt=0, le=0.5)] = 0.5
) -> float:
    """On meeting somebody no further than eps away, go the share mu of the way towards them.

    eps: bound of confidence, in scale units.
    mu: share of the way that is gone.

    Made for meetings of two (`group: 2`). Source: Deffuant et al. 2000, Adv. Complex Syst. 3, 87.
    """
    own: float = facts["own"]
    for other in facts["others"]:
        if round(abs(other - own), _DIGITS) <= eps:
            own += mu * (other - own)
    return round(own, _DIGITS)
