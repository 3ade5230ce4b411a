"""Embeddings behind a server: asked for like anything else, so logged, replayed, re-used and never paid for twice."""

import json

import numpy as np
import pytest

import simsoc
from simsoc.core.errors import BackendError, OverBudget, ScenarioError
from simsoc.core.vectors import packed, rounded, unpacked
from simsoc.society import Society
from tests.loopback import Loopback, embedded, status
from tests.virtual import RULES
from tests.worlds.remembering import traced
from tests.worlds.test_town import state

SMALL = "scenarios/town_small.yaml"
DIM = 24


def scenario(server, **more):
    """A small town that lives by rules, with vectors from a server."""
    embedder = {"kind": "openai", "model": "small", "dim": DIM, "base_url": server.base_url, "slots": 4, "retries": 1}
    overrides = {"world.days": 0.6, "minds.memory": {"embedder": embedder}, "minds.reflection": {"threshold": 20}}
    return simsoc.load(SMALL, {**overrides, **more})


@pytest.fixture(scope="module")
def paid(tmp_path_factory):
    log = tmp_path_factory.mktemp("embedded") / "run.db"
    with Loopback() as server:
        society = Society(scenario(server), log=log)
        society.run_model()
        yield server, society, log


def test_vectors_are_kept_short_and_exactly():
    vectors = np.random.default_rng(1).normal(size=(20, 384))
    for vector in vectors:
        assert (unpacked(packed(vector)) == rounded([vector])[0]).all()
        assert len(packed(vector)) == 1024
    with pytest.raises(ValueError, match="not a vector"):
        unpacked("?")


def test_every_record_gets_the_vector_of_its_text(paid):
    server, society, log = paid
    assert set(server.paths) == {"/v1/embeddings"}, "all else is answered by rules"
    texts = [text for body in server.bodies for text in body["input"]]
    assert {body["model"] for body in server.bodies} == {"small"}
    for memory in society.worlds[0].memories:
        view = memory.view()
        missing = set(view.blank())
        assert len(missing) < view.count / 2, "of the last turns alone"
        for row in range(view.count):
            record = view.record(row)
            if record.n not in missing and not record.said:
                assert record.text in texts
                true = embedded({"input": [record.text], "model": ""})["data"][0]["embedding"]
                assert (view.columns.vectors[row] == rounded([true])[0]).all()
    assert simsoc.verify(log) == []


def test_calls_are_rows_like_any_other(paid):
    server, _, log = paid
    with simsoc.open_run(log) as run:
        asks = run.asks_with(texts=True)
        rows = asks[asks["purpose"].str.startswith("embed")]
        assert len(rows) == server.calls
        assert set(rows["by"]) == {"openai-embeddings/small"}
        assert set(rows["source"]) == {"live"}
        assert (rows["tokens_in"] > 0).all()
        assert set(asks[~asks["purpose"].str.startswith("embed")]["source"]) == {"rule"}
        for value, prompt in zip(rows["value"], rows["prompt"], strict=True):
            lines = [x for x in json.loads(prompt)[-1]["content"].split("\n") if x.startswith('"')]
            assert len(value["vectors"]) == len(lines)
            assert all(len(unpacked(vector)) == DIM for vector in value["vectors"])


def test_memories_name_no_vectors_as_their_origin(paid):
    _, _, log = paid
    assert not any(str(row["by"] and row["by"][4]).startswith("embed") for row in traced(log))


def test_a_stopped_run_asks_for_no_vector_twice(paid, tmp_path):
    server, whole, log = paid
    calls = server.calls
    society = Society(scenario(server), log=tmp_path / "r.db")
    for _ in range(400):
        society.step()
    society.close()
    again = Society(scenario(server), log=tmp_path / "r.db", resume=True)
    again.run_model()
    assert again.digest == whole.digest
    assert repr(state(again.worlds[0])) == repr(state(whole.worlds[0]))
    assert server.calls - calls == calls, "as many as in one go"
    assert traced(tmp_path / "r.db") == traced(log)


