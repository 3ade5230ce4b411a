"""A Twitter-like service: posts, shares, replies, likes, follows, under a feed (methods.md section 3)."""

from simsoc.core.shelf import Shelf

TWITTER_DESIGNS = Shelf(
    "twitter_designs",
    {
        "fixed": "simsoc.worlds.twitter.fixed:Fixed",
        "growing": "simsoc.worlds.twitter.growing:Growing",
    },
)
TWITTER_RULES = Shelf(
    "twitter_rules",
    {
        "blind": "simsoc.worlds.twitter.rules:Blind",
        "partisan": "simsoc.worlds.twitter.rules:Partisan",
    },
)
