"""Near-duplicates by words: what counts as alike, and that looking only at a few texts misses none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.population.likeness import Texts, likeness, shingles

WORDS = st.lists(st.sampled_from("abcdefgh"), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Keeps bees.", "keeps BEES", 1.0),
        ("keeps bees", "bees keeps", 2 / 3),  # two words of three shingles
        ("keeps bees", "runs far", 0.0),
        ("", "", 0.0),
        ("...", "...", 0.0),
        ("Straße", "STRASSE", 1.0),
        ("我喜歡茶", "我喜歡酒", 5 / 7),  # a letter is a word: 4 and 3 pairs each
    ],
)
def test_likeness(one, other, alike):
    assert likeness(shingles(one), shingles(other)) == pytest.approx(alike)


def test_a_changed_word_is_a_near_duplicate_and_another_person_is_not():
    nurse = "A night nurse from Leeds who sings in a choir and grows her own vegetables behind the house."
    again = "A night nurse from Leeds who sings in a choir and grows her own potatoes behind the house."
    farmer = "A farmer from York who sings badly and would rather read about the old railways."
    assert likeness(shingles(nurse), shingles(again)) > 0.8
    assert likeness(shingles(nurse), shingles(farmer)) < 0.4


@given(st.lists(WORDS, max_size=15), WORDS, st.sampled_from([0.3, 0.5, 0.8, 0.9, 1.0]), st.integers(0, 15))
def test_nothing_is_missed(texts, text, least, since):
    known = Texts(least)
    for one in texts:
        known.add(shingles(one))
    every = [(likeness(shingles(one), shingles(text)), -i) for i, one in enumerate(texts) if i >= since]
    alike = [pair for pair in every if pair[0] >= least - 1e-9]
    near = known.nearest(shingles(text), since)
    if not alike:
        assert near is None
    else:
        assert (near.likeness, -near.number) == max(alike)


def test_thousands_take_no_time():
    known = Texts(0.8)
    texts = [shingles(" ".join(f"word{(i * 31 + j * j) % 997}" for j in range(40))) for i in range(3000)]
    for text in texts:
        assert known.nearest(text) is None or known.nearest(text).number < len(known)
        known.add(text)
