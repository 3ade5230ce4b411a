"""A run without its model, to see what it would cost: rules answer, and every prompt is rendered as it would be sent.

Tokens are counted on a sample of prompts and carried over to the others by their length, with litellm's counter, which
works without a network. Every model is counted with the same tokenizer, one of OpenAI's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from simsoc.core.answers import Choice, Number, Pick
from simsoc.core.calls import EMBED
from simsoc.core.canonical import dumps
from simsoc.core.protocols import Instant
from simsoc.core.words import Ask, Reply
from simsoc.scenario.spec import BackendSpec

from .live import Model, Put
from .prices import about
from .prompts import Prompts
from .replay import unconnected

_SAMPLE = 200  # prompts of each model whose tokens are counted
_EVERY = 37  # of later prompts one in so many is looked at, until the sample is full
_WORDS = (20, 400)  # tokens of a free answer, where nothing says how long it may be
_OVERHEAD = 8  # tokens around an answer: braces, the name of the field, the end


class Asked(msgspec.Struct):
    """What one model was asked in a rehearsal."""

    model: str
    calls: int = 0
    characters: int = 0
    """Of all prompts as sent, schemas included."""
    said: tuple[float, float] = (0.0, 0.0)
    """Tokens of all answers, if each were the shortest or the longest that is allowed."""
    sample: list[list[dict[str, Any]]] = msgspec.field(default_factory=list)
    sampled: int = 0
    """Characters of the sample."""

    def tokens_in(self) -> float:
        """Tokens of all prompts."""
        if not self.sampled:
            return 0.0
        return self.characters * sum(map(_count, self.sample)) / self.sampled


class Rehearsal:
    """Answers by rule in the place of a model, and keeps count. A call asked before (by a twin) counts once.

    spec: the model; prompts: the templates; rules: who answers; seen: calls that were asked before, shared by twins.
    """

    def __init__(self, spec: BackendSpec, prompts: Prompts, rules: Instant, seen: set[bytes]) -> None:
        self.name = spec.model
        self.spec = spec
        self.asked = Asked(spec.model)
        self.reused = 0
        """Calls that a twin had asked before."""
        self.price = about(spec)
        """What its tokens cost; None when that is not known."""
        self._model: Model = unconnected(spec, prompts)
        self._rules = rules
        self._seen = seen

    def now(self, ask: Ask) -> Reply:
        """What the rule says."""
        put = self._model.put(ask)
        told = dumps(put.messages)
        key = blake2b(f"{self.name}\x1f{ask.identity}\x1f{told}".encode(), digest_size=12).digest()
        if key in self._seen:
            self.reused += 1
        else:
            self._seen.add(key)
            self._take(put, told)
        return self._rules.now(ask)

    def _take(self, put: Put, told: str) -> None:
        asked = self.asked
        asked.calls += 1
        form = (put.question.first or put.question).schema
        schema = json.dumps(form) if form is not None else ""
        asked.characters += len(told) + len(schema)
        low, high = _answer(put, self.spec.max_tokens)
        if put.question.reasons:
            low, high = low + _WORDS[0], high + _WORDS[1]
        if put.question.first is not None:  # the prompt again, in the request for the answer
            asked.characters += len(told)
        asked.said = (asked.said[0] + low, asked.said[1] + high)
        if len(asked.sample) < _SAMPLE and (asked.calls <= _SAMPLE // 2 or asked.calls % _EVERY == 0):
            asked.sample.append([*put.messages, {"role": "system", "content": schema}])
            asked.sampled += len(told) + len(schema)


def _answer(put: Put, limit: int | None) -> tuple[float, float]:
    """Tokens of the shortest and the longest legal answer; four characters are about one token."""
    form, labels = put.ask.decision.answer, put.question.labels
    if put.ask.decision.template == EMBED:
        return 0.0, 0.0  # vectors are no tokens
    if put.mode == "logprobs":
        return 1.0, 1.0
    if put.mode == "elicit":
        long = float(sum(len(label) / 4 + 5 for label in labels) + _OVERHEAD)
        return long, long
    if isinstance(form, Choice | Pick) and labels:
        count = form.size(put.ask.facts) if isinstance(form, Pick) else 1
        lengths = sorted(len(label) / 4 + 2 for label in labels)
        return sum(lengths[:count]) + _OVERHEAD, sum(lengths[-count:]) + _OVERHEAD
    if isinstance(form, Number):
        return _OVERHEAD + 1.0, _OVERHEAD + 5.0
    return float(_WORDS[0]), float(limit or _WORDS[1])


def _count(messages: Sequence[dict[str, Any]]) -> int:
    """Tokens of a prompt."""
    from .litellm import package

    return int(package().token_counter(model="gpt-4o", messages=list(messages)))
