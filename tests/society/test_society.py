"""A society is a Mesa model, and a run is a pure function of scenario and seed."""

import asyncio
import subprocess
import sys
from pathlib import Path

import mesa
import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesa.batchrunner import batch_run

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.society import Person, Society

SMALL = {
    "name": "small",
    "steps": 6,
    "world": {"kind": "opinion", "rule": {"kind": "curie_weiss", "beta": 1.0}, "stop": "never"},
    "population": {"n": 20},
    "network": {"kind": "erdos_renyi", "degree": 4},
}


def ended(scenario=SMALL, seed=None, **overrides):
    society = Society(scenario, seed, **overrides)
    society.run_model()
    return society


def test_it_is_a_mesa_model():
    society = Society(SMALL, seed=3)
    assert isinstance(society, mesa.Model)
    assert isinstance(society.people[0], mesa.Agent)
    assert isinstance(society.graph, nx.Graph)
    assert [p.unique_id for p in society.people] == list(society.graph) == list(range(20))
    assert list(society.agents) == society.people
    assert len(society.agents.select(lambda p: p.unique_id < 5)) == 5
    assert society.people[0].neighbours == [society.people[b] for b in sorted(society.graph[0])]


def test_stepping_by_hand():
    society = Society(SMALL, seed=3)
    for step in range(1, 7):
        assert society.running
        society.step()
        assert society.steps == step
    assert not society.running
    assert society.ended == "all steps done"
    frame = society.datacollector.get_model_vars_dataframe()
    assert len(frame) == 6
    assert frame["magnetisation"].iloc[-1] == society.measured["magnetisation"]
    assert society.digest == ended(seed=3).digest


def test_ids_start_at_zero_in_every_society_and_models_can_be_forgotten():
    import gc
    import weakref

    society = Society(SMALL)
    assert society.people[0].unique_id == Society(SMALL).people[0].unique_id == 0
    gone = weakref.ref(society)
    del society
    gc.collect()
    assert gone() is None


def test_batch_run_takes_seeds_as_a_parameter():
    rows = batch_run(Society, {"scenario": [SMALL], "seed": [1, 2, 3]}, display_progress=False)
    assert [row["seed"] for row in rows] == [1, 2, 3]
    assert [row["magnetisation"] for row in rows] == [ended(seed=s).measured["magnetisation"] for s in (1, 2, 3)]
    assert len({row["magnetisation"] for row in rows}) > 1


def test_iterations_alone_repeat_one_run():
    """Mesa 3.3 hands every iteration the same parameters, so replicates must be seeds."""
    rows = batch_run(Society, {"scenario": [SMALL]}, iterations=3, display_progress=False)
    assert len({row["magnetisation"] for row in rows}) == 1


def test_batch_run_varies_keys_of_the_scenario():
    parameters = {"scenario": [SMALL], "world__rule__beta": [0.0, 5.0], "seed": [1]}
    rows = batch_run(Society, parameters, display_progress=False)
    assert [row["world__rule__beta"] for row in rows] == [0.0, 5.0]
    assert rows[0]["magnetisation"] != rows[1]["magnetisation"]


REGIMES = [{"kind": "together"}, {"kind": "one_by_one"}, {"kind": "one_by_one", "replacement": False}]


@pytest.mark.parametrize("activation", REGIMES)
def test_same_inputs_same_run(activation):
    one, two = (ended(seed=5, activation=activation) for _ in range(2))
    other = ended(seed=6, activation=activation)
    assert one.digest == two.digest != other.digest


def test_global_generators_change_nothing():
    import random

    import numpy as np

    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    first = ended(seed=5, network={"kind": "watts_strogatz", "k": 4, "p": 0.2}).digest
    random.seed(2)
    np.random.seed(2)  # noqa: NPY002
    assert ended(seed=5, network={"kind": "watts_strogatz", "k": 4, "p": 0.2}).digest == first


def test_digest_does_not_depend_on_hash_seed(tmp_path):
    """Set order and string hashing must not leak into a run: two processes, two hash seeds."""
    code = (
        "from simsoc.society import Society; import json, sys; "
        "s = Society(json.loads(sys.argv[1]), seed=5); s.run_model(); print(s.digest)"
    )
    import json
    import os

    digests = {
        subprocess.run(
            [sys.executable, "-c", code, json.dumps(SMALL)],
            env={**os.environ, "PYTHONHASHSEED": str(h)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for h in (1, 2)
    }
    assert digests == {ended(seed=5).digest}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**40), st.sampled_from(REGIMES), st.sampled_from(["curie_weiss", "voter", "majority"]))
def test_a_hermit_changes_nobody(seed, activation, rule):
    """One more agent without ties, appended after people and graph are built, moves no draw of anybody else."""
    design = {**SMALL, "activation": activation, "steps": 3}
    design["world"] = {"kind": "opinion", "stop": "never",
                       "rule": {"kind": rule, **({"beta": 1.0} if rule == "curie_weiss" else {})}}  # fmt: skip
    alone, joined = Society(design, seed), Society(design, seed)
    hermit = joined.add_person(hobby="chess")
    assert hermit.unique_id == 20
    for society in (alone, joined):
        society.run_model()
    assert alone.worlds[0].held == joined.worlds[0].held[:20]


