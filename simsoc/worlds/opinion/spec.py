"""Keys of the opinion worlds in a scenario file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsoc.core.shelf import Strict
from simsoc.scenario.spec import Named, Part, Who


class Committed(Strict):
    """Agents who hold one opinion whatever they see (zealots, a committed minority)."""

    to: str | float
    """The opinion they hold."""
    n: Annotated[int, Field(ge=1)] | None = None
    """So many agents are added, tied to everybody while the commitment lasts. They never count in measures."""
    who: Who | None = None
    """Or these of the people are committed; they are free again afterwards."""
    start: Annotated[int, Field(ge=1)] = 1
    """First step of the commitment."""
    until: Annotated[int, Field(ge=1)] | None = None
    """Last step of the commitment; to the end when not given."""

    @model_validator(mode="after")
    def _one_way(self) -> Committed:
        if (self.n is None) == (self.who is None):
            raise ValueError("say either 'n' (agents added) or 'who' (some of the people)")
        if self.until is not None and self.until < self.start:
            raise ValueError("until must not be before start")
        return self


class MeetingSpec(Strict):
    """What all opinion worlds share: who is seen, when it ends, who is committed."""

    include_self: bool = False
    """Whether the agent's own opinion is among those it sees (the published dynamics leave it out)."""
    group: Annotated[int, Field(ge=2)] | None = None
    """In a turn so many meet, the agent and some it is tied to, and all of them decide; it sees all when not given."""
    committed: Committed | None = None
    """A committed minority."""
    names: Literal["redrawn", "fixed"] = "redrawn"
    """Names shown for those seen: fresh random ones for each call, or one for each agent."""
    name_length: Annotated[int, Field(ge=1, le=8)] = 2
    """Letters and digits in a name."""
    order: Literal["shuffled", "fixed"] = "shuffled"
    """Order in which opinions are listed in a prompt."""
    personas: bool = False
    """Whether the prompt tells the agent who it is (its traits)."""
    topic: str = ""
    """What the opinions are about, told in the prompt when given."""


class OpinionSpec(MeetingSpec):
    """World `opinion`: each agent holds one of a few options."""

    options: Annotated[tuple[str, ...], Field(min_length=2, max_length=50)] = ("A", "B")
    """The opinions, in canonical order; with two of them the magnetisation counts the first as +1."""
    labels: tuple[str, ...] | None = None
    """Strings shown for the options, such as [k, z]; the options themselves when not given."""
    toss: bool = True
    """Whether it is tossed for each call which label stands for which option (only where labels are given)."""
    rule: Annotated[Part, Named("opinion_rules")]
    """How an opinion is picked when no model is asked: `simsoc list opinion_rules`."""
    start: Literal["even", "random"] | dict[str, Annotated[float, Field(ge=0)]] = "even"
    """Opinions at the start: equal numbers, an independent toss each, or exact shares by option."""
    start_trait: str | None = None
    """Take the first opinion from this trait instead."""
    split_after: Annotated[int, Field(ge=1)] | None = None
    """A group that does not agree after so many steps splits by opinion, and each part goes on by itself."""
    restart: bool = True
    """After a split each part starts again half and half, as in the published code."""
    stop: Literal["consensus", "never"] = "consensus"
    """Whether the run ends at the very turn at which all agree."""
    wording: Literal["friends", "strangers", "assistants", "published"] = "friends"
    """Which shipped prompt is used; `published` asks for square brackets. Wording changes results: compare two."""

    @model_validator(mode="after")
    def _fits(self) -> OpinionSpec:
        if len(set(self.options)) != len(self.options):
            raise ValueError("options must differ from each other")
        if self.labels is not None and (
            len(self.labels) != len(self.options) or len(set(self.labels)) != len(self.labels)
        ):
            raise ValueError(f"labels must be {len(self.options)} different strings, one for each option")
        if isinstance(self.start, dict):
            strangers = [name for name in self.start if name not in self.options]
            if strangers or sum(self.start.values()) <= 0:
                raise ValueError(f"start must give shares of {', '.join(self.options)}")
        if self.committed is not None and self.committed.to not in self.options:
            raise ValueError(f"committed.to must be one of {', '.join(self.options)}")
        if self.rule.kind in ("curie_weiss", "published") and len(self.options) != 2:
            raise ValueError(f"rule {self.rule.kind} is for two options")
        if self.rule.kind == "published":
            _known_curve(**self.rule.parameters())
        to = getattr(self.rule.given, "to", None)
        if self.rule.kind == "threshold" and to is not None and to not in self.options:
            raise ValueError(f"rule.to must be one of {', '.join(self.options)}")
        return self


def _known_curve(curve: str, size: int) -> None:
    """Raises ValueError, with the nearest guess, for a curve or group size that was not measured."""
    from .published import curve as find

    try:
        find(curve, size)
    except LookupError as error:
        raise ValueError(f"rule: {error}") from None


class ScaleSpec(MeetingSpec):
    """World `opinion_scale`: each agent holds a number on a scale."""

    low: float = 0.0
    """Lower end of the scale."""
    high: float = 1.0
    """Upper end of the scale."""
    rule: Annotated[Part, Named("opinion_scale_rules")]
    """How an opinion is formed when no model is asked: `simsoc list opinion_scale_rules`."""
    start: Literal["uniform"] | tuple[float, ...] = "uniform"
    """Opinions at the start: uniform on the scale, or the values of this list in turn."""
    start_trait: str | None = None
    """Take the first opinion from this trait instead."""
    stop: Literal["settled", "never"] = "settled"
    """Whether the run ends after a step in which no opinion moved by more than `tolerance`."""
    tolerance: Annotated[float, Field(gt=0)] = 1e-6
    """Largest movement in a step that still counts as settled."""
    cluster_gap: Annotated[float, Field(gt=0)] | None = None
    """Opinions further apart than this belong to different clusters; a twentieth of the scale when not given."""

    @model_validator(mode="after")
    def _fits(self) -> ScaleSpec:
        if not self.low < self.high:
            raise ValueError("low must be below high")
        if self.rule.kind == "deffuant" and self.group != 2:
            raise ValueError("rule deffuant is for meetings of two: say group: 2")
        outside = not isinstance(self.start, str) and any(not self.low <= x <= self.high for x in self.start)
        if outside:
            raise ValueError(f"start values must lie between {self.low:g} and {self.high:g}")
        to = self.committed.to if self.committed is not None else self.low
        if isinstance(to, str) or not self.low <= to <= self.high:
            raise ValueError(f"committed.to must be a number between {self.low:g} and {self.high:g}")
        return self
