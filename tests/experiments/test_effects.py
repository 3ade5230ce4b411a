"""The effect table: pairs, families, what is left out, and what may be said of it."""

from math import isclose

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import simsoc
from simsoc.experiments.documented import FRAMES
from simsoc.measures import paired
from tests.experiments.making import SMALL, design, served
from tests.loopback import REFUSAL, Loopback, lot


def frame(arms, measure="m", **more):
    """Values by arm, in order of replicates."""
    rows = [
        {"arm": arm, "replicate": r, "measure": measure, "value": v, **more}
        for arm, values in arms.items()
        for r, v in enumerate(values)
    ]
    return pd.DataFrame(rows)


VALUES = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=9)


@settings(deadline=None, max_examples=40)
@given(VALUES, st.randoms(use_true_random=False))
def test_runs_are_paired_by_replicate_in_whatever_order_they_come(pairs, random):
    values = frame({"b": [b for _, b in pairs], "a": [a for a, _ in pairs]})
    rows = list(range(len(values)))
    random.shuffle(rows)
    (row,) = simsoc.effects(values.iloc[rows], "a").to_dict("records")
    differences = [b - a for a, b in pairs]
    assert row["n"] == len(pairs)
    assert isclose(row["difference"], sum(differences) / len(pairs), abs_tol=1e-9)
    assert isclose(row["low"], paired.interval(differences).low, abs_tol=1e-9)
    if len(set(differences)) > 1:
        assert isclose(row["p_t"], stats.ttest_1samp(differences, 0).pvalue, rel_tol=1e-6)


def test_the_table_has_the_columns_that_are_documented():
    table = simsoc.effects(frame({"a": [1, 2], "b": [2, 4]}, feed="x"), "a")
    assert list(table.columns) == ["feed", *(c.name for c in FRAMES["effects"])]
    for column in FRAMES["effects"]:
        assert column.dtype is None or str(table[column.name].dtype) == column.dtype, column.name
    assert set(simsoc.experiments.documented.columns()["table"]) == set(FRAMES)


def test_holm_is_taken_over_arms_and_measures_of_one_grid_point():
    one = [0.1, 0.3, 0.2, 0.4, 0.25, 0.31, 0.2, 0.28]
    several = [
        frame({"a": [0.0] * 8, "b": one, "c": one[::-1]}, measure, feed=feed)
        for feed in ("x", "y")
        for measure in ("m", "n")
    ]
    table = simsoc.effects(pd.concat(several), "a")
    assert set(table["family"]) == {4}
    for _, family in table.groupby("feed"):
        assert list(family["p_holm"]) == paired.holm(list(family["p"]))
    alone = simsoc.effects(several[0], "a")
    assert set(alone["family"]) == {2}
    assert alone["p_holm"].max() < table["p_holm"].max(), "twin: a larger family is held to more"


def test_grid_points_are_held_apart():
    values = pd.concat([frame({"a": [0, 1, 2], "b": [k, 1 + k, 2 + k]}, size=k) for k in (1, 5)])
    table = simsoc.effects(values, "a")
    assert dict(zip(table["size"], table["difference"], strict=True)) == {1: 1.0, 5: 5.0}


def test_grid_values_may_be_anything():
    values = pd.concat([frame({"a": [0, 1], "b": [1, 3]}).assign(prompts=[p] * 4) for p in ({}, {"x": "y.j2"})])
    table = simsoc.effects(values, "a")
    assert list(table["prompts"]) == [{}, {"x": "y.j2"}]


def test_pairs_without_a_value_are_left_out_and_told():
    table = simsoc.effects(frame({"a": [1, 2, None, 4], "b": [2, float("nan"), 3, 5]}), "a")
    (row,) = table.to_dict("records")
    assert (row["n"], row["left_out"], row["difference"]) == (2, 2, 1.0)
    (row,) = simsoc.effects(frame({"a": [None, None], "b": [1, 2]}), "a").to_dict("records")
    assert (row["n"], row["left_out"], row["found"]) == (0, 2, "-")


