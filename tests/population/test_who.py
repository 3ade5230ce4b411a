import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.core.errors import ScenarioError
from simsoc.networks.ties import Graph
from simsoc.population.who import members
from simsoc.scenario.spec import Degree, Who

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


# -- comparisons, degrees, numbers, and selections of selections ------------------------------------------------------


def ring_and_star():
    """Ten people: 0 is tied to everybody, the others to their neighbours in a ring."""
    graph = nx.cycle_graph(10)
    graph.add_edges_from((0, other) for other in range(2, 9))
    return Graph(graph)


def test_comparisons():
    assert members(Who(traits={"age": {"min": 3, "max": 5}}), PEOPLE, 1) == [3, 4, 5]
    assert members(Who(traits={"age": {"min": 7.5}}), PEOPLE, 1) == [8, 9]
    assert members(Who(traits={"party": {"not": "red"}}), PEOPLE, 1) == [0, 2, 4, 6, 8]
    assert members(Who(traits={"age": {"not": [1, 2, 3], "max": 4}}), PEOPLE, 1) == [0, 4]
    assert members(Who(traits={"age": {"not": {"min": 2}}}), PEOPLE, 1) == [0, 1]
    assert members(Who(traits={"party": {"min": "c"}}), PEOPLE, 1) == [1, 3, 5, 7, 9]


def test_whoever_lacks_a_trait_or_has_another_kind_of_value_fits_no_comparison():
    people = [{"age": 3}, {}, {"age": "old"}, {"age": True}, {"age": None}]
    assert members(Who(traits={"age": {"min": 0}}), people, 1) == [0]
    assert members(Who(traits={"age": {"not": 3}}), people, 1) == [2, 3, 4]


def test_a_mapping_that_is_a_trait_is_still_equal_to_itself():
    people = [{"home": {"town": "x"}}, {"home": {"town": "y"}}]
    assert members(Who(traits={"home": {"town": "x"}}), people, 1) == [0]


def test_any_and_not():
    red, old = Who(traits={"party": "red"}), Who(traits={"age": {"min": 8}})
    assert members(Who(any=(red, old)), PEOPLE, 1) == [1, 3, 5, 7, 8, 9]
    assert members(Who(**{"not": red}), PEOPLE, 1) == [0, 2, 4, 6, 8]
    assert members(Who(any=(red, old), not_=Who(ids=(1, 8))), PEOPLE, 1) == [3, 5, 7, 9]
    assert members(Who(not_=Who()), PEOPLE, 1) == []


@given(st.integers(0, 2**40), st.floats(0, 1), st.integers(0, 30))
@settings(deadline=None)
def test_a_person_has_one_draw_in_a_selection(seed, share, n):
    people = [{}] * 30
    some = members(Who(share=share), people, seed)
    assert members(Who(not_=Who(share=share)), people, seed) == [i for i in range(30) if i not in some]
    exactly = members(Who(n=n), people, seed)
    assert len(exactly) == n
    assert set(exactly) <= set(some) or set(some) <= set(exactly), "the smallest draws"
    assert set(exactly) <= set(members(Who(n=min(30, n + 1)), people, seed))


def test_exactly_so_many_of_those_who_fit():
    found = members(Who(n=2, traits={"party": "red"}), PEOPLE, 1)
    assert len(found) == 2
    assert set(found) <= {1, 3, 5, 7, 9}
    with pytest.raises(ScenarioError, match=r"backend\.who\.n: only 5 of the people fit"):
        members(Who(n=6, traits={"party": "red"}), PEOPLE, 1, path="backend.who")


def test_degrees():
    ties = ring_and_star()
    assert members(Who(degree=Degree(top=1)), PEOPLE, 1, ties=ties) == [0]
    assert members(Who(degree=Degree(max=2)), PEOPLE, 1, ties=ties) == [1, 9]
    assert members(Who(degree=Degree(min=3, max=8)), PEOPLE, 1, ties=ties) == list(range(2, 9))
    assert members(Who(degree=Degree(top=1), traits={"party": "red"}), PEOPLE, 1, ties=ties) != [0]
    tied = {members(Who(degree=Degree(top=2)), PEOPLE, seed, ties=ties)[1] for seed in range(60)}
    assert tied == set(range(2, 9)), "between equals it is drawn"
    followed = Graph(nx.DiGraph([(0, 5), (1, 5), (5, 2)]))
    assert members(Who(degree=Degree(top=1)), [{}] * 6, 1, ties=followed) == [5], "followers count"
    with pytest.raises(ScenarioError, match="nobody is tied to anybody"):
        members(Who(degree=Degree(top=1)), PEOPLE, 1)


def test_words_that_compare_nothing_are_guessed():
    with pytest.raises(ScenarioError, match=r"who\.traits\.age\.mn: no comparison 'mn'\. Did you mean 'min'\?"):
        members(Who(traits={"age": {"mn": 3}}), PEOPLE, 1)
    with pytest.raises(ScenarioError, match=r"who\.not\.any\.1\.traits\.agee: nobody has it\. Did you mean 'age'\?"):
        members(Who(not_=Who(any=(Who(), Who(traits={"agee": 3})))), PEOPLE, 1)
