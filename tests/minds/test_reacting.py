"""Reacting: what is attended to, whether a talk can be thought of, and what is asked."""

from collections import Counter

import pytest

from simsoc.minds.importance import Percept
from simsoc.minds.reacting import Doing, focus, may_talk, react

from .by_hand import filled, me, mind, played, purposes, silence, think

BEN = Percept("Ben paints", ("Ben", "paints", "the hall"))
CY = Percept("Cy sings", ("Cy", "sings", ""))
OWN = Percept("Ada bakes", ("Ada", "bakes", "bread"))
STOVE = Percept("the stove burns", ("stove", "is", "on fire"))
BED = Percept("the bed is idle", ("bed", "is", "idle"), idle=True)
PEOPLE = ["Ben", "Cy"]


def test_people_before_things_and_never_oneself():
    seen = Counter(focus(me(step=step), [OWN, STOVE, BEN, CY, BED], PEOPLE) for step in range(400))
    assert set(seen) == {BEN, CY}
    assert seen[BEN] == pytest.approx(200, abs=3 * 10)
    assert focus(me(), [OWN, STOVE, BED], PEOPLE) == STOVE
    assert focus(me(), [OWN, BED], PEOPLE) is None
    assert focus(me(), [], PEOPLE) is None
    assert focus(me(step=5), [BEN, CY], PEOPLE) == focus(me(step=5), [BEN, CY], PEOPLE)


ADA, OTHER = Doing(0, "Ada", "baking"), Doing(7, "Ben", "painting")


@pytest.mark.parametrize(
    ("own", "other", "now", "since", "may"),
    [
        (ADA, OTHER, 600.0, None, True),
        (ADA, OTHER, 600.0, 133.0, True),
        (ADA, OTHER, 600.0, 132.9, False),
        (ADA, OTHER, 23 * 60.0, None, False),
        (ADA, OTHER, 22 * 60 + 59.0, None, True),
        (ADA, OTHER, 1440 + 600.0, None, True),
        (Doing(0, "Ada", None), OTHER, 600.0, None, False),
        (ADA, Doing(7, "Ben", "sleeping"), 600.0, None, False),
        (Doing(0, "Ada", "Sleep"), OTHER, 600.0, None, False),
        (Doing(0, "Ada", "baking", talking=True), OTHER, 600.0, None, False),
        (ADA, Doing(7, "Ben", "painting", talking=True), 600.0, None, False),
        (ADA, Doing(7, "Ben", "painting", waiting=True), 600.0, None, False),
        (Doing(0, "Ada", "baking", waiting=True), OTHER, 600.0, None, True),
    ],
)
def test_when_a_talk_can_be_thought_of(own, other, now, since, may):
    assert may_talk(me(now=now), own, other, since, mind().dialogue.cooldown) is may


def reacted(reply, m=None, own=ADA, other=OTHER, may=True):
    m = m or mind()
    return think(react(m, me(), filled(m, "Ben waves").view(), BEN, own, other, may=may), reply)


def test_a_wish_to_talk():
    asks, out = reacted(played({"react/approach": "yes"}))
    assert (out.kind, out.recalled, out.counts) == ("talk", (0,), {})
    assert asks[0].facts["doing_of_other"] == "painting"
    assert asks[0].facts["records"][0]["text"] == "Ben waves"
    assert reacted(played({"react/approach": "no"}))[1].kind == "none"
    assert reacted(silence_all)[1].counts == {"silent react/approach": 1}
    assert reacted(played({}), may=False)[0] == []
    assert reacted(played({}), mind(dialogue=False))[0] == []


def silence_all(ask):
    return silence()


def test_waiting_for_the_same_thing():
    own, other = Doing(0, "Ada", "baking", aim="stove"), Doing(7, "Ben", "cooking", aim="stove")
    asks, out = reacted(played({"react/approach": "no", "react/wait": "wait"}), own=own, other=other)
    assert (purposes(asks), out.kind) == (["react/approach", "react/wait"], "wait")
    asks, out = reacted(played({"react/approach": "yes"}), own=own, other=other)
    assert (purposes(asks), out.kind) == (["react/approach"], "talk")
    assert reacted(played({"react/wait": "go on"}), own=own, other=other, may=False)[1].kind == "none"
    assert reacted(silence_all, own=own, other=other, may=False)[1].counts == {"silent react/wait": 1}
    assert reacted(played({}), own=own, may=False)[0] == []
