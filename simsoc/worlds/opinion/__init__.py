"""Opinion dynamics: an agent sees the opinions of those it is tied to and picks its own (methods.md section 5)."""

from simsoc.core.shelf import Shelf

CHOICE_RULES = Shelf(
    "opinion_rules",
    {
        "curie_weiss": "simsoc.worlds.opinion.rules:curie_weiss",
        "published": "simsoc.worlds.opinion.rules:published",
        "voter": "simsoc.worlds.opinion.rules:voter",
        "noisy_voter": "simsoc.worlds.opinion.rules:noisy_voter",
        "q_voter": "simsoc.worlds.opinion.rules:q_voter",
        "majority": "simsoc.worlds.opinion.rules:majority",
        "threshold": "simsoc.worlds.opinion.rules:threshold",
    },
)
SCALE_RULES = Shelf(
    "opinion_scale_rules",
    {
        "degroot": "simsoc.worlds.opinion.scale_rules:degroot",
        "friedkin_johnsen": "simsoc.worlds.opinion.scale_rules:friedkin_johnsen",
        "hegselmann_krause": "simsoc.worlds.opinion.scale_rules:hegselmann_krause",
        "deffuant": "simsoc.worlds.opinion.scale_rules:deffuant",
    },
)
