"""Blind pairs: what raters see gives nothing away, and what they send back becomes a rate with an interval."""

import csv
import io
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from simsoc.core.answers import PLACEHOLDER
from simsoc.core.errors import ScenarioError
from simsoc.core.stream import Stream
from simsoc.posts import whole_threads
from simsoc.posts.pairs import anonymous, as_key, as_markdown, as_page, as_sheet, made
from simsoc.posts.rated import ANCHOR, Pick, error_rate, read_key, read_picks

from .making import HOSTILE, chain, posts
from .test_told import inlines

REAL = [[replace(post, by=f"amy{n}") for post in chain(12, start=-n - 1)] for n in range(40)]
SIMULATED = [[replace(post, synthetic=True, labels=("ads",)) for post in chain(4, start=n)] for n in range(30)]


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_each_thread_is_used_once_and_sides_are_drawn():
    pairs = made(REAL, SIMULATED, seed=3)
    assert [pair.number for pair in pairs] == list(range(1, 31))
    sides = Counter(pair.real for pair in pairs)
    assert 8 <= sides["A"] <= 22
    used = [thread[0].id for pair in pairs for thread in (pair.a, pair.b)]
    assert len(set(used)) == 60
    assert all(len(thread) <= 9 for pair in pairs for thread in (pair.a, pair.b))
    for pair in pairs:
        real, simulated = (pair.a, pair.b) if pair.real == "A" else (pair.b, pair.a)
        assert real[0].by
        assert simulated[0].synthetic


def test_the_same_seed_makes_the_same_sheet():
    assert as_sheet(made(REAL, SIMULATED, 3)) == as_sheet(made(REAL, SIMULATED, 3))
    assert as_key(made(REAL, SIMULATED, 3)) != as_key(made(REAL, SIMULATED, 4))
    assert len(made(REAL, SIMULATED, 3, most=5)) == 5
    assert made(REAL, SIMULATED, 3, most=5) == made(REAL, SIMULATED, 3)[:5]


def test_nothing_gives_a_side_away():
    pairs = made(REAL, SIMULATED, 3)
    for told in (as_sheet(pairs), as_page(pairs)):
        for sign in ("amy", "user", "synthetic", "ads", "step", "point"):
            assert not re.search(rf"\b{sign}", told.partition("Pair 1")[2] or told)
    assert {column for row in rows(as_sheet(pairs)) for column in row} == {"pair", "real", "A", "B"}
    assert all(row["real"] == "" for row in rows(as_sheet(pairs)))
    assert [row["real"] for row in rows(as_key(pairs))] == [pair.real for pair in pairs]


def test_writers_are_numbered_within_their_thread():
    told = anonymous(chain(7))
    assert [who for _, who, _ in told] == [f"Person {n}" for n in (1, 2, 3, 4, 5, 1, 2)]
    assert [depth for depth, _, _ in told] == list(range(7))


def test_who_is_called_by_name_is_called_by_number():
    first, second, third = chain(3)
    thread = [
        replace(first, by="Ann", text="I am Ann. Annual fees, Annie?"),
        replace(second, by="b.o*b", text="Hello Ann, @Ann and u/Ann!"),
        replace(third, by="Ann B", text="b.o*b, not bXoob. Ann B here"),
    ]
    assert [words for _, _, words in anonymous(thread)] == [
        "Title\n\nI am Person 1. Annual fees, Annie?",
        "Hello Person 1, Person 1 and Person 1!",
        "Person 2, not bXoob. Person 3 here",
    ]


@settings(max_examples=40)
@given(posts(most=6), posts(most=6))
def test_no_text_is_more_than_text(real, simulated):
    def usable(found):
        return [t for t in whole_threads(found).values() if not any(PLACEHOLDER in post.words for post in t)]

    if not usable(real) or not usable(simulated):
        with pytest.raises(ScenarioError, match=r"no (real|simulated) thread"):
            made(whole_threads(real).values(), whole_threads(simulated).values(), 1)
        return
    pairs = made(whole_threads(real).values(), whole_threads(simulated).values(), 1)
    assert len(pairs) == min(len(usable(real)), len(usable(simulated)))
    page = as_page(pairs)
    assert set(re.findall(r"</?([a-zA-Z!]+)", page)) == {
        *("!doctype", "html", "head", "meta", "title", "style", "body", "h", "p", "section", "div"),
    }
    assert page.count("<section>") == len(pairs)
    blocks = inlines(as_markdown(pairs))
    assert None not in [text for _, _, text in blocks]
    heads = [text for _, kind, text in blocks if kind == "heading_open"]
    assert heads == ["Which one is real?", *(t for pair in pairs for t in (f"Pair {pair.number}", "A", "B"))]
    people = [(level, text) for level, _, text in blocks if re.fullmatch(r"Person \d+", text)]
    written = [(min(d, 8), who) for pair in pairs for t in (pair.a, pair.b) for d, who, _ in anonymous(t)]
    assert set(written) <= set(people)
    assert len(written) <= len(people), "somebody may write the words, too"
    sheet = rows(as_sheet(pairs))
    assert [int(row["pair"]) for row in sheet] == [pair.number for pair in pairs]
    assert not any(row[side].startswith(("=", "+", "-", "@")) for row in sheet for side in "AB")


