"""Statistics of paired runs against scipy, against brute force, and against their own definitions."""

from itertools import product
from math import isclose, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simsoc.core.stream import Stream
from simsoc.measures import paired

NUMBERS = st.floats(-1e6, 1e6).map(lambda x: round(x, 6))
SEVERAL = st.lists(NUMBERS, min_size=2, max_size=12)
PS = st.lists(st.floats(0, 1), min_size=1, max_size=10)


@given(SEVERAL, SEVERAL)
def test_the_interval_is_that_of_scipys_paired_t_test(here, there):
    n = min(len(here), len(there))
    differences = [a - b for a, b in zip(here[:n], there[:n], strict=True)]
    found = paired.interval(differences)
    if np.std(differences) < 1e-9 * max(map(abs, differences), default=0) or not any(differences):
        return  # scipy warns of such
    test = stats.ttest_rel(here[:n], there[:n])
    reference = test.confidence_interval(0.95)
    scale = max(map(abs, differences))
    assert isclose(found.low, reference.low, rel_tol=1e-9, abs_tol=1e-7 * scale)
    assert isclose(found.high, reference.high, rel_tol=1e-9, abs_tol=1e-7 * scale)
    assert isclose(paired.t_test(differences), test.pvalue, rel_tol=1e-6, abs_tol=1e-9)


@pytest.mark.parametrize(("values", "says"), [([], "no values"), ([1.0, float("nan")], "finite")])
def test_an_interval_of_nothing_is_refused(values, says):
    with pytest.raises(ValueError, match=says):
        paired.interval(values)


def test_one_value_has_a_mean_and_no_interval():
    assert paired.interval([3.0]) == (3.0, None, None, None, 1)
    assert paired.t_test([3.0]) is None
    assert paired.detectable(None, 1) is None
    assert paired.further(1.0, None, 1) is None
    assert paired.shared([1.0], [2.0]) == (None, None)


def test_what_is_left_of_differences_that_cancel_is_nothing():
    assert paired.interval([0.1 + 0.2, -0.3]).mean == 0.0


def brute(differences):
    """p by the definition: every pattern of signs, one after another."""
    reached = abs(sum(differences))
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    return sum(total >= reached * (1 - 1e-9) for total in sums) / len(sums)


@given(st.lists(st.integers(-20, 20).map(lambda n: n / 4), min_size=1, max_size=9))
def test_sign_flips_are_those_of_the_whole_enumeration(differences):
    found = paired.sign_flips(differences, Stream(1, "flips"))
    assert found.exact
    assert isclose(found.p, brute(differences), rel_tol=1e-12)
    assert found.p >= found.smallest * (1 - 1e-12)


@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=3, max_size=9), st.sampled_from([7, 10, 30])
)
def test_sign_flips_see_through_what_rounding_leaves_of_sums(shares, whole):
    """Differences of shares such as 3/10 - 1/10: equal sums are, whatever their last digit."""
    found = paired.sign_flips([a / whole - b / whole for a, b in shares], Stream(1))
    assert isclose(found.p, brute([a - b for a, b in shares]), rel_tol=1e-12)


def test_differences_that_cancel_but_for_their_last_digit_have_p_1():
    whole = [-4, 3, -5, 4, 2, 4, 2, -5, 1, -2]
    assert sum(whole) == 0 != sum(a / 7 for a in whole)
    assert paired.sign_flips([a / 7 for a in whole], Stream(1)).p == 1.0


@given(st.lists(st.floats(0.5, 5), min_size=2, max_size=16))
def test_differences_of_one_sign_reach_the_smallest_p(differences):
    found = paired.sign_flips(differences, Stream(1))
    assert found.p == found.smallest == 2.0 ** (1 - len(differences))


def test_beyond_what_can_be_counted_signs_are_drawn_by_address():
    noise = Stream(3, "noise")
    differences = [0.35 + noise.normal() for _ in range(18)]
    found = paired.sign_flips(differences, Stream(7, "a"))
    assert not found.exact
    assert found == paired.sign_flips(differences, Stream(7, "a"))
    assert found.p != paired.sign_flips(differences, Stream(8, "a")).p
    sums = np.zeros(1)
    for d in differences:
        sums = np.concatenate([sums + d, sums - d])
    exact = float(np.mean(np.abs(sums) >= abs(sum(differences)) - 1e-12))
    error = sqrt(exact * (1 - exact) / paired.DRAWN)
    assert abs(found.p - exact) < 4 * error
    assert abs(found.p - 2 * exact) > 4 * error, "twin: a one-sided count would be noticed"
    assert found.smallest == 1 / paired.DRAWN


