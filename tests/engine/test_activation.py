"""Who takes a turn when: addressed clocks, at one rate or at each one's own."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.engine.activation import one_by_one, poisson, rate
from tests.timing import often

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


@pytest.mark.parametrize("rate", often([0.3, 1.0, 4.0, 20.0], 0.3, 1.0, 4.0))
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


# -- rate ----------------------------------------------------------------------------------------------------------


def test_rate_is_the_chance_of_a_turn_and_all_see_the_start():
    """Turns of 200 agents over 100 steps, within 4.5 standard errors; a twin at another rate is not."""
    orders = [rate(5, step, range(200), activity=0.2) for step in range(1, 101)]
    assert all(order.together for order in orders)
    assert all(count == 0 for order in orders for _, count in order.turns)
    taken = sum(len(order.turns) for order in orders)
    error = math.sqrt(20_000 * 0.2 * 0.8)
    assert abs(taken - 4_000) < 4.5 * error < abs(taken - 20_000 * 0.23)


@given(SEEDS, st.integers(1, 500), st.integers(1, 30), st.floats(0, 1))
def test_a_newcomer_moves_nobody_at_a_rate(seed, step, n, chance):
    order = rate(seed, step, range(n + 1), activity=chance)
    assert [turn for turn in order.turns if turn[0] < n] == rate(seed, step, range(n), activity=chance).turns
    assert len({agent for agent, _ in order.turns}) == len(order.turns)


@given(SEEDS, st.floats(0, 0.9), st.floats(0, 0.1))
def test_more_activity_only_adds_turns(seed, chance, more):
    less = rate(seed, 3, range(50), activity=chance).turns
    assert [turn for turn in rate(seed, 3, range(50), activity=chance + more).turns if turn in less] == less


def test_order_within_a_step_is_not_that_of_ids():
    """The place of agent 0 among 10 is uniform: chi-square over 1,000 steps below 27.9, the 99.9% point."""
    places = Counter([a for a, _ in rate(2, step, range(10)).turns].index(0) for step in range(1, 1001))
    assert sum((places[place] - 100) ** 2 / 100 for place in range(10)) < 27.9


def test_rate_by_reported_use():
    people = [{"twitter_use": 50}, {"twitter_use": 5}, {"twitter_use": 0}]
    turns = Counter(a for step in range(1, 2001) for a, _ in rate(1, step, range(3), people, by="twitter_use").turns)
    assert turns[0] == 2000
    assert abs(turns[1] - 200) < 4.5 * math.sqrt(2000 * 0.1 * 0.9)
    assert turns[2] == 0


def test_rate_by_words_and_by_hours():
    night = tuple([1.0] * 6 + [0.0] * 18)
    people = [{"type": "owl"}, {"type": "bot"}, {"type": "gone"}, {"type": "own"}]
    of = {"owl": night, "bot": 1.0}
    active = [{a for a, _ in rate(1, step, range(4), people, by="type", of=of).turns} for step in range(1, 49)]
    assert active == ([{0, 1}] * 6 + [{1}] * 18) * 2
    own = [{"hours": list(night)}]
    assert [len(rate(1, s, [0], own, by="hours", steps_per_day=4).turns) for s in range(1, 9)] == [1, 0, 0, 0] * 2
    half = [len(rate(1, s, range(2000), hours=night, steps_per_day=2).turns) for s in (1, 2)]
    assert abs(half[0] - 1000) < 4.5 * math.sqrt(500)
    assert half[1] == 0


@pytest.mark.parametrize(
    ("people", "keys", "told"),
    [
        ([{"use": 2}], {"by": "use"}, "`full` says which value"),
        ([{"use": "often"}], {"by": "use"}, "use='often'"),
        ([{}], {"by": "use"}, "use=None"),
        ([{}], {"full": 3.0}, "which trait"),
        ([{"use": "daily"}], {"by": "usee", "of": {"daily": 1.0}}, "nobody has this trait"),
        ([{"use": "daily"}], {"by": "use", "of": {"dayly": 1.0}}, r"one of dayly \(daily\)"),
    ],
)
def test_a_rate_that_cannot_be_had_is_told(people, keys, told):
    with pytest.raises(ScenarioError, match=told):
        rate(1, 1, [0], people, **keys)


def test_rate_in_a_scenario():
    run = {
        "name": "r",
        "steps": 3,
        "world": {"kind": "opinion", "rule": "voter", "stop": "never"},
        "population": {"n": 40},
        "network": "complete",
        "activation": {"kind": "rate", "activity": 0.25},
    }
    society = simsoc.Society(run)
    society.run_model()
    assert 0 < society.engine.turns < 60
