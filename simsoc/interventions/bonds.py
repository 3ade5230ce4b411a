"""Ties made and cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from simsoc.core.protocols import People, World
from simsoc.core.shelf import Strict
from simsoc.scenario.spec import Intervention, Who

from .scene import Plain, Scene, Whom

Id = Annotated[int, Field(ge=0)]
Pair = tuple[Id, Id]


class Bonds(Plain):
    """Make or cut ties: of pairs that are written out, or from those in `who` to those in `to`.

    A tie goes from the first to the second, who is followed, where ties have a direction. Ties of people who have left,
    ties that are there already and, when cutting, ties that are not there are passed over. Ties stay as they are made:
    `until` is for `every` alone.
    """

    whom: ClassVar[Whom] = "may"
    bears: ClassVar[str | None] = "ties"

    class Spec(Strict):
        """Keys of this intervention."""

        add: tuple[Pair, ...] = ()
        """Pairs of ids that are tied, e.g. `[[0, 5], [3, 4]]`."""
        cut: tuple[Pair, ...] = ()
        """Pairs of ids that are untied."""
        to: Who | None = None
        """Whom those in `who` are tied to, or untied from."""
        how: Literal["add", "cut"] = "add"
        """Whether ties to them are made or cut."""
        m: Annotated[int, Field(ge=1)] | None = None
        """So many ties for each of `who`, drawn among those of `to` that are not tied to it yet (when cutting: are)."""
        share: Annotated[float, Field(ge=0, le=1)] | None = None
        """Or a random share of all pairs, one addressed draw each; all of them when neither is given."""
        weight: Annotated[float, Field(ge=0)] | None = None
        """Weight of the ties made; those that are there already get it, too."""

        @model_validator(mode="after")
        def _one_way(self) -> Bonds.Spec:
            if self.to is None and not self.add and not self.cut:
                raise ValueError("which ties? Say 'add', 'cut' or 'to'")
            if self.to is None and (self.how != "add" or self.m is not None or self.share is not None):
                raise ValueError("'how', 'm' and 'share' are about ties to 'to', which is missing")
            if self.m is not None and self.share is not None:
                raise ValueError("say either 'm' (ties of each) or 'share' (of all pairs)")
            if any(a == b for a, b in (*self.add, *self.cut)):
                raise ValueError("nobody can be tied to itself")
            return self

    @staticmethod
    def do(spec: Spec, scene: Scene) -> None:
        """Pairs as written, then pairs as picked; who is tied already is looked at before any of them."""
        graph = scene.ties.graph
        picked = _picked(spec, scene) if spec.to is not None else []
        for a, b in spec.add:
            if a in graph and b in graph:
                scene.tie(a, b, spec.weight)
        for a, b in spec.cut:
            if a in graph and b in graph:
                scene.untie(a, b)
        for a, b in picked:
            if spec.how == "add":
                scene.tie(a, b, spec.weight)
            else:
                scene.untie(a, b)

    @staticmethod
    def problems(
        spec: Spec, intervention: Intervention, worlds: Sequence[World], people: People
    ) -> Iterator[tuple[str, str]]:
        """`who` and `to` belong together."""
        if spec.to is None and intervention.who is not None:
            yield "to", "to whom? `who` is about ties to those in 'to'"
        if spec.to is not None and intervention.who is None:
            yield "to", "from whom? Say it in `who`; `who: {}` is everybody"

    @staticmethod
    def selections(spec: Any) -> Iterator[tuple[str, Who]]:
        """Whom ties lead to, and those written out."""
        for key, pairs in (("add", spec.add), ("cut", spec.cut)):
            if pairs:
                yield key, Who(ids=tuple(agent for pair in pairs for agent in pair))
        if spec.to is not None:
            yield "to", spec.to


def _picked(spec: Bonds.Spec, scene: Scene) -> list[Pair]:
    assert spec.to is not None
    ends, ties = scene.pick(spec.to), scene.ties
    found: list[Pair] = []
    for a in scene.who:
        fit = [b for b in ends if b != a and ties.has(a, b) == (spec.how == "cut")]
        if spec.m is not None:
            found += [(a, b) for b in sorted(fit, key=lambda b: (scene.draw("m", a, b), b))[: spec.m]]
        elif spec.share is not None:
            found += [(a, b) for b in fit if scene.draw("pair", *_address(ties.directed, a, b)) < spec.share]
        else:
            tied = ends if spec.how == "add" else fit  # ties that are there may get a weight
            found += [(a, b) for b in tied if b != a]
    return found


def _address(directed: bool, a: int, b: int) -> Pair:
    """A pair has one draw, from whichever side it is looked at."""
    return (a, b) if directed or a < b else (b, a)
