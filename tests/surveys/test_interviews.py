"""Interviews: people of a run as they were after a step. The run stays as it is, to the byte."""

import json
from hashlib import blake2b

import pytest
from typer.testing import CliRunner

import simsoc
from simsoc.cli import app
from simsoc.core.errors import BrokenLog, Divergence, LogError, OverBudget, ScenarioError, Unreachable
from simsoc.core.words import NoAnswer
from simsoc.society import Society
from simsoc.society.rebuilding import rebuilt
from tests.loopback import REFUSAL, Loopback, always, status
from tests.surveys.making import BASE, GROWTH, REGIMES, SURVEY, TWO, VOTE, WHY, ran, served, surveyed, with_diary

NAMED = {
    **BASE,
    "population": {"source": "inline", "people": [{"name": n, "age": 30 + i} for i, n in enumerate("ABCDEFGHIJ")]},
}
RUN_FILES = {"run.db"}


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def prints(folder):
    """Names and hashes of all run logs in a folder, and of whatever lies beside them."""
    return {f.name: blake2b(f.read_bytes()).hexdigest() for f in folder.iterdir() if "interviews" not in f.name}


def opinions(run):
    return run.opinions.set_index(["step", "agent"])["opinion"].to_dict()


@pytest.mark.parametrize("base", [BASE, {**BASE, "activation": "one_by_one"}, TWO], ids=["together", "one", "two"])
def test_everybody_says_what_it_held_at_each_step(tmp_path, base):
    with ran(tmp_path / "run.db", base) as run:
        held = opinions(run)
        before = prints(tmp_path)
        for step in range(5):
            told = simsoc.interviews(run, {}, VOTE["ask"], at=step, choice=VOTE["choice"])
            assert {(one.step, one.agent): one.answer for one in told} == {
                (step, agent): held[step, agent] for agent in range(10)
            }
        assert prints(tmp_path) == before
        assert set(before) == RUN_FILES


@pytest.mark.parametrize("regime", REGIMES)
def test_a_society_is_rebuilt_from_what_models_said(tmp_path, regime):
    """Without a key, without a server, whatever was surveyed, set, lent and reseeded on the way."""
    interventions = [
        {"at": 2, "do": {"kind": "set", "keys": {"world.topic": "cheese", "choice": "elicit"}}},
        {"at": 2, "who": {"ids": [3]}, "do": {"kind": "leave"}},
        {"at": 3, "do": {"kind": "seed", "to": 99}},
    ]
    with Loopback() as server:
        base = {**NAMED, "activation": regime, "interventions": interventions, "backend": served(server)}
        with ran(tmp_path / "run.db", surveyed(base)) as run:
            held = opinions(run)
    before = prints(tmp_path)
    for step in (0, 1, 2, 3, 4):
        society = rebuilt(tmp_path / "run.db", step)
        assert society.engine.clock == step
        now = {agent: society.worlds[0].tell(value) for agent, value in enumerate(society.worlds[0].held)}
        assert {a: now[a] for a in now if (step, a) in held} == {a: o for (s, a), o in held.items() if s == step}
        assert society.engine.seed == (99 if step >= 3 else 3)
        society.close()
    assert rebuilt(tmp_path / "run.db").digest == run.info["digest"]
    assert prints(tmp_path) == before


@pytest.mark.parametrize("base", [GROWTH, {**BASE, "world": {**BASE["world"], "stop": "consensus"}, "steps": 200}])
def test_other_worlds_and_runs_that_end_by_themselves(tmp_path, base):
    with ran(tmp_path / "run.db", base) as run:
        society = rebuilt(run.path)
        assert society.digest == run.info["digest"]
        assert simsoc.interview(run, 0, "Why?").step == run.steps


def test_whoever_answered_then_is_asked(tmp_path):
    with Loopback() as server:
        groups = [{"who": {"ids": [0, 1]}, **served(server)}]
        lend = [
            {"at": 2, "until": 3, "who": {"ids": [5, 6]}, "do": {"kind": "backend", "to": served(server)}},
            {"at": 3, "do": {"kind": "set", "keys": {"world.topic": "x"}}},
        ]
        with ran(tmp_path / "run.db", {**BASE, "backend": {"model": "null", "groups": groups}, "interventions": lend}):
            pass
        for step, models in ((1, {0, 1}), (2, {0, 1, 5, 6}), (3, {0, 1, 5, 6}), (4, {0, 1})):
            told = simsoc.interviews(tmp_path / "run.db", {}, "Why?", at=step)
            assert {one.agent for one in told if one.reply.by == "openai/test"} == models
        told = simsoc.interviews(tmp_path / "run.db", {}, "Why?", at=2, backend="mechanistic")
        assert {one.reply.by for one in told} == {"standing"}


