"""Whole runs against a server on loopback, with the real clients: same meaning whatever the wire does."""

import json

import pytest

import simsoc
from simsoc.core.errors import RateLimited, Unreachable
from simsoc.society import Society
from tests.loopback import (
    CUT,
    EMPTY,
    HALF_JSON,
    HANG,
    LENGTH,
    PROSE,
    REFUSAL,
    RESET,
    WRONG,
    Loopback,
    always,
    in_turn,
    lot,
    slow,
    status,
)

BASE = {
    "name": "live",
    "steps": 3,
    "world": {
        "kind": "opinion",
        "labels": ["k", "z"],
        "stop": "never",
        "rule": {"kind": "curie_weiss", "beta": 1.0},
    },
    "population": {"n": 12},
    "network": {"kind": "ring", "k": 4},
    "activation": "together",
}
REGIMES = ["together", "one_by_one", {"kind": "one_by_one", "replacement": False}]
CLIENTS = [("openai/test", "sdk"), ("openai/test", "lean"), ("litellm/openai/test", "sdk")]


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def served(server, model="openai/test", transport="lean", **settings):
    return {"model": model, "transport": transport, "base_url": server.base_url, "slots": 5, **settings}


def ran(tmp_path, server, name="run", design=None, **settings):
    made = {**BASE, **(design or {}), "backend": served(server, **settings)}
    return simsoc.run(made, seed=4, log=tmp_path / f"{name}.db", overwrite=True)


def shuffled_latencies(seed):
    return lambda body, count: slow(0.03 * lot(seed, json.dumps(body["messages"])))


@pytest.mark.parametrize(("model", "transport"), CLIENTS)
def test_a_whole_run_through_each_client(tmp_path, model, transport):
    with Loopback() as server, ran(tmp_path, server, model=model, transport=transport) as run:
        assert run.info["status"] == "finished"
        assert len(run.asks) == server.calls == 36
        assert set(run.asks["by"]) == {model}
        assert set(run.asks["status"]) == {"ok"}
        assert set(run.asks["value"]) <= {"A", "B"}
        assert len(run.failures) == 0
        assert (run.asks["tokens_in"] > 0).all()
        assert server.most_in_flight <= 5
        assert simsoc.verify(tmp_path / "run.db") == []


@pytest.mark.parametrize("regime", REGIMES)
def test_shuffled_latencies_change_nothing(tmp_path, regime):
    digests = []
    for seed in (1, 2):
        with Loopback(behave=shuffled_latencies(seed)) as server:
            with ran(tmp_path, server, f"r{seed}", {"activation": regime}) as run:
                digests.append(run.info["digest"])
            assert server.most_in_flight <= 5
    assert digests[0] == digests[1]


def test_clients_and_slots_change_nothing(tmp_path):
    digests = set()
    for model, transport in CLIENTS:
        for slots in (1, 12):
            with Loopback() as server, ran(tmp_path, server, model=model, transport=transport, slots=slots) as run:
                digests.add(run.info["digest"])
    assert len(digests) == 1


def test_the_model_and_its_rule_see_the_same_facts(tmp_path):
    """The given facts of step 1 are those the mechanistic mind is told, agent by agent."""
    with Loopback() as server, ran(tmp_path, server) as live:
        with simsoc.run(BASE, seed=4, log=tmp_path / "rule.db") as rule:
            told = [run.asks_with(facts=True).query("step == 1").sort_values("agent") for run in (live, rule)]
        first, second = (frame[["agent", "facts.counts", "facts.own"]].to_numpy().tolist() for frame in told)
        assert first == second
        assert len(first) == 12


RECOVER = {"prose": PROSE, "half": HALF_JSON, "wrong": WRONG, "empty": EMPTY, "500": status(500),
           "429": status(429, retry_after=0.01), "reset": RESET, "cut": CUT}  # fmt: skip


@pytest.mark.parametrize("fault", RECOVER)
@pytest.mark.parametrize(("model", "transport"), CLIENTS)
def test_one_fault_is_recovered_from_and_stays_visible(tmp_path, fault, model, transport):
    """Each call meets the fault once: retried or repaired, with the failed try as a row."""
    design = {"steps": 1, "population": {"n": 4}, "network": "complete"}
    with Loopback(behave=in_turn(RECOVER[fault])) as server:
        with ran(tmp_path, server, design=design, model=model, transport=transport) as run:
            assert set(run.asks["status"]) == {"ok"}
            assert (run.asks["attempts"] == 2).all()
            assert len(run.failures) == 4


SILENCES = {"prose": (PROSE, "unparseable"), "half": (HALF_JSON, "unparseable"), "wrong": (WRONG, "unparseable"),
            "refusal": (REFUSAL, "refused"), "length": (LENGTH, "truncated")}  # fmt: skip


@pytest.mark.parametrize("fault", SILENCES)
def test_what_the_model_never_gives_is_a_row_and_no_opinion(tmp_path, fault):
    act, reason = SILENCES[fault]
    with Loopback(behave=always(act)) as server, ran(tmp_path, server) as run:
        assert run.info["status"] == "finished"
        assert set(run.asks["status"]) == {reason}
        assert run.asks["value"].isna().all()
        assert len(run.events_of("silent")) == 36
        assert len(run.events_of("set")) == 0
        assert set(run.failures["kind"]) >= {reason}
        start, end = (run.opinions[run.opinions.step == s].opinion.tolist() for s in (0, 3))
        assert start == end


