"""Rules for options: their limits, their odds, and that they answer with a legal option whatever they see."""

from math import tanh

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from simsoc.shelves import SHELVES
from simsoc.worlds.opinion import published, rules

from .by_hand import stream

N = 3000


def facts(*counts, own=0):
    options = list("ABCDE"[: len(counts)])
    return {"counts": list(counts), "own": options[own], "options": options}


def share(rule, seen, option="A", n=N, **parameters):
    """How often a rule answers with an option, and the standard error of a share of one half."""
    return sum(rule(seen, stream(rule.__name__, i), **parameters) == option for i in range(n)) / n


def close(found, expected, n=N):
    return abs(found - expected) <= 4 * max(expected * (1 - expected) / n, 1e-9) ** 0.5


SOME = {
    "curie_weiss": {"beta": 1.2}, "published": {"curve": "gpt-4o"}, "voter": {}, "noisy_voter": {"eps": 0.3},
    "q_voter": {"q": 2, "eps": 0.1}, "majority": {}, "threshold": {"theta": 0.4, "back": True},
}  # fmt: skip


@pytest.mark.parametrize("name", SHELVES["opinion_rules"].names())
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_rule_answers_with_an_option(name, data):
    size = 2 if name in ("curie_weiss", "published") else data.draw(st.integers(2, 5))
    counts = data.draw(st.lists(st.integers(0, 30), min_size=size, max_size=size).filter(any))
    seen = facts(*counts, own=data.draw(st.integers(0, size - 1)))
    rule = SHELVES["opinion_rules"].get(name)
    address = data.draw(st.integers(0, 2**40))
    answer = rule(seen, stream(address), **SOME[name])
    assert answer in seen["options"]
    assert answer == rule(seen, stream(address), **SOME[name])


# -- curie_weiss -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(9, 0), (0, 9), (5, 4), (0, 0)])
def test_without_force_it_is_a_toss(counts):
    assert close(share(rules.curie_weiss, facts(*counts), beta=0.0), 0.5)


@pytest.mark.parametrize(("counts", "won"), [((5, 4), 1.0), ((4, 5), 0.0), ((9, 0), 1.0)])
def test_a_great_force_is_the_majority(counts, won):
    assert share(rules.curie_weiss, facts(*counts), beta=1e6, n=300) == won


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("counts", [(7, 3), (2, 8), (5, 5)])
def test_the_heat_bath(beta, counts):
    m = (counts[0] - counts[1]) / sum(counts)
    assert close(share(rules.curie_weiss, facts(*counts), beta=beta), 0.5 + 0.5 * tanh(beta * m))


def test_field_and_shift():
    assert close(share(rules.curie_weiss, facts(5, 5), beta=2.0, h=0.3), 0.5 + 0.5 * tanh(0.6))
    assert close(share(rules.curie_weiss, facts(5, 5), beta=2.0, shift=0.2), 0.7)
    assert share(rules.curie_weiss, facts(0, 5), beta=50.0, shift=0.5, n=200) < 0.6
    assert not close(share(rules.curie_weiss, facts(5, 5), beta=2.0, h=0.3), 0.5)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 5), st.integers(0, 9), st.integers(0, 9), st.integers(0, 10**6))
def test_no_side_is_special(beta, a, b, address):
    """Swapping the two options, and the toss, swaps the answer."""
    p = 0.5 + 0.5 * tanh(beta * ((a - b) / (a + b) if a + b else 0))
    toss = stream(address).random()
    assert rules.curie_weiss(facts(a, b), stream(address), beta=beta) == ("A" if toss < round(p, 12) else "B")


