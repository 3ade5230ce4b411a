"""Where twins part and whom that reaches, against the same worked out from whole frames."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simsoc
from simsoc.core.errors import LogError
from simsoc.society import Society
from tests.experiments.making import SMALL, design


def run(scenario, folder):
    return simsoc.experiment(scenario, folder=folder, processes=1)


def by_hand(here, there, last):
    """(first event that differs, agents touched by the end of each step), from frames in memory."""
    events = [list(one.events.itertuples(index=False)) for one in (here, there)]
    events = [[(e.step, e.turn, e.agent, e.kind, json.dumps(e.content)) for e in some] for some in events]
    first = next((a for a, b in zip(*events, strict=False) if a != b), None)
    asked = [one.asks_with(facts=True).drop(columns=["ask", "value", "latency"]) for one in (here, there)]
    told = [
        sorted((a.step, a.agent, a.turn, a.purpose, str(a[15:])) for a in some.itertuples(index=False))
        for some in asked
    ]
    touched, course = set(), []
    for step in range(last + 1):
        for rows, whose in ((events, 2), (told, 1)):
            for agent in range(len(here.agents)):
                a, b = ([row for row in some if row[0] == step and row[whose] == agent] for some in rows)
                if a != b:
                    touched.add(agent)
        course.append(len(touched))
    return first, course


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 2**40),
    st.sampled_from(["together", "one_by_one"]),
    st.sampled_from([{"world.rule.beta": 1.1}, {"world.rule.h": 0.05}, {"network.degree": 4.1}, {}]),
)
def test_the_first_difference_and_its_reach(tmp_path_factory, seed, regime, treatment):
    folder = tmp_path_factory.mktemp("x")
    keys = {"seed": seed, "activation": regime, "network": {"kind": "erdos_renyi", "degree": 3.0}}
    results = run(design({"control": {}, "arm": treatment}, keys=keys), folder / "x")
    found = results.compare()
    with results.run("arm") as here, results.run("control") as there:
        first, course = by_hand(here, there, 5)
    (row,) = found.partings.to_dict("records")
    assert list(found.touched["touched"]) == course
    assert row["touched"] == course[-1]
    assert row["share"] == course[-1] / 12
    if first is None:
        assert row["here"] is None or row["here"] != row["here"]
        assert course[-1] == 0
    else:
        step, turn, agent, kind, content = first
        assert (row["step"], row["turn"], row["agent"]) == (step, turn, agent)
        assert row["here"] == f"{kind} {content.replace(' ', '')}"


@pytest.mark.parametrize("agent", [0, 7])
@pytest.mark.parametrize("step", [1, 4])
def test_a_planted_difference_is_found(tmp_path, agent, step):
    """One agent is told something before a step's turns: that is the first difference, whatever comes of it."""
    told = [{"at": step, "who": {"ids": [agent]}, "do": {"kind": "inject", "item": "B"}}]
    stubborn = {"kind": "curie_weiss", "beta": 50.0}
    keys = {"world": {**SMALL["world"], "start": {"A": 1.0, "B": 0.0}, "rule": stubborn}}
    found = run(design({"control": {}, "told": {"interventions": told}}, keys=keys), tmp_path / "x").compare()
    (row,) = found.partings.to_dict("records")
    assert (row["step"], row["agent"]) == (step, agent)
    assert json.loads(row["here"].split(" ", 1)[1])["to"] == "B"
    touched = found.touched.set_index("step")["touched"]
    assert set(touched[: step - 1]) <= {0}
    assert touched[step] >= 1


def test_one_agent_with_another_mind_parts_from_its_twin_where_it_first_says_something_else(tmp_path):
    """Its backend is a script that always says A; nobody else is touched before it has."""
    mind = {"model": "mechanistic", "groups": [{"model": "scripted", "script": ["k"], "who": {"ids": [3]}}]}
    results = run(design({"control": {}, "odd": {"backend": mind}}, keys={"activation": "together"}), tmp_path / "x")
    found = results.compare()
    (row,) = found.partings.to_dict("records")
    assert row["agent"] == 3
    touched = found.touched.set_index("step")["touched"]
    assert touched[row["step"] - 1] == 0
    assert touched[row["step"]] == 1


def test_a_run_that_goes_on_longer_parts_where_its_twin_has_ended(tmp_path):
    found = run(design({"short": {"steps": 2}, "long": {}}), tmp_path / "x").compare()
    (row,) = found.partings.to_dict("records")
    assert (row["last_step"], row["step"], row["touched"]) == (2, 3, 0)
    assert row["here"]
    assert row["there"] is None
    assert list(found.touched["step"]) == [0, 1, 2]


