"""Reacting to what is perceived: to what, whether to talk or to wait, and the plan afterwards (methods.md 1.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from simsoc.core.stream import Stream

from .asking import Counts, Me, Page, Thinking
from .clock import hhmm, minute_of
from .embedding import recollect
from .importance import Percept
from .memory import View
from .mind import Generative, Outcome
from .plan import Plan, asleep
from .planning import pieces_of

_EVENT = 0.2  # shares of a prompt
_DOING = 0.1
_QUIET = 23  # o'clock from which nobody begins to talk


class Reaction(Outcome, frozen=True, kw_only=True):
    """What the agent does about it."""

    kind: Literal["talk", "wait", "none"] = "none"


class Replanned(Outcome, frozen=True, kw_only=True):
    """The plan with something put in."""

    plan: Plan


class Doing(Struct, frozen=True):
    """What somebody is busy with."""

    agent: int
    name: str
    activity: str | None
    talking: bool = False
    waiting: bool = False
    aim: str | None = None
    """The object or place it is heading for or uses."""


def focus(me: Me, percepts: Sequence[Percept], others: Sequence[str]) -> Percept | None:
    """What the agent attends to: a random event of another agent, else a random one that is not idle, else nothing.

    others: names of the other agents. The agent's own events are passed over.
    """
    seen = [percept for percept in percepts if percept.triple[0] != me.name]
    choice = [p for p in seen if p.triple[0] in others] or [p for p in seen if not p.idle]
    if not choice:
        return None
    return Stream(me.at.seed, "focus", me.at.agent, me.at.step, me.at.turn).choose(choice)


def may_talk(me: Me, own: Doing, other: Doing, since: float | None, cooldown: float) -> bool:
    """Whether a talk can be thought of at all. since: game minutes since the two talked last, None for never.

    Both do something and neither sleeps, talks or waits to (the other one), it is not 23:00 or later, and the pair's
    cool-down is over. Source: released code, as read in methods.md 1.7.
    """
    if own.activity is None or other.activity is None or asleep(own.activity) or asleep(other.activity):
        return False
    if own.talking or other.talking or other.waiting or minute_of(me.now) // 60 >= _QUIET:
        return False
    return since is None or since >= cooldown


def react(
    mind: Generative, me: Me, view: View, event: Percept, own: Doing, other: Doing, *, may: bool
) -> Thinking[Reaction]:
    """Whether to talk to somebody met (`may`: whether that is possible at all), or to wait until they are done.

    Waiting is thought of only where both head for the same thing. No answer means no reaction, and is counted.
    """
    counts = Counts()
    recalled: tuple[int, ...] = ()
    kind: Literal["talk", "wait", "none"] = "none"
    if may and mind.dialogue is not None:
        page = mind.page(me)
        _situation(page, event, own, other)
        about = [f"{other.name} {event.text}"]
        recall = yield from recollect(mind, me, view, about, page, top=mind.dialogue.per_utterance, counts=counts)
        recalled = recall.numbers
        counts.add("left out", recall.left_out)
        page.records(recall.records, recall.left_out)
        ask = me.ask(mind.decision("approach"), page.facts({"other": other.agent}))
        kind = "talk" if counts.heard(ask, (yield ask)) == "yes" else "none"
    if kind == "none" and own.aim is not None and own.aim == other.aim:
        page = mind.page(me)
        _situation(page, event, own, other)
        ask = me.ask(mind.decision("wait"), page.facts({"other": other.agent, "aim": own.aim}))
        kind = "wait" if counts.heard(ask, (yield ask)) == "wait" else "none"
    return Reaction(kind=kind, recalled=recalled, counts=counts)


def _situation(page: Page, event: Percept, own: Doing, other: Doing) -> None:
    page.shown["partner"] = other.name
    page.text("event", event.text, _EVENT)
    page.text("doing", own.activity or "", _DOING)
    page.text("doing_of_other", other.activity or "", _DOING)


def replan(mind: Generative, me: Me, plan: Plan, activity: str, minutes: int) -> Thinking[Replanned]:
    """Puts something in now, and asks what becomes of the rest of the block it ends in.

    Blocks keep their ends and the day its minutes, whatever is answered (plan.py); without an answer, what was planned
    for the time afterwards stands.
    """
    minute = minute_of(me.now)
    end, _, last = plan.affected(minute, minutes)
    stop = plan.start(last + 1)
    if end >= stop:
        return Replanned(plan=plan.inserted(minute, activity, minutes))
    counts = Counts()
    page = mind.page(me)
    page.text("activity", activity, _DOING)
    was = [(piece.activity or "nothing planned", piece.minutes) for piece in plan.remainder(minute, minutes)]
    kept = page.space.first(words for words, _ in was)
    page.shown["planned"] = [{"activity": was[i][0], "minutes": was[i][1]} for i in kept]
    given = {"minutes": stop - end, "spent": end - minute, "from": hhmm(end), "until": hhmm(stop)}
    ask = me.ask(mind.decision("rewrite"), page.facts(given))
    pieces = pieces_of(counts.heard(ask, (yield ask)))
    counts.add("minutes repaired", abs(stop - end - sum(piece.minutes for piece in pieces)) if pieces else 0)
    return Replanned(plan=plan.inserted(minute, activity, minutes, pieces), counts=counts)
