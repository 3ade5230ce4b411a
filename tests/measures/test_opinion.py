from math import isclose, log, sqrt

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kurtosis, skew

from simsoc.core.stream import Stream
from simsoc.measures import Measure
from simsoc.measures import opinion as o

options = st.lists(st.sampled_from("ABC"), min_size=1, max_size=30)
numbers = st.lists(st.floats(-2, 2, allow_subnormal=False), min_size=1, max_size=30)


def test_a_measure_is_declared_once():
    measure = Measure("size", "people", "How many there are.", of=len)
    assert measure.of([1, 2]) == 2
    assert measure.default


def test_limits_of_options():
    assert o.magnetisation("AAAA", "A") == 1
    assert o.magnetisation("AABB", "A") == 0
    assert o.magnetisation("BBBB", "A") == -1
    assert o.magnetisation({0: "A", 5: "B", 9: "B"}, "A") == pytest.approx(-1 / 3)
    assert o.consensus_share("AAAA") == 1
    assert o.consensus_share("AABC") == 0.5
    assert o.entropy("AAAA") == 0
    assert o.entropy("ABC") == pytest.approx(log(3))
    assert o.entropy("AB", 2) == pytest.approx(1)
    with pytest.raises(ValueError, match="3 different"):
        o.entropy("ABC", 2)


def test_nobody_has_no_opinion():
    empty = nx.Graph()
    assert o.magnetisation([], "A") is None
    assert o.consensus_share([]) is None
    assert o.entropy([]) is None
    assert o.local_agreement(nx.empty_graph(3), "AAB") is None
    assert o.opinion_clusters(empty, []) is None
    for number in (o.mean, o.variance, o.diversity, o.bimodality):
        assert number([]) is None
    assert o.fragmentation([], 0.1) is None
    assert o.esteban_ray([], 1) is None
    assert o.diversity([1.0]) is None


@given(options)
def test_options_stay_in_bounds(held):
    assert -1 <= o.magnetisation(held, "A") <= 1
    assert 1 / 3 - 1e-12 <= o.consensus_share(held) <= 1
    assert 0 <= o.entropy(held, 3) <= 1 + 1e-12
    both = o.magnetisation(held, "A") + o.magnetisation(held, "B") + o.magnetisation(held, "C")
    assert isclose(both, -1, abs_tol=1e-9)


def test_local_agreement_and_clusters_on_a_ring():
    ring = nx.cycle_graph(8)
    held = "AAAABBAB"
    assert o.local_agreement(ring, held) == 0.5
    assert o.opinion_clusters(ring, held) == (4, 0.5, 4)
    assert o.opinion_clusters(ring, held, major=0.2).major == 2
    assert o.opinion_clusters(nx.complete_graph(8), held) == (2, 5 / 8, 2)
    assert o.local_agreement(nx.DiGraph([(0, 1), (4, 0)]), held) == 0.5


def test_published_spread():
    """Two people at each of five levels: the stated D = 1.49 is the sample deviation (arXiv 2311.09618)."""
    start = [-2, -1, 0, 1, 2] * 2
    assert round(o.diversity(start), 2) == 1.49
    assert o.variance(start) == pytest.approx(2)
    assert o.mean(start) == 0


def test_fragmentation():
    assert o.fragmentation([0.0, 0.02, 0.5, 0.51, 0.52, 0.9], 0.1) == (3, 0.5, 3)
    assert o.fragmentation([0.0, 0.02, 0.5, 0.51, 0.52, 0.9], 0.1, major=0.2).major == 2
    assert o.fragmentation([0.0, 0.1], 0.1).number == 1
    assert o.fragmentation([0.3] * 5, 0.0) == (1, 1.0, 1)


@given(numbers, st.floats(0, 1))
def test_fragmentation_in_bounds(held, width):
    found = o.fragmentation(held, width)
    assert 1 <= found.number <= len(held)
    assert 0 <= found.major <= found.number
    assert 0 < found.largest <= 1


def test_bimodality_of_known_shapes():
    stream = Stream(3, "shapes")
    uniform = [stream.random() for _ in range(20_000)]
    normal = [stream.normal() for _ in range(20_000)]
    assert o.bimodality(uniform) == pytest.approx(5 / 9, abs=0.01)
    assert o.bimodality(normal) == pytest.approx(1 / 3, abs=0.01)
    assert o.bimodality([-1] * 500 + [1] * 500) == pytest.approx(1, abs=0.01)
    assert o.bimodality([1.0] * 10) is None
    assert o.bimodality([1, 2, 3]) is None


def test_bimodality_against_scipy():
    held = [0.1, 0.15, 0.2, 0.8, 0.9, 0.95, 1.0, 0.4]
    n = len(held)
    expected = (skew(held, bias=False) ** 2 + 1) / (kurtosis(held, bias=False) + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))
    assert o.bimodality(held) == pytest.approx(expected)


def test_esteban_ray_limits():
    assert o.esteban_ray([0, 0, 1, 1], 1) == pytest.approx(1)
    assert o.esteban_ray([0, 0, 1, 1], 1, alpha=1.6) == pytest.approx(1)
    assert o.esteban_ray([0.3] * 4, 1) == 0
    with pytest.raises(ValueError, match="alpha"):
        o.esteban_ray([0, 1], 1, alpha=2)
    with pytest.raises(ValueError, match="span"):
        o.esteban_ray([0, 1], 0)


@given(numbers)
@settings(deadline=None)
def test_two_camps_are_the_most_polarised(held):
    assert 0 <= o.esteban_ray(held, 4) <= 1 + 1e-9
    assert 0 <= o.variance(held) <= 4 + 1e-9
    found = o.bimodality(held)
    assert found is None or found >= 0
    if len(held) > 1:
        assert sqrt(o.variance(held, sample=True)) == o.diversity(held)
