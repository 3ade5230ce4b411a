"""Societies whose people are asked for: logged, replayed, shared by twins, booked; and nobody is asked by looking."""

import json
import threading
import warnings

import pytest

import simsoc
from simsoc.core.errors import OverBudget, ScenarioError, SimsocError, Unreachable
from simsoc.planning import plan
from simsoc.society import Society
from tests.loopback import Loopback, always, lot, say, status

SEEDS = [
    {"name": "Ann Lee", "party": "left", "text": "Keeps goats on a small farm, reads the local paper, votes always."},
    {"name": "Bob Marsh", "party": "right", "text": "Drives a lorry at night, listens to the radio, never votes."},
    {"name": "Cy Okoro", "party": "left", "text": "Teaches maths, runs a chess club, writes letters to the council."},
    {"name": "Di Vance", "party": "right", "text": "Owns the only shop, knows everybody, keeps quiet about politics."},
    {"name": "Ed Quill", "party": "left", "text": "Mends boats in winter, plays the fiddle, distrusts the town hall."},
    {"name": "Flo Reyes", "party": "right", "text": "Nurses old people, goes to church, worries about her sons."},
]
TRAITS = {"party": ["left", "right"], "age": {"min": 18, "max": 90}}
PEOPLE = {"source": "expanded", "n": 12, "seeds": SEEDS, "examples": 5, "traits": TRAITS}
DESIGN = {
    "name": "made-up",
    "seed": 5,
    "steps": 2,
    "world": {"kind": "opinion", "rule": {"kind": "voter"}, "personas": True, "stop": "never"},
    "population": PEOPLE,
    "network": {"kind": "ring", "k": 4},
    "activation": "together",
}


def served(server, **more):
    return {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 8, **more}


def by_model(server, **more):
    """Rules act, a model makes the people up."""
    return {**DESIGN, "population": {**PEOPLE, "backend": served(server), **more}}


def traits(run):
    return [tuple(row) for row in run.agents[["name", "party", "age", "text"]].itertuples(index=False)]


def alike(body, count):
    """About one in three says the same as others."""
    said = json.dumps(body["messages"])
    if "Make up one more" in said and lot("alike", said) < 0.35:
        return say(json.dumps({"name": "Eve", "text": "Always the very same words.", "party": "left", "age": 30}))
    return None


# -- by rules ------------------------------------------------------------------------------------------------------


def test_by_rules(tmp_path):
    with simsoc.run(DESIGN, log=tmp_path / "run.db") as run:
        assert run.info["status"] == "finished"
        assert run.info["people"] == 12
        people = run.asks[run.asks.purpose == "persona"]
        assert set(people["by"]) == {"recombined"}
        assert set(people.step) == {0}
        note = run.notes[run.notes.kind == "population"]["content"].iloc[0]
        assert (note["people"], note["asked"]) == (12, len(people))
        assert run.scenario["population"]["n"] == 12  # as it was written
        assert set(run.agents["party"]) == {"left", "right"}
        first = traits(run)
    assert simsoc.verify(tmp_path / "run.db") == []
    society = Society(DESIGN)
    assert [person.traits["name"] for person in society.people] == [row[0] for row in first]
    with simsoc.run(DESIGN, log=tmp_path / "other.db", seed=6) as run:
        assert traits(run) != first


def test_too_few_are_told_with_their_line(tmp_path):
    file = tmp_path / "few.yaml"
    file.write_text(
        "name: few\nsteps: 1\nworld: {kind: opinion, rule: {kind: voter}}\npopulation:\n  source: expanded\n"
        "  seeds: [Keeps goats., Teaches maths.]\n  n: 4\n"
    )
    with pytest.raises(ScenarioError, match=r"few.yaml:7  population.n: 0 of 4 people .* near-duplicates"):
        simsoc.run(file, log=tmp_path / "few.db")
    with simsoc.open_run(tmp_path / "few.db") as run:
        assert run.info["status"] == "stopped"
        assert len(run.asks) == 4 * 6
    with pytest.raises(ScenarioError, match="near-duplicates"):
        simsoc.check(file)