WIRE = {
    "429": (status(429, retry_after=3600), RateLimited),
    "500": (status(500), Unreachable),
    "reset": (RESET, Unreachable),
}


@pytest.mark.parametrize("fault", WIRE)
def test_a_server_that_stays_away_stops_the_run_before_the_step(tmp_path, fault):
    """Step 1 is answered; in step 2 the wire fails for good. Step 1 is in the log, and every answer that came."""
    act, error = WIRE[fault]
    seen = []

    def behave(body, count):
        seen.append(1)
        return act if len(seen) > 15 else None

    with Loopback(behave=behave) as server:
        with pytest.raises(error):
            ran(tmp_path, server, retries=1, slots=3)
    with simsoc.open_run(tmp_path / "run.db") as run:
        assert run.info["status"] == "stopped"
        assert run.info["steps"] == 1
        assert run.events.step.max() == 1
        assert len(run.asks[run.asks.status == "ok"]) == 15
        assert len(run.failures) >= 2
    assert not any(finding.serious for finding in simsoc.verify(tmp_path / "run.db"))


def test_on_failure_skip_goes_on_and_counts(tmp_path):
    with Loopback(
        behave=lambda body, count: status(500) if lot("x", json.dumps(body["messages"])) < 0.3 else None
    ) as server:
        with ran(tmp_path, server, design={"on_failure": "skip"}, retries=0) as run:
            assert run.info["status"] == "finished"
            assert len(run.asks) == 36
            failed = run.asks[run.asks.status == "failed"]
            assert 0 < len(failed) < 36
            assert len(run.events_of("silent")) == len(failed)


def test_a_hung_server_is_timed_out(tmp_path):
    design = {"steps": 1, "population": {"n": 3}, "network": "complete"}
    with Loopback(behave=in_turn(HANG)) as server, ran(tmp_path, server, design=design, timeout=0.3) as run:
        assert (run.asks["attempts"] == 2).all()
        assert set(run.failures["kind"]) == {"timed_out"}


@pytest.mark.parametrize("choice", ["elicit", "logprobs"])
def test_choices_drawn_on_the_host(tmp_path, choice):
    with Loopback() as server, ran(tmp_path, server, design={"choice": choice}) as run:
        assert set(run.asks["status"]) == {"ok"}
        assert set(run.asks["choice"]) == {choice}
        digest = run.info["digest"]
    with Loopback(behave=shuffled_latencies(3)) as server, ran(tmp_path, server, "again", {"choice": choice}) as run:
        assert run.info["digest"] == digest


def test_groups_with_different_models_in_one_run(tmp_path):
    with Loopback() as one, Loopback() as two:
        backend = {
            "model": "mechanistic",
            "groups": [
                {"who": {"ids": [0, 1, 2]}, **served(one, "openai/one")},
                {"who": {"share": 0.5}, **served(two, "openai/two", "sdk")},
            ],
        }
        with simsoc.run({**BASE, "backend": backend}, seed=4, log=tmp_path / "run.db") as run:
            by = run.asks.groupby("agent")["by"].agg(lambda names: set(names).pop())
        assert one.calls == 9
        assert two.calls > 0
    assert by[0] == by[1] == by[2] == "openai/one"
    assert set(by) == {"openai/one", "openai/two", "curie_weiss"}


def test_growth_runs_against_a_server(tmp_path):
    design = {
        "name": "grow", "population": {"n": 25},
        "world": {"kind": "growth", "design": {"kind": "newcomers", "m": 2}, "rule": "kernel"},
    }  # fmt: skip
    with Loopback() as server:
        with simsoc.run({**design, "backend": served(server)}, seed=1, log=tmp_path / "run.db") as run:
            assert run.graph().number_of_edges() == 46
            assert run.graph().is_directed()
            assert set(run.asks["status"]) == {"ok"}
            prompt = run.asks_with(texts=True)["prompt"].iloc[-1]
    assert '"followers"' in prompt.replace("\\", "")


def test_the_loop_thread_ends_with_the_run(tmp_path):
    import threading

    with Loopback() as server:
        with ran(tmp_path, server):
            pass
        assert not [t for t in threading.enumerate() if t.name.startswith("simsoc")]


def test_a_society_given_up_by_hand_lets_everything_go(tmp_path):
    import threading

    with Loopback() as server:
        society = Society({**BASE, "backend": served(server)}, 4, log=tmp_path / "run.db")
        society.step()
        society.close()
        assert not [t for t in threading.enumerate() if t.name.startswith("simsoc")]
    with simsoc.open_run(tmp_path / "run.db") as run:
        assert run.info["status"] == "stopped"
        assert run.info["steps"] == 1


def test_keys_never_reach_log_or_errors(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-1234")
    with Loopback(behave=always(status(401, "bad key sk-very-secret-1234"))) as server:
        with pytest.raises(simsoc.core.errors.SimsocError) as caught:
            ran(tmp_path, server)
        assert server.keys == {"Bearer sk-very-secret-1234"} or "Bearer sk-very-secret-1234" in server.keys
    assert "secret" not in str(caught.value)
    for file in tmp_path.iterdir():
        assert b"very-secret" not in file.read_bytes()
