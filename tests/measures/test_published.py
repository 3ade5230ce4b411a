"""The shipped table of measured models against refits and crossings (methods.md, check 5.7.2)."""

from math import isnan

import pytest

from simsoc.measures.force import critical_size, fit_curie_weiss
from simsoc.worlds.opinion import published

EVERY = [(name, n) for name in published.names() for n in published.sizes(name)]


def test_ten_models_at_fifty():
    assert len(published.names()) == 10
    assert all(50 in published.sizes(name) for name in published.names())
    betas = [published.beta(name) for name in published.names()]
    assert betas == sorted(betas, reverse=True)
    assert "2409.02822" in published.table()["source"]


@pytest.mark.parametrize(("name", "n"), EVERY)
def test_refit_returns_the_force(name, n):
    m, p = published.curve(name, n)
    assert m == sorted(set(m))
    assert len(m) == len(p) == len(published.repeats(name, n))
    assert all(-1 <= x <= 1 for x in m)
    assert all(0 <= x <= 1 for x in p)
    error = published.beta_error(name, n)
    fit = fit_curie_weiss(m, p, weights=published.repeats(name, n))
    if error is None:
        assert isnan(fit.beta_se)
    else:
        assert abs(fit.beta - published.beta(name, n)) < (0.02 if error < 0.5 else 0.1 * error)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("claude-2", 11),
        ("llama-3-70b", 24),
        ("claude-3-sonnet", 71),
        ("gpt-4o", 72),
        ("gpt-4", 541),
        ("gpt-4-turbo", 915),
    ],
)
def test_crossings(name, size):
    sizes = published.sizes(name)
    refits = [fit_curie_weiss(*published.curve(name, n), weights=published.repeats(name, n)).beta for n in sizes]
    found = critical_size(sizes, refits)
    assert found.size == pytest.approx(size, rel=0.01, abs=0.5)
    authors = published.model(name)["critical_size"]["n"]
    assert 0.74 < found.size / authors < 0.93


@pytest.mark.parametrize(
    ("name", "side"), [("gpt-3.5-turbo", "below"), ("claude-3-haiku", "below"), ("claude-3.5-sonnet", "above")]
)
def test_models_off_the_grid(name, side):
    sizes = published.sizes(name)
    assert critical_size(sizes, [published.beta(name, n) for n in sizes]) == (None, side)


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("gpt-4-turbo", (0.67, 0.85, 1, 1)),
        ("claude-3-opus", (0.78, 0.98, 1, 1)),
        ("llama-3-70b", (0.60, 0.68, 0.75, 0.89)),
        ("claude-3-haiku", (0.52, 0.64, 0.61, 0.45)),
        ("gpt-3.5-turbo", (0.44, 0.39, 0.36, 0.57)),
    ],
)
def test_curves_at_fifty(name, points):
    curve = dict(zip(*published.curve(name), strict=True))
    assert [curve[m] for m in (0.08, 0.2, 0.4, 0.8)] == pytest.approx(points, abs=0.0051)


def test_strangers_are_guessed():
    with pytest.raises(LookupError, match="Did you mean 'gpt-4-turbo'"):
        published.curve("gpt4-turbo")
    with pytest.raises(LookupError, match="Did you mean 50"):
        published.curve("claude-3-opus", 60)
    with pytest.raises(LookupError, match="Did you mean 20"):
        published.beta("gpt-4", 16)


def test_a_curve_is_a_copy():
    published.curve("gpt-4")[0].clear()
    assert published.curve("gpt-4")[0]