def test_what_a_model_is_told_and_what_is_kept(tmp_path):
    with Loopback() as server:
        with ran(tmp_path / "run.db", NAMED) as run:
            held = opinions(run)[2, 4]
        said = simsoc.interview(tmp_path / "run.db", "E", 'Do you "agree"?', at=2, backend=served(server))
        (body,) = server.bodies
        prompt = body["messages"][-1]["content"]
        assert "interviewing you" in prompt
        assert "You are E. Your age is 34." in prompt
        assert f'"opinion": "{held}"' in prompt
        assert r'"Do you \"agree\"?"' in prompt
        assert (said.agent, said.name, said.step) == (4, "E", 2)
        assert said.answer.startswith("words")
        (line,) = (tmp_path / "run-interviews.jsonl").read_text().splitlines()
        kept = json.loads(line)
        assert kept["prompt"] == body["messages"]
        assert (kept["answer"], kept["by"], kept["source"], kept["status"]) == (
            said.answer,
            "openai/test",
            "live",
            "ok",
        )
        assert kept["tokens_in"] == said.reply.tokens_in > 0
        assert (kept["step"], kept["agent"], kept["name"]) == (2, 4, "E")
        assert kept["form"] == {"text": True}
        assert kept["facts"] == {"standing": {"opinion": held}}
        with simsoc.open_run(tmp_path / "run.db") as run:
            frame = run.interviews
            assert frame[["step", "agent", "name", "answer"]].values.tolist() == [[2, 4, "E", said.answer]]


def test_the_same_question_is_paid_for_once_unless_asked_anew(tmp_path):
    with Loopback(latency=0.01) as server, ran(tmp_path / "run.db", NAMED) as run:
        one = {"backend": served(server), "choice": ["yes", "no", "perhaps"]}
        first = simsoc.interviews(run, {}, "Why?", **one)
        assert server.calls == 10
        assert server.most_in_flight == 5
        again = simsoc.interviews(run, ["A", 3], "Why?", **one)
        assert server.calls == 10
        assert [a.answer for a in again] == [first[0].answer, first[3].answer]
        assert {a.reply.source for a in again} == {"replay"}
        anew = simsoc.interview(run, "A", "Why?", again=True, **one)
        assert (server.calls, anew.reply.source) == (11, "live")
        simsoc.interview(run, "A", "Why?", choice=["yes", "no"], backend=served(server))
        simsoc.interview(run, "A", "Why?", choice=one["choice"], backend=served(server, temperature=0.5))
        simsoc.interview(run, "A", "Why?", at=2, **one)
        assert server.calls == 14
        simsoc.interview(run, "A", "Why?", **one)
        assert server.calls == 14
        assert len(run.interviews) == 14


def test_a_rule_says_the_same_again_and_is_noted_once(tmp_path):
    with ran(tmp_path / "run.db", BASE) as run:
        shares = {"kind": "standing", "marginals": {"question": {str(n): 1 for n in range(101)}}}
        first = simsoc.interview(run, 3, "How warm?", scale=(0, 100), rule=shares)
        assert simsoc.interview(run, 3, "How warm?", scale=(0, 100), rule=shares).answer == first.answer
        assert len(run.interviews) == 1
        assert simsoc.interview(run, 3, "How warm?", scale=(0, 100), rule=shares, again=True).answer != first.answer


def test_silence_and_failures(tmp_path):
    with ran(tmp_path / "run.db", BASE) as run:
        with Loopback(behave=always(REFUSAL)) as server:
            said = simsoc.interview(run, 3, "Why?", backend=served(server))
            assert said.answer is None
            assert isinstance(said.reply, NoAnswer)
            assert simsoc.interview(run, 3, "Why?", backend=served(server)).reply.source == "replay"
            assert run.interviews["status"].tolist() == ["refused"]
        with Loopback(behave=always(status(500))) as server:
            down = served(server, retries=0)
            with pytest.raises(Unreachable):
                simsoc.interview(run, 4, "Why?", backend=down)
            said = simsoc.interview(run, 4, "Why?", backend=down, overrides={"on_failure": "skip"})
            assert said.reply.reason == "failed"
            assert simsoc.interview(run, 4, "Why?", backend=down, overrides=["on_failure=skip"]).reply.source == "live"
        with Loopback() as server, pytest.raises(OverBudget):
            simsoc.interviews(run, {}, "Why?", backend=served(server), overrides={"budget.calls": 4})
        assert len(run.interviews[run.interviews["source"] == "live"]) == 3 + 4


