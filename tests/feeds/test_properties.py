"""What holds for every feed on the shelf, for any store and viewer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.feeds import Items, Viewer
from simsoc.shelves import SHELVES

from .making import feed, shown, stores, viewers

KINDS = SHELVES["feeds"].names()
OWN = {"hot", "new", "top", "best"}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25)
def test_only_what_can_be_shown_once_and_not_too_much(kind, data):
    items = data.draw(stores())
    viewer = data.draw(viewers(items))
    seen = shown(items, viewer, kind)
    roots = [items.roots[row] for row in seen.rows]
    assert [items.ids[row] for row in seen.rows] == seen.ids
    assert len(seen.ids) == len(seen.scores) <= 10
    assert len(seen.parts) in (0, len(seen.ids))
    assert len(set(seen.rows)) == len(seen.rows)
    if kind != "timeline":
        assert len(set(roots)) == len(roots), "one slot for each original"
    assert not items.hidden.intersection(seen.rows, roots)
    assert not viewer.skip.intersection(roots)
    if kind not in OWN:
        assert viewer.id not in {items.ids[row][0] for row in [*seen.rows, *roots]}
    if kind == "following":
        assert {items.ids[row][0] for row in seen.rows} <= set(viewer.follows)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=15)
def test_same_again_and_also_from_a_copy(kind, data):
    items = data.draw(stores())
    viewer = data.draw(viewers(items))
    made = feed(kind)
    first = made.ready(items, 6).rank(viewer)
    assert made.ready(items, 6).rank(viewer) == first == shown(items.apart(), viewer, kind)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=25)
def test_an_item_that_cannot_be_shown_moves_nothing(kind, data):
    items = data.draw(stores())
    viewer = data.draw(viewers(items))
    before = shown(items, viewer, kind)
    items.add((-1, 6, 999), listed=False, text="hidden")
    if kind not in ("affinity", "colikes"):  # what somebody has liked says what it likes, wherever that has gone
        for fan in (0, 1, 2):
            items.act("like", fan, (-1, 6, 999))
    after = shown(items, viewer, kind)
    assert (after.ids, after.scores, after.parts) == (before.ids, before.scores, before.parts)


@pytest.mark.parametrize("whose", ["everyone", "followed", "others"])
@pytest.mark.parametrize("kind", ["everyone", "bridging", "top", "hot"])
@given(data=st.data())
@settings(max_examples=25)
def test_the_short_ways_find_what_sorting_everything_finds(kind, whose, data):
    """Ranking once and walking down, and sorting the places of followed accounts, against a sort of everything."""
    items = data.draw(stores(most=60))
    viewer = data.draw(viewers(items))
    size = data.draw(st.integers(1, 12))
    age = data.draw(st.sampled_from([None, 0, 1, 2, 4]))
    seen = shown(items, viewer, kind, whose=whose, size=size, own=False, max_age=age)
    columns, scores = items.columns(), feed(kind).function(items.columns(), 6, **feed(kind)._parameters)
    scores = getattr(scores, "total", scores)
    can = [
        row
        for row in range(len(items))
        if not items.hidden & {row, items.roots[row]}
        and (age is None or items.ids[row][1] >= 6 - age)
        and items.roots[row] not in viewer.skip
        and viewer.id not in (items.ids[row][0], items.ids[items.roots[row]][0])
        and (whose != "followed" or items.ids[row][0] in viewer.follows)
        and (whose != "others" or not {items.ids[row][0], items.ids[items.roots[row]][0]} & set(viewer.follows))
    ]
    best: list[int] = []
    for row in sorted(can, key=lambda row: (-round(float(scores[row]), 9), -row)):
        if items.roots[row] not in [items.roots[other] for other in best]:
            best.append(row)
    wanted = best[:size] if whose == "followed" else [items.roots[row] for row in best[:size]]
    assert seen.rows == wanted
    assert seen.scores == [round(float(scores[row]), 9) for row in best[:size]]
    assert len(columns) == len(items)


@given(st.integers(0, 2**32), st.integers(1, 3), st.booleans())
def test_accounts_with_very_many_items_are_cut_without_loss(seed, size, reposts):
    """Of followed accounts with many items only the best are looked at first; what is shown is as if all were."""
    rng = np.random.default_rng(seed)
    items = Items()
    for place in range(150):
        of = items.ids[int(rng.integers(place))] if reposts and place and rng.random() < 0.3 else None
        of = None if of is None else items.ids[items.roots[items.row(of)]]
        items.add((int(rng.integers(3)), 1, place), of=of)
        for fan in range(int(rng.integers(4))):
            items.act("like", 10 + fan, items.ids[-1])
    viewer = Viewer(2, 2, follows=(0, 1), skip=set(rng.integers(0, 150, int(rng.integers(600))).tolist()))
    seen = shown(items, viewer, "following", size=size)
    likes = items.columns().likes + items.columns().replies
    best: dict[int, int] = {}
    for row in sorted(range(150), key=lambda row: (-likes[row], -row)):
        root = items.roots[row]
        if items.ids[row][0] != 2 and items.ids[root][0] != 2 and root not in viewer.skip and root not in best:
            best[root] = row
    assert seen.rows == list(best.values())[:size]


@given(data=st.data())
def test_by_time_is_newest_first(data):
    items = data.draw(stores())
    viewer = data.draw(viewers(items))
    followed = shown(items, viewer, "chronological", whose="followed", size=1000)
    assert followed.rows == sorted(followed.rows, reverse=True)
    each = [row for who in viewer.follows for row in items.by_author.get(who, [])]
    newest = {items.roots[row]: row for row in sorted(each)}
    can = [
        row
        for root, row in newest.items()
        if not items.hidden & {row, root} and root not in viewer.skip and items.ids[root][0] != viewer.id
    ]
    if not items.hidden:
        assert followed.rows == sorted(can, reverse=True)


@given(data=st.data(), age=st.integers(0, 6), newest=st.integers(1, 9))
def test_age_and_window(data, age, newest):
    items = data.draw(stores())
    viewer = data.draw(viewers(items))
    young = shown(items, viewer, "everyone", max_age=age)
    assert all(
        max(items.ids[row][1] for row in range(len(items)) if items.roots[row] == items.roots[shown_]) >= 6 - age
        for shown_ in young.rows
    )
    assert len(shown(items, viewer, "everyone", newest=newest, size=1000).rows) <= newest


@given(data=st.data())
def test_given_rows_are_ranked_hidden_or_not(data):
    items = data.draw(stores())
    viewer = data.draw(viewers(items))
    rows = data.draw(st.lists(st.sampled_from(range(len(items))), unique=True)) if len(items) else []
    seen = shown(items, viewer, "best", among=rows, size=1000)
    roots = {items.roots[row] for row in rows} - set(viewer.skip)
    assert set(seen.rows) == roots
    assert seen.scores == sorted(seen.scores, reverse=True)
