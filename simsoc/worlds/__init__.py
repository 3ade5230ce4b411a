"""Social processes, one folder each: what a world holds, what agents see, are asked and may do, and its measures."""

from simsoc.core.shelf import Shelf

WORLDS = Shelf(
    "worlds",
    {
        "opinion": "simsoc.worlds.opinion.choices:Opinion",
        "opinion_scale": "simsoc.worlds.opinion.scale:OpinionScale",
        "opinion_verbal": "simsoc.worlds.verbal.world:Verbal",
        "audit": "simsoc.worlds.audit.world:Audit",
        "growth": "simsoc.worlds.growth.state:Growth",
        "reddit": "simsoc.worlds.reddit.world:Reddit",
        "town": "simsoc.worlds.town.state:Town",
        "twitter": "simsoc.worlds.twitter.state:Twitter",
    },
)
