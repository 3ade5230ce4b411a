"""Names: no two alike where they stand together, and none that moves because somebody else came."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.worlds.names import Fixed, fresh, long_enough, spell

from .by_hand import stream


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), st.integers(1, 8), st.integers(0, 10**6))
def test_fresh_names_differ_and_are_long_enough(n, length, where):
    names = fresh(stream(where), n, length)
    assert len(set(names)) == len(names) == n
    assert {len(name) for name in names} <= {long_enough(n, length)}
    assert long_enough(n, length) >= length


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 2), st.integers(0, 10**6), st.lists(st.integers(0, 400), min_size=1, max_size=8))
def test_fixed_names_are_the_same_in_whatever_order_they_are_asked_for(length, seed, agents):
    whole = Fixed(seed, length)
    names = [whole[agent] for agent in range(401)]
    assert len(set(names)) == 401
    some = Fixed(seed, length)
    assert [some[agent] for agent in agents] == [names[agent] for agent in agents]


def test_every_name_is_as_likely():
    count = dict.fromkeys((spell(i, 1) for i in range(36)), 0)
    for call in range(600):
        for name in fresh(stream(call), 6, 1):
            count[name] += 1
    assert sum((n - 100) ** 2 / 100 for n in count.values()) < 70  # chi-square, 35 df, p = 4e-4


def test_spelling_is_one_to_one():
    assert len({spell(i, 2) for i in range(36**2)}) == 36**2


@pytest.mark.parametrize(("n", "length", "needed"), [(36, 1, 1), (37, 1, 2), (0, 3, 3), (36**2 + 1, 1, 3)])
def test_how_long_is_long_enough(n, length, needed):
    assert long_enough(n, length) == needed
