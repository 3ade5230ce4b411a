"""Plans from routines: rules for the day, its hours and pieces, and for reacting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream
from simsoc.minds.plan import LONGEST, asleep
from simsoc.minds.records import DAY

_WAKES = 7  # o'clock, without a routine of sleep
_LONGEST = 160  # characters of an activity (forms.Activity)
FREE = "free time"
"""An hour without a routine."""


def wake(facts: Facts, stream: Stream) -> int:
    """The hour in which the routine of sleep over midnight or in the early hours ends, rounded up; 7 without one."""
    sleeps = [(r["start"], r["start"] + r["minutes"]) for r in facts["routine"] if asleep(r["activity"])]
    ends = [end % DAY for start, end in sleeps if start < DAY // 2 or end > DAY]
    return min(23, -(-ends[0] // 60)) if ends else _WAKES


def day(facts: Facts, stream: Stream, *, attend: float) -> dict[str, Any]:
    """Each occasion with probability `attend`, and the routines, the first ones if there are too many; by time."""
    going = [o for o in facts["occasions"] if stream.random() < attend][: facts["count"]]
    usual = [r for r in facts["routine"] if not asleep(r["activity"])][: facts["count"] - len(going)]
    listed = sorted([*going, *usual], key=lambda one: (one["start"], one["activity"]))
    return {"items": [f"{one['activity']} from {one['from']} to {one['until']}" for one in listed] or [FREE]}


def hours(facts: Facts, stream: Stream) -> dict[str, Any]:
    """For each hour the occasion that is among the day's items, else the routine, that takes most of it."""
    going = [o for o in facts["occasions"] if any(item.startswith(o["activity"]) for item in facts["items"])]
    listed = [_of_hour(60 * hour, going) or _of_hour(60 * hour, facts["routine"]) for hour in range(facts["first"], 24)]
    return {"activities": [activity or FREE for activity in listed]}


def _of_hour(start: int, listed: Sequence[Mapping[str, Any]]) -> str | None:
    """Which of these takes most of an hour; the first among equals."""
    shares = [min(one["start"] + one["minutes"], start + 60) - max(one["start"], start) for one in listed]
    best = max(range(len(listed)), key=lambda i: shares[i], default=None)
    return str(listed[best]["activity"]) if best is not None and shares[best] > 0 else None


def pieces(facts: Facts, stream: Stream) -> dict[str, Any]:
    """A block as quarters of an hour of the same activity."""
    minutes = facts["minutes"]
    parts = [min(LONGEST, minutes - done) for done in range(0, minutes, LONGEST)][:60]
    return {"pieces": [{"activity": facts["activity"][:_LONGEST], "minutes": part} for part in parts]}


def rewrite(facts: Facts, stream: Stream) -> dict[str, Any]:
    """What was planned goes on."""
    planned = facts["planned"]
    if not planned:
        return {"pieces": [{"activity": FREE, "minutes": facts["minutes"]}]}
    return {"pieces": [{**one, "activity": one["activity"][:_LONGEST]} for one in planned[:60]]}


def wait(facts: Facts, stream: Stream, *, wait: float) -> str:
    """Waits with this probability."""
    return "wait" if stream.random() < wait else "go on"