def test_hostile_texts_in_a_sheet():
    threads = [[replace(chain(1)[0], text=text)] for text in HOSTILE if text != PLACEHOLDER]
    sheet = rows(as_sheet(made(threads, threads, 1)))
    assert len(sheet) == len(threads)


# -- ratings ----------------------------------------------------------------------------------------------------------

KEY = dict.fromkeys(range(1, 101), "A")


def picks(wrong, rater="", of=100):
    return [Pick(n, "B" if n <= wrong else "A", rater) for n in range(1, of + 1)]


def test_one_rater():
    found = error_rate(KEY, picks(41))
    assert (found.rate, found.raters, found.picks, found.published) == (0.41, 1, 100, ANCHOR)
    assert (found.low, found.high) == pytest.approx((0.3187, 0.5080), abs=1e-4)  # Wilson, by hand


def test_several_raters_are_averaged_and_the_interval_is_theirs():
    found = error_rate(KEY, [*picks(30, "a"), *picks(50, "b"), *picks(40, "c")])
    assert found.rate == pytest.approx(0.40)
    assert (found.low, found.high) == pytest.approx((0.40 - 0.2484, 0.40 + 0.2484), abs=1e-4)  # t(2) * 0.1 / sqrt(3)
    alike = error_rate(KEY, [*picks(40, "a"), *picks(40, "b")])
    assert alike.high - alike.low > 0.1  # raters who agree by chance are no certainty


@given(st.lists(st.integers(0, 20), min_size=1, max_size=5))
def test_the_rate_lies_in_its_interval(wrongs):
    found = error_rate(KEY, [p for rater, wrong in enumerate(wrongs) for p in picks(wrong, str(rater), of=20)])
    assert 0 <= found.low <= found.rate <= found.high <= 1
    assert found.rate == pytest.approx(sum(wrongs) / 20 / len(wrongs))


def test_the_interval_covers_as_often_as_it_says():
    stream = Stream(7, "raters")
    sheets = [sum(stream.random() < ANCHOR for _ in range(100)) for _ in range(400)]
    found = [error_rate(KEY, picks(wrong)) for wrong in sheets]
    hits = sum(one.low <= ANCHOR <= one.high for one in found)
    assert abs(hits / 400 - 0.95) < 4 * (0.95 * 0.05 / 400) ** 0.5
    narrow = sum(abs(one.rate - ANCHOR) <= (one.high - one.low) / 4 for one in found)
    assert abs(narrow / 400 - 0.95) > 4 * (0.95 * 0.05 / 400) ** 0.5  # half as wide would not do


def test_sheets_come_back():
    pairs = made(REAL, SIMULATED, 3)
    key = read_key(as_key(pairs))
    filled = as_sheet(pairs).replace("1,,", "1, a ,", 1)
    found = error_rate(key, read_picks(filled))
    assert (found.picks, found.skipped) == (1, 29)
    assert found.rate == float(key[1] != "A")
    two = "pair,real,rater\n1,A,x\n1,B,y\n"
    assert error_rate(key, read_picks(two)).raters == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pair\n1\n", "ratings:1.*a column 'real'"),
        ("pair,real\nx,A\n", r"ratings:2.*pair: the number of a pair is expected \(got 'x'\)"),
        ("pair,real\n1,C\n", "pair 1: a pick is A or B"),
        ("pair,real\n999,A\n", "pair 999 is not in the key"),
        ("pair,real\n1,A\n1,A\n", "pair 1 is rated twice"),
        ("pair,real\n1,\n", "nothing is filled in yet"),
    ],
)
def test_sheets_that_cannot_be_used(text, says):
    with pytest.raises(ScenarioError, match=says):
        error_rate(KEY, read_picks(text))


def test_a_key_that_is_none():
    with pytest.raises(ScenarioError, match=r"key:2.*A or B is expected \(got ''\)"):
        read_key("pair,real\n1,\n")
