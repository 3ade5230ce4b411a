"""What another feed would have shown: the run's own feed shows what was shown, others what they should."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simsoc
from simsoc.core.errors import LogError, ScenarioError
from simsoc.measures.exposures import across, overlap, rank_correlation, shares

SCENARIOS = Path(__file__).parents[2] / "scenarios"
COLUMNS = ["step", "viewer", "turn", "slot", "author", "made_step", "n", "score", "ranker"]
FIXED = {"kind": "twitter", "design": "fixed", "feed": {"kind": "everyone", "max_age": 4, "size": 6}}
GROWING = {"kind": "twitter", "design": "growing", "feed": {"kind": "timeline", "by": "downplay_dominant"}}


@pytest.fixture(scope="module", params=["fixed together", "fixed one by one", "growing", "with interventions"])
def run(request, tmp_path_factory):
    how = request.param
    given = {
        "name": "off",
        "steps": 150 if how == "growing" else 8,
        "world": GROWING if how == "growing" else FIXED,
        "population": {"source": "anes-synthetic", "n": 40},
        "network": {"kind": "partisan", "degree": 6},
        "activation": {"kind": "rate", "activity": 0.6} if how == "fixed together" else "one_by_one",
    }
    if how == "with interventions":
        given["interventions"] = [
            {"at": 3, "do": {"kind": "leave"}, "who": {"ids": [3, 4]}},
            {"at": 5, "do": {"kind": "traits", "to": {"party": "republican"}}, "who": {"ids": [7]}},
        ]
    return simsoc.run(given, log=tmp_path_factory.mktemp("off") / "run.db")


def of_feed(run):
    shown = run.exposures
    return shown[shown["ranker"] != "profile"].reset_index(drop=True)


def test_the_feed_that_was_used_shows_what_was_shown(run):
    shown, again = of_feed(run), simsoc.reranked(run, run.scenario["world"][0]["feed"])
    assert len(shown) > 200
    pd.testing.assert_frame_equal(again[COLUMNS], shown[COLUMNS], check_dtype=False)
    assert again["parts"].to_list() == shown["parts"].to_list()
    assert overlap(shown, again) == rank_correlation(shown, again) == 1


PICKS = {"kind": "twitter", "design": {"kind": "growing", "pick": 5}, "feed": "base"}
RATE = {"kind": "rate", "activity": 0.6}


@pytest.mark.parametrize(
    ("world", "activation"), [(PICKS, RATE), (FIXED, RATE), (FIXED, "one_by_one"), (FIXED, "together")]
)
def test_posts_put_in_before_a_step_are_there_in_all_its_turns(world, activation, tmp_path):
    item = {"post": "The bridge is closed.", "mark": "bridge"}
    given = {
        "name": "off",
        "steps": 14,
        "world": world,
        "population": {"source": "anes-synthetic", "n": 15},
        "network": {"kind": "partisan", "degree": 4},
        "activation": activation,
        "interventions": [
            {"at": 4, "who": {"n": 15}, "do": {"kind": "inject", "item": item}},
            {"at": 6, "every": 3, "who": {"n": 5}, "do": {"kind": "inject", "item": item}},
            {"at": 6, "do": {"kind": "inject", "item": {"post": "Signed by nobody."}}},
        ],
    }
    run = simsoc.run(given, log=tmp_path / "run.db")
    again = simsoc.reranked(run, run.scenario["world"][0]["feed"])
    pd.testing.assert_frame_equal(again[COLUMNS], of_feed(run)[COLUMNS], check_dtype=False)


def test_pages_of_a_community_with_injected_posts(tmp_path):
    """World `reddit`, where members browse and a troll's post is put in from outside, in the name of a member."""
    design = simsoc.load(SCENARIOS / "reddit_moderation.yaml").alone()
    run = simsoc.run(design, log=tmp_path / "reddit.db")
    again = simsoc.reranked(run, run.scenario["world"][0]["feed"])
    assert len(again) > 1000
    pd.testing.assert_frame_equal(again[COLUMNS], run.exposures[COLUMNS], check_dtype=False)
    assert 0 < overlap(run.exposures, simsoc.reranked(run, "new")) < 1


def test_other_feeds_rank_for_the_same_viewers_in_the_same_turns(run):
    shown = of_feed(run)
    other = simsoc.reranked(run, {"kind": "chronological", "size": 4})
    turns = ["step", "viewer", "turn"]
    assert set(map(tuple, other[turns].to_numpy())) <= set(map(tuple, shown[turns].to_numpy()))
    assert set(other["ranker"]) == {"chronological"}
    assert other["slot"].max() == 3
    assert (other["made_step"] <= other["step"]).all()
    newest = other.groupby(turns)["score"].apply(lambda steps: steps.is_monotonic_decreasing)
    assert newest.all()
    assert 0 <= overlap(shown, other) < 1


def test_what_cannot_be_is_told(run, tmp_path):
    with pytest.raises(ScenarioError, match="Did you mean 'bridging'"):
        simsoc.reranked(run, "bridgin")
    opinions = {
        "name": "o",
        "steps": 1,
        "world": {"kind": "opinion", "rule": "voter"},
        "population": {"n": 4},
        "network": "complete",
    }
    with pytest.raises(LogError, match="no world of this run has a feed"):
        simsoc.reranked(simsoc.run(opinions, log=tmp_path / "o.db"), "everyone")


def lists(*turns):
    """A frame from (viewer, [authors from the top down])."""
    rows = [(1, viewer, 0, slot, author, 0, 0) for viewer, authors in turns for slot, author in enumerate(authors)]
    return pd.DataFrame(rows, columns=["step", "viewer", "turn", "slot", "author", "made_step", "n"])


def test_measures_by_hand():
    a, b = lists((1, [10, 11, 12, 13]), (2, [10])), lists((1, [13, 12, 20, 21]), (3, [10]))
    assert overlap(a, b) == 0.5, "only viewer 1 has both"
    assert overlap(a, b, 1) == 0
    assert rank_correlation(a, b) == -1
    assert overlap(lists(), b) is None
    assert rank_correlation(a, lists((1, [10]))) is None
    order = [3, 1, 4, 0, 2]
    from scipy.stats import spearmanr

    found = rank_correlation(lists((1, list(range(5)))), lists((1, order)))
    assert found == pytest.approx(spearmanr(np.arange(5), np.argsort(order)).statistic)
    party = {1: "left", 2: "right", 10: "left", 11: "right", 12: "none", 13: "right"}
    assert across(a, party, "none") == 3 / 4
    table = shares(a, party, "none")
    assert table.loc["left"].to_dict() == {"left": 0.25, "none": 0.25, "right": 0.5}
    assert table.loc["right", "left"] == 1
