import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.core.errors import ScenarioError
from simsoc.population.who import members
from simsoc.scenario.spec import Who

PEOPLE = [{"party": "red" if i % 2 else "blue", "age": i} for i in range(10)]


def test_every_key_must_hold():
    assert members(Who(), PEOPLE, 1) == list(range(10))
    assert members(Who(ids=(3, 1, 3)), PEOPLE, 1) == [1, 3]
    assert members(Who(traits={"party": "red"}), PEOPLE, 1) == [1, 3, 5, 7, 9]
    assert members(Who(traits={"party": ["red", "green"], "age": [1, 2, 3]}), PEOPLE, 1) == [1, 3]
    assert members(Who(ids=(0, 1, 2), traits={"party": "red"}), PEOPLE, 1) == [1]
    assert members(Who(traits={"age": 3}), [*PEOPLE, {"party": "red"}], 1) == [3]


@given(st.integers(0, 2**40), st.floats(0, 1), st.floats(0, 1), st.integers(1, 60))
@settings(deadline=None)
def test_shares_nest_and_newcomers_move_nobody(seed, a, b, n):
    small, large = sorted((a, b))
    people = [{}] * n
    few = members(Who(share=small), people, seed)
    assert set(few) <= set(members(Who(share=large), people, seed))
    assert [i for i in members(Who(share=small), [*people, {}], seed) if i < n] == few


def test_shares():
    people = [{}] * 2000
    assert members(Who(share=0.0), people, 1) == []
    assert members(Who(share=1.0), people, 1) == list(range(2000))
    third = members(Who(share=0.3), people, 1)
    assert abs(len(third) - 600) < 4 * (2000 * 0.21) ** 0.5
    assert third != members(Who(share=0.3), people, 1, purpose="other")


def test_strangers_are_guessed_all_at_once():
    with pytest.raises(ScenarioError) as caught:
        members(Who(ids=(2, 12), traits={"partty": "red"}), PEOPLE, 1, path="backend.groups.0.who")
    first, second = caught.value.problems
    assert first.path == "backend.groups.0.who.ids"
    assert "0 to 9" in first.message
    assert second.path == "backend.groups.0.who.traits.partty"
    assert "Did you mean 'party'" in second.message
    with pytest.raises(ScenarioError, match="no traits at all"):
        members(Who(traits={"party": "red"}), [{}], 1)
