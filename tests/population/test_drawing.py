"""Quotas, systematic resampling, effective sample size and raking, as properties."""

from fractions import Fraction
from math import ceil, floor, fsum, isclose

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simsoc.core.errors import ScenarioError
from simsoc.core.stream import Stream
from simsoc.population.crossed import located
from simsoc.population.drawing import Counted, dealt, effective, placed, systematic
from simsoc.population.raking import rake

WEIGHTS = st.lists(st.floats(0, 50) | st.just(0.0) | st.just(1.0), min_size=1, max_size=40)
SEEDS = st.integers(0, 2**40)


@given(WEIGHTS, st.integers(1, 200), SEEDS)
@settings(deadline=None)
def test_each_row_is_taken_the_floor_or_the_ceiling_of_its_expectation(weights, n, seed):
    grains = [Fraction(int(weight * 2.0**60)) for weight in weights]
    assume(sum(grains) > 0)
    taken = systematic(weights, n, Stream(seed, "x"))
    assert sum(taken) == n
    for count, grain in zip(taken, grains, strict=True):
        expected = n * grain / sum(grains)
        assert floor(expected) <= count <= ceil(expected)


def test_equal_weights_take_everybody_once():
    for n in (1, 7, 8280):
        assert systematic([1 / 3] * n, n, Stream(n, "x")) == [1] * n


def test_how_often_a_row_is_taken_averages_to_its_expectation():
    """Within 4 standard errors over 4000 starts; a count that is always rounded down would miss."""
    weights, n, runs = [0.2, 1.7, 0.6, 3.1], 3, 4_000
    sums = [0] * 4
    for seed in range(runs):
        for row, count in enumerate(systematic(weights, n, Stream(seed, "x"))):
            sums[row] += count
    for total, weight in zip(sums, weights, strict=True):
        expected = n * weight / fsum(weights)
        band = 4 * ((expected % 1) * (1 - expected % 1) / runs) ** 0.5
        assert abs(total / runs - expected) < band
        if expected % 1 > 0.1:
            assert abs(floor(expected) - expected) > band


def test_a_sorted_list_is_stratified():
    """Sorted by a trait, its share in the draw is off by less than one person; unsorted it is not."""
    sorted_ = [1.0] * 333 + [2.0] * 700
    for seed in range(50):
        first = sum(systematic(sorted_, 100, Stream(seed, "x"))[:333])
        assert abs(first - 100 * 333 / (333 + 1400)) < 1


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=8).filter(lambda shares: fsum(shares) > 0.01),
    st.integers(0, 500),
    SEEDS,
)
@settings(deadline=None)
def test_quotas_are_exact_and_dealt_to_everybody(shares, n, seed):
    counts = Counted([{"traits": {"cell": i}, "share": share} for i, share in enumerate(shares)], n).counts
    assert sum(counts) == n
    for count, share in zip(counts, shares, strict=True):
        assert abs(count - n * share / fsum(shares)) < 1
    cells = dealt(seed, counts)
    assert [cells.count(i) for i in range(len(counts))] == counts


def test_one_more_person_deals_hardly_anybody_another_cell():
    few, many = dealt(1, [50, 51, 10]), dealt(1, [50, 51, 11])
    assert sum(a != b for a, b in zip(few, many, strict=False)) <= 3


@given(st.lists(st.integers(0, 9), max_size=30), SEEDS)
def test_places_are_an_order(rows, seed):
    assert sorted(placed(seed, rows)) == sorted(rows)


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=40))
def test_the_effective_size_is_between_one_and_all(weights):
    assert 1 - 1e-9 <= effective(weights) <= len(weights) * (1 + 1e-9)
    assert isclose(effective([3.0] * len(weights)), len(weights))
    assert isclose(effective([2 * weight for weight in weights]), effective(weights))


# -- raking ------------------------------------------------------------------------------------------------------------


def share(weights, levels, level):
    return fsum(w for w, at in zip(weights, levels, strict=True) if at == level) / fsum(
        w for w, at in zip(weights, levels, strict=True) if at >= 0
    )


CROSSED = st.tuples(
    st.lists(st.integers(1, 9), min_size=4, max_size=4),
    st.lists(st.floats(0.3, 1), min_size=2, max_size=2),
    st.lists(st.floats(0.3, 1), min_size=2, max_size=2),
)


@given(CROSSED)
@settings(deadline=None)
def test_margins_are_met_where_they_can_be(crossed):
    counts, one, other = crossed
    rows = [
        (i, j) for (i, j), count in zip([(0, 0), (0, 1), (1, 0), (1, 1)], counts, strict=True) for _ in range(count)
    ]
    a, b = [i for i, _ in rows], [j for _, j in rows]
    raked = rake([1.0] * len(rows), [(a, one), (b, other)], trim=1e6, rounds=2_000, tolerance=1e-7)
    assert raked.off <= 1e-7
    assert isclose(fsum(raked.weights), len(rows))
    for levels, wanted in ((a, one), (b, other)):
        for level, part in enumerate(wanted):
            assert abs(share(raked.weights, levels, level) - part / fsum(wanted)) < 1e-6
    # what raking keeps: the association between the two traits
    weight = dict(zip(rows, raked.weights, strict=True))
    odds = weight[0, 0] * weight[1, 1] / (weight[0, 1] * weight[1, 0])
    assert isclose(odds, 1.0, rel_tol=1e-6)


@given(st.lists(st.integers(0, 2), min_size=3, max_size=30), st.floats(1.5, 4))
@settings(deadline=None, max_examples=25)
def test_no_weight_is_beyond_its_bounds(levels, trim):
    levels = [0, 1, 2, *levels]
    raked = rake([1.0] * len(levels), [(levels, [0.9, 0.05, 0.05])], trim=trim, rounds=40)
    mean = fsum(raked.weights) / len(levels)
    assert isclose(mean, 1)
    assert max(raked.weights) <= trim * (1 + 1e-9)
    assert min(raked.weights) >= (1 - 1e-9) / trim
    assert raked.trimmed > 0 or raked.off <= 1e-5


def test_margins_that_are_right_already_change_nothing():
    raked = rake([2.0, 1.0, 1.0], [([0, 1, 1], [0.5, 0.5])])
    assert raked.rounds == 0
    assert raked.weights == [1.5, 0.75, 0.75]


def test_who_has_no_level_keeps_its_weight_within_the_margin():
    raked = rake([1.0, 1.0, 1.0, 1.0], [([0, 1, -1, 1], [0.5, 0.5])])
    assert isclose(raked.weights[2], 1.0)
    assert isclose(raked.weights[0], 1.5)


def test_what_contradicts_itself_is_told_as_not_settled():
    same = [0, 0, 1, 1]
    raked = rake([1.0] * 4, [(same, [0.9, 0.1]), (same, [0.1, 0.9])], rounds=50)
    assert raked.rounds == 50
    assert not raked.told(["a", "b"], 1e-5)["settled"]


@pytest.mark.parametrize(
    ("margins", "told"),
    [
        ({"gendr": {"male": 1}}, "Did you mean 'gender'"),
        ({"gender": {"mail": 1, "male": 1, "female": 1}}, "Did you mean 'male'"),
        ({"gender": {"male": 1}}, "no share is said for 'female', which 1 people have"),
        ({"gender": {"male": 0, "female": 0}}, "no value has a positive share"),
    ],
)
def test_margins_that_do_not_fit_are_told(margins, told):
    with pytest.raises(ScenarioError, match=told):
        located([{"gender": "male"}, {"gender": "female"}], margins)