def test_groups_networks_and_selections_know_their_traits(tmp_path):
    design = {
        **DESIGN,
        "backend": {"model": "mechanistic", "groups": [{"who": {"traits": {"party": "left"}}, "model": "null"}]},
        "interventions": [{"at": 2, "who": {"traits": {"age": {"min": 18}}}, "do": {"kind": "traits", "to": {"x": 1}}}],
    }
    with simsoc.run(design, log=tmp_path / "run.db") as run:
        by = dict(zip(run.asks.agent, run.asks["by"], strict=True))
        for agent, party in zip(run.agents.agent, run.agents.party, strict=True):
            assert by[agent] == ("null" if party == "left" else "voter")
    with pytest.raises(ScenarioError, match="Did you mean 'party'"):
        simsoc.check({**design, "backend": {"groups": [{"who": {"traits": {"parti": "left"}}, "model": "null"}]}})


# -- by a model ----------------------------------------------------------------------------------------------------


def test_by_a_model(tmp_path):
    with Loopback(alike) as server, simsoc.run(by_model(server), log=tmp_path / "run.db") as run:
        people = run.asks_with(texts=True)
        people = people[people.purpose == "persona"]
        assert len(people) == server.calls > 12
        assert set(people.source) == {"live"}
        assert people.prompt.notna().all()
        note = run.notes[run.notes.kind == "population"]["content"].iloc[0]
        assert note["near_duplicates"] == server.calls - 12 > 0
        assert sum(row[0] == "Eve" for row in traits(run)) == 1
        assert run.paid()[2] == server.calls
        digest, first = run.info["digest"], traits(run)
        again = json.loads(people[people.draw == 1].prompt.iloc[0])[0]["content"]
        assert "Always the very same words." in again
    assert simsoc.verify(tmp_path / "run.db") == []
    # in whatever order answers come, and however many at once
    for slots, seed in ((1, 0), (50, 1), (50, 2)):
        with Loopback(alike, spread=0.01, seed=seed) as server:
            society = Society(by_model(server), population__backend__slots=slots)
            society.run_model()
            assert society.digest == digest
            assert [person.traits["name"] for person in society.people] == [row[0] for row in first]


def test_looking_asks_nobody(tmp_path):
    with Loopback() as server:
        design = by_model(server)
        assert simsoc.check(design).population.kind == "expanded"
        society = Society(design, log=tmp_path / "run.db")
        assert (server.calls, society.people) == (0, [])
        with pytest.raises(ScenarioError, match="come with the first step"):
            society.add_person()
        society.step()
        assert (server.calls, len(society.people)) == (12, 12)
        society.close()
        forecast = plan({**design, "backend": served(server)})
        assert server.calls == 12
        assert 12 + 24 <= forecast.lines[0].calls.mean < 12 + 24 + 2  # rules, now and then, think of the same twice
        few = {**design, "population": {**design["population"], "seeds": ["Keeps goats.", "Teaches maths."]}}
        assert plan(few).lines[0].calls.mean > 12  # as many as rules take, who think of less; and no error


def test_a_stopped_run_goes_on_with_the_people_it_has(tmp_path):
    def breaks(body, count):
        return status(500) if lot(json.dumps(body["messages"])) < 0.3 and breaking else None

    breaking = True
    with Loopback(breaks) as server:
        design = {**by_model(server), "population": {**PEOPLE, "backend": served(server, retries=0)}}
        with pytest.raises(Unreachable):
            simsoc.run(design, log=tmp_path / "run.db")
        with simsoc.open_run(tmp_path / "run.db") as run:
            assert run.info["status"] == "stopped"
            had = len(run.asks)
            assert 0 < had < 12
        breaking, before = False, server.calls
        with simsoc.resume(tmp_path / "run.db", population__backend__slots=3) as run:
            assert server.calls - before == 12 - had
            assert run.info["status"] == "finished"
            digest = run.info["digest"]
        with simsoc.run(by_model(server), log=tmp_path / "whole.db") as run:
            assert run.info["digest"] == digest
    assert simsoc.verify(tmp_path / "run.db") == []


def test_it_can_be_interrupted(tmp_path):
    with Loopback(latency=0.05) as server:
        society = Society(by_model(server, backend=served(server, slots=2)), log=tmp_path / "run.db")
        timer = threading.Timer(0.12, society.interrupt)
        timer.start()
        with pytest.raises(SimsocError, match="interrupted"):
            society.run_model()
        timer.join()
        with simsoc.open_run(tmp_path / "run.db") as run:
            assert (run.info["status"], run.info["reason"]) == ("stopped", "SimsocError: interrupted")
            assert 0 < len(run.asks) == server.calls < 12
        simsoc.resume(tmp_path / "run.db").close()
        assert server.calls == 12


