"""Frames a chunk at a time and as files: the same rows and columns as the whole frame, whatever the size of a chunk."""

import csv
import json
import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simsoc
from simsoc.core.errors import LogError
from simsoc.runlog import AgentRow, ExposureRow, MemoryRow, open_run
from simsoc.runlog.documented import FRAMES
from simsoc.runlog.pieces import columns_of, rows_of

from .making import LIVE, REFUSED, RULE, Logging, ask

NAMES = [name for name in FRAMES if "(" not in name]


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A log with something in every table, traits of mixed kinds and opinions that come late, change and go."""
    path = tmp_path_factory.mktemp("pieces") / "run.db"
    made = Logging(path)
    writer = made.writer
    traits = [
        {"age": 30, "tall": True},
        {"age": 4.5, "step": "x"},
        {"odd": [1, {"a": None}], "born_step": 3},
        {"odd": "1"},
    ]
    writer.agents([AgentRow(n, own, label="" if n else "=1+1") for n, own in enumerate(traits)])
    writer.tie_from(0, 1, 0)
    writer.tie_from(1, 2, 0, {"weight": 0.5})
    for n in range(2):
        made.event(0, n, "start", to="a")
    writer.measure(0, "share", 0.5)
    writer.commit(0)
    for step in range(1, 4):
        writer.ask(ask(agent=0, step=step), RULE)
        writer.ask(ask(agent=1, step=step), LIVE)
        writer.ask(ask(agent=2, step=step), REFUSED)
        made.event(step, -1, "start" if step == 2 else "set", who=(step * 2) % 3, to="b" if step % 2 else "a")
        made.event(step, 0, "set", to="a")
        made.event(step, 1, "said", text="x" * step, turn=step)
        more = {"title": "T", "breaks": ["ads"]} if step > 1 else {}
        made.event(step, 2, "post", n=0, text="=1+1", **more)
        writer.exposures(
            [ExposureRow(step, 0, 0, slot, 1, step, slot, None, "newest", {"age": 1.0}) for slot in (0, 1)]
        )
        writer.suggested([(step, 0, 0, slot, slot + 1, 2.0, '{"x":2.0}' if slot else None, "near") for slot in (0, 1)])
        writer.memories([MemoryRow(0, step - 1, step, "event", "saw it", keywords=["it"])])
        writer.note(step, "resume", {"after": step})
        writer.measure(step, "late", 1.0 if step > 1 else None)
        writer.measure(step, "share", step / 3)
        writer.commit(step)
    made.finish()
    return path


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 9), name=st.sampled_from(NAMES))
def test_pieces_are_the_whole_frame(log, rows, name):
    with open_run(log) as run:
        whole = run.summary() if name == "summary" else getattr(run, name)
        pieces = list(run.chunks(name, rows))
    assert all(len(piece) <= rows for piece in pieces)
    assert all(list(piece.columns) == list(whole.columns) for piece in pieces)
    joined = pd.concat([piece for piece in pieces if len(piece)] or pieces)
    assert len(whole) == len(joined)
    pd.testing.assert_frame_equal(joined.astype(object).where(joined.notna(), None),
                                  whole.astype(object).where(whole.notna(), None), check_index_type=False)  # fmt: skip


def test_every_table_of_the_fixture_says_something(log):
    with open_run(log) as run:
        empty = [name for name in NAMES if not next(iter(run.chunks(name, 5))).size]
    assert empty == ["interviews"]


@pytest.mark.parametrize("file", ["opinion_deffuant", "growth_homophily", "town_small", "opinion_group_splitting"])
def test_pieces_of_real_runs(file, tmp_path):
    steps = {"steps": 12} if file != "growth_homophily" else {"steps": 40}
    run = simsoc.run(f"scenarios/{file}.yaml", log=tmp_path / "run.db", **steps)
    for name in ("agents", "events", "asks", "ties", "measures", "opinions", "opinion_changes", "memories"):
        whole = getattr(run, name)
        joined = pd.concat(list(run.chunks(name, 97)))
        pd.testing.assert_frame_equal(joined, whole, check_dtype=False, check_index_type=False)


def test_a_name_that_is_no_frame_gets_a_guess(log):
    with open_run(log) as run:
        with pytest.raises(LogError, match=r"no table 'event'. Did you mean 'events'"):
            run.chunks("event")
        with pytest.raises(ValueError, match="one row at least"):
            run.chunks("events", 0)
        with pytest.raises(LogError, match="no format 'parket'"):
            run.export(log.parent / "x", format="parket")


# -- files -----------------------------------------------------------------------------------------------------------


def test_parquet_has_every_row_typed_and_documented(log, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    with open_run(log) as run:
        files = run.export(tmp_path, rows=2)
        assert sorted(path.name for path in files) == sorted(
            [*(f"{name}.parquet" for name in NAMES if name != "interviews"), "columns.csv"]
        )
        for name in NAMES:
            if name == "interviews":
                continue
            table = parquet.read_table(tmp_path / f"{name}.parquet")
            assert table.column_names == [c.name for c in columns_of(run, name)]
            assert [tuple(row.values()) for row in table.to_pylist()] == [
                tuple(
                    bool(v) if f.type == "bool" and v is not None else v for v, f in zip(row, table.schema, strict=True)
                )
                for row in rows_of(run, name)
            ]
    ages = parquet.read_table(tmp_path / "agents.parquet")
    assert ages.column("age").to_pylist() == [30.0, 4.5, None, None]
    assert ages.column("odd").to_pylist() == [None, None, '[1,{"a":null}]', '"1"']
    assert ages.column("trait.born_step").to_pylist() == [None, None, 3, None]
    events = parquet.ParquetFile(tmp_path / "events.parquet")
    assert events.schema_arrow.field("step").metadata == {
        b"unit": b"step",
        b"meaning": b"when; 0 is the starting state",
    }
    assert events.metadata.num_row_groups == 7
    told = pd.read_csv(tmp_path / "columns.csv", keep_default_na=False)
    assert set(told["table"]) == {path.stem for path in files} - {"columns"}


def test_csv_reads_back(log, tmp_path):
    with open_run(log) as run:
        run.export(tmp_path, format="csv", tables=["events", "agents", "asks"])
        rows = list(csv.DictReader((tmp_path / "events.csv").read_text(encoding="utf-8").splitlines()))
        assert [json.loads(row["content"]) for row in rows] == list(run.events["content"])
        assert pd.read_csv(tmp_path / "agents.csv", dtype=str)["tall"][0] == "true"
        assert len(pd.read_csv(tmp_path / "asks.csv")) == len(run.asks)


def test_a_long_table_is_written_without_being_held(tmp_path):
    """Four times the rows take no more memory: both files are written with a thousand rows at once."""
    import tracemalloc

    def peak(steps):
        made = Logging(tmp_path / f"{steps}.db")
        rng = random.Random(1)
        for step in range(1, steps + 1):
            for agent in range(500):
                made.event(step, agent, "said", text=f"{rng.random()} " * 5)
            made.writer.commit(step)
        made.finish()
        with open_run(tmp_path / f"{steps}.db") as run:
            run.export(tmp_path / "warm", tables=["events"], rows=1_000, format="csv")
            tracemalloc.start()
            run.export(tmp_path / str(steps), tables=["events"], rows=1_000, format="csv")
            run.export(tmp_path / str(steps), tables=["events"], rows=1_000)
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return found

    pytest.importorskip("pyarrow")
    assert peak(96) < 1.5 * peak(24)
