"""A paid run again, for nothing: every call is rendered as it would be sent, and answered from a log.

Each answer in a log brings the settings it was asked with, so the models of the logged run can be had again without a
connection and without a key; what they would send now is compared with what they were sent then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from simsoc.core.calls import Book, compare, place
from simsoc.core.errors import LogError, WorldError
from simsoc.core.words import Ask, Reply
from simsoc.scenario.spec import BackendSpec

from .keys import Key
from .live import Model
from .prompts import Prompts
from .wire import Wire

_TOLD = ("temperature", "top_p", "max_tokens", "extra")


class Replay:
    """Answers from a log, in the place of whoever gave them: models, rules, scripts.

    name: as in the scenario, ``replay/RUN.db``; path: the log; book: its calls; prompts: those of the run that is asked
    now.
    """

    def __init__(self, name: str, path: Path, book: Book, prompts: Prompts) -> None:
        self.name = name
        self.path = path
        """The log that is played."""
        self._book = book
        self._prompts = prompts
        self._models: dict[tuple[str, str], Model] = {}

    def now(self, ask: Ask) -> Reply:
        """The logged reply to this call.

        Raises Divergence, with both texts, where the prompt or a setting is another now; LogError when the log does not
        have the call.
        """
        kept = self._book.get(ask.identity)
        if kept is None:
            raise LogError(f"{self.path} has no answer to the call of {place(ask)}, seed {ask.seed}")
        if kept.prompt is None:  # a rule, a script, or a call that failed on the wire and was skipped
            return replace(kept.reply, source="replay")
        now = self._model(kept.by, kept.settings or "{}").signature(ask, kept.settings)
        compare(ask, kept, now, self._book)
        return replace(kept.reply, source="replay", prompt=now.prompt, settings=now.settings)

    def _model(self, by: str, settings: str) -> Model:
        """The model that was asked with these settings."""
        found = self._models.get((by, settings))
        if found is None:
            found = self._models[by, settings] = _rebuilt(by, settings, self._prompts)
        return found


def _rebuilt(by: str, settings: str, prompts: Prompts) -> Model:
    """A model that renders as the one of these settings did, and cannot be called."""
    told = msgspec.json.decode(settings)
    if not set(_TOLD) <= told.keys():
        raise LogError(f"answers of {by} cannot be replayed: the log does not say how it was asked")
    given = {name: told[name] for name in _TOLD}
    spec = BackendSpec(model=by, top_logprobs=told.get("top_logprobs", 20), **given)
    return unconnected(spec, prompts)


def unconnected(spec: BackendSpec, prompts: Prompts) -> Model:
    """A model that renders prompts as it would send them, and cannot be called: no connection and no key are needed."""
    return Model(spec.model, spec.model, spec, _Nowhere(), Key("", "nowhere"), prompts)


class _Nowhere:
    """A wire that leads nowhere."""

    takes_schemas = True

    async def open(self) -> None:
        """Nothing to connect."""

    async def send(self, body: dict[str, Any]) -> Wire:
        """Never called."""
        raise WorldError("a model without a connection cannot be asked")

    async def close(self) -> None:
        """Nothing to let go."""
