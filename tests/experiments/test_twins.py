"""Arms that ask models share answers: what two of them want is asked once, and booked to the first."""

import json
import threading

import pytest

import simsoc
from simsoc.experiments.issue import begin, issue
from simsoc.runlog.booking import book_to_first
from tests.experiments.making import SMALL, design, digests, served
from tests.loopback import Act, Loopback, lot, say, slow, status

SAME = {"control": {}, "same": {}, "rules": {"world.rule.beta": 9}}
"""Rules are not asked, so the third arm is the same, too."""
OTHER = {"control": {}, "other": {"world.topic": "cats"}}
REGIMES = ["together", "one_by_one"]


def run(scenario, server, folder, regime="together", **more):
    backend = served(server, **more.pop("backend", {}))
    return simsoc.experiment({**scenario, "backend": backend, "activation": regime}, folder=folder, **more)


def shares(results):
    """(paid, re-used) by arm, all replicates together."""
    sums = results.runs.groupby("arm", sort=False)[["paid", "reused"]].sum()
    return {arm: tuple(int(value) for value in row) for arm, row in zip(sums.index, sums.values, strict=True)}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("at_once", [1, 2, 16])
def test_a_twin_that_is_not_touched_costs_nothing(tmp_path, regime, at_once):
    with Loopback(latency=0.002, spread=0.01) as server:
        alone = run(design({"control": {}}, replicates=2), server, tmp_path / "alone", regime)
        calls = server.calls
        results = run(design(SAME, replicates=2), server, tmp_path / "x", regime, at_once=at_once)
        assert server.calls == 2 * calls
    assert shares(results) == {"control": (calls, 0), "same": (0, calls), "rules": (0, calls)}
    wanted = digests(alone)
    assert digests(results) == {
        f"{arm}-r{r:03}.db": wanted[f"control-r{r:03}.db"] for r in range(2) for arm in ("control", "same", "rules")
    }
    for entry in results:
        assert simsoc.verify(tmp_path / "x" / entry.file) == []


@pytest.mark.parametrize("regime", REGIMES)
def test_arms_pay_for_what_is_new_alone(tmp_path, regime):
    """An arm that goes on longer, and one in which everybody is asked something else."""
    arms = {"control": {}, "longer": {"steps": 7}, **OTHER}
    with Loopback(spread=0.01) as server:
        results = run(design(arms), server, tmp_path / "x", regime)
        paid = shares(results)
        asked = {arm: results.run(arm).rows("SELECT count(*) FROM ask")[0][0] for arm in arms}
        assert paid == {
            "control": (asked["control"], 0),
            "longer": (asked["longer"] - asked["control"], asked["control"]),
            "other": (asked["other"], 0),
        }
        assert server.calls == sum(count for count, _ in paid.values())


def test_answers_are_shared_until_the_treatment_is_felt(tmp_path):
    """One agent on a ring is told something before step 3: nobody else is asked anything new in that step but those who
    see it, and everything before is shared."""
    told = {"interventions": [{"at": 3, "who": {"ids": [0]}, "do": {"kind": "inject", "item": "B"}}]}
    start = {"world": {**SMALL["world"], "start": {"A": 1.0, "B": 0.0}}}
    ring = {"network": {"kind": "ring", "k": 2}, "steps": 6, **start}
    with Loopback(behave=lambda body, count: say('{"answer": "k"}')) as server:
        scenario = design({"control": {}, "told": told}, keys=ring)
        scenario["world"]["toss"] = False  # k is A: everybody stays with A
        results = run(scenario, server, tmp_path / "x")
        asks = {arm: results.run(arm).asks for arm in results.arms}
        new = asks["told"][asks["told"]["source"] == "live"]
        assert server.calls == len(asks["control"]) + len(new)
    assert set(asks["control"]["source"]) == {"live"}
    assert set(zip(new["step"], new["agent"], strict=True)) == {(3, 1), (3, 11)}
    touched = results.compare().touched["touched"]
    assert list(touched) == [0, 0, 0, 3, 3, 3, 3]


@pytest.mark.parametrize("regime", REGIMES)
def test_replicates_do_not_share(tmp_path, regime):
    with Loopback() as server:
        results = run(design({"control": {}}, replicates=3), server, tmp_path / "x", regime)
        assert server.calls == results.runs["paid"].sum()
    assert set(results.runs["reused"]) == {0}
    assert len(set(digests(results).values())) == 3


def test_slots_are_one_budget(tmp_path):
    with Loopback(latency=0.01) as server:
        run(design(OTHER, replicates=3), server, tmp_path / "x", backend={"slots": 3})
        assert server.most_in_flight <= 3