def test_every_replicate_and_grid_point_is_held_against_its_own_twin(tmp_path):
    arms = {"a": {}, "b": {"world.rule.beta": 3}, "c": {}}
    results = run(design(arms, replicates=2, grid={"steps": [2, 4]}, compare={"to": "b"}), tmp_path / "x")
    found = results.compare()
    assert found.to == "b"
    wanted = [(steps, r, arm) for steps in (2, 4) for r in (0, 1) for arm in ("a", "c")]
    keys = ["steps", "replicate", "arm"]
    assert [tuple(row) for row in found.partings[keys].values] == wanted
    assert list(found.partings["last_step"]) == [steps for steps, _, _ in wanted]
    assert [tuple(row) for row in found.measures.query("measure == 'sweeps'")[keys].values] == wanted
    summary = results.summary().set_index(["steps", "replicate", "arm", "measure"])
    for row in found.measures.to_dict("records"):
        place = (row["steps"], row["replicate"])
        assert row["final"] == summary.loc[(*place, row["arm"], row["measure"]), "final"]
        assert row["final_there"] == summary.loc[(*place, "b", row["measure"]), "final"]
        assert row["mean_there"] == summary.loc[(*place, "b", row["measure"]), "mean"]
    assert len(found.calls) == 12
    other = results.compare(to="a").partings.query("arm == 'c'")
    assert other["step"].isna().all()


def test_only_what_is_to_be_compared(tmp_path):
    results = run(design(compare={"to": "loud", "measures": "largest_share"}), tmp_path / "x")
    assert set(results.compare().measures["measure"]) == {"largest_share"}
    assert set(simsoc.compare(results, measures=["sweeps"]).measures["measure"]) == {"sweeps"}


def test_any_two_runs_of_one_seed(tmp_path):
    for name, seed, beta in (("a", 1, 1.0), ("b", 1, 3.0), ("c", 2, 1.0)):
        simsoc.run(SMALL, seed, log=tmp_path / f"{name}.db", world__rule__beta=beta).close()
    a, b, c = (tmp_path / f"{name}.db" for name in "abc")
    found = simsoc.compare([a, b])
    assert found.to == "a"
    assert list(found.partings["arm"]) == ["b"]
    assert simsoc.compare([a, b], to=b).to == "b"
    with pytest.raises(LogError, match=r"c\.db: seed 2, but .*a\.db has seed 1"):
        simsoc.compare([a, c])
    with pytest.raises(LogError, match="two runs at least"):
        simsoc.compare([a])


def test_newcomers_count_from_when_they_come(tmp_path):
    growth = {
        "name": "grows",
        "world": {"kind": "growth", "design": {"kind": "newcomers", "m": 2}, "rule": {"kind": "kernel"}},
        "population": {"n": 15},
    }
    growth["experiment"] = {"arms": {"a": {}, "b": {"world.design.m": 3}}}
    found = run(growth, tmp_path / "x").compare()
    people = list(found.touched["people"])
    assert people == sorted(people)
    assert people[-1] == 15 > people[0]


def test_what_cannot_be_compared(tmp_path):
    run(design({"a": {}}), tmp_path / "x")
    with pytest.raises(LogError, match="it has one arm only"):
        simsoc.compare(tmp_path / "x")
    run(design(), tmp_path / "y")
    with pytest.raises(LogError, match=r"no arm 'lod'\. Did you mean 'loud'"):
        simsoc.compare(tmp_path / "y", to="lod")
    with pytest.raises(LogError, match="no experiment"):
        simsoc.compare(tmp_path)


def test_runs_under_way_are_compared_as_far_as_both_go(tmp_path):
    results = run(design(), tmp_path / "x")
    (tmp_path / "x" / "loud-r000.db").unlink()
    with pytest.raises(LogError, match="no arm has run beside another yet"):
        results.compare()
    society = Society(simsoc.load(design()).alone(), log=tmp_path / "x" / "loud-r000.db")
    for _ in range(2):
        society.step()
    society.close()
    assert list(results.compare().partings["last_step"]) == [2]


def test_contents_that_differ_in_the_last_digits_are_the_same():
    from simsoc.experiments.twins import _same

    assert _same((1, 0, 2, "set", '{"to":0.3}'), (1, 0, 2, "set", '{"to":0.30000000000000004}'))
    assert not _same((1, 0, 2, "set", '{"to":0.3}'), (1, 0, 2, "set", '{"to":0.31}'))
