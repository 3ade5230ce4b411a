"""Every run is laid out, with its seed and its checked scenario, before anything is run."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.experiments.layout import lay_out
from simsoc.society import Society
from tests.experiments.making import SMALL, design

ARMS = st.lists(st.sampled_from(["a", "b-2", "c.x", "D"]), min_size=1, max_size=4, unique=True)
GRID = st.fixed_dictionaries(
    {},
    optional={
        "world.rule.beta": st.lists(st.sampled_from([0.5, 1.0, 2, 3.0]), min_size=1, max_size=3, unique=True),
        "steps": st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True),
    },
)


@settings(max_examples=40, deadline=None)
@given(ARMS, GRID, st.integers(1, 3), st.integers(0, 2**62))
def test_runs_are_the_product_in_file_order(arms, grid, replicates, seed):
    plan = lay_out(design(dict.fromkeys(arms), grid=grid, replicates=replicates, keys={"seed": seed}))
    points = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    wanted = [(point, r, arm) for point, r, arm in product(points, range(replicates), arms)]
    assert [(dict(run.grid), run.replicate, run.arm) for run in plan.runs] == wanted
    assert len({run.file.lower() for run in plan.runs}) == len(plan.runs)
    seeds = [plan.runs[n * len(arms)].seed for n in range(replicates)]
    assert seeds[0] == seed
    assert len(set(seeds)) == replicates
    for run in plan.runs:
        assert run.seed == run.scenario.seed == seeds[run.replicate]
        assert run.scenario.experiment is None
        if "steps" in run.grid:
            assert run.scenario.steps == run.grid["steps"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**40), st.integers(1, 4))
def test_more_of_anything_changes_no_other_run(seed, replicates):
    few = lay_out(design(keys={"seed": seed}, replicates=replicates))
    more = lay_out(
        design({"control": {}, "more": {"steps": 2}, "loud": {"world.rule.beta": 4}}, keys={"seed": seed}, replicates=6)
    )
    assert {(r.file, r.seed) for r in few.runs} <= {(r.file, r.seed) for r in more.runs}


def test_a_scenario_without_experiment_is_one_run():
    (run,) = lay_out(SMALL).runs
    assert (run.arm, run.replicate, run.seed, run.file) == ("base", 0, 4, "base-r000.db")
    assert run.scenario == simsoc.load(SMALL)


def test_arms_come_on_top_of_the_grid_and_of_overrides():
    plan = lay_out(design({"a": {"world.rule.h": 1.0}}, grid={"world.rule.beta": [2, 3]}), {"steps": 9})
    given = [(run.scenario.steps, run.scenario.world[0].given.rule.given) for run in plan.runs]
    assert [(steps, rule.beta, rule.h) for steps, rule in given] == [(9, 2, 1), (9, 3, 1)]


# -- what is held ------------------------------------------------------------------------------------------------------

DRAWN = {"population": {"source": "attributes", "n": 12, "traits": {"party": ["left", "right"]}}}


def built(hold):
    return [Society(run.scenario) for run in lay_out(design({"a": {}}, keys=DRAWN, replicates=3, hold=hold)).runs]


@pytest.mark.parametrize("hold", [[], "population", "network", ["population", "network"]])
def test_replicates_draw_again_what_is_not_held(hold):
    societies = built(hold)
    people = {tuple(person.traits["party"] for person in society.people) for society in societies}
    graphs = {tuple(sorted(society.graph.edges)) for society in societies}
    assert len(people) == (1 if "population" in hold else 3)
    assert len(graphs) == (1 if "network" in hold else 3)
    for society in societies:
        society.run_model()
    assert len({society.digest for society in societies}) == 3


def test_what_is_held_is_what_the_first_replicate_has():
    free, held = built([])[0], built(["population", "network"])
    assert all(society.graph.edges == free.graph.edges for society in held)
    assert [p.traits for p in held[2].people] == [p.traits for p in free.people]


def test_seeds_of_a_single_run():
    base = Society({**SMALL, "seeds": {"network": 9}})
    assert base.graph.edges == Society(SMALL, seed=9).graph.edges != Society(SMALL).graph.edges


# -- mistakes ----------------------------------------------------------------------------------------------------------

WRONG = """\
name: twin
steps: 10
world: {kind: opinion, rule: {kind: curie_weiss, beta: 1.0}}
population: {n: 20}
experiment:
  arms:
    control: {}
    loud:
      world.rule.betta: 5
    other: {world.rule: nothing}
    seedy: {seed: 3, population.n: 50}
    Control:
  grid:
    population.n: [50, 100, 50]
    world.toss: [1, true]
  hold: people
  compare: {to: contrl, measures: [magnetization]}
"""


def test_every_mistake_of_every_arm_is_told_at_once_with_its_line(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(WRONG.replace("  hold: people\n", ""))
    with pytest.raises(ScenarioError) as error:
        simsoc.load(file)
    told = [
        (int(p.where.rsplit(":", 1)[1]), p.path.removeprefix("experiment."), p.message) for p in error.value.problems
    ]
    for line, path, message in [
        (9, "arms.loud.'world.rule.betta'", "unknown key. Did you mean 'beta'?"),
        (10, "arms.other.'world.rule'", "no 'nothing'. Known:"),
        (11, "arms.seedy.seed", "'seed' is the same in all runs of an experiment"),
        (11, "arms.seedy.'population.n'", "the grid varies this key already"),
        (12, "arms.Control", "differs from 'control' in nothing but capitals"),
        (14, "grid.'population.n'.2", "50 is there twice"),
        (15, "grid.'world.toss'.0", "should be true or false (got 1)"),
        (16, "compare.to", "no arm 'contrl'. Did you mean 'control'?"),
        (16, "compare.measures.0", "takes no 'magnetization'. Did you mean 'magnetisation'?"),
    ]:
        assert [m for n, p, m in told if (n, p) == (line, path) and message in m], message
    assert [line for line, _, _ in told] == sorted(line for line, _, _ in told)
    file.write_text(WRONG)
    with pytest.raises(ScenarioError, match=r"x\.yaml:16  experiment\.hold: no 'people'\. Known: population, network"):
        simsoc.load(file)


@pytest.mark.parametrize(
    ("experiment", "says"),
    [
        ({"arms": {}}, "at least one arm"),
        ({"arms": {"a/b": {}}}, "pattern"),
        ({"arms": {"a": {"experiment.replicates": 3}}}, "'experiment' is the same"),
        ({"arms": {"a": {"name": "x"}}}, "'name' is the same"),
        ({"grid": {"world.rule.beta": []}}, "a list of 1 or more"),
        ({"grid": {"world.rule.beta": 3}}, "should be a list"),
        ({"grid": {"steps": list(range(1, 200)), "world.rule.h": list(range(200))}}, "39,800 designs"),
        ({"replicates": 0}, "at least 1"),
    ],
)
def test_an_experiment_that_cannot_be(experiment, says):
    with pytest.raises(ScenarioError, match=says):
        simsoc.load({**SMALL, "experiment": experiment})


def test_what_only_building_finds_is_told_of_every_arm_before_anything_is_run(tmp_path):
    wide = design({"a": {}, "b": {"network": {"kind": "ring", "k": 8}}}, grid={"population.n": [12, 5]})
    with pytest.raises(ScenarioError, match=r"arm b at population\.n=5"):
        simsoc.check(wide)
    with pytest.raises(ScenarioError, match=r"arm b at population\.n=5"):
        simsoc.experiment(wide, folder=tmp_path / "x", processes=1)
    assert not (tmp_path / "x").exists()