def test_memories_are_told_and_nothing_is_remembered(tmp_path, monkeypatch):
    base = with_diary(monkeypatch)
    survey = {**SURVEY, "at": 1, "questions": [VOTE, WHY], "remembered": True}
    with Loopback() as server, ran(tmp_path / "run.db", surveyed(base, survey)) as run:
        assert simsoc.interview(run, 2, "What were you asked?", at=0, backend=served(server))
        assert VOTE["ask"] not in server.bodies[-1]["messages"][-1]["content"]
        simsoc.interview(run, 2, "What were you asked?", at=1, backend=served(server))
        assert f'- "{VOTE["ask"]}' in server.bodies[-1]["messages"][-1]["content"]
        simsoc.interview(run, 2, "And now?", at=1, backend=served(server))
        assert "What were you asked" not in server.bodies[-1]["messages"][-1]["content"]


def test_an_unfinished_run_and_a_fork_can_be_interviewed(tmp_path):
    with Loopback() as server:
        society = Society({**NAMED, "backend": served(server)}, log=tmp_path / "run.db")
        society.step()
        society.step()
        society.close()
        simsoc.fork(tmp_path / "run.db", 1, seed=5, log=tmp_path / "f.db").close()
        before = prints(tmp_path)
        assert simsoc.interview(tmp_path / "run.db", "A", "Why?").step == 2
        assert simsoc.interview(tmp_path / "f.db", "A", "Why?", at=2).step == 2
        assert prints(tmp_path) == before


def test_a_run_answered_by_a_function_is_rebuilt_without_it(tmp_path):
    with ran(tmp_path / "run.db", BASE, backend=lambda ask: "A") as run:
        told = simsoc.interviews(run, {}, VOTE["ask"], choice=VOTE["choice"])
        assert {one.answer for one in told} == {"A"}
        assert simsoc.interview(run, 0, "Who?", choice=["x", "y"], backend=lambda ask: "y").answer == "y"


# -- mistakes -------------------------------------------------------------------------------------------------------

WRONG = [
    ({"agent": "Z"}, r"agent: nobody is called 'Z'"),
    ({"agent": 10}, r"agent: no agent 10: ids run from 0 to 9"),
    ({"choice": ["a"]}, r"^choice: should be a list of 2 or more"),
    ({"choice": ["a", "a"]}, r"^question: the options of a choice must differ"),
    ({"scale": (5, 1)}, "from the lower to the higher"),
    ({"question": ""}, r"^ask: should be text of at least 1 character"),
    ({"choice": ["a", "b"], "scale": (1, 2)}, "got choice and scale"),
    ({"rule": "standng"}, "Did you mean 'standing'"),
    (
        {"overrides": ["world.rule.beta=3"]},
        "^--set world.rule.beta  an interview is with the people of the run as they",
    ),
    ({"overrides": ["choice=elct"]}, "choice"),
    ({"backend": "opnai/x"}, "Did you mean 'openai'"),
]


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    path = tmp_path_factory.mktemp("named") / "run.db"
    ran(path, NAMED).close()
    return path


@pytest.mark.parametrize(("change", "says"), WRONG, ids=lambda value: str(value)[:40])
def test_what_cannot_be_asked(named, change, says):
    given = {"agent": "A", "question": "Why?", **change}
    with pytest.raises(ScenarioError, match=says):
        simsoc.interview(named, given.pop("agent"), given.pop("question"), **given)


def test_selections_that_are_wrong_or_empty(named):
    with pytest.raises(ScenarioError, match=r"who\.shar: unknown key. Did you mean 'share'"):
        simsoc.interviews(named, {"shar": 1}, "Why?")
    with pytest.raises(ScenarioError, match=r"who\.traits\.aeg: nobody has it. Did you mean 'age'"):
        simsoc.interviews(named, {"traits": {"aeg": 1}}, "Why?")
    with pytest.raises(ScenarioError, match="nobody who is there after step 4 fits"):
        simsoc.interviews(named, {"traits": {"age": {"min": 99}}}, "Why?")
    with pytest.raises(ScenarioError) as error:
        simsoc.interviews(named, ["Y", "Z", 77, "A"], "Why?")
    assert len(error.value.problems) == 3
    assert [one.name for one in simsoc.interviews(named, ["c", "A", 2], "Why?")] == ["C", "A"]


