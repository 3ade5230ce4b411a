"""Fake parts and shelves for the tests of this room."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from simsoc.core.shelf import Shelf, Strict
from simsoc.scenario.spec import Named, Part, Who


def blank(seed: int, *, n: Annotated[int, Field(ge=0, le=1_000_000)] = 0) -> None:
    """People without traits.

    n: how many
        there are
    """


def table(seed: int, *, file: str, weights: bool = False) -> None:
    """People from a file."""


def complete(n: int) -> None:
    """Everybody with everybody."""


def ring(n: int, *, k: Annotated[int, Field(ge=2)], rewire: Annotated[float, Field(ge=0, le=1)] = 0.0) -> None:
    """A ring.

    k: Neighbours of each. Even.
    rewire: Share of ties that are moved.
    """


def small_world(n: int, *, k: Annotated[int, Field(ge=2)] = 4, p: float = 0.1) -> None:
    """A ring with shortcuts."""


def one_by_one(seed: int, *, replacement: bool = True) -> None:
    """One after another."""


def together(seed: int) -> None:
    """All at once."""


def curie_weiss(facts: Any, stream: Any, *, beta: Annotated[float, Field(ge=0)] = 1.0) -> None:
    """Logistic."""


def voter(facts: Any, stream: Any) -> None:
    """Copy one."""


def noisy(facts: Any, stream: Any, *, of: Annotated[Part, Named("rules")], p: float = 0.1) -> None:
    """Another rule, with noise."""


class Null:
    """Nothing."""

    class Spec(Strict):
        """No keys."""


class Committed(Strict):
    """Zealots."""

    to: str | float
    """Their opinion."""
    n: Annotated[int, Field(ge=1)] | None = None
    who: Who | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Committed:
        if (self.n is None) == (self.who is None):
            raise ValueError("say either 'n' or 'who'")
        return self


class Opinion:
    """Opinions."""

    class Spec(Strict):
        """Keys of opinion."""

        options: Annotated[tuple[str, ...], Field(min_length=2, max_length=5)] = ("A", "B")
        """The opinions."""
        rule: Annotated[Part, Named("rules")]
        """How an opinion is picked."""
        start: Literal["even", "random"] | dict[str, Annotated[float, Field(ge=0)]] = "even"
        """Opinions at the start."""
        window: int | Literal["all"] = "all"
        committed: Committed | None = None
        noise: Annotated[Part, Named("rules")] | None = None
        more: tuple[Annotated[Part, Named("rules")], ...] = ()
        by_name: dict[str, Annotated[Part, Named("rules")]] = Field(default_factory=dict)
        pair: tuple[int, str] | None = None
        order: Literal["together", "one_by_one"] = "together"

        @field_validator("options")
        @classmethod
        def _differ(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            if len(set(value)) != len(value):
                raise ValueError("options must differ\nfrom each other")
            return value


class SetKeys:
    """Other keys."""

    class Spec(Strict):
        """Keys of set."""

        keys: dict[str, Any]


class Survey:
    """Questions from a file."""

    class Spec(Strict):
        """Keys of survey."""

        file: str

        @field_validator("file")
        @classmethod
        def _there(cls, value: str, info: ValidationInfo) -> str:
            if not (info.context["folder"] / value).exists():
                raise ValueError(f"no file '{value}' beside the scenario")
            return value


def shelves() -> dict[str, Shelf]:
    here = "scenario_parts"
    made = [
        Shelf("worlds", {"opinion": f"{here}:Opinion", "survey": f"{here}:Survey", "heavy": "not_installed_here:X"}),
        Shelf("populations", {"blank": f"{here}:blank", "table": f"{here}:table"}),
        Shelf(
            "networks",
            {
                "complete": f"{here}:complete",
                "ring": f"{here}:ring",
                "small_world": f"{here}:small_world",
                "null": f"{here}:Null",
            },
        ),
        Shelf("activations", {"one_by_one": f"{here}:one_by_one", "together": f"{here}:together"}),
        Shelf("interventions", {"set": f"{here}:SetKeys"}),
        Shelf("minds", {"none": f"{here}:Null"}),
        Shelf("survey_rules", {"standing": f"{here}:Null"}),
        Shelf("rules", {"curie_weiss": f"{here}:curie_weiss", "voter": f"{here}:voter", "noisy": f"{here}:noisy"}),
    ]
    return {shelf.name: shelf for shelf in made}


SHELVES = shelves()
