"""Minds: memory, retrieval, reflection, plans and talk (methods.md sections 1, 5C and 7).

Generators without I/O. They read frozen views, yield Asks, receive Replies and return what is to be remembered or done;
a world writes it when the turn is applied. `Generative` holds what the minds of a run have in common.
"""

from simsoc.core.shelf import Shelf

MINDS = Shelf(
    "minds",
    {
        "generative": "simsoc.minds.mind:Generative",
        "none": "simsoc.minds.mind:NoMinds",
    },
)
PLANNERS = Shelf(
    "planners",
    {
        "day": "simsoc.minds.planning:Day",
        "tasks": "simsoc.minds.tasks:TaskList",
        "none": "simsoc.minds.planning:NoPlan",
    },
)
EMBEDDERS = Shelf(
    "embedders",
    {
        "lexical": "simsoc.minds.embed:lexical",
        "openai": "simsoc.minds.embed:openai",
        "sentence-transformers": "simsoc.minds.embed:sentence_transformers",
    },
)
MIND_RULES = Shelf("mind_rules", {"everyday": "simsoc.minds.rules.everyday:Everyday"})
