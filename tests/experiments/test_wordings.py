"""No model effect is called robust on one wording."""

import pandas as pd
import pytest

import simsoc
from simsoc.core.stream import Stream
from simsoc.experiments.effects import key_of
from simsoc.experiments.wording import Design, is_wording, robust, wordings
from tests.experiments.making import SMALL, design, served
from tests.loopback import Loopback, lot, say


@pytest.mark.parametrize(
    ("key", "is_one"),
    [
        ("prompts", True),
        ("prompts.opinion/friends", True),
        ("prompting.persona", True),
        ("prompting__persona", True),
        ("world.wording", True),
        ("world.rule.beta", False),
        ("backend", False),
    ],
)
def test_which_keys_are_wording(key, is_one):
    assert is_wording(key) is is_one


def noise(name, mean, n):
    return [mean + 0.05 * Stream(2, name, i).normal() for i in range(n)]


def verdict(effects, n=8, mind="openai/x", models=("openai/x",)):
    """What is said of an arm whose effect is this under each wording of a grid."""
    rows = [
        {"world.wording": word, "arm": arm, "replicate": r, "measure": "m", "value": v}
        for word, effect in effects.items()
        for arm, mean in (("base", 0.0), ("treated", effect))
        for r, v in enumerate(noise(f"{word}{arm}", mean, n))
    ]
    values, grid = pd.DataFrame(rows), ["world.wording"]
    found = wordings(values, Design({"base": {}, "treated": {"a": 1}}, grid, "base"), grid, _Everybody(mind))
    assert set(found["arm"]) == {"treated"}
    (row,) = robust(found, set(models), []).to_dict("records")
    return row


class _Everybody(dict):
    def __init__(self, mind):
        self.mind = mind

    def get(self, key, default=None):
        return self.mind


def test_one_wording_is_not_robust_however_clear_the_effect():
    row = verdict({"plain": 3.0})
    assert row["verdict"] == "one wording only: not called robust"
    assert row["clear"] == 1


def test_two_that_agree_are_robust_and_two_that_do_not_are_not():
    assert verdict({"plain": 1.0, "formal": 0.5})["verdict"] == "robust over 2 wordings"
    assert verdict({"plain": 1.0, "formal": -0.5})["verdict"] == "sign differs between 2 wordings: not robust"
    unclear = verdict({"plain": 1.0, "formal": 0.001})
    assert unclear["verdict"].startswith(("same sign under 2 wordings, found under 1 of 2", "sign differs"))
    assert verdict({"plain": 1.0, "formal": 1.0}, n=5)["verdict"] == (
        "same sign under 2 wordings, found under 0 of 2: not called robust"
    ), "five replicates find nothing, whatever their intervals"


def test_a_wording_with_one_replicate_or_none_does_not_make_an_effect_robust():
    rows = [
        {"world.wording": word, "arm": arm, "replicate": r, "measure": "m", "value": v}
        for word, n in (("plain", 8), ("formal", 1), ("lost", 0))
        for arm, mean in (("base", 0.0), ("treated", 1.0))
        for r, v in enumerate([*noise(f"{word}{arm}", mean, n), *([float("nan")] * (8 - n))])
    ]
    grid = ["world.wording"]
    found = wordings(pd.DataFrame(rows), Design({"base": {}, "treated": {"a": 1}}, grid, "base"), grid, _Everybody("x"))
    assert list(found["n"]) == [8, 1, 0]
    (row,) = robust(found, {"x"}, []).to_dict("records")
    assert row["verdict"] == "same sign under 2 wordings, found under 1 of 2: not called robust"
    alone = found[found["wording"] != "world.wording=formal"]
    assert robust(alone, {"x"}, []).iloc[0]["verdict"] == "one wording only: not called robust"


def test_rules_have_no_wording_to_depend_on():
    assert verdict({"plain": 1.0}, mind="voter (rule)")["verdict"].startswith("no model answered")


