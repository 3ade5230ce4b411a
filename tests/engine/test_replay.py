"""A paid run again with no key: every prompt compared, every answer served, the same digest."""

import json
import sqlite3

import pytest

import simsoc
from simsoc.core.errors import Divergence, LogError, ScenarioError
from simsoc.society import Society
from tests.engine.test_resume import DESIGN, served
from tests.loopback import REFUSAL, WRONG, Loopback, lot, no_schemas, status

DESIGN = {**DESIGN, "population": {"n": 6}, "steps": 3}


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def bought(tmp_path, design, *, behave=None, log="a.db", **more):
    """A run that was paid for; its server is gone."""
    with Loopback(behave=behave) as server:
        backend = {**served(server, **more), "model": "openai/test"}
        with simsoc.run({**design, "backend": backend}, seed=3, log=tmp_path / log) as run:
            return run.info["digest"]


def replayed(tmp_path, design, log="a.db", to=None):
    return simsoc.run({**design, "backend": f"replay/{tmp_path / log}"}, seed=3, log=to)


def uneven(body, count):
    luck = lot("x", json.dumps(body["messages"][:1]))
    return REFUSAL if luck < 0.2 else WRONG if luck < 0.4 else status(500) if luck < 0.6 else None


@pytest.mark.parametrize("regime", ["together", "one_by_one"])
@pytest.mark.parametrize("choice", ["sample", "elicit", "logprobs"])
def test_the_digest_is_the_same(tmp_path, regime, choice):
    design = {**DESIGN, "activation": regime, "choice": choice}
    digest = bought(tmp_path, design)
    with replayed(tmp_path, design, to=tmp_path / "b.db") as run, simsoc.open_run(tmp_path / "a.db") as told:
        assert run.info["digest"] == digest
        assert set(run.asks["source"]) == {"replay"}
        assert set(run.asks["by"]) == {"openai/test"}
        key = ["agent", "step", "turn"]
        texts = ["prompt", "reply", "settings", "value", "tokens_in"]
        ours, theirs = (r.asks_with(texts=True).sort_values(key)[texts].values.tolist() for r in (run, told))
        assert ours == theirs
    assert simsoc.verify(tmp_path / "b.db") == []
    with replayed(tmp_path, design, "b.db", to=tmp_path / "c.db") as run:  # a replay can be replayed
        assert run.info["digest"] == digest


@pytest.mark.parametrize("behave", [uneven, no_schemas])
def test_silence_failures_and_fallbacks(tmp_path, behave):
    design = {**DESIGN, "activation": "together", "on_failure": "skip"}
    digest = bought(tmp_path, design, behave=behave)
    with replayed(tmp_path, design, to=tmp_path / "b.db") as run, simsoc.open_run(tmp_path / "a.db") as told:
        assert run.info["digest"] == digest
        assert run.asks["status"].value_counts().to_dict() == told.asks["status"].value_counts().to_dict()


def test_groups_with_rules_and_scripts(tmp_path):
    groups = [
        {"who": {"ids": [0, 1]}, "model": "null"},
        {"who": {"ids": [2]}, "model": "scripted", "script": ['{"answer": "k"}', None, "garbage"]},
        {"who": {"ids": [3]}, "model": "openai/test", "temperature": 0.5},
    ]
    design = {**DESIGN, "activation": "together"}
    with Loopback() as server:
        groups[2]["base_url"] = server.base_url
        backend = {**served(server), "groups": groups}
        with simsoc.run({**design, "backend": backend}, seed=3, log=tmp_path / "a.db") as run:
            digest, by = run.info["digest"], run.asks["by"].value_counts().to_dict()
            assert set(by) == {"openai/test", "null", "scripted"}
    with replayed(tmp_path, design, to=tmp_path / "b.db") as run:
        assert run.info["digest"] == digest
        assert run.asks["by"].value_counts().to_dict() == by


def test_a_mechanistic_run_can_be_replayed(tmp_path):
    with simsoc.run(DESIGN, seed=3, log=tmp_path / "a.db") as run:
        digest = run.info["digest"]
    other = {**DESIGN, "world": {**DESIGN["world"], "rule": {"kind": "curie_weiss", "beta": 0.0}}}  # nobody asks it
    with replayed(tmp_path, other, to=tmp_path / "b.db") as run:
        assert run.info["digest"] == digest


