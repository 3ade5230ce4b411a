"""A fork has the past of its parent and a future of its own, in a log of its own, and pays only for what is new."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

import simsoc
from simsoc.core.errors import Divergence, LogError, ScenarioError, SimsocError
from simsoc.society import Society
from simsoc.society.forking import forked
from tests.engine.test_resume import DESIGN, served
from tests.loopback import WRONG, Loopback, lot, slow, status

DESIGN = {**DESIGN, "population": {"n": 6}, "steps": 5}
REGIMES = ["together", "one_by_one"]
TIE = [{"at": 4, "do": {"kind": "ties", "add": [[0, 3]]}}]


@pytest.fixture(params=REGIMES)
def parent(request, tmp_path):
    """A server and a run that was paid for."""
    design = {**DESIGN, "activation": request.param}
    with Loopback(behave=lambda body, count: WRONG if lot("w", json.dumps(body)) < 0.1 else None) as server:
        simsoc.run({**design, "backend": served(server)}, seed=3, log=tmp_path / "p.db").close()
        yield server


def events(path, upto=None):
    with simsoc.open_run(path) as run:
        return list(run.stored_events(upto))


def rows(path):
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def digest(path):
    with simsoc.open_run(path) as run:
        return run.info["digest"]


@pytest.mark.parametrize("at", [0, 2, 4])
def test_a_change_that_changes_nothing_is_free(parent, tmp_path, at):
    """The rule is not asked where a model answers."""
    calls = parent.calls
    with simsoc.fork(tmp_path / "p.db", at, world__rule__beta=7.5) as run:
        assert run.path == tmp_path / f"p-f{at}.db"
        assert run.info["digest"] == digest(tmp_path / "p.db")
        assert (run.info["parent"], run.info["forked_at"]) == ("p.db", at)
        assert run.reused() == (len(run.asks), 0)
        assert run.notes["kind"].tolist() == ["fork", "intervention"]
        with simsoc.open_run(tmp_path / "p.db") as told:
            assert run.measures.equals(told.measures)
            assert run.agents.equals(told.agents)
            assert run.ties.equals(told.ties)
    assert parent.calls == calls
    assert simsoc.verify(tmp_path / f"p-f{at}.db") == []


def test_a_real_change_shares_the_past_and_pays_for_the_rest(parent, tmp_path):
    before, calls = rows(tmp_path / "p.db"), parent.calls
    with simsoc.fork(tmp_path / "p.db", 3, interventions=TIE, log=tmp_path / "deep" / "f.db") as run:
        assert run.info["parent"] == "../p.db"
        assert run.info["digest"] != digest(tmp_path / "p.db")
        assert events(run.path, 3) == events(tmp_path / "p.db", 3)
        asks = run.asks_with(texts=True)
        with simsoc.open_run(tmp_path / "p.db") as told:
            key = ["step", "turn", "agent", "purpose", "draw", "prompt"]
            known = set(told.asks_with(texts=True)[key].itertuples(index=False, name=None))
        new = [row for row in asks[key].itertuples(index=False, name=None) if row not in known]
        live = asks[asks["source"] == "live"]
        assert set(new) == set(live[key].itertuples(index=False, name=None))
        assert 0 < len(new) < len(asks[asks["step"] > 3])
        assert parent.calls - calls == live["attempts"].sum()
    assert rows(tmp_path / "p.db") == before
    assert simsoc.verify(tmp_path / "deep" / "f.db") == []


def test_two_forks_do_not_touch_each_other_nor_their_parent(parent, tmp_path):
    before, bytes_before = rows(tmp_path / "p.db"), (tmp_path / "p.db").read_bytes()
    simsoc.fork(tmp_path / "p.db", 2, interventions=TIE).close()
    one = rows(tmp_path / "p-f2.db")
    other = [{"at": 3, "do": {"kind": "ties", "add": [[1, 4]]}}]
    with simsoc.fork(tmp_path / "p.db", 2, interventions=other) as run:
        assert run.path == tmp_path / "p-f2-2.db"
    assert rows(tmp_path / "p-f2.db") == one
    assert rows(tmp_path / "p.db") == before
    assert (tmp_path / "p.db").read_bytes() == bytes_before
    assert digest(tmp_path / "p-f2.db") != digest(tmp_path / "p-f2-2.db")


def test_a_fork_is_what_its_scenario_says(parent, tmp_path):
    """The same scenario from scratch, with all interventions, comes out as the fork did."""
    with simsoc.fork(tmp_path / "p.db", 2, interventions=TIE, seed=11) as run:
        scenario, found = run.scenario, run.info["digest"]
    assert [one["at"] for one in scenario["interventions"]] == [3, 4]
    with simsoc.run(scenario, log=tmp_path / "scratch.db") as run:
        assert run.info["digest"] == found


def test_another_universe(parent, tmp_path):
    calls = parent.calls
    with simsoc.fork(tmp_path / "p.db", 2, seed=3) as run:
        assert run.info["digest"] == digest(tmp_path / "p.db")  # the same seed is no other universe
    assert parent.calls == calls
    with simsoc.fork(tmp_path / "p.db", 2, seed=99) as run:
        assert events(run.path, 2) == events(tmp_path / "p.db", 2)
        assert events(run.path) != events(tmp_path / "p.db")
        asks = run.asks
        assert set(asks[asks["step"] <= 2]["source"]) == {"replay"}
        assert set(asks[asks["step"] > 2]["source"]) == {"live"}
    assert simsoc.verify(tmp_path / "p-f2-2.db") == []


def test_a_longer_run(parent, tmp_path):
    with simsoc.fork(tmp_path / "p.db", 5, steps=7) as run:
        assert run.info["steps"] == 7
        assert set(run.asks[run.asks["step"] > 5]["source"]) == {"live"}
        longer = run.info["digest"]
    with simsoc.run({**run.scenario, "steps": 7}, log=tmp_path / "scratch.db") as run:
        assert run.info["digest"] == longer


def test_a_fork_of_a_fork(parent, tmp_path):
    with simsoc.fork(tmp_path / "p.db", 1, interventions=TIE) as one:
        with simsoc.fork(one, 4, world__rule__beta=0.5) as two:
            assert two.info["parent"] == "p-f1.db"
            assert two.info["digest"] == one.info["digest"]
            assert len(two.scenario["interventions"]) == 2
            assert two.reused()[1] == 0


@pytest.mark.parametrize("gone", ["stopped", "running"])
def test_a_parent_that_did_not_finish(tmp_path, gone):
    with Loopback() as server:
        design = {**DESIGN, "activation": "together", "backend": served(server)}
        society = Society(design, 3, log=tmp_path / "p.db")
        for _ in range(3):
            society.step()
        society.close()
        with sqlite3.connect(tmp_path / "p.db") as db:
            db.execute("UPDATE run SET status = ?", (gone,))
        db.close()
        with simsoc.fork(tmp_path / "p.db", 3, world__rule__beta=2) as run:
            assert run.info["steps"] == 5
        assert server.calls == 30
        with pytest.raises(LogError, match=r"no step 4 to fork after; the log has steps 0 to 3"):
            simsoc.fork(tmp_path / "p.db", 4)


@pytest.mark.parametrize("stop", [1, 3, 4])
def test_a_fork_that_was_closed_goes_on(parent, tmp_path, stop):
    """In the past, at its end, and in the future."""
    with simsoc.fork(tmp_path / "p.db", 3, interventions=TIE, log=tmp_path / "whole.db") as whole:
        found, asks = whole.info["digest"], len(whole.asks)
    calls = parent.calls
    scenario, origin = forked(tmp_path / "p.db", 3, interventions=TIE)
    society = Society(scenario, log=tmp_path / "f.db", parent=origin)
    for _ in range(stop):
        society.step()
    society.close()
    with simsoc.resume(tmp_path / "f.db") as run:
        assert run.info["digest"] == found
        assert len(run.asks) == asks
        assert (run.info["parent"], run.info["forked_at"]) == ("p.db", 3)
        assert run.notes["kind"].tolist().count("fork") == 1
        assert parent.calls - calls == run.asks[run.asks["source"] == "live"]["attempts"].sum()
    assert simsoc.verify(tmp_path / "f.db") == []


def test_a_fork_that_was_killed_goes_on(tmp_path):
    """SIGKILL while it waits for a server in its future."""
    with Loopback(behave=lambda body, count: slow(0.05)) as server:
        design = {**DESIGN, "activation": "together", "backend": served(server)}
        simsoc.run(design, seed=3, log=tmp_path / "p.db").close()
        with simsoc.fork(tmp_path / "p.db", 2, seed=5, log=tmp_path / "whole.db") as whole:
            found, asks = whole.info["digest"], len(whole.asks)
        calls = server.calls
        command = ["fork", str(tmp_path / "p.db"), "--at", "2", "--seed", "5", "--log", str(tmp_path / "f.db")]
        with subprocess.Popen([sys.executable, "-m", "simsoc", *command], stderr=subprocess.DEVNULL) as process:
            deadline = time.monotonic() + 30
            while server.calls < calls + 7 and time.monotonic() < deadline:
                time.sleep(0.005)
            process.kill()
        assert digest(tmp_path / "f.db") is None
        with simsoc.resume(tmp_path / "f.db") as run:
            assert run.info["digest"] == found
            assert len(run.asks) == asks
        assert 18 <= server.calls - calls <= 18 + 2 * 4  # in flight, and one open batch
    assert simsoc.verify(tmp_path / "f.db") == []


def test_a_parent_that_is_gone_is_told(tmp_path):
    with Loopback() as server:
        design = {**DESIGN, "activation": "together", "backend": served(server)}
        simsoc.run(design, seed=3, log=tmp_path / "p.db").close()
        scenario, origin = forked(tmp_path / "p.db", 3, seed=4)
        society = Society(scenario, log=tmp_path / "f.db", parent=origin)
        society.step()
        society.close()
        (tmp_path / "p.db").rename(tmp_path / "moved.db")
        with pytest.raises(LogError, match=r"forked from is not at .*p\.db any more; put it back"):
            simsoc.resume(tmp_path / "f.db")
        (tmp_path / "moved.db").rename(tmp_path / "p.db")
        simsoc.resume(tmp_path / "f.db").close()


def test_a_past_that_comes_out_otherwise_is_a_divergence(tmp_path):
    simsoc.run(DESIGN, seed=3, log=tmp_path / "p.db").close()
    with sqlite3.connect(tmp_path / "p.db") as db:
        db.execute('UPDATE event SET content = \'{"to":"C"}\' WHERE id = (SELECT max(id) FROM event WHERE step = 2)')
    db.close()
    with pytest.raises(Divergence, match=r"(?s)differs from the run this one is forked from.*step 2, .*\"C\""):
        simsoc.fork(tmp_path / "p.db", 3, world__rule__beta=2)
    with simsoc.open_run(tmp_path / "p-f3.db") as run:
        assert (run.info["status"], run.info["steps"]) == ("stopped", 1)
    simsoc.fork(tmp_path / "p.db", 1, world__rule__beta=2).close()  # that is not its past


def test_a_fork_without_a_log_is_checked_too(tmp_path):
    simsoc.run(DESIGN, seed=3, log=tmp_path / "p.db").close()
    scenario, origin = forked(tmp_path / "p.db", 2, {"world.rule.beta": 2})
    society = Society(scenario, parent=origin)
    society.run_model()
    assert society.ended == "all steps done"
    with sqlite3.connect(tmp_path / "p.db") as db:
        db.execute("UPDATE event SET agent = 5 - agent WHERE step = 1")
    db.close()
    with pytest.raises(Divergence, match="step 1"):
        Society(scenario, parent=origin).run_model()


def test_an_event_missing_at_the_end_of_the_past(tmp_path):
    simsoc.run(DESIGN, seed=3, log=tmp_path / "p.db").close()
    with sqlite3.connect(tmp_path / "p.db") as db:
        db.execute("UPDATE event SET id = id - 1000000")  # to make room
        db.execute("UPDATE event SET id = (id + 1000000) * 10")
        last = db.execute("SELECT max(id) FROM event WHERE step = 2").fetchone()[0]
        db.execute("INSERT INTO event VALUES (?, 2, 0, 1, 'set', '{}')", (last + 1,))
    db.close()
    with pytest.raises(Divergence, match="has an event that did not happen now: step 2, agent 1"):
        simsoc.fork(tmp_path / "p.db", 2, world__rule__beta=2)


def test_the_past_is_never_asked_again(tmp_path):
    with Loopback() as server:
        design = {**DESIGN, "activation": "together", "backend": served(server)}
        simsoc.run(design, seed=3, log=tmp_path / "p.db").close()
        calls = server.calls
        with pytest.raises(Divergence, match=r"(?s)agent 0, step 1.*another model.*openai/test.*openai/other"):
            simsoc.fork(tmp_path / "p.db", 2, backend={**served(server), "model": "openai/other"})
        with sqlite3.connect(tmp_path / "p.db") as db:
            db.execute("DELETE FROM ask WHERE step = 2 AND agent = 4")
        db.close()
        with pytest.raises(Divergence, match=r"forked from has no model's answer to the call of agent 4, step 2"):
            simsoc.fork(tmp_path / "p.db", 2, steps=6)
        assert server.calls == calls


def test_failures_of_the_past_stay_and_those_of_the_future_are_tried_again(tmp_path):
    def behave(body, count):
        return status(500) if lot("x", json.dumps(body["messages"])) < 0.3 else None

    with Loopback(behave=behave) as server:
        design = {**DESIGN, "activation": "together", "on_failure": "skip", "backend": served(server)}
        with simsoc.run(design, seed=3, log=tmp_path / "p.db") as run:
            failed = run.asks[run.asks["status"] == "failed"]
            assert {1, 2} & set(failed["step"])
            assert {4, 5} & set(failed["step"])
    with Loopback() as server:  # nothing fails now
        with simsoc.fork(tmp_path / "p.db", 2, **{"backend.base_url": server.base_url}) as run:
            asks = run.asks
            assert (asks[asks["step"] <= 2]["status"] == "failed").sum() == (failed["step"] <= 2).sum()
            assert (asks[asks["step"] > 2]["status"] == "ok").all()
            assert server.calls == (asks["source"] == "live").sum() > 0


def test_another_model_from_here(tmp_path):
    with Loopback() as server:
        design = {**DESIGN, "activation": "together", "backend": served(server)}
        simsoc.run(design, seed=3, log=tmp_path / "p.db").close()
        with simsoc.fork(tmp_path / "p.db", 2, **{"backend.model": "openai/other"}) as run:
            by = run.asks.groupby("by")["step"].agg(["min", "max"])
            assert by.loc["openai/test"].tolist() == [1, 2]
            assert by.loc["openai/other"].tolist() == [3, 5]


def test_a_fork_that_is_replayed(tmp_path):
    with Loopback() as server:
        design = {**DESIGN, "activation": "together", "backend": served(server)}
        simsoc.run(design, seed=3, log=tmp_path / "p.db").close()
        changed = [
            *TIE,
            {"at": 4, "who": {"ids": [1]}, "do": {"kind": "backend", "to": served(server, temperature=0.5)}},
        ]
        with simsoc.fork(tmp_path / "p.db", 2, seed=8, interventions=changed) as run:
            scenario, found = run.scenario, run.info["digest"]
    with simsoc.run({**scenario, "backend": f"replay/{tmp_path}/p-f2.db"}, log=tmp_path / "r.db") as run:
        assert run.info["digest"] == found
        assert run.reused() == (len(run.asks), 0)


@pytest.mark.parametrize(
    ("key", "value"), [("population.n", 9), ("network.kind", "complete"), ("world.start", {"A": 1.0}), ("nmae", "x")]
)
def test_what_is_used_only_when_a_run_begins(tmp_path, key, value):
    simsoc.run(DESIGN, seed=3, log=tmp_path / "p.db").close()
    with pytest.raises(ScenarioError, match=rf"--set {key}  (used only when a run begins|unknown key)"):
        simsoc.fork(tmp_path / "p.db", 2, **{key: value})
    assert not (tmp_path / "p-f2.db").exists()


def test_other_mistakes(tmp_path):
    simsoc.run(DESIGN, seed=3, log=tmp_path / "p.db").close()
    log = tmp_path / "p.db"
    with pytest.raises(LogError, match="no step 6 to fork after; the log has steps 0 to 5"):
        simsoc.fork(log, 6)
    with pytest.raises(LogError, match="no step -1"):
        simsoc.fork(log, -1)
    with pytest.raises(ScenarioError, match="nothing comes after step 5"):
        simsoc.fork(log, 5)
    with pytest.raises(ScenarioError, match="belongs to the past, which ends with step 3"):
        simsoc.fork(log, 3, interventions=[{"at": 3, "do": {"kind": "seed", "to": 1}}])
    with pytest.raises(LogError, match="give another path"):
        simsoc.fork(log, 3, seed=1, log=log, overwrite=True)
    with pytest.raises(SimsocError, match=r"nothing\.db"):
        simsoc.fork(tmp_path / "nothing.db", 1)
    assert simsoc.verify(log) == []
