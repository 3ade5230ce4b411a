"""The memory stream: numbers, depth, evidence, frozen views, and forgetting by rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.core.canonical import dumps
from simsoc.minds.embed import Lexical
from simsoc.minds.memory import Memory
from simsoc.minds.records import DAY, Draft
from simsoc.minds.retrieval import PAPER, score

from .by_hand import event, filled, mind

EMBED = Lexical(32)


def memory(**more) -> Memory:
    return Memory(EMBED, 32, **more)


def bounded(keep, **more) -> Memory:
    return memory(keep=keep, lowest=PAPER.lowest, **more)


def everything(view):
    """All that a view shows, as plain values."""
    rows = view.rows(-np.inf)
    records = [view.record(int(row)) for row in rows]
    return (
        [(r.n, r.text, view.accessed(r.n)) for r in records],
        view.columns.vectors[: view.count].tobytes(),
        view.since,
        view.total,
        [r.n for r in view.about(["ben"], 0.0)],
    )


def test_numbers_places_depth_and_times():
    m = memory()
    first = m.store([event("Ben waves"), event("Cy sleeps", 1)], 5.0, event=(1, 0, 3))
    (thought,) = m.store([Draft("thought", "Ben is kind", 6, evidence=(0,))], 60.0)
    (deeper,) = m.store([Draft("thought", "People are kind", 7, evidence=(1, 2))], 120.0)
    (chat,) = m.store([Draft("chat", "Ada talked with Ben", 4, said=(("Ada", "Hello"),))], 180.0)
    assert [r.n for r in (*first, thought, deeper, chat)] == [0, 1, 2, 3, 4]
    assert [r.place for r in (*first, thought, deeper, chat)] == [0, 1, 0, 1, 0]
    assert [r.depth for r in (*first, thought, deeper, chat)] == [0, 0, 1, 2, 0]
    assert first[0].event == (1, 0, 3)
    assert first[0].keywords == ("ben", "ben waves")
    assert thought.expires == 60.0 + 30 * DAY
    assert first[0].expires is chat.expires is None
    view = m.view()
    assert view.accessed(2) == 60.0
    assert view.get(3) is deeper
    assert len(view) == len(m) == m.total == 5


def test_evidence_is_counted_back_within_a_batch():
    m = filled(mind(), "Ben waves")
    drafts = [
        Draft("chat", "a talk", 4),
        Draft("thought", "x", 5, evidence=(-1,)),
        Draft("thought", "y", 5, evidence=(-2, 0)),
    ]
    _, x, y = m.store(drafts, 10.0)
    assert x.evidence == (1,)
    assert y.evidence == (1, 0)


@pytest.mark.parametrize("evidence", [(7,), (-1,), (1,), (0, -2)])
def test_what_is_not_there_cannot_be_cited(evidence):
    m = filled(mind(), "Ben waves")
    with pytest.raises(ValueError, match="memory 1 cites"):
        m.store([Draft("thought", "x", 5, evidence=evidence)], 10.0)


def test_only_perceived_events_count_towards_reflection():
    m = memory()
    m.store([event("a", 5), event("b", None), event("c", 3)], 0.0)
    m.store([Draft("thought", "t", 9), Draft("chat", "c", 8), Draft("plan", "p", 5), Draft("seed", "s", 7)], 1.0)
    assert m.view().since == 8
    m.reflected()
    assert m.view().since == 0


def test_drafts_go_through_json():
    draft = Draft(
        "chat",
        "Ada talked",
        None,
        ("Ada", "talked with", "Ben"),
        ("ben",),
        (-1, 3),
        (("Ada", "Hi"),),
        (1, 2, 3, 4, "x", 0),
    )
    assert Draft.of(draft.plain()) == draft
    assert Draft("event", "x").plain() == {"kind": "event", "text": "x"}
    import msgspec

    assert Draft.of(msgspec.json.decode(dumps(draft.plain()))) == draft


def test_a_view_stays_as_it_was():
    m = bounded(6)
    views = []
    for i in range(300):
        m.store([event(f"Ben {i}", 1 + i % 10)], float(i))
        view = m.view()
        views.append((view, everything(view)))
        m.touch([max(0, i - 3), 10_000], float(i) + 0.5)
        if i % 7 == 0:
            m.reflected()
    assert all(everything(view) == was for view, was in views)


def test_a_copy_goes_its_own_way():
    m = filled(mind(), "Ben waves", "Cy waves")
    before = everything(m.view())
    other = m.copy()
    other.store([event("Dee waves", 9)], 500.0)
    other.touch([0], 600.0)
    other.reflected()
    assert everything(m.view()) == before
    assert len(other) == 3
    m.store([event("Eve waves", 2)], 700.0)
    assert other.view().get(2).text == "Dee waves"
    assert m.view().get(2).text == "Eve waves"


def test_expired_thoughts_count_no_more_where_that_is_enforced():
    for enforce in (False, True):
        m = memory(enforce=enforce)
        m.store([event("Ben waves"), Draft("thought", "Ben is kind", 6, keywords=("ben",))], 0.0)
        view = m.view()
        assert len(view.rows(30 * DAY - 1)) == 2
        assert len(view.rows(30 * DAY)) == (1 if enforce else 2)
        assert len(view.about(["Ben"], 30 * DAY)) == (1 if enforce else 2)
        assert view.has(1)


def test_found_by_keyword_newest_first():
    m = memory()
    m.store([event("a", triple=("Ben", "is at", "Cafe")), event("b", triple=("Cy", "is at", "Park"))], 0.0)
    m.store([event("c", triple=("Dee", "meets", "ben")), Draft("chat", "d", 3, keywords=("ben",))], 1.0)
    assert [r.text for r in m.view().about(["BEN", "park"], 2.0)] == ["c", "b", "a"]
    assert [r.text for r in m.view().about(["ben"], 2.0, kinds=("chat",))] == ["d"]
    assert m.view().about(["nobody"], 2.0) == []


def test_a_bounded_memory_is_told_how_to_forget():
    with pytest.raises(ValueError, match="which is the lowest"):
        memory(keep=3)
    with pytest.raises(ValueError, match="at least one"):
        bounded(0)


def test_the_lowest_is_forgotten():
    m = bounded(3)
    m.store([event("old and dull", 1)], 0.0)
    m.store([event("old and great", 10), event("dull", 1)], 60.0)
    m.store([event("new", 5)], 600.0)
    assert [r.text for r in m.view().latest(None, 600.0)] == ["new", "dull", "old and great"]
    assert not m.view().has(0)
    with pytest.raises(KeyError):
        m.view().get(0)


def test_what_has_expired_is_forgotten_first():
    m = bounded(2, enforce=True)
    m.store([Draft("thought", "great but over", 10), event("dull", 1)], 0.0)
    m.store([event("new", 5)], 31 * DAY)
    assert [r.text for r in m.view().latest(None, 31 * DAY)] == ["new", "dull"]


steps = st.lists(
    st.tuples(st.integers(1, 10), st.lists(st.integers(0, 40), max_size=3), st.booleans(), st.floats(0, 300)),
    min_size=1,
    max_size=60,
)


@given(steps, st.integers(1, 8), st.booleans())
def test_memory_bounds(steps, keep, enforce):
    """Never more than is to be kept; what is kept rests on what is kept; each time the lowest free record goes."""
    m = bounded(keep, enforce=enforce)
    now = 0.0
    for weight, cites, thinks, later in steps:
        now += later
        before = m.view()
        evidence = tuple(n for n in dict.fromkeys(cites) if before.has(n))
        kind = "thought" if thinks and evidence else "event"
        (made,) = m.store(
            [Draft(kind, f"memory {m.total}", weight, evidence=evidence if kind == "thought" else ())], now
        )
        after = m.view()
        kept = after.latest(None, -np.inf if enforce else now)
        assert len(m) == len(kept) <= keep
        numbers = {r.n for r in kept}
        assert all(n in numbers for r in kept for n in r.evidence)
        assert made.depth == (1 + max(before.get(n).depth for n in made.evidence) if kind == "thought" else 0)
        gone = [r for r in before.latest(None, -np.inf) if r.n not in numbers]
        assert len(gone) <= 1
        if gone:
            everything = [*before.latest(None, -np.inf), made]
            cited = {n for r in everything for n in r.evidence}
            free = [r for r in everything if r.n not in cited]
            over = [r for r in free if enforce and r.expired(now)] or free
            assert gone[0].n == reference_lowest(over, before, now)


def reference_lowest(records, before, now):
    """By the formula, record by record."""
    records = sorted(records, key=lambda r: r.n)
    recency = [0.995 ** ((now - (before.accessed(r.n) if before.has(r.n) else now)) / 60) for r in records]
    weights = [float(r.importance) for r in records]

    def scaled(values):
        low, high = min(values), max(values)
        return [(v - low) / (high - low) if high > low else 0.5 for v in values]

    totals = [round(a + b, 6) for a, b in zip(scaled(recency), scaled(weights), strict=True)]
    return records[totals.index(min(totals))].n


def test_forgetting_tells_another_rule_apart():
    """Twin: a memory that forgets the oldest keeps other records."""

    def oldest(view, rows, now):
        return int(rows[0])

    ours, other = bounded(5), memory(keep=5, lowest=oldest)
    for i in range(50):
        for m in (ours, other):
            m.store([event(f"memory {i}", 1 + (i * 7) % 10)], 60.0 * i)
    assert [r.n for r in ours.view().latest(None, 0.0)] != [r.n for r in other.view().latest(None, 0.0)]


def test_records_move_together_when_many_are_forgotten():
    m = bounded(10)
    for i in range(1000):
        m.store([event(f"memory {i}", 1 + (i * 7) % 10)], 60.0 * i)
    assert m.total == 1000
    assert len(m.view().columns.n) <= 256
    view = m.view()
    for row in view.rows(0.0):
        record = view.record(int(row))
        assert (view.columns.vectors[row] == EMBED([record.text])[0]).all()
    assert score(view, view.rows(0.0), None, 60_000.0, PAPER).total.shape == (10,)