def test_a_prompt_that_was_tampered_with_is_named_with_both_texts(tmp_path):
    (tmp_path / "mine.j2").write_text("{{ friends | length }} friends. {{ ask_for }}")
    design = {**DESIGN, "activation": "together", "prompts": {"opinion/friends": str(tmp_path / "mine.j2")}}
    bought(tmp_path, design)
    (tmp_path / "mine.j2").write_text("{{ friends | length }} foes. {{ ask_for }}")
    with pytest.raises(Divergence) as told:
        replayed(tmp_path, design, to=tmp_path / "b.db")
    for words in ("agent 0, step 1, turn 0, 'opinion'", "another prompt", "4 friends.", "4 foes."):
        assert words in str(told.value)
    with simsoc.open_run(tmp_path / "b.db") as run:
        assert run.info["status"] == "stopped"


def test_a_log_that_was_tampered_with(tmp_path):
    design = {**DESIGN, "activation": "together"}
    bought(tmp_path, design)
    with sqlite3.connect(tmp_path / "a.db") as db:
        other = db.execute("SELECT prompt FROM ask WHERE agent = 1 AND step = 2").fetchone()[0]
        db.execute("UPDATE ask SET prompt = ? WHERE agent = 4 AND step = 2", (other,))
    db.close()
    with pytest.raises(Divergence, match=r"agent 4, step 2, turn 0, 'opinion' is in the log with another prompt"):
        replayed(tmp_path, design)


def test_a_difference_far_down_a_prompt_is_shown(tmp_path):
    (tmp_path / "mine.j2").write_text("word " * 500 + "{{ friends | length }} friends. {{ ask_for }}")
    design = {**DESIGN, "activation": "together", "prompts": {"opinion/friends": str(tmp_path / "mine.j2")}}
    bought(tmp_path, design)
    (tmp_path / "mine.j2").write_text("word " * 500 + "{{ friends | length }} foes. {{ ask_for }}")
    with pytest.raises(Divergence, match=r"(?s)logged: \.\.\..*4 friends.*now:    \.\.\..*4 foes"):
        replayed(tmp_path, design)


@pytest.mark.parametrize("change", [{"choice": "elicit"}, {"world": {**DESIGN["world"], "labels": ["k", "x"]}}])
def test_another_scenario_is_a_divergence(tmp_path, change):
    design = {**DESIGN, "activation": "together"}
    bought(tmp_path, design)
    with pytest.raises(Divergence, match="step 1"):
        replayed(tmp_path, {**design, **change})


def test_what_is_not_in_the_log_is_no_default(tmp_path):
    design = {**DESIGN, "activation": "together"}
    bought(tmp_path, design)
    with pytest.raises(LogError, match=r"a\.db has no answer to the call of agent 0, step 4, turn 0, 'opinion'"):
        replayed(tmp_path, {**design, "steps": 4}, to=tmp_path / "b.db")
    with simsoc.open_run(tmp_path / "b.db") as run:
        assert (run.info["status"], run.info["steps"]) == ("stopped", 3)


def test_paths_are_relative_to_the_scenario(tmp_path):
    digest = bought(tmp_path, {**DESIGN, "activation": "together"})
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "s.yaml").write_text(
        json.dumps({**DESIGN, "activation": "together", "seed": 3, "backend": "replay/../a.db"})
    )
    with simsoc.run(tmp_path / "s" / "s.yaml", log=tmp_path / "b.db") as run:
        assert run.info["digest"] == digest


@pytest.mark.parametrize(
    ("model", "seed", "told"),
    [
        ("replay", 3, "which run"),
        ("replay/nothing.db", 3, "no such file"),
        ("replay/a.db", 4, "was run with seed 3, this run has seed 4"),
    ],
)
def test_what_cannot_be_replayed(tmp_path, monkeypatch, model, seed, told):
    monkeypatch.chdir(tmp_path)
    bought(tmp_path, {**DESIGN, "activation": "together"})
    with pytest.raises(ScenarioError, match=rf"backend\.model: .*{told}"):
        Society({**DESIGN, "backend": model}, seed)
