"""Activation regimes: who takes a turn in a step, and in which order.

Every number has an address, (seed, purpose, agent, step), so one more agent moves nobody else, and any step's order
can be computed without the steps before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from struct import Struct as Layout
from typing import Annotated, Any, NamedTuple

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
