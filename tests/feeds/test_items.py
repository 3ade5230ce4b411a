"""The store: counters kept while things happen, ids rather than rows, a copy that stands apart."""

import pytest
from hypothesis import given

from simsoc.feeds import Items

from .making import stores


def test_counters_follow_what_is_done():
    items = Items(party=[0, 1, 0, -1], partisan=[-1, 1, -0.5, 0])
    items.add((0, 1, 0), text="a post")
    items.add((1, 2, 0), kind="repost", of=(0, 1, 0))
    items.add((2, 2, 0), kind="reply", to=[0, 1, 0], listed=False)
    for agent in (1, 2, 3):
        items.act("like", agent, (1, 2, 0) if agent == 1 else (0, 1, 0))  # of a repost: counts for the original
    items.act("up", 3, (0, 1, 0))
    items.act("down", 3, (0, 1, 0))
    items.act("up", 3, (0, 1, 0), by=-1)
    columns = items.columns()
    assert columns.likes.tolist() == [3, 3, 0]
    assert columns.reposts.tolist() == [1, 1, 0]
    assert columns.replies.tolist() == [1, 1, 0]
    assert columns.across.tolist() == [1, 1, 0], "of the other party is 1 alone; 3 has none"
    assert (columns.ups.tolist(), columns.downs.tolist()) == ([0, 0, 0], [1, 1, 0])
    assert (columns.root.tolist(), columns.parent.tolist()) == ([0, 0, 2], [-1, -1, 0])
    assert columns.party.tolist() == [0, 1, 0]
    assert items.did("like", 1) == {0}
    assert items.did("up", 3) == set()
    assert columns.listed.tolist() == [True, True, False]


def test_what_cannot_be_is_refused():
    items = Items()
    items.add((0, 3, 0))
    with pytest.raises(ValueError, match="already"):
        items.add((0, 3, 0))
    with pytest.raises(ValueError, match="comes after"):
        items.add((0, 2, 0))
    with pytest.raises(LookupError, match="no item"):
        items.act("like", 1, (5, 5, 5))
    with pytest.raises(LookupError, match="known: like"):
        items.act("repost it", 1, (0, 3, 0))
    with pytest.raises(LookupError, match="attribute"):
        items.attribute("respect")
    with pytest.raises(AttributeError, match="no column"):
        items.columns().shares  # noqa: B018


def test_columns_grow():
    items = Items()
    for n in range(1000):
        items.add((n % 7, n // 10, n), attributes={"respect": n / 1000})
    assert items.columns().n.tolist() == list(range(1000))
    assert items.attribute("respect")[999] == 0.999
    assert len(items) == 1000


@given(stores())
def test_a_copy_stands_apart(items):
    copy = items.apart()
    before = (items.columns().likes.tolist(), len(items), dict(items.doers("like")))
    copy.add((0, 9, 0))
    copy.act("like", 1, (0, 9, 0))
    for id in list(items.ids):
        copy.act("like", 3, id)
        copy.unlist(id)
    assert (items.columns().likes.tolist(), len(items), dict(items.doers("like"))) == before
    assert len(copy) == len(items) + 1
