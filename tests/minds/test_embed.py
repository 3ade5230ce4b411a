"""Embedders: the same numbers everywhere, texts with shared words alike, and what stands on the shelf."""

import sys
import types

import numpy as np
import pytest

from simsoc.core.errors import ScenarioError
from simsoc.minds.embed import Lexical, Served, lexical, sentence_transformers, words_of
from simsoc.minds.memory import Memory
from simsoc.minds.records import Draft
from simsoc.minds.retrieval import retrieve
from simsoc.shelves import SHELVES

from .by_hand import mind


def test_texts_are_as_alike_as_their_words():
    one = Lexical()
    party, cafe, same, other = one(["Ben plans a party", "Ben is at the cafe", "a party: Ben plans it", "It rains"])
    assert party @ same > 0.8 > party @ cafe > 0.3
    assert abs(party @ other) < 0.2
    assert one([""])[0].tolist() == [0.0] * 384
    assert one([]).shape == (0, 384)


def test_function_words_say_nothing():
    assert words_of("What is it about? It's the CAFE, don't you know: Ana's café") == [
        "it's", "cafe", "don't", "know", "ana's", "café",
    ]  # fmt: skip


def test_the_same_numbers_on_every_machine():
    """Places, signs and sizes of the hashed words; whoever changes them changes every run's retrieval."""
    vector = lexical(dim=32)(["Ben plans a party at the cafe"])[0]
    found = {int(i): float(vector[i]) for i in np.flatnonzero(vector)}
    high, low = 0.60302734375, 0.30126953125  # 2/sqrt(11) and 1/sqrt(11), in 2048ths
    assert found == {19: high, 22: low, 23: -high, 26: -low, 30: -low}


def test_nothing_depends_on_what_was_embedded_before():
    texts = [f"memory {i} of the cafe" for i in range(50)]
    fresh, used = Lexical(), Lexical()
    used(texts[::-1])
    assert (fresh(texts) == used(texts)).all()
    fresh(texts)[:] = 0.0  # what is handed out may be changed
    assert (fresh(texts) == used(texts)).all()


def test_a_sentence_transformer_is_used_one_text_at_a_time(monkeypatch):
    asked = []

    class Model:
        def __init__(self, name, device):
            self.name, self.device = name, device

        def get_sentence_embedding_dimension(self):
            return 3

        def encode(self, texts, show_progress_bar):
            asked.append(list(texts))
            return np.array([[len(t), 1.0, 2.0] for t in texts], dtype=np.float32)

    fake = types.ModuleType("sentence_transformers")
    fake.SentenceTransformer = Model
    monkeypatch.setitem(sys.modules, "sentence_transformers", fake)
    embed = sentence_transformers(model="tiny")
    made = embed(["ab", "abc", "ab"])
    assert asked == [["ab"], ["abc"]]
    assert made.shape == (3, 3)
    assert np.allclose(made[0], np.array([2, 1, 2]) / 3, atol=1e-3)
    assert embed([]).shape == (0, 3)


def test_a_missing_package_is_told_with_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ScenarioError, match=r"pip install 'simsoc\[embeddings\]'"):
        sentence_transformers()


def test_the_shelf():
    assert SHELVES["embedders"].names() == ["lexical", "openai", "sentence-transformers"]


# -- vectors that come later -------------------------------------------------------------------------------------------


def test_a_world_has_to_let_its_people_ask_for_vectors():
    with pytest.raises(ScenarioError, match="'openai' has to be asked, which people of this world do not do"):
        mind(memory={"embedder": "openai"})


def test_views_do_not_see_vectors_that_came_after_them():
    memory = Memory(Served(4), 4, later=True)
    first, second = np.eye(4, dtype=np.float32)[:2]
    memory.store([Draft("event", "a", 5), Draft("event", "b", 5)], 0.0)
    before = memory.view()
    assert before.blank() == [0, 1]
    ahead = before.filled({0: first, 1: second})
    assert (before.blank(), ahead.blank()) == ([0, 1], [])
    memory.fill({0: first})
    memory.store([Draft("event", "c", 5)], 1.0)
    after = memory.view()
    memory.fill({1: second, 2: second, 7: first})  # nobody remembers a seventh
    assert (before.blank(), after.blank(), memory.view().blank()) == ([0, 1], [1, 2], [])
    kept = retrieve(before, first, 2.0, top=3).found
    assert {found.relevance for found in kept} == {0.5}, "nothing is known of any, though rows were filled meanwhile"
    best = retrieve(after, first, 2.0, top=3).found
    assert [found.record.text for found in best if found.relevance == 1.0] == ["a"]
    assert retrieve(memory.view(), second, 2.0, top=3).found[-1].record.text == "a"
    copied = memory.copy()
    copied.store([Draft("event", "d", 5)], 3.0)
    assert (copied.view().blank(), memory.view().blank()) == ([3], [])
