"""Every shelf of the package by name: what a scenario may say, and what `simsoc list` prints."""

from __future__ import annotations

from collections.abc import Mapping

from simsoc.backends import PROVIDERS
from simsoc.core.shelf import Shelf
from simsoc.engine import ACTIVATIONS
from simsoc.feeds import FEEDS, FOLLOW_RECOMMENDERS
from simsoc.interventions import INTERVENTIONS
from simsoc.minds import EMBEDDERS, MIND_RULES, MINDS, PLANNERS
from simsoc.networks import NETWORKS
from simsoc.population import POPULATIONS
from simsoc.scorers import SCORERS
from simsoc.surveys import SURVEY_RULES
from simsoc.worlds import WORLDS
from simsoc.worlds.audit import AUDIT_INSTRUMENTS, AUDIT_RULES
from simsoc.worlds.growth import ACCEPTANCE_RULES, DESIGNS, GROWTH_RULES
from simsoc.worlds.opinion import CHOICE_RULES, SCALE_RULES
from simsoc.worlds.reddit import REDDIT_RULES
from simsoc.worlds.twitter import TWITTER_DESIGNS, TWITTER_RULES
from simsoc.worlds.verbal import BELIEF_RULES

SHELVES: Mapping[str, Shelf] = {
    shelf.name: shelf
    for shelf in (
        WORLDS,
        POPULATIONS,
        NETWORKS,
        ACTIVATIONS,
        PROVIDERS,
        INTERVENTIONS,
        MINDS,
        PLANNERS,
        EMBEDDERS,
        MIND_RULES,
        CHOICE_RULES,
        SCALE_RULES,
        BELIEF_RULES,
        DESIGNS,
        GROWTH_RULES,
        ACCEPTANCE_RULES,
        AUDIT_INSTRUMENTS,
        AUDIT_RULES,
        REDDIT_RULES,
        TWITTER_DESIGNS,
        TWITTER_RULES,
        SURVEY_RULES,
        SCORERS,
        FEEDS,
        FOLLOW_RECOMMENDERS,
    )
}
