"""`simsoc whatif` on the command line, and the thread that `simsoc run` shows."""

import re

import pytest

import simsoc as package

from .conftest import ROOT


@pytest.fixture
def grown(folder, simsoc):
    """The finance community as its file has it, in `a.db`: what was said, and the ids of its longest thread."""
    said = simsoc("run", str(ROOT / "scenarios" / "reddit_finance.yaml"), "--log", "a.db")
    assert said.code == 0
    threads = {}
    with package.open_run("a.db") as run:
        for event in run.stored_events():
            if event.kind in ("post", "reply"):
                item = (event.agent, event.step, event.content["n"])
                threads.setdefault(tuple(event.content.get("thread", item)), []).append(".".join(map(str, item)))
    return said, max(threads.values(), key=len)


def test_a_run_shows_a_thread_that_a_person_can_read(grown):
    said, _ = grown
    assert "[synthetic" in said.out
    assert re.search(r"student loans|the first budget|investing with little money", said.out)
    assert any(name in said.out for name in ("Maya", "Tomas", "Ruth", "Deniz", "Rex"))


def test_a_troll_comes_into_a_thread(grown, simsoc):
    _, thread = grown
    said = simsoc("whatif", "a.db", "--after", thread[1], "--who", "{name: Zed, troll: 1.0}", "--log", "b.db")
    assert (said.code, said.err) == (0, "")
    step = thread[1].split(".")[1]
    assert f"past   steps 0 to {step}, the same in both, digest" in said.out
    assert f"then   1 threads went on otherwise ({thread[0]}), 5 as they did" in said.out


def test_the_rules_change_at_a_point(grown, simsoc):
    _, thread = grown
    rules = "world.rules={dont: [{name: self-promotion, text: No adverts.}]}"
    told = simsoc("whatif", "a.db", "--after", thread[0], "--set", rules, "--log", "c.db", "--json").json
    assert told["status"] == "finished"
    assert package.verify("c.db") == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "Say one of after, replace and remove"),
        (["--after", "9.9.9", "--say", "x"], "there is no post 9.9.9"),
        (["--replace", "FIRST", "--who", "Mya", "--say", "x"], "Did you mean 'Maya'?"),
        (["--after", "FIRST", "--who", "{name: ", "--say", "x"], "--who"),
    ],
)
def test_mistakes_are_told(grown, simsoc, options, says):
    _, thread = grown
    said = simsoc("whatif", "a.db", *[thread[0] if one == "FIRST" else one for one in options])
    assert said.code == 2
    assert says in said.err
    assert "Traceback" not in said.err
