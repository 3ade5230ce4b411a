"""Importance and reflection: when, from what, with which citations; and what happens where no answer comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.minds.asking import Counts
from simsoc.minds.importance import Percept, novel, perceive
from simsoc.minds.reflection import cited, due, reflect

from .by_hand import by_null, event, filled, me, mind, played, purposes, silence, think

WAVES = Percept("Ben waves", ("Ben", "waves", "Ada"))
IDLE = Percept("the bed is idle", ("bed", "is", "idle"), idle=True)


# -- perceiving ----------------------------------------------------------------------------------------------------


def test_each_event_is_weighed_once_and_idle_ones_are_not_asked_about():
    asks, out = think(perceive(mind(), me(), [WAVES, IDLE, WAVES]), played({"importance": [7, 3]}))
    assert [ask.identity[4:] for ask in asks] == [("importance", 0), ("importance", 1)]
    assert [(d.text, d.importance) for d in out.drafts] == [("Ben waves", 7), ("the bed is idle", 1), ("Ben waves", 3)]
    assert [d.ask for d in out.drafts] == [asks[0].identity, None, asks[1].identity]
    assert asks[0].facts["memory"] == "Ben waves"
    assert out.counts == {}


def test_silence_about_an_event_is_no_importance():
    asks, out = think(perceive(mind(), me(), [WAVES]), played({"importance": None}))
    assert out.drafts[0].importance is None
    assert out.drafts[0].ask == asks[0].identity
    assert out.counts == {"silent importance": 1}


def test_what_was_stored_last_is_nothing_new():
    m = mind()
    memory = m.memory()
    for percept in (WAVES, IDLE, *[Percept(f"rain {i}", ("rain", "is", str(i))) for i in range(4)]):
        memory.store([event(percept.text, 1, percept.triple)], 0.0)
    assert novel(memory.view(), [WAVES, IDLE, WAVES], 0.0, retention=5) == [WAVES]
    assert novel(memory.view(), [WAVES, IDLE], 0.0, retention=6) == []
    assert novel(memory.view(), [WAVES, WAVES], 0.0, retention=0) == [WAVES]


# -- check M 1.11.2 ------------------------------------------------------------------------------------------------


def first_due(threshold, weight=5, kind="event"):
    """After how many records of this importance reflection is due; and again after it has reflected."""
    m = mind(reflection={"threshold": threshold})
    memory = m.memory()
    found = []
    for _ in range(2):
        for i in range(1, 200):
            memory.store([event(f"event {i}", weight) if kind == "event" else made(kind, i, weight)], float(i))
            if due(m, memory.view()):
                found.append(i)
                break
        memory.reflected()
        assert not due(m, memory.view())
    return found


def made(kind, i, weight):
    from simsoc.minds.records import Draft

    return Draft(kind, f"{kind} {i}", weight)


@pytest.mark.parametrize(("threshold", "events"), [(150, 30), (250, 50)])
def test_reflection_is_due_when_the_counter_is_used_up(threshold, events):
    assert first_due(threshold) == [events, events]


@pytest.mark.parametrize("kind", ["thought", "chat", "plan", "seed"])
def test_only_events_use_up_the_counter(kind):
    assert first_due(150, kind=kind) == []


def test_the_counter_starts_afresh_whatever_was_left_over():
    """Twin: 7 a time reaches 150 with the 22nd event (154); carrying 4 over would make the second time the 21st."""
    assert first_due(150, weight=7) == [22, 22]


def test_without_reflection_or_memory_it_is_never_due():
    for options in ({"reflection": False}, {"memory": False}):
        m = mind(**options)
        memory = filled(m, *[f"event {i}" for i in range(100)], importance=10)
        assert m.reflection is None
        assert not due(m, memory.view())


ASKED = ["Who is Ben?", "What about the cafe?", "Why rain?"]


def test_insights_become_thoughts_that_rest_on_what_they_cite():
    m = mind(memory={"top": 3})
    memory = filled(m, "Ben paints", "the cafe is full", "rain again", "Ben sings")
    insights = [
        {
            "insights": [
                {"insight": "Ben is an artist", "because_of": [1, 2, 2, 9, 0]},
                {"insight": "x", "because_of": [7]},
            ]
        },
        {"insights": [{"insight": "Ben is an artist", "because_of": [1]}, {"insight": "It is wet", "because_of": [3]}]},
        None,
    ]
    reply = played({"reflect/questions": {"questions": ASKED}, "reflect/insights": insights, "importance": [8, None]})
    asks, out = think(reflect(m, me(), memory.view()), reply)
    assert purposes(asks) == [
        "reflect/questions",
        *("reflect/insights", "importance"),
        *("reflect/insights", "importance"),
        "reflect/insights",
    ]
    assert len({ask.identity for ask in asks}) == len(asks)
    first, second = out.drafts
    shown = [ask.facts["recalled"] for ask in asks if ask.decision.purpose == "reflect/insights"]
    assert (first.text, first.importance, first.evidence) == ("Ben is an artist", 8, tuple(shown[0][:2]))
    assert (second.text, second.importance, second.evidence) == ("It is wet", None, (shown[1][2],))
    assert first.keywords == ("ben",)
    assert set(out.recalled) == {n for numbers in shown for n in numbers}
    assert out.counts == {
        "citations dropped": 3,  # 9, 0 and 7; the second 2 says nothing new, and is no mistake
        "insights without evidence": 1,
        "insights repeated": 1,
        "silent importance": 1,
        "silent reflect/insights": 1,
    }
    stored = memory.store(out.drafts, 600.0)
    assert all(memory.view().has(n) for record in stored for n in record.evidence)
    assert [record.depth for record in stored] == [1, 1]


def test_an_insight_from_an_insight_is_deeper():
    m = mind()
    memory = filled(m, "Ben paints")
    for depth in (1, 2, 3):
        last = memory.total - 1
        reply = played(
            {
                "reflect/questions": {"questions": ["Who is Ben?"]},
                "reflect/insights": lambda ask, last=last: {
                    "insights": [{"insight": f"thought {last}", "because_of": [ask.facts["recalled"].index(last) + 1]}]
                },
            }
        )
        _, out = think(reflect(m, me(now=600.0), memory.view()), reply)
        (record,) = memory.store(out.drafts, 600.0)
        assert (record.evidence, record.depth) == ((last,), depth)


def test_no_question_no_reflection_and_nothing_stands_in_for_it():
    m = mind()
    memory = filled(m, "Ben paints")
    asks, out = think(reflect(m, me(), memory.view()), lambda ask: silence("unparseable"))
    assert purposes(asks) == ["reflect/questions"]
    assert (out.drafts, out.counts) == ((), {"silent reflect/questions": 1})
    assert think(reflect(m, me(), m.memory().view()))[0] == []


def test_no_more_questions_and_insights_than_wanted():
    m = mind(reflection={"questions": 2, "insights": 1})
    memory = filled(m, "Ben paints", "Cy sings")
    many = {"insights": [{"insight": f"insight {i}", "because_of": [1]} for i in range(4)]}
    asks, out = think(
        reflect(m, me(), memory.view()), played({"reflect/questions": {"questions": ASKED}, "reflect/insights": many})
    )
    assert purposes(asks).count("reflect/insights") == 2
    assert [d.text for d in out.drafts] == ["insight 0"]


def test_only_the_most_recent_memories_make_questions():
    m = mind(reflection={"recent": 100})
    memory = filled(m, *[f"Ben does {i}" for i in range(130)], every=1.0)
    asks, _ = think(reflect(m, me(), memory.view()), played({"reflect/questions": None}))
    assert asks[0].facts["recalled"] == list(range(30, 130))


@given(st.lists(st.integers(0, 100), max_size=50), st.integers(0, 40))
def test_citations(numbers, count):
    """Every valid number counts once, in order; every invalid one is counted; nothing else is cited."""
    m = mind(memory={"embedder": {"kind": "lexical", "dim": 16}})
    statements = list(filled(m, *[f"event {i}" for i in range(count)]).view().latest(None, 0.0))[::-1]
    counts = Counts()
    found = cited(numbers, statements, counts)
    valid = [n for n in numbers if 1 <= n <= count]
    assert list(found) == [n - 1 for n in dict.fromkeys(valid)]
    assert counts.get("citations dropped", 0) == len(numbers) - len(valid)


@pytest.mark.parametrize("reply", [by_null, lambda ask: silence()])
def test_whatever_is_answered_what_is_stored_holds(reply):
    m = mind()
    memory = filled(m, *[f"Ben does {i}" for i in range(20)])
    for _ in range(5):
        _, out = think(reflect(m, me(), memory.view()), reply)
        for record in memory.store(out.drafts, 900.0):
            assert record.evidence
            assert record.depth == 1 + max(memory.view().get(n).depth for n in record.evidence)
