"""Every statement of docs/sql.md runs on a real log, gives what it says, and every table is told of."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import simsoc
from simsoc.runlog.tables import metadata

PAGE = (Path(__file__).parents[2] / "docs" / "sql.md").read_text(encoding="utf-8")
STATEMENTS = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
SCENARIO = {
    "name": "sql",
    "steps": 4,
    "seed": 2,
    "world": {"kind": "opinion", "stop": "never", "rule": {"kind": "curie_weiss", "beta": 1.0}},
    "population": {
        "source": "inline",
        "people": [{"name": "Ada", "age": 36}, {"name": "Bo", "age": 36}, {"name": "Cy"}],
    },
    "backend": {"model": "scripted", "script": ["I will not", "no idea"], "repairs": 0},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("sql")
    by_rule = {**SCENARIO, "backend": "mechanistic"}
    for name, scenario in (("quiet-r000", by_rule), ("loud-r000", {**by_rule, "seed": 3}), ("mute", SCENARIO)):
        simsoc.run(scenario, log=where / f"{name}.db").close()
    return where


def rows(path, statement):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(statement)]


def test_there_are_ten_and_one_for_many_runs():
    assert len(STATEMENTS) == 12


@pytest.mark.parametrize("number", range(len(STATEMENTS) - 1))
def test_every_statement_runs(folder, number):
    found = rows(folder / "quiet-r000.db", STATEMENTS[number])
    nothing = {"FROM ask WHERE status <> 'ok'", "FROM exposure"}  # a run on rules has no failures, and no feed
    assert bool(found) == (not any(mark in STATEMENTS[number] for mark in nothing))


def test_they_say_what_the_frames_say(folder):
    path = folder / "quiet-r000.db"
    with simsoc.open_run(path) as run:
        assert [row["value"] for row in rows(path, STATEMENTS[1])] == list(run.measures["magnetisation"])
        (ties,) = (s for s in STATEMENTS if "WITH held" in s)
        assert {row["id"]: row["ties"] for row in rows(path, ties)} == dict(run.graph(3).degree)
        (cost,) = (s for s in STATEMENTS if "sum(tokens_in)" in s)
        assert sum(row["calls"] for row in rows(path, cost)) == len(run.asks)
        assert rows(path, STATEMENTS[0])[0]["digest"] == run.digest()
    (failed,) = (s for s in STATEMENTS if "AS times FROM ask" in s)
    with simsoc.open_run(folder / "mute.db") as run:
        assert sum(row["times"] for row in rows(folder / "mute.db", failed)) == len(run.failures) > 0


def test_runs_side_by_side(folder, monkeypatch):
    monkeypatch.chdir(folder)
    *attached, statement = STATEMENTS[-1].split(";\n")[:3]
    with closing(sqlite3.connect(":memory:")) as connection:
        for one in attached:
            connection.execute(one)
        assert len(connection.execute(statement).fetchall()) == 5


def test_every_table_is_told_of():
    told = re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE)
    assert set(told) == {*metadata.tables} - {"schema_version"} | {"said"}
