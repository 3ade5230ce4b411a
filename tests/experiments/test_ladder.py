"""The null ladder: what each rung takes away, which arms cannot have one, and what can be told apart from what."""

import json
import re

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simsoc
from simsoc.core.stream import Stream
from simsoc.experiments.ladder import RUNGS, rungs
from simsoc.experiments.layout import lay_out
from simsoc.experiments.placing import placed, told
from simsoc.networks.rewiring import rewired
from tests.experiments.making import SMALL, design, digests, served
from tests.loopback import Loopback

PEOPLE = {"source": "attributes", "n": 12, "traits": {"side": ["left", "right"]}}
MODEL = {**SMALL, "population": PEOPLE, "backend": "openai/x"}


def made(scenario, wanted=True):
    return {rung.name: rung for rung in rungs(simsoc.load(scenario), wanted)}


def test_every_rung_takes_one_thing_away():
    found = made(MODEL)
    assert list(found) == list(RUNGS)
    whole = simsoc.load(MODEL)
    changed = {
        name: {key for key in type(whole).model_fields if getattr(rung.scenario, key) != getattr(whole, key)}
        for name, rung in found.items()
        if rung.scenario is not None
    }
    assert changed["null"] == changed["mechanistic"] == {"backend"}
    assert changed["persona_free"] == {"prompting"}
    assert changed["rewired"] == {"rewired"}
    assert changed["no_interaction"] == {"network", "world"}
    assert found["null"].scenario.backend.model == "null"


@pytest.mark.parametrize(
    ("scenario", "rung", "why"),
    [
        (SMALL, "mechanistic", "the arm itself is answered by 'mechanistic'"),
        (SMALL, "persona_free", "nothing is known about these people"),
        ({**MODEL, "network": "complete"}, "rewired", "everybody is tied to everybody: there is nothing to rewire"),
        ({**MODEL, "network": "empty"}, "rewired", "nobody is tied to anybody at the start"),
        ({**MODEL, "rewired": True}, "rewired", "it would be the arm itself"),
        (
            {**MODEL, "world": {**SMALL["world"], "group": 3, "rule": {"kind": "voter"}}},
            "no_interaction",
            "people who meet in groups",
        ),
        (
            {
                "name": "g",
                "world": {"kind": "growth", "rule": {"kind": "kernel"}, "design": {"kind": "newcomers"}},
                "population": {"n": 9},
            },
            "no_interaction",
            "to choose each other",
        ),
        (
            {
                "name": "g",
                "world": {"kind": "growth", "rule": {"kind": "kernel"}, "design": "newcomers", "attributes": ["side"]},
                "population": PEOPLE,
                "backend": "openai/x",
            },
            "persona_free",
            "they are told of themselves what they show each other",
        ),
        (
            {**MODEL, "interventions": [{"at": 2, "who": {}, "do": {"kind": "backend", "to": "openai/y"}}]},
            "null",
            "an intervention says who answers",
        ),
    ],
)
def test_a_rung_that_cannot_be_says_why(scenario, rung, why):
    found = made(scenario)[rung]
    assert found.scenario is None
    assert why in found.why


def test_rungs_are_arms_of_the_same_experiment(tmp_path):
    plan = lay_out(design(ladder=["rewired", None], ladder_of="loud", replicates=2))
    assert list(plan.arms) == ["control", "loud", "loud.null", "loud.rewired"]
    assert [run.file for run in plan.runs][:4] == [
        "control-r000.db",
        "loud-r000.db",
        "loud.null-r000.db",
        "loud.rewired-r000.db",
    ]
    assert len({run.seed for run in plan.runs if run.replicate == 1}) == 1
    assert lay_out(design(), ladder=True).scenario.experiment.ladder is True
    assert lay_out(design(ladder=["null"]), ladder=True).scenario.experiment.ladder == ("null",)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"ladder": ["nul"]}, "nul"),
        ({"ladder": True, "ladder_of": ["lod"]}, r"no arm 'lod'\. Did you mean 'loud'"),
        ({"ladder": True, "arms": {"a": {}, "a.null": {}}}, "the ladder has an arm of this name"),
    ],
)
def test_mistakes_are_told(more, says):
    with pytest.raises(simsoc.core.errors.ScenarioError, match=says):
        simsoc.load(design(**more))


