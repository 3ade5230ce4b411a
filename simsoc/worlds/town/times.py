"""Times of day as a scenario writes them, and the length of a step."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

DAY = 24 * 60
_TIME = re.compile(r"(\d{1,2}):(\d\d)")
_LENGTH = re.compile(r"(\d{1,4})\s*(s|min)")


def minute(time: str) -> int:
    """Minutes since midnight of a time such as 08:30; 24:00 is the end of the day. Raises ValueError."""
    found = _TIME.fullmatch(time.strip())
    if found is None or int(found[2]) > 59 or (value := 60 * int(found[1]) + int(found[2])) > DAY:
        raise ValueError(f"write a time of day such as '08:30' (got {time!r})")
    return value


def seconds(length: str) -> int:
    """Seconds of a step such as `10s` or `1min`; a day is a whole number of steps. Raises ValueError."""
    found = _LENGTH.fullmatch(length.strip())
    value = 0 if found is None else int(found[1]) * (60 if found[2] == "min" else 1)
    if value <= 0 or DAY * 60 % value:
        raise ValueError(f"write seconds or minutes of which a day has a whole number, such as 10s or 1min ({length})")
    return value


def _time(text: str) -> str:
    minute(text)
    return text


def _length(text: str) -> str:
    seconds(text)
    return text


Time = Annotated[str, AfterValidator(_time)]
"""A time of day, `08:30`."""
Length = Annotated[str, AfterValidator(_length)]
"""Length of a step, `10s` or `1min`."""
