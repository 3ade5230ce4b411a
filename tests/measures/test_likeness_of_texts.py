"""How alike texts are: sums instead of pairs, checked pair by pair."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.measures.likeness import alike, dispersion, distances, drift
from simsoc.minds.embed import Lexical

embed = Lexical(64)
WORDS = ["loan", "rent", "bank", "tax", "dog", "the", "and"]
SAID = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)


def cosine(a, b):
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@given(st.lists(st.tuples(SAID, st.integers(0, 2)), max_size=9))
def test_sums_are_the_sums_of_all_pairs(said):
    vectors = embed([text for text, _ in said]).astype(float)
    authors = [author for _, author in said]
    pairs = [(i, j) for i, j in combinations(range(len(said)), 2) if vectors[i].any() and vectors[j].any()]
    near = {pair: cosine(vectors[pair[0]], vectors[pair[1]]) for pair in pairs}
    own = [value for (i, j), value in near.items() if authors[i] == authors[j]]
    cross = [value for (i, j), value in near.items() if authors[i] != authors[j]]
    found = alike(vectors, authors)
    assert found.own == (pytest.approx(np.mean(own), abs=1e-9) if own else None)
    assert found.cross == (pytest.approx(np.mean(cross), abs=1e-9) if cross else None)
    assert dispersion(vectors) == (pytest.approx(1 - np.mean(list(near.values())), abs=1e-9) if near else None)


def test_the_same_and_something_else():
    same, other = embed(["loan bank"] * 4), embed(["loan", "dog", "tax", "rent"])
    assert dispersion(same) == pytest.approx(0.0, abs=1e-6)
    assert dispersion(other) > 0.7
    assert drift(same) == pytest.approx(0.0, abs=1e-6)
    assert drift(other) > 0.7
    assert alike(np.concatenate([same, other]), list("aaaabbbb")).own < 1


def test_drift_is_from_the_opening_post():
    first, near, far, nothing = distances(embed(["loan bank", "loan bank tax", "dog", "the and"]))
    assert first == pytest.approx(0.0, abs=1e-6)
    assert near < far
    assert nothing is None
    assert drift(embed(["the", "loan"])) is None
    assert drift(embed(["loan"])) is None
    assert distances(embed([])) == []
    assert (dispersion(embed([])), alike(embed([]), [])) == (None, (None, None))
