"""What can be changed in a running society from outside, for whom.

A kind on this shelf is a class with a `Spec` and what `scene.Kind` asks for: it says what is done in terms of a
`Scene`, and the society does it. Draws are addressed by the intervention's place in the list and the step.
"""

from simsoc.core.shelf import Shelf

INTERVENTIONS = Shelf(
    "interventions",
    {
        "set": "simsoc.interventions.settings:Set",
        "backend": "simsoc.interventions.settings:Answers",
        "seed": "simsoc.interventions.settings:Seed",
        "ties": "simsoc.interventions.bonds:Bonds",
        "join": "simsoc.interventions.people:Join",
        "leave": "simsoc.interventions.people:Leave",
        "traits": "simsoc.interventions.people:Traits",
        "suspend": "simsoc.interventions.bans:Suspend",
        "inject": "simsoc.interventions.items:Inject",
    },
)
