"""Retrieval: the published score, what it is compared with, budgets, and that it writes nothing."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.minds.embed import Lexical
from simsoc.minds.memory import Memory
from simsoc.minds.records import Draft
from simsoc.minds.retrieval import PAPER, RELEASED, Recall, Scoring, merged, retrieve, score
from simsoc.minds.tokens import Space, about_tokens

from .by_hand import event

EMBED = Lexical(64)
WORDS = ["ben", "cafe", "party", "chess", "walks", "sleeps", "paints", "mayor", "news", "cy", "dee", "park", "rain"]


def stored(rows) -> Memory:
    """A memory of (minute, importance, text)."""
    m = Memory(EMBED, 64)
    for minute, importance, text in rows:
        m.store([event(text, importance)], minute)
    return m


# -- check M 1.11.1 ------------------------------------------------------------------------------------------------


def test_newest_first_when_all_else_is_equal():
    view = stored([(0.0, 5, "Ben waves"), (24 * 60.0, 5, "Ben waves"), (48 * 60.0, 5, "Ben waves")]).view()
    now = 48 * 60.0
    assert [f.record.n for f in retrieve(view, EMBED(["Ben"])[0], now).found] == [2, 1, 0]
    assert 0.995 ** ((now - view.accessed(1)) / 60) == pytest.approx(0.8867, abs=5e-5)
    scored = score(view, view.rows(now), EMBED(["Ben"])[0], now, PAPER)
    assert scored.importance.tolist() == scored.relevance.tolist() == [0.5, 0.5, 0.5]
    assert scored.recency.tolist() == pytest.approx([0, (0.995**24 - 0.995**48) / (1 - 0.995**48), 1])


def test_the_inverted_recency_of_the_released_code_ranks_the_oldest_first():
    """Twin: the published fault, behind its flag, gives the opposite order."""
    view = stored([(0.0, 5, "Ben waves"), (1440.0, 5, "Ben waves"), (2880.0, 5, "Ben waves")]).view()
    found = retrieve(view, EMBED(["Ben"])[0], 2880.0, Scoring(inverted=True)).found
    assert [f.record.n for f in found] == [0, 1, 2]
    ranked = score(view, view.rows(0), None, 2880.0, Scoring(inverted=True)).recency
    powers = [0.995, 0.995**2, 0.995**3]
    assert ranked.tolist() == pytest.approx([(p - powers[2]) / (powers[0] - powers[2]) for p in powers])


def test_all_equal_components_are_one_half():
    view = stored([(5.0, 5, "Ben waves")] * 4).view()
    found = retrieve(view, EMBED(["Ben"])[0], 600.0).found
    assert [f.score for f in found] == [1.5] * 4
    assert [f.record.n for f in found] == [0, 1, 2, 3]


def test_weights_of_the_released_code():
    assert (RELEASED.recency, RELEASED.relevance, RELEASED.importance, RELEASED.inverted) == (0.5, 3, 2, False)
    view = stored([(0.0, 1, "Ben"), (600.0, 9, "Cy")]).view()
    query = EMBED(["Ben"])[0]
    assert [f.record.text for f in retrieve(view, query, 600.0, PAPER).found] == ["Cy", "Ben"]
    released = retrieve(view, query, 600.0, RELEASED).found
    assert [(f.record.text, f.score) for f in released] == [("Ben", 3.0), ("Cy", 2.5)]


# -- against a slow reference --------------------------------------------------------------------------------------


def slow(view, query, now, how: Scoring, kinds, top):
    """The formula, record by record, in plain Python."""
    records = [r for r in reversed(view.latest(None, now)) if kinds is None or r.kind in kinds]
    if not records:
        return []
    by_access = sorted(records, key=lambda r: (view.accessed(r.n), r.n))
    recency, weights, relevance = [], [], []
    for r in records:
        hours = (now - view.accessed(r.n)) / 60
        recency.append(how.decay ** (by_access.index(r) + 1) if how.inverted else how.decay**hours)
        weights.append(math.nan if r.importance is None else float(r.importance))
        (vector,) = view.embed([r.text])
        relevance.append(math.fsum(float(a) * float(b) for a, b in zip(vector, query, strict=True)))

    def scaled(values):
        known = [v for v in values if not math.isnan(v)]
        low, high = (min(known), max(known)) if known else (0, 0)
        return [0.5 if math.isnan(v) or not high > low else (v - low) / (high - low) for v in values]

    parts = zip(scaled(recency), scaled(weights), scaled(relevance), strict=True)
    totals = [round(how.recency * a + how.importance * b + how.relevance * c, 6) for a, b, c in parts]
    ranked = sorted(range(len(records)), key=lambda i: (-totals[i], records[i].n))[:top]
    return [(records[i].n, totals[i]) for i in ranked]


rows = st.lists(
    st.tuples(
        st.integers(0, 4000),
        st.none() | st.integers(1, 10),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
        st.sampled_from(["event", "thought", "chat"]),
        st.none() | st.integers(0, 4000),
    ),
    min_size=0,
    max_size=40,
)
scorings = st.builds(
    Scoring,
    decay=st.sampled_from([0.995, 0.99, 1.0]),
    recency=st.sampled_from([0.0, 0.5, 1.0]),
    importance=st.sampled_from([0.0, 1.0, 2.0]),
    relevance=st.sampled_from([0.0, 1.0, 3.0]),
    inverted=st.booleans(),
)


@given(rows, scorings, st.none() | st.just(("event", "thought")), st.integers(1, 50), st.sampled_from(WORDS))
def test_as_a_slow_reference_has_it(rows, how, kinds, top, word):
    m = Memory(EMBED, 64)
    for minute, importance, text, kind, _ in rows:
        m.store([Draft(kind, text, importance)], float(minute))
    for n, row in enumerate(rows):
        if row[4] is not None:
            m.touch([n], float(row[4]))
    view, query = m.view(), EMBED([word])[0]
    found = retrieve(view, query, 5000.0, how, kinds=kinds, top=top).found
    assert [(f.record.n, f.score) for f in found] == slow(view, query, 5000.0, how, kinds, top)


def test_the_reference_tells_a_wrong_decay_apart():
    """Twin: decay by the minute instead of the hour ranks otherwise."""
    m = stored([(60.0 * i, 1 + (i * 7) % 10, WORDS[i % 13]) for i in range(40)])
    view, query = m.view(), EMBED(["cafe"])[0]
    found = [f.record.n for f in retrieve(view, query, 5000.0, Scoring(decay=0.995**60), top=40).found]
    assert found != [n for n, _ in slow(view, query, 5000.0, PAPER, None, 40)]


def test_cosines_are_the_same_in_whatever_order_they_are_added():
    rng = np.random.default_rng(0)
    from simsoc.minds.embed import rounded

    dense = rounded(rng.normal(size=(50, 384)))
    query = rounded(rng.normal(size=(1, 384)))[0]
    exact = [math.fsum(float(a) * float(b) for a, b in zip(row, query, strict=True)) for row in dense]
    order = rng.permutation(384)
    assert np.einsum("ij,j->i", dense, query).tolist() == exact
    assert (dense[:, order] @ query[order]).tolist() == exact
    assert np.allclose((dense * dense).sum(axis=1), 1, atol=0.02)


# -- what comes of it ----------------------------------------------------------------------------------------------


def test_nothing_is_written():
    m = stored([(0.0, 5, "Ben waves"), (60.0, 5, "Cy waves")])
    recall = retrieve(m.view(), EMBED(["Ben"])[0], 600.0)
    assert m.view().accessed(0) == 0.0
    m.touch(recall.numbers, 600.0)
    assert [m.view().accessed(n) for n in (0, 1)] == [600.0, 600.0]


def test_an_empty_memory_brings_nothing():
    assert retrieve(stored([]).view(), EMBED(["Ben"])[0], 0.0) == Recall()


def test_without_an_end_it_is_refused():
    with pytest.raises(ValueError, match="how many"):
        retrieve(stored([]).view(), EMBED(["Ben"])[0], 0.0, top=None)


texts = st.lists(st.text(max_size=400), min_size=0, max_size=60)


@given(texts, st.integers(400, 2500), st.none() | st.integers(1, 60))
def test_a_token_budget_is_never_exceeded(texts, tokens, top):
    """As many as fit: what is taken fits by its own count, and no record that is left out by itself would have."""
    m = stored([(0.0, 5, text) for text in texts])
    space = Space(tokens)
    recall = retrieve(m.view(), EMBED(["Ben"])[0], 0.0, top=top, space=space)
    used = sum(about_tokens(json.dumps(f.record.text, ensure_ascii=False)) for f in recall.found)
    assert used <= space.whole - space.left <= space.whole
    wanted = len(texts) if top is None else min(top, len(texts))
    assert len(recall.found) + recall.left_out == wanted
    ranked = [f.record for f in retrieve(m.view(), EMBED(["Ben"])[0], 0.0, top=max(1, wanted)).found]
    missing = [r for r in ranked if r.n not in recall.numbers]
    assert len(missing) > 50 or all(space.size(r.text) > space.left for r in missing)


def test_several_queries_bring_each_record_once():
    m = stored([(0.0, 5, "Ben paints"), (0.0, 5, "Cy sleeps"), (0.0, 5, "rain")])
    one, two = (retrieve(m.view(), EMBED([q])[0], 0.0, top=2) for q in ("Ben paints", "Cy sleeps"))
    both = merged([one, two], 3)
    assert sorted(both.numbers) == sorted({*one.numbers, *two.numbers})
    assert both.found[0].score == max(f.score for f in (*one.found, *two.found))
    small = merged([one, two], 3, Space(400))
    assert (small.found, small.left_out) == ((), len(both.found))
