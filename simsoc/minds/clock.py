"""Game time in words. Minutes count from midnight of day 1; a world may step in seconds or hours."""

from __future__ import annotations

from .records import DAY


def day_of(minutes: float) -> int:
    """Which day it is, from 1."""
    return int(minutes // DAY) + 1


def minute_of(minutes: float) -> int:
    """Whole minutes since midnight."""
    return int(minutes % DAY)


def hhmm(minute: float) -> str:
    """A time of day, such as 07:05; the end of the day is 24:00."""
    whole = int(minute)
    return f"{whole // 60:02d}:{whole % 60:02d}"


def told(minutes: float) -> str:
    """A moment in words: `day 2, 07:05`."""
    return f"day {day_of(minutes)}, {hhmm(minute_of(minutes))}"
