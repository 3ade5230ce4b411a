"""Weighted draws without replacement: against exact probabilities, and addressed item by item."""

import math
from collections import Counter
from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simsoc.feeds import Items, Viewer
from simsoc.feeds.draws import lots, uniforms

from .making import shown


def store(weights):
    """Posts whose weight in `base` (reposts + 1) is as given."""
    items = Items()
    for author, weight in enumerate(weights):
        items.add((author, 1, 0))
        for n in range(weight - 1):
            items.add((900, 1, 1000 * author + n), kind="repost", of=(author, 1, 0), listed=False)
    return items


def chances(weights, k):
    """Probability of every ordered pick of k, each with chance proportional to weight among what is left."""
    found = {}
    for picks in permutations(range(len(weights)), k):
        left, p = sum(weights), 1.0
        for pick in picks:
            p *= weights[pick] / left
            left -= weights[pick]
        found[picks] = p
    return found


def numbers(items, seed, viewer):
    return uniforms(lots(items, np.arange(len(items))), seed, viewer)


def distance(counts, expected, n):
    """Largest deviation from the expected counts, in standard errors."""
    return max(abs(counts[key] - n * p) / math.sqrt(n * p * (1 - p)) for key, p in expected.items())


def test_a_draw_is_one_without_replacement_by_weight():
    """All 60 ordered picks of 3 of 5, 6,000 draws: none is off by more than 4.5 standard errors; other weights are."""
    weights, n = [1, 2, 4, 8, 1], 6000
    items = store(weights)
    made = [shown(items, Viewer(77, 2 + draw), "base", size=3).rows for draw in range(n)]
    authors = [tuple(items.ids[row][0] for row in rows) for rows in made]
    counts = Counter(authors)
    assert distance(counts, chances(weights, 3), n) < 4.5
    assert distance(counts, chances([1, 2, 4, 4, 1], 3), n) > 8


def test_random_is_uniform():
    items = store([1, 3, 9, 1])
    n = 4000
    counts = Counter(shown(items, Viewer(77, 2 + draw), "random", size=1).rows[0] for draw in range(n))
    assert distance(counts, dict.fromkeys(counts, 1 / 4), n) < 4.5
    assert len(counts) == 4


@given(st.integers(0, 2**40), st.integers(0, 50), st.integers(1, 20))
def test_numbers_are_addressed_by_item(seed, viewer, extra):
    """One more item changes nobody else's number, and neither does the order of items."""
    few, many = Items(), Items()
    ids = [(author, 1, n) for author in range(6) for n in range(3)]
    for id in ids:
        few.add(id)
    for n in range(extra):
        many.add((99, 0, n))
    for id in reversed(ids):
        many.add(id)
    who = Viewer(viewer, 5)
    there = dict(zip(many.ids, numbers(many, seed, who), strict=True))
    assert [there[id] for id in few.ids] == numbers(few, seed, who).tolist()


def test_numbers_are_uniform_and_differ_by_address():
    """Kolmogorov-Smirnov distance of 20,000 numbers below its 99.9% point, and no correlation between addresses."""
    items = Items()
    for n in range(20_000):
        items.add((n % 100, n // 1000, n))
    u = numbers(items, 1, Viewer(3, 30))
    gap = np.abs(np.sort(u) - (np.arange(len(u)) + 0.5) / len(u)).max()
    assert gap < 1.95 / math.sqrt(len(u))
    others = [Viewer(4, 30), Viewer(3, 31), Viewer(3, 30, turn=1)]
    for other in [*(numbers(items, 1, v) for v in others), numbers(items, 2, Viewer(3, 30))]:
        assert abs(np.corrcoef(u, other)[0, 1]) < 4.5 / math.sqrt(len(u))
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 4.5 / math.sqrt(len(u))