# -- published -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", published.names())
def test_published_curves_are_met_at_their_points_and_between_them(curve):
    ms, ps = published.curve(curve, 50)
    for i in (0, len(ms) // 2, len(ms) - 1):
        count = round((ms[i] + 1) / 2 * 10_000)
        seen = facts(count, 10_000 - count)
        assert close(share(rules.published, seen, curve=curve, n=1500), np.interp(ms[i], ms, ps), 1500)
    outside = facts(0, 7)
    assert close(share(rules.published, outside, curve=curve, n=1500), ps[0], 1500)


# -- voter and its kin -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(6, 3, 1), (1, 1, 1), (0, 5, 5)])
def test_the_voter_copies_in_proportion(counts):
    answers = [rules.voter(facts(*counts), stream(i)) for i in range(N)]
    found = [answers.count(option) for option in "ABC"]
    expected = [N * count / sum(counts) for count in counts]
    kept = [i for i in range(3) if expected[i]]
    assert sum(found[i] for i in kept) == N, "what nobody holds is not copied"
    assert chisquare([found[i] for i in kept], [expected[i] for i in kept]).pvalue > 1e-4


@pytest.mark.parametrize("eps", [0.0, 0.4, 1.0])
def test_the_noisy_voter_mixes_copying_and_tossing(eps):
    assert close(share(rules.noisy_voter, facts(9, 1), eps=eps), (1 - eps) * 0.9 + eps * 0.5)


def test_q_voters_need_unanimity():
    assert share(rules.q_voter, facts(5, 0, own=1), q=3, n=200) == 1.0
    x = 0.7
    found = share(rules.q_voter, facts(7, 3, own=1), q=3)
    assert close(found, x**3), "A only where all three asked hold it: an agent of B otherwise stays"
    assert not close(found, x)
    stays = share(rules.q_voter, facts(7, 3, own=0), q=3)
    assert close(stays, 1 - (1 - x) ** 3)


def test_q_voters_without_repeats_ask_different_people():
    assert share(rules.q_voter, facts(2, 3, own=1), q=3, repeats=False, n=500) == 0.0
    assert close(share(rules.q_voter, facts(3, 2, own=1), q=2, repeats=False), 3 / 5 * 2 / 4)


def test_q_voters_who_are_not_convinced_may_toss():
    found = share(rules.q_voter, facts(5, 5, own=1), q=2, eps=0.5)
    assert close(found, 0.25 + 0.5 * 0.5 * 0.5)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=4).filter(any), st.integers(0, 3), st.integers(0, 999))
def test_majority_and_its_ties(counts, own, address):
    seen = facts(*counts, own=own % len(counts))
    leading = [option for option, n in zip(seen["options"], counts, strict=True) if n == max(counts)]
    answer = rules.majority(seen, stream(address))
    assert answer in leading
    if seen["own"] in leading:
        assert answer == seen["own"]


def test_among_several_others_with_most_the_majority_is_tossed():
    assert close(share(rules.majority, facts(4, 4, 1, own=2)), 0.5)


@pytest.mark.parametrize(
    ("counts", "own", "theta", "answer"),
    [
        ((4, 1), 0, 0.2, "B"),  # exactly at the threshold
        ((9, 2), 0, 0.2, "A"),
        ((1, 2), 0, round(2 / 3, 12), "B"),
        ((5, 0), 1, 0.2, "B"),  # who has adopted stays
        ((0, 0), 0, 0.0, "B"),
        ((0, 0), 0, 0.1, "A"),
        ((9, 1), 0, 0.0, "B"),
        ((0, 9), 0, 1.0, "B"),
        ((1, 9), 0, 1.0, "A"),
    ],
)
def test_thresholds(counts, own, theta, answer):
    assert rules.threshold(facts(*counts, own=own), stream(), theta=theta) == answer


def test_a_threshold_for_another_option_and_the_way_back():
    assert rules.threshold(facts(3, 1, own=1), stream(), theta=0.5, to="A") == "A"
    assert rules.threshold(facts(1, 3, own=0), stream(), theta=0.5, to="A") == "A"
    assert rules.threshold(facts(1, 3, own=0), stream(), theta=0.5, to="A", back=True) == "B"
    assert rules.threshold(facts(3, 0, 1, own=2), stream(), theta=0.5, to="C", back=True) == "A"
