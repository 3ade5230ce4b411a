"""Nothing is paid for twice: logged answers stand in where identity, model, settings and prompt are all equal."""

import json
import sqlite3
import warnings

import pytest

import simsoc
from simsoc.core.answers import Choice
from simsoc.core.calls import Kept, Signature
from simsoc.core.errors import LogError, ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.words import Answer, Ask, Decision, NoAnswer
from simsoc.engine.reuse import Elsewhere, Past
from simsoc.runlog.answered import Answered
from simsoc.society import Society
from tests.engine.test_resume import DESIGN, served
from tests.loopback import REFUSAL, WRONG, Loopback, lot, no_schemas, status

DESIGN = {**DESIGN, "activation": "together", "population": {"n": 6}, "steps": 3}
CALLS = 18


def paid(run):
    return run.reused()[1]


@pytest.fixture
def first(tmp_path):
    """A server, and a run that was paid for."""
    with Loopback() as server:
        simsoc.run({**DESIGN, "backend": served(server)}, seed=3, log=tmp_path / "runs" / "a.db").close()
        assert server.calls == CALLS
        yield server


def again(server, tmp_path, *reuse, log="b.db", seed=3, **more):
    given = {**DESIGN, "backend": served(server, **more.pop("served", {})), "reuse": list(reuse), **more}
    return simsoc.run(given, seed=seed, log=tmp_path / log)


@pytest.mark.parametrize("reuse", ["runs", "runs/a.db"])
def test_a_log_or_a_folder_of_them(first, tmp_path, monkeypatch, reuse):
    monkeypatch.chdir(tmp_path)
    with again(first, tmp_path, reuse) as run, simsoc.open_run("runs/a.db") as told:
        assert first.calls == CALLS
        assert run.info["digest"] == told.info["digest"]
        assert run.reused() == (CALLS, 0)
        assert "re-used 18 answers, paid for 0" in run.minds()
        assert set(run.asks["source"]) == {"replay"}
        columns = ["agent", "step", "value", "by", "tokens_in", "tokens_out", "latency"]
        texts = ["prompt", "reply", "settings"]
        ours, theirs = (
            r.asks_with(texts=True).sort_values(["step", "agent"])[columns + texts].reset_index(drop=True)
            for r in (run, told)
        )
        assert ours.equals(theirs)  # the log is complete by itself
    assert simsoc.verify(tmp_path / "b.db") == []


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 4},
        {"choice": "elicit"},
        {"served": {"temperature": 0.5}},
        {"served": {"structured": "prompt"}},
        {"served": {"model": "openai/other"}},
    ],
)
def test_what_differs_is_asked(first, tmp_path, change):
    with again(first, tmp_path, str(tmp_path / "runs"), **change) as run:
        assert run.reused() == (0, CALLS)
    assert first.calls == 2 * CALLS


def test_only_another_prompt_is_paid_for(first, tmp_path):
    """Somebody knows one person more: its prompt, and those that follow from it, are new."""
    ties = tmp_path / "ties.csv"
    ties.write_text("a,b\n" + "".join(f"{i},{(i + d) % 6}\n" for i in range(6) for d in (1, 2)) + "0,3\n")
    with again(first, tmp_path, str(tmp_path / "runs"), network={"kind": "file", "file": str(ties)}) as run:
        reused, bought = run.reused()
        step1 = run.asks[run.asks["step"] == 1].set_index("agent")["source"]
        assert set(step1[step1 == "live"].index) == {0, 3}
    assert first.calls == CALLS + bought
    assert 0 < bought < CALLS
    assert reused + bought == CALLS


class Told:
    """A book with one call, and a backend that would ask the same; what the words mean is for the call to say."""

    name = "openai/test"

    def __init__(self, reply, read):
        self.kept = Kept(self.name, 1, "{}", reply)
        self.read = read

    def get(self, identity):
        return self.kept

    def text(self, key):
        return "[]"

    def key(self, text):
        return 1

    def signature(self, ask, like=None):
        return Signature(self.name, "[]", "{}", self.read)


def test_words_are_read_again_under_the_facts_of_the_call():
    """The labels may stand for other options than in the run where they were answered."""
    asked = Ask(1, 2, 3, 0, 0, Decision("opinion", "opinion/friends", Choice()), Facts({}), "opinion")
    reply = Answer(source="live", by="openai/test", value="A", raw="k", cost=0.5)
    told = Told(reply, {"k": "B"}.__getitem__)
    found = Elsewhere(told).find(asked, told)
    assert (found.value, found.source, found.cost, found.prompt) == ("B", "replay", 0.5, "[]")
    assert Past(told, 5).find(asked, told).value == "A"  # the same run

    def unreadable(text):
        raise ValueError

    assert Elsewhere(told).find(asked, Told(reply, unreadable)) is None


def test_silence_is_reused_and_lost_connections_are_not(tmp_path):
    def behave(body, count):
        luck = lot("x", json.dumps(body["messages"][:1]))
        return REFUSAL if luck < 0.2 else WRONG if luck < 0.4 else status(500) if luck < 0.6 else None

    design = {**DESIGN, "on_failure": "skip"}
    with Loopback(behave=behave) as server:
        with simsoc.run({**design, "backend": served(server)}, seed=3, log=tmp_path / "a.db") as a:
            reasons = a.asks["status"].value_counts()
            assert {"refused", "unparseable", "failed"} <= set(reasons.index)
            digest, before = a.info["digest"], server.calls
            tries = a.failures[a.failures["what"] == "attempt"]
        again_ = {**design, "backend": served(server), "reuse": str(tmp_path / "a.db")}
        with simsoc.run(again_, seed=3, log=tmp_path / "b.db") as b:
            assert b.info["digest"] == digest
            assert b.reused() == (CALLS - reasons["failed"], 0)  # what failed failed again, and nobody answered
            mine = b.failures[b.failures["what"] == "attempt"]
            key = ["agent", "step", "n"]
            assert tries.sort_values(key)["text"].tolist() == mine.sort_values(key)["text"].tolist()
        assert server.calls == before + reasons["failed"]


