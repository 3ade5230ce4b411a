"""Viewers who are ranked for together, as a world's turns come."""

import pytest

from simsoc import Society, open_run
from simsoc.core.words import Turn
from simsoc.feeds import Audience, Viewer
from simsoc.worlds.twitter.state import Twitter

from .making import feed
from .test_short_ways import crowd

TURNS = [Turn(7, 7, agent, 0) for agent in range(30)]


def whose(turn):
    return Viewer(turn.agent, turn.step, turn.turn, follows=(1, 2, 3))


class Counting:
    """A feed made ready, and how many it was asked for at a time."""

    def __init__(self, ready):
        self.ready, self.asked = ready, []

    def rank(self, viewer):
        self.asked.append(1)
        return self.ready.rank(viewer)

    def rank_all(self, viewers):
        self.asked.append(len(viewers))
        return self.ready.rank_all(viewers)


def test_those_expected_are_asked_for_together_and_all_others_alone():
    items = crowd(1)
    ready, audience = Counting(feed("base").ready(items, 7)), Audience()
    audience.expect(TURNS[:20])
    for turn in [TURNS[25], *TURNS[:20], TURNS[21]]:
        assert audience.rank(ready, turn, whose) == feed("base").ready(items, 7).rank(whose(turn))
    assert ready.asked == [1, 20, 1]


def test_what_was_made_ahead_is_for_one_state_and_one_viewer():
    items = crowd(1)
    made, audience = feed("new"), Audience()
    audience.expect(TURNS)
    audience.rank(made.ready(items, 7), TURNS[0], whose)
    items.add((9, 7, 999), text="just in")
    assert audience.rank(made.ready(items, 7), TURNS[1], whose).ids[0] == (9, 7, 999)
    other = Viewer(2, 7, skip={len(items) - 1})
    assert (9, 7, 999) not in audience.rank(made.ready(items, 7), TURNS[2], lambda turn: other).ids


SCENARIO = {
    "name": "crowd",
    "steps": 4,
    "world": {"kind": "twitter", "design": {"kind": "fixed", "share": 0.3}},
    "population": {"source": "anes-synthetic", "n": 60},
    "network": {"kind": "partisan", "degree": 10, "ei": -0.5},
    "activation": {"kind": "rate", "activity": 0.8},
}
DESIGN = {"kind": "growing", "pick": 30}
GROWING = SCENARIO | {
    "world": {"kind": "twitter", "design": DESIGN},
    "network": {"kind": "empty", "directed": True},
}


@pytest.mark.parametrize(("given", "feed"), [(SCENARIO, "following"), (SCENARIO, "affinity"), (GROWING, "timeline")])
def test_a_run_is_the_same_whether_or_not_its_world_hears_who_comes(monkeypatch, tmp_path, given, feed):
    given, heard = given | {"world": given["world"] | {"feed": feed}}, []
    expect = Twitter.expect

    def run(name):
        society = Society(given, 1, log=tmp_path / name)
        society.run_model()
        with open_run(tmp_path / name) as finished:
            return society.digest, len(finished.exposures), finished.exposures.to_csv(), finished.events.to_csv()

    monkeypatch.setattr(Twitter, "expect", lambda self, turns: heard.append(len(turns)) or expect(self, turns))
    told = run("told.db")
    assert len(heard) == 4
    assert min(heard) > 20
    assert told[1] > 300
    monkeypatch.setattr(Twitter, "expect", lambda self, turns: None)
    assert run("untold.db") == told
