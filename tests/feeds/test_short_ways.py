"""Ways that are short because much is worked out for many viewers at once, against plain readings of what they say."""

import gc
import math
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from simsoc.core.stream import Stream
from simsoc.feeds import Items, Viewer
from simsoc.minds.embed import Lexical
from simsoc.shelves import SHELVES

from .making import ATTRIBUTES, feed, shown, stores, viewers

COMPOSED = {"timeline", "diverse", "mix", "stack"}
WORDS = ["tax", "vote", "wall", "park", "jobs", "bank", "cats", "dogs", "rain", "news", "team", "game"]


def crowd(seed, people=30, posts=400, reposts=0.2):
    """More posts than are laid out for a window of a few, reposts and hidden ones among them."""
    rng = np.random.default_rng(seed)
    items = Items([agent % 3 - 1 for agent in range(people)], rng.uniform(-1, 1, people).tolist())
    for place in range(posts):
        of = items.ids[items.roots[int(rng.integers(place))]] if place and rng.random() < reposts else None
        text, attributes = " ".join(rng.choice(WORDS, 4)), dict.fromkeys(ATTRIBUTES, rng.random())
        id, listed = (int(rng.integers(people)), 1 + place // 70, place), rng.random() < 0.95
        items.add(id, text=text, of=of, listed=listed, attributes=attributes)
        if of is None:
            for agent in rng.integers(0, people, rng.poisson(2)).tolist():
                items.act("like", agent, items.ids[-1])
    return items


def people(items, n=60, seed=1):
    """More viewers than are ranked for one by one, some of whom have much that they are not shown."""
    rng = np.random.default_rng(seed)
    for k in range(n):
        agent = int(rng.integers(30))
        skip = set(rng.integers(0, len(items), 50 * (k % 20)).tolist()) if k % 7 == 0 else items.did("repost", agent)
        follows = np.flatnonzero(rng.random(30) < 0.2).tolist()
        yield Viewer(agent, 7, k % 2, follows=follows, skip=skip, partisan=float(rng.uniform(-1, 1)))


def candidates(items, viewer, most):
    """The newest rows that a viewer can be shown, as rows of originals, each once."""
    found = []
    for row in reversed(range(len(items))):
        root = items.roots[row]
        own = viewer.id in (items.ids[row][0], items.ids[root][0])
        if not (own or root in viewer.skip or items.hidden & {row, root}):
            found.append(root)
    return list(dict.fromkeys(found[:most]))


def best(rows, score, size=10):
    return sorted(rows, key=lambda row: -score[row])[:size]


@pytest.mark.parametrize("newest", [5, None])
@given(seed=st.integers(0, 2**32))
@settings(max_examples=4)
def test_colikes(newest, seed):
    items = crowd(seed)
    ready = feed("colikes", newest=newest, most=6).ready(items, 7)
    likes = {agent: set(rows) for agent, rows in items.doers("like").items()}
    crowd_ = list(people(items))
    for viewer, seen in zip(crowd_, ready.rank_all(crowd_), strict=True):
        mine = set(sorted(likes.get(viewer.id, ()))[-6:])
        rows, score = candidates(items, viewer, newest or len(items)), {}
        for row in rows:
            fans = [rows_ for agent, rows_ in likes.items() if row in rows_ and agent != viewer.id]
            score[row] = round(sum(len(mine & own) / math.sqrt(max(1, len(mine)) * len(own)) for own in fans), 9)
        assert seen.scores == pytest.approx([score[row] for row in seen.rows], abs=1.1e-9)
        assert seen.scores == pytest.approx([score[row] for row in best(rows, score)], abs=1.1e-9)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=5)
def test_affinity_is_the_exact_cosine(seed):
    items = crowd(seed)
    ready, embed = feed("affinity", newest=12, last=5).ready(items, 7), Lexical()
    whole = {row: (embed([text])[0] * 2048).astype(np.int64) for row, text in enumerate(items.texts)}
    crowd_ = list(people(items, 20))
    for viewer, seen in zip(crowd_, ready.rank_all(crowd_), strict=True):
        done = sorted({*items.did("like", viewer.id), *items.by_author.get(viewer.id, ())})[-5:]
        taste = sum((whole[items.roots[row]] for row in done), np.zeros(384, np.int64))
        length = math.sqrt(int(taste @ taste)) * 2048
        rows = candidates(items, viewer, 12)
        score = {row: float(np.round(min(1, int(whole[row] @ taste) / (length or 1)), 5)) for row in rows}
        assert seen.rows == best(rows, score)
        assert seen.scores == [score[row] for row in seen.rows]


def relevant_and_unlike(items, pool, balance, size, alike):
    """Carbonell and Goldstein, word by word."""
    n, left, chosen = len(pool), list(range(len(pool))), []
    while left and len(chosen) < size:
        worth = {}
        for i in left:
            near = max((alike(pool[i], pool[j]) for j in chosen), default=0.0)
            worth[i] = float(np.round(balance * (1.0 - i / n) - (1 - balance) * near, 9))
        chosen.append(max(left, key=lambda i: (worth[i], -i)))
        left.remove(chosen[-1])
        yield pool[chosen[-1]], worth[chosen[-1]]


@pytest.mark.parametrize("by", ["author", "party", "text"])
@given(data=st.data(), balance=st.sampled_from([0.0, 0.4, 0.7, 1.0]), size=st.integers(1, 12))
@settings(max_examples=25)
def test_diverse(by, data, balance, size):
    items = data.draw(stores())
    viewer = data.draw(viewers(items))
    vectors = Lexical()(items.texts)

    def alike(a, b):
        a, b = items.roots[a], items.roots[b]
        if by == "text":
            return float(np.round(np.float64(np.clip(vectors[a] @ vectors[b], 0, 1)), 5))
        if by == "party":
            return float(items.column("party")[a] == items.column("party")[b] >= 0)
        return float(items.ids[a][0] == items.ids[b][0])

    pool = shown(items, viewer, "everyone", size=20).rows
    seen = shown(items, viewer, "diverse", by=by, balance=balance, pool=20, size=size)
    wanted = list(relevant_and_unlike(items, pool, balance, size, alike))
    assert list(zip(seen.rows, seen.scores, strict=True)) == wanted


