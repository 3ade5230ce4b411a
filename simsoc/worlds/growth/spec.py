"""Keys of the growth world in a scenario file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsoc.core.shelf import Strict
from simsoc.scenario.spec import Named, Part

NEEDS = {"kernel": "show_degree", "common_neighbours": "show_neighbours", "similar": "attributes"}
"""Rules that read a cue, and the key that shows it."""


class GrowthSpec(Strict):
    """World `growth`: people choose ties among candidates that show names and, if wished, more."""

    design: Annotated[Part, Named("growth_designs")] = Field(default="newcomers", validate_default=True)
    """Who chooses when and among whom: `simsoc list growth_designs`."""
    rule: Annotated[Part, Named("growth_rules")]
    """How candidates are chosen when no model is asked: `simsoc list growth_rules`."""
    names: Literal["redrawn", "fixed"] = "redrawn"
    """Names shown for candidates: fresh random ones for each call, or one for each person, drawn once."""
    name_length: Annotated[int, Field(ge=1, le=8)] = 3
    """Letters and digits in a name."""
    order: Literal["shuffled", "fixed"] = "shuffled"
    """Order in which candidates are listed."""
    show_degree: bool = True
    """Whether candidates show their number of followers (ties when undirected)."""
    show_neighbours: bool = False
    """Whether candidates show the names of those they are tied to."""
    attributes: tuple[str, ...] = ()
    """Traits that candidates show."""
    cap: Annotated[int, Field(ge=1)] | None = None
    """Most candidates shown, drawn uniformly; a cap changes the effective kernel and is in the log."""
    context: Literal["none", "school", "work", "community"] = "none"
    """What the network is said to be: nothing, a school, a workplace or a neighbourhood."""

    @model_validator(mode="after")
    def _cues(self) -> GrowthSpec:
        needed = NEEDS.get(self.rule.kind)
        if needed is not None and not getattr(self, needed):
            raise ValueError(f"rule {self.rule.kind} reads what '{needed}' would show, and this scenario hides it")
        acceptance = getattr(self.design.given, "acceptance", None)
        if acceptance is not None and acceptance.kind == "shares" and not self.attributes:
            raise ValueError("acceptance rule shares reads what 'attributes' would show, and this scenario hides it")
        return self
