"""The keys that every feed, and every follow recommender, has besides its own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simsoc.core.shelf import Strict

Whose = Literal["everyone", "followed", "others"]


class FeedKeys(Strict):
    """Which items can be shown, how many are, and how they are picked by their scores."""

    size: Annotated[int, Field(ge=1, le=1000)] = 10
    """Most items shown."""
    whose: Whose = "everyone"
    """Items of everyone, of those the viewer follows, or of others (neither its own nor followed)."""
    own: bool = False
    """Whether the viewer's own items may be among them."""
    newest: Annotated[int, Field(ge=1)] | None = None
    """Only the newest so many of the items that this viewer can be shown are looked at; all when not given."""
    max_age: Annotated[int, Field(ge=0)] | None = None
    """Only items made at most so many steps ago."""
    draw: Literal["top", "weighted"] = "top"
    """The highest scores, or a draw without replacement, the chance of each pick in proportion to the score."""
    order: Literal["rank", "newest"] = "rank"
    """Order in which they are shown: as picked, or newest first."""


class FollowKeys(Strict):
    """How many accounts are told, and how they are picked by their scores."""

    size: Annotated[int, Field(ge=1, le=1000)] = 5
    """Most accounts told."""
    draw: Literal["top", "weighted"] = "top"
    """The highest scores, or a draw without replacement, the chance of each pick in proportion to the score."""
