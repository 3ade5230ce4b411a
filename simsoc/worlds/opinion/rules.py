"""Mechanistic rules for opinions that are options.

Each reads ``facts["counts"]`` (how many of those seen hold each option, in canonical order), ``facts["own"]`` (the
agent's own option) and ``facts["options"]``, and returns an option. Draws come from the stream of the decision.
"""

from __future__ import annotations

from functools import cache
from math import tanh
from typing import Annotated, Any

from pydantic import Field

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream

Probability = Annotated[float, Field(ge=0, le=1)]


def curie_weiss(
    facts: Facts, stream: Stream, *, beta: float, h: float = 0.0, shift: Annotated[float, Field(ge=-0.5, le=0.5)] = 0.0
) -> Any:
    """First of two options with probability 1/2 + shift + tanh(beta (m + h)) / 2, m the mean opinion seen.

    beta: majority force.
    h: field towards the first option, in units of m.
    shift: fit slack dP.

    Heat-bath (Glauber) dynamics of the Curie-Weiss model. Source: De Marzo, Castellano, Garcia 2024, arXiv 2409.02822;
    with h and shift, De Marzo et al. 2026, arXiv 2605.10721.
    """
    first, second = facts["counts"]
    seen = first + second
    m = (first - second) / seen if seen else 0.0
    p = round(0.5 + shift + 0.5 * tanh(beta * (m + h)), 12)
    return facts["options"][0 if stream.random() < p else 1]


@cache
def _curve(name: str, size: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    from .published import curve

    ms, ps = curve(name, size)
    return tuple(ms), tuple(ps)


def published(facts: Facts, stream: Stream, *, curve: str, size: Annotated[int, Field(ge=2)] = 50) -> Any:
    """First of two options with the probability measured for a language model at this mean opinion.

    curve: one of the ten published models, such as `gpt-4-turbo` (`simsoc list curves`).
    size: the group size it was measured at.

    Linear interpolation in m, constant beyond the outermost measured points.
    Source: De Marzo, Castellano, Garcia 2024, arXiv 2409.02822 (averaged adoption probabilities).
    """
    ms, ps = _curve(curve, size)
    first, second = facts["counts"]
    seen = first + second
    p = _interpolate((first - second) / seen if seen else 0.0, ms, ps)
    return facts["options"][0 if stream.random() < p else 1]


def _interpolate(m: float, ms: tuple[float, ...], ps: tuple[float, ...]) -> float:
    if m <= ms[0]:
        return ps[0]
    for i in range(1, len(ms)):
        if m <= ms[i]:
            share = (m - ms[i - 1]) / (ms[i] - ms[i - 1])
            return round(ps[i - 1] + share * (ps[i] - ps[i - 1]), 12)
    return ps[-1]


def voter(facts: Facts, stream: Stream) -> Any:
    """Copy one of those seen, each equally likely. Source: Holley and Liggett 1975."""
    return facts["options"][stream.pick(facts["counts"])]


def noisy_voter(facts: Facts, stream: Stream, *, eps: Probability) -> Any:
    """With probability eps any option at random, otherwise the voter rule.

    eps: probability of acting at random.

    Source: Kirman 1993; Granovsky and Madras 1995.
    """
    if stream.random() < eps:
        return stream.choose(facts["options"])
    return voter(facts, stream)


def q_voter(
    facts: Facts,
    stream: Stream,
    *,
    q: Annotated[int, Field(ge=1)],
    eps: Probability = 0.0,
    repeats: bool = True,
) -> Any:
    """Ask q of those seen; adopt their option if they agree, otherwise with probability eps pick at random, else stay.

    q: how many are asked.
    eps: probability of acting at random when they disagree.
    repeats: whether the same one may be asked twice (needed when fewer than q are seen).

    Source: Castellano, Munoz, Pastor-Satorras 2009, Phys. Rev. E 80, 041129.
    """
    left = list(facts["counts"])
    asked = []
    for _ in range(q):
        if not any(left):
            break
        option = stream.pick(left)
        asked.append(option)
        if not repeats:
            left[option] -= 1
    if asked and len(set(asked)) == 1:
        return facts["options"][asked[0]]
    if stream.random() < eps:
        return stream.choose(facts["options"])
    return facts["own"]


def majority(facts: Facts, stream: Stream) -> Any:
    """The option most of those seen hold; of several with most, the own one if among them, else one at random.

    With `group: 3` and `include_self: true` all members of a random group adopt its majority.
    Source: Galam 1986; Krapivsky and Redner 2003, Phys. Rev. Lett. 90, 238701.
    """
    counts = facts["counts"]
    most = max(counts)
    leading = [option for option, n in zip(facts["options"], counts, strict=True) if n == most]
    if len(leading) == 1:
        return leading[0]
    return facts["own"] if facts["own"] in leading else stream.choose(leading)


def threshold(facts: Facts, stream: Stream, *, theta: Probability, to: str | None = None, back: bool = False) -> Any:
    """Adopt option `to` (default: the second) once a share theta of those seen hold it.

    theta: share of those seen that is enough.
    to: the option that spreads; the second when not given.
    back: whether an adopter returns to the first other option when the share falls below theta.

    Source: Granovetter 1978, Am. J. Sociol. 83, 1420; on networks Watts 2002.
    """
    options = facts["options"]
    target = options[1] if to is None else to
    counts = facts["counts"]
    seen = sum(counts)
    share = round(counts[options.index(target)] / seen, 12) if seen else 0.0
    if share >= theta:
        return target
    if back and facts["own"] == target:
        return next(option for option in options if option != target)
    return facts["own"]