def test_a_ladder_can_be_put_beside_what_has_been_run(tmp_path):
    before = digests(simsoc.experiment(design(), folder=tmp_path / "x", processes=1))
    results = simsoc.experiment(tmp_path / "x", ladder=True, processes=1)
    after = digests(results)
    assert before.items() < after.items()
    assert {entry.rung for entry in results if entry.rung} == {"null", "rewired", "no_interaction"}
    assert any("mechanistic (control, loud)" in line for line in results.left_out)
    assert after["control.rewired-r000.db"] != after["control-r000.db"] != after["control.null-r000.db"]


def test_one_arm_and_its_ladder(tmp_path):
    results = simsoc.experiment(
        design({"model": {}}, ladder=["null"], replicates=3, keys={"network": "complete"}),
        folder=tmp_path / "x",
        processes=1,
    )
    found = results.compare()
    assert not len(found.effects)
    assert set(found.ladder["rung"]) == {"null"}
    assert set(found.ladder["what"]) == {"value"}
    assert list(found.partings["arm"]) == ["model.null"] * 3


# -- what it says -----------------------------------------------------------------------------------------------------


def values(arms):
    rows = [
        {"arm": arm, "replicate": r, "measure": "m", "over": "last step", "value": v}
        for arm, several in arms.items()
        for r, v in enumerate(several)
    ]
    return pd.DataFrame(rows)


def noise(name, mean, n=12):
    return [mean + Stream(3, name, i).normal() * 0.1 for i in range(n)]


RUNGS_OF = {arm: {"null": f"{arm}.null", "shuffled": f"{arm}.shuffled"} for arm in ("base", "treated")}


def test_a_value_and_an_effect_are_placed():
    """The model's value is apart from both rungs; its effect is found on the shuffled rung as well."""
    arms = {"base": 1.0, "base.null": 0.0, "base.shuffled": 2.0}
    arms |= {"treated": 1.5, "treated.null": 0.0, "treated.shuffled": 2.5}
    ladder = placed(values({arm: noise(arm, mean) for arm, mean in arms.items()}), RUNGS_OF, "base", [])
    apart = {(r["arm"], r["what"], r["rung"]): r["apart"] for r in ladder.to_dict("records")}
    assert apart == {
        ("base", "value", "null"): "yes",
        ("base", "value", "shuffled"): "yes",
        ("treated", "effect", "null"): "yes",
        ("treated", "effect", "shuffled"): "no",
        ("treated", "value", "null"): "yes",
        ("treated", "value", "shuffled"): "yes",
    }
    row = ladder[(ladder["what"] == "effect") & (ladder["rung"] == "shuffled")].iloc[0]
    assert row["low"] < 0 < row["high"]
    assert abs(row["model"] - 0.5) < 0.1 > abs(row["null"] - 0.5)
    (line,) = [line for line in told(ladder, []) if "its effect" in line]
    assert line == ("m, arm treated: its effect can be told apart from null; cannot be told apart from shuffled")


def test_one_replicate_tells_nothing_apart():
    ladder = placed(
        values({arm: noise(arm, 1, 1) for arm in ("base", "base.null")}), {"base": {"null": "base.null"}}, "base", []
    )
    assert list(ladder["apart"]) == ["one replicate"]
    assert told(ladder, []) == ["m, arm base: its value cannot be told apart by one replicate"]


# -- rewiring ---------------------------------------------------------------------------------------------------------


@given(st.integers(2, 25), st.floats(0, 1), st.booleans(), st.integers(0, 2**40))
def test_rewiring_keeps_everybodys_number_of_ties(n, p, directed, seed):
    graph = nx.gnp_random_graph(n, p, seed=3, directed=directed)
    nx.set_node_attributes(graph, {node: {"side": node % 2} for node in graph})
    for a, b in graph.edges:
        graph.edges[a, b]["weight"] = a + 100 * b
    made = rewired(graph, Stream(seed, "rewired"))
    assert dict(made.degree) == dict(graph.degree)
    if directed:
        assert dict(made.in_degree) == dict(graph.in_degree)
    assert dict(made.nodes(data=True)) == dict(graph.nodes(data=True))
    assert not list(nx.selfloop_edges(made))
    weights = sorted(w for *_, w in made.edges(data="weight"))
    assert weights == sorted(w for *_, w in graph.edges(data="weight"))
    assert list(made.edges(data=True)) == list(rewired(graph, Stream(seed, "rewired")).edges(data=True))


