"""`simsoc threads`, `simsoc pairs` and `simsoc rated`: what they print and write, and what they say of mistakes."""

import json
from pathlib import Path

import pytest

import simsoc as package
from simsoc.posts.reading import read
from simsoc.runlog.posted import threads_of

from .conftest import ROOT


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    path = tmp_path_factory.mktemp("threads") / "run.db"
    package.run(ROOT / "scenarios" / "reddit_finance.yaml", log=path).close()
    return path


@pytest.fixture
def run(ran, folder):
    return ran


def test_they_are_printed_to_be_read(run, simsoc):
    said = simsoc("threads", run)
    assert said.code == 0
    assert said.err == ""
    with package.open_run(run) as opened:
        posts = opened.posts
    for title in posts["title"].dropna():
        assert title in " ".join(said.out.split())
    assert said.out.count("synthetic text") == len(posts)
    one = simsoc("threads", run, "--thread", posts["post"].iloc[-1]).out
    assert one.count("─" * 60) == 0
    assert simsoc("threads", run, "--first", 2).out.count("─" * 60) == 1


@pytest.mark.parametrize("format", ["json", "dump", "text", "markdown"])
def test_each_form_is_the_same_on_paper(run, simsoc, format):
    printed = simsoc("threads", run, "--format", format)
    out = "out" if format == "dump" else f"out/threads.{format}"
    written = simsoc("threads", run, "--format", format, "--out", out)
    assert written.code == printed.code == 0
    names = [f"threads.{format}"]
    if format == "dump":
        names = [f"studentmoney_{kind}.ndjson" for kind in ("submissions", "comments")]
    on_paper = "".join((Path("out") / name).read_text(encoding="utf-8") for name in names)
    if format != "text":
        assert on_paper == printed.out
    for name in names:
        assert f"wrote out/{name}" in written.out


def test_what_is_exported_is_read_back(run, simsoc):
    for format, file in (("json", "threads.json"), ("dump", "lines.ndjson")):
        with open(file, "w", encoding="utf-8") as target:
            target.write(simsoc("threads", run, "--format", format).out)
        with package.open_run(run) as opened:
            assert read(file) == [post for thread in threads_of(opened) for post in thread]


def test_pairs_are_made_and_rated(run, simsoc):
    (run.parent / "real.json").write_text(simsoc("threads", run, "--format", "json").out, encoding="utf-8")
    said = simsoc("pairs", run, "--real", run.parent / "real.json", "-n", 4)
    assert said.code == 0
    assert "4 pairs" in said.out
    again = simsoc("pairs", run, "--real", run.parent / "real.json", "-n", 4, "--folder", "again")
    assert again.code == 0
    here = Path()
    for name in ("pairs.html", "pairs.csv", "key.csv"):
        assert (here / "pairs" / name).read_bytes() == (here / "again" / name).read_bytes()
    sheet = (here / "pairs" / "pairs.csv").read_text(encoding="utf-8")
    for rater, side in (("a", "A"), ("b", "B")):
        filled = sheet
        for number in range(1, 5):
            filled = filled.replace(f"\n{number},,", f"\n{number},{side},")
        (here / f"{rater}.csv").write_text(filled, encoding="utf-8")
    told = simsoc("rated", "pairs/key.csv", "a.csv", "b.csv")
    assert told.code == 0
    assert "wrong on 50.0% of pairs" in told.out
    assert "8 picks of 2 raters, 0 left open" in told.out
    assert "published: 41%" in told.out
    found = simsoc("rated", "pairs/key.csv", "a.csv", "--json").json
    assert found["picks"] == 4
    assert 0 <= found["low"] <= found["rate"] <= found["high"] <= 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("threads", "RUN", "--thread", "9.9.9"), "there is no post '9.9.9'"),
        (("threads", "nothing.db"), "nothing.db"),
        (("threads", "RUN", "--format", "html"), "html"),
        (("pairs", "RUN", "--real", "nothing.json"), "nothing.json"),
        (("pairs", "RUN", "--real", "bad.json"), "bad.json  [0].id: text is expected (got 5)"),
        (("rated", "nothing.csv", "nothing.csv"), "nothing.csv"),
        (("rated", "bad.json", "bad.json"), "a column 'pair' is expected"),
    ],
)
def test_mistakes(run, simsoc, arguments, says):
    with open("bad.json", "w") as file:
        json.dump([{"id": 5, "title": "x"}], file)
    said = simsoc(*(run if argument == "RUN" else argument for argument in arguments))
    assert said.code == 2
    assert says in said.err
