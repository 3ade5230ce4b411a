"""When a failed call is tried again, and after how long. Decisions only: nothing here sends or sleeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from msgspec import Struct

from simsoc.core.stream import draw
from simsoc.core.words import Ask

AGAIN = frozenset({408, 409, 425, 429})
"""Statuses below 500 that are worth another try."""
LONGEST = 600.0
"""Seconds; a server that asks to wait longer than this is not waited for."""
PATIENCE = 600.0
"""Seconds a call waits for rate limits in all: ten windows of a limit per minute. What lasts longer is a limit per day
or a request the server will never take, and the run had better be resumed later."""


class Backoff(Struct, frozen=True):
    """Exponential waiting: half to one and a half times base x 2^n, never longer than `most` seconds.

    The half is an addressed draw, so a thousand calls that failed together do not come back together and a run still
    depends on nothing but its seed.
    """

    base: float = 0.5
    most: float = 60.0

    def wait(self, ask: Ask, failed: int, asked_for: float | None) -> float:
        """Seconds before the next try after `failed` failures (from 1).

        What the server asked for is never undercut; a growing share is added, which spreads the calls and spares a
        server that asks for too little.
        """
        lot = draw(ask.seed, "retry", ask.purpose, ask.agent, ask.step, ask.turn, ask.draw, failed)
        grown = min(self.base * 2.0 ** min(failed - 1, 60), self.most)
        return asked_for + lot * grown if asked_for is not None else (0.5 + lot) * grown


def again(status: int) -> bool:
    """Whether this HTTP status is worth another try."""
    return status in AGAIN or status >= 500


def kind(status: int) -> str:
    """What an attempt with this status is called in the log."""
    if status == 429:
        return "rate_limited"
    if status == 408:
        return "timed_out"
    return "server_error" if status >= 500 else "not_now"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds a server asks to be left alone: `retry-after-ms`, or `Retry-After` as seconds or as an HTTP date.

    A date is read against the server's own `Date` where it sends one, so a wrong clock here does no harm.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000.0
    said = headers.get("retry-after")
    if said is None:
        return None
    if (seconds := _number(said)) is not None:
        return seconds
    until = _date(said)
    if until is None:
        return None
    now = _date(headers.get("date")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return number if 0.0 <= number < float("inf") else None


def _date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text) if text else None
    except (TypeError, ValueError):
        return None
    if date is not None and date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return date