def test_zero_is_never_the_p_of_drawn_signs():
    assert paired.sign_flips([1.0] * 40, Stream(1)).p >= 1 / paired.DRAWN


@given(st.lists(st.just(0.0), min_size=1, max_size=30))
def test_no_difference_at_all_has_p_1(differences):
    assert paired.sign_flips(differences, Stream(1)).p == 1.0


def holm_by_definition(ps):
    """Reject the smallest while p (k - i) <= alpha; the adjusted p is the smallest alpha at which each is rejected."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    adjusted = [0.0] * len(ps)
    for rank, place in enumerate(order):
        adjusted[place] = min(1.0, max((len(ps) - r) * ps[order[r]] for r in range(rank + 1)))
    return adjusted


@given(PS)
def test_holm_is_its_definition(ps):
    found = paired.holm(ps)
    assert np.allclose(found, holm_by_definition(ps))
    assert all(a >= p - 1e-12 for a, p in zip(found, ps, strict=True))
    bonferroni = [min(1.0, p * len(ps)) for p in ps]
    assert all(a <= b + 1e-12 for a, b in zip(found, bonferroni, strict=True))


@given(PS, st.integers(0, 9))
def test_what_is_no_test_counts_for_nothing(ps, place):
    with_none = [*ps[:place], None, *ps[place:]]
    found = paired.holm(with_none)
    assert [p for p in found if p is not None] == paired.holm(ps)
    assert found[min(place, len(ps))] is None


@pytest.mark.parametrize(("tests", "least"), [(1, 6), (2, 7), (5, 8), (100, 12)])
def test_the_least_replicates_of_a_sign_flip_test(tests, least):
    assert paired.least_replicates(tests) == least
    assert tests * 2.0 ** (1 - least) < 0.05 <= tests * 2.0 ** (2 - least)


def found_in(draws, tests):
    """The share of experiments, a row each, whose effect is found by the rule of the table: t interval and Holm's p."""
    n = draws.shape[1]
    t = draws.mean(axis=1) / (draws.std(axis=1, ddof=1) / sqrt(n))
    signs = np.array(list(product((1, -1), repeat=n - 1)))  # the first sign is kept: mirrors count alike
    sums = np.abs(draws[:, :1] + draws[:, 1:] @ signs.T)
    p = (sums >= np.abs(draws.sum(axis=1, keepdims=True)) - 1e-9).mean(axis=1)
    return float(np.mean((np.abs(t) > stats.t.ppf(0.975, n - 1)) & (p * tests < 0.05)))


@pytest.mark.parametrize(("n", "tests"), [(6, 1), (7, 1), (10, 1), (8, 4), (9, 4), (11, 4), (10, 20)])
def test_the_detectable_effect_is_found_in_four_of_five(n, tests):
    """By the verdict that is printed, in a family of so many tests; twin: a smaller one is found less often."""
    runs = 2_000
    effect = paired.detectable(1.0, n, tests)
    draws = Stream(11, "mde", n, tests).generator().normal(size=(runs, n))
    error = sqrt(0.8 * 0.2 / runs)
    assert -0.03 - 3 * error < found_in(draws + effect, tests) - 0.8 < 0.07 + 3 * error
    assert found_in(draws + 0.7 * effect, tests) < 0.65


def test_so_many_further_replicates_find_it_in_four_of_five():
    """Four replicates show 1.2 standard deviations in a family of four: with those told, it is found."""
    more = paired.further(1.2, 1.0, 4, tests=4)
    draws = Stream(12, "further").generator().normal(size=(2_000, 4 + more)) + 1.2
    assert 0.77 < found_in(draws, 4) < 0.9
    alone = paired.further(1.2, 1.0, 4)
    assert found_in(draws[:, : 4 + alone], 4) < 0.5, "twin: what does for a single test does not for four"


@pytest.mark.parametrize(("tests", "least"), [(1, 6), (4, 8), (20, 10)])
def test_too_few_replicates_can_detect_nothing_and_need_as_many_as_can(tests, least):
    assert paired.detectable(1.0, least - 1, tests) is None
    assert paired.detectable(1.0, least, tests) > 1
    assert paired.chance(50.0, 1.0, least - 1, tests) == 0.0
    assert paired.further(50.0, 1.0, 2, tests) == least - 2
    assert paired.further(1.0, 0.0, 2, tests) == least - 2


