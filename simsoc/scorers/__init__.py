"""Numbers for texts: how toxic, how well-disposed, whether a rule is broken. In [0, 1], with name and version.

What stands on this shelf is of two kinds. A `Local` scorer answers at once and in this process: worlds measure with it
while they run. An `Asked` one is a model or a service: a run's texts are put to it afterwards (`simsoc.scoring`), every
answer is kept, and nothing is paid for twice. Which scorer gave a number is part of the result: two scorers are two
measures. Text that nobody wrote (`PLACEHOLDER`) has no number.
"""

from simsoc.core.shelf import Shelf

from .scorer import Asked, Local, Scorer, built, local

SCORERS = Shelf(
    "scorers",
    {
        "lexicon": "simsoc.scorers.lexicon:lexicon",
        "vader": "simsoc.scorers.packages:vader",
        "profanity-check": "simsoc.scorers.packages:profanity_check",
        "openai-moderation": "simsoc.scorers.asked:openai_moderation",
        "judge": "simsoc.scorers.asked:judge",
    },
)

__all__ = ["SCORERS", "Asked", "Local", "Scorer", "built", "local"]
