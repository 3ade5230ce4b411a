"""Verbal opinions: people write short messages to each other and report what they believe (methods.md 5C)."""

from simsoc.core.shelf import Shelf

BELIEF_RULES = Shelf(
    "opinion_verbal_rules",
    {
        "persuasion": "simsoc.worlds.verbal.rules:persuasion",
        "keep": "simsoc.worlds.verbal.rules:keep",
    },
)