def test_windows_of_runs_that_end_at_different_steps_are_told():
    values = frame({"a": [1, 2], "b": [2, 4]}).assign(over=["steps 4-5", "steps 4-5", "steps 4-5", "steps 1-2"])
    assert simsoc.effects(values, "a").iloc[0]["over"] == "steps 4-5 (of the first run; runs differ in length)"
    assert simsoc.effects(values.assign(over="steps 4-5"), "a").iloc[0]["over"] == "steps 4-5"


def test_few_replicates_cannot_find_and_say_so():
    sure = [1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1.02, 0.98]
    few = simsoc.effects(frame({"a": [0.0] * 5, "b": sure[:5]}), "a").iloc[0]
    assert (few["found"], few["p"], few["p_least"]) == ("unsure", 0.0625, 0.0625)
    assert simsoc.effects(frame({"a": [0.0] * 8, "b": sure}), "a").iloc[0]["found"] == "yes"
    assert pd.isna(simsoc.effects(frame({"a": [0.0] * 5, "b": sure[:5]}), "a").iloc[0]["detectable"])
    one = simsoc.effects(frame({"a": [0.0], "b": [1.0]}), "a").iloc[0]
    assert one["found"] == "-"
    assert pd.isna(one["low"])


def test_what_is_the_same_in_every_pair_is_no_effect_looked_for_in_vain():
    same = simsoc.effects(frame({"a": [0.5] * 8, "b": [0.5] * 8}), "a").iloc[0]
    assert (same["found"], same["p"], same["low"], same["high"]) == ("same", 1.0, 0.0, 0.0)
    assert pd.isna(same["detectable"])
    assert simsoc.effects(frame({"a": [0, 1] * 4, "b": [1, 0] * 4}), "a").iloc[0]["found"] == "no"


def test_power_is_that_of_the_verdict_in_its_family():
    """The more arms and measures, the more is needed: what is promised is `yes`, which Holm's correction is part of."""
    some = {"a": [0.0] * 10, "b": [0.1, 0.5, 0.3, -0.2, 0.6, 0.4, 0.2, 0.1, 0.3, 0.5]}
    alone = simsoc.effects(frame(some), "a").iloc[0]
    among = simsoc.effects(pd.concat([frame(some, m) for m in "mnopq"]), "a").iloc[0]
    assert (alone["detectable"], among["detectable"]) == (
        paired.detectable(alone["sd"], 10, 1),
        paired.detectable(alone["sd"], 10, 5),
    )
    assert among["detectable"] > 1.2 * alone["detectable"]


@pytest.mark.parametrize(
    ("values", "to", "says"),
    [
        (frame({"a": [1]}).drop(columns="replicate"), "a", "not there: replicate"),
        (frame({"a": [1], "b": [2]}), "c", "no arm 'c' among a, b"),
        (pd.concat([frame({"a": [1], "b": [2]})] * 2), "a", "arm a, replicate 0: two values of m"),
    ],
)
def test_what_cannot_be_compared(values, to, says):
    with pytest.raises(ValueError, match=says):
        simsoc.effects(values, to)


# -- of real runs -----------------------------------------------------------------------------------------------------


def run(scenario, folder, **more):
    return simsoc.experiment(scenario, folder=folder, processes=1, **more)


