"""A log that was changed does not pass."""

import sqlite3

import pytest

from simsoc.core.errors import LogError
from simsoc.runlog import columns
from simsoc.runlog.verify import verify

from .making import LIVE, RULE, Logging, ask, small


@pytest.fixture
def path(tmp_path):
    small(tmp_path / "run.db")
    assert verify(tmp_path / "run.db") == []
    return tmp_path / "run.db"


ASKS = (
    'step, agent, turn, purpose, draw, seed, source, "by", status, value, detail, facts, choice, prompt, reply,'
    " settings, flags, attempts, tokens_in, tokens_out, cost, latency"
)
CHANGES = [
    ('UPDATE event SET content = \'{"to":"b"}\' WHERE id = 1', "digest"),
    ("UPDATE event SET agent = 2 WHERE id = 5", "digest"),
    ("DELETE FROM event WHERE id = 8", "digest"),
    ("UPDATE text SET text = 'a' WHERE id = (SELECT min(id) FROM text)", "texts"),
    ("UPDATE text SET hash = 'a' WHERE id = (SELECT min(id) FROM text)", "texts"),
    ("DELETE FROM text WHERE id IN (SELECT prompt FROM ask)", "references"),
    (f"INSERT INTO ask SELECT 99, {ASKS} FROM ask WHERE id = 1", "calls"),
    ("UPDATE ask SET value = NULL WHERE id = 1", "calls"),
    ("UPDATE run SET steps = 2", "steps"),
    ("UPDATE tie SET to_step = 1 WHERE from_step = 2", "ties"),
    ("UPDATE tie SET b = 77 WHERE from_step = 2", "ties"),
    ("UPDATE run SET digest = NULL", "digest"),
    ("UPDATE event SET content = '{' WHERE id = 1", "structure"),
    ("UPDATE run SET status = 'running'", "run"),
]


@pytest.mark.parametrize(("change", "about"), CHANGES)
def test_changes_show(path, change, about):
    raw = sqlite3.connect(path)
    with raw:
        raw.execute(change)
    raw.close()
    found = verify(path)
    assert about in {f.about for f in found}, found
    assert any(f.serious for f in found) == (about != "run")
    assert all(str(f).startswith(f.about) and f.message.endswith((".", ")")) for f in found)


def test_a_flipped_byte_in_a_text_shows(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.writer.ask(ask(), LIVE)
    log.writer.commit(0)
    log.finish()
    data = bytearray((tmp_path / "run.db").read_bytes())
    data[data.index(b"of course")] ^= 1
    (tmp_path / "run.db").write_bytes(data)
    assert [f.about for f in verify(tmp_path / "run.db")] == ["texts"]


def test_a_flipped_byte_in_an_event_shows(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.event(0, 1, "start", to="somewhere")
    log.writer.commit(0)
    log.finish()
    data = bytearray((tmp_path / "run.db").read_bytes())
    data[data.index(b"somewhere")] ^= 1
    (tmp_path / "run.db").write_bytes(data)
    assert [f.about for f in verify(tmp_path / "run.db")] == ["digest"]


def test_time_running_backwards_shows(tmp_path):
    log = Logging(tmp_path / "run.db")
    for step in (1, 0):
        log.event(step, 0, "rest")
    log.writer.commit(1)
    log.finish()
    assert [f.about for f in verify(tmp_path / "run.db")] == ["steps"]


def test_the_same_call_twice_shows(tmp_path):
    log = Logging(tmp_path / "run.db")
    for seed in (7, 8, 7):
        log.writer.ask(ask(seed=seed), RULE)
    log.writer.commit(0)
    log.finish()
    (finding,) = verify(tmp_path / "run.db")
    assert "agent 0, step 1, turn 0, choose 0 (2 times)" in finding.message


def test_an_unfinished_run_is_noted(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.finish("stopped", "out of money")
    (finding,) = verify(tmp_path / "run.db")
    assert not finding.serious
    assert finding.message == "not finished: stopped (out of money); nothing is done yet."


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(LogError, match="no such file"):
        verify(tmp_path / "none.db")


def test_the_room_is_light_to_enter():
    import subprocess
    import sys

    code = "import sys, simsoc.runlog; print([m for m in ('sqlalchemy', 'pandas', 'networkx') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    code = "import sys, simsoc.runlog.writer; print([m for m in ('pandas', 'networkx') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not columns().empty
