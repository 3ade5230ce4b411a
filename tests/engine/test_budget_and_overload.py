"""Whole runs against a server that says later, and runs that may spend only so much."""

import json

import pytest

import simsoc
from simsoc.core.errors import OverBudget
from simsoc.society import Society, new_hub
from tests.killing import design
from tests.loopback import Loopback, lot, slow, status
from tests.timing import often


def served(server, **more):
    return {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 32, **more}


def big(regime, n=60, steps=6):
    return {**design(regime), "population": {"n": n}, "steps": steps}


@pytest.mark.parametrize("regime", often(["together", "one_by_one"], "one_by_one"))
def test_a_run_lives_through_an_overload(tmp_path, regime):
    """30% of requests get 429 and 5% get 500 for a while: nothing is lost or doubled, and the slots come back."""
    seen, right = [], []

    def behave(body, count):
        seen.append(1)
        if len(seen) <= 100:
            drawn = lot("storm", json.dumps(body["messages"]), count)
            if drawn < 0.30:
                return status(429, retry_after=0.02)
            if drawn < 0.35:
                return status(500)
        right.append(json.dumps(body["messages"]))
        return slow(0.004)

    scenario = big(regime, steps=18)
    with Loopback(behave=lambda body, count: None) as server:
        with simsoc.run({**scenario, "backend": served(server)}, log=tmp_path / "calm.db") as run:
            digest, calls = run.info["digest"], len(run.asks)
    with Loopback(behave=behave) as server:
        hub = new_hub()
        society = Society({**scenario, "backend": served(server)}, log=tmp_path / "storm.db", hub=hub)
        society.run_model()
        (gate,) = hub.gates()
        hub.close()
        assert server.most_in_flight <= 32
    assert society.digest == digest
    assert len(right) == len(set(right)) == calls
    assert gate.lowest_limit < 16
    assert gate.limit == 32
    assert simsoc.verify(tmp_path / "storm.db") == []


def test_a_cap_on_calls_stops_resumably(tmp_path):
    scenario = big("one_by_one")
    with Loopback() as server:
        with simsoc.run({**scenario, "backend": served(server)}, log=tmp_path / "whole.db") as run:
            digest, calls = run.info["digest"], len(run.asks)
    with Loopback() as server:
        capped = {**scenario, "backend": served(server), "budget": {"calls": 100}}
        with pytest.raises(OverBudget, match="all 100 calls"):
            simsoc.run(capped, log=tmp_path / "r.db")
        assert server.calls == 100
        with simsoc.open_run(tmp_path / "r.db") as run:
            assert run.info["status"] == "stopped"
            assert "OverBudget" in run.info["reason"]
            assert len(run.asks) == 100  # everything that was paid for
        with pytest.raises(OverBudget):
            simsoc.resume(tmp_path / "r.db")
        assert server.calls == 100
        with simsoc.resume(tmp_path / "r.db", budget__calls=5000) as run:
            assert run.info["digest"] == digest
        assert server.calls == calls


def test_a_cap_is_never_skipped(tmp_path):
    with Loopback() as server:
        capped = {**big("together"), "backend": served(server), "budget": {"calls": 10}, "on_failure": "skip"}
        with pytest.raises(OverBudget):
            simsoc.run(capped, log=tmp_path / "r.db")
        assert server.calls == 10


def test_a_cap_on_tokens_holds(tmp_path):
    """The server tells about 130 tokens a call; slots that go out before anything is known are the error."""
    with Loopback() as server:
        capped = {**big("one_by_one"), "backend": served(server, slots=4), "budget": {"tokens": 8000}}
        with pytest.raises(OverBudget, match="tokens"):
            simsoc.run(capped, log=tmp_path / "r.db")
    with simsoc.open_run(tmp_path / "r.db") as run:
        used = run.asks.tokens_in.sum() + run.asks.tokens_out.sum()
        assert 7000 < used <= 8000


def test_only_what_changes_no_answer_may_change_on_resume(tmp_path):
    from simsoc.core.errors import ScenarioError

    with Loopback() as server:
        society = Society({**big("one_by_one"), "backend": served(server)}, log=tmp_path / "r.db")
        society.step()
        society.close()
        with pytest.raises(ScenarioError, match=r"world\.rule"):
            simsoc.resume(tmp_path / "r.db", world__rule="majority")
        with pytest.raises(ScenarioError, match="seed"):
            simsoc.resume(tmp_path / "r.db", seed=4)
    with Loopback() as server:  # another port
        with simsoc.resume(tmp_path / "r.db", backend__base_url=server.base_url, backend__slots=2) as run:
            assert run.info["status"] == "finished"
        assert server.most_in_flight <= 2


def test_a_cap_in_dollars_needs_a_price(tmp_path, monkeypatch):
    from simsoc.core.errors import ScenarioError

    monkeypatch.setenv("OPENAI_API_KEY", "none")
    capped = {**big("together"), "budget": {"dollars": 1}}
    with pytest.raises(ScenarioError, match=r"budget\.dollars.*price"):
        simsoc.check({**capped, "backend": {"model": "openai/qwen", "base_url": "http://127.0.0.1:9/v1"}})
    simsoc.check({**capped, "backend": "openai/gpt-4o-mini"})
    simsoc.check({**capped, "backend": "mechanistic"})
