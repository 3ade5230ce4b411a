"""The moderation transport: a text goes to `/moderations`, and what is said of it comes back as a completion would."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from .openai_sdk import Sdk
from .wire import Completion, Message, Said, Wire


class _Result(Struct, frozen=True):
    """What is said of one text."""

    flagged: bool
    category_scores: dict[str, float]


class _Moderation(Struct, frozen=True):
    """The part of the service's reply that is used."""

    results: list[_Result]


_decode = msgspec.json.Decoder(_Moderation).decode


class Moderations(Sdk):
    """The openai package, asked for moderation. The text is the first line of the prompt, as data."""

    _path = "/moderations"

    async def send(self, body: dict[str, Any]) -> Wire:
        """Post one text. Raises Lost when no whole answer came back."""
        text = msgspec.json.decode(body["messages"][-1]["content"].split("\n", 1)[0])
        wire = await super().send({"model": body["model"], "input": text})
        if wire.status != 200:
            return wire
        try:
            result = _decode(wire.body).results[0]
        except (msgspec.DecodeError, UnicodeDecodeError, IndexError):
            return wire  # told as a reply that makes no sense
        told = msgspec.json.encode({"flagged": result.flagged, "scores": result.category_scores}).decode()
        said = Said(Message(told), "stop")
        return Wire(wire.status, b"", wire.headers, Completion([said]))
