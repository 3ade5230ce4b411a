"""Interventions that change how things are done, not what there is: keys of the scenario, who answers, the seed."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from simsoc.core.shelf import Strict
from simsoc.scenario.spec import BackendSpec

from .scene import Plain, Scene, Whom


class Set(Plain):
    """Change keys of the scenario, as `--set` does: rules, prompts, models, activation, whatever a world can change.

    Holds to the end of the run, or to the end of step `until`; what is undone then are these keys, so that a key has
    the value it would have without this intervention. With `every` it is not undone: it is set again, over what others
    have set meanwhile, until `until`. What is used only when a run begins (people, network, starting states, designs)
    cannot be changed.
    """

    class Spec(Strict):
        """Keys of this intervention."""

        keys: Annotated[dict[str, Any], Field(min_length=1)]
        """Dotted keys of the scenario and their new values, e.g. `{world.rule.beta: 5}`."""

    @staticmethod
    def do(spec: Spec, scene: Scene) -> None:
        """The keys hold."""
        scene.set()

    @staticmethod
    def undo(spec: Spec, scene: Scene) -> None:
        """They do not."""
        scene.unset()


class Answers(Plain):
    """Let another backend answer for `who`.

    Holds to the end of the run, or to the end of step `until`. With `every`, `who` is picked anew each time and takes
    the place of those picked before; `until` is the last step in which that may happen, and nothing is undone.
    """

    whom: ClassVar[Whom] = "must"

    class Spec(Strict):
        """Keys of this intervention."""

        to: BackendSpec
        """Who answers, as written under `backend`."""

    @staticmethod
    def do(spec: Spec, scene: Scene) -> None:
        """It answers."""
        scene.lend(spec.to)

    @staticmethod
    def undo(spec: Spec, scene: Scene) -> None:
        """It does not."""
        scene.take_back()


class Seed(Plain):
    """Go on with another seed: another universe with the same past.

    Order of turns, draws and asks carry it from this step on; people, names and ties are what they were. It takes place
    once, or with `every` again, which changes nothing; it is never undone, so `until` is for `every` alone.
    """

    class Spec(Strict):
        """Keys of this intervention."""

        to: Annotated[int, Field(ge=0, lt=2**63)]
        """The seed from this step on."""

    @staticmethod
    def do(spec: Spec, scene: Scene) -> None:
        """Another seed."""
        scene.reseed(spec.to)
