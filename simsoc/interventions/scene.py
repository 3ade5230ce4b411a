"""What an intervention meets when it takes place, and what a kind of intervention has to say of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol

from simsoc.core.protocols import People, Ties, World
from simsoc.scenario.spec import BackendSpec, Intervention, Who

Whom = Literal["no", "may", "must"]
"""Whether an intervention has a `who`."""


class Scene(Protocol):
    """The society as one intervention sees and changes it, before a step. Changes hold at once."""

    @property
    def who(self) -> Sequence[int]:
        """Whom it is about, ascending: those picked by `who`, or everybody who is there."""
        ...

    @property
    def whose(self) -> bool:
        """Whether a `who` was given at all."""
        ...

    @property
    def ties(self) -> Ties:
        """Who is tied to whom; a node of the graph is somebody who is there."""
        ...

    def pick(self, who: Who) -> list[int]:
        """Those of the people who are there that fit a second selection, ascending."""
        ...

    def draw(self, *path: str | int) -> float:
        """A number in [0, 1) at an address within this intervention and step."""
        ...

    def tie(self, a: int, b: int, weight: float | None = None) -> None:
        """Tie a to b (a follows b when directed); a tie that is there gets the weight."""
        ...

    def untie(self, a: int, b: int) -> None:
        """End the tie from a to b, if there is one."""
        ...

    def join(self, traits: Mapping[str, Any]) -> int:
        """Somebody new without ties; its id."""
        ...

    def leave(self, agent: int) -> None:
        """Somebody goes: takes no more turns, and has no ties any more."""
        ...

    def change_traits(self, agent: int, to: Mapping[str, Any]) -> None:
        """Other traits; None takes a trait away."""
        ...

    def inject(self, item: Any, world: str | None) -> None:
        """Put an item into a world, as that of `who`, or as the world's own where there is none."""
        ...

    def suspend(self, hide: bool) -> None:
        """Those in `who` may do nothing from now on. hide: whether what they made is in no feed meanwhile."""
        ...

    def restore(self) -> None:
        """Those whom this intervention has suspended may act again, unless another one holds them still."""
        ...

    def set(self) -> None:
        """The keys of this intervention hold from now on."""
        ...

    def unset(self) -> None:
        """They do not hold any more."""
        ...

    def lend(self, backend: BackendSpec) -> None:
        """This backend answers for `who` from now on."""
        ...

    def take_back(self) -> None:
        """It does not any more."""
        ...

    def reseed(self, seed: int) -> None:
        """Another seed from now on."""
        ...


class Kind(Protocol):
    """A kind of intervention. One that has an `undo` too lasts, and `until` says how long."""

    whom: ClassVar[Whom]
    bears: ClassVar[str | None]
    """What every world has to be able to bear (`World.BEARS`); None where it concerns no world."""

    @staticmethod
    def do(spec: Any, scene: Scene) -> None:
        """Let it take place."""
        ...

    @staticmethod
    def problems(
        spec: Any, intervention: Intervention, worlds: Sequence[World], people: People
    ) -> Iterator[tuple[str, str]]:
        """What is wrong with it in this society, as it is before the first step: (key below `do`, message)."""
        ...

    @staticmethod
    def selections(spec: Any) -> Iterator[tuple[str, Who]]:
        """Further selections of people among its keys, by key."""
        ...


class Plain:
    """What most kinds have to say: nothing."""

    whom: ClassVar[Whom] = "no"
    bears: ClassVar[str | None] = None

    @staticmethod
    def problems(
        spec: Any, intervention: Intervention, worlds: Sequence[World], people: People
    ) -> Iterator[tuple[str, str]]:
        """None."""
        return iter(())

    @staticmethod
    def selections(spec: Any) -> Iterator[tuple[str, Who]]:
        """None."""
        return iter(())
