"""Items put into a world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from simsoc.core.protocols import People, World
from simsoc.core.shelf import Strict, nearest
from simsoc.scenario.spec import Intervention

from .scene import Plain, Scene, Whom


class Inject(Plain):
    """Put an item into a world: an opinion that `who` now holds, or whatever else a world takes.

    In opinion worlds the item is an option, or a number on the scale; committed people keep what they hold. It takes
    place once, or with `every` again, and is never undone: `until` is for `every` alone.
    """

    whom: ClassVar[Whom] = "may"

    class Spec(Strict):
        """Keys of this intervention."""

        item: Any
        """The item, as the world takes it."""
        world: str | None = None
        """Which world, by its kind, where several of them take items."""

    @staticmethod
    def do(spec: Spec, scene: Scene) -> None:
        """Into the world."""
        scene.inject(spec.item, spec.world)

    @staticmethod
    def problems(
        spec: Spec, intervention: Intervention, worlds: Sequence[World], people: People
    ) -> Iterator[tuple[str, str]]:
        """One world takes it, and has nothing against it."""
        kinds = [world.kind for world in worlds]
        if spec.world is not None and spec.world not in kinds:
            yield "world", f"no world '{spec.world}' here.{nearest(spec.world, kinds)} Known: {', '.join(kinds)}."
            return
        taking = takers(worlds, spec.world)
        if not taking:
            yield "item", f"world {' and '.join(map(repr, [spec.world] if spec.world else kinds))} takes no items"
        elif len(taking) > 1:
            yield "world", f"which one? Say {' or '.join(w.kind for w in taking)}"
        else:
            why = taking[0].refuses_item(spec.item, whose=intervention.who is not None)
            if why is not None:
                yield "item", why


def takers(worlds: Sequence[World], kind: str | None) -> list[Any]:
    """The worlds that take items, or the one of this kind if it does."""
    return [w for w in worlds if hasattr(w, "inject") and kind in (None, w.kind)]
