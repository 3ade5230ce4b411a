"""Who takes a turn when: addressed clocks, at one rate or at each one's own."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.engine.activation import one_by_one, poisson

SEEDS = st.integers(0, 2**60)


@given(SEEDS, st.integers(1, 500), st.integers(1, 40))
def test_rate_one_is_one_by_one(seed, step, n):
    assert poisson(seed, step, range(n)) == one_by_one(seed, step, range(n))


@given(SEEDS, st.integers(1, 500), st.integers(1, 30), st.floats(0, 20))
def test_a_newcomer_moves_nobody(seed, step, n, rate):
    with_it = [turn for turn in poisson(seed, step, range(n + 1), rate=rate).turns if turn[0] < n]
    assert with_it == poisson(seed, step, range(n), rate=rate).turns


@given(SEEDS, st.floats(0.01, 30))
def test_turns_of_an_agent_are_counted_from_nought(seed, rate):
    counts: dict[int, int] = {}
    for agent, count in poisson(seed, 1, range(5), rate=rate).turns:
        assert count == counts.get(agent, 0)
        counts[agent] = count + 1


@pytest.mark.parametrize("rate", [0.3, 1.0, 4.0, 20.0])
def test_turns_are_poisson(rate):
    """Mean and variance of an agent's turns in a step are its rate; 4,000 agent-steps, within 4.5 standard errors."""
    steps, n = 40, 100
    counts = [Counter(a for a, _ in poisson(7, step, range(n), rate=rate).turns)[agent]
              for step in range(1, steps + 1) for agent in range(n)]  # fmt: skip
    size = len(counts)
    mean = sum(counts) / size
    variance = sum((c - mean) ** 2 for c in counts) / (size - 1)
    assert abs(mean - rate) < 4.5 * math.sqrt(rate / size)
    assert abs(variance - rate) < 4.5 * math.sqrt((rate + 2 * rate**2) / size)


def test_rates_by_trait():
    people = [{"online": 0.0}, {"online": 1.0}, {"online": 6.0}]
    turns = Counter(
        a for step in range(1, 1001) for a, _ in poisson(3, step, range(3), people, rate=0.5, by="online").turns
    )
    assert turns[0] == 0
    assert abs(turns[1] - 500) < 4.5 * math.sqrt(500)
    assert abs(turns[2] - 3000) < 4.5 * math.sqrt(3000)


def test_a_trait_that_is_no_rate_is_told(tmp_path):
    (tmp_path / "p.csv").write_text("name,online\nann,2\nbob,-1\ncem,1\n")
    design = {
        "name": "rates",
        "steps": 2,
        "world": {"kind": "opinion", "rule": {"kind": "voter"}},
        "population": {"source": "csv", "file": str(tmp_path / "p.csv")},
        "activation": {"kind": "poisson", "by": "online"},
    }
    with pytest.raises(ScenarioError, match=r"activation\.by: agent 1 has online=-1"):
        simsoc.Society(design)
    with pytest.raises(ScenarioError, match=r"activation\.by: agent 0 has offline=None"):
        simsoc.Society({**design, "activation": {"kind": "poisson", "by": "offline"}})