def test_effects_of_logs_are_those_of_their_values(tmp_path):
    arms = {"control": {}, "field": {"world.rule.h": 0.6}, "loud": {"world.rule.beta": 3}}
    keys = {"measures": [{"name": "magnetisation", "last": 2}, "largest_share"]}
    found = run(design(arms, replicates=5, keys=keys), tmp_path / "x").compare()
    table = found.effects
    assert list(table["arm"]) == ["field", "field", "loud", "loud"]
    assert dict(zip(table["measure"], table["over"], strict=True)) == {
        "magnetisation": "steps 4-5",
        "largest_share": "last step",
    }
    by_hand = {}
    for row in simsoc.open_experiment(tmp_path / "x").summary().to_dict("records"):
        value = row["mean"] if row["measure"] == "magnetisation" else row["final"]
        by_hand.setdefault((row["arm"], row["measure"]), []).append(value)
    for row in table.to_dict("records"):
        here, there = (by_hand[arm, row["measure"]] for arm in (row["arm"], "control"))
        reference = stats.ttest_rel(here, there)
        assert isclose(row["low"], reference.confidence_interval().low, abs_tol=1e-9)
        assert isclose(row["p_t"], reference.pvalue, rel_tol=1e-9)
        assert row["mind"] == "curie_weiss (rule)"
    assert "new draws of ties and all chance" in found.scope


def test_the_scope_is_read_from_what_was_drawn(tmp_path):
    people = {"source": "attributes", "n": 12, "traits": {"side": ["l", "r"]}}
    keys = {"population": people}
    held = run(design(replicates=2, hold=["population", "network"], keys=keys), tmp_path / "held").compare()
    assert "for these very people and ties (hold)" in held.scope
    drawn = run(design(replicates=2, keys=keys), tmp_path / "drawn").compare()
    assert "new draws of people, ties and all chance" in drawn.scope
    assert run(design(), tmp_path / "one").compare().scope.startswith("One replicate")


def test_unfinished_runs_do_not_count_and_are_told(tmp_path):
    results = run(design(replicates=3), tmp_path / "x")
    (tmp_path / "x" / "loud-r001.db").unlink()
    society = simsoc.Society(simsoc.load(design()).alone(), log=tmp_path / "x" / "loud-r001.db")
    society.step()
    society.close("enough")
    found = results.compare()
    row = found.effects.iloc[0]
    assert (row["n"], row["left_out"]) == (2, 1)
    assert found.standing.to_dict("records") == [
        {"replicate": 1, "arm": "loud", "status": "stopped", "why": "enough"},
    ]
    assert list(found.failures.set_index("arm")["finished"]) == [3, 2]


def test_refusals_widen_the_effect_to_its_worst_cases(tmp_path):
    """In one arm a fifth of what is asked is refused: whoever is not heard at last might hold either opinion."""

    def behave(body, count):
        said = str(body["messages"])
        return REFUSAL if "cheese" in said and lot("refuse", said) < 0.2 else None

    with Loopback(behave=behave) as server:
        arms = {"control": {}, "cheese": {"world.topic": "cheese"}}
        named = ["magnetisation", "abs_magnetisation", "largest_share", "sweeps", "local_agreement"]
        keys = {"backend": served(server, repairs=0), "measures": named}
        results = simsoc.experiment(design(arms, replicates=2, keys=keys), folder=tmp_path / "x")
        found = results.compare()
    failed = found.failures.set_index("arm")
    assert failed.loc["control", "no_answer"] == 0
    assert failed.loc["cheese", "refused"] == failed.loc["cheese", "no_answer"] > 0
    least, most, silent, there = [], [], 0, []
    for replicate in range(2):
        with results.run("cheese", replicate) as run:
            heard = run.asks.sort_values(["step", "turn"]).groupby("agent")["status"].last() == "ok"
            silent += int((~heard).sum())
            held = run.opinions.query("step == step.max()").set_index("agent")["opinion"].map({"k": 1, "z": -1})
            sure = held[[agent for agent in held.index if heard.get(agent, True)]].sum()
            least.append((sure - (~heard).sum()) / 12)
            most.append((sure + (~heard).sum()) / 12)
        there.append(results.run("control", replicate).measures["magnetisation"].iloc[-1])
    assert silent, "twin: somebody is not heard at last, else nothing would be bounded"
    table = found.effects.set_index("measure")
    row = table.loc["magnetisation"]
    sharp = [sum(values) / 2 - sum(there) / 2 for values in (least, most)]
    assert row["lowest"] <= sharp[0] + 1e-9 <= row["difference"] + 2e-9
    assert row["highest"] >= sharp[1] - 1e-9 >= row["difference"] - 2e-9
    assert row["highest"] - row["lowest"] <= 2 * (sharp[1] - sharp[0]) + 1e-9
    assert table.loc["abs_magnetisation", "lowest"] < table.loc["abs_magnetisation", "difference"]
    assert table.loc["largest_share", "lowest"] < table.loc["largest_share", "difference"]
    assert pd.isna(table.loc["sweeps", "lowest"]), "nothing that is answered is in it"
    assert pd.isna(table.loc["local_agreement", "lowest"]), "one person is in many ties: no average over answers"
    assert row["mind"].startswith("openai/test")


