"""Resume is replay: a run that was stopped or killed goes on to the same digest, and pays for nothing twice."""

import json
import os
import signal
import sqlite3

import pytest

import simsoc
from simsoc.core.errors import Divergence, LogError, SimsocError, Unreachable
from simsoc.society import Society
from tests.loopback import Loopback, lot, slow, status

DESIGN = {
    "name": "again",
    "steps": 6,
    "world": {"kind": "opinion", "labels": ["k", "z"], "stop": "never", "rule": {"kind": "curie_weiss", "beta": 1.0}},
    "population": {"n": 10},
    "network": {"kind": "ring", "k": 4},
}
REGIMES = ["together", "one_by_one"]


def served(server, **more):
    return {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 4, "retries": 0, **more}


def whole(tmp_path, design, server):
    with simsoc.run({**design, "backend": served(server)}, seed=3, log=tmp_path / "whole.db") as run:
        return run.info["digest"], len(run.asks), run.measures


@pytest.mark.parametrize("regime", REGIMES)
def test_a_run_that_lost_its_server_goes_on(tmp_path, regime):
    design = {**DESIGN, "activation": regime}
    with Loopback() as server:
        digest, calls, measures = whole(tmp_path, design, server)
    seen = []

    def behave(body, count):
        seen.append(1)
        return status(500) if len(seen) == 23 else None

    with Loopback(behave=behave) as server:
        with pytest.raises(Unreachable):
            simsoc.run({**design, "backend": served(server)}, seed=3, log=tmp_path / "r.db")
        answered = server.calls - 1
        with simsoc.resume(tmp_path / "r.db") as run:
            assert run.info["digest"] == digest
            assert run.info["status"] == "finished"
            assert len(run.asks) == calls
            assert run.measures.equals(measures)
            assert len(run.agents) == 10
            assert len(run.ties) == 20
        assert server.calls == calls + 1  # nothing answered is asked again; the failed call is
        assert answered >= 22
    assert simsoc.verify(tmp_path / "r.db") == []


def test_the_port_may_change_between_sittings(tmp_path):
    """The address of a server is no part of an answer's identity, but a resumed log names the old one."""
    with Loopback() as server:
        society = Society({**DESIGN, "activation": "together", "backend": served(server)}, 3, log=tmp_path / "r.db")
        for _ in range(3):
            society.step()
        society.close()
        with simsoc.resume(tmp_path / "r.db") as run:
            assert run.info["steps"] == 6
        assert server.calls == 60


@pytest.mark.parametrize("regime", REGIMES)
def test_a_mechanistic_run_goes_on(tmp_path, regime):
    design = {**DESIGN, "activation": regime}
    with simsoc.run(design, seed=3, log=tmp_path / "whole.db") as run:
        digest, asks = run.info["digest"], len(run.asks)
    society = Society(design, 3, log=tmp_path / "r.db")
    society.step()
    society.step()
    society.close()
    with simsoc.resume(tmp_path / "r.db") as run:
        assert run.info["digest"] == digest
        assert len(run.asks) == asks
        assert list(run.measures.index) == list(range(7))


def test_another_prompt_is_a_divergence(tmp_path):
    (tmp_path / "mine.j2").write_text("{{ friends | length }} friends. {{ ask_for }}")
    design = {**DESIGN, "activation": "together", "prompts": {"opinion/friends": str(tmp_path / "mine.j2")}}
    with Loopback() as server:
        society = Society({**design, "backend": served(server)}, 3, log=tmp_path / "r.db")
        society.step()
        society.close()
        (tmp_path / "mine.j2").write_text("{{ friends | length }} foes. {{ ask_for }}")
        with pytest.raises(Divergence, match="another prompt"):
            simsoc.resume(tmp_path / "r.db")
        assert server.calls == 10


def test_an_event_that_differs_is_named(tmp_path):
    society = Society({**DESIGN, "activation": "together"}, 3, log=tmp_path / "r.db")
    society.step()
    society.close()
    with sqlite3.connect(tmp_path / "r.db") as db:
        db.execute('UPDATE event SET content = \'{"to":"C"}\' WHERE step = 1 AND agent = 4')
    db.close()
    with pytest.raises(Divergence, match=r"step 1, agent 4, set \{\"to\":\"C\"\}"):
        simsoc.resume(tmp_path / "r.db")


def test_a_finished_run_is_not_resumed(tmp_path):
    simsoc.run(DESIGN, seed=3, log=tmp_path / "r.db").close()
    with pytest.raises(LogError, match="finished"):
        simsoc.resume(tmp_path / "r.db")


def test_failures_that_were_skipped_stay_failures(tmp_path):
    def behave(body, count):
        return status(500) if lot("x", json.dumps(body["messages"])) < 0.3 else None

    design = {**DESIGN, "activation": "together", "on_failure": "skip"}
    with Loopback(behave=behave) as server:
        with simsoc.run({**design, "backend": served(server)}, seed=3, log=tmp_path / "whole.db") as run:
            digest = run.info["digest"]
        society = Society({**design, "backend": served(server)}, 3, log=tmp_path / "r.db")
        society.step()
        society.step()
        society.close()
    with Loopback(behave=behave) as server:
        with sqlite3.connect(tmp_path / "r.db") as db:
            spec = json.loads(db.execute("SELECT scenario FROM run").fetchone()[0])
            spec["backend"]["base_url"] = server.base_url
            db.execute("UPDATE run SET scenario = ?", (json.dumps(spec),))
        db.close()
        with simsoc.resume(tmp_path / "r.db") as run:
            assert run.info["digest"] == digest
        assert server.calls == 40


def test_an_interrupt_between_two_turns_is_not_lost(tmp_path):
    """The interrupt comes when the last round is over and the next has not begun."""
    with Loopback() as server:
        society = Society({**DESIGN, "activation": "one_by_one", "backend": served(server)}, 3, log=tmp_path / "r.db")
        society.step()
        sent = server.calls
        society.interrupt()
        with pytest.raises(SimsocError, match="interrupted"):
            society.step()
        assert server.calls == sent
    with simsoc.open_run(tmp_path / "r.db") as run:
        assert (run.info["status"], run.info["steps"]) == ("stopped", 1)


def test_ctrl_c_keeps_what_is_in_flight(tmp_path):
    """One interrupt: what is in flight is answered and kept, nothing more is sent, and the run can go on."""
    import threading

    with Loopback(behave=lambda body, count: slow(0.2)) as server:
        society = Society({**DESIGN, "activation": "together", "backend": served(server)}, 3, log=tmp_path / "r.db")
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            society.run_model()
        sent = server.calls
        with simsoc.open_run(tmp_path / "r.db") as run:
            assert run.info["status"] == "stopped"
            assert len(run.asks) == sent < 10
        with simsoc.resume(tmp_path / "r.db") as run:
            assert run.info["status"] == "finished"
        assert server.calls == 60


def test_errors_name_the_log(tmp_path):
    with pytest.raises(SimsocError, match=r"nothing\.db"):
        simsoc.resume(tmp_path / "nothing.db")