def test_steps_and_logs_that_are_not_there(named, tmp_path):
    with pytest.raises(LogError, match="there is no step 5; the log has steps 0 to 4"):
        simsoc.interview(named, "A", "Why?", at=5)
    with pytest.raises(LogError):
        simsoc.interview(tmp_path / "no.db", "A", "Why?")
    (tmp_path / "i.jsonl").write_text("")
    simsoc.interview(named, "A", "Why?", log=tmp_path / "i.jsonl")
    for line, why in (("not json", "JSON"), ('{"step": 1}', "it has no agent")):
        (tmp_path / "j.jsonl").write_text((tmp_path / "i.jsonl").read_text() + line)
        with pytest.raises(BrokenLog, match=rf"j\.jsonl:2: not an interview: .*{why}"):
            simsoc.interview(named, "A", "Why?", log=tmp_path / "j.jsonl")


def test_who_left_cannot_be_asked(tmp_path):
    leave = [{"at": 2, "who": {"ids": [3]}, "do": {"kind": "leave"}}]
    with ran(tmp_path / "run.db", {**BASE, "interventions": leave}) as run:
        assert simsoc.interview(run, 3, "Why?", at=1).agent == 3
        with pytest.raises(ScenarioError, match="agent 3 is not there after step 2"):
            simsoc.interview(run, 3, "Why?", at=2)


def test_two_of_one_name(tmp_path):
    people = {"source": "inline", "people": [{"name": "Ada"}, {"name": "Bo"}, {"name": "Ada"}] * 2}
    with ran(tmp_path / "run.db", {**BASE, "population": people}) as run:
        with pytest.raises(ScenarioError, match=r"4 people are called 'Ada': say which id \(0, 2, 3, 5\)"):
            simsoc.interview(run, "Ada", "Why?")


def test_a_past_that_does_not_come_out_as_it_was_is_told(tmp_path, monkeypatch):
    ran(tmp_path / "run.db", BASE).close()
    from simsoc.worlds.opinion.choices import Opinion

    whole = Opinion.first
    monkeypatch.setattr(Opinion, "first", lambda self: whole(self)[::-1])
    with pytest.raises(Divergence, match="first event that differs"):
        simsoc.interview(tmp_path / "run.db", 0, "Why?")


# -- the command ----------------------------------------------------------------------------------------------------


def said(*words):
    return CliRunner().invoke(app, ["interview", *map(str, words)])


def test_the_command(named, tmp_path):
    log = ("--log", tmp_path / "i.jsonl")
    done = said(named, "Whom?", "-a", "C", "--agent", 4, "--at", 1, "--choice", "A, B", *log)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[0] == "C (2), after step 1 (standing):"
    assert set(done.stdout.splitlines()[1::2]) <= {"A", "B"}
    done = said(named, "How warm?", "--who", "{traits: {age: {min: 37}}}", "--scale", "0,100", "--json", *log)
    told = json.loads(done.stdout)
    assert [one["agent"] for one in told] == [7, 8, 9]
    assert {one["by"] for one in told} == {"standing"}
    done = said(named, "Why?", "-a", "C", "--set", "backend=scripted/silent", *log)
    assert done.stdout.splitlines()[1] == "no answer: refused (scripted/silent)"
    with Loopback() as server:
        model = json.dumps(served(server))
        for before in ("", ", asked before"):
            done = said(named, "Why?", "-a", "C", "--set", f"backend={model}", *log)
            assert done.stdout.splitlines()[0] == f"C (2), after step 4 (openai/test{before}):"
        assert server.calls == 1


@pytest.mark.parametrize(("words", "says"), [
    (["Why?"], "say either --agent"),
    (["Why?", "-a", "A", "--who", "{}"], "say either --agent"),
    (["Why?", "-a", "A", "--scale", "0,1", "--text"], "say one of"),
    (["Why?", "-a", "A", "--scale", "low,high"], "two numbers"),
    (["Why?", "-a", "A", "--number", "1"], "two numbers"),
    (["Why?", "-a", "A", "--at", "9"], "there is no step 9"),
    (["Why?", "-a", "Q"], "nobody is called 'Q'"),
    (["Why?", "--who", "everybody"], "a selection looks like"),
    (["Why?", "-a", "A", "--set", "steps=3"], "may be otherwise"),
])  # fmt: skip
def test_mistakes_on_the_command_line(named, words, says):
    done = said(named, *words)
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())
