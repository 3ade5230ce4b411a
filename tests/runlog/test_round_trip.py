"""What goes in comes out."""

import sqlite3

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsoc.core.errors import LogError
from simsoc.core.words import Answer, Event
from simsoc.runlog import ExposureRow, RunInfo, Writer, columns, open_run
from simsoc.runlog.verify import verify

from .making import LIVE, REFUSED, RULE, Logging, ask, small

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
REUSED_FOLDER = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def run(tmp_path):
    small(tmp_path / "run.db")
    with open_run(tmp_path / "run.db") as opened:
        yield opened


def plain(value):
    """As JSON keeps it: no NaN, no infinities."""
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


@REUSED_FOLDER
@given(st.lists(st.tuples(st.integers(-1, 5), TEXT, st.dictionaries(TEXT, JSON, max_size=3)), max_size=5))
def test_events_come_back_and_so_does_the_digest(tmp_path, made):
    log = Logging(tmp_path / "run.db", overwrite=True)
    for agent, kind, content in made:
        log.event(0, agent, kind, **content) if not {"step", "agent", "kind", "self"} & set(content) else None
    kept = [m for m in made if not {"step", "agent", "kind", "self"} & set(m[2])]
    log.writer.commit(0)
    log.finish()
    with open_run(tmp_path / "run.db") as run:
        assert list(run.stored_events()) == [Event(0, 0, a, k, plain(c)) for a, k, c in kept]
        assert run.digest() == run.info["digest"] == log.digest.hex()
        assert [len(c) for c in run.events["content"]] == [len(c) for _, _, c in kept]
    assert verify(tmp_path / "run.db") == []


@REUSED_FOLDER
@given(TEXT.map(lambda t: t * 500), st.text(max_size=300), JSON)
def test_texts_and_answers_come_back(tmp_path, long, short, value):
    log = Logging(tmp_path / "run.db", overwrite=True)
    reply = Answer(value=value, source="live", by="m", prompt=long, raw=short, settings=long)
    log.writer.ask(ask(), reply)
    log.writer.flush_answers()
    log.finish("stopped")
    with open_run(tmp_path / "run.db") as run:
        (row,) = run.answers()
        kept = short.encode(errors="replace").decode()
        assert (row.reply.prompt, row.reply.raw, row.reply.settings) == (long, kept, long)
        assert row.reply.value == plain(value)
        assert row.identity == ask().identity
    assert not [f for f in verify(tmp_path / "run.db") if f.serious]


def test_replies_come_back_whole(run):
    rows = list(run.answers())
    assert [r.identity for r in rows] == [ask(0, 1).identity, ask(1, 1).identity, ask(2, 2).identity]
    assert rows[0].reply == RULE
    assert rows[1].reply == Answer(**{f: getattr(LIVE, f) for f in LIVE.__struct_fields__ if f != "trouble"})
    assert rows[2].reply == REFUSED
    assert [r.choice for r in rows] == [None, "elicit", "elicit"]


def test_facts_computed_on_demand_are_left_out(tmp_path):
    log = Logging(tmp_path / "run.db")
    looked_at = ask()
    assert looked_at.facts["later"] == "aaa"
    log.writer.ask(looked_at, RULE)
    log.writer.ask(ask(1, facts={"x": np.float64(0.5), "k": np.int64(3)}), RULE)
    log.finish("stopped")
    with open_run(tmp_path / "run.db") as run:
        facts = run.asks_with(facts=True)
        assert [c for c in facts if c.startswith("facts.")] == ["facts.own", "facts.n", "facts.x", "facts.k"]
        assert facts["facts.n"][0] == [1, 2]
        assert facts["facts.x"][1] == 0.5


