"""Feeds: which items somebody is shown, in which order, and whom it is told to follow (methods.md, section 3).

Small pure functions over columns of items. A world keeps an `Items`, written in its `fold` alone; `build` makes a feed
from a scenario's part; `feed.ready(items, step)` works out what is the same for all viewers, and `.rank(viewer)` what
is one viewer's, or `.rank_all(viewers)` what is that of each of many, at a fraction of the cost. What it returns goes
into the turn's Action as `shown`, and so into the exposure ledger. An `Audience` asks for many where a world knows who
will look before anything changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simsoc.core.shelf import Shelf

from .keys import FeedKeys, FollowKeys

if TYPE_CHECKING:
    from .audience import Audience
    from .building import Feed, build
    from .follow import recommender
    from .items import Columns, Items
    from .viewer import Scored, Viewer

__all__ = [
    "FEEDS",
    "FOLLOW_RECOMMENDERS",
    "Audience",
    "Columns",
    "Feed",
    "FeedKeys",
    "Items",
    "Scored",
    "Viewer",
    "build",
    "recommender",
]

FEEDS = Shelf(
    "feeds",
    {
        "chronological": "simsoc.feeds.scores:chronological",
        "following": "simsoc.feeds.scores:following",
        "everyone": "simsoc.feeds.scores:everyone",
        "bridging": "simsoc.feeds.scores:bridging",
        "bridging_mf": "simsoc.feeds.factorised:bridging_mf",
        "inverse": "simsoc.feeds.reactions:inverse",
        "out_partisan": "simsoc.feeds.reactions:out_partisan",
        "random": "simsoc.feeds.scores:random",
        "affinity": "simsoc.feeds.affinity:Affinity",
        "colikes": "simsoc.feeds.reactions:colikes",
        "hot": "simsoc.feeds.votes:hot",
        "new": "simsoc.feeds.votes:new",
        "top": "simsoc.feeds.votes:top",
        "best": "simsoc.feeds.votes:best",
        "base": "simsoc.feeds.published:base",
        "chronological_others": "simsoc.feeds.published:chronological_others",
        "downplay_dominant": "simsoc.feeds.published:downplay_dominant",
        "boost_out_partisan": "simsoc.feeds.published:boost_out_partisan",
        "bridging_attributes": "simsoc.feeds.published:bridging_attributes",
        "timeline": "simsoc.feeds.timeline:Timeline",
        "diverse": "simsoc.feeds.diverse:Diverse",
        "mix": "simsoc.feeds.mixing:Mix",
        "stack": "simsoc.feeds.mixing:Stack",
    },
    base=FeedKeys,
    files=True,
)

FOLLOW_RECOMMENDERS = Shelf(
    "follow_recommenders",
    {
        "popular": "simsoc.feeds.follow:popular",
        "friends_of_friends": "simsoc.feeds.follow:friends_of_friends",
        "similar": "simsoc.feeds.follow:similar",
        "random": "simsoc.feeds.follow:random",
        "out_party": "simsoc.feeds.follow:out_party",
    },
    base=FollowKeys,
    files=True,
)

_WHERE = {
    "Audience": "audience",
    "Columns": "items",
    "Feed": "building",
    "Items": "items",
    "Scored": "viewer",
    "Viewer": "viewer",
    "build": "building",
    "recommender": "follow",
}


def __getattr__(name: str) -> Any:
    """Loaded when used: reading a scenario needs no arrays."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"simsoc.feeds.{_WHERE[name]}"), name)
