"""`simsoc score`: what it prints, and what it says where something is wrong."""

import csv

import pytest

from tests.runlog.making import Logging


@pytest.fixture
def board(folder):
    log = Logging(folder / "board.db")
    log.event(0, 0, "post", title="Hello", text="Thanks for being here!")
    log.event(0, 1, "reply", text="Get lost, idiot.")
    log.event(0, 2, "reply", text="=SUM(A1), fine")
    log.writer.commit(0)
    log.finish()
    return folder / "board.db"


def test_it_prints_rates_with_scorer_and_version(board, simsoc):
    said = simsoc("score", board, "--out", "texts/all.csv")
    assert said.code == 0
    share = "share: of those that have one, at 0.5 or above"
    for told in ("post", "reply", "all", share, "lexicon", "60 words, list ", "texts  texts/all.csv"):
        assert told in said.out
    with open("texts/all.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["score"] for row in rows] == ["0.0", "1.0", "0.0"]
    assert rows[0]["text"] == "Hello\n\nThanks for being here!"


def test_a_scorer_may_be_a_mapping(board, simsoc):
    told = simsoc("score", board, "--scorer", "{kind: lexicon, words: [fine]}", "--json").json
    assert [row["score"] for row in told["texts"]] == [0.0, 0.0, 1.0]
    assert told["summary"][-1]["mean"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("board.db", "--scorer", "vadr"), "Did you mean 'vader'"),
        (("board.db", "--scorer", "{kind: lexicon, words: }"), "scorer.words"),
        (("board.db", "--scorer", "{kind: "), "--scorer"),
        (("board.db", "--scorer", "judge"), "scorer.backend"),
        (("board.db", "--budget", "5"), "a budget looks like"),
        (("nothing.db",), "nothing.db"),
    ],
)
def test_mistakes(board, simsoc, arguments, says):
    said = simsoc("score", *arguments)
    assert said.code == 2
    assert says in said.err