def test_contacts_that_refusals_may_have_kept_out_bound_an_index(tmp_path):
    """Likes by hand: of N there are, and n posts in front of whoever refused, all of which it might have liked."""

    def behave(body, count):
        said = str(body["messages"])
        return REFUSAL if "party" in said and "your feed" in said and lot("no", said) < 0.3 else None

    parties = {"party": ["democrat", "republican"]}
    scenario = {
        "name": "likes",
        "steps": 4,
        "world": {"kind": "twitter", "design": {"kind": "fixed", "share": 0.5}, "scorer": "lexicon"},
        "population": {"source": "attributes", "n": 10, "traits": parties},
        "network": {"kind": "partisan", "degree": 6, "homophily": 0.5},
        "prompting": {"persona": "none"},
        "measures": ["ei_likes", "gini_followers"],
        "experiment": {
            "arms": {"base": {}, "labels": {"world.show.party": True}},
            "replicates": 2,
        },
    }
    with Loopback(behave=behave) as server:
        results = simsoc.experiment({**scenario, "backend": served(server, repairs=0)}, folder=tmp_path / "x")
        found = results.compare()
    limits = {}
    for arm in ("base", "labels"):
        for replicate in range(2):
            with results.run(arm, replicate) as run:
                party = run.agents.set_index("agent")["party"]
                likes = [(e.agent, e.content["of"][0]) for e in run.stored_events() if e.kind == "like"]
                external = sum(party[a] != party[b] for a, b in likes)
                asks = run.asks_with(texts=True)
                prompts = asks.loc[(asks["purpose"] == "react") & (asks["status"] == "refused"), "prompt"]
                lost = sum(prompt.count('{\\"post\\": ') for prompt in prompts)
                n, index = len(likes), 2 * external - len(likes)
                limits[arm, replicate] = ((index - lost) / (n + lost), (index + lost) / (n + lost))
    row = found.effects.set_index("measure").loc["ei_likes"]
    lowest = sum(limits["labels", r][0] - limits["base", r][1] for r in range(2)) / 2
    highest = sum(limits["labels", r][1] - limits["base", r][0] for r in range(2)) / 2
    assert limits["base", 0][0] == limits["base", 0][1]
    assert isclose(row["lowest"], lowest, abs_tol=1e-9)
    assert isclose(row["highest"], highest, abs_tol=1e-9)
    share = found.failures.set_index("arm").loc["labels", "share"]
    narrow = paired.if_missing(row["here"], share, -1, 1)
    assert row["highest"] - row["lowest"] > 1.5 * (narrow[1] - narrow[0]), "twin: a share of decisions is no bound"
    assert pd.isna(found.effects.set_index("measure").loc["gini_followers", "lowest"])


def test_any_two_logs_have_effects_without_an_interval(tmp_path):
    for name, beta in (("a", 1.0), ("b", 3.0)):
        simsoc.run(SMALL, 1, log=tmp_path / f"{name}.db", world__rule__beta=beta).close()
    found = simsoc.compare([tmp_path / "a.db", tmp_path / "b.db"])
    assert set(found.effects["n"]) == {1}
    assert found.effects["low"].isna().all()
    assert not len(found.ladder)
    assert found.published is None
