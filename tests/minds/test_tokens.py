"""Space in a prompt: never more than there is, and texts no shorter than a template shows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.backends.quoting import data
from simsoc.minds.tokens import LINE, WORDING, Space, about_tokens, shown

ANY = st.text(st.characters(), max_size=300)
HOSTILE = st.text(st.sampled_from('<>"\\\n\t\x00\u200b\u2028\ufeff\U000e0041é漢a '), max_size=200)


@given(ANY | HOSTILE)
def test_shown_is_no_shorter_than_what_a_template_shows(text):
    assert len(shown(text).encode("utf-8", "surrogatepass")) >= len(data(text).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("abcd", 1), ("abcde", 2), ("漢字漢字", 3), ("\ud800", 1)])
def test_four_bytes_a_token(text, tokens):
    assert about_tokens(text) == tokens


@given(st.lists(ANY | HOSTILE, max_size=30), st.integers(0, 2000), st.floats(0, 1))
def test_a_space_is_never_overdrawn(texts, tokens, share):
    for take in ("first", "last"):
        space = Space(tokens)
        kept = space.text("persona", "word " * 500, 0.3)
        taken = space.first(texts) if take == "first" else space.last(texts, share)
        used = sum(about_tokens(data(texts[i])) + LINE for i in taken) + (
            about_tokens(data(kept)) + LINE if kept else 0
        )
        assert 0 <= space.left <= space.whole == max(0, tokens - WORDING)
        assert used <= space.whole
        if take == "last":
            assert list(taken) == list(range(len(texts) - len(taken), len(texts)))
            assert sum(space.size(texts[i]) for i in taken) <= space.whole * share + 1


def test_a_long_text_is_cut_between_words_and_noted():
    space = Space(WORDING + 200)
    kept = space.text("persona", "chess and music " * 100, 0.5)
    assert kept.endswith(" [...]")
    assert kept.removesuffix(" [...]").split()[-1] in ("chess", "and", "music")
    assert 80 <= space.size(kept) <= 100
    assert space.cut == ["persona"]
    assert Space(WORDING + 200).text("persona", "short", 0.5) == "short"


@given(ANY | HOSTILE, st.integers(0, 800), st.floats(0, 1))
def test_a_cut_text_fits_its_share(text, tokens, share):
    space = Space(tokens)
    kept = space.text("x", text, share)
    assert space.left >= 0
    assert not kept or space.size(kept) <= int(space.whole * share)
    assert (kept == text) == (space.cut == [])


def test_one_that_is_too_long_is_passed_over():
    space = Space(WORDING + 60)
    assert space.first(["short", "long " * 100, "brief"]) == [0, 2]


def test_another_counter():
    space = Space(WORDING + 40, count=lambda text: len(text.split()))
    assert space.first(["one two three"] * 10) == [0, 1, 2]