@pytest.mark.parametrize(
    ("missing", "says"), [((), "2 wordings that ask the same"), ((3,), "2 wordings that ask the same")]
)
def test_wordings_that_ask_the_same_are_one(missing, says):
    """Two names of one prompt, one with a run less; twin: in one replicate of one arm something else was asked."""
    rows = [
        {"world.wording": word, "arm": arm, "replicate": r, "measure": "m", "value": v}
        for word in ("plain", "same")
        for arm, mean in (("base", 0.0), ("treated", 1.0))
        for r, v in enumerate(noise(arm, mean, 8))
    ]
    values, grid = pd.DataFrame(rows), ["world.wording"]
    several = Design({"base": {}, "treated": {"a": 1}}, grid, "base")
    asked = {
        key_of((word, arm)): {r: f"{arm}{r}" for r in range(8) if word == "plain" or r not in missing}
        for word in ("plain", "same")
        for arm in ("base", "treated")
    }
    found = wordings(values, several, grid, _Everybody("x"), asked=asked)
    assert list(found["differs"]) == [True, False]
    assert robust(found, {"x"}, []).iloc[0]["verdict"].startswith(says)
    asked[key_of(("same", "treated"))][2] = "other"
    apart = wordings(values, several, grid, _Everybody("x"), asked=asked)
    assert robust(apart, {"x"}, []).iloc[0]["verdict"] == "robust over 2 wordings"


def test_a_model_held_against_a_rule_has_a_wording_to_depend_on():
    """It answers in the arm compared to; what is shown is as much its own as the rule's."""
    values = pd.DataFrame(
        [
            {"arm": arm, "replicate": r, "measure": "m", "value": v}
            for arm, mean in (("model", 0.0), ("rule", 1.0))
            for r, v in enumerate(noise(arm, mean, 8))
        ]
    )
    minds = {key_of(("model",)): "openai/x", key_of(("rule",)): "voter (rule)"}
    found = wordings(values, Design({"model": {}, "rule": {"backend": "mechanistic"}}, [], "model"), [], minds)
    assert list(found["mind"]) == ["voter (rule), openai/x"]
    assert robust(found, {"openai/x"}, []).iloc[0]["verdict"] == "one wording only: not called robust"


def test_arms_in_other_words_are_held_against_the_same_words():
    arms = {
        "base": {},
        "treated": {"world.rule.beta": 3},
        "base-formal": {"prompts": {"a": "b.j2"}},
        "treated-formal": {"world.rule.beta": 3, "prompts": {"a": "b.j2"}},
    }
    found = Design(arms, [], "base").treatments()
    assert found == {
        "treated": [("treated", "base"), ("treated-formal", "base-formal")],
        "base-formal": [("base-formal", "base")],
    }


def test_wordings_of_a_model_are_compared_and_told(tmp_path):
    """A model that says what the prompt tells it to, under two wordings of a grid."""

    def behave(body, count):
        said = str(body["messages"])
        return say('{"answer": "k"}') if lot("k", said) < (0.9 if "cheese" in said else 0.5) else None

    with Loopback(behave=behave) as server:
        arms = {"control": {}, "cheese": {"world.topic": "cheese"}}
        world = {**SMALL["world"], "toss": False}  # k is the first option
        keys = {"backend": served(server, slots=8), "activation": "together", "steps": 2, "world": world}
        scenario = design(
            arms,
            replicates=8,
            grid={"world.wording": ["friends", "strangers"]},
            compare={"measures": "magnetisation"},
            keys=keys,
        )
        found = simsoc.experiment(scenario, folder=tmp_path / "x").compare()
        one = {**scenario, "experiment": {**scenario["experiment"], "grid": {}}}
        single = simsoc.experiment(one, folder=tmp_path / "y").compare()
        idle = {**scenario["experiment"], "grid": {"prompting.persona": ["none", "plain"]}}  # nobody has a persona
        same = simsoc.experiment({**scenario, "experiment": idle}, folder=tmp_path / "z").compare()
    table = found.wordings
    assert list(table["wording"]) == ["world.wording=friends", "world.wording=strangers"]
    assert (table["difference"] > 0).all()
    assert list(table["difference"]) == list(found.effects["difference"])
    assert found.robust.iloc[0]["verdict"] == "robust over 2 wordings"
    assert single.robust.iloc[0]["verdict"] == "one wording only: not called robust"
    assert same.robust.iloc[0]["verdict"] == "2 wordings that ask the same are one: not called robust"
