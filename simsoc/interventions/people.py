"""People who come, who go, and who become somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from simsoc.core.protocols import People, World
from simsoc.core.shelf import Strict
from simsoc.scenario.spec import Intervention

from .scene import Plain, Scene, Whom


class Join(Plain):
    """Let new people in, tied to some of those who are there.

    They get the next ids and take turns from this step on. `who` are those among whom their ties are drawn, everybody
    when not given; newcomers of the same step are not tied to each other. They stay: `until` is for `every` alone.
    """

    whom: ClassVar[Whom] = "may"
    bears: ClassVar[str | None] = "join"

    class Spec(Strict):
        """Keys of this intervention."""

        n: Annotated[int, Field(ge=0, le=1_000_000)] = 1
        """How many come."""
        traits: dict[str, Any] = Field(default_factory=dict)
        """Traits of each of them."""
        m: Annotated[int, Field(ge=0)] = 0
        """Ties each of them makes (people it follows where ties have a direction), drawn among `who`."""

    @staticmethod
    def do(spec: Spec, scene: Scene) -> None:
        """One after another: the newcomer, then its ties."""
        for k in range(spec.n):
            agent = scene.join(spec.traits)
            for other in sorted(scene.who, key=lambda b: (scene.draw("join", k, b), b))[: spec.m]:
                scene.tie(agent, other)

    @staticmethod
    def problems(
        spec: Spec, intervention: Intervention, worlds: Sequence[World], people: People
    ) -> Iterator[tuple[str, str]]:
        """Worlds say why somebody with these traits cannot come."""
        for world in worlds:
            refuses = getattr(world, "refuses_person", None)
            why = refuses(spec.traits) if refuses is not None else None
            if why is not None:
                yield "traits", why


class Leave(Plain):
    """Let people go: they take no more turns, and their ties end.

    Their ids stay theirs, what they did stays in the log, and measures count them no more. They do not come back:
    `until` is for `every` alone.
    """

    whom: ClassVar[Whom] = "must"
    bears: ClassVar[str | None] = "leave"

    class Spec(Strict):
        """This intervention has no keys."""

    @staticmethod
    def do(spec: Spec, scene: Scene) -> None:
        """One after another."""
        for agent in scene.who:
            scene.leave(agent)


class Traits(Plain):
    """Change what is known about people: what personas and prompts tell, and what selections look for.

    What was drawn or built from a trait when the run began stays as it is. New traits stay: `until` is for `every`
    alone.
    """

    whom: ClassVar[Whom] = "must"
    bears: ClassVar[str | None] = "traits"

    class Spec(Strict):
        """Keys of this intervention."""

        to: Annotated[dict[str, Any], Field(min_length=1)]
        """New values by trait; null takes a trait away."""

    @staticmethod
    def do(spec: Spec, scene: Scene) -> None:
        """One after another."""
        for agent in scene.who:
            scene.change_traits(agent, spec.to)
