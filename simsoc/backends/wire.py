"""What goes over the wire and comes back: the one shape every transport is brought to.

Everything above `Transport.send` is policy (retries, parsing, repair), everything below it is a client library. Only
the fields that are used are decoded; whatever else a server sends is skipped by the decoder and costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
from msgspec import Struct


class Token(Struct, frozen=True):
    """A token with its log-probability."""

    token: str
    logprob: float


class Position(Struct, frozen=True):
    """One place in the reply and the likeliest tokens there."""

    token: str
    logprob: float
    top_logprobs: list[Token] | None = None


class Logprobs(Struct, frozen=True):
    """Log-probabilities of a reply, place by place."""

    content: list[Position] | None = None


class Message(Struct, frozen=True):
    """What the model said."""

    content: Any = None
    refusal: str | None = None


class Said(Struct, frozen=True):
    """One completion."""

    message: Message
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class Usage(Struct, frozen=True):
    """Tokens of a call."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: Any = None
    """A mapping with `cached_tokens` where the server says how many it had seen before."""


class Completion(Struct, frozen=True):
    """The part of a chat completion that is used."""

    choices: list[Said]
    usage: Usage | None = None


class Wire(Struct, frozen=True):
    """An HTTP answer, whatever its status."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    """Names in lower case, or a mapping that does not mind case."""
    completion: Completion | None = None
    """Set by transports that decode by themselves; `body` is then empty."""
    cost: float | None = None
    """US dollars, where the transport knows prices."""


class Lost(Exception):
    """No HTTP answer came back: no connection, a reset, or a body cut short."""


class Transport(Protocol):
    """A client library behind one verb."""

    takes_schemas: bool
    """False where it is known beforehand that the server takes no JSON schema; right after `open`."""

    async def open(self) -> None:
        """Connect; called once, in the loop that will be used."""
        ...

    async def send(self, body: dict[str, Any]) -> Wire:
        """Post one chat completion request. Raises Lost when no HTTP answer came back."""
        ...

    async def close(self) -> None:
        """Let the connections go."""
        ...


_decode = msgspec.json.Decoder(Completion).decode


def completion(wire: Wire) -> Completion:
    """The completion in a 200. Raises ValueError when the body is not one."""
    if wire.completion is not None:
        found = wire.completion
    else:
        try:
            found = _decode(wire.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"not a chat completion: {error}") from None
    if not found.choices:
        raise ValueError("not a chat completion: it has no choices")
    return found


class Refusal(Struct, frozen=True):
    """What a server says when it does not answer with 200."""

    message: str
    code: str
    """The server's error code or type, lower case; may be empty."""


def refusal(wire: Wire) -> Refusal:
    """The error message and code in a body, whatever its shape."""
    text = wire.body.decode(errors="replace").strip()
    try:
        found = msgspec.json.decode(wire.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Refusal(text[:1000], "")
    error = found.get("error", found) if isinstance(found, dict) else found
    if not isinstance(error, dict):
        return Refusal(str(error)[:1000], "")
    message = error.get("message") or error.get("detail") or text
    code = error.get("code") or error.get("type") or ""
    return Refusal(str(message)[:1000], str(code).lower())