@given(data=st.data(), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_mix(data, seed):
    items = data.draw(stores())
    viewer = data.draw(viewers(items))
    of, weights = ["everyone", "following", "new"], data.draw(st.sampled_from([(1.0, 2.0, 0.5), (0.0, 1.0, 3.0)]))
    seen = shown(items, viewer, "mix", seed=seed, of=of, weights=weights, size=8)
    lists = [list(shown(items, viewer, kind, size=8).rows) for kind in of]
    stream, rows, rankers = Stream(seed, "mix", viewer.id, viewer.step, viewer.turn), [], []
    while len(rows) < 8:
        taken = {items.roots[row] for row in rows}
        lists = [[row for row in left if items.roots[row] not in taken] for left in lists]
        chances = [weight if left else 0.0 for weight, left in zip(weights, lists, strict=True)]
        if not any(chances):
            break
        which = stream.pick(chances)
        rows.append(lists[which][0])
        rankers.append(of[which])
    assert (seen.rows, seen.ranker) == (rows, rankers)


@pytest.mark.parametrize("kind", ["stack", "timeline"])
@given(seed=st.integers(0, 2**32))
@settings(max_examples=4)
def test_stack_and_timeline(kind, seed):
    """The newest of followed accounts and a draw among the newest of others, as each alone would be shown them."""
    items = crowd(seed)
    followed = {"kind": "chronological", "whose": "followed", "size": 5}
    keys = {"of": [followed, "base"], "order": "newest"} if kind == "stack" else {}
    ready = feed(kind, **keys).ready(items, 7)
    crowd_ = list(people(items, 40))
    for viewer, seen in zip(crowd_, ready.rank_all(crowd_), strict=True):
        one, chosen = feed("chronological", whose="followed", size=5).ready(items, 7), []
        if kind == "stack":
            chosen = [(row, "chronological") for row in one.rank(viewer).rows]
        else:  # two reposts of one post are two items
            chosen = [(row, "timeline/followed") for row in one.newest([viewer], 5)[0]]
        other = viewer.without({items.roots[row] for row, _ in chosen})
        by = "base" if kind == "stack" else "timeline/base"
        chosen += [(row, by) for row in shown(items, other, "base").rows]
        chosen.sort(key=lambda slot: -slot[0])
        assert list(zip(seen.rows, seen.ranker, strict=True)) == chosen


SETTINGS = [
    {},
    {"whose": "followed"},
    {"whose": "others", "newest": 20},
    {"newest": 9, "draw": "weighted"},
    {"own": True, "whose": "followed", "order": "newest", "size": 4},
    {"max_age": 2, "own": True},
    {"max_age": 1, "whose": "followed", "newest": 30},
    {"size": 100, "order": "newest"},
]


@pytest.mark.parametrize("kind", SHELVES["feeds"].names())
@pytest.mark.parametrize("seed", [0, 1])
def test_many_at_once_are_shown_what_each_would_be_alone(kind, seed):
    """With and without reposts; some follow nobody, some everybody, some accounts are named twice or have no items."""
    items = crowd(seed, reposts=0.2 * seed)
    few = [[], range(30), [3, 3, 4], [99, 5]]
    viewers = [replace(v, follows=few[n] if n < 4 else v.follows) for n, v in enumerate(people(items, 60, seed))]
    viewers[9:9] = viewers[:30:6]  # some of them come twice
    for keys in [{}] if kind in COMPOSED else SETTINGS:
        alone = [shown(items, viewer, kind, **keys) for viewer in viewers]
        made = feed(kind, **keys)
        assert made.ready(items, 7).rank_all(viewers) == alone, keys
        assert [made.ready(items, 7).rank(viewer) for viewer in viewers] == alone, keys
    assert feed(kind).ready(items, 7).rank_all([]) == []
    fewer = [shown(items, viewer, kind, size=3) for viewer in viewers[:30]]
    assert feed(kind).ready(items, 7).rank_all(viewers[:30], 3) == fewer


def test_whoever_scores_may_write_into_what_it_is_given(tmp_path):
    """A function of one's own that works in place spoils nothing for the next viewer."""
    file = tmp_path / "own.py"
    file.write_text("def own(items, now, viewer):\n    total = items.likes\n    total += viewer.id\n    return total\n")
    items = crowd(4)
    ready = feed(f"{file}:own", newest=20).ready(items, 7)
    before = items.column("likes").tolist()
    for viewer in people(items, 10):
        seen = ready.rank(viewer)
        assert seen.scores == [before[row] + viewer.id for row in seen.rows]
    assert items.column("likes").tolist() == before


@pytest.mark.parametrize("kind", SHELVES["feeds"].names())
@pytest.mark.parametrize("n", [1, 40])
def test_what_was_worked_out_for_one_state_is_gone_with_it(kind, n):
    """Without a collection of garbage: a world that goes one by one makes a feed ready anew for each turn."""
    items, made = crowd(2, posts=60), feed(kind)
    ready = made.ready(items, 7)
    ready.rank_all(list(people(items, n)))
    before = weakref.ref(ready)
    del ready
    items.version += 1
    gc.disable()
    try:
        made.ready(items, 7)
        assert before() is None
    finally:
        gc.enable()
