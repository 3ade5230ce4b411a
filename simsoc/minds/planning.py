"""Planning a day: the hour of waking, broad strokes, hour by hour, and fine pieces just in time (methods.md 1.6).

The released code asks for the hours one by one; here one ask gives them all, up to three times until there are five
different activities. A plan is stored as a memory of kind `plan` with importance 5. Where the hour of waking, the broad
strokes or the hours are not answered, that part of the plan is not there, and the rest does without it.
Source: Park et al. 2023, arXiv 2304.03442, and its released code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from simsoc.core.words import Identity

from .asking import Counts, Me, Page, Thinking
from .clock import day_of, hhmm, minute_of
from .embedding import recollect
from .memory import View
from .mind import Generative, Outcome
from .plan import Piece, Plan, distinct, from_hours
from .records import DAY, PLANS_WEIGH, Draft
from .retrieval import Recall
from .spec import DaySpec, NoSpec

_YESTERDAY = 0.2  # share of a prompt that the day before may fill
_ACTIVITY = 0.1
_NAMED = 120  # characters of a routine's or an occasion's name
_TO_MIND = "What do I plan to do today? Appointments, invitations, what is important to me"


class Routine(Struct, frozen=True):
    """Something the agent usually does."""

    activity: str
    start: int
    """Minute of the day."""
    minutes: int


class Occasion(Struct, frozen=True):
    """Something the agent knows will take place on the day that is planned."""

    activity: str
    """What going there is called in a plan."""
    start: int
    """Minute of the day."""
    minutes: int


class Planned(Outcome, frozen=True, kw_only=True):
    """A plan for a day, and how it came about."""

    plan: Plan
    wake: int | None = None
    """Hour of waking, or None where no answer came."""


class Day:
    """Plans by the day, the hour and, just in time, the quarter of an hour.

    Park et al. 2023, arXiv 2304.03442.
    """

    Spec = DaySpec


class NoPlan:
    """No plans: what an agent does is left to the world."""

    Spec = NoSpec


def plan_day(
    mind: Generative,
    me: Me,
    view: View,
    *,
    routine: Sequence[Routine] = (),
    occasions: Sequence[Occasion] = (),
    yesterday: str = "",
) -> Thinking[Planned]:
    """A plan for the day of `me.now`. `yesterday` sums up the day before, from day 2 on."""
    spec = mind.day
    assert spec is not None
    counts = Counts()
    known = {
        "routine": [_timed(r.activity, r.start, r.minutes) for r in routine],
        "occasions": [_timed(o.activity, o.start, o.minutes) for o in occasions],
    }
    ask = me.ask(mind.decision("wake"), _listed(mind.page(me), known).facts())
    wake: int | None = counts.heard(ask, (yield ask))
    page, recall = yield from _to_plan(mind, me, view, known, counts)
    counts.add("left out", recall.left_out)
    page.text("yesterday", yesterday, _YESTERDAY)
    ask = me.ask(mind.decision("day"), page.facts({"wake": wake, "day": day_of(me.now), "count": spec.items}))
    answer = counts.heard(ask, (yield ask))
    broad = [item.strip() for item in (answer or {"items": []})["items"]][: spec.items]
    hours, by = yield from _hours(mind, me, spec, wake, broad, known, counts)
    plan = from_hours(day_of(me.now), wake, hours, broad)
    drafts = (remembered(me, plan, ask.identity if broad else by),) if broad or hours else ()
    return Planned(plan=plan, wake=wake, drafts=drafts, recalled=recall.numbers, counts=counts)


def _timed(activity: str, start: int, minutes: int) -> dict[str, Any]:
    end = min(start + minutes, DAY)
    return {"activity": activity[:_NAMED], "start": start, "minutes": minutes, "from": hhmm(start), "until": hhmm(end)}


def _listed(page: Page, known: Mapping[str, list[dict[str, Any]]]) -> Page:
    """Routines and occasions on a page, as far as they fit; the earliest of the day first."""
    for name, listed in known.items():
        some = sorted(listed, key=lambda one: (one["start"], one["activity"]))
        page.shown[name] = [some[i] for i in page.space.first(one["activity"] for one in some)]
        if len(page.shown[name]) < len(some):
            page.space.cut.append(name)
    return page


def _to_plan(
    mind: Generative, me: Me, view: View, known: Mapping[str, list[dict[str, Any]]], counts: Counts
) -> Thinking[tuple[Page, Recall]]:
    page = _listed(mind.page(me), known)
    recall = yield from recollect(mind, me, view, [_TO_MIND], page, counts=counts)
    page.records(recall.records, recall.left_out)
    return page, recall


def _hours(
    mind: Generative,
    me: Me,
    spec: DaySpec,
    wake: int | None,
    broad: Sequence[str],
    known: Mapping[str, list[dict[str, Any]]],
    counts: Counts,
) -> Thinking[tuple[list[str] | None, Identity | None]]:
    """An activity for each hour from waking on, and its ask; of several attempts the first of the most varied."""
    best: list[str] | None = None
    by: Identity | None = None
    first = wake or 0
    for _ in range(spec.attempts):
        page = _listed(mind.page(me), known)
        page.shown["items"] = [broad[i] for i in page.space.first(broad)]
        given = {"wake": wake, "first": first, "count": 24 - first, "distinct": spec.distinct}
        ask = me.ask(mind.decision("hours"), page.facts(given))
        answer = counts.heard(ask, (yield ask))
        if answer is None:
            continue
        hours = answer["activities"]
        if hours == best:
            break  # the same again: another attempt brings nothing new
        counts.add("hours repaired", abs(24 - first - len(hours)))
        if best is None or distinct(hours) > distinct(best):
            best, by = hours, ask.identity
        if distinct(best) >= min(spec.distinct, 24 - first):
            break
    return best, by


def remembered(me: Me, plan: Plan, ask: Identity | None) -> Draft:
    """A plan as a memory. ask: what it comes from, the broad strokes where there are any."""
    told = "; ".join(plan.broad) or "; ".join(f"{hhmm(plan.start(i))} {b.activity}" for i, b in enumerate(plan.blocks))
    triple = (me.name, "plans", f"day {plan.day}")
    return Draft("plan", f"{me.name} plans for day {plan.day}: {told}", PLANS_WEIGH, triple, (me.name, "plan"), ask=ask)


class Detailed(Outcome, frozen=True, kw_only=True):
    """A plan with one more block in fine pieces."""

    plan: Plan


def detail(mind: Generative, me: Me, plan: Plan) -> Thinking[Detailed | None]:
    """The next block within two hours (`ahead`) in pieces of 5 to 15 minutes; None where there is nothing to do.

    Where no answer comes the block stays the one piece it is, and is not asked for again.
    """
    spec = mind.day
    assert spec is not None
    index = plan.rough(minute_of(me.now), spec.ahead)
    if index is None:
        return None
    counts = Counts()
    block, start = plan.blocks[index], plan.start(index)
    page = mind.page(me)
    page.text("activity", block.activity or "", _ACTIVITY)
    around = _around(plan, index)
    page.shown["around"] = [around[i] for i in page.space.first(around)]
    given = {"minutes": block.minutes, "from": hhmm(start), "until": hhmm(start + block.minutes), "start": start}
    ask = me.ask(mind.decision("pieces"), page.facts(given))
    answer = counts.heard(ask, (yield ask))
    pieces = pieces_of(answer)
    counts.add("minutes repaired", abs(block.minutes - sum(piece.minutes for piece in pieces)) if pieces else 0)
    changed = plan.taken_to_pieces(index, pieces) if pieces else plan.left_whole(index)
    return Detailed(plan=changed, counts=counts)


def pieces_of(answer: Mapping[str, Any] | None) -> list[Piece]:
    """An answered list of activities with minutes."""
    given = answer["pieces"] if answer is not None else ()
    return [Piece(one["activity"].strip(), one["minutes"]) for one in given]


def _around(plan: Plan, index: int) -> list[str]:
    """The blocks before and after, in words."""
    near = [i for i in (index - 1, index + 1) if 0 <= i < len(plan.blocks)]
    return [f"{hhmm(plan.start(i))} {plan.blocks[i].activity or 'nothing planned'}" for i in near]
