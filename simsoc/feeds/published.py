"""The recommended part of the timeline in "Can We Fix Social Media?" (Larooij and Tornberg 2025, arXiv 2508.03385).

Candidates are the last 50 items that somebody could be recommended, each post once; five are drawn by weight without
replacement, or the top five are taken. Weights are those of the published code (methods.md, section 3B).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .items import Columns
from .reactions import boosts
from .scores import by_time, for_many, separate, weighted, with_keys
from .viewer import Array, Scored, Viewer

ATTRIBUTES = ("affinity", "compassion", "curiosity", "nuance", "personal_story", "reasoning", "respect")
"""The bridging attributes that the Perspective service scores."""
_DRAWN = {"size": 5, "whose": "others", "newest": 50, "draw": "weighted"}


@separate
@with_keys(**_DRAWN)
def base(items: Columns, now: int) -> Array:
    """Drawn by reposts + 1 (the baseline of Larooij and Tornberg 2025)."""
    return items.reposts + 1.0


@by_time
@with_keys(size=5, whose="others")
def chronological_others(items: Columns, now: int) -> Array:
    """The newest posts of others (the chronological condition of Larooij and Tornberg 2025)."""
    return items.step


@with_keys(**_DRAWN)
def downplay_dominant(items: Columns, now: int) -> Array:
    """Drawn by total reposts among the candidates + 1 - own reposts; uniform where there are none."""
    return np.asarray(items.reposts.sum() + 1.0 - items.reposts)


@for_many
@with_keys(**_DRAWN)
def boost_out_partisan(items: Columns, now: int, viewers: Sequence[Viewer]) -> Scored:
    """Drawn by (reposts + 1) ln(1 + 3 + |partisan of the author - partisan of the viewer|)."""
    boost = boosts(items, viewers)
    popular = items.reposts + 1.0
    return Scored(popular * boost, {"popular": popular, "boost": boost})


@separate
@with_keys(size=5, whose="others", newest=50)
def bridging_attributes(items: Columns, now: int, *, attributes: tuple[str, ...] = ATTRIBUTES) -> Scored:
    """The highest mean of attributes such as curiosity, nuance and respect, which the world's scorer gives to items.

    attributes: names of the scores that are averaged.
    """
    of = {name: items.attribute(name) / len(attributes) for name in attributes}
    return weighted(**of)
