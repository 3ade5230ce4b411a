"""`simsoc multiverse`: what it prints and writes."""

import pytest

from .conftest import ROOT

DESIGN = ROOT / "scenarios" / "reddit_finance.yaml"


def test_of_a_scenario_and_of_a_run(folder, simsoc):
    said = simsoc("multiverse", DESIGN, "-k", 3, "--processes", 1, "--folder", "u")
    assert said.code == 0
    assert said.err == ""
    for told in ("3 universes", "differs", "variety", "vader (vaderSentiment", "community.reply (rule)", "folder u"):
        assert told in said.out
    page = (folder / "u" / "universes.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "Universe 2" in page
    told = simsoc("multiverse", "u/universe-r001.db", "--at", 3, "-k", 2, "--processes", 1, "--json").json
    assert told["complete"]
    assert told["folder"] == "u/universe-r001-universes-f3"
    assert len(told["runs"]) == 2
    assert {row["universe"] for row in told["threads"]} == {0, 1}
    assert len(told["differing"]) == 1
    more = simsoc("multiverse", "u", "-k", 4, "--processes", 1, "--scorer", "lexicon")
    assert "4 universes" in more.out
    assert "lexicon (" in more.out


def test_of_a_world_without_threads(folder, simsoc):
    said = simsoc("multiverse", "first.yaml", "-k", 2, "--processes", 1)
    assert said.code == 0
    assert "magnetisation" in said.out
    assert "page" not in said.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing.yaml",), "nothing.yaml"),
        (("first.yaml", "--at", "3"), "go with the log of a run"),
        (("first.yaml", "--scorer", "judge"), "scorer.backend"),
        (("first.yaml", "--scorer", "openai-moderation"), "has to be asked"),
        (("first.yaml", "-k", "0"), "k"),
    ],
)
def test_mistakes(folder, simsoc, arguments, says):
    said = simsoc("multiverse", *arguments)
    assert said.code == 2
    assert says in said.err
