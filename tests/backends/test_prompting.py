"""`prompting` in scenarios: part of what a call is, varied by arms, changed on the way, checked before it is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import simsoc
from simsoc.core.errors import Divergence, ScenarioError
from simsoc.planning import plan
from simsoc.scenario.explain import to_yaml
from tests.loopback import Loopback

DESIGN: dict[str, Any] = {
    "name": "prompted",
    "seed": 5,
    "steps": 2,
    "world": {"kind": "opinion", "labels": ["k", "z"], "rule": {"kind": "voter"}, "personas": True, "stop": "never"},
    "population": {"source": "inline", "people": [{"name": f"P{i}", "age": 20 + i} for i in range(4)]},
    "activation": "together",
}
SHOTS = {"opinion": [{"shown": "Everybody says k.", "answer": "k", "reasoning": "All of them do."}]}


def served(server: Loopback, **more: Any) -> dict[str, Any]:
    return {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 8, **more}


def run(server: Loopback, log: Path, **more: Any) -> Any:
    return simsoc.run({**DESIGN, "backend": served(server), **more}, log=log)


def first(done: Any) -> list[dict[str, str]]:
    """The first prompt of a run."""
    messages: list[dict[str, str]] = json.loads(done.asks_with(texts=True)["prompt"].iloc[0])
    return messages


def test_rules_take_no_notice(tmp_path: Path) -> None:
    digests = set()
    for number, prompting in enumerate([{}, {"reasoning": True, "persona": "interview", "examples": SHOTS}]):
        with simsoc.run({**DESIGN, "prompting": prompting}, log=tmp_path / f"{number}.db") as done:
            digests.add(done.info["digest"])
    assert len(digests) == 1


@pytest.mark.parametrize("choice", ["sample", "elicit", "logprobs"])
def test_everything_at_once(tmp_path: Path, choice: str) -> None:
    shots = SHOTS if choice != "elicit" else {"opinion": [{**SHOTS["opinion"][0], "answer": {"A": 0.5, "B": 0.5}}]}
    prompting = {"examples": shots, "reasoning": True, "persona": "first_person"}
    with Loopback() as server, run(server, tmp_path / "a.db", prompting=prompting, choice=choice) as done:
        asks = done.asks_with(texts=True)
        assert set(asks.status) == {"ok"}
        assert set(asks["value"]) <= {"A", "B"}
        assert all(json.loads(reply)["reasoning"].startswith("words") for reply in asks.reply)
        assert all(json.loads(settings)["reasoning"] for settings in asks.settings)
        messages = first(done)
        assert messages[0]["content"].startswith("Everybody says k.\n")
        assert "All of them do." in messages[1]["content"]
        assert 'About you: "My name is P' in messages[-1]["content"]
        digest, calls = done.info["digest"], server.calls
        assert calls == len(asks) * (2 if choice == "logprobs" else 1)
        again = simsoc.load({**DESIGN, "prompting": prompting, "choice": choice, "backend": f"replay/{done.path}"})
        with simsoc.run(again, log=tmp_path / "b.db") as replayed:
            assert replayed.info["digest"] == digest
        with run(server, tmp_path / "c.db", prompting=prompting, choice=choice, reuse=str(done.path)) as reused:
            assert reused.reused() == (len(asks), 0)
            assert server.calls == calls
    assert simsoc.verify(tmp_path / "a.db") == []


@pytest.mark.parametrize(
    "prompting",
    [{"reasoning": True}, {"persona": "first_person"}, {"persona": "none"}, {"examples": SHOTS}],
    ids=lambda given: next(iter(given)),
)
def test_what_is_put_otherwise_is_another_call(tmp_path: Path, prompting: dict[str, Any]) -> None:
    with Loopback() as server:
        run(server, tmp_path / "a.db").close()
        with run(server, tmp_path / "b.db", prompting=prompting, reuse=str(tmp_path / "a.db")) as done:
            assert done.reused()[0] == 0
        again = {**DESIGN, "prompting": prompting, "backend": f"replay/{tmp_path / 'a.db'}"}
        with pytest.raises(Divergence):
            simsoc.run(again, log=tmp_path / "c.db")


def test_arms_vary_it(tmp_path: Path) -> None:
    arms = {
        "plain": {},
        "thinks": {"prompting.reasoning": True},
        "told": {"prompting.persona": "interview"},
        "shown": {"prompting.examples": SHOTS},
    }
    with Loopback() as server:
        design = {**DESIGN, "backend": served(server), "experiment": {"arms": arms}}
        simsoc.experiment(design, folder=tmp_path / "exp")
        assert server.calls == 4 * 8
        found = {}
        for arm in arms:
            with simsoc.open_run(tmp_path / "exp" / f"{arm}-r000.db") as done:
                found[arm] = first(done)
    assert "think there in a few sentences" in found["thinks"][-1]["content"]
    assert "Interviewer: What is your name?" in found["told"][-1]["content"]
    assert [m["role"] for m in found["shown"]] == ["user", "assistant", "user"]
    assert found["plain"][-1] == found["shown"][-1]


def test_it_changes_on_the_way(tmp_path: Path) -> None:
    keys = {"prompting.reasoning": True, "prompting.persona": "interview"}
    done_to = [{"at": 2, "do": {"kind": "set", "keys": keys}}]
    with Loopback() as server:
        with run(server, tmp_path / "a.db", interventions=done_to, steps=3) as done:
            asks = done.asks_with(texts=True)
            for step, prompt in zip(asks.step, asks.prompt, strict=True):
                assert ("Interviewer" in prompt) is ("think there" in prompt) is (step >= 2)
        with simsoc.fork(tmp_path / "a.db", 2, prompting__persona="none", log=tmp_path / "f.db") as forked:
            prompts = forked.asks_with(texts=True).set_index("step")["prompt"]
            assert "Interviewer" in prompts.loc[2].iloc[0]
            assert "About you" not in prompts.loc[3].iloc[0]
    assert simsoc.verify(tmp_path / "f.db") == []


def test_its_cost_is_forecast() -> None:
    with Loopback() as server:
        design = {**DESIGN, "backend": served(server)}
        plain = plan(design).lines[0]
        thinks = plan({**design, "prompting": {"reasoning": True, "examples": SHOTS}}).lines[0]
    assert thinks.calls == plain.calls
    assert thinks.tokens_in.mean > plain.tokens_in.mean + 8 * 20
    assert thinks.tokens_out.mean > plain.tokens_out.mean + 8 * 100


def test_it_reads_back_as_it_was_written(tmp_path: Path) -> None:
    examples = {"opinion": [*SHOTS["opinion"], {"facts": {"friends": [{"name": "x", "opinion": "k"}]}, "answer": "A"}]}
    prompting = {"examples": examples, "reasoning": ["opinion"], "persona": "interview"}
    scenario = simsoc.load({**DESIGN, "prompting": prompting}, {"prompting.examples.opinion.1.reasoning": "So it is."})
    for full in (False, True):
        (tmp_path / "again.yaml").write_text(to_yaml(scenario, full=full), encoding="utf-8")
        assert simsoc.check(tmp_path / "again.yaml") == scenario


# -- checked before anybody is asked -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompting", "path", "told"),
    [
        ({"persona": "plane"}, "prompting.persona", "Did you mean 'plain'?"),
        ({"reasons": True}, "prompting.reasons", "Did you mean 'reasoning'?"),
        ({"reasoning": ["opinions"]}, "prompting.reasoning", "Did you mean 'opinion'?"),
        ({"examples": {"opinon": SHOTS["opinion"]}}, "prompting.examples.opinon", "Did you mean 'opinion'?"),
        ({"examples": {"opinion": [{"shown": "x", "answer": "c"}]}},
         "prompting.examples.opinion.0.answer", "is not one"),
        ({"examples": {"opinion": [{"shown": "x"}]}}, "prompting.examples.opinion.0.answer", "required"),
        ({"examples": {"opinion": [{"facts": {"frends": []}, "answer": "k"}]}},
         "prompting.examples.opinion.0.facts.frends", "Did you mean 'friends'?"),
        ({"examples": "gone.yaml"}, "prompting.examples", "no file"),
    ],
)  # fmt: skip
def test_mistakes_are_told(prompting: dict[str, Any], path: str, told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        simsoc.check({**DESIGN, "prompting": prompting})
    assert any(p.path == path and told in p.message for p in caught.value.problems), caught.value


def test_all_of_them_at_once_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "name: a\nsteps: 1\nworld: {kind: opinion, rule: {kind: voter}}\npopulation: {n: 4}\nprompting:\n"
        "  reasoning: [position]\n  examples:\n    opinion:\n"
        "    - shown: x\n      answer: C\n    - shown: y\n      answer: D\n"
    )
    with pytest.raises(ScenarioError) as caught:
        simsoc.check(tmp_path / "a.yaml")
    assert [problem.where.rsplit(":", 1)[1] for problem in caught.value.problems] == ["6", "10", "12"]
    text = (tmp_path / "a.yaml").read_text().split("  examples:")[0]
    (tmp_path / "shots.yaml").write_text("opinion:\n- shown: x\n  answer: C\n")
    (tmp_path / "a.yaml").write_text(text.replace("[position]", "true") + "  examples: shots.yaml\n")
    with pytest.raises(ScenarioError) as caught:
        simsoc.check(tmp_path / "a.yaml")
    assert {problem.where.rsplit("/", 1)[1] for problem in caught.value.problems} == {"shots.yaml:2", "shots.yaml:3"}


def test_square_brackets_and_reasons_do_not_go_together() -> None:
    world = {**DESIGN["world"], "wording": "published"}
    for choice in ("sample", "logprobs"):
        with pytest.raises(ScenarioError, match=r"prompting.reasoning: opinion/published asks for .* nothing else"):
            simsoc.check({**DESIGN, "world": world, "choice": choice, "prompting": {"reasoning": True}})


def test_what_an_intervention_would_break_is_told_beforehand() -> None:
    examples = {"opinion": [{"shown": "x", "answer": "C"}]}
    later = [{"at": 2, "do": {"kind": "set", "keys": {"prompting.examples": examples}}}]
    with pytest.raises(ScenarioError, match=r"interventions.0.do.keys.*is not one of the allowed answers"):
        simsoc.check({**DESIGN, "interventions": later})


@pytest.mark.parametrize("name", ["growth_newcomers", "growth_homophily", "opinion_deffuant", "opinion_degroot"])
def test_shipped_worlds_reason(name: str, tmp_path: Path) -> None:
    file = Path(__file__).parents[2] / "scenarios" / f"{name}.yaml"
    with Loopback() as server:
        few = {"population.n": 6} if "degroot" not in name else {}
        settings = {**few, "backend": served(server), "prompting.reasoning": True, "steps": 2}
        if name.startswith("growth"):
            settings.pop("steps")
        with simsoc.run(simsoc.load(file, settings), log=tmp_path / "run.db") as done:
            assert done.info["status"] == "finished"
            assert set(done.asks["status"]) == {"ok"}
            assert all(json.loads(reply)["reasoning"] for reply in done.asks_with(texts=True)["reply"])