def test_another_seed_is_kept(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.writer.ask(ask(seed=99), RULE)
    log.writer.ask(ask(seed=98), LIVE)
    log.finish("stopped")
    with open_run(tmp_path / "run.db") as run:
        assert [row.identity[0] for row in run.answers()] == [99, 98]


FRAMES = [
    *("agents", "events", "asks", "opinions", "opinion_changes", "ties", "measures", "measures_long"),
    *("failures", "exposures", "memories", "notes"),
]


@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("name", FRAMES)
def test_frames_have_the_documented_columns(tmp_path, name, filled):
    path = tmp_path / "run.db"
    small(path) if filled else Logging(path).finish("stopped")
    with open_run(path) as run:
        frame = getattr(run, name)
    documented = columns().query("table == @name")["column"].tolist()
    if name == "measures":
        frame = frame.reset_index()
    fixed = [c for c in documented if c != "*"]
    assert list(frame.columns[: len(fixed)]) == fixed
    assert "*" in documented or len(fixed) == len(frame.columns)
    assert filled == (len(frame) > 0)


def test_every_column_has_a_meaning():
    for tables in (False, True):
        described = columns(tables=tables)
        assert (described["meaning"].str.len() > 0).all()
        assert not described.duplicated(["table", "column"]).any()


def test_options_add_the_documented_columns(run):
    described = columns().groupby("table")["column"].agg(list)
    assert list(run.asks_with(texts=True)) == described["asks"] + described["asks_with(texts=True)"]
    assert list(run.summary()) == described["summary"]


def test_agents_and_their_traits(run):
    agents = run.agents
    assert agents["agent"].tolist() == [0, 1, 2, 3]
    assert agents["born_step"].tolist() == [0, 0, 0, 2]
    assert agents["age"].tolist() == [30, 31, 32, 5]
    assert agents["trait.label"].tolist()[:3] == ["x"] * 3  # `label` is a column already
    assert run.info["people"] == 3


def test_events_spread_out(run):
    spread = run.events_of("set")
    assert spread["to"].tolist() == ["a", "b", "b"]
    assert spread["who"].tolist()[1] == 1
    assert len(run.events_of()) == len(run.events) == 8


def test_asks(run):
    asks = run.asks_with(texts=True)
    assert asks["status"].tolist() == ["ok", "ok", "refused"]
    assert asks["value"].tolist() == ["a", "b", None]
    assert asks["reply"].tolist()[1:] == ["b, of course", "I will not."]
    assert asks["flags"][1] == "rescaled,repaired"
    assert asks["tokens_in"].sum() == 120
    assert asks["attempts"].tolist() == [0, 2, 1]


def test_failures(run):
    failures = run.failures
    assert failures["what"].tolist() == ["attempt", "attempt", "no answer"]
    assert failures["kind"].tolist() == ["timed_out", "unparseable", "refused"]
    assert failures["text"].tolist()[1:] == ["well, b?", "I will not."]


def test_attempts_of_a_call_that_came_to_nothing(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.writer.attempts(ask(4), LIVE.trouble)
    log.finish("stopped", "unreachable")
    with open_run(tmp_path / "run.db") as run:
        assert run.failures["agent"].tolist() == [4, 4]


def test_opinions_are_carried_forward(run):
    wide = run.opinions.pivot(index="step", columns="agent", values="opinion")
    assert wide[0].tolist() == ["a", "a", "a", "b"]
    assert wide[1].tolist() == ["a", "b", "b", "b"]
    assert wide[2].tolist() == ["b"] * 4
    assert wide[3].isna().tolist() == [True, True, False, False]  # born in step 2


def test_opinion_changes(run):
    changes = run.opinion_changes
    assert changes[["step", "agent", "opinion"]].to_numpy().tolist() == [
        [0, 0, "a"], [0, 1, "a"], [0, 2, "b"], [1, 1, "b"], [2, 3, "b"], [3, 0, "b"],
    ]  # fmt: skip


def test_numbers_as_opinions_and_the_last_of_a_step_counts(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.event(0, 5, "start", to=0.5)
    log.writer.commit(0)
    for to in (0.1, -0.2):
        log.event(1, 5, "set", to=to)
    log.event(1, 5, "set", group=3)  # says nothing of an opinion
    log.writer.commit(1)
    log.writer.commit(2)
    log.finish()
    with open_run(tmp_path / "run.db") as run:
        assert run.opinions["opinion"].tolist() == [0.5, -0.2, -0.2]
        assert run.opinions["opinion"].dtype == float


def test_measures(run):
    assert run.measures["share"].tolist() == pytest.approx([2 / 3, 1 / 3, 0.25, 0])
    assert run.measures["gap"].isna().tolist() == [True, True, False, True]
    assert run.measures_long.iloc[2][["step", "name"]].tolist() == [1, "gap"]
    assert run.measures.index.name == "step"


def test_summary_keeps_to_the_declared_window(tmp_path):
    spec = {"name": "x", "measures": [{"name": "m", "from": 1, "last": 2}]}
    log = Logging(tmp_path / "run.db", RunInfo(name="x", scenario=spec, seed=1))
    for step, value in enumerate([9.0, 5.0, 1.0, 2.0]):
        log.writer.measure(step, "m", value)
        log.writer.measure(step, "free", value)
        log.writer.commit(step)
    log.finish()
    with open_run(tmp_path / "run.db") as run:
        rows = run.summary().set_index("measure")
        assert rows.loc["m"].tolist() == [9.0, 2.0, 1.5, "2-3"]
        assert rows.loc["free", "window"] == "0-3"


def test_ties_and_graphs(run):
    assert run.ties[["a", "b", "from_step"]].to_numpy().tolist() == [[0, 1, 0], [1, 2, 0], [0, 3, 2]]
    assert run.ties["to_step"].tolist() == [pd.NA, 2, pd.NA]
    first, last = run.graph(1), run.graph()
    assert type(first) is nx.Graph
    assert sorted(first.edges) == [(0, 1), (1, 2)]
    assert sorted(last.edges) == [(0, 1), (0, 3)]
    assert set(first) == {0, 1, 2}
    assert 2 in last  # nobody's friend any more, there all the same
    assert last.nodes[3]["shoe"] == 44
    assert first.edges[0, 1]["weight"] == 2.0
    with pytest.raises(LogError, match="step 4"):
        run.graph(4)


def test_directed_ties_keep_their_direction(tmp_path):
    log = Logging(tmp_path / "run.db", RunInfo(name="x", scenario={}, seed=1, directed=True))
    for a, b in [(2, 1), (1, 2)]:
        log.writer.tie_from(a, b, 0)
    log.writer.commit(0)
    log.writer.tie_to(1, 2, 1)
    log.writer.commit(1)
    log.finish()
    with open_run(tmp_path / "run.db") as run:
        assert list(run.graph().edges) == [(2, 1)]
        assert isinstance(run.graph(), nx.DiGraph)


def test_a_tie_may_be_cut_and_made_again_in_one_step_and_change_its_weight(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.writer.tie_from(0, 1, 0)
    log.writer.commit(0)
    log.writer.tie_to(1, 0, 1)
    log.writer.tie_from(0, 1, 1, {"weight": 1.0})
    log.writer.commit(1)
    log.writer.tie_from(1, 0, 2, {"weight": 3.0})
    log.writer.commit(2)
    log.finish()
    with open_run(tmp_path / "run.db") as run:
        assert run.ties[["from_step", "to_step"]].to_numpy(na_value=-1).tolist() == [[0, 1], [1, 2], [2, -1]]
        assert [run.graph(t).edges[0, 1].get("weight") for t in range(3)] == [None, 1.0, 3.0]
    assert verify(tmp_path / "run.db") == []


def test_exposures_memories_and_notes(run):
    assert run.exposures["parts"][0] == {"fresh": 1.0, "close": 0.5}
    memories = run.memories
    assert memories["text"].tolist() == ["saw a post of P2", "P2 writes"]
    assert memories["last_access"].tolist() == [2, 2]
    assert memories["evidence"].tolist() == [None, [0]]
    assert (memories["event"][0], memories["ask"][0]) == (5, 2)
    assert memories["subject"].tolist()[1] == "P2"
    assert run.notes["content"][0] == {"from": 1}


def test_many_exposures_in_one_step(tmp_path):
    log = Logging(tmp_path / "run.db")
    log.writer.exposures(ExposureRow(0, v, 0, s, 1, 0, 0, None, "f") for v in range(50) for s in range(10))
    log.writer.commit(0)
    log.finish()
    with open_run(tmp_path / "run.db") as run:
        assert len(run.exposures) == 500
        assert run.exposures["score"].isna().all()


def test_a_run_tells_what_it_is(run):
    assert "small (seed 7, replicate 0)" in repr(run)
    assert "<td>3</td>" not in run._repr_html_()
    assert "finished" in run._repr_html_()
    assert run.scenario == {"name": "small", "steps": 3}
    assert run.info["yaml"] == "name: small\n"
    assert run.minds() == [
        "voter (rule): 1 answers",
        "openai/gpt-x (live): 2 calls, 1 of them without answer; 1 repeated requests; 120 tokens in, 3 out;"
        " 0.001 USD and 1 calls of unknown price",
    ]


def test_the_view_for_database_browsers(run):
    raw = sqlite3.connect(run.path)
    assert raw.execute("SELECT reply FROM said WHERE agent = 1").fetchone() == ("b, of course",)
    raw.close()


def test_frames_are_kept_only_once_the_run_has_ended(tmp_path):
    log = small(tmp_path / "run.db", end=False)
    with open_run(tmp_path / "run.db") as run:
        assert len(run.events) == 8
        log.event(4, 0, "rest")
        log.writer.commit(4)
        assert len(run.events) == 9
        log.finish()
        assert len(run.events) == 9
        mine = run.events
        mine["step"] = 0  # a copy: nobody else's frame is changed
        assert run.events["step"].max() == 4


def test_versions_are_found_out(tmp_path):
    Writer.create(tmp_path / "run.db", RunInfo(name="x", scenario={}, seed=1)).close()
    with open_run(tmp_path / "run.db") as run:
        assert {"python", "numpy", "networkx"} <= set(run.info["versions"])
        assert not {"vadersentiment", "openai", "litellm"} & set(run.info["versions"]), "none of these was needed"
