"""The purse: caps are kept, what is unknown stops, and prices come from the map without importing anything heavy."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.backends.budget import Purse, Spent, check_budget
from simsoc.backends.gate import Gate
from simsoc.backends.prices import Price, price, unpriced
from simsoc.backends.prompts import Prompts
from simsoc.backends.wire import Usage
from simsoc.core.errors import BackendError, OverBudget, ScenarioError, Unreachable
from simsoc.core.stream import draw
from simsoc.core.words import Answer, Ask, NoAnswer, Reply
from simsoc.scenario.spec import BackendSpec, Budget
from tests.loopback import Loopback

from .helpers import Ends, ask, model_for


def reply(cost: float | None = 0.01, tokens: int | None = 100) -> Answer:
    told = {"tokens_in": tokens, "tokens_out": 10 if tokens is not None else None, "cost": cost}
    return Answer(value="A", source="live", by="openai/x", raw='{"answer": "k"}', **told)


def taken(purse: Purse) -> bool:
    try:
        purse.take()
    except OverBudget:
        return False
    return True


# -- caps --------------------------------------------------------------------------------------------------------------


def test_calls_are_counted_exactly() -> None:
    purse = Purse(calls=5, spent=Spent(calls=2))
    assert [taken(purse) for _ in range(4)] == [True, True, True, False]
    purse.book(reply())
    assert not taken(purse)
    assert purse.spent.calls == 5
    with pytest.raises(OverBudget, match=r"^budget\.calls: all 5 calls .* resume the run with a larger budget"):
        purse.take()


def test_minutes_of_earlier_sittings_count() -> None:
    now = 1000.0
    purse = Purse(minutes=10, spent=Spent(minutes=8), clock=lambda: now)
    assert taken(purse)
    now += 119
    assert taken(purse)
    assert purse.spent.minutes == pytest.approx(8 + 119 / 60)
    now += 1
    with pytest.raises(OverBudget, match=r"^budget\.minutes: 10\.0 of 10 minutes"):
        purse.take()


def test_dollars_count_what_is_in_flight() -> None:
    purse = Purse(dollars=0.105)
    assert all(taken(purse) for _ in range(4))  # nothing is known yet
    for _ in range(4):
        purse.book(reply(0.01))
    assert [taken(purse) for _ in range(8)] == [True] * 6 + [False] * 2
    with pytest.raises(OverBudget, match=r"^budget\.dollars: 0\.0400 of 0\.105 dollars are spent; 6 calls in flight"):
        purse.take()
    for _ in range(6):
        purse.book(reply(0.001))
    assert taken(purse)  # they were cheaper than expected


def test_the_mean_of_earlier_sittings_is_known() -> None:
    purse = Purse(tokens=1000, spent=Spent(tokens=900, calls=9))
    assert taken(purse)
    with pytest.raises(OverBudget, match=r"^budget\.tokens: 900 of 1,000 tokens are spent; 1 calls in flight and the"):
        purse.take()


@given(
    cap=st.floats(0.05, 5),
    slots=st.integers(1, 20),
    spread=st.floats(0, 1),
    seed=st.integers(0, 1000),
)
@settings(max_examples=80, deadline=None)
def test_a_cap_is_kept_up_to_the_error_of_the_mean(cap: float, slots: int, spread: float, seed: int) -> None:
    purse, in_flight, paid = Purse(dollars=cap), [], 0.0
    costs = [0.01 * (1 + spread * (2 * draw(seed, "cost", i) - 1)) for i in range(2000)]
    for i, cost in enumerate(costs):
        if len(in_flight) == slots:
            purse.book(reply(in_flight.pop(int(draw(seed, "which", i) * slots))))
        if not taken(purse):
            break
        in_flight.append(cost)
        paid += cost
    else:
        assert paid <= cap
        return
    for cost in in_flight:
        purse.book(reply(cost))
    assert purse.spent.dollars == pytest.approx(paid)
    assert paid <= max(cap, sum(costs[:slots])) + 0.01 * spread * slots  # nothing is known of the first `slots`
    assert paid >= cap - 0.03 - 0.01 * spread * slots


def test_failures_cost_what_came_before_them() -> None:
    purse = Purse(dollars=1, tokens=1000)
    failure = Unreachable("gone")
    failure.cost, failure.tokens_in, failure.tokens_out = 0.5, 300, 20
    for outcome in (failure, BackendError("no"), ValueError("a bug"), None):
        purse.take()
        purse.book(outcome)
    spent = purse.spent
    assert (spent.dollars, spent.tokens, spent.calls) == (0.5, 320, 4)


@pytest.mark.parametrize(
    ("caps", "odd", "said"),
    [
        ({"dollars": 5}, reply(cost=None), r"^budget\.dollars: the price of a call to openai/x is not known"),
        ({"tokens": 500}, reply(tokens=None), r"^budget\.tokens: openai/x does not say"),
    ],
)
def test_what_is_unknown_is_never_unlimited(caps: dict[str, Any], odd: Answer, said: str) -> None:
    purse = Purse(**caps)
    purse.take()
    purse.book(odd)
    with pytest.raises(OverBudget, match=said):
        purse.take()
    free = Purse(calls=3, minutes=1)
    free.take()
    free.book(odd)
    free.take()


def test_a_refusal_without_a_word_costs_nothing() -> None:
    purse = Purse(dollars=5, tokens=500)
    purse.take()
    purse.book(NoAnswer(source="live", by="openai/x", reason="refused", detail="filtered"))
    purse.take()


def test_several_threads_share_a_purse() -> None:
    purse = Purse(calls=2000)
    won: list[int] = []

    def work() -> None:
        count = 0
        while taken(purse):
            count += 1
            purse.book(reply())
        won.append(count)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 2000 == purse.spent.calls


def test_no_caps_no_limits() -> None:
    purse = Purse.of(Budget())
    for _ in range(100):
        purse.take()
        purse.book(reply(None, None))
    assert purse.spent.calls == 100


def test_an_overdrawn_purse_is_no_failure_of_the_wire() -> None:
    assert not issubclass(OverBudget, BackendError)  # or `on_failure: skip` would skip it


# -- in front of the wire ----------------------------------------------------------------------------------------------


def test_the_gate_asks_the_purse_when_a_call_is_sent(templates: Prompts) -> None:
    purse = Purse(calls=7)

    async def main(url: str) -> list[Any]:
        gate = Gate(model_for("lean", url, templates, slots=3))
        await gate.open()
        ends = Ends(10)
        for agent in range(10):
            gate.submit(agent, ask(agent=agent), ends, purse=purse)
        assert purse.spent.calls == 0  # nothing is sent yet
        await ends.all()
        await gate.close()
        return ends

    with Loopback() as server:
        got = asyncio.run(main(server.base_url))
        assert server.calls == 7
    assert sum(isinstance(end, Answer) for end in got) == 7
    assert sum(isinstance(end, OverBudget) for end in got) == 3
    assert purse.spent.tokens == sum(end.tokens_in + 7 for end in got if isinstance(end, Answer))


def test_what_is_dropped_is_given_back() -> None:
    class Endless:
        name, slots = "endless", 2

        async def open(self) -> None: ...

        async def close(self) -> None: ...

        def put(self, asked: Ask) -> None: ...

        async def __call__(self, asked: Ask, ready: Any = None) -> Reply:
            await asyncio.sleep(1000)
            raise AssertionError

    purse = Purse(dollars=1)

    async def main() -> None:
        gate = Gate(Endless())
        for agent in range(4):
            gate.submit(agent, ask(agent=agent), lambda end: pytest.fail("dropped"), purse=purse)
        await asyncio.sleep(0)
        assert (purse.spent.calls, purse._in_flight) == (2, 2)
        await gate.close()

    asyncio.run(main())
    assert (purse.spent.calls, purse._in_flight) == (2, 0)


# -- prices ------------------------------------------------------------------------------------------------------------


def test_a_price_counts_what_the_server_had_seen_before() -> None:
    dear = Price(prompt=2e-6, completion=8e-6, cached=5e-7)
    assert dear.of(Usage(1000, 100)) == pytest.approx(0.0028)
    assert dear.of(Usage(1000, 100, {"cached_tokens": 600})) == pytest.approx(0.0019)
    assert dear.of(Usage(1000, 100, {"cached_tokens": None})) == dear.of(Usage(1000, 100, "odd"))
    assert dear.of(Usage(1000, None)) is None
    assert dear.of(None) is None


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        ({"model": "openai/gpt-4o-mini"}, True),
        ({"model": "openai/gpt-4o-mini", "base_url": "https://eu.api.openai.com/v1"}, True),
        ({"model": "openai/gpt-4o-mini", "base_url": "http://localhost:8000/v1"}, False),
        ({"model": "openai/gpt-4o-mini", "base_url": "https://notapi.openai.com.evil.org/v1"}, False),
        ({"model": "openai/no-such-model"}, False),
        ({"model": "openai/ft:gpt-4o-mini-2024-07-18:me::abc"}, True),
        ({"model": "openai/gpt-5-mini", "extra": {"service_tier": "flex"}}, True),
        ({"model": "openai/gpt-4-0613", "extra": {"service_tier": "flex"}}, False),
    ],
)
def test_openai_models_are_priced_by_the_map(settings: dict[str, Any], known: bool) -> None:
    spec = BackendSpec(**settings)
    found = price(spec)
    assert (found is not None) == known
    assert (unpriced(spec) is None) == known
    if found is not None:
        assert 0 < found.cached <= found.prompt < found.completion < 1e-3


def test_the_map_says_what_litellm_says(monkeypatch: pytest.MonkeyPatch) -> None:
    from simsoc.backends.litellm import package

    for model in ("gpt-4o-mini", "gpt-5-mini", "gpt-4.1"):
        ours = price(BackendSpec(model=f"openai/{model}"))
        assert ours is not None
        theirs = package().cost_per_token(model=model, prompt_tokens=1000, completion_tokens=10)
        assert ours.of(Usage(1000, 10)) == pytest.approx(sum(theirs))


def test_another_address_in_the_environment_has_no_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1")
    assert price(BackendSpec(model="openai/gpt-4o-mini")) is None


@pytest.mark.parametrize(
    ("model", "known"),
    [
        ("mechanistic", True),
        ("null", True),
        ("litellm/anthropic/claude-sonnet-4-5", True),
        ("litellm/ollama/some-model", True),
        ("litellm/huggingface/some-model", False),
        ("litellm/nobody/knows", False),
    ],
)
def test_a_cap_in_dollars_needs_prices(model: str, known: bool) -> None:
    backends = [BackendSpec(), BackendSpec(model=model)]
    check_budget(Budget(calls=3), backends)
    if known:
        check_budget(Budget(dollars=5), backends)
    else:
        with pytest.raises(ScenarioError, match=r"budget\.dollars: cannot be kept for .*cap in tokens, calls or min"):
            check_budget(Budget(dollars=5), backends)


def test_pricing_openai_imports_nothing_heavy() -> None:
    code = (
        "import sys; from simsoc.backends.prices import price; from simsoc.scenario.spec import BackendSpec;"
        "assert price(BackendSpec(model='openai/gpt-4o-mini')); assert not {'litellm', 'openai'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "OPENAI_BASE_URL": ""})


def test_a_model_at_openai_has_its_price(monkeypatch: pytest.MonkeyPatch, templates: Prompts) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    from simsoc.backends import build

    model: Any = build(BackendSpec(model="openai/gpt-4o-mini"), prompts=templates, seed=1)
    assert model.price == price(BackendSpec(model="openai/gpt-4o-mini"))


@pytest.mark.parametrize("transport", ["sdk", "lean"])
def test_a_reply_says_what_it_cost(transport: str, templates: Prompts) -> None:
    async def main(url: str) -> Reply:
        model = model_for(transport, url, templates)
        model.price = Price(1e-6, 1e-5, 1e-7)
        await model.open()
        try:
            return await model(ask())
        finally:
            await model.close()

    with Loopback() as server:
        said = asyncio.run(main(server.base_url))
    assert said.tokens_in is not None
    assert said.cost == pytest.approx(said.tokens_in * 1e-6 + 7e-5)


# -- the scenario ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [{"dollars": 0}, {"dollars": -1}, {"calls": 0}, {"tokens": 1.5}, {"euros": 5}])
def test_a_budget_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Budget.model_validate(wrong)
    assert Budget.model_validate({"dollars": 5, "minutes": 90}).dollars == 5
