"""Check values of the classical opinion models (methods sheet 5D), run through scenarios and Society."""

import math

import numpy as np
import pytest

from simsoc.society import Society
from tests.timing import often

from .runs import SCENARIOS, mean, measure, runs, standard_error

SPONTANEOUS = {1.47: 0.8468, 2.0: 0.9575, 2.86: 0.9932}


def long_run_m(beta, n=300):
    """Mean |m| of four long runs from an ordered start."""
    columns = runs(
        "opinion_curie_weiss", range(4), lambda s: s.datacollector.model_vars["magnetisation"][40:], steps=120,
        population__n=n, world__stop="never", **{"world.start": {"A": 0.95, "B": 0.05}, "world.rule.beta": beta},
    )  # fmt: skip
    return abs(mean([m for column in columns for m in column]))


@pytest.mark.parametrize("beta", often(SPONTANEOUS, 2.0))
def test_spontaneous_magnetisation(beta):
    assert long_run_m(beta) == pytest.approx(SPONTANEOUS[beta], abs=0.015)


def test_no_spontaneous_magnetisation_below_the_critical_force():
    """Twin: at beta 0.8 the same start ends near zero."""
    assert long_run_m(0.8) < 0.15


def test_voter_magnetisation_is_a_martingale():
    wins = runs("opinion_voter", range(300), lambda s: s.measured["magnetisation"] == 1, population__n=20,
                steps=5000, **{"world.start": {"A": 0.7, "B": 0.3}})  # fmt: skip
    assert abs(mean(wins) - 0.7) < 4 * math.sqrt(0.7 * 0.3 / 300)
    biased = runs("opinion_majority_rule", range(100), lambda s: s.measured["magnetisation"] == 1, population__n=20,
                  **{"world.start": {"A": 0.7, "B": 0.3}})  # fmt: skip
    assert abs(mean(biased) - 0.7) > 4 * math.sqrt(0.7 * 0.3 / 100)


@pytest.mark.parametrize(("share", "wins"), [(0.62, 1.0), (0.38, 0.0)])
def test_majority_rule_has_its_threshold_at_one_half(share, wins):
    won = runs("opinion_majority_rule", range(60), lambda s: s.measured["magnetisation"] == 1,
               **{"world.start": {"A": share, "B": 1 - share}})  # fmt: skip
    assert mean(won) == pytest.approx(wins, abs=0.05)


def test_majority_rule_is_fast():
    """Consensus within a number of sweeps that grows with ln N, unlike the voter model's N."""
    times = {n: mean(runs("opinion_majority_rule", range(40), measure("sweeps"), population__n=n)) for n in (50, 400)}
    assert times[400] < 2.5 * times[50]


def test_noisy_voters_are_bimodal_below_and_unimodal_above_one_over_n():
    def ends(eps):
        (column,) = runs("opinion_noisy_voter", [3], lambda s: s.datacollector.model_vars["abs_magnetisation"],
                         steps=1500, population__n=20, **{"world.rule.eps": eps})  # fmt: skip
        return mean([m > 0.8 for m in column]), mean([m < 0.2 for m in column])

    (extreme_low, middle_low), (extreme_high, middle_high) = ends(0.005), ends(0.4)
    assert extreme_low > middle_low
    assert extreme_high < middle_high


def society(name, **overrides):
    made = Society(SCENARIOS / f"{name}.yaml", **overrides)
    made.run_model()
    return made


def averaging_matrix(graph, self_weight):
    n = len(graph)
    w = np.zeros((n, n))
    for a in range(n):
        w[a, a] = self_weight
        for b in graph[a]:
            w[a, b] = graph[a][b].get("weight", 1.0)
    return w / w.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("self_weight", "hits"), [(1.0, True), (4.0, False)])
def test_degroot_limit_is_the_left_eigenvector(self_weight, hits):
    made = society("opinion_degroot", **{"world.tolerance": 1e-12, "steps": 3000})
    world = made.worlds[0]
    w = averaging_matrix(made.graph, self_weight)
    values, vectors = np.linalg.eig(w.T)
    left = np.real(vectors[:, np.argmax(np.real(values))])
    limit = left @ np.array(world.starts) / left.sum()
    assert np.ptp(world.held) < 1e-6
    assert bool(abs(world.held[0] - limit) < 1e-5) is hits


@pytest.mark.parametrize(("s", "hits"), [(0.8, True), (0.7, False)])
def test_friedkin_johnsen_limit(s, hits):
    made = society("opinion_friedkin_johnsen", **{"world.tolerance": 1e-12, "steps": 3000})
    world = made.worlds[0]
    w = averaging_matrix(made.graph, 1.0)
    n = len(w)
    limit = np.linalg.solve(np.eye(n) - s * w, (1 - s) * np.array(world.starts))
    assert bool(np.abs(np.array(world.held) - limit).max() < 1e-6) is hits


@pytest.mark.parametrize(
    ("eps", "clusters"),
    often(
        [(0.05, 7.8), (0.10, 3.9), (0.15, 2.6), (0.20, 1.9), (0.25, 1.05), (0.30, 1.0)],
        (0.05, 7.8),
        (0.15, 2.6),
        (0.30, 1.0),
    ),
)
def test_hegselmann_krause_clusters(eps, clusters):
    counts = runs("opinion_hegselmann_krause", range(12), measure("clusters"), **{"world.rule.eps": eps})
    assert mean(counts) == pytest.approx(clusters, abs=max(0.15, 4 * standard_error(counts)))


def test_hegselmann_krause_clusters_depend_on_the_bound():
    """Twin: the clusters of eps .15 are not those of eps .10."""
    counts = runs("opinion_hegselmann_krause", range(12), measure("clusters"), **{"world.rule.eps": 0.15})
    assert mean(counts) != pytest.approx(3.9, abs=max(0.15, 4 * standard_error(counts)))


@pytest.mark.parametrize(
    ("eps", "clusters"), often([(0.1, 4.5), (0.2, 2.3), (0.3, 1.1), (0.5, 1.0)], (0.3, 1.1), (0.5, 1.0))
)
def test_deffuant_clusters(eps, clusters):
    counts = runs("opinion_deffuant", range(12), measure("major_clusters"), **{"world.rule.eps": eps})
    assert mean(counts) == pytest.approx(clusters, abs=max(0.1, 4 * standard_error(counts)))


def test_deffuant_keeps_the_mean():
    made = society("opinion_deffuant")
    world = made.worlds[0]
    assert math.fsum(world.held) / 200 == pytest.approx(math.fsum(world.starts) / 200, abs=1e-9)
