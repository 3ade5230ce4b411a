"""Instrument `surveys`: nothing of its own, for scenarios in which surveys ask everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simsoc.core.shelf import Strict
from simsoc.core.words import Decision, Thought
from simsoc.worlds.setting import Setting

from .items import View
from .spec import AuditSpec


class Surveys:
    """Nothing but what `surveys:` of the scenario ask: people who are told who they are, and where nothing happens.

    With `steps: 0` a survey at step 0 is all there is: silicon samples (Argyle et al. 2023, Political Analysis 31(3)).
    """

    items: Sequence[str] = ()
    wordings = 1
    measures: frozenset[str] = frozenset()

    class Spec(Strict):
        """No keys."""

    def __init__(self, given: Surveys.Spec, spec: AuditSpec, setting: Setting) -> None:
        pass

    def decisions(self) -> list[Decision]:
        """None."""
        return []

    def refuses(self, people: Sequence[Mapping[str, Any]]) -> str | None:
        """Nothing."""
        return None

    def think(self, view: View) -> Thought:
        """Never called: there is no item."""
        raise NotImplementedError

    def value(self, content: Mapping[str, Any]) -> Any:
        """Never called: there is no item."""
        raise NotImplementedError
