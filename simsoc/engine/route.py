"""Who answers for whom: one backend for everybody, others for groups of agents."""

from __future__ import annotations

from collections.abc import Mapping

from simsoc.core.calls import EMBED
from simsoc.core.protocols import Backend, Respond
from simsoc.core.words import Ask, Reply


class Route:
    """The backend of each agent. `groups` maps agent ids to their own backend; everybody else has the default.

    vectors: who is asked for the vectors of texts, where that is a server of its own.
    """

    def __init__(
        self, default: Backend, groups: Mapping[int, Backend] | None = None, *, vectors: Backend | None = None
    ) -> None:
        self.default = default
        self.vectors = vectors
        self._groups = dict(groups or {})

    def of(self, agent: int) -> Backend:
        """The backend that answers for an agent."""
        return self._groups.get(agent, self.default)

    def answering(self, ask: Ask) -> Backend:
        """The backend that answers an ask."""
        if self.vectors is not None and ask.decision.template == EMBED:
            return self.vectors
        return self.of(ask.agent)

    def backends(self) -> list[Backend]:
        """Every backend once, the default first."""
        found: list[Backend] = []
        for backend in (self.default, *self._groups.values(), *(() if self.vectors is None else (self.vectors,))):
            if all(backend is not other for other in found):
                found.append(backend)
        return found

    def now(self, ask: Ask) -> Reply:
        """The reply of an instant backend."""
        reply: Reply = self.answering(ask).now(ask)  # type: ignore[union-attr]
        return reply

    def responder(self) -> Respond:
        """The shortest way to `now`: the default backend's own, when it answers for everybody."""
        if self._groups or self.vectors is not None or not hasattr(self.default, "now"):
            return self.now
        respond: Respond = self.default.now
        return respond
