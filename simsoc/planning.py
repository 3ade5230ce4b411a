"""What a scenario would cost: a rehearsal in which rules answer and every prompt is rendered, and what follows from it.

Rules are not the model, so a run that ends by itself may be shorter or longer than its rehearsals. Their spread over
seeds gives the interval: 95% prediction by Student's t for the mean of the runs that are planned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, log, sqrt
from statistics import mean, stdev
from typing import Any, NamedTuple

from simsoc.backends import build
from simsoc.backends.local import mechanistic
from simsoc.backends.prices import Price
from simsoc.backends.rehearsal import Rehearsal
from simsoc.core.calls import only_looks
from simsoc.core.protocols import Backend
from simsoc.core.words import Ask, Reply, Turn
from simsoc.experiments.layout import Planned, lay_out
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import BackendSpec, Scenario

from .loading import Source
from .society import Society

LATENCY = 1.0
"""Seconds a call takes when nothing else is known."""


class Range(NamedTuple):
    """A number that is not known exactly."""

    low: float
    mean: float
    high: float


class Line(NamedTuple):
    """What one model would be asked."""

    model: str
    calls: Range
    tokens_in: Range
    tokens_out: Range
    dollars: Range | None
    """None where the price is not known."""


class Forecast(NamedTuple):
    """What a scenario, or a whole experiment, would cost."""

    name: str
    runs: int
    rehearsed: int
    """Replicates that were rehearsed."""
    lines: Sequence[Line]
    """One for each model."""
    reused: float
    """Share of calls that another arm pays for."""
    seconds: Range
    """Wall time, from what slots and order allow to twice as long."""
    slots: int
    latency: float


class _Chain:
    """The longest chain of calls that have to wait for each other."""

    def __init__(self) -> None:
        self.society: Society | None = None
        self._ends: dict[int, int] = {}
        self._all = 0
        self._rounds = 0  # of people being asked for
        self._steps: dict[int, dict[tuple[int, int], int]] = {}

    def take(self, ask: Ask) -> None:
        """One more call."""
        society = self.society
        if society is None:  # still being built: its people are asked for
            self._rounds = max(self._rounds, ask.draw + 1)
            return
        if only_looks(ask):
            return  # surveys ask all at once, and turns need not wait for them
        if society.scenario.activation.kind == "together":
            turns = self._steps.setdefault(ask.step, {})
            turns[ask.agent, ask.turn] = turns.get((ask.agent, ask.turn), 0) + 1
            return
        reach = getattr(society.worlds[0], "reach", None) if len(society.worlds) == 1 else None
        found = reach(Turn(ask.seed, ask.step, ask.agent, ask.turn)) if reach is not None else None
        if found is None:
            self._all = max([self._all, *self._ends.values()]) + 1
            self._ends.clear()
            return
        end = max([self._all, *(self._ends.get(agent, 0) for agent in found.reads)]) + 1
        for agent in found.writes:
            self._ends[agent] = end

    @property
    def length(self) -> int:
        """Calls in it."""
        together = sum(max(turns.values()) for turns in self._steps.values())
        return self._rounds + max([self._all, *self._ends.values()]) + together


class _Counted:
    """A rehearsed model that also tells the chain."""

    def __init__(self, rehearsal: Rehearsal, chain: _Chain) -> None:
        self.name = rehearsal.name
        self.rehearsal = rehearsal
        self._chain = chain

    def now(self, ask: Ask) -> Reply:
        """What the rule says."""
        self._chain.take(ask)
        return self.rehearsal.now(ask)


class _One(NamedTuple):
    """One replicate, all its arms."""

    rehearsals: list[Rehearsal]
    chain: int


def plan(
    scenario: Source,
    overrides: Overrides = (),
    *,
    rehearse: int = 5,
    latency: float = LATENCY,
    progress: Callable[[str], None] | None = None,
    **more: Any,
) -> Forecast:
    """Forecast calls, tokens, dollars and time of a scenario with its experiment. Nobody is asked; no key is needed.

    rehearse: replicates to rehearse; a scenario without replicates is rehearsed under further seeds. latency: seconds a
    call takes. progress: told of each rehearsal. Raises ScenarioError as `load` does.
    """
    layout = lay_out(scenario, overrides, **more)
    by_replicate: dict[int, list[Planned]] = {}
    for run in layout.runs:
        by_replicate.setdefault(run.replicate, []).append(run)
    replicates = len(by_replicate)
    done: list[_One] = []
    for number in range(rehearse if replicates == 1 else min(rehearse, replicates)):
        runs = by_replicate[number] if number in by_replicate else by_replicate[0]
        shift = 0 if number in by_replicate else number
        if progress is not None:
            progress(f"rehearsal {number + 1}: {len(runs)} {'run' if len(runs) == 1 else 'runs'}")
        done.append(_rehearsed([run.scenario for run in runs], shift))
    return _forecast(layout.scenario, len(layout.runs), replicates, done, latency)


def _rehearsed(scenarios: Sequence[Scenario], shift: int) -> _One:
    """Every arm of a replicate, with what they share counted once."""
    seen: set[bytes] = set()
    found: list[Rehearsal] = []
    longest = 0
    for scenario in scenarios:
        chain = _Chain()

        def make(spec: BackendSpec, *, prompts: Any, seed: int, chain: _Chain = chain) -> Backend:
            provider, _, model = spec.model.partition("/")
            if not model or provider == "replay":
                return build(spec, prompts=prompts, seed=seed)  # answers by itself, and costs nothing
            rehearsal = Rehearsal(spec, prompts, mechanistic("", spec, prompts=prompts, seed=seed), seen)
            found.append(rehearsal)
            return _Counted(rehearsal, chain)

        society = Society(scenario, scenario.seed + shift, rehearse=make)
        chain.society = society
        society.run_model()
        longest = max(longest, chain.length)
    return _One(found, longest)


def _forecast(scenario: Scenario, runs: int, replicates: int, done: Sequence[_One], latency: float) -> Forecast:
    models = list(dict.fromkeys(r.name for one in done for r in one.rehearsals))
    lines = [_line(model, replicates, done) for model in models]
    asked = sum(r.asked.calls for one in done for r in one.rehearsals)
    reused = sum(r.reused for one in done for r in one.rehearsals)
    slots = max((r.spec.slots for one in done for r in one.rehearsals), default=1)
    calls = [sum(line.calls[i] for line in lines) for i in range(3)]
    chains = sorted(one.chain for one in done) or [0]
    limits = (chains[0], chains[len(chains) // 2], chains[-1])
    least = [max(number / slots, chain) * latency for number, chain in zip(calls, limits, strict=True)]
    seconds = Range(least[0], 1.4 * least[1], 2.0 * least[2])
    share = reused / (asked + reused) if asked + reused else 0.0
    return Forecast(scenario.name, runs, len(done), lines, share, seconds, slots, latency)


def _line(model: str, replicates: int, done: Sequence[_One]) -> Line:
    """What one model is asked, over all replicates that are planned."""
    own = [[r for r in one.rehearsals if r.name == model] for one in done]
    calls = _predicted([float(sum(r.asked.calls for r in several)) for several in own], replicates)
    read = _predicted([sum(r.asked.tokens_in() for r in several) for several in own], replicates)
    short = _predicted([sum(r.asked.said[0] for r in several) for several in own], replicates)
    long = _predicted([sum(r.asked.said[1] for r in several) for several in own], replicates)
    said = Range(short.low, (short.mean + long.mean) / 2, long.high)
    price = own[0][0].price
    return Line(model, calls, read, said, None if price is None else _dollars(price, read, said))


def _dollars(price: Price, read: Range, said: Range) -> Range:
    return Range(*(r * price.prompt + s * price.completion for r, s in zip(read, said, strict=True)))


def _predicted(values: Sequence[float], replicates: int) -> Range:
    """The sum over so many replicates, with a 95% prediction interval from those rehearsed.

    For one run on the scale of logarithms: times to agreement are far from normal.
    """
    known, middle = len(values), replicates * mean(values)
    if known < 2 or min(values) == max(values):
        return Range(middle, middle, middle)
    from scipy.stats import t

    reach = float(t.ppf(0.975, known - 1)) * sqrt(replicates + replicates**2 / known)
    if replicates == 1 and min(values) > 0:
        logs = [log(value) for value in values]
        return Range(exp(mean(logs) - reach * stdev(logs)), middle, exp(mean(logs) + reach * stdev(logs)))
    half = reach * stdev(values)
    return Range(max(0.0, middle - half), middle, middle + half)
