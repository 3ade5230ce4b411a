"""A run that is ended from outside: whatever stood in the log as a whole step is still there, and can be read."""

import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

import simsoc as package
from tests.loopback import Loopback, always, slow

LONG = """\
name: long
steps: 1000000
world: {kind: opinion, stop: never, rule: {kind: noisy_voter, eps: 0.05}}
population: {n: 20}
"""


@pytest.fixture
def begun(folder, program):
    """A run that will not end by itself, some steps on its way."""
    (folder / "long.yaml").write_text(LONG)
    process = subprocess.Popen(
        [*program, "run", "long.yaml", "--log", "a.db"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    until = time.monotonic() + 30
    while _steps(folder / "a.db") < 20:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until, "the run does not get going"
        time.sleep(0.02)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def _steps(path: Path) -> int:
    """Whole steps in the log, read while it is being written."""
    try:
        with package.open_run(path) as run:
            return run.info["steps"] or 0
    except package.core.errors.LogError:
        return 0


def test_kill_leaves_whole_steps(folder, simsoc, begun):
    begun.kill()
    begun.wait()
    with sqlite3.connect("file:a.db?mode=ro", uri=True) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    raw.close()

    with package.open_run("a.db") as run:
        steps = run.info["steps"]
        assert run.info["status"] == "running"
        assert steps >= 20
        assert run.events.step.max() <= steps
        assert run.measures.index.max() == steps
        assert set(run.opinions.groupby("step").size()) == {20}
        seen = run.digest()

    same = package.Society({"name": "long", **_mapping(steps)})
    same.run_model()
    assert same.digest == seen, "what is in the log is the beginning of the very same run, to its last whole step"

    said = simsoc("verify", "a.db")
    assert said.code == 0
    assert f"not finished: running; {steps} steps are done" in said.out
    assert "sound as far as it goes" in said.out


def _mapping(steps):
    return {
        "steps": steps,
        "world": {"kind": "opinion", "stop": "never", "rule": {"kind": "noisy_voter", "eps": 0.05}},
        "population": {"n": 20},
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_told_to_end_says_so_in_its_log(folder, simsoc, begun, number):
    """Ctrl-C, and the signal by which batch systems end a job."""
    os.kill(begun.pid, number)
    out, err = begun.communicate(timeout=20)
    assert begun.returncode == 1
    assert out == ""
    assert "interrupted" in err
    assert "Traceback" not in err
    assert "a.db" in err
    with package.open_run("a.db") as run:
        assert run.info["status"] == "stopped"
        assert run.events.step.max() == run.info["steps"]
    assert simsoc("verify", "a.db").code == 0


@pytest.fixture
def waiting(folder, program, request):
    """A run that waits for a server, which takes so many seconds for an answer."""
    (folder / "long.yaml").write_text(LONG)
    with Loopback(behave=always(slow(request.param))) as server:
        backend = f'backend={{model: openai/x, transport: lean, base_url: "{server.base_url}", slots: 3}}'
        process = subprocess.Popen(
            [*program, "run", "long.yaml", "--log", "a.db", "--set", backend, "--set", "activation=together"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        until = time.monotonic() + 30
        while server.calls < 3 and time.monotonic() < until:
            time.sleep(0.02)
        yield process
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("waiting", [1.5], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_waits_for_a_model_takes_the_answers_on_their_way(folder, simsoc, waiting, number):
    os.kill(waiting.pid, number)
    _, err = waiting.communicate(timeout=20)
    assert waiting.returncode == 1
    assert "once more ends at once" in err
    assert "interrupted" in err
    with package.open_run("a.db") as run:
        assert run.info["status"] == "stopped"
        assert run.info["steps"] == 0
        assert len(run.asks) == 3, "paid for, and kept for when it goes on"
    assert simsoc("verify", "a.db").code == 0


@pytest.mark.parametrize("waiting", [60.0], indirect=True)
def test_told_twice_it_ends_at_once(folder, simsoc, waiting):
    began = time.monotonic()
    os.kill(waiting.pid, signal.SIGINT)
    time.sleep(0.3)
    assert waiting.poll() is None
    os.kill(waiting.pid, signal.SIGINT)
    _, err = waiting.communicate(timeout=20)
    assert waiting.returncode == 1
    assert "Traceback" not in err
    assert simsoc("verify", "a.db").code == 0
    assert time.monotonic() - began < 20
