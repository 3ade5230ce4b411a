"""Keys of world `opinion_verbal` in a scenario file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsoc.core.shelf import Strict
from simsoc.scenario.spec import Named, Part

LEVELS = (-2, -1, 0, 1, 2)
"""The scale of beliefs, from strongly negative to strongly positive."""
IN_WORDS = ("strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree")
"""What each level is called in prompts, after "I" or "you"."""

Level = Annotated[int, Field(ge=-2, le=2)]
Label = Annotated[str, Field(min_length=1, max_length=80)]


class VerbalSpec(Strict):
    """World `opinion_verbal`: in a turn one agent reads what another writes, and reports what it believes then."""

    topic: Annotated[str, Field(min_length=1, max_length=400)]
    """The claim people talk about, in its true or its false framing, as everybody is told it."""
    bias: Literal["none", "weak", "strong"] = "none"
    """Confirmation bias: whether the prompt says that people lean to what supports them, or dismiss all the rest."""
    closed_world: bool = True
    """Whether people are told that nothing but their first belief and the messages counts, and no outside source."""
    interaction: bool = True
    """Whether people read messages. Without, each turn is an independent report from the first belief (a control)."""
    role_play: bool = True
    """Whether people are told who they are and what they believed first; `false` only without interaction."""
    personas: bool = True
    """Whether the prompt tells the agent its traits."""
    memory: Literal["cumulative", "reflective"] = "cumulative"
    """What is remembered of messages and reports: all of it in order, or a running summary rewritten in each turn."""
    tokens: Annotated[int, Field(ge=1000, le=1_000_000)] = 3000
    """Most tokens of a prompt, counted at four bytes each; of a cumulative memory the oldest is left out first."""
    reasoning: bool = True
    """Whether the reader reasons in words before it reports its belief (an ask of its own)."""
    labels: Annotated[tuple[Label, ...], Field(min_length=5, max_length=5)] = IN_WORDS
    """What the five levels are called in prompts, from -2 to 2; they follow "I" or "you"."""
    order: Literal["shuffled", "fixed"] = "shuffled"
    """Order in which the levels are listed: upwards or downwards by an addressed toss for each call, or upwards."""
    start: Literal["even", "random"] | tuple[Level, ...] = "even"
    """First beliefs: equally many at each level by lot, a draw for each, or the levels of this list in turn."""
    start_trait: str | None = None
    """Take the first belief, -2 to 2, from this trait instead."""
    rule: Annotated[Part, Named("opinion_verbal_rules")]
    """How a belief is reported when no model is asked: `simsoc list opinion_verbal_rules`."""

    @model_validator(mode="after")
    def _fits(self) -> VerbalSpec:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("labels must be five different strings")
        if self.interaction and not self.role_play:
            raise ValueError("role_play: false is a control without interaction: say interaction: false, too")
        if isinstance(self.start, tuple) and not self.start:
            raise ValueError("start must not be an empty list")
        return self