def test_grid_points_share_too(tmp_path):
    """All runs of a replicate have its seed, whatever the arm and the grid point."""
    with Loopback() as server:
        results = run(design({"a": {}}, grid={"world.rule.beta": [1, 2], "steps": [3, 5]}), server, tmp_path / "x")
    paid = list(results.runs["paid"])
    assert [count > 0 for count in paid] == [True, True, False, False]
    assert sum(paid) == server.calls


@pytest.mark.parametrize("trial", range(4))
def test_who_sends_a_call_leaves_no_trace(tmp_path, trial):
    """Whatever the order of arrival, shared calls are booked to the first arm in file order."""
    arms = {"longer": {"steps": 7}, "control": {}, **OTHER}
    logs = []
    for spread, at_once in ((0.0, 1), (0.02, 16)):
        with Loopback(spread=spread, seed=trial) as server:
            folder = tmp_path / f"{at_once}"
            results = run(design(arms, keys={"seed": trial}), server, folder, "one_by_one", at_once=at_once)
            order = ["step", "agent", "turn", "draw"]
            columns = [*order, "source", "value", "attempts"]
            logs.append([results.run(arm).asks[columns].sort_values(order).values.tolist() for arm in arms])
    assert logs[0] == logs[1]


def test_booking_again_changes_nothing(tmp_path):
    with Loopback(spread=0.01) as server:
        results = run(design(SAME), server, tmp_path / "x")
    before = shares(results)
    assert book_to_first([tmp_path / "x" / entry.file for entry in results]) == 0
    backwards = [tmp_path / "x" / entry.file for entry in reversed(list(results))]
    assert book_to_first(backwards) == before["control"][0]
    assert shares(results)["rules"] == before["control"]
    assert book_to_first(list(reversed(backwards))) == before["control"][0]
    assert shares(results) == before


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_where_the_first_fails_on_the_wire_the_second_sends_its_own(tmp_path):
    """The very first call fails for good, so that its arm stops; the others go on."""
    first = threading.Event()

    def behave(body, count):
        if not first.is_set():
            first.set()
            return status(500)
        return slow(0.01)

    with Loopback(behave=behave) as server:
        scenario = {**design(SAME), "activation": "together", "backend": served(server, slots=8)}
        plan, path = begin(scenario, tmp_path / "x")
        outcomes = [outcome.status for _, outcome in issue(plan, path)]
        assert sorted(outcomes) == ["finished", "finished", "stopped"]
        calls = server.calls
        assert [outcome.status for _, outcome in issue(plan, path)] == ["finished"] * 3
        assert server.calls == calls  # all of it is in the siblings' logs
        results = simsoc.open_experiment(path)
        assert shares(results) == {"control": (calls - 1, 0), "same": (0, calls - 1), "rules": (0, calls - 1)}
        assert len(set(digests(results).values())) == 1


def test_a_server_that_is_gone_is_not_hammered(tmp_path):
    with Loopback(behave=lambda body, count: status(500)) as server:
        scenario = {**design(OTHER, replicates=20), "activation": "together", "backend": served(server)}
        plan, path = begin(scenario, tmp_path / "x")
        outcomes = [outcome for _, outcome in issue(plan, path, at_once=2)]
        assert server.calls <= 2 * (4 + 4)  # of each run the first, and those sent before it hears of them
    assert {outcome.status for outcome in outcomes} == {"stopped", "missing"}
    assert "not begun, because of another run" in outcomes[-1].why
    with Loopback() as server:
        scenario["backend"] = served(server)
        assert set(simsoc.experiment(scenario, folder=path).runs["status"]) == {"finished"}


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("trial", range(3))
def test_an_experiment_that_lost_its_server_goes_on_and_pays_for_nothing_twice(tmp_path, trial, regime):
    scenario = {**design({**SAME, **OTHER}, replicates=2, keys={"seed": trial}), "activation": regime}
    with Loopback() as server:
        wanted = digests(simsoc.experiment({**scenario, "backend": served(server)}, folder=tmp_path / "whole"))
        calls = server.calls
    sent = []

    def behave(body, count):
        sent.append(1)
        return status(500) if len(sent) % 61 == 60 else slow(0.01 * lot(trial, json.dumps(body["messages"])))

    with Loopback(behave=behave) as server:
        plan, path = begin({**scenario, "backend": served(server)}, tmp_path / "x")
        for _ in range(40):
            left = [o for _, o in issue(plan, path) if o.status != "finished"]
            if not left:
                break
        assert not left
        failed = len(sent) // 60
    assert digests(simsoc.open_experiment(path)) == wanted
    assert calls <= len(sent) <= calls + failed
    assert simsoc.open_experiment(path).runs["paid"].sum() == calls


