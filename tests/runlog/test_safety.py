"""Kills, full disks, wrong files, other threads, older logs."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

from simsoc.core.errors import BrokenLog, LogError, LogExists, OldSchema
from simsoc.core.words import Answer
from simsoc.runlog import RunInfo, Writer, open_run
from simsoc.runlog.files import writing
from simsoc.runlog.migrations import STEPS, migrate
from simsoc.runlog.rows import TextRow
from simsoc.runlog.tables import insert, metadata
from simsoc.runlog.tables import run as run_table
from simsoc.runlog.verify import verify

from .making import INFO, LIVE, RULE, Logging, ask, small


def copied(path: Path, to: Path) -> Path:
    """What a kill would leave: the files as they are now, the writer still open."""
    for ending in ("", "-wal"):
        side = path.with_name(path.name + ending)
        if side.exists():
            shutil.copyfile(side, to.with_name(to.name + ending))
    return to


def raw(path, statement, *values):
    connection = sqlite3.connect(path)
    with connection:
        rows = connection.execute(statement, values).fetchall()
    connection.close()
    return rows


def test_a_kill_leaves_whole_steps_and_every_flushed_answer(tmp_path):
    log = small(tmp_path / "run.db", end=False)
    log.writer.ask(ask(0, 4), LIVE)
    log.event(4, 0, "set", to="a")
    log.writer.tie_from(1, 3, 4)
    log.writer.measure(4, "share", 1.0)
    log.writer.flush_answers()
    log.writer.ask(ask(1, 4), LIVE)  # not flushed
    killed = copied(tmp_path / "run.db", tmp_path / "killed.db")
    with open_run(killed) as run:
        assert run.steps == 3
        assert run.events["step"].max() == 3
        assert len(run.ties) == 3
        assert run.measures.index.max() == 3
        assert run.asks[run.asks["step"] == 4]["agent"].tolist() == [0]
    (finding,) = verify(killed)
    assert not finding.serious
    assert "1 answers of the next step wait" in finding.message
    log.writer.close()


def test_a_killed_run_goes_on(tmp_path):
    log = small(tmp_path / "run.db", end=False)
    log.event(4, 0, "rest")
    killed = copied(tmp_path / "run.db", tmp_path / "killed.db")
    log.writer.close()
    with Writer(killed) as writer:
        assert writer.steps == 3
        assert (writer.last_ask, writer.last_event) == (3, 8)
        log.writer, log.digest = writer, type(log.digest)()
        with open_run(killed) as run:
            for event in run.stored_events():
                log.digest.add(event)
        log.event(4, 1, "set", to="a")
        writer.ask(ask(1, 4), RULE)
        writer.tie_to(0, 1, 4)
        writer.commit(4, turns=5)
        log.finish()
    assert verify(killed) == []
    with open_run(killed) as run:
        assert (run.info["status"], run.steps, run.info["turns"]) == ("finished", 4, 5)
        assert run.asks["ask"].tolist() == [1, 2, 3, 4]
        assert sorted(run.graph().edges) == [(0, 3)]


def test_a_real_kill(tmp_path):
    code = (
        "import os, sys, signal\n"
        "from tests.runlog.making import *\n"
        "log = small(sys.argv[1], end=False)\n"
        "log.event(4, 0, 'rest'); log.writer.ask(ask(0, 4), LIVE); log.writer.flush_answers()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "run.db")], cwd=root, capture_output=True)
    assert done.returncode == -9, done.stderr
    with open_run(tmp_path / "run.db") as run:
        assert run.steps == run.events["step"].max() == 3
        assert len(run.asks) == 4
    assert not any(f.serious for f in verify(tmp_path / "run.db"))


def test_an_unfinished_step_is_dropped_at_the_end_and_its_digest_with_it(tmp_path):
    log = small(tmp_path / "run.db", end=False)
    log.event(4, 0, "set", to="a")
    log.writer.ask(ask(0, 4), LIVE)
    log.finish("stopped", "unreachable", turns=99)
    with open_run(tmp_path / "run.db") as run:
        assert run.events["step"].max() == 3
        assert len(run.asks) == 4
        assert (run.info["digest"], run.info["turns"], run.info["reason"]) == (None, 4, "unreachable")
    assert [f.serious for f in verify(tmp_path / "run.db")] == [False]


def test_an_error_ends_the_run_as_failed(tmp_path):
    with pytest.raises(ZeroDivisionError), Writer.create(tmp_path / "run.db", INFO):
        _ = 1 / 0
    with open_run(tmp_path / "run.db") as run:
        assert (run.info["status"], run.info["reason"]) == ("failed", "ZeroDivisionError: division by zero")


def test_held_steps_are_written_together_and_whole(tmp_path):
    log = Logging(tmp_path / "run.db", hold=3600.0)
    for step in range(5):
        log.event(step, 0, "rest")
        log.writer.commit(step)
    log.event(5, 0, "rest")  # half a step
    with open_run(tmp_path / "run.db") as run:
        assert len(run.events) == 0
    log.writer.flush_answers()
    log.finish("stopped")
    with open_run(tmp_path / "run.db") as run:
        assert run.events["step"].tolist() == [0, 1, 2, 3, 4]
        assert run.steps == 4


def test_answers_are_written_while_more_arrive(tmp_path):
    log = Logging(tmp_path / "run.db")
    stop = threading.Event()

    def flush():
        while not stop.is_set():
            log.writer.flush_answers()

    thread = threading.Thread(target=flush)
    thread.start()
    try:
        for i in range(3000):
            prompt = f"prompt {i % 50}"
            log.writer.ask(ask(i, 0), Answer(value="a", source="live", by="m", prompt=prompt, raw=f"raw {i}"))
            log.writer.ask(ask(i, 0, draw=1), RULE)
            if i % 500 == 0:
                log.event(i // 500, 0, "rest")
                log.writer.commit(i // 500)
    finally:
        stop.set()
        thread.join()
    log.finish()
    assert verify(tmp_path / "run.db") == []
    with open_run(tmp_path / "run.db") as run:
        asks = run.asks_with(texts=True)
        assert len(asks) == 6000
        assert asks["reply"].dropna().nunique() == 3000
        assert asks["ask"].tolist() == list(range(1, 6001))


def test_a_full_disk_says_so_and_loses_nothing(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.writer._connection.exec_driver_sql("PRAGMA max_page_count = 40")
    log.writer._connection.rollback()
    for i in range(400):
        log.event(0, i, "start", to="x" * 500)
    with pytest.raises(LogError, match="no space left"):
        log.writer.commit(0)
    with open_run(tmp_path / "run.db") as run:
        assert len(run.events) == 0
        assert run.info["steps"] is None
    log.writer._connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    log.writer._connection.rollback()
    log.writer.commit(0)
    log.finish()
    assert verify(tmp_path / "run.db") == []


def test_a_tie_that_is_not_there_cannot_end(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.writer.tie_to(0, 1, 0)
    with pytest.raises(LogError, match="does not exist"):
        log.writer.commit(0)
    log.writer.drop_step()
    log.writer._mark = None
    log.writer.close()


def test_two_texts_under_one_name_are_refused(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.writer.ask(ask(), LIVE)
    log.writer.flush_answers()
    taken = log.writer._known.pop()
    log.writer._texts[taken] = TextRow(taken, "0" * 32, "another text")
    with pytest.raises(LogError, match="text"):
        log.writer.flush_answers()
    log.writer._texts.clear()
    log.finish("stopped")


def test_a_log_is_not_replaced_by_mistake(tmp_path):
    path = tmp_path / "deep" / "run.db"
    small(path)
    with pytest.raises(LogExists, match="small, finished, 3 steps"):
        Writer.create(path, INFO)
    Writer.create(path, INFO, overwrite=True).close()
    with open_run(path) as run:
        assert run.info["steps"] is None


def test_what_is_no_log_is_never_overwritten(tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ann, this is not a run log.")
    with pytest.raises(LogError, match="not a run log"):
        Writer.create(letter, INFO, overwrite=True)
    assert letter.read_text().startswith("Dear Ann")
    other = tmp_path / "other.db"
    raw(other, "CREATE TABLE mine (x)")
    with pytest.raises(LogError, match="not a run log"):
        Writer.create(other, INFO, overwrite=True)
    with pytest.raises(LogError, match="folder"):
        Writer.create(tmp_path, INFO, overwrite=True)


def test_a_closed_log_takes_nothing_more(tmp_path):
    log = small(tmp_path / "run.db")
    log.writer.close()
    with pytest.raises(LogError, match="closed"):
        log.writer.commit(4)
    assert [p.name for p in tmp_path.iterdir()] == ["run.db"]  # one file again


def test_unknown_ends_are_refused(tmp_path):
    with Writer.create(tmp_path / "run.db", INFO) as writer, pytest.raises(ValueError, match="finished"):
        writer.finish("done")


# -- files that cannot be read --------------------------------------------------------------------------------------


def test_missing_empty_and_foreign_files(tmp_path):
    with pytest.raises(LogError, match="no such file"):
        open_run(tmp_path / "none.db")
    with pytest.raises(LogError, match="no such file"):
        Writer(tmp_path / "none.db")
    with pytest.raises(LogError, match="folder"):
        open_run(tmp_path)
    (tmp_path / "empty.db").touch()
    with pytest.raises(BrokenLog, match="empty"):
        open_run(tmp_path / "empty.db")
    (tmp_path / "text.db").write_text("hello, I am not a database at all")
    with pytest.raises(BrokenLog, match="not a run log"):
        open_run(tmp_path / "text.db")
    raw(tmp_path / "other.db", "CREATE TABLE mine (x)")
    with pytest.raises(BrokenLog, match="not a run log"):
        open_run(tmp_path / "other.db")


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_truncated_log_is_damaged(tmp_path, keep):
    small(tmp_path / "run.db")
    data = (tmp_path / "run.db").read_bytes()
    (tmp_path / "run.db").write_bytes(data[: int(len(data) * keep)])
    found = verify(tmp_path / "run.db")
    assert found
    assert found[0].about == "structure"
    assert found[0].serious
    if keep < 0.9:  # what is lost is read by one frame or the other
        with pytest.raises(BrokenLog, match="damaged"):
            read_all(tmp_path / "run.db")


def read_all(path):
    with open_run(path) as run:
        for name in ("asks", "events", "agents", "ties", "memories", "measures"):
            getattr(run, name)


@pytest.fixture
def locked():
    """Call with a folder: nobody may write to it until the test is over (root does so as somebody else)."""
    kept = []

    def lock(folder):
        kept.append(folder)
        folder.chmod(0o555)
        for file in folder.iterdir():
            file.chmod(0o444)
        if os.geteuid() == 0:
            os.seteuid(65534)

    yield lock
    if os.getuid() == 0:
        os.seteuid(0)
    for folder in kept:
        folder.chmod(0o755)


@pytest.fixture
def folder():
    """A folder everybody can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_finished_log_in_a_read_only_folder(folder, locked):
    small(folder / "run.db")
    locked(folder)
    with open_run(folder / "run.db") as run:
        assert len(run.events) == 8
    assert verify(folder / "run.db") == []
    with pytest.raises(LogError, match="read-only"):
        Writer(folder / "run.db")
    with pytest.raises(LogError, match=r"permissions|Permission"):
        Writer.create(folder / "new.db", INFO)
    with pytest.raises(LogError, match="Permission"):
        Writer.create(folder / "sub" / "new.db", INFO)


