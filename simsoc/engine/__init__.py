"""Time: who takes a turn when, and how thoughts become events in the right order."""

from simsoc.core.shelf import Shelf

ACTIVATIONS = Shelf(
    "activations",
    {
        "together": "simsoc.engine.activation:together",
        "one_by_one": "simsoc.engine.activation:one_by_one",
        "rate": "simsoc.engine.activation:rate",
        "poisson": "simsoc.engine.activation:poisson",
    },
)
