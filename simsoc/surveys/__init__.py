"""Surveys and interviews: what is asked, what whoever is asked knows, and how it is answered without a model.

Methods 6B and 6C. They read and change nothing: each question is one Ask, at an address of its own.
"""

from simsoc.core.shelf import Shelf

SURVEY_RULES = Shelf(
    "survey_rules",
    {
        "standing": "simsoc.surveys.rules:standing",
        "trait": "simsoc.surveys.rules:trait",
        "by_group": "simsoc.surveys.rules:by_group",
        "mentions": "simsoc.surveys.rules:mentions",
        "most_mentioned": "simsoc.surveys.rules:most_mentioned",
        "uniform": "simsoc.surveys.rules:uniform",
    },
)
