"""Closed choices drawn on the host: from probabilities a model states, or from its log-probabilities.

Both are far less noisy than letting the model pick, and twin runs that see the same use the same draw: inverse CDF in
the options' canonical order, at an address of its own beside the ask's (DESIGN, "Closed choices").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from simsoc.core.canonical import dumps
from simsoc.core.stream import Stream
from simsoc.core.words import Ask

from .parse import Unreadable, json_object, only_key, short
from .wire import Said

TOLERANCE = 0.05
"""How far stated probabilities may be from summing to one; they are rescaled and the answer is flagged."""


class Odds(NamedTuple):
    """A probability for each option, in canonical order."""

    weights: list[float]
    flags: tuple[str, ...] = ()

    def told(self, labels: Sequence[str]) -> str:
        """The probabilities by label, as JSON in canonical order."""
        return dumps_in_order(dict(zip(labels, self.weights, strict=True)))


def dumps_in_order(odds: dict[str, float]) -> str:
    """JSON that keeps the order of the keys."""
    return "{" + ",".join(f"{dumps(label)}:{dumps(p)}" for label, p in odds.items()) + "}"


def drawn(ask: Ask, weights: Sequence[float]) -> int:
    """The option's number, drawn at the ask's address with one more element, so that no rule shares it."""
    stream = Stream(ask.seed, ask.purpose, ask.agent, ask.step, ask.turn, ask.draw, "choice")
    return stream.pick([round(weight, 12) for weight in weights])


def stated(text: str, labels: tuple[str, ...]) -> Odds:
    """The probabilities in ``{"probabilities": {label: number}}``, rescaled to one. Raises Unreadable."""
    found = only_key(text, "probabilities")
    if not isinstance(found, dict):
        raise Unreadable('"probabilities" must be an object with a number for each answer')
    missing = [label for label in labels if label not in found]
    if missing or len(found) != len(labels):
        raise Unreadable(
            f"no probability for {short(missing[0])}" if missing else "a probability for an answer that is not allowed"
        )
    weights = [_probability(label, found[label]) for label in labels]
    total = math.fsum(weights)
    if not abs(total - 1.0) <= TOLERANCE + 1e-9:
        raise Unreadable(f"the probabilities sum to {total:.4g} instead of 1")
    flags = ("rescaled",) if abs(total - 1.0) > 1e-6 else ()
    return Odds([weight / total for weight in weights], flags)


def logged(text: str, labels: Sequence[str]) -> list[float]:
    """The probabilities that `Odds.told` wrote down, in the order of these labels. Raises Unreadable."""
    found = json_object(text)
    if found.keys() != set(labels):
        raise Unreadable("the logged probabilities are of other labels")
    return [_probability(label, found[label]) for label in labels]


def _probability(label: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"the probability for {short(label)} is not a number")
    if not 0 <= value <= 1 + TOLERANCE + 1e-9:
        raise Unreadable(f"the probability for {short(label)} is not between 0 and 1")
    return float(value)


def read_off(said: Said, labels: Sequence[str]) -> Odds | None:
    """Probabilities of the labels as first token, renormalised; None when the server sent no log-probabilities.

    A token counts for a label when it is the label, with or without leading spaces. A label that is not listed gets
    min(smallest listed probability, remaining mass / number missing) [methods.md 6B] and the answer is flagged. Raises
    Unreadable when no label is listed at all.
    """
    places = said.logprobs.content if said.logprobs is not None else None
    if not places:
        return None
    place = places[0]
    listed = place.top_logprobs or [place]  # type: ignore[list-item]
    found: dict[str, list[float]] = {}
    for token in listed:
        found.setdefault(token.token.lstrip(" "), []).append(math.exp(min(token.logprob, 0.0)))
    every = [p for ps in found.values() for p in ps]
    missing = [label for label in labels if label not in found]
    if len(missing) == len(labels):
        raise Unreadable("none of the allowed answers is among the likeliest tokens")
    left = max(0.0, 1.0 - math.fsum(every))
    bound = min(min(every), left / len(missing)) if missing else 0.0
    masses = [math.fsum(found[label]) if label in found else bound for label in labels]
    total = math.fsum(masses)
    if not total > 0:
        raise Unreadable("the allowed answers have no probability at all")
    return Odds([mass / total for mass in masses], ("uncovered",) if missing else ())


def logprob_labels_ok(labels: Sequence[str], top_k: int) -> str | None:
    """Why these labels cannot be read by log-probability, or None.

    A label must be one token for every tokenizer, which is certain only for a single ASCII letter or digit; and the
    list of likeliest tokens must be long enough to hold all of them.
    """
    long = [label for label in labels if not (len(label) == 1 and label.isascii() and label.isalnum())]
    if long:
        return (
            f"choice: logprobs needs labels of one token: a single ASCII letter or digit, not {short(long[0])}. "
            "Give the options one-letter labels, or use choice: elicit."
        )
    if len(labels) > top_k:
        return (
            f"choice: logprobs with {len(labels)} options needs top_logprobs of at least {len(labels)}, "
            f"which is {top_k}"
        )
    return None