def test_a_killed_log_in_a_read_only_folder(folder, locked):
    log = small(folder / "run.db", end=False)
    (folder / "killed").mkdir()
    copied(folder / "run.db", folder / "killed" / "run.db")
    log.writer.close()
    locked(folder / "killed")
    with open_run(folder / "killed" / "run.db") as run:
        assert len(run.events) == 8
        assert run.steps == 3


# -- schema ---------------------------------------------------------------------------------------------------------


def old_log(path):
    """A log as the first release wrote it."""
    engine = writing(path)
    with engine.begin() as connection:
        migrate(connection, upto=1)
        connection.exec_driver_sql(
            insert(run_table, "name", "scenario", "yaml", "seed", "arm", "replicate", "people", "directed", "versions",
                   "status", "started_at", "steps"),
            ("old", '{"name":"old"}', "", 1, "", 0, 1, 0, "{}", "stopped", "2024-01-01T00:00:00+00:00", 0),
        )  # fmt: skip
        connection.exec_driver_sql("INSERT INTO event VALUES (1, 0, 0, 0, 'start', '{\"to\":1}')")
    engine.dispose()


def test_an_old_log_is_read_as_it_is(tmp_path):
    old_log(tmp_path / "old.db")
    before = (tmp_path / "old.db").read_bytes()
    with open_run(tmp_path / "old.db") as run:
        assert run.opinions["opinion"].tolist() == [1]
        assert run.rows("SELECT count(*) FROM said") == [(0,)]  # made by the second step
        assert run.rows("SELECT max(id) FROM schema_version") == [(len(STEPS),)]
    assert (tmp_path / "old.db").read_bytes() == before


