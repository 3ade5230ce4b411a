"""Keys under `experiment` and `published`: which runs one scenario stands for, and what was measured elsewhere."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from simsoc.core.shelf import Strict

from .short import Listed, Name


class Compare(Strict):
    """What the arms of an experiment are compared in."""

    to: str | None = None
    """Arm the others are held against; the first when not given."""
    measures: Annotated[tuple[str, ...], Field(min_length=1), Listed()] | None = None
    """Measures to compare; all that are taken when not given."""


def _named_null(value: Any) -> Any:
    return "null" if value is None else value  # YAML's null, where a rung of that name is meant


Rung = Annotated[
    Literal["null", "mechanistic", "persona_free", "shuffled", "rewired", "no_interaction"],
    BeforeValidator(_named_null),
]
"""A null model that an arm is held against; `simsoc.experiments.ladder` makes them."""


class Experiment(Strict):
    """Arms x grid x replicates: the runs that one scenario stands for."""

    arms: dict[Name, dict[str, Any] | None] = Field(default={"base": None})
    """What differs between arms: a name, and the keys it changes, dotted as in `--set`."""
    grid: dict[str, Annotated[tuple[Any, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """Keys, dotted as in `--set`, each with a list of values: every arm is run at every combination."""
    replicates: Annotated[int, Field(ge=1, le=100_000)] = 1
    """How often each arm is run, each time with another seed that all arms share."""
    hold: Annotated[tuple[Literal["population", "network"], ...], Listed()] = ()
    """What stays the same over the replicates; the rest is drawn again in each."""
    compare: Compare = Compare()
    """What the arms are compared in."""
    ladder: bool | tuple[Rung, ...] = False
    """Null models run beside the arms, each as the arm `ARM.RUNG`: all that fit, or these."""
    ladder_of: Annotated[tuple[str, ...], Field(min_length=1), Listed()] | None = None
    """Arms that get a ladder; every arm when not given."""
    also: Annotated[tuple[str, ...], Listed()] = ()
    """Scenario files of other experiments on the same question: `simsoc experiment` runs them, too, and prints them."""


class PublishedValue(Strict):
    """One number that was measured elsewhere."""

    arm: str | None = None
    """The arm it belongs to; may be left out where there is one only."""
    measure: str
    """The measure it was taken by."""
    value: float
    """What was found: a mean, where several runs were made."""
    low: float | None = None
    """Lower end of its range or interval."""
    high: float | None = None
    """Upper end."""
    at: dict[str, Any] = Field(default_factory=dict)
    """Keys of the grid and their values, where it belongs to some grid points only."""
    source: str = ""
    """Where it is from, if not from the source of them all."""

    @model_validator(mode="after")
    def _in_order(self) -> PublishedValue:
        if (self.low is None) != (self.high is None):
            raise ValueError("a range has two ends: say both low and high, or neither")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low must not be above high ({self.low:g} and {self.high:g})")
        return self


class Published(Strict):
    """Numbers that were measured elsewhere, to be printed beside the simulated ones. No run depends on them."""

    source: str = ""
    """Paper and identifier."""
    mind: str = ""
    """Who answered there: a model, or people."""
    runs: Annotated[int, Field(ge=1)] | None = None
    """Runs behind each value."""
    spread: str = ""
    """What `low` and `high` are, e.g. `minimum and maximum over 5 runs`."""
    see: str = ""
    """Where to look on, printed under the table: the scenario of another study, say."""
    file: str | None = None
    """CSV with the columns arm, measure, value, and perhaps low, high, source and keys of the grid."""
    rows: tuple[PublishedValue, ...] = ()
    """Or the values themselves; both may be given."""
