"""The limit follows what the server says: down at a 429, up as calls succeed, and only the timing changes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.backends.gate import Gate
from simsoc.backends.keys import Key
from simsoc.backends.live import Model
from simsoc.backends.pace import FALL, Pace
from simsoc.backends.prompts import Prompts
from simsoc.backends.retry import Backoff
from simsoc.backends.wire import Completion, Message, Said, Usage, Wire
from simsoc.core.stream import draw
from simsoc.core.words import Answer, Ask, Reply
from simsoc.scenario.spec import BackendSpec
from tests.loopback import Act, Loopback, lot, opening, status
from tests.virtual import VirtualLoop

from .helpers import Ends, ask, model_for

# -- the limit itself --------------------------------------------------------------------------------------------------


@given(most=st.integers(1, 200), said=st.lists(st.booleans(), max_size=300))
def test_the_limit_stays_between_one_and_most(most: int, said: list[bool]) -> None:
    pace = Pace(most)
    for good in said:
        before = pace.limit
        if good:
            assert pace.succeeded(pace.falls) == (pace.limit > before)
            assert pace.limit >= before
        else:
            assert pace.refused(pace.falls)
            assert pace.limit <= before
            assert pace.limit == 1 or pace.limit < before
        assert 1 <= pace.lowest <= pace.limit <= most


def test_a_round_of_calls_lowers_it_once() -> None:
    pace = Pace(64)
    sent = pace.falls
    assert [pace.refused(sent) for _ in range(64)] == [True] + [False] * 63
    assert pace.limit == int(64 * FALL)
    assert not any(pace.succeeded(sent) for _ in range(200))
    assert pace.refused(pace.falls)
    assert pace.limit == int(int(64 * FALL) * FALL)


@pytest.mark.parametrize("falls", [1, 3, 10])
def test_it_comes_back(falls: int) -> None:
    pace = Pace(64)
    for _ in range(falls):
        pace.refused(pace.falls)
    climbed = []
    while pace.limit < 64:
        pace.succeeded(pace.falls)
        climbed.append(pace.limit)
    assert climbed == sorted(climbed)
    assert 10 < len(climbed) < 600
    assert pace.falls == falls
    assert pace.lowest <= max(1, 64 * FALL**falls)


def test_it_lingers_where_the_server_last_said_no() -> None:
    pace = Pace(1000)
    for _ in range(3):
        before = pace.limit
        pace.refused(pace.falls)
    rounds = []
    while pace.limit < 1000:
        for _ in range(pace.limit):
            pace.succeeded(pace.falls)
        rounds.append(pace.limit)
    assert sum(abs(limit - before) <= 0.02 * before for limit in rounds) >= 4
    steps = [b - a for a, b in pairwise(rounds)]
    assert steps[0] > 10 * min(steps) < steps[-2]


# -- in front of a backend ---------------------------------------------------------------------------------------------


class Shaky:
    """A backend that says what became of each try, and rests in between. Checks the limit whenever it sends."""

    name = "shaky"
    slots = 8

    def __init__(self, kinds: Callable[[Ask, int], str], seconds: Callable[[Ask, int], float]) -> None:
        self.kinds = kinds
        self.seconds = seconds
        self.tries: Gate = None  # type: ignore[assignment]
        self.now = self.most = 0
        self.sent: list[int] = []
        self.ended: Counter[int] = Counter()

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def put(self, asked: Ask) -> None:
        return None

    async def __call__(self, asked: Ask, ready: Any = None) -> Reply:
        gate, count = self.tries, 0
        while True:
            assert self.now < gate.limit, "sent beyond the limit"
            ticket = gate.sending()
            self.sent.append(asked.agent)
            self.now += 1
            self.most = max(self.most, self.now)
            assert self.now == gate.in_flight
            await asyncio.sleep(self.seconds(asked, count))
            self.now -= 1
            kind = self.kinds(asked, count)
            gate.tried(ticket, kind)
            if kind == "answered":
                self.ended[asked.agent] += 1
                return Answer(value=asked.agent, source="live", by="shaky")
            count += 1
            await gate.rest(5 * self.seconds(asked, -count))


def virtually(main: Callable[[], Any]) -> Any:
    """Run a coroutine function on a virtual clock."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


