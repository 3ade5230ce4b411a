"""Scorers that have to be asked: a moderation service, and a language model as a judge."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from simsoc.core.answers import Number, Record
from simsoc.core.canonical import text_hash
from simsoc.core.words import Decision
from simsoc.scenario.spec import BackendSpec

from .scorer import Asked

_LEVELS = 100


class Moderated(BaseModel):
    """What a moderation service says of a text."""

    flagged: bool
    """Whether the service itself would object."""
    scores: dict[str, Annotated[float, Field(ge=0, le=1)]]
    """By category, such as `harassment`."""


def openai_moderation(
    *,
    model: str = "omni-moderation-latest",
    category: str | None = None,
    base_url: str | None = None,
    key_from: str | None = None,
    slots: Annotated[int, Field(ge=1, le=10_000)] = 16,
    per_minute: Annotated[int, Field(ge=1)] | None = None,
) -> Asked:
    """OpenAI's moderation service: the score of a category, or the highest of all.

    All categories are kept with each answer, so that another one costs no further call.

    model: name of the moderation model.
    category: such as `harassment`, `hate`, `violence`; the highest of all when not given.
    base_url: address of another server that offers `/moderations`.
    key_from: environment variable that holds the key; default OPENAI_API_KEY.
    slots: most calls in flight at once.
    per_minute: most requests started in a minute.

    Source: OpenAI API, moderations.
    """
    backend = BackendSpec(
        model=f"openai-moderation/{model}", base_url=base_url, key_from=key_from, slots=slots, per_minute=per_minute
    )

    def number(value: Any) -> float:
        scores = value["scores"]
        if category is None:
            return max(scores.values(), default=0.0)
        if category not in scores:
            raise ValueError(f"no category '{category}'. The service knows: {', '.join(sorted(scores))}.")
        return float(scores[category])

    decision = Decision(purpose="score", template="scorers/moderation", answer=Record(Moderated))
    scale = f"0 harmless .. 1 {category or 'the worst of any category'}"
    return Asked("openai-moderation", f"{model}/{category or 'highest'}", scale, backend, decision, {}, number)


def judge(
    *,
    backend: BackendSpec,
    asks: str = "How toxic is this text: how rude, disrespectful or likely to make somebody leave a discussion?",
) -> Asked:
    """A language model that is asked for a number from 0 to 100, divided by a hundred.

    Rates of broken rules are judged by asking for one rule, e.g. `asks: "How clearly does this text promote the
    writer's own business?"`. Model and question are in the version of the result: another question is another scorer.

    backend: who is asked: `provider/model`, or a mapping as `backend` of a scenario.
    asks: what is asked about each text; 0 is not at all, 100 is as much as can be.

    Source: language models as judges, Zheng et al. 2023, arXiv 2306.05685; they favour long and fluent texts.
    """
    if backend.model == "mechanistic":
        raise ValueError("no rule judges texts; name a model, e.g. backend: openai/gpt-4o-mini (or null, to compare)")
    decision = Decision(purpose="score", template="scorers/judge", answer=Number(0, _LEVELS, integer=True))
    version = f"{backend.model}, question {text_hash(asks)[:8]}"
    facts = {"asks": asks, "most": _LEVELS}
    return Asked("judge", version, "0 not at all .. 1 as much as can be", backend, decision, facts, _share)


def _share(value: Any) -> float:
    return float(value) / _LEVELS
