"""What can go wrong on the wire, in the words of log and user; nothing of a key ever gets into them."""

from __future__ import annotations

import re
from typing import NoReturn

from msgspec import Struct

from simsoc.core.errors import BackendError, BadRequest, RateLimited, TimedOut, Unreachable
from simsoc.core.words import Attempt

from .keys import Key
from .retry import LONGEST, again, kind, retry_after
from .wire import Wire, refusal

_SCHEMA = re.compile(r"response_format|json.?schema|structured.?output|guided|grammar", re.IGNORECASE)
_FILTERED = re.compile(r"content_filter|content_policy|ContentPolicyViolation", re.IGNORECASE)
_NEVER = re.compile(r"insufficient_quota|billing_hard_limit|request too large", re.IGNORECASE)  # a 429 for good


class Filtered(Exception):
    """The server would not pass the prompt on to the model: a refusal, not a failure of the wire."""


class Failure(Struct, frozen=True):
    """One try that brought nothing."""

    kind: str
    """As in the log's attempts."""
    detail: str
    """What was said, without keys."""
    type: type[BackendError]
    """What is raised when no further try is made."""
    who: str
    again: bool = True
    """Whether another try may help."""
    after: float | None = None
    """Seconds the server asks to be left alone."""
    about_schema: bool = False
    """A refusal that is about the JSON schema sent."""
    about_limit: bool = False
    """A refusal that asks for `max_completion_tokens` in place of `max_tokens`."""

    def error(self, sent: int, trouble: tuple[Attempt, ...], waited: float = 0.0) -> BackendError:
        """What the run is stopped with; waited: seconds, for rate limits."""
        patience = f" and {waited:.0f} s of waiting for the rate limit" if waited >= 1 else ""
        tries = f" (after {sent} tries{patience})" if sent > 1 else ""
        return self.type(f"{self.who}: {self.detail}{tries}", trouble)

    def too_long(self, trouble: tuple[Attempt, ...]) -> BackendError:
        """The server asks for more patience than a run has."""
        waits = f"the server asks to wait {self.after:.0f} s, longer than {LONGEST:.0f} s"
        return RateLimited(f"{self.who}: {waits}; resume the run later. {self.detail}", trouble)


class Server:
    """The other end of a backend's wire: puts what happened into words, and knows its habits."""

    def __init__(self, who: str, key: Key) -> None:
        self._who = who
        self._key = key
        self.limit_name = "max_tokens"
        """What the server calls the longest answer."""

    def timed_out(self, seconds: float) -> Failure:
        """No answer within the time limit."""
        return Failure("timed_out", f"no answer within {seconds:g} s", TimedOut, self._who)

    def lost(self, why: str) -> Failure:
        """No HTTP answer came back."""
        return Failure("unreachable", f"the server cannot be reached: {self._key.redact(why)}", Unreachable, self._who)

    def malformed(self, why: str) -> Failure:
        """The body of a 200 is no chat completion."""
        return Failure("malformed", self._key.redact(why), Unreachable, self._who)

    def refused(self, wire: Wire) -> Failure:
        """The server answered with an error status. Raises Filtered when its content filter did."""
        said = refusal(wire)
        told = self._key.redact(said.message)
        known = f"{said.code} {said.message}"
        detail = f"HTTP {wire.status}: {told}" if told else f"HTTP {wire.status}"
        if not again(wire.status):
            return self._final(wire.status, known, detail)
        error = RateLimited if wire.status == 429 else TimedOut if wire.status == 408 else Unreachable
        never = wire.status == 429 and _NEVER.search(known) is not None
        return Failure(kind(wire.status), detail, error, self._who, not never, retry_after(wire.headers))

    def _final(self, status: int, known: str, detail: str) -> Failure:
        if _FILTERED.search(known):
            raise Filtered(detail)
        if status in (401, 403):
            detail += f" (key from {self._key.origin})"
        return Failure(
            "bad_request",
            detail,
            BadRequest,
            self._who,
            again=False,
            about_schema=status in (400, 422) and _SCHEMA.search(known) is not None,
            about_limit=status == 400 and "max_completion_tokens" in known,
        )

    def without_logprobs(self, trouble: list[Attempt]) -> NoReturn:
        """The server sends no log-probabilities, so they cannot be drawn from."""
        raise BadRequest(
            f"{self._who}: the server sends no log-probabilities; use choice: elicit or sample", tuple(trouble)
        )