@given(slots=st.integers(1, 8), n=st.integers(1, 60), bad=st.floats(0, 0.8), seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_every_try_keeps_to_the_limit_and_nothing_is_lost(slots: int, n: int, bad: float, seed: int) -> None:
    def kinds(asked: Ask, count: int) -> str:
        lot = draw(seed, "kind", asked.agent, count)
        return "answered" if lot >= bad or count > 20 else "rate_limited" if lot < 0.8 * bad else "server_error"

    live = Shaky(kinds, lambda asked, count: draw(seed, "seconds", asked.agent, count))
    gate = Gate(live, slots)

    async def main() -> None:
        ends = Ends(n)
        for agent in range(n):
            gate.submit(agent, ask(agent=agent), ends)
            if draw(seed, "pause", agent) < 0.2:
                await asyncio.sleep(0.5)
        assert sorted(reply.value for reply in await ends.all()) == list(range(n))
        await gate.close()

    virtually(main)
    assert live.ended == Counter(range(n))
    assert live.most == gate.most_in_flight <= slots
    assert (gate.in_flight, gate.resting, gate.waiting, gate._active) == (0, 0, 0, 0)
    assert gate._placed == 0


def test_calls_that_rest_are_dropped_with_those_that_wait() -> None:
    live = Shaky(lambda asked, count: "answered" if asked.agent == 3 else "rate_limited", lambda asked, count: 1.0)
    gate = Gate(live, 4)

    async def main() -> None:
        got: list[Any] = []
        for agent in range(6):
            gate.submit(agent, ask(agent=agent), got.append, owner=agent % 2)
        await asyncio.sleep(2.0)
        assert [reply.value for reply in got] == [3]
        assert (gate.resting, gate.waiting, gate.in_flight) == (3, 2, 0)
        assert gate.limit == 2
        assert gate.clear(0) == 3  # 0, 2 and 4: there is room for 5 beside 1, which rests
        await asyncio.sleep(0.5)
        assert (gate.resting, gate.waiting, gate.in_flight) == (1, 0, 1)
        assert gate.clear(1) == 1  # 1; 5 is in flight
        await asyncio.sleep(2)
        assert (gate.resting, gate.in_flight) == (1, 0)
        assert gate.clear() == 1
        await gate.close()
        assert len(got) == 1

    virtually(main)
    assert (gate.in_flight, gate._placed, gate._active) == (0, 0, 0)


def test_close_ends_calls_that_rest() -> None:
    live = Shaky(lambda asked, count: "rate_limited", lambda asked, count: 1.0)

    async def main() -> None:
        gate = Gate(live, 2)
        for agent in range(3):
            gate.submit(agent, ask(agent=agent), lambda outcome: pytest.fail("dropped"))
        await asyncio.sleep(3)
        assert gate.resting == 2
        await asyncio.wait_for(gate.close(), 5)
        assert not gate._workers

    virtually(main)


def test_further_tries_take_their_turn_among_the_starts() -> None:
    live = Shaky(lambda asked, count: "answered" if count else "server_error", lambda asked, count: 0.1)
    gate = Gate(live, 8, per_minute=60)

    async def main() -> float:
        ends = Ends(5)
        for agent in range(5):
            gate.submit(agent, ask(agent=agent), ends)
        await ends.all()
        await gate.close()
        return asyncio.get_running_loop().time()

    assert 9.0 <= virtually(main) <= 9.5  # ten requests, a second apart


# -- in front of a model -----------------------------------------------------------------------------------------------


class Bucket:
    """A server with a limit per second, as providers have: a bucket of tokens, filled steadily."""

    takes_schemas = True

    def __init__(self, rate: float, holds: float, latency: float) -> None:
        self.rate, self.holds, self.latency = rate, holds, latency
        self.tokens, self.filled = holds, 0.0
        self.good = self.bad = 0

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def send(self, body: dict[str, Any]) -> Wire:
        now = asyncio.get_running_loop().time()
        self.tokens = min(self.holds, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if self.tokens < 1:
            self.bad += 1
            await asyncio.sleep(0.05)
            return Wire(429, b"{}", {})
        self.tokens -= 1
        await asyncio.sleep(self.latency * (0.5 + lot(body["messages"])))
        self.good += 1
        return Wire(200, b"", {}, Completion([Said(Message('{"answer": "k"}'), "stop")], Usage(10, 1)))


@pytest.mark.parametrize(
    ("rate", "n", "used", "noes"), [(8, 1000, 0.96, 0.15), (40, 4000, 0.95, 0.03), (0.1, 30, 0.5, 6)]
)
def test_a_limit_per_second_is_used_and_not_run_against(
    templates: Prompts, rate: float, n: int, used: float, noes: float
) -> None:
    server = Bucket(rate, max(rate, 1.0), 1.0)
    spec = BackendSpec(model="openai/x", slots=64)
    gate = Gate(Model(spec.model, "x", spec, server, Key("none", "nowhere"), templates))

    async def main() -> float:
        ends = Ends(n)
        for agent in range(n):
            gate.submit(agent, ask(agent=agent), ends)
        assert all(isinstance(reply, Answer) for reply in await ends.all())
        await gate.close()
        return asyncio.get_running_loop().time()

    seconds = virtually(main)
    assert server.good == n
    assert (n - server.holds) / rate >= used * seconds
    assert server.bad <= noes * n


@pytest.mark.parametrize("retry_after", [None, 0.02])
def test_a_storm_is_weathered(templates: Prompts, retry_after: float | None) -> None:
    """30% of the first requests are told 429 and 5% fail; two runs share one gate; then the server is well."""
    n, storm, slots = 1000, 400, 64
    good: Counter[str] = Counter()

    def behave(body: dict[str, Any], count: int) -> Act | None:
        prompt = str(opening(body["messages"]))
        if server.calls <= storm:
            fate = lot("fate", prompt, count)
            if fate < 0.30:
                return status(429, "slow down", retry_after)
            if fate < 0.35:
                return status(500)
        good[prompt] += 1
        return None

    got: Counter[int] = Counter()
    course: list[int] = []

    async def main(models: list[Model]) -> None:
        gate = Gate(models[0])
        finished = asyncio.get_running_loop().create_future()

        def receive(agent: int, outcome: Any) -> None:
            assert isinstance(outcome, Answer), outcome
            got[agent] += 1
            course.append(gate.limit)
            if got.total() == n:
                finished.set_result(None)

        for model in models:
            model.backoff = Backoff(base=0.01, most=0.05)
            await model.open()
        for agent in range(n):
            gate.submit(agent, ask(agent=agent), lambda end, a=agent: receive(a, end), models[agent % 2])
        await asyncio.wait_for(finished, 20)
        assert gate.limit == slots
        assert gate.lowest_limit <= slots / 8
        assert gate.most_in_flight <= slots
        await models[1].close()
        await gate.close()

    with Loopback(behave, latency=0.005) as server:
        models = [model_for("lean", server.base_url, templates, slots=slots) for _ in range(2)]
        asyncio.run(main(models))
    assert got == Counter(range(n))
    assert len(good) == n
    assert set(good.values()) == {1}
    assert server.most_in_flight <= slots
    assert min(course) < course[-1] == slots