@given(st.integers(2, 2_000), st.floats(0.01, 3))
def test_power_grows_with_replicates_and_with_the_effect(n, effect):
    power = paired.power(effect, 1.0, n)
    assert 0.049 <= power <= 1.0
    assert paired.power(effect, 1.0, n + 1) >= power - 1e-9
    assert paired.power(effect * 1.1, 1.0, n) >= power - 1e-9


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 200), st.floats(0.02, 3), st.floats(0.01, 100), st.integers(1, 30))
def test_so_many_further_replicates_are_the_fewest_that_do(n, effect, sd, tests):
    more = paired.further(effect * sd, sd, n, tests)
    assert paired.chance(effect, 1.0, n + more, tests) >= 0.8 - 1e-9
    assert more == 0 or paired.chance(effect, 1.0, n + more - 1, tests) < 0.8


def test_known_power_values():
    """Cohen 1988: ten differences find 0.996 standard deviations with 80% by a t test, ninety find 0.3."""
    assert abs(paired.power(0.9960, 1.0, 10) - 0.8) < 5e-4
    assert paired.further(0.3, 1.0, 10) == 80
    assert paired.further(1e-9, 1.0, 10) is None
    assert paired.further(0.0, 1.0, 10) is None
    assert paired.detectable(0.0, 10) is None, "what does not vary tells no noise"


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=20))
def test_correlation_and_variance_saved(pairs):
    here, there = ([p[i] for p in pairs] for i in (0, 1))
    if min(np.std(here), np.std(there)) < 1e-6:
        return
    found = paired.shared(here, there)
    assert isclose(found.correlation, np.corrcoef(here, there)[0, 1], abs_tol=1e-6)
    apart = np.var(here, ddof=1) + np.var(there, ddof=1)
    together = np.var(np.subtract(here, there), ddof=1)
    assert isclose(found.saved, 1 - together / apart, abs_tol=1e-9)


def test_equal_arms_save_everything_and_constant_ones_correlate_with_nothing():
    assert paired.shared([1, 2, 4], [1, 2, 4]) == (pytest.approx(1.0), 1.0)
    assert paired.shared([1, 1, 1], [1, 2, 4]).correlation is None
    assert paired.shared([1, 1, 1], [1, 1, 1]) == (None, None)


@given(st.floats(-1, 1), st.floats(0, 1))
def test_bounds_hold_the_value_and_stay_in_range(value, share):
    low, high = paired.if_missing(value, share, -1.0, 1.0)
    assert -1 - 1e-12 <= low <= value + 1e-12
    assert value - 1e-12 <= high <= 1 + 1e-12
    assert isclose(high - low, 2 * share, abs_tol=1e-9)


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 10))
def test_bounds_are_those_of_the_average_with_the_missing_filled_in(answers, missing):
    """The definition: an average over decisions, the missing ones counted at either end."""
    known = [1.0 if yes else 0.0 for yes in answers]
    share = missing / (len(known) + missing)
    low, high = paired.if_missing(sum(known) / len(known), share, 0.0, 1.0)
    assert isclose(low, sum(known) / (len(known) + missing), abs_tol=1e-12)
    assert isclose(high, (sum(known) + missing) / (len(known) + missing), abs_tol=1e-12)


def test_the_bootstrap_waits_for_twenty_and_is_addressed():
    values = [Stream(5, "x", i).normal() for i in range(25)]
    assert paired.bootstrap(values[:19], Stream(1)) is None
    found = paired.bootstrap(values, Stream(1, "b"))
    assert found == paired.bootstrap(values, Stream(1, "b"))
    assert found != paired.bootstrap(values, Stream(2, "b"))
    student = paired.interval(values)
    assert abs(found[0] - student.low) < 0.25 * (student.high - student.low)
    assert found[0] < student.mean < found[1]
    assert paired.bootstrap([2.0] * 20, Stream(1)) == (2.0, 2.0)


def test_of_skewed_differences_the_bootstrap_leans_as_they_do():
    values = [Stream(5, "skew", i).exponential() ** 2 for i in range(40)]
    low, high = paired.bootstrap(values, Stream(1))
    mean = paired.interval(values).mean
    assert high - mean > mean - low


@pytest.mark.long
def test_bootstrap_coverage():
    """Of 400 samples of 25 normal numbers, 95% intervals cover the mean about as often as they should."""
    covered = 0
    for number in range(400):
        values = [Stream(number, "cover", i).normal() for i in range(25)]
        low, high = paired.bootstrap(values, Stream(number, "b"))
        covered += low <= 0 <= high
    assert 0.90 < covered / 400 < 0.98
