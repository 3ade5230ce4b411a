"""Communities of posts and replies, from a goal, rules and personas (SimReddit, methods.md section 2)."""

from simsoc.core.shelf import Shelf

REDDIT_RULES = Shelf("reddit_rules", {"community": "simsoc.worlds.reddit.rules:Community"})
