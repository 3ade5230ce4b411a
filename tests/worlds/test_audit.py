"""World `audit`: what is asked, what is told, and that an audit finds what a stand-in was given (methods.md 6.6)."""

import json
import math

import networkx as nx
import pytest

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.society import Society
from simsoc.worlds.audit import statements
from tests.loopback import Loopback

from .by_hand import answer, silence, think, turn, world

NAMES = {"source": "names", "per": 20}


def audited(instrument, rule, population, seed=1, **more):
    scenario = {"name": "x", "world": {"kind": "audit", "instrument": instrument, "rule": rule, **more}}
    society = Society({**scenario, "population": population}, seed)
    society.run_model()
    return society


def compass(rule, seed=1, n=1, answers="forced", **more):
    return audited({"kind": "compass", "answer": answers}, {"kind": "leaning", **rule}, {"n": n}, seed, **more)


# -- statements ------------------------------------------------------------------------------------------------------


def test_shipped_statements_are_balanced_on_both_axes_and_have_three_wordings():
    found = statements.shipped()
    for axis in ("economic", "social"):
        assert [one.direction for one in found if one.axis == axis].count(1) == 8
        assert [one.direction for one in found if one.axis == axis].count(-1) == 8
    wordings = [text for one in found for text in one.wordings]
    assert len(set(wordings)) == 96 == 3 * len(found)


def test_the_poles_and_those_who_agree_with_everything():
    left = compass({"economic": -1, "social": 1}, samples=3).measured
    assert (left["economic"], left["social"], left["acquiescence"]) == (-10, 10, 0)
    agrees = compass({"acquiescence": 1}, samples=3).measured
    assert (agrees["economic"], agrees["social"], agrees["acquiescence"]) == (0, 0, 1)


def test_whoever_answers_at_random_stands_at_nought_and_a_lean_shows():
    """Standard error: 10 sd / sqrt(answers), sd of r / 2 at random is sqrt(.625)."""
    society = audited({"kind": "compass"}, "leaning", {"n": 40}, samples=3)
    se = 10 * math.sqrt(0.625 / (16 * 40 * 3))
    assert abs(society.measured["economic"]) < 3 * se
    assert abs(society.measured["social"]) < 3 * se
    assert abs(society.measured["first_listed"] - 0.25) < 3 * math.sqrt(0.25 * 0.75 / (32 * 120))
    leaning = compass({"economic": -0.3}, n=40, samples=3).measured["economic"]
    assert leaning == pytest.approx(-10 * 0.3 * 3.3 / 4, abs=3 * se)
    assert abs(leaning) > 3 * se


def test_wordings_take_turns_and_options_are_listed_in_another_order_each_time():
    made = world("audit", {"instrument": "compass", "rule": "leaning"}, nx.empty_graph(1))
    facts = [think(made, turn(0, step))[0][0].facts for step in (1, 2, 3, 4)]
    assert [f["statement"] for f in facts] == [*statements.shipped()[0].wordings, statements.shipped()[0].wordings[0]]
    orders = {tuple(think(made, turn(0, 1, item))[0][0].facts["shown"]) for item in range(32)}
    assert len(orders) > 8
    fixed = world("audit", {"instrument": "compass", "rule": "leaning", "order": "fixed"}, nx.empty_graph(1))
    assert {tuple(think(fixed, turn(0, 1, item))[0][0].facts["shown"]) for item in range(32)} == {(0, 1, 2, 3)}


def test_who_would_rather_not_say_is_counted_and_never_placed():
    society = compass({"economic": -1, "social": -1, "refuses": 0.25}, answers="free", n=20, samples=2)
    asked = 32 * 40
    assert society.measured["economic"] == -10
    assert abs(society.measured["refused"] - 0.25) < 3 * math.sqrt(0.25 * 0.75 / asked)
    assert society.measured["answers"] == round(asked * (1 - society.measured["refused"]))


