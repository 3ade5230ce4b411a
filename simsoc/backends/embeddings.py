"""The embeddings transport: texts go to `/embeddings`, and their vectors come back as a completion would, packed."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from simsoc.core.vectors import packed

from .openai_sdk import Sdk
from .wire import Completion, Message, Said, Usage, Wire


class _Vector(Struct, frozen=True):
    """That of one text."""

    embedding: list[float]
    index: int = 0


class _Embedded(Struct, frozen=True):
    """The part of the server's reply that is used."""

    data: list[_Vector]
    usage: Usage | None = None


_decode = msgspec.json.Decoder(_Embedded).decode
_OURS = ("messages", "response_format", "max_tokens", "max_completion_tokens")


class Embeddings(Sdk):
    """The openai package, asked for vectors. The texts are the lines of the prompt that stand in quotation marks."""

    _path = "/embeddings"

    async def send(self, body: dict[str, Any]) -> Wire:
        """Post some texts. Raises Lost when no whole answer came back."""
        lines = body["messages"][-1]["content"].split("\n")
        texts = [msgspec.json.decode(line) for line in lines if line.startswith('"')]
        more = {key: value for key, value in body.items() if key not in _OURS}
        wire = await super().send({**more, "input": texts, "encoding_format": "float"})
        if wire.status != 200:
            return wire
        try:
            found = _decode(wire.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return wire  # told as a reply that makes no sense
        vectors = [packed(one.embedding) for one in sorted(found.data, key=lambda one: one.index)]
        if len(vectors) != len(texts):
            return wire
        used = None if found.usage is None else Usage(found.usage.prompt_tokens, 0)
        said = Said(Message(msgspec.json.encode({"vectors": vectors}).decode()), "stop")
        return Wire(wire.status, b"", wire.headers, Completion([said], used))
