"""Plans: minutes are conserved whatever is answered and however often something is put in (check M 1.11.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.minds.plan import LONGEST, SHORTEST, Block, Piece, Plan, distinct, fitted, from_hours
from simsoc.minds.planning import Occasion, Routine, detail, plan_day
from simsoc.minds.reacting import replan

from .by_hand import answer, by_null, by_rule, filled, me, mind, played, purposes, silence, think

ACTIVITIES = st.sampled_from(["work", "Work ", "chess", "sleeping", "lunch", "reading", " "])
HOURS = st.none() | st.lists(ACTIVITIES, max_size=30)
PIECES = st.lists(st.builds(Piece, st.sampled_from(["a", "b", "c"]), st.integers(-5, 400)), max_size=30)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(0, 1439), st.integers(1, 2000), PIECES),
        st.tuples(st.just("pieces"), st.integers(0, 1439), PIECES),
        st.tuples(st.just("whole"), st.integers(0, 1439)),
    ),
    max_size=12,
)


def holds(plan):
    """The invariants of a plan."""
    assert sum(block.minutes for block in plan.blocks) == 1440
    for block in plan.blocks:
        assert block.minutes > 0
        assert all(piece.minutes > 0 for piece in block.timeline())
        assert sum(piece.minutes for piece in block.timeline()) == block.minutes
    return plan


def changed(plan, change):
    kind, minute, *rest = change
    if kind == "insert":
        return plan.inserted(minute, "a talk", *rest)
    block = plan.at(minute).block
    return plan.taken_to_pieces(block, *rest) if kind == "pieces" else plan.left_whole(block)


@given(st.none() | st.integers(0, 23), HOURS, CHANGES)
def test_minutes_are_conserved(wake, hours, changes):
    plan = holds(from_hours(1, wake, hours))
    ends = [plan.start(i) for i in range(len(plan.blocks))]
    for change in changes:
        before, plan = plan, holds(changed(plan, change))
        assert [plan.start(i) for i in range(len(plan.blocks))] == ends
        if change[0] == "insert":
            _, minute, minutes, _ = change
            for now in range(minute, min(minute + minutes, 1440), 7):
                assert plan.at(now).activity == "a talk"
            untouched = range(0, minute, 13)
            assert [plan.at(i).activity for i in untouched] == [before.at(i).activity for i in untouched]
    assert Plan.of(plan.plain()) == plan


def test_the_released_way_does_not_conserve_minutes():
    """Twin: the answered pieces taken as they are would break the invariants that `holds` checks."""
    plan = from_hours(1, 7, ["work"] * 17)
    wrong = Plan(1, (), (plan.blocks[0], Block("work", 1020, (Piece("a", 30), Piece("b", -5)))))
    with pytest.raises(AssertionError):
        holds(wrong)


@given(PIECES, st.integers(0, 600), st.integers(1, 60))
def test_pieces_are_fitted(pieces, minutes, longest):
    made = fitted(pieces, minutes, longest)
    usable = [p for p in pieces if p.minutes > 0]
    assert sum(p.minutes for p in made) == (minutes if usable else 0)
    given = list(made[: len(usable)])
    assert [p.activity for p in given] == [p.activity for p in usable[: len(given)]]


@given(PIECES, st.integers(1, 8))
def test_fine_pieces_take_5_to_15_minutes(pieces, hours):
    plan = from_hours(1, 0, ["work"] * hours + ["other"] * (24 - hours))
    block = plan.taken_to_pieces(0, pieces).blocks[0]
    sizes = [piece.minutes for piece in block.pieces]
    assert all(SHORTEST <= size <= LONGEST for size in sizes[:-1])
    assert not sizes or (0 < sizes[-1] <= LONGEST and sum(sizes) == 60 * hours)


def test_hours_become_blocks():
    plan = from_hours(2, 7, ["breakfast", "work", "Work", "work ", "lunch"], ["work", "eat"])
    assert [(b.activity, b.minutes) for b in plan.blocks] == [
        ("sleeping", 420), ("breakfast", 60), ("work", 180), ("lunch", 13 * 60),
    ]  # fmt: skip
    assert (plan.day, plan.broad, plan.start(2)) == (2, ("work", "eat"), 480)
    assert [(b.activity, b.minutes) for b in from_hours(1, 7, None).blocks] == [("sleeping", 420), (None, 1020)]
    assert [(b.activity, b.minutes) for b in from_hours(1, None, None).blocks] == [(None, 1440)]
    assert from_hours(1, 23, ["a", "b"]).blocks[-1] == Block("a", 60)
    assert distinct(["a", "A ", "b"]) == 2


def test_what_is_on_at_a_minute():
    plan = from_hours(1, 7, ["work"] * 17).taken_to_pieces(1, [Piece("call", 10), Piece("write", 10)])
    doing = plan.at(425)
    assert (doing.activity, doing.since, doing.until, doing.block) == ("call", 420, 430, 1)
    assert plan.at(1439).activity == "write"
    for outside in (-1, 1440):
        with pytest.raises(ValueError, match="not in this day"):
            plan.at(outside)
    with pytest.raises(ValueError, match="takes 0 minutes"):
        plan.inserted(5, "x", 0)


def test_what_is_taken_to_pieces_and_when():
    plan = from_hours(1, 7, ["work"] * 5 + ["lunch"] + ["free"] * 9 + ["sleep"] + ["reading"])
    assert plan.rough(0, 120) is None  # asleep, and work is seven hours away
    assert plan.rough(301, 120) == 1
    assert plan.rough(300, 120) is None
    assert plan.left_whole(1).rough(480, 120) is None
    assert plan.left_whole(1).rough(601, 120) == 2
    assert plan.rough(22 * 60, 120) is None  # sleep, and what begins at 23:00
    assert from_hours(1, 7, ["work"] * 17).rough(23 * 60, 120) is None
    assert from_hours(1, 7, None).rough(480, 120) is None


# -- the generators ------------------------------------------------------------------------------------------------

VARIED = ["breakfast", "work", "lunch", "chess", "reading"] + ["sleeping"] * 12
ROUTINE = [Routine("sleeping", 0, 420), Routine("work at the bakery", 480, 300), Routine("sleeping", 1320, 120)]
PARTY = Occasion("the party", 1020, 120)


def planned(reply, m=None, now=1440.0, **more):
    m = m or mind()
    memory = filled(m, "Ben plans a party", "rain")
    return think(plan_day(m, me(now=now), memory.view(), **more), reply)


def test_a_day_is_planned_in_three_steps():
    asks, out = planned(
        played({"plan/wake": 7, "plan/day": {"items": ["work", "party"] * 6}, "plan/hours": {"activities": VARIED}}),
        routine=ROUTINE, occasions=[PARTY], yesterday="Ada worked.",
    )  # fmt: skip
    assert purposes(asks) == ["plan/wake", "plan/day", "plan/hours"]
    assert out.wake == 7
    assert len(out.plan.broad) == 8
    assert holds(out.plan).at(9 * 60).activity == "lunch"
    assert (out.plan.day, out.counts) == (2, {})
    (draft,) = out.drafts
    assert (draft.kind, draft.importance) == ("plan", 5)
    assert draft.text.startswith("Ada plans for day 2: work; party")
    assert sorted(out.recalled) == [0, 1]
    told = asks[1].facts
    assert (told["yesterday"], told["wake"], told["routine"][1]["from"]) == ("Ada worked.", 7, "08:00")
    assert asks[2].facts["items"] == list(out.plan.broad)


def test_the_hours_are_asked_for_again_until_they_are_varied():
    dull, better = ["work"] * 17, ["work", "lunch", "chess", "rest"] + ["work"] * 13
    asks, out = planned(played({"plan/wake": 7, "plan/hours": [{"activities": a} for a in (dull, better, dull)]}))
    assert purposes(asks).count("plan/hours") == 3
    assert [ask.draw for ask in asks[2:]] == [0, 1, 2]
    assert out.plan.at(480).activity == "lunch"
    asks, _ = planned(played({"plan/wake": 7, "plan/hours": [{"activities": a} for a in (dull, VARIED)]}))
    assert purposes(asks).count("plan/hours") == 2
    asks, _ = planned(played({"plan/wake": 7, "plan/hours": {"activities": dull}}))
    assert purposes(asks).count("plan/hours") == 2  # the same again would bring nothing


def test_too_few_hours_are_repaired_and_counted():
    _, out = planned(played({"plan/wake": 7, "plan/hours": {"activities": VARIED[:5]}}))
    assert out.counts == {"hours repaired": 12}
    assert holds(out.plan).at(1400).activity == "reading"


def test_what_is_not_answered_is_not_planned():
    asks, out = planned(lambda ask: silence())
    assert purposes(asks) == ["plan/wake", "plan/day", *["plan/hours"] * 3]
    assert [(b.activity, b.minutes) for b in holds(out.plan).blocks] == [(None, 1440)]
    assert (out.wake, out.drafts) == (None, ())
    assert out.counts == {"silent plan/wake": 1, "silent plan/day": 1, "silent plan/hours": 3}
    assert asks[2].facts["count"] == 24
    _, out = planned(played({"plan/wake": None, "plan/day": None}))
    assert out.plan.at(0).activity == "free time"  # without an hour of waking all 24 are asked for
    assert out.drafts[0].text.startswith("Ada plans for day 2: 00:00 free time")


def test_a_planned_day_by_its_rules():
    m = mind(rules={"kind": "everyday", "attend": 1.0})
    _, out = planned(by_rule, m, routine=ROUTINE, occasions=[PARTY])
    at = {hour: out.plan.at(60 * hour).activity for hour in (6, 7, 8, 12, 13, 17, 18, 19, 22)}
    assert at == {
        6: "sleeping", 7: "free time", 8: "work at the bakery", 12: "work at the bakery", 13: "free time",
        17: "the party", 18: "the party", 19: "free time", 22: "sleeping",
    }  # fmt: skip


def attendance(attend, runs=300):
    m = mind(rules={"kind": "everyday", "attend": attend})
    view = m.memory().view()
    went = 0
    for seed in range(runs):
        _, out = think(plan_day(m, me(seed=seed, now=1440.0), view, routine=ROUTINE, occasions=[PARTY]))
        went += any(block.activity == "the party" for block in out.plan.blocks)
    return went / runs


def test_occasions_are_attended_with_the_stated_probability():
    se = (0.3 * 0.7 / 300) ** 0.5
    assert attendance(0.3) == pytest.approx(0.3, abs=3 * se)
    assert attendance(0.5) != pytest.approx(0.3, abs=3 * se)  # twin


def test_a_block_is_taken_to_pieces_just_in_time():
    m = mind()
    plan = from_hours(2, 7, ["work"] * 2 + ["lunch"] * 15)
    given = {"pieces": [{"activity": "call", "minutes": 40}, {"activity": "write", "minutes": 10}]}
    asks, out = think(detail(m, me(now=1440.0 + 400), plan), played({"plan/pieces": given}))
    assert (asks[0].facts["minutes"], asks[0].facts["from"], asks[0].facts["around"]) == (
        120, "07:00", ["00:00 sleeping", "09:00 lunch"],
    )  # fmt: skip
    pieces = [(p.activity, p.minutes) for p in holds(out.plan).blocks[1].pieces]
    assert pieces[:4] == [("call", 14), ("call", 13), ("call", 13), ("write", 10)]
    assert {activity for activity, _ in pieces[4:]} == {"write"}
    assert out.counts == {"minutes repaired": 70}
    asks, out = think(detail(m, me(now=1440.0 + 400), plan), lambda ask: silence())
    assert out.plan == plan.left_whole(1)
    assert out.counts == {"silent plan/pieces": 1}
    assert think(detail(m, me(now=1440.0), plan)) == ([], None)


def test_the_rest_of_a_block_is_rewritten():
    m = mind()
    plan = from_hours(1, 7, ["work"] * 2 + ["lunch"] * 15)
    given = {"pieces": [{"activity": "catch up", "minutes": 500}]}
    asks, out = think(replan(m, me(now=480.0), plan, "a talk", 25), played({"plan/rewrite": given}))
    told = asks[0].facts
    assert (told["minutes"], told["spent"], told["from"], told["until"]) == (35, 25, "08:25", "09:00")
    assert told["planned"] == [{"activity": "work", "minutes": 35}]
    assert [(p.activity, p.minutes) for p in holds(out.plan).blocks[1].pieces] == [
        ("work", 60), ("a talk", 25), ("catch up", 35),
    ]  # fmt: skip
    assert out.counts == {"minutes repaired": 465}
    _, out = think(replan(m, me(now=480.0), plan, "a talk", 25), lambda ask: silence())
    assert [(p.activity, p.minutes) for p in out.plan.blocks[1].pieces] == [("work", 60), ("a talk", 25), ("work", 35)]
    asks, out = think(replan(m, me(now=480.0), plan, "a talk", 60))
    assert asks == []  # it ends with the block: nothing is left to be rewritten
    assert [(p.activity, p.minutes) for p in holds(out.plan).blocks[1].pieces] == [("work", 60), ("a talk", 60)]


def test_something_over_several_blocks_and_past_midnight():
    plan = from_hours(1, 7, ["work"] * 2 + ["lunch"] * 13 + ["chess", "reading"])
    out = holds(plan.inserted(1350, "a night out", 500))
    assert [out.at(m).activity for m in (1349, 1350, 1439)] == ["chess", "a night out", "a night out"]
    out = holds(plan.inserted(530, "a fair", 60, [Piece("rest", 10)]))
    assert [out.at(m).activity for m in (529, 530, 589, 590, 1319)] == ["work", "a fair", "a fair", "rest", "rest"]


@given(st.integers(0, 1439), st.integers(1, 300), st.integers(0, 200))
def test_whatever_a_model_answers_minutes_are_conserved(minute, minutes, seed):
    m = mind(memory={"embedder": {"kind": "lexical", "dim": 16}})
    _, out = think(plan_day(m, me(seed=seed), m.memory().view(), routine=ROUTINE), by_null)
    plan = holds(out.plan)
    for step in range(2):
        _, out = think(replan(m, me(now=float(minute), seed=seed, step=step), plan, "a talk", minutes), by_null)
        _, fine = think(detail(m, me(now=float(minute), seed=seed, step=step), holds(out.plan)), by_null)
        plan = holds(out.plan if fine is None else fine.plan)


def test_a_plan_answered_by_hand():
    """The example of the docs: a generator is advanced with `next` and `send`."""
    m = mind()
    thinking = detail(m, me(now=480.0), from_hours(1, 7, ["work"] * 17))
    ask = next(thinking)
    assert ask.facts["activity"] == "work"
    with pytest.raises(StopIteration) as end:
        thinking.send(answer({"pieces": [{"activity": "write", "minutes": 15}]}))
    assert end.value.value.plan.at(480).activity == "write"
