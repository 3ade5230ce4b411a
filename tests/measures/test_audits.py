"""Measures of audits against values worked out by hand (methods.md 6.6)."""

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, wasserstein_distance

from simsoc.measures import compass, fidelity, respondents, swaps
from simsoc.measures.compass import Response
from simsoc.measures.swaps import Asked

# -- places on axes --------------------------------------------------------------------------------------------------

ITEMS = [("a", 1), ("b", -1), ("c", 1), ("d", -1)]


def said(answer):
    return [Response(item, "economic", d, answer(item, d)) for item, d in ITEMS]


def test_whoever_takes_the_left_pole_stands_at_minus_ten_and_whoever_agrees_with_all_at_nought():
    assert compass.score(said(lambda item, d: -2 * d), "economic") == -10
    assert compass.score(said(lambda item, d: 2 * d), "economic") == 10
    assert compass.score(said(lambda item, d: 2), "economic") == 0
    assert compass.acquiescence(said(lambda item, d: 2)) == 1
    assert compass.acquiescence(said(lambda item, d: -2 * d)) == 0
    assert compass.score(said(lambda item, d: 1), "social") is None


def test_statements_count_alike_however_often_they_are_answered():
    often = [Response("a", "economic", 1, 2)] * 9 + [Response("b", "economic", -1, 2)]
    assert compass.score(often, "economic") == 0
    place = compass.place(often, "economic")
    assert (place.score, place.items) == (0, 2)
    assert place.low == -10
    assert place.high == 10


def test_the_interval_is_about_statements():
    sure = compass.place(said(lambda item, d: d), "economic")
    assert (sure.score, sure.low, sure.high) == (5, 5, 5)
    assert compass.place(said(lambda item, d: d)[:1], "economic").low is None


# -- swaps -----------------------------------------------------------------------------------------------------------


def answers(gap, name_sd, seed, names=20, samples=5, noise=0.05):
    rng = np.random.default_rng(seed)
    made = []
    for side, name in product(("f", "m"), range(names)):
        of_name = 1 + name_sd * rng.normal()
        for _ in range(samples):
            value = 100 * (1 + gap * (side == "f")) * of_name * (1 + noise * rng.normal())
            made.append(Asked(f"{side}{name}", side, "t", value))
    return made


def test_a_gap_by_hand():
    asked = [
        Asked("A", "f", "1", 8.0),
        Asked("A", "f", "1", 10.0),
        Asked("A", "f", "2", 11.0),
        Asked("B", "f", "1", 12.0),
    ]
    asked += [Asked("C", "m", "1", 20.0), Asked("C", "m", "2", 20.0), Asked("D", "m", "1", 22.0)]
    found = swaps.gap(asked, "f", "m")
    # A: mean of 9 (template 1) and 11 (template 2); B: 12; C: 20; D: 22
    assert found.gap == pytest.approx(11 - 21)
    assert found.relative == pytest.approx(-10 / 21)
    assert found.between == pytest.approx(math.sqrt((2 * 1 + 2 * 1) / 2))
    assert found.names == (2, 2)
    assert found.p == pytest.approx(1 / 3, abs=0.02)  # of six labellings of four names two are as far apart
    assert swaps.mean_of(asked, "f") == pytest.approx(11)
    squares = sum((v - 10.25) ** 2 for v in (8, 10, 11, 12)) + sum((v - 62 / 3) ** 2 for v in (20, 20, 22))
    assert found.d == pytest.approx(-10 / math.sqrt(squares / 5))


def test_one_name_is_no_group_and_a_name_in_two_groups_is_an_error():
    assert swaps.gap([Asked("A", "f", "1", 1.0), *answers(0, 0, 1)[100:]], "f", "m") is None
    with pytest.raises(ValueError, match="in two groups"):
        swaps.gap([Asked("A", "f", "1", 1.0), Asked("A", "m", "1", 1.0)], "f", "m")


def test_labels_permuted_over_names_find_what_is_there_and_over_answers_what_is_not():
    """With 5% false findings more than 7 of 40 have a chance of .001; as if answers were independent there are more."""
    none = [answers(0, 0.03, seed, noise=0.02) for seed in range(40)]
    over_names = sum(swaps.gap(one, "f", "m", seed=n).p < 0.05 for n, one in enumerate(none))
    over_answers = sum(swaps.gap(one, "f", "m", seed=n, over="answers").p < 0.05 for n, one in enumerate(none[:30]))
    real = sum(swaps.gap(answers(0.05, 0.03, seed, noise=0.02), "f", "m", seed=seed).p < 0.05 for seed in range(30))
    assert over_names <= 7
    assert over_answers >= 7  # of 30: with 5% the chance is .0006
    assert real >= 27


# -- fidelity --------------------------------------------------------------------------------------------------------

shares = st.lists(st.floats(0.01, 1), min_size=2, max_size=7)


