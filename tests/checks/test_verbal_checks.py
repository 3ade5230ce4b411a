"""B and D of verbal opinions (methods.md 5C and 5.7.5): the calibrated stand-in against the published table.

Published: Chuang et al. 2024, Findings of NAACL, arXiv 2311.09618; cumulative memory, means and standard errors over 15
topics. `STAND_IN` is the mean of 500 runs of the shipped scenarios; its standard errors are about .02.
"""

import pytest

from tests.timing import often

from .runs import mean, runs, standard_error

CELLS = [
    (framing, bias) for framing in ("opinion_verbal", "opinion_verbal_true") for bias in ("none", "weak", "strong")
]
PUBLISHED = dict(
    zip(
        CELLS,
        [
            ((-1.33, 0.17), (0.60, 0.11)),
            ((-0.96, 0.20), (0.87, 0.12)),
            ((-0.90, 0.14), (1.24, 0.11)),
            ((0.52, 0.31), (0.66, 0.11)),
            ((0.56, 0.27), (0.95, 0.11)),
            ((-0.10, 0.13), (1.52, 0.05)),
        ],
        strict=True,
    )
)
STAND_IN = dict(
    zip(
        CELLS,
        [(-1.34, 0.65), (-1.15, 0.91), (-0.88, 1.22), (0.28, 0.59), (0.23, 0.92), (0.11, 1.51)],
        strict=True,
    )
)
RUNS = 40


def ends(name, bias, n=RUNS, **keys):
    """B and D at the end of each run."""
    see = lambda society: (society.measured["mean"], society.measured["diversity"])  # noqa: E731
    return list(zip(*runs(name, range(n), see, world__bias=bias, **keys), strict=True))


def off(values, reference):
    """Distance of a mean from a reference, in standard errors of the mean."""
    return abs(mean(values) - reference) / standard_error(values)


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_runs_end_where_the_stand_in_is_said_to(cell):
    for values, reference in zip(ends(*cell), STAND_IN[cell], strict=True):
        assert off(values, reference) < 4


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_the_stand_in_is_within_the_published_errors(cell):
    for value, (published, error) in zip(STAND_IN[cell], PUBLISHED[cell], strict=True):
        band = 2 if cell == ("opinion_verbal_true", "strong") else 1.5
        assert abs(value - published) < band * error


def test_what_does_not_fit():
    """A lean to the truth cannot make belief in a true claim negative, as published under strong bias."""
    cell = ("opinion_verbal_true", "strong")
    assert PUBLISHED[cell][0][0] < 0 < STAND_IN[cell][0]


@pytest.mark.parametrize("name", often(["opinion_verbal", "opinion_verbal_true"], "opinion_verbal"))
def test_bias_keeps_people_apart(name):
    """5.7.5: D rises none < weak < strong; twin: the bands tell strong bias from none."""
    d = {bias: ends(name, bias)[1] for bias in ("none", "weak", "strong")}
    assert mean(d["none"]) < mean(d["weak"]) < mean(d["strong"])
    assert off(d["strong"], STAND_IN[name, "none"][1]) > 4


def test_falsehood_is_dropped_without_bias_and_without_interaction():
    """5.7.5: B below 0 under the false framing; the drift is the model's own, as it is there without messages."""
    assert mean(ends("opinion_verbal", "none")[0]) < -1
    alone = ends("opinion_verbal", "none", **{"world.interaction": False})[0]
    assert -1 < mean(alone) < -3 * standard_error(alone)
    moved = runs("opinion_verbal", range(3), lambda s: s.measured["diversity"], **{"world.rule": "keep"})
    assert [round(d, 2) for d in moved] == [1.49] * 3


def test_everybody_for_a_false_claim_still_turns():
    """Published: all at strong agreement end at B = -1.3. The stand-in turns, but does not come as far (about 0.3)."""
    b = ends("opinion_verbal", "none", **{"world.start": [2]})[0]
    assert mean(b) < 1
    assert mean(b) > -1.3 + 4 * standard_error(b), "what does not fit, either"