@pytest.mark.parametrize("trial", range(3))
def test_an_arm_that_ends_early_leaves_no_other_waiting(tmp_path, trial):
    """It forgets calls that it has not sent; whoever waited for one sends its own."""
    keys = {"world": {**SMALL["world"], "toss": False, "rule": "voter"}, "steps": 8, "seed": trial}
    arms = {"short": {"world.stop": "consensus"}, "long": {}, "other": {"world.topic": "cats"}}

    def behave(body, count):
        return Act(content='{"answer": "k"}', delay=0.01 * lot(trial, json.dumps(body["messages"])))

    with Loopback(behave=behave) as server:
        results = run(design(arms, keys=keys), server, tmp_path / "x", "one_by_one")
        runs = results.runs.set_index("arm")
        assert list(runs["reason"]) == ["consensus", "all steps done", "all steps done"]
        assert runs["last_step"]["short"] < 8
        asked = len({json.dumps(body["messages"]) for body in server.bodies})
        assert server.calls <= asked + 4  # calls under way when the short arm ended came to no decision of its own


def test_the_budget_is_one_for_all_runs(tmp_path):
    """And what was spent in earlier sittings counts; a larger one goes on."""
    scenario = {**design(OTHER, replicates=3), "activation": "together"}
    with Loopback() as server:
        backend = served(server)
        plan, path = begin({**scenario, "backend": backend, "budget": {"calls": 100}}, tmp_path / "x")
        outcomes = [outcome for _, outcome in issue(plan, path)]
        assert server.calls == 100
        assert any("budget.calls: all 100 calls have been made" in outcome.why for outcome in outcomes)
        assert {o.status for _, o in issue(plan, path)} - {"finished", "stopped", "missing"} == set()
        assert server.calls == 100
        results = simsoc.experiment({**scenario, "backend": backend, "budget": {"calls": 1000}}, folder=path)
        assert results.complete
        assert server.calls == results.runs["paid"].sum() > 100


def test_rules_beside_models(tmp_path):
    """An arm on rules alone is the null model of one that asks; it is run first, and shares no answers."""
    arms = {"model": {}, "rules": {"backend": "mechanistic"}, "other": {"backend.model": "openai/another"}}
    with Loopback() as server:
        results = run(design(arms, replicates=2), server, tmp_path / "x", processes=1)
        assert server.calls == results.runs["paid"].sum()
    paid = shares(results)
    assert paid["rules"] == (0, 0)
    assert paid["model"][1] == paid["other"][1] == 0
    assert set(results.runs.query("arm == 'rules'")["by_rule"]) != {0}


# -- under a feed -----------------------------------------------------------------------------------------------------


def asked(results):
    """Every call by where and what it is: (replicate, agent, step, turn, purpose, draw, prompt), by arm."""
    where = ["agent", "step", "turn", "purpose", "draw", "prompt"]
    found = {}
    for entry in results:
        with simsoc.open_run(results.folder / entry.file) as run:
            asks = run.asks_with(texts=True)
        asks = asks[asks["source"] != "rule"]
        found.setdefault(entry.arm, []).extend(
            (entry.replicate, *row) for row in asks[where].itertuples(index=False, name=None)
        )
    return found


def test_arms_under_two_feeds_pay_at_most_the_calls_whose_prompts_differ(tmp_path):
    world = {
        "kind": "twitter",
        "design": "growing",
        "feed": {"kind": "timeline", "followed": 3, "recommended": 3, "by": "chronological"},
    }
    people = {"source": "attributes", "n": 14, "traits": {"party": ["democrat", "republican"]}}
    scenario = {"name": "feeds", "seed": 5, "steps": 40, "world": world, "population": people}
    arms = {"newest": {}, "loudest": {"world.feed.by": "boost_out_partisan"}}
    with Loopback(spread=0.002) as server:
        experiment = {**scenario, "experiment": {"arms": arms, "replicates": 2}, "backend": served(server, slots=8)}
        results = simsoc.experiment(experiment, folder=tmp_path / "x")
        calls = server.calls
    by_arm = asked(results)
    new = set(by_arm["loudest"]) - set(by_arm["newest"])
    paid = results.runs.groupby("arm")["paid"].sum()
    assert paid["newest"] == len(by_arm["newest"])
    assert paid["loudest"] <= len(new) < len(by_arm["loudest"])
    assert calls == paid.sum()
    assert len(new) > 0, "the feeds show something else, sooner or later"
