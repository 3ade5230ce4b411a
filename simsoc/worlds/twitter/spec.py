"""Keys of world `twitter` in a scenario file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from simsoc.core.shelf import Strict
from simsoc.scenario.spec import Named, Part

Size = Annotated[int, Field(ge=0, le=50)]


class Show(Strict):
    """Which cues people see. What is switched off is gone from the facts of a decision, for rules and models alike."""

    counts: bool = True
    """Numbers of likes, replies, reposts and followers."""
    names: bool = False
    """Who wrote a post and whose an account is, by a short made-up name that each person keeps."""
    bios: bool = True
    """What an account says of itself, where people decide whom to follow."""
    party: bool = False
    """A label with the author's party on every post and account."""


class News(Strict):
    """Headlines that people may share."""

    file: str | None = None
    """CSV, JSON or JSON lines with `headline`, `category`, `short_description` (or `description`), `date`, `outlet`; a
    small set of made-up ones when not given. Only `headline` has to be there."""
    count: Size = 10
    """Headlines shown at once, drawn uniformly for each turn."""
    outlets: str | None = None
    """A trait that lists the outlets somebody uses: only their headlines are shown to it. All when not given."""
    by_date: bool = False
    """Whether headlines come out on their date, `days` a step from the earliest on; undated ones are always out."""
    days: Annotated[float, Field(gt=0)] = 1.0
    """Days that go by in a step, with `by_date`."""
    kept: Annotated[float, Field(gt=0)] | None = None
    """Days for which a headline is shown after its date, with `by_date`; for ever when not given."""


class TwitterSpec(Strict):
    """World `twitter`: people share headlines, see each other's posts through a feed, and react to them."""

    design: Annotated[Part, Named("twitter_designs")] = Field(default="fixed", validate_default=True)
    """What a turn consists of: `fixed` (share, or read a feed, like and reply), `growing` (repost, share, follow)."""
    feed: Annotated[Part, Named("feeds")] | None = None
    """What people are shown: `simsoc list feeds`; `following` in the fixed design, `timeline` in the growing one."""
    suggest: Annotated[Part, Named("follow_recommenders")] | None = None
    """Accounts that are suggested after each turn, one of which may be followed; none when not given."""
    unfollow: bool = False
    """Whether somebody who was shown posts of accounts it follows is asked whether to unfollow one of them."""
    show: Show = Show()
    """Which cues people see."""
    news: News = News()
    """Headlines that people may share."""
    friction: Literal["none", "pause", "accuracy"] = "none"
    """An extra question before anything is shared: whether one really wants to, or whether it is accurate."""
    rule: Annotated[Part, Named("twitter_rules")] = Field(default="partisan", validate_default=True)
    """How people decide when no model is asked: `simsoc list twitter_rules`."""
    names: Annotated[int, Field(ge=2, le=8)] = 4
    """Letters and digits in an account's name."""
    order: Literal["shuffled", "fixed"] = "shuffled"
    """Order in which the options of a choice are told: drawn for each call, or as listed. Posts stand as ranked."""
    parties: tuple[str, str] = ("democrat", "republican")
    """The two parties, the left one first, as the trait `party` has them; everybody else is non-partisan."""
    nonpartisans: Literal["group", "left_out"] = "group"
    """In E-I indices, those of no party are a third group, or their contacts do not count."""
    scorer: Annotated[Part, Named("scorers")] = Field(default="lexicon", validate_default=True)
    """What measures toxicity: `simsoc list scorers`."""

    @model_validator(mode="before")
    @classmethod
    def _usual_feed(cls, value: Any) -> Any:
        """The feed that each design was published with."""
        if not isinstance(value, dict) or value.get("feed") is not None:
            return value
        design = value.get("design", "fixed")
        kind = design.get("kind") if isinstance(design, dict) else getattr(design, "kind", design)
        return {**value, "feed": "timeline" if kind == "growing" else "following"}

    @model_validator(mode="after")
    def _two_parties(self) -> TwitterSpec:
        if self.parties[0] == self.parties[1]:
            raise ValueError("parties must be two different names")
        return self