def test_a_finished_step_is_resumed_with_the_same_people(tmp_path):
    with Loopback() as server:
        society = Society(by_model(server), log=tmp_path / "run.db")
        society.step()
        society.close()
        assert server.calls == 12
        with simsoc.resume(tmp_path / "run.db") as run:
            assert server.calls == 12
            assert run.info["steps"] == 2
            assert len(run.asks[run.asks.purpose == "persona"]) == 12
            assert len(run.agents) == 12
    assert simsoc.verify(tmp_path / "run.db") == []


def test_a_fork_has_its_parents_people_and_a_replay_too(tmp_path):
    with Loopback() as server:
        with simsoc.run(by_model(server), log=tmp_path / "run.db") as run:
            first, digest = traits(run), run.info["digest"]
        calls = server.calls
        for at in (0, 1):
            with simsoc.fork(tmp_path / "run.db", at, seed=99, log=tmp_path / f"fork{at}.db") as run:
                assert traits(run) == first
                assert simsoc.verify(run.path) == []
        again = simsoc.load(by_model(server), {"backend": f"replay/{tmp_path / 'run.db'}"})
        society = Society(again)
        society.run_model()
        assert (society.digest, server.calls) == (digest, calls)
        with simsoc.run({**by_model(server), "reuse": str(tmp_path / "run.db")}, log=tmp_path / "b.db") as run:
            assert run.reused() == (12, 0)
            assert server.calls == calls


def test_people_are_paid_for_out_of_the_budget(tmp_path):
    with Loopback() as server:
        design = {**by_model(server), "budget": {"calls": 7}}
        with pytest.raises(OverBudget):
            simsoc.run(design, log=tmp_path / "run.db")
        assert server.calls == 7
        with simsoc.resume(tmp_path / "run.db", budget__calls=12) as run:
            assert run.paid()[2] == server.calls == 12
    with pytest.raises(ScenarioError, match=r"budget.dollars: cannot be kept for openai/test"):
        simsoc.check({**by_model(server), "budget": {"dollars": 1}})


def test_a_refusal_is_no_person(tmp_path):
    with Loopback(lambda body, count: say("No.") if lot(json.dumps(body["messages"])) < 0.3 else None) as server:
        with simsoc.run(by_model(server, backend=served(server, repairs=0)), log=tmp_path / "run.db") as run:
            note = run.notes[run.notes.kind == "population"]["content"].iloc[0]
            assert note["without_answer"] == sum(run.asks.status != "ok") > 0
            assert len(run.agents) == 12
    with Loopback(always(say("No."))) as server:
        with pytest.raises(ScenarioError, match=r"0 of 12 people .* 12 were not answered"):
            simsoc.run(by_model(server, redraws=0, backend=served(server, repairs=0)), log=tmp_path / "none.db")


# -- experiments ---------------------------------------------------------------------------------------------------

OTHER = {"world.personas": False, "prompting.reasoning": True, "prompting.persona": "interview"}
ARMS = {"arms": {"plain": {}, "other": OTHER}, "replicates": 2}


def experiment(server, folder, **more):
    design = {**by_model(server), "experiment": {**ARMS, **more}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return simsoc.experiment(design, folder=folder)


def test_arms_share_their_people(tmp_path):
    with Loopback() as server:
        experiment(server, tmp_path / "exp")
        assert server.calls == 2 * 12
        people = {}
        for file in sorted((tmp_path / "exp").glob("*.db")):
            with simsoc.open_run(file) as run:
                people.setdefault(run.info["replicate"], []).append(traits(run))
        assert [len(sets) for sets in people.values()] == [2, 2]
        assert people[0][0] == people[0][1] != people[1][0] == people[1][1]


def test_people_that_are_held_are_the_same_in_all_replicates(tmp_path):
    with Loopback() as server:
        experiment(server, tmp_path / "exp", hold=["population"])
        assert server.calls == 12
        found = []
        for file in sorted((tmp_path / "exp").glob("*.db")):
            with simsoc.open_run(file) as run:
                found.append(traits(run))
        assert len(found) == 4
        assert all(one == found[0] for one in found)