def test_own_words_are_classified_by_an_ask_of_their_own():
    made = world(
        "audit",
        {"instrument": {"kind": "compass", "answer": "open"}, "rule": "leaning"},
        nx.empty_graph(1),
    )

    def mind(ask):
        return answer("I could not disagree more." if ask.purpose == "open" else "strongly disagree")

    asks, action = think(made, turn(0), mind)
    assert [ask.purpose for ask in asks] == ["open", "classify"]
    assert asks[1].facts["text"] == "I could not disagree more."
    (event,) = made.apply(action)
    assert (event.kind, event.content["value"], event.content["text"]) == (
        "answer",
        "strongly disagree",
        mind(asks[0]).value,
    )
    said = compass({"economic": -0.9, "social": 0.9}, answers="open", n=4, samples=2)
    forced = compass({"economic": -0.9, "social": 0.9}, n=4, samples=2)
    assert said.measured["economic"] == pytest.approx(forced.measured["economic"], abs=1.5)
    assert said.measured["economic"] < -7


@pytest.mark.parametrize("answers", ["forced", "open"])
def test_silence_is_an_event_and_no_place(answers):
    made = world(
        "audit",
        {"instrument": {"kind": "compass", "answer": answers}, "rule": "leaning"},
        nx.empty_graph(1),
    )
    _, action = think(made, turn(0), lambda ask: silence())
    (event,) = made.apply(action)
    assert (event.kind, event.content["reason"]) == ("silent", "refused")
    assert made.silent == 1
    assert made.MEASURES["economic"].of(made) is None


def test_statements_of_ones_own(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "machines:\n  - {name: a, d: 1, wordings: [Robots are fine.]}\n  - {name: b, d: -1, wordings: [No robots.]}\n"
    )
    scenario = {
        "name": "x",
        "world": {
            "kind": "audit",
            "instrument": {"kind": "compass", "file": str(path)},
            "rule": {"kind": "leaning", "acquiescence": 1},
        },
        "population": {"n": 2},
    }
    with simsoc.run(scenario, log=tmp_path / "run.db") as run:
        found = simsoc.audit(run)
    assert found[["axis", "score", "statements"]].to_numpy().tolist() == [["machines", 0.0, 2]]
    path.write_text("machines:\n  - {name: a, d: 1, wordings: [Robots are fine.]}\n")
    with pytest.raises(ScenarioError, match="1 statements of d 1 and 0 of d -1"):
        simsoc.Society(scenario)
    path.write_text("machines:\n  - {name: a, d: 2, wordings: [Robots are fine.]}\n")
    with pytest.raises(ScenarioError, match=r"machines.0.d"):
        simsoc.Society(scenario)


# -- swaps -----------------------------------------------------------------------------------------------------------


def test_one_name_and_another_are_told_the_same_but_for_the_name():
    people = [{"name": "Ann {name}", "gender": "female"}, {"name": "Bea", "gender": "female"}]
    people += [{"name": "Carl", "gender": "male"}, {"name": "Dan", "gender": "male"}]
    spec = {
        "instrument": {"kind": "swap", "templates": ["How much for {name}, really {name}?"]},
        "rule": "priced",
    }
    made = world("audit", spec, nx.empty_graph(4), people)
    texts = [think(made, turn(agent))[0][0].facts["text"] for agent in range(4)]
    assert texts[0] == "How much for Ann {name}, really Ann {name}?"
    assert [text.replace(person["name"], "X") for text, person in zip(texts, people, strict=True)] == [
        "How much for X, really X?"
    ] * 4


def test_a_planted_gap_is_found_and_an_anchor_takes_most_of_it():
    rule = {"kind": "priced", "gap": -0.05, "name_sd": 0}
    plain = audited("swap", rule, NAMES).measured
    anchored = audited({"kind": "swap", "anchor": 100_000}, rule, NAMES).measured
    none = audited("swap", {"kind": "priced", "name_sd": 0}, NAMES).measured
    se = 0.05 * math.sqrt(2 / (20 * 6 * 6))
    assert plain["relative_gap"] == pytest.approx(-0.05, abs=3 * se)
    assert anchored["relative_gap"] == pytest.approx(-0.01, abs=3 * se)
    assert abs(none["relative_gap"]) < 3 * se
    assert plain["gap"] < 0 < plain["answers"] == 40 * 6 * 6


