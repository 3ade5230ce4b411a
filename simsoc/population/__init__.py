"""Where the people come from.

A source is called ``source(seed, **parameters)`` and returns the traits of each person, by agent id, or these and what
it took (`core.protocols.Gathered`); or, where people have to be asked for, what asks for them
(`core.protocols.Sought`). Draws are addressed by person, so that one more of them changes nobody else.
"""

from typing import Any

from simsoc.core.shelf import Shelf

POPULATIONS = Shelf(
    "populations",
    {
        "blank": "simsoc.population.sources:blank",
        "inline": "simsoc.population.sources:inline",
        "csv": "simsoc.population.csv_people:csv_people",
        "json": "simsoc.population.records:json_file",
        "attributes": "simsoc.population.sources:attributes",
        "names": "simsoc.population.given_names:given_names",
        "anes": "simsoc.population.anes.files:anes",
        "anes-synthetic": "simsoc.population.anes.synthetic:anes_synthetic",
        "expanded": "simsoc.population.expanded:Expanded",
    },
)


def asked_for(part: Any) -> bool:
    """Whether the people of a scenario (its part `population`), or traits of theirs, have to be asked for."""
    return part.kind == "expanded" or getattr(part.given, "extend", None) is not None