def test_representativeness_of_equal_opposite_and_uniform_answers():
    assert fidelity.alignment([0.2, 0.3, 0.5], [0.2, 0.3, 0.5]) == 1
    assert fidelity.alignment([1, 0, 0, 0], [0, 0, 0, 1]) == 0
    assert fidelity.alignment([1, 1, 1, 1], [0, 0, 0, 1]) == pytest.approx(0.5)
    assert fidelity.representativeness([[1, 0], [1, 1]], [[1, 0], [0, 1]]) == pytest.approx(0.75)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_the_distance_is_that_of_scipy(data):
    first = data.draw(shares)
    second = data.draw(st.lists(st.floats(0.01, 1), min_size=len(first), max_size=len(first)))
    places = list(range(len(first)))
    assert fidelity.wasserstein(first, second) == pytest.approx(
        wasserstein_distance(places, places, first, second), abs=1e-9
    )


def test_shares_from_logprobs_share_what_is_left_among_missing_options():
    listed = {"A": math.log(0.6), "B": math.log(0.3), "R": math.log(0.04)}
    found = fidelity.from_logprobs(listed, ["A", "B", "C", "D"])
    each = min(0.3, 0.06) / 2
    assert found == pytest.approx([x / (0.9 + 2 * each) for x in (0.6, 0.3, each, each)])


def test_steering_takes_the_best_style_of_each_question_and_consistency_counts_topics():
    human = [[1, 0], [0, 1]]
    assert fidelity.steerability([[[1, 0], [1, 0]], [[0, 1], [0, 1]]], human) == 1
    topics = {"x": {"old": 0.9, "young": 0.8}, "y": {"old": 0.9, "young": 0.7}, "z": {"old": 0.5, "young": 0.6}}
    assert fidelity.consistency(topics) == pytest.approx(2 / 3)


def test_no_variance_of_ones_own_is_a_ratio_of_nought_and_a_copy_one_of_one():
    rng = np.random.default_rng(3)
    groups = ["d", "r"] * 400
    human = [float(x) + 40 * (g == "r") for x, g in zip(rng.normal(30, 10, 800), groups, strict=True)]
    means = {g: float(np.mean([h for h, of in zip(human, groups, strict=True) if of == g])) for g in "dr"}
    assert fidelity.variance_ratio([means[g] for g in groups], human, groups) == 0
    assert fidelity.variance_ratio(human, human, groups) == pytest.approx(1)
    redrawn = [float(x) + 40 * (g == "r") for x, g in zip(rng.normal(30, 10, 800), groups, strict=True)]
    assert fidelity.variance_ratio(redrawn, human, groups) == pytest.approx(1, abs=4 * math.sqrt(4 / 800))
    half = [means[g] + (h - means[g]) / 2 for h, g in zip(human, groups, strict=True)]
    assert fidelity.variance_ratio(half, human, groups) == pytest.approx(0.25)
    assert fidelity.effect_ratio(half, human, groups, "r", "d") == pytest.approx(2)


def test_tetrachoric_finds_the_correlation_behind_a_table_and_cosine_comes_near():
    for rho in (-0.6, 0.0, 0.35, 0.9):
        a = float(multivariate_normal.cdf([0.3, -0.2], mean=[0, 0], cov=[[1, rho], [rho, 1]]))
        from scipy.stats import norm

        p, q = norm.cdf(0.3), norm.cdf(-0.2)
        table = [[a, p - a], [q - a, 1 - p - q + a]]
        assert fidelity.tetrachoric([[1e6 * x for x in row] for row in table]) == pytest.approx(rho, abs=1e-4)
        assert fidelity.tetrachoric(table, "cosine") == pytest.approx(rho, abs=0.08)
    assert fidelity.tetrachoric([[0, 0], [3, 4]]) is None


def test_cramers_v_and_its_difference():
    assert fidelity.cramers_v("aabb", "xxyy") == pytest.approx(1)
    assert fidelity.cramers_v("abab", "xxyy") == pytest.approx(0)
    assert fidelity.cramers_v("aaaa", "xxyy") is None
    human = pd.DataFrame({"p": list("aabb"), "q": list("xxyy"), "r": list("uvuv")})
    model = pd.DataFrame({"p": list("aabb"), "q": list("xyxy"), "r": list("uvuv")})
    found = fidelity.association_difference(model, human).set_index(["first", "second"])["difference"]
    assert found["p", "q"] == pytest.approx(-1)
    assert found["q", "r"] == pytest.approx(1)


def test_respondents_beside_people():
    human = pd.DataFrame({"warm": [10.0, 30.0, 60.0, 80.0] * 25, "vote": ["a", "a", "b", "b"] * 25})
    model = pd.DataFrame({"warm": [20.0, 20.0, 70.0, 70.0] * 25, "vote": ["a", "b", "b", None] * 25})
    groups = ["l", "l", "r", "r"] * 25
    found = respondents.beside(model, human, groups=groups, between=("r", "l")).set_index(["question", "measure"])
    assert found.loc[("warm", "mean difference"), "value"] == 0
    assert found.loc[("warm", "variance ratio"), "value"] == 0
    assert found.loc[("vote", "agreement"), "value"] == pytest.approx(2 / 3)
    assert found.loc[("vote", "agreement"), "n"] == 75
    assert found.loc[("vote", "tetrachoric"), "low"] <= found.loc[("vote", "tetrachoric"), "value"]
    low, high = found.loc[("vote", "agreement"), ["low", "high"]]
    assert low < 2 / 3 < high
    with pytest.raises(ValueError, match="same questions"):
        respondents.beside(model, human[["warm"]])