def test_rewiring_leaves_no_blocks():
    """Two blocks, all ties inside: afterwards half of them cross, as many as chance has it."""
    graph = nx.disjoint_union(nx.gnp_random_graph(60, 0.2, seed=1), nx.gnp_random_graph(60, 0.2, seed=2))
    made = rewired(graph, Stream(1, "r"))
    ties = graph.number_of_edges()
    crossing = sum((a < 60) != (b < 60) for a, b in made.edges) / ties
    error = (0.25 / ties) ** 0.5
    assert abs(crossing - 0.5) < 4 * error
    few = rewired(graph, Stream(1, "r"), swaps=0)
    assert sum((a < 60) != (b < 60) for a, b in few.edges) == 0, "twin: nothing swapped, nothing crosses"


# -- beside a model ---------------------------------------------------------------------------------------------------


def test_rungs_beside_a_model_pay_only_for_what_they_ask_otherwise(tmp_path):
    """Null and rules ask nobody; without personas in the prompt the persona-free rung is the arm, and costs nothing."""
    keys = {"population": PEOPLE, "activation": "together"}
    with Loopback() as server:
        scenario = design({"base": {}}, ladder=True, keys={**keys, "backend": served(server)})
        results = simsoc.experiment(scenario, folder=tmp_path / "x", processes=1)
    runs = results.runs.set_index("arm")
    assert list(runs.loc[["base.null", "base.mechanistic"], "paid"]) == [0, 0]
    assert runs.loc["base", "paid"] == server.calls - runs.drop("base")["paid"].sum() > 0
    assert runs.loc["base.persona_free", "digest"] == runs.loc["base", "digest"]
    assert runs.loc["base.persona_free", "paid"] == 0
    assert runs.loc["base.no_interaction", "paid"] > 0
    minds = results.compare().failures.set_index("arm")["mind"]
    assert minds["base"] == "openai/test"
    assert minds["base.null"] == "null"


TIMELINE = {"kind": "timeline", "followed": 5, "recommended": 5, "by": "base"}
SEEN = {
    "fixed": {"design": "fixed"},
    "growing": {"design": {"kind": "growing", "pick": 6}, "feed": TIMELINE},
}


@pytest.mark.parametrize("design_of", SEEN)
def test_rungs_of_a_feed_do_what_they_are_called(design_of, tmp_path):
    """Read from prompts and the ledger: no personas; the same ones, dealt out again; nobody's posts."""
    scenario = {
        "name": "feed",
        "steps": 4,
        "world": {"kind": "twitter", **SEEN[design_of]},
        "population": {"source": "anes-synthetic", "n": 12},
        "network": {"kind": "partisan", "degree": 5} if design_of == "fixed" else {"kind": "empty", "directed": True},
    }
    with Loopback() as server:
        scenario["backend"] = served(server, slots=8)
        arms = {"arm": simsoc.load(scenario)}
        arms |= {rung.name: rung.scenario for rung in rungs(arms["arm"], True) if rung.scenario is not None}
        told, exposed, degrees = {}, {}, {}
        for name in ("arm", "persona_free", "shuffled", "no_interaction", *(["rewired"] if "rewired" in arms else [])):
            with simsoc.run(arms[name], 3, log=tmp_path / f"{name}.db") as run:
                asks = run.asks_with(texts=True)
                prompts = [json.loads(prompt)[0]["content"] for prompt in asks["prompt"]]
                pairs = zip(asks["agent"], prompts, strict=True)
                found = {agent: match[1] for agent, text in pairs if (match := re.search('About you: "(.*?)"\n', text))}
                told[name], exposed[name] = found, len(run.exposures)
                degrees[name] = (
                    sorted(dict(run.graph(0).in_degree).items()),
                    sorted(dict(run.graph(0).out_degree).items()),
                )
                assert len(prompts) > 12
                assert ("<posts>" in "".join(prompts)) is (name != "no_interaction")
    assert len(told["arm"]) == 12 == len(set(told["arm"].values()))
    assert told["persona_free"] == {}
    assert sorted(told["shuffled"].values()) == sorted(told["arm"].values())
    assert sum(told["shuffled"][agent] != told["arm"][agent] for agent in range(12)) > 6
    assert told["no_interaction"] == told["arm"]
    assert exposed["arm"] > 0 == exposed["no_interaction"]
    assert ("rewired" in degrees) is (design_of == "fixed"), "a network that begins empty has nothing to rewire"
    if "rewired" in degrees:
        assert degrees["rewired"] == degrees["arm"]
