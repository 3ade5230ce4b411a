"""Running ahead by distance (methods.md 8.3): causality, the same events, and how much faster."""

import heapq

import pytest

from tests.timing import often
from tests.virtual import RULES, Stub, VirtualHub, lognormal
from tests.walkers import Barrier, Walkers, walk


def through(kind, n, size, steps, slots, seed, sigma=1.0, watch=None):
    hub, stub = VirtualHub(), Stub(RULES, lognormal(seed, sigma), slots)
    world = kind(n, size, seed)
    world.watch = watch
    try:
        engine = walk(world, steps, stub, hub)
    finally:
        hub.close()
    return engine, stub


def causal(world):
    """The invariant of AI Metropolis, section 3: nobody is ahead of somebody who may still come to see it.

    There an agent commits together with all it is coupled to. Here it may be a step ahead of somebody near by who has
    looked around for that step already, and who can have moved once since its place was known.
    """
    for a in range(world.n):
        for b in range(world.n):
            looked = max(world.at[b], world.seen[b])
            lead = world.at[a] - looked
            if lead > 0:
                moved = (looked - world.at[b]) * world.speed
                assert world.distance(a, b) > world.radius + (lead - 1) * world.speed - moved


@pytest.mark.parametrize(("size", "seed"), [(20, 1), (60, 2), (150, 3), (400, 4)])
def test_nobody_is_ahead_of_what_could_reach_it(size, seed):
    n, steps = 20, 40
    lead = []

    def watch(world):
        causal(world)
        lead.append(max(world.at) - min(world.at))

    engine, _ = through(Walkers, n, size, steps, 16, seed, watch=watch)
    barrier, _ = through(Barrier, n, size, steps, 16, seed)
    assert engine.digest.hex() == barrier.digest.hex()
    if size >= 150:
        assert max(lead) > 1  # somebody did run ahead, or nothing was tested


@pytest.mark.long
def test_the_invariant_over_a_thousand_steps():
    """Methods.md 8.3.1: 50 agents, 1,000 steps, checked after every 25th commit."""
    count = [0]

    def watch(world):
        count[0] += 1
        if count[0] % 25 == 0:
            causal(world)

    engine, _ = through(Walkers, 50, 200, 1000, 25, 7, watch=watch)
    barrier, _ = through(Barrier, 50, 200, 1000, 25, 7)
    assert engine.digest.hex() == barrier.digest.hex()


def ideal(n, steps, slots, wait):
    """When the last call ends if agents wait for nobody: smaller steps first, no slot idle while there is work."""
    ready = [(1, agent) for agent in range(n)]
    heapq.heapify(ready)
    running, now = [], 0.0
    while ready or running:
        while ready and len(running) < slots:
            step, agent = heapq.heappop(ready)
            heapq.heappush(running, (now + wait(step, agent), step, agent))
        now, step, agent = heapq.heappop(running)
        if step < steps:
            heapq.heappush(ready, (step + 1, agent))
    return now


def waits(seed):
    class Address:
        def __init__(self, step, agent):
            self.identity = (seed, agent, step, 0, "walk", 0)

    latency = lognormal(seed, 1.0)
    return lambda step, agent: latency(Address(step, agent))


@pytest.mark.parametrize(
    ("slots", "gain"),
    often([(8, 1.24), (32, 2.9), (100, 6.7)], (100, 6.7)),
)
def test_far_apart_is_nearly_ideal(slots, gain):
    """Methods.md 8.3.2: 100 agents too far apart to interact, 150 steps, latency lognormal with sigma 1."""
    seed, n, steps = 5, 100, 150
    _, ahead = through(Walkers, n, 1e6, steps, slots, seed)
    _, barrier = through(Barrier, n, 1e6, steps, slots, seed)
    assert ideal(n, steps, slots, waits(seed)) >= 0.85 * ahead.ended
    assert barrier.ended / ahead.ended > 0.85 * gain


def test_a_crowd_gains_nothing():
    """Where everybody sees everybody, running ahead is the barrier."""
    _, ahead = through(Walkers, 40, 2.0, 40, 16, 6)
    _, barrier = through(Barrier, 40, 2.0, 40, 16, 6)
    assert barrier.ended / ahead.ended == pytest.approx(1.0, abs=0.05)
