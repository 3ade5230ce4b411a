"""The exposure ledger: who saw what in which slot is in the log, once, whatever way a run went."""

import pandas as pd
import pytest

import simsoc
from simsoc.core.words import Shown, Suggested, Turn
from simsoc.runlog.verify import verify
from simsoc.society.showing import Showing
from simsoc.worlds import WORLDS
from tests.virtual import RULES, Stub, VirtualHub, lognormal


@pytest.fixture(autouse=True)
def square(monkeypatch):
    monkeypatch.setitem(WORLDS._parts, "square", "tests.feeds.square:Square")


def scenario(feed="everyone", activation="one_by_one", steps=6):
    return {
        "name": "square",
        "steps": steps,
        "world": {"kind": "square", "feed": feed},
        "population": {"n": 20},
        "network": {"kind": "erdos_renyi", "degree": 4, "directed": True},
        "activation": activation,
    }


def test_every_row_is_there_and_says_why(tmp_path):
    run = simsoc.run(scenario(), log=tmp_path / "a.db")
    seen, events = run.exposures, run.events
    assert len(seen) > 100
    assert set(seen["ranker"]) == {"everyone"}
    assert all(set(parts) == {"likes", "replies", "reposts"} for parts in seen["parts"])
    assert all(sum(parts.values()) == score for parts, score in zip(seen["parts"], seen["score"], strict=True))
    by_turn = seen.groupby(["step", "viewer", "turn"], sort=False)
    assert all(list(group["slot"]) == list(range(len(group))) for _, group in by_turn)
    made = {(e.agent, e.step, e.turn) for e in events.itertuples() if e.kind in ("post", "repost")}
    assert {*zip(seen["author"], seen["made_step"], seen["n"], strict=True)} <= made
    assert not (seen["author"] == seen["viewer"]).any()
    acted = events[events["kind"].isin(["like", "repost", "reply"])]
    first = {(r.step, r.viewer, r.turn): [r.author, r.made_step, r.n] for r in seen[seen["slot"] == 0].itertuples()}
    assert len(acted)
    assert all(first[e.step, e.agent, e.turn] == e.content["of"] for e in acted.itertuples())
    order = [(e.step, e.agent, e.turn) for e in events.itertuples() if (e.step, e.agent, e.turn) in first]
    assert list(by_turn.groups) == order, "in the order of turns"
    assert verify(tmp_path / "a.db") == []


@pytest.mark.parametrize("feed", ["everyone", {"kind": "timeline", "by": "boost_out_partisan"}, "random"])
def test_a_resumed_run_has_each_row_once(tmp_path, feed):
    whole = simsoc.run(scenario(feed), log=tmp_path / "whole.db")
    society = simsoc.Society(scenario(feed), log=tmp_path / "part.db")
    for _ in range(3):
        society.step()
    society.close()
    part = simsoc.resume(tmp_path / "part.db")
    pd.testing.assert_frame_equal(part.exposures, whole.exposures)
    assert part.info["digest"] == whole.info["digest"]
    assert part.notes[part.notes["kind"] == "ranker"]["content"].to_list() == (
        whole.notes[whole.notes["kind"] == "ranker"]["content"].to_list()
    )


@pytest.mark.parametrize("activation", ["one_by_one", "together", {"kind": "rate", "activity": 0.5}])
def test_late_answers_leave_the_ledger_as_it_is(tmp_path, activation):
    """Who is answered late by a model, and out of order, has seen what it would have seen by rule."""
    design = scenario(activation=activation, steps=4)
    by_rule = simsoc.run(design, log=tmp_path / "rule.db")
    hub, stub = VirtualHub(), Stub(RULES, lognormal(3, 1.0), 8)
    try:
        society = simsoc.Society(design, backend=stub, hub=hub, log=tmp_path / "late.db")
        hub.watch(society._live)
        society.run_model()
    finally:
        hub.close()
    late = simsoc.open_run(tmp_path / "late.db")
    assert late.info["digest"] == by_rule.info["digest"]
    pd.testing.assert_frame_equal(late.exposures, by_rule.exposures)


def test_all_who_are_active_see_the_start_of_the_step(tmp_path):
    run = simsoc.run(scenario(activation={"kind": "rate", "activity": 0.5}), log=tmp_path / "r.db")
    assert len(run.exposures)
    assert (run.exposures["made_step"] < run.exposures["step"]).all()


def test_without_a_log_nothing_is_kept():
    society = simsoc.Society(scenario())
    society.run_model()
    assert society.engine.shown == []


class _Page:
    """What a writer would be told."""

    def __init__(self):
        self.rows, self.notes = [], []

    def shown(self, rows):
        self.rows += rows

    def note(self, step, kind, content):
        self.notes.append((step, content["ranker"]))


def test_accounts_that_are_suggested_stand_apart():
    class Page(_Page):
        def suggested(self, rows):
            self.rows += rows

    page, showing = Page(), Showing()
    waiting = [(Turn(1, 4, 9, 2), Suggested([3, 1], [2.0, 0.5], "near", {"x": [1.5, 0.5], "y": [0.5, 0.0]}))]
    waiting += [(Turn(1, 4, 2, 0), Suggested([5], [7.0], "popular"))]
    showing.log_suggested(waiting, page)
    assert page.rows == [
        (4, 9, 2, 0, 3, 2.0, '{"x":1.5,"y":0.5}', "near"),
        (4, 9, 2, 1, 1, 0.5, '{"x":0.5,"y":0.0}', "near"),
        (4, 2, 0, 0, 5, 7.0, None, "popular"),
    ]
    assert waiting == []


def test_several_lists_in_a_turn_and_rankers_of_several_kinds():
    lists = [
        Shown([(1, 1, 0), (2, 1, 0)], ["a", "b"], [3.0, 1.0], {"a": ("x",), "b": ("y", "z")}, [(3.0,), (0.5, 0.5)]),
        Shown([(5, 1, 0)], "profile"),
    ]
    page, showing = _Page(), Showing()
    showing.log([(Turn(1, 4, 9, 2), lists)], page, 4)
    assert page.rows == [
        (4, 9, 2, 0, 1, 1, 0, 3.0, "a", "[3]"),
        (4, 9, 2, 1, 2, 1, 0, 1.0, "b", "[0.5,0.5]"),
        (4, 9, 2, 2, 5, 1, 0, None, "profile", None),
    ]
    showing.log([(Turn(1, 5, 9, 0), lists[0])], page, 5)
    assert page.notes == [(4, "a"), (4, "b")], "what parts are called is said once"
    showing.log([(Turn(1, 6, 9, 0), Shown([(1, 1, 0)], "a", [1.0], {"a": ("w",)}, [(1.0,)]))], page, 6)
    assert page.rows[-1][-1] == '{"w":1.0}', "called otherwise later on: each row says so"