def test_a_hermit_rests_and_its_turns_are_in_the_log(tmp_path):
    society = Society(SMALL, 3, log=tmp_path / "run.db")
    society.add_person()
    society.run_model()
    with simsoc.open_run(tmp_path / "run.db") as run:
        assert set(run.events[(run.events.agent == 20) & (run.events.step > 0)].kind) == {"rest"}
        assert len(run.agents) == 21
        assert 20 in run.graph()


def test_consensus_stops_at_the_very_turn():
    design = {**SMALL, "steps": 1000, "network": "complete"}
    design["world"] = {"kind": "opinion", "rule": {"kind": "curie_weiss", "beta": 4.0}}
    society = ended(design, seed=1)
    assert society.ended == "consensus"
    assert society.measured["abs_magnetisation"] == 1
    assert society.measured["sweeps"] == society.engine.turns / 20 < society.engine.clock


def test_two_worlds_on_the_same_people(tmp_path):
    design = {
        **SMALL,
        "world": [
            {"kind": "opinion", "rule": "voter", "stop": "never"},
            {"kind": "opinion_scale", "rule": {"kind": "degroot"}, "stop": "never"},
        ],
    }
    society = ended(design, seed=1)
    assert {"magnetisation", "mean"} <= set(society.measured)
    assert society.digest == ended(design, seed=1).digest
    by_itself = ended({**SMALL, "world": {"kind": "opinion", "rule": "voter", "stop": "never"}}, seed=1)
    assert by_itself.worlds[0].held == society.worlds[0].held
    with simsoc.run(design, seed=1, log=tmp_path / "run.db") as run:
        assert set(run.events.kind) >= {"opinion.start", "opinion.set", "opinion_scale.set"}
        assert set(run.opinions.opinion) == {"A", "B"}
        last = run.opinions_of("opinion_scale").query("step == 6")
        assert last.opinion.astype(float).tolist() == society.worlds[1].held


def test_it_runs_inside_a_running_event_loop(tmp_path):
    """As in a notebook."""

    async def cell():
        return simsoc.run(SMALL, seed=2, log=tmp_path / "run.db")

    run = asyncio.run(cell())
    assert run.info["digest"] == ended(seed=2).digest
    run.close()


def test_python_functions_can_answer():
    society = ended(seed=1, backend=lambda ask: "A")
    assert society.measured["magnetisation"] == 1


def test_groups_of_agents_have_their_own_backend(tmp_path):
    backend = {"model": "null", "groups": [{"model": "mechanistic", "who": {"ids": [0, 1, 2]}}]}
    run = simsoc.run({**SMALL, "backend": backend}, log=tmp_path / "run.db")
    by = run.asks.groupby("agent")["by"].agg(set)
    assert all(by[a] == {"curie_weiss"} for a in (0, 1, 2) if a in by)
    assert all(names == {"null"} for a, names in by.items() if a > 2)
    run.close()


def test_yaml_null_is_the_null_mind(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(
        "name: x\nsteps: 2\nbackend: null\npopulation: {n: 5}\nworld: {kind: opinion, stop: never, rule: voter}\n"
    )
    run = simsoc.run(file, log=tmp_path / "run.db")
    assert set(run.asks["by"]) == {"null"}
    run.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"population": "blank"}, "how many people"),
        ({"steps": None}, "how many"),
        ({"measures": ["magnetization"]}, "Did you mean 'magnetisation'"),
        ({"world": {"kind": "opinion", "rule": "voter", "start_trait": "party"}}, "party"),
        ({"network": {"kind": "ring", "k": 40}}, "network.k"),
        ({"network": "karate_club"}, "34"),
    ],
)
def test_what_cannot_be_built_says_why(change, says):
    with pytest.raises(ScenarioError, match=says):
        Society({**SMALL, **change})


def test_front_door():
    assert sorted(simsoc.__all__) == [
        "Person",
        "Results",
        "Run",
        "Runs",
        "Society",
        "audit",
        "check",
        "compare",
        "effects",
        "experiment",
        "explain",
        "fork",
        "interview",
        "interviews",
        "load",
        "multiverse",
        "open_experiment",
        "open_run",
        "open_runs",
        "pack",
        "plan",
        "reranked",
        "resume",
        "run",
        "scores",
        "unpack",
        "verify",
        "view",
        "whatif",
        "write_report",
    ]
    assert simsoc.Person is Person
    with pytest.raises(AttributeError, match="it offers"):
        simsoc.nothing  # noqa: B018


HEAVY = ["openai", "litellm", "torch", "mesa", "pandas", "scipy", "matplotlib", "aiohttp", "networkx", "sqlalchemy"]


@pytest.mark.parametrize("statement", ["import simsoc", "import simsoc.cli"])
def test_the_front_door_is_light(statement):
    code = f"import sys; {statement}; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_running_needs_neither_openai_nor_litellm(tmp_path):
    code = (
        "import sys, simsoc; simsoc.run(sys.argv[1], log=sys.argv[2], **{'steps': 1}).close(); "
        "print([m for m in ['openai', 'litellm', 'torch', 'matplotlib', 'aiohttp'] if m in sys.modules])"
    )
    scenario = Path(__file__).parents[2] / "scenarios" / "opinion_voter.yaml"
    done = subprocess.run(
        [sys.executable, "-c", code, str(scenario), str(tmp_path / "r.db")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