def test_what_an_audit_has_found_stands_in_its_log(tmp_path):
    scenario = {
        "name": "x",
        "world": {
            "kind": "audit",
            "instrument": {"kind": "swap", "by": "race", "group": "black", "base": "white"},
            "samples": 2,
            "rule": {"kind": "priced", "gap": -0.06},
        },
        "population": {"source": "names", "list": "bertrand_mullainathan_2004"},
    }
    with simsoc.run(scenario, log=tmp_path / "run.db") as run:
        found = simsoc.audit(run)
        assert found.attrs["counted"] == {"answers": 36 * 12, "refused": 0, "silent": 0}
        assert found.attrs["answered_by"] == f"priced (rule) {36 * 12}"
        assert run.measures["gap"].iloc[-1] == pytest.approx(found["gap"].iloc[0])
    assert found["template"].tolist() == ["all", "1", "2", "3", "4", "5", "6"]
    assert found["p"].iloc[0] < 0.05
    assert found["low"].iloc[0] < found["gap"].iloc[0] < found["high"].iloc[0] < 0
    assert simsoc.verify(tmp_path / "run.db") == []
    with simsoc.run(
        {"name": "y", "steps": 1, "world": {"kind": "opinion", "rule": "voter"}, "population": {"n": 3}},
        log=tmp_path / "o.db",
    ) as other:
        with pytest.raises(ValueError, match="no world 'audit'"):
            simsoc.audit(other)


@pytest.mark.parametrize(
    ("world_keys", "population", "told"),
    [
        ({"instrument": "swap", "rule": "priced"}, {"n": 4}, "no trait 'name'"),
        (
            {"instrument": {"kind": "swap", "group": "other"}, "rule": "priced"},
            NAMES,
            "0 different names with gender other",
        ),
        (
            {"instrument": {"kind": "swap", "templates": ["How much for her?"]}, "rule": "priced"},
            NAMES,
            "has no slot {name}",
        ),
        ({"instrument": {"kind": "swap", "group": "male"}, "rule": "priced"}, NAMES, "against itself"),
        ({"instrument": "swap", "rule": "leaning"}, NAMES, "rule leaning answers the instrument compass"),
        ({"instrument": "swap"}, NAMES, "rule: priced"),
        ({"instrument": "compass", "rule": "leaning"}, {"source": "names", "per": 99}, "has 24 names of a kind"),
    ],
)
def test_what_cannot_be_asked_is_told(world_keys, population, told):
    with pytest.raises(ScenarioError, match=told.replace("{", r"\{")):
        Society(simsoc.load({"name": "x", "world": {"kind": "audit", **world_keys}, "population": population}))


# -- against a server ------------------------------------------------------------------------------------------------


def test_all_items_are_asked_at_once_and_the_name_is_all_that_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with Loopback(latency=0.05) as server:
        scenario = {
            "name": "x",
            "world": {"kind": "audit", "instrument": {"kind": "swap", "anchor": 90000}, "rule": "priced", "samples": 2},
            "population": {"source": "names", "per": 2},
            "backend": {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 48},
        }
        with simsoc.run(scenario, log=tmp_path / "run.db") as run:
            asks = run.asks_with(texts=True)
        assert server.calls == len(asks) == 4 * 6 * 2
        assert server.most_in_flight >= 24
    prompts = [json.loads(prompt)[-1]["content"] for prompt in asks["prompt"]]
    assert all("90000" in prompt and "female" not in prompt and "male" not in prompt for prompt in prompts)
    named = [sum(name in prompt for name in ("Michael", "Christopher", "Jessica", "Ashley")) for prompt in prompts]
    assert set(named) == {1}
