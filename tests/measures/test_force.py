from math import isnan, tanh

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from simsoc.core.stream import Stream
from simsoc.measures.force import (
    bistable,
    consensus_force,
    consensus_size,
    critical_size,
    curie_weiss,
    field_width,
    fit_curie_weiss,
    fixed_point,
)

GRID = [-0.92, -0.8, -0.6, -0.4, -0.28, -0.2, -0.08, 0.0, 0.08, 0.2, 0.28, 0.4, 0.6, 0.8, 0.92]


def measured(beta, h=0.0, shift=0.0, queries=200, seed=5):
    stream = Stream(seed, "queries")
    return [sum(stream.random() < curie_weiss(m, beta, h, shift) for _ in range(queries)) / queries for m in GRID]


@given(beta=st.floats(-3, 8), h=st.floats(-0.3, 0.3), shift=st.floats(-0.09, 0.09))
@settings(max_examples=25, deadline=None)
def test_exact_curves_give_their_parameters_back(beta, h, shift):
    if abs(beta) < 0.5:
        return
    fit = fit_curie_weiss(GRID, [curie_weiss(m, beta, h, shift) for m in GRID], field=True, shift=True)
    assert (fit.beta, fit.h, fit.shift) == pytest.approx((beta, h, shift), abs=1e-3)
    assert fit.r_squared == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("beta", [-1.0, 0.2, 1.5, 4.0])
def test_noisy_curves_within_four_standard_errors(beta):
    fit = fit_curie_weiss(GRID, measured(beta))
    assert abs(fit.beta - beta) < 4 * fit.beta_se
    assert 0 < fit.beta_se < 0.5
    assert (fit.h, fit.shift, fit.points) == (0, 0, 15)
    assert isnan(fit.h_se)


def test_field_and_shift_from_noisy_curves():
    fit = fit_curie_weiss(GRID, measured(2.0, 0.3), field=True)
    assert abs(fit.beta - 2) < 4 * fit.beta_se
    assert abs(fit.h - 0.3) < 4 * fit.h_se
    both = fit_curie_weiss(GRID, measured(2.0, 0.3, 0.05), field=True, shift=True)
    assert abs(both.shift - 0.05) < 4 * both.shift_se
    assert abs(fit_curie_weiss(GRID, measured(2.0, 0.0, 0.08), shift=True).shift - 0.08) < 0.05


def test_the_fit_is_ordinary_least_squares():
    p = measured(1.5)
    found, covariance = curve_fit(lambda m, b: (1 + np.tanh(b * m)) / 2, GRID, p, p0=[1])
    fit = fit_curie_weiss(GRID, p)
    assert (fit.beta, fit.beta_se) == pytest.approx((found[0], covariance[0, 0] ** 0.5), rel=1e-6)


def test_weights_stand_for_repeated_points():
    m, p = [*GRID, 0.2, 0.2], [*measured(1.5), 0.5, 0.6]
    merged = list(measured(1.5))
    at = GRID.index(0.2)
    merged[at] = (merged[at] + 0.5 + 0.6) / 3
    weights = [3 if i == at else 1 for i in range(len(GRID))]
    assert fit_curie_weiss(GRID, merged, weights=weights).beta == pytest.approx(fit_curie_weiss(m, p).beta, abs=1e-6)


def test_saturated_curves_have_no_standard_error():
    fit = fit_curie_weiss([-0.8, -0.4, 0.4, 0.8], [0, 0, 1, 1])
    assert fit.beta > 5
    assert isnan(fit.beta_se)
    assert isnan(fit_curie_weiss([0.5], [0.9]).beta_se)
    assert isnan(fit_curie_weiss([-0.5, 0.5], [0.5, 0.5]).r_squared)


