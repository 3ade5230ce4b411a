"""Activation regimes: who takes a turn in a step, and in which order.

Every number has an address, (seed, purpose, agent, step), so one more agent moves nobody else, and any step's order
can be computed without the steps before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from struct import Struct as Layout
from typing import Annotated, Any, NamedTuple, TypeGuard

from pydantic import Field

from simsoc.core.errors import ScenarioError
from simsoc.core.stream import Stream, draw

People = Sequence[Mapping[str, Any]]
_WORDS = Layout("<8Q").unpack
_UNIT = 2.0**-53


class Order(NamedTuple):
    """The turns of one step."""

    turns: list[tuple[int, int]]
    """(agent, count of that agent's turns in this step), in activation order."""
    together: bool
    """All see the start of the step, or each sees what the turns before it did."""


def together(seed: int, step: int, agents: Sequence[int], people: People = ()) -> Order:
    """Each agent takes one turn; all see the start of the step (synchronous updating)."""
    return Order([(agent, 0) for agent in agents], together=True)


def one_by_one(seed: int, step: int, agents: Sequence[int], people: People = (), *, replacement: bool = True) -> Order:
    """One agent after another, each seeing all that was done before (random sequential updating).

    replacement: every agent has its own exponential clock of rate 1 and a step is one unit of time, so that N turns
    fall in a step on average and each turn is a uniform pick. Otherwise a step is a sweep in random order.
    """
    if not replacement:
        return Order([(a, 0) for _, a in sorted((draw(seed, "order", a, step), a) for a in agents)], together=False)
    return Order(_clocks(seed, step, agents), together=False)


def poisson(
    seed: int,
    step: int,
    agents: Sequence[int],
    people: People = (),
    *,
    rate: Annotated[float, Field(ge=0, le=1000)] = 1.0,
    by: str | None = None,
) -> Order:
    """Every agent has an exponential clock of its own, one agent after another; some may run faster than others.

    rate: turns an agent takes in a step on average.
    by: trait that multiplies an agent's rate, e.g. how often it is online; a number of at least 0.
    """
    rates = None if by is None else [_rate(people, agent, by) * rate for agent in agents]
    return Order(_clocks(seed, step, agents, rates if rates is not None else [rate] * len(agents)), together=False)


def _rate(people: People, agent: int, by: str) -> float:
    value = people[agent].get(by) if agent < len(people) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1000:
        raise ScenarioError.at("activation.by", f"agent {agent} has {by}={value!r}, not a number between 0 and 1000")
    return float(value)


Chance = Annotated[float, Field(ge=0, le=1)]
Profile = Annotated[tuple[Chance, ...], Field(min_length=24, max_length=24)]
_FULL = {"twitter_use": 50.0}
"""Largest value of traits that are no chances: what is reported most often is active in every step."""


def rate(
    seed: int,
    step: int,
    agents: Sequence[int],
    people: People = (),
    *,
    activity: Chance = 1.0,
    by: str | None = None,
    of: dict[str, Chance | Profile] | None = None,
    full: Annotated[float, Field(gt=0)] | None = None,
    hours: Profile | None = None,
    steps_per_day: Annotated[int, Field(ge=1, le=86_400)] = 24,
) -> Order:
    """Everybody is active by chance in a step, by an addressed draw of its own; all see the start of the step.

    Who is active takes one turn; turns are in random order. As in Tornberg et al. 2023 (arXiv 2310.05984: activity in
    proportion to reported use) and OASIS (Yang et al. 2024, arXiv 2411.11581: a profile of 24 hours).

    activity: chance that somebody is active; multiplies what follows.
    by: trait that says how active somebody is, as a number of at least 0, or as a list of 24 chances, one an hour.
    of: chance, or 24 of them, by the value of that trait, where it is a word; who has no such value is never active.
    full: value of the trait that stands for chance 1, more is not possible; 50 for `twitter_use`, which counts uses in
        two weeks, else 1.
    hours: 24 chances, for the hours of a day.
    steps_per_day: steps that make a day; the first begins at midnight. A step of several hours has their mean.
    """
    always = activity * (1.0 if hours is None else _at_hour(hours, step, steps_per_day))
    chances = [always] * len(agents)
    if by is not None:
        most = full if full is not None else _FULL.get(by, 1.0)
        if of is not None and people and not any(str(person.get(by)) in of for person in people):
            there = ", ".join(sorted({str(person[by]) for person in people if by in person})) or "nobody has this trait"
            raise ScenarioError.at("activation.of", f"nobody's {by!r} is one of {', '.join(of)} ({there})")
        for place, agent in enumerate(agents):
            value = _use(people, agent, by, most) if of is None else of.get(str(people[agent].get(by)), 0.0)
            chances[place] *= value if isinstance(value, float) else _at_hour(value, step, steps_per_day)
    elif of is not None or full is not None:
        raise ScenarioError.at("activation.by", "which trait? `of` and `full` say what its values mean")
    prefix = f"{seed}\x1factive\x1f{step}\x1f"
    active = []
    for agent, chance in zip(agents, chances, strict=True):
        word, place, *_ = _WORDS(blake2b(f"{prefix}{agent}".encode()).digest())
        if (word >> 11) * _UNIT < chance:
            active.append((place, agent))
    return Order([(agent, 0) for _, agent in sorted(active)], together=True)


def _use(people: People, agent: int, by: str, most: float) -> float | Sequence[float]:
    """How active a trait says somebody is: a chance, or one for each hour."""
    value = people[agent].get(by) if agent < len(people) else None
    if isinstance(value, list | tuple) and len(value) == 24 and all(_number(x, 1.0) for x in value):
        return value
    if not _number(value, most):
        told = f"agent {agent} has {by}={value!r}, not a number between 0 and {most:g}"
        more = "; `full` says which value stands for chance 1" if _number(value, math.inf) else ""
        raise ScenarioError.at("activation.by", f"{told}{more}")
    return float(value) / most


def _number(value: Any, most: float) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def _at_hour(profile: Sequence[float], step: int, steps_per_day: int) -> float:
    """Mean of a profile of 24 hours over the time that a step takes."""
    begin = ((step - 1) % steps_per_day) * 24 / steps_per_day
    end = begin + 24 / steps_per_day
    covered = ((hour, min(end, hour + 1) - max(begin, hour)) for hour in range(int(begin), min(24, math.ceil(end))))
    return math.fsum(profile[hour] * share for hour, share in covered) / (end - begin)


def _clocks(seed: int, step: int, agents: Sequence[int], rates: Sequence[float] | None = None) -> list[tuple[int, int]]:
    """Ticks of exponential clocks, of rate 1 where none is given, within one unit of time.

    Clocks start afresh at each step, which changes nothing in law (they have no memory) and gives each step an
    address of its own.
    """
    ticks: list[tuple[float, int, int]] = []
    log1p = math.log1p
    prefix = f"{seed}\x1fclock\x1f{step}\x1f"
    for place, agent in enumerate(agents):
        words = _WORDS(blake2b(f"{prefix}{agent}".encode()).digest())
        end = 1.0 if rates is None else rates[place]  # the agent's own time: it passes `rate` times as fast
        at = 0.0
        for count, word in enumerate(words):
            at -= log1p(-(word >> 11) * _UNIT)
            if at >= end:
                break
            ticks.append((at / end, agent, count))
        else:  # more than eight ticks in a unit of time: one agent-step in a million at rate 1
            more = Stream(seed, "clock", step, agent, "more")
            at += more.exponential()
            while at < end:
                count += 1
                ticks.append((at / end, agent, count))
                at += more.exponential()
    ticks.sort()
    return [(agent, count) for _, agent, count in ticks]
