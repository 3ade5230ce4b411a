"""The gate: never more in flight than slots, smaller orders first, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.backends.gate import Gate
from simsoc.core.errors import RateLimited
from simsoc.core.stream import draw
from simsoc.core.words import Answer, Ask, Reply

from .helpers import Ends, ask


class Slow:
    """Answers after some rounds of the event loop."""

    name = "slow"
    slots = 4

    def __init__(self, rounds: Callable[[Ask], int] = lambda asked: 1, fail: frozenset[int] = frozenset()) -> None:
        self.rounds = rounds
        self.fail = fail
        self.now = 0
        self.most = 0
        self.rendered: list[int] = []
        self.started: list[int] = []
        self.opened = self.closed = False

    async def open(self) -> None:
        self.opened = True

    async def close(self) -> None:
        self.closed = True

    def put(self, asked: Ask) -> int:
        self.rendered.append(asked.agent)
        return asked.agent

    async def __call__(self, asked: Ask, ready: Any = None) -> Reply:
        assert ready in (None, asked.agent)
        self.now += 1
        self.most = max(self.most, self.now)
        self.started.append(asked.agent)
        try:
            for _ in range(self.rounds(asked)):
                await asyncio.sleep(0)
        finally:
            self.now -= 1
        if asked.agent in self.fail:
            raise RateLimited("no")
        return Answer(value=asked.agent, source="live", by="slow")


def drive(gate: Gate, work: Callable[[Callable[[int, Ask], None]], Awaitable[None]], expected: int) -> list[Any]:
    """Run the work, which submits; the outcomes in the order they came."""
    got: list[Any] = []

    async def main() -> None:
        await gate.open()
        finished = asyncio.get_running_loop().create_future()

        def done(outcome: Any) -> None:
            got.append(outcome)
            if len(got) == expected:
                finished.set_result(None)

        await work(lambda order, asked: gate.submit(order, asked, done))
        if expected:
            await asyncio.wait_for(finished, 10)
        await gate.close()

    asyncio.run(main())
    return got


@given(
    slots=st.integers(1, 6),
    orders=st.lists(st.integers(-3, 3), max_size=40),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_never_more_than_slots_and_nothing_lost(slots: int, orders: list[int], seed: int) -> None:
    live = Slow(lambda asked: int(draw(seed, asked.agent) * 5), fail=frozenset(range(0, 40, 7)))
    gate = Gate(live, slots)

    async def work(submit: Callable[[int, Ask], None]) -> None:
        for i, order in enumerate(orders):
            submit(order, ask(agent=i))
            if draw(seed, "pause", i) < 0.3:
                await asyncio.sleep(0)

    got = drive(gate, work, len(orders))
    assert live.most <= slots
    assert gate.most_in_flight == live.most
    assert gate.in_flight == 0
    values = [outcome.value for outcome in got if isinstance(outcome, Answer)]
    assert sorted(values) == [i for i in range(len(orders)) if i not in live.fail]
    assert sum(isinstance(outcome, RateLimited) for outcome in got) == len(orders) - len(values)


def test_smaller_orders_first_and_ties_as_they_came() -> None:
    live = Slow()
    gate = Gate(live, 1)

    async def work(submit: Callable[[int, Ask], None]) -> None:
        for agent, order in enumerate([5, 3, 3, 1, 9]):
            submit(order, ask(agent=agent))

    drive(gate, work, 5)
    assert live.started == [3, 1, 2, 0, 4]
    assert (live.opened, live.closed) == (True, True)


def test_workers_are_made_as_needed() -> None:
    gate = Gate(Slow(), 50)

    async def work(submit: Callable[[int, Ask], None]) -> None:
        for i in range(3):
            submit(0, ask(agent=i))
            await asyncio.sleep(0.001)
        assert len(gate._workers) == 1

    drive(gate, work, 3)


def test_a_receiver_that_fails_takes_no_slot_away() -> None:
    live = Slow()
    seen: list[Any] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: seen.append(context["exception"]))
        gate = Gate(live, 1)
        finished = asyncio.get_running_loop().create_future()
        gate.submit(0, ask(agent=0), lambda outcome: 1 / 0)
        gate.submit(1, ask(agent=1), finished.set_result)
        assert (await asyncio.wait_for(finished, 5)).value == 1
        await gate.close()

    asyncio.run(main())
    assert isinstance(seen[0], ZeroDivisionError)


def test_clear_and_close_drop_what_waits() -> None:
    live = Slow(lambda asked: 1000)

    async def main() -> None:
        gate = Gate(live, 1)
        for agent in range(5):
            gate.submit(agent, ask(agent=agent), lambda outcome: pytest.fail("dropped"))
        await asyncio.sleep(0)
        assert gate.clear() == 4
        gate.submit(9, ask(agent=9), lambda outcome: pytest.fail("dropped"))
        await gate.close()

    asyncio.run(main())
    assert live.started == [0]


def test_clear_forgets_one_owners_calls() -> None:
    live = Slow(lambda asked: 3)
    gate = Gate(live, 1)
    got: list[int] = []

    async def main() -> None:
        finished = asyncio.get_running_loop().create_future()

        def done(outcome: Any) -> None:
            got.append(outcome.value)
            if outcome.value == 8:
                finished.set_result(None)

        for agent in range(9):
            gate.submit((0, 9 - agent) if agent else (0, 0), ask(agent=agent), done, owner=("a", "b")[agent % 2])
        await asyncio.sleep(0)
        assert (gate.waiting, gate.in_flight) == (8, 1)
        assert gate.clear("b") == 4
        assert gate.clear("nobody") == 0
        gate.submit((1,), ask(agent=8), done, owner="b")
        await asyncio.wait_for(finished, 5)
        await gate.close()

    asyncio.run(main())
    assert got == [0, 8]  # 8 of owner "a" is the first of the rest; smaller orders first


def test_a_call_may_go_to_another_backend() -> None:
    own, other = Slow(lambda asked: 2), Slow(lambda asked: 2)
    gate = Gate(own, 2)

    async def main() -> None:
        ends = Ends(6)
        for agent in range(6):
            live = other if agent % 2 else None
            gate.submit(agent, ask(agent=agent), ends, live, agent if agent > 3 else None)
        await ends.all()
        await gate.close()

    asyncio.run(main())
    assert (sorted(own.started), sorted(other.started)) == ([0, 2, 4], [1, 3, 5])
    assert own.most + other.most >= gate.most_in_flight == 2
    assert (own.rendered, other.rendered) == ([2], [3])  # what comes rendered is not rendered again
    assert (own.closed, other.closed) == (True, False)


def test_calls_that_wait_are_rendered_beforehand() -> None:
    live = Slow(lambda asked: 3)
    gate = Gate(live, 2)

    async def work(submit: Callable[[int, Ask], None]) -> None:
        for i in range(6):
            submit(i, ask(agent=i))

    drive(gate, work, 6)
    assert live.rendered == [2, 3, 4, 5]


def test_starts_are_spaced() -> None:
    live = Slow()
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    gate = Gate(live, 3, per_minute=60, sleep=nap)

    async def work(submit: Callable[[int, Ask], None]) -> None:
        for i in range(4):
            submit(i, ask(agent=i))

    drive(gate, work, 4)
    assert [round(nap) for nap in naps] == [1, 2, 3]