def test_lists_that_do_not_match():
    with pytest.raises(ValueError, match="in pairs"):
        fit_curie_weiss([0.1, 0.2], [0.5])
    with pytest.raises(ValueError, match="3 parameters"):
        fit_curie_weiss([0.1, 0.2], [0.5, 0.6], field=True, shift=True)


# -- critical size: beta(N) refitted from the data of arXiv 2409.02822, main and sweep series together --------------

SWEEPS = {
    "Claude 2": (11, {10: 1.29, 20: 0.916, 50: 0.802, 100: 0.212}),
    "Llama 3": (24, {10: 2.041, 20: 1.619, 50: 1.471, 100: 1.333, 200: 1.13, 500: 1.235, 1000: 1.736}),
    "Claude 3 Sonnet": (71, {10: 3.801, 20: 2.938, 50: 2.662, 100: 1.6, 200: 1.21, 500: 1.369, 1000: 1.424}),
    "GPT-4o": (72, {10: 5.471, 20: 3.813, 30: 2.556, 50: 2.863, 100: 1.476, 200: 1.385, 500: 1.225, 5000: 1.873}),
    "GPT-4": (541, {10: 3.118, 20: 2.429, 50: 3.724, 100: 3.611, 500: 3.249, 1000: 2.346}),
    "GPT-4 Turbo": (915, {10: 12.2, 30: 6.566, 50: 4.839, 100: 4.604, 200: 4.308, 500: 3.615, 1000: 3.38}),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_published_crossings(name):
    size, sweep = SWEEPS[name]
    found = critical_size(list(sweep), list(sweep.values()))
    assert found.side == "at"
    assert found.size == pytest.approx(size, rel=0.01, abs=0.5)


def test_no_crossing_says_on_which_side():
    assert critical_size([10, 100], [0.99, 0.1]) == (None, "below")
    assert critical_size([10, 1000], [6.0, 6.0]) == (None, "above")
    assert critical_size([10], [6.0]) == (None, "above")
    with pytest.raises(ValueError, match="no sizes"):
        critical_size([], [])


def test_order_and_repeats_do_not_matter():
    assert critical_size([100, 10, 100], [1.0, 2.0, 1.2]) == critical_size([10, 100], [2.0, 1.1])


@given(st.floats(1, 3.4))
def test_a_constant_force_crosses_at_exp_two_beta(beta):
    sizes = [2, 10, 100, 1000]
    assert critical_size(sizes, [beta] * 4).size == pytest.approx(consensus_size(beta))
    assert consensus_force(consensus_size(beta)) == pytest.approx(beta)


# -- mean field ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("beta", "width"), [(1.5, 0.138), (2, 0.266), (2.5, 0.362), (3, 0.434), (4, 0.537)])
def test_field_width(beta, width):
    assert field_width(beta) == pytest.approx(width, abs=6e-4)
    assert bistable(beta, width - 0.01)
    assert not bistable(beta, -width - 0.01)


def test_field_width_limits():
    assert field_width(0.9) == field_width(1) == 0
    assert not bistable(1, 0)
    assert field_width(1e18) == pytest.approx(1)


@pytest.mark.parametrize(("beta", "m"), [(0.5, 0), (1, 0), (1.1, 0.5029), (1.47, 0.8468), (2, 0.9575), (2.86, 0.9932)])
def test_fixed_points(beta, m):
    assert fixed_point(beta) == pytest.approx(m, abs=1e-4)


@given(beta=st.floats(-2, 20), h=st.floats(-1.5, 1.5))
def test_a_fixed_point_is_one(beta, h):
    m = fixed_point(beta, h)
    assert m == pytest.approx(tanh(beta * (m + h)), abs=1e-6)
    assert -1 <= m <= 1


@given(beta=st.floats(1.1, 10), h=st.floats(0, 1))
def test_the_side_against_the_field_survives_only_inside_the_width(beta, h):
    if abs(h - field_width(beta)) < 1e-3:
        return
    assert (fixed_point(beta, -h) > 0) is bistable(beta, h)
