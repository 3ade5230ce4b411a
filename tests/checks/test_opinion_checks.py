"""The acceptance checks 5.7.1 to 5.7.4 of the methods sheet, each with a twin that is meant to fail.

Published numbers: De Marzo, Castellano, Garcia 2024 (arXiv 2409.02822) and De Marzo et al. 2026 (arXiv 2605.10721);
reference values of the stand-ins were simulated independently for the methods sheet.
"""

import math

import pytest

from tests.timing import often

from .runs import mean, measure, runs

CONSENSUS = {6: 2.0, 10: 2.6, 20: 3.3, 50: 4.4, 100: 5.1, 200: 6.2}


def consensus_time(n, seeds, **overrides):
    """Mean sweeps to consensus, half and half at the start, m counting the agent itself."""
    times = runs("opinion_curie_weiss", seeds, measure("sweeps"), population__n=n, steps=1000, **overrides)
    return mean(times)


@pytest.mark.parametrize("n", often([6, 10, 20, 50], 6, 10, 20))
def test_consensus_times_follow_the_reference(n):
    assert consensus_time(n, range(400)) == pytest.approx(CONSENSUS[n], rel=0.10)


@pytest.mark.long
@pytest.mark.parametrize("n", [100, 200])
def test_consensus_times_of_large_groups_follow_the_reference(n):
    assert consensus_time(n, range(400)) == pytest.approx(CONSENSUS[n], rel=0.10)


@pytest.mark.parametrize(
    "wrong", often([{"world__rule__beta": 2.5}, {"world.rule": "voter"}], {"world__rule__beta": 2.5})
)
def test_consensus_times_tell_another_rule_apart(wrong):
    """Twin: a weaker force, or copying, is not within ten percent."""
    assert consensus_time(50, range(60), **wrong) != pytest.approx(CONSENSUS[50], rel=0.10)


@pytest.mark.parametrize("n", often([20, 50], 20))
def test_voters_need_n_ln_2_sweeps(n):
    times = runs("opinion_voter", range(400), measure("sweeps"), population__n=n, steps=10_000)
    assert mean(times) == pytest.approx(n * math.log(2), rel=0.10)


def test_half_convinced_voters_need_another_time():
    """Twin: two who agree are needed; consensus no longer takes N ln 2 sweeps."""
    times = runs("opinion_voter", range(200), measure("sweeps"), population__n=20, steps=10_000,
                 **{"world.rule": {"kind": "q_voter", "q": 2}})  # fmt: skip
    assert mean(times) != pytest.approx(20 * math.log(2), rel=0.10)


FINAL = {  # stand-in: mean |m| and share at consensus after 10 sweeps at N = 50
    "claude-3-opus": (8.55, 1.00, 1.00),
    "gpt-4-turbo": (4.84, 1.00, 0.99),
    "llama-3-70b": (1.47, 0.82, 0.21),
    "claude-3-haiku": (0.11, 0.12, 0.0),
    "gpt-3.5-turbo": (0.16, 0.12, 0.0),
}


def final_magnetisation(beta, seeds):
    ms = runs("opinion_majority_force", seeds, measure("abs_magnetisation"),
              **{"world.rule": {"kind": "curie_weiss", "beta": beta}})  # fmt: skip
    return mean(ms), mean([m == 1 for m in ms])


@pytest.mark.parametrize("model", often(FINAL, "gpt-4-turbo", "gpt-3.5-turbo"))
def test_final_magnetisation_at_fifty(model):
    beta, size, share = FINAL[model]
    m, agreed = final_magnetisation(beta, range(200))
    assert m == pytest.approx(size, abs=0.05)
    assert agreed == pytest.approx(share, abs=0.08)


def test_final_magnetisation_tells_a_weaker_force_apart():
    """Twin: beta 1.2 instead of 1.47."""
    m, _ = final_magnetisation(1.2, range(200))
    assert m != pytest.approx(FINAL["llama-3-70b"][1], abs=0.05)


@pytest.mark.parametrize(
    ("beta", "n", "share"),
    often(
        [
            (2.0, 50, 1.0),
            (1.5, 20, 1.0),
            (1.5, 50, 0.83),
            (1.5, 80, 0.40),
            (1.5, 120, 0.03),
            (2.0, 120, 0.95),
            (2.0, 200, 0.70),
        ],
        (1.5, 20, 1.0),
        (1.5, 50, 0.83),
    ),
)
def test_share_that_agrees_within_thirty_sweeps(beta, n, share):
    assert agreed_within_thirty(beta, n) == pytest.approx(share, abs=0.08)


def test_share_that_agrees_tells_another_force_apart():
    """Twin: beta 1.3 at N = 50."""
    assert agreed_within_thirty(1.3, 50) != pytest.approx(0.83, abs=0.08)


def agreed_within_thirty(beta, n, seeds=200):
    ms = runs("opinion_curie_weiss", range(seeds), measure("abs_magnetisation"), population__n=n, steps=30,
              **{"world.rule.beta": beta})  # fmt: skip
    return mean([m == 1 for m in ms])


HYSTERESIS = [  # scenario, beta, h, committed; m in the last sweep of each phase
    ("opinion_committed_minority", 2.94, 0.325, 35, (0.99, 0.59, 0.80)),
    ("opinion_committed_minority", 2.94, 0.325, 50, (1.00, -0.96, -0.92)),
    ("opinion_committed_outside", 5.39, 0.783, 200, (1.00, -0.03, 1.00)),
    ("opinion_committed_outside", 5.39, 0.783, 225, (1.00, -0.62, 1.00)),
    ("opinion_committed_outside", 5.39, 0.783, 250, (1.00, -0.72, 1.00)),
]


def phases(name, beta, h, n, seeds):
    """Mean of m over the last sweep of the free, the committed and the second free phase, as published per sweep."""

    def see(society):
        column = society.datacollector.model_vars["mean_magnetisation"]
        return [column[step - 1] for step in (5, 15, 25)]

    seen = runs(name, range(seeds), see, measures=["mean_magnetisation"],
                **{"world.rule.beta": beta, "world.rule.h": h, "world.committed.n": n})  # fmt: skip
    return [mean(list(phase)) for phase in zip(*seen, strict=True)]


def test_a_committed_group_flips_the_others_for_good():
    name, beta, h, n, expected = HYSTERESIS[1]
    assert phases(name, beta, h, n, 60) == pytest.approx(expected, abs=0.15)


@pytest.mark.long
@pytest.mark.parametrize(("name", "beta", "h", "n", "expected"), HYSTERESIS)
def test_committed_minorities_and_hysteresis(name, beta, h, n, expected):
    """240 runs: a run that flips counts 1.9, so the mean of 60 would wander by 0.05 on its own."""
    assert phases(name, beta, h, n, 240) == pytest.approx(expected, abs=0.15)


def test_hysteresis_tells_the_outside_from_the_inside():
    """Twin: with the field of the other pair the group turns back, so the flipped row is missed."""
    assert phases("opinion_committed_minority", 2.94, 0.783, 50, 20) != pytest.approx(HYSTERESIS[1][4], abs=0.15)


def test_spread_of_ten_agents_two_per_level_prints_1_49():
    from simsoc.measures.opinion import diversity

    levels = [-2, -2, -1, -1, 0, 0, 1, 1, 2, 2]
    assert f"{diversity(levels):.2f}" == "1.49"
