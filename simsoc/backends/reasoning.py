"""Reasoning before answering: the same question, with the model's own words before the answer.

Where the answer is JSON, one more field comes first. Where it is a single token whose probabilities are read, there is
no room for words: they are asked for by a request of their own, and the token by the next one, in the same
conversation. What was thought stays in the log as received; the value of a decision never holds any of it.
"""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import replace

from simsoc.core.words import ChoiceMode

from . import parse
from .question import Question, Read
from .schema import Schema, one_key

KEY = "reasoning"
_WORDS: Schema = {"type": "string"}
_BEFORE = f'The object begins with one more key, "{KEY}": think there in a few sentences before you answer.'
_FIRST = (
    f'Before you answer, think in a few sentences: reply with a JSON object {{"{KEY}": ...}} and nothing else, and '
    "leave the answer for later."
)


def no_room(template: str) -> str:
    """Why a model cannot reason before it answers a template's question."""
    return f"{template} asks for the answer in square brackets and nothing else; use another prompt"


def reasoned(asked: Question, mode: ChoiceMode) -> Question:
    """A question with reasoning before the answer.

    A record that has a field for it already stays as it is.
    """
    if mode == "logprobs":
        return replace(asked, reasons=True, first=Question(_FIRST, one_key(KEY, _WORDS), _thought))
    assert asked.schema is not None, "an answer in square brackets leaves no room"
    if KEY in asked.schema["properties"]:
        return replace(asked, reasons=True)

    def read(text: str) -> Read:
        _, rest = parted(text)
        return asked.read(rest)

    return replace(
        asked, ask_for=f"{asked.ask_for} {_BEFORE}", schema=_with_words(asked.schema), read=read, reasons=True
    )


def _with_words(schema: Schema) -> Schema:
    return {
        **schema,
        "properties": {KEY: _WORDS, **schema["properties"]},
        "required": [KEY, *schema["required"]],
    }


def parted(text: str) -> tuple[str, str]:
    """The reasoning in a reply, and the reply without it. Raises parse.Unreadable unless it comes first."""
    found = parse.json_object(text)
    thought = found.get(KEY)
    if not isinstance(thought, str) or not thought.strip():
        raise parse.Unreadable(f'the JSON object must have a key "{KEY}" with a text')
    if next(iter(found)) != KEY:
        raise parse.Unreadable(f'"{KEY}" must come before the answer')
    return thought, _told({key: value for key, value in found.items() if key != KEY})


def _thought(text: str) -> Read:
    thought = parse.only_key(text, KEY)
    if not isinstance(thought, str) or not thought.strip():
        raise parse.Unreadable(f'"{KEY}" must be a text')
    return Read(thought)


def joined(thought: str, probabilities: str) -> str:
    """What is logged as the reply where words came by a request of their own: both, as JSON."""
    return f'{{"{KEY}":{json.dumps(thought, ensure_ascii=False)},"probabilities":{probabilities}}}'


def probabilities_of(raw: str) -> str:
    """The probabilities in what `joined` wrote, as JSON. Raises parse.Unreadable."""
    found = parse.json_object(raw)
    if not isinstance(found.get("probabilities"), dict):
        raise parse.Unreadable("the logged reply has no probabilities")
    return _told(found["probabilities"])


def _told(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
