"""People who may do nothing for a while, or for good."""

from __future__ import annotations

from typing import ClassVar

from simsoc.core.shelf import Strict

from .scene import Plain, Scene, Whom


class Suspend(Plain):
    """Suspend the accounts of `who`: they take no turns, and with `hide` what they made is in no feed.

    Holds to the end of the run, or to the end of step `until`: then those whom it has suspended may act again, unless
    another intervention holds them still. With `every`, those who are picked then are suspended as well, and nothing is
    undone. Ties stay, and so does what they did; measures go on counting them.
    """

    whom: ClassVar[Whom] = "must"
    bears: ClassVar[str | None] = "suspend"

    class Spec(Strict):
        """Keys of this intervention."""

        hide: bool = True
        """Whether what they have made is in no feed meanwhile."""

    @staticmethod
    def do(spec: Spec, scene: Scene) -> None:
        """They may do nothing."""
        scene.suspend(spec.hide)

    @staticmethod
    def undo(spec: Spec, scene: Scene) -> None:
        """Those whom it has suspended may act again."""
        scene.restore()