def test_forks_and_replays_are_free(paid, tmp_path):
    server, whole, log = paid
    calls = server.calls
    with simsoc.fork(log, 300, world__out=0.3, log=tmp_path / "f.db") as run:
        assert run.info["digest"] == whole.digest
    with simsoc.run(scenario(server, backend=f"replay/{log}"), log=tmp_path / "p.db") as run:
        assert run.info["digest"] == whole.digest
    with simsoc.run(scenario(server, reuse=[str(log)]), log=tmp_path / "u.db") as run:
        assert run.info["digest"] == whole.digest
    assert server.calls == calls


@pytest.mark.parametrize("slots", [1, 7])
def test_slots_and_latencies_change_nothing(paid, slots):
    _, whole, _ = paid
    with Loopback(latency=0.0005, spread=0.004, seed=slots) as server:
        embedder = {"kind": "openai", "model": "small", "dim": DIM, "base_url": server.base_url, "slots": slots}
        society = Society(scenario(server, **{"minds.memory": {"embedder": embedder}}))
        society.run_model()
    assert society.digest == whole.digest


def test_rules_stand_in_where_nobody_is_asked():
    """One function for everything, and a plan of the cost: vectors of hashed words, no server."""
    with Loopback() as server:
        made = scenario(server)
        Society(made, backend=lambda ask: RULES.now(ask).value).run_model()
        forecast = simsoc.plan(made, rehearse=1)
        assert server.calls == 0
    assert [line.model for line in forecast.lines] == ["openai-embeddings/small"]
    assert forecast.lines[0].calls.mean > 50
    assert forecast.lines[0].tokens_out.mean == 0


def test_a_budget_holds_for_vectors_too(tmp_path):
    with Loopback() as server:
        with pytest.raises(OverBudget):
            simsoc.run(scenario(server, **{"budget.calls": 10}), log=tmp_path / "b.db")
        assert server.calls == 10


def test_a_server_that_fails_stops_the_run_or_is_skipped(tmp_path):
    broken = lambda body, count: status(500)  # noqa: E731
    with Loopback(behave=broken) as server:
        embedder = {"kind": "openai", "model": "small", "dim": DIM, "base_url": server.base_url, "retries": 0}
        made = scenario(server, **{"minds.memory": {"embedder": embedder}})
        with pytest.raises(BackendError):
            Society(made).run_model()
        society = Society(simsoc.load(made, {"on_failure": "skip", "world.days": 0.35}), log=tmp_path / "s.db")
        society.run_model()
        assert all(len(memory.view().blank()) == len(memory) for memory in society.worlds[0].memories)
    with simsoc.open_run(tmp_path / "s.db") as run:
        counts = [event.content.get("counts", {}) for event in run.stored_events()]
        assert sum(count.get("silent embed", 0) for count in counts) > 5


def test_vectors_of_another_length_are_told():
    with Loopback() as server:
        embedder = {"kind": "openai", "dim": 10, "base_url": server.base_url}
        with pytest.raises(ScenarioError, match="vectors have 24 numbers, not 10; write dim: 24"):
            Society(scenario(server, **{"minds.memory": {"embedder": embedder}})).run_model()
        shorter = {**embedder, "shorten": True}
        Society(scenario(server, **{"minds.memory": {"embedder": shorter}, "world.days": 0.3})).run_model()
        assert server.bodies[-1]["dimensions"] == 10


def test_memories_come_to_mind_by_what_the_server_says(paid):
    """Twin: a server whose vectors say nothing makes another run."""
    _, whole, _ = paid
    with Loopback() as server:
        embedder = {"kind": "openai", "model": "small", "dim": 3, "shorten": True, "base_url": server.base_url}
        society = Society(scenario(server, **{"minds.memory": {"embedder": embedder}}))
        society.run_model()
    assert society.digest != whole.digest