def test_a_server_without_schemas(tmp_path):
    """What was answered after falling back to a schema in the prompt is found before falling back."""
    with Loopback(behave=no_schemas) as server:
        simsoc.run({**DESIGN, "backend": served(server)}, seed=3, log=tmp_path / "a.db").close()
        before = server.calls
        with again(server, tmp_path, str(tmp_path / "a.db")) as run:
            assert run.reused() == (CALLS, 0)
        assert server.calls == before


@pytest.mark.parametrize("choice", ["elicit", "logprobs"])
def test_probabilities_are_drawn_from_again(tmp_path, choice):
    design = {**DESIGN, "choice": choice}
    with Loopback() as server:
        simsoc.run({**design, "backend": served(server)}, seed=3, log=tmp_path / "a.db").close()
        with (
            again(server, tmp_path, str(tmp_path / "a.db"), choice=choice) as run,
            simsoc.open_run(tmp_path / "a.db") as first_run,
        ):
            assert run.reused() == (CALLS, 0)
            assert run.info["digest"] == first_run.info["digest"]


def test_the_nearest_log_counts(first, tmp_path):
    """Of two logs with the same call, the one named first answers."""
    with sqlite3.connect(tmp_path / "runs" / "a.db") as db:
        db.execute("UPDATE ask SET tokens_in = 1000")
    db.close()
    with again(first, tmp_path, log="other.db") as run:
        assert paid(run) == CALLS
    both = [str(tmp_path / "other.db"), str(tmp_path / "runs")]
    with again(first, tmp_path, *both) as run:
        assert run.asks["tokens_in"].max() < 1000
    with again(first, tmp_path, *reversed(both), log="c.db") as run:
        assert run.asks["tokens_in"].min() == 1000


def test_a_resumed_run_takes_its_own_answers_first(first, tmp_path):
    design = {**DESIGN, "backend": served(first), "reuse": str(tmp_path / "runs")}
    society = Society(design, 3, log=tmp_path / "runs" / "b.db")
    society.step()
    society.close()
    with simsoc.resume(tmp_path / "runs" / "b.db") as run:
        assert run.reused() == (CALLS, 0)
        assert len(run.asks) == CALLS
        assert run.notes["kind"].tolist() == ["resume"]
    assert first.calls == CALLS
    assert simsoc.verify(tmp_path / "runs" / "b.db") == []


def test_a_resumed_run_goes_on_without_a_source_that_is_gone(first, tmp_path):
    design = {**DESIGN, "backend": served(first), "reuse": str(tmp_path / "runs" / "a.db")}
    society = Society(design, 3, log=tmp_path / "b.db")
    society.step()
    society.close()
    (tmp_path / "runs" / "a.db").unlink()
    with pytest.warns(UserWarning, match=r"a\.db any more"):
        run = simsoc.resume(tmp_path / "b.db")
    with run:
        assert run.reused() == (6, 12)


def test_what_is_not_there_is_told_when_checked(tmp_path):
    (tmp_path / "s.yaml").write_text(json.dumps({**DESIGN, "reuse": ["nothing.db"]}))
    with pytest.raises(ScenarioError, match=r"s\.yaml:1 +reuse\.0: there is no run log .*nothing\.db"):
        simsoc.check(tmp_path / "s.yaml")


def test_what_is_no_log(tmp_path):
    (tmp_path / "junk.db").write_text("not a log")
    with pytest.raises(ScenarioError, match=r"reuse\.0: .*not a run log"):
        Society({**DESIGN, "reuse": str(tmp_path / "junk.db")})
    with pytest.warns(UserWarning, match="not re-used: .*not a run log"):
        Society({**DESIGN, "reuse": str(tmp_path)})


def test_a_log_that_is_read_is_not_overwritten(first, tmp_path):
    design = {**DESIGN, "backend": served(first)}
    for more in ({"reuse": str(tmp_path / "runs")}, {"backend": f"replay/{tmp_path}/runs/a.db"}):
        with pytest.raises(LogError, match="give another path"):
            simsoc.run({**design, **more}, seed=3, log=tmp_path / "runs" / "a.db", overwrite=True)
    assert simsoc.verify(tmp_path / "runs" / "a.db") == []


def test_a_book_keeps_little_in_memory_and_finds_every_call(tmp_path):
    """Whatever the order of asking."""
    with Loopback() as server:
        design = {**DESIGN, "population": {"n": 40}, "steps": 20, "backend": served(server)}
        with simsoc.run(design, seed=3, log=tmp_path / "a.db") as run:
            logged = list(run.answers())
            book = Answered(run)
            assert len(logged) == 800
            for one in sorted(logged, key=lambda one: lot(one.identity)):
                kept = book.get(one.identity)
                assert kept is not None
                assert kept.reply.raw == one.reply.raw
                assert kept.prompt == book.key(one.reply.prompt)
                assert book.text(kept.prompt) == one.reply.prompt
                assert not isinstance(kept.reply, NoAnswer)
            assert book.get((3, 99, 1, 0, "opinion", 0)) is None
            assert book.get((4, *logged[0].identity[1:])) is None
            assert book.after(19) == {one.identity for one in logged if one.identity[2] == 20}


def test_nothing_is_warned_of(first, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again(first, tmp_path, str(tmp_path / "runs")).close()
