"""A turn of somebody in a town, as a generator: perceive, plan, reflect, react, and what to do now."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from simsoc.core.answers import Choice
from simsoc.core.facts import Facts
from simsoc.core.stream import Stream
from simsoc.core.words import Action, Answer, Ask, Reply, Thought
from simsoc.minds import dialogue, embedding, importance, planning, reacting, reflection, status, tasks
from simsoc.minds.clock import hhmm, minute_of
from simsoc.minds.mind import Generative, Outcome
from simsoc.minds.plan import Plan, asleep
from simsoc.minds.records import Draft

from .being import Being, Other, Seen
from .people import FREE
from .times import DAY

if TYPE_CHECKING:
    from .state import Town

WHERE = Choice()
YES_NO = Choice(("yes", "no"))
_WRITTEN = 3  # times that an option stands in a prompt, at most: listed, as an answer, in the schema
Percept = importance.Percept


class Deed(Struct):
    """What comes of a turn, piece by piece."""

    own: list[Outcome] = []
    """What the agent remembers."""
    partner: list[Outcome] = []
    """What the other one of a talk remembers."""
    reflected: bool = False
    plan: Plan | None = None
    status: str | None = None
    tasks: tasks.Tasks | None = None
    thought_of: tuple[int, ...] = ()
    """Occasions that were decided about."""
    do: tuple[str | None, str, float] | None = None
    """Activity, spot, and the game minute at which it ends."""
    talk: int | None = None
    """With whom it wants to talk."""
    talked: dialogue.Talked | None = None
    partners_plan: Plan | None = None

    def content(self) -> dict[str, Any]:
        """As the content of an action."""
        return {"deed": self}


def turn(world: Town, seen: Seen) -> Thought:
    """The whole turn."""
    deed = Deed()
    if seen.partner is not None:
        yield from _hold(world.mind, seen, deed)  # type: ignore[arg-type]
        return Action(seen.at, "talk", deed.content())
    if world.mind is not None and seen.memory is not None:
        memory, vectors = yield from embedding.caught_up(world.mind, seen.me, seen.memory)
        if vectors.vectors or vectors.counts:
            seen = replace(seen, memory=memory)
            deed.own.append(vectors)
    new = [] if asleep(seen.own.activity) or world.mind is None else _noticed(world.mind, seen)
    if world.mind is not None and new:
        deed.own.append((yield from importance.perceive(world.mind, seen.me, new)))
    plan = yield from _planned(world, seen, deed)
    if world.mind is not None and seen.own.ponders and seen.memory is not None:
        deed.own.append((yield from reflection.reflect(world.mind, seen.me, seen.memory)))
        deed.reflected = True
    activity = yield from _next(world, seen, plan, deed)
    if world.mind is not None and new and not asleep(activity):
        yield from _react(world.mind, seen, new, activity, deed)
    return Action(seen.at, "act", deed.content())


# -- perceiving --------------------------------------------------------------------------------------------------------


def _noticed(mind: Generative, seen: Seen) -> list[Percept]:
    """What is new of those around."""
    assert seen.memory is not None
    return importance.novel(seen.memory, [percept(o) for o in seen.others], seen.now, mind.spec.retention)


def percept(other: Other) -> Percept:
    """What others do, as it is seen."""
    if other.talking is not None:
        return Percept(f"{other.name} is talking with {other.talking}", (other.name, "talks with", other.talking))
    doing = other.activity or FREE
    return Percept(f"{other.name}: {doing}", (other.name, "is", doing), idle=asleep(doing))


# -- plans -------------------------------------------------------------------------------------------------------------


def _planned(world: Town, seen: Seen, deed: Deed) -> Generator[Ask, Reply, Plan]:
    """The plan of today, made at the day's first turn and detailed just in time."""
    mind, today, plan = world.mind, int(seen.now // DAY) + 1, seen.own.plan
    if plan is None or plan.day != today:
        fresh = yield from _new_day(world, seen, today, deed)
        plan = deed.plan = fresh
    elif mind is not None and seen.own.hears and mind.day is not None:
        plan = yield from _heard(world, seen, plan, deed)
    if mind is not None and mind.day is not None:
        while (detailed := (yield from planning.detail(mind, seen.me, plan))) is not None:
            plan = deed.plan = detailed.plan
            if detailed.counts:
                deed.own.append(Outcome(counts=detailed.counts))
    return plan


def _new_day(world: Town, seen: Seen, today: int, deed: Deed) -> Generator[Ask, Reply, Plan]:
    mind = world.mind
    if mind is None or mind.day is None or seen.memory is None:
        if mind is not None and mind.tasks is not None and seen.own.tasks is None:
            deed.tasks = tasks.begin(mind.tasks, world.objective(seen.at.agent))
        return world.dwellers[seen.at.agent].plan(today)
    before, me = seen.own.plan, seen.me
    if before is not None and mind.spec.memory:
        renewed = yield from status.renew(mind, me, seen.memory)
        deed.own.append(renewed)
        if renewed.status is not None:
            deed.status, me = renewed.status, replace(me, status=renewed.status)
    told = "; ".join(before.broad) if before is not None else ""
    planned = yield from planning.plan_day(
        mind, me, seen.memory, routine=seen.routine, occasions=seen.occasions, yesterday=told
    )
    deed.own.append(planned)
    return planned.plan


def _heard(world: Town, seen: Seen, plan: Plan, deed: Deed) -> Generator[Ask, Reply, Plan]:
    """Occasions of today that it has heard of since the day was planned: go or not."""
    assert world.mind is not None
    deed.thought_of = seen.own.hears
    for number in seen.own.hears:
        held = world.held[number]
        start = minute_of(max(held.begins, seen.now))
        minutes = int(held.ends - max(held.begins, seen.now))
        if minutes < 1:
            continue
        page = world.mind.page(seen.me)
        page.text("news", world.items[held.spec.news].text, 0.2)
        page.text("planned", plan.at(start).activity or FREE, 0.1)
        times = {"from": hhmm(held.begins % DAY), "until": hhmm(minute_of(held.begins) + held.ends - held.begins)}
        ask = seen.me.ask(world.attend, page.facts(times))
        reply = yield ask
        if isinstance(reply, Answer) and reply.value == "yes":
            plan = deed.plan = plan.inserted(start, held.spec.doing, minutes)
    return plan


# -- what to do now ----------------------------------------------------------------------------------------------------


def _next(world: Town, seen: Seen, plan: Plan, deed: Deed) -> Generator[Ask, Reply, str | None]:
    """Goes on with what the plan says, where that is something else or the time is over; what is done from now on."""
    activity, until = ahead(plan, seen.now)
    own = seen.own
    if activity == own.activity and own.until > seen.now and deed.plan is None:
        return activity
    mind = world.mind
    if mind is not None and mind.tasks is not None and own.tasks is not None and not asleep(activity):
        assert seen.memory is not None
        worked = yield from tasks.work(mind, seen.me, seen.memory, own.tasks)
        deed.own.append(worked)
        deed.tasks = worked.tasks
    if activity == own.activity and own.until > seen.now:
        spot, until = own.at, min(until, own.until)
    else:
        spot = yield from _where(world, seen, activity)
    home = world.dwellers[seen.at.agent].home
    if spot != home and not world.map.open(spot, seen.now + world.map.minutes(own.at, spot)):
        spot, until = home, min(until, max(world.map.opens(spot, seen.now), seen.now + 1))
    if (activity, spot, until) != (own.activity, own.at, own.until):
        deed.do = (activity, spot, until)
    return activity


def ahead(plan: Plan, now: float) -> tuple[str | None, float]:
    """What is planned for now, and until which game minute it goes on."""
    day = now // DAY * DAY
    doing = plan.at(minute_of(now))
    until = doing.until
    while until < DAY and (later := plan.at(until)).activity == doing.activity:
        until = later.until
    return doing.activity, day + until


def _where(world: Town, seen: Seen, activity: str | None) -> Generator[Ask, Reply, str]:
    """Where an activity takes place: what is usual or an occasion needs no asking, and neither does sleep."""
    dweller = world.dwellers[seen.at.agent]
    if activity is None:
        return seen.own.at
    if asleep(activity):
        return dweller.home
    here = next((held.spot for held in world.held if held.spec.doing == activity), None)
    minute = minute_of(seen.now)
    usual = [h for h in dweller.usual(int(seen.now // DAY) + 1) if h.doing == activity]
    usual.sort(key=lambda h: (not h.start <= minute < h.end, abs(h.start - minute)))
    if here is not None or usual:
        return here or usual[0].at
    if world.mind is None:
        return dweller.home
    ask = seen.me.ask(world.where, _places(world, seen, activity))
    reply = yield ask
    return world.map.spot(reply.value) if isinstance(reply, Answer) else seen.own.at


def _places(world: Town, seen: Seen, activity: str) -> Facts:
    """The places somebody may go to now."""
    dweller, town = world.dwellers[seen.at.agent], world.map
    home = dweller.home.partition("/")[0]
    known = dict.fromkeys([home, *(h.at.partition("/")[0] for h in dweller.habits), *town.public])
    usable = [place for place in known if place == home or town.open(place, seen.now)]
    page = world.mind.page(seen.me)  # type: ignore[union-attr]
    page.text("activity", activity, 0.1)
    options = [usable[i] for i in page.space.first(" ".join([place] * _WRITTEN) for place in usable)] or [home]
    shown = list(range(len(options)))
    Stream(seen.at.seed, "places", seen.at.agent, seen.at.step, seen.at.turn).shuffle(shown)
    listing = [{"place": options[i], "minutes": town.minutes(seen.own.at, options[i])} for i in shown]
    more = {"here": seen.own.at, "public": town.public, "listing": listing}
    given = {"options": options, "home": home, "shown": shown, "left_out": len(usable) - len(options)}
    return page.facts(given, **more)


# -- others ------------------------------------------------------------------------------------------------------------


def _react(
    mind: Generative, seen: Seen, new: list[Percept], activity: str | None, deed: Deed
) -> Generator[Any, Any, None]:
    """Whether to begin to talk with somebody who did something new."""
    assert seen.memory is not None
    event = reacting.focus(seen.me, new, [other.name for other in seen.others])
    other = next((o for o in seen.others if event is not None and o.name == event.triple[0]), None)
    if event is None or other is None or mind.dialogue is None:
        return
    own = reacting.Doing(seen.at.agent, seen.me.name, activity or FREE)
    theirs = reacting.Doing(other.agent, other.name, other.activity or FREE, other.talking is not None)
    may = reacting.may_talk(seen.me, own, theirs, other.since, mind.dialogue.cooldown)
    reaction = yield from reacting.react(mind, seen.me, seen.memory, event, own, theirs, may=may)
    if reaction.recalled or reaction.counts:
        deed.own.append(reaction)
    if reaction.kind == "talk":
        deed.talk = other.agent


def _hold(mind: Generative, seen: Seen, deed: Deed) -> Generator[Any, Any, None]:
    """The talk that was agreed on in the step before; what both had planned waits."""
    assert seen.partner is not None
    assert seen.memory is not None
    other, theirs, view = seen.partner
    first = dialogue.Side(seen.me, seen.memory, seen.own.activity or FREE)
    second = dialogue.Side(other, view, theirs.activity or FREE)
    talked = deed.talked = yield from dialogue.converse(mind, first, second)
    deed.own.append(talked.first)
    deed.partner.append(talked.second)
    if mind.day is None or talked.minutes < 1:
        return
    met = other.met_by(seen.me)
    deed.plan = yield from _put_in(mind, seen.me, seen.own, f"talking with {other.name}", talked.minutes, deed.own)
    words = f"talking with {seen.me.name}"
    deed.partners_plan = yield from _put_in(mind, met, theirs, words, talked.minutes, deed.partner)


def _put_in(
    mind: Generative, me: Any, own: Being, activity: str, minutes: int, outcomes: list[Outcome]
) -> Generator[Any, Any, Plan | None]:
    """A talk as a part of the day's plan."""
    if own.plan is None:
        return None
    replanned = yield from reacting.replan(mind, me, own.plan, activity, minutes)
    if replanned.counts:
        outcomes.append(Outcome(counts=replanned.counts))
    return replanned.plan


def seeds(texts: tuple[str, ...], weigh: Any) -> list[Draft]:
    """Seed memories; they weigh as the everyday rule says, no model is asked before the first step."""
    return [Draft("seed", text, weigh(text, "seed"), None, ()) for text in texts]
