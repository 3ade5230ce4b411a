"""No model effect is called robust on one wording."""

import pandas as pd
import pytest

import simsoc
from simsoc.core.stream import Stream
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
    assert unclear["verdict"].startswith(("same sign under 2 wordings, 1 of 2", "sign differs"))


def test_rules_have_no_wording_to_depend_on():
    assert verdict({"plain": 1.0}, mind="voter (rule)")["verdict"].startswith("no model answered")


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
            replicates=6,
            grid={"world.wording": ["friends", "strangers"]},
            compare={"measures": "magnetisation"},
            keys=keys,
        )
        found = simsoc.experiment(scenario, folder=tmp_path / "x").compare()
        one = {**scenario, "experiment": {**scenario["experiment"], "grid": {}}}
        single = simsoc.experiment(one, folder=tmp_path / "y").compare()
    table = found.wordings
    assert list(table["wording"]) == ["world.wording=friends", "world.wording=strangers"]
    assert (table["difference"] > 0).all()
    assert list(table["difference"]) == list(found.effects["difference"])
    assert found.robust.iloc[0]["verdict"] == "robust over 2 wordings"
    assert single.robust.iloc[0]["verdict"] == "one wording only: not called robust"
