"""Mechanistic rules for verbal opinions: what is written and reasoned, and what is believed then.

Rules of words say that they are rules. Rules of belief read ``facts["own"]`` (the reader's belief, -2 to 2; None
without role play, which counts as 0), ``facts["said"]`` (the belief the message was written from, where the published
work puts a classifier; None where nothing was read) and ``facts["bias"]``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream

Probability = Annotated[float, Field(ge=0, le=1)]
BY_RULE = "[by rule]"
"""How words begin that no model wrote."""


def message(facts: Facts, stream: Stream) -> str:
    """The writer's belief in a plain sentence."""
    return f"{BY_RULE} I {facts['labels'][facts['own'] + 2]} with the claim."


def reasons(facts: Facts, stream: Stream) -> str:
    """What was weighed against what, without a conclusion: the belief is drawn afterwards."""
    own = facts["own"]
    held = "I hold no view yet" if own is None else f"so far I {facts['labels'][own + 2]}"
    if facts["said"] is None:
        return f"{BY_RULE} No message was read; {held}."
    return f"{BY_RULE} I read of somebody: I {facts['labels'][facts['said'] + 2]}; {held}."


def _own(facts: Facts) -> int:
    own: int | None = facts["own"]
    return 0 if own is None else own


def _towards(own: int, goal: int) -> int:
    """One level nearer."""
    return own + (goal > own) - (goal < own)


def persuasion(
    facts: Facts,
    stream: Stream,
    *,
    attraction: Probability,
    drift: Probability,
    lean: Annotated[int, Field(ge=-2, le=2)],
    weak: Probability,
    strong: Probability,
) -> int:
    """A message draws the reader one level nearer, the model's own lean draws it, too; bias lets it ignore messages.

    attraction: probability that a message that is heard draws the reader one level towards its writer's belief.
    drift: probability that the reader moves one level towards `lean`, whatever the message says.
    lean: the level the model is inclined to: -2 for a false framing, 2 for a true one.
    weak: probability that a message is ignored, drift and all, that does not support the reader (weak bias).
    strong: the same under strong bias.

    A message supports whoever is on its side of 0; who stands at 0 ignores nothing. A stand-in of simsoc, bounded
    confidence by side with a drift; fitted to B and D of Chuang et al. 2024, arXiv 2311.09618. Published is only what
    the bias sentences say, no rule.
    """
    own, said = _own(facts), facts["said"]
    ignoring, drawn, drifting = stream.random(), stream.random(), stream.random()
    if said is None:
        return _towards(own, lean) if drifting < drift else own
    opposed = own != 0 and own * said <= 0
    if opposed and ignoring < {"none": 0.0, "weak": weak, "strong": strong}[facts["bias"]]:
        return own
    if drawn < attraction:
        own = _towards(own, said)
    return _towards(own, lean) if drifting < drift else own


def keep(facts: Facts, stream: Stream) -> int:
    """Nobody is ever moved: the baseline in which B and D stay as they were."""
    return _own(facts)