def test_an_old_log_is_brought_up_to_date_when_it_is_written_to(tmp_path):
    old_log(tmp_path / "old.db")
    Writer(tmp_path / "old.db").close()
    steps = raw(tmp_path / "old.db", "SELECT id, name FROM schema_version")
    assert steps == [(n, step.__name__) for n, step in enumerate(STEPS, start=1)]


def test_a_log_of_the_future_is_refused(tmp_path):
    small(tmp_path / "run.db")
    raw(tmp_path / "run.db", "INSERT INTO schema_version VALUES (99, 's099_telepathy')")
    with pytest.raises(OldSchema, match="schema 99"):
        open_run(tmp_path / "run.db")
    with pytest.raises(OldSchema, match="newer"):
        Writer(tmp_path / "run.db")
    assert [f.about for f in verify(tmp_path / "run.db")] == ["schema"]


def test_tables_and_migrations_agree(tmp_path):
    Writer.create(tmp_path / "run.db", RunInfo(name="x", scenario={}, seed=1)).close()
    for table in metadata.tables.values():
        made = raw(tmp_path / "run.db", f'PRAGMA table_info("{table.name}")')
        assert [(r[1], r[2], bool(r[3])) for r in made] == [
            (c.name, str(c.type), not c.nullable) for c in table.columns
        ], table.name
        links = raw(tmp_path / "run.db", f'PRAGMA foreign_key_list("{table.name}")')
        assert {(r[3], f"{r[2]}.{r[4]}") for r in links} == {
            (c.name, key.target_fullname) for c in table.columns for key in c.foreign_keys
        }


def test_what_never_began_is_replaced(tmp_path):
    """A kill between making the file and writing the run's row leaves nothing that could be resumed."""
    for left in ("empty", "no tables", "no row"):
        path = tmp_path / f"{left}.db"
        if left == "empty":
            path.write_bytes(b"")
        else:
            with closing(sqlite3.connect(path)) as db:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("CREATE TABLE other (id INTEGER)") if left == "no row" else None
                db.execute("PRAGMA user_version = 1") if left == "no tables" else None
                db.commit()
        if left == "no row":
            with pytest.raises(LogExists):  # somebody else's database
                Writer.create(path, INFO)
            continue
        Writer.create(path, INFO).close()
        with open_run(path) as run:
            assert run.info["status"] == "running"
