"""`simsoc fork` on the command line, and what `simsoc run` says of answers that were re-used."""

import json

import pytest

import simsoc as package
from tests.loopback import Loopback, always, status

from .conftest import FIRST


@pytest.fixture
def paid(folder, simsoc):
    """A server, and a run of `first.yaml` that it answered: 60 calls."""
    with Loopback() as server:
        (folder / "first.yaml").write_text(
            FIRST + "activation: together\n"
            f"backend: {{model: openai/test, transport: lean, base_url: {json.dumps(server.base_url)}}}\n"
        )
        assert simsoc("run", "first.yaml", "--json").json["paid"] == 60
        yield server


def test_a_fork_is_run_and_told(paid, simsoc):
    said = simsoc("fork", "runs/first-s1.db", "--at", 2, "--set", "world.rule.beta=9")
    assert (said.code, said.err) == (0, "")
    assert "openai/test (replay): 60 answers" in said.out
    assert "re-used 60 answers, paid for 0" in said.out
    assert "runs/first-s1-f2.db" in said.out
    assert paid.calls == 60


def test_a_fork_as_json(paid, simsoc):
    told = simsoc("fork", "runs/first-s1.db", "--at", 3, "--seed", 9, "-s", "steps=6", "--log", "f.db", "--json").json
    assert (told["reused"], told["paid"], told["steps"], told["log"]) == (36, 36, 6, "f.db")
    assert paid.calls == 60 + 36
    refused = simsoc("fork", "runs/first-s1.db", "--at", 3, "--seed", 9, "--log", "f.db")
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert simsoc("fork", "runs/first-s1.db", "--at", 3, "--seed", 9, "--log", "f.db", "--overwrite").code == 0


def test_interventions_from_a_file(paid, simsoc, folder):
    (folder / "later.yaml").write_text("- {at: 4, do: {kind: ties, add: [[0, 6]]}}\n")
    assert simsoc("fork", "runs/first-s1.db", "--at", 2, "--intervention", "later.yaml").code == 0
    with package.open_run("runs/first-s1-f2.db") as run:
        assert run.ties[run.ties["from_step"] == 4][["a", "b"]].values.tolist() == [[0, 6]]
    (folder / "one.yaml").write_text("{at: 2, do: {kind: ties, cut: [[0, 1]]}}\n")
    refused = simsoc("fork", "runs/first-s1.db", "--at", 2, "--intervention", "one.yaml")
    assert refused.code == 2
    assert "belongs to the past" in refused.err
    (folder / "no.yaml").write_text("hello\n")
    refused = simsoc("fork", "runs/first-s1.db", "--at", 2, "--intervention", "no.yaml")
    assert refused.code == 2
    assert "no.yaml" in refused.err
    assert "a list of interventions is expected" in refused.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nothing.db", "--at", 2), "nothing.db: there is no such file"),
        (("runs/first-s1.db", "--at", 7), "no step 7 to fork after; the log has steps 0 to 5"),
        (("runs/first-s1.db", "--at", 5), "nothing comes after step 5"),
        (("runs/first-s1.db", "--at", 2, "-s", "population.n=3"), "--set population.n  used only when a run begins"),
        (("runs/first-s1.db", "--at", 2, "-s", "steps"), "an override looks like"),
        (("runs/first-s1.db", "--at", 2, "--log", "runs/first-s1.db", "--overwrite"), "give another path"),
    ],
)
def test_mistakes(paid, simsoc, arguments, told):
    said = simsoc("fork", *arguments)
    assert said.code == 2
    assert told in said.err
    assert "again" not in said.out


def test_reuse_and_replay_from_the_command_line(paid, simsoc):
    first = simsoc("run", "first.yaml", "-s", "reuse=runs", "--json").json
    assert (first["reused"], first["paid"]) == (60, 0)
    second = simsoc("run", "first.yaml", "-s", "backend=replay/runs/first-s1.db", "--json").json
    assert second["digest"] == first["digest"]
    assert paid.calls == 60
    third = simsoc("run", "first.yaml", "-s", "backend=replay/runs/first-s1.db", "-s", "choice=elicit")
    assert third.code == 2
    assert "is in the log with another prompt" in third.err
    assert simsoc("check", "first.yaml", "-s", "reuse=nowhere").code == 2


def test_a_stopped_fork_says_how_to_go_on(paid, simsoc):
    paid.behave = always(status(400))
    said = simsoc("fork", "runs/first-s1.db", "--at", 2, "--seed", 4)
    assert said.code == 1
    assert "simsoc run --resume runs/first-s1-f2.db" in said.err
    paid.behave = None
    assert simsoc("run", "--resume", "runs/first-s1-f2.db").code == 0
