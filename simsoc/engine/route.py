"""Who answers for whom: one backend for everybody, others for groups of agents."""

from __future__ import annotations

from collections.abc import Mapping

from simsoc.core.protocols import Backend, Respond
from simsoc.core.words import Ask, Reply


class Route:
    """The backend of each agent. `groups` maps agent ids to their own backend; everybody else has the default."""

    def __init__(self, default: Backend, groups: Mapping[int, Backend] | None = None) -> None:
        self.default = default
        self._groups = dict(groups or {})

    def of(self, agent: int) -> Backend:
        """The backend that answers for an agent."""
        return self._groups.get(agent, self.default)

    def backends(self) -> list[Backend]:
        """Every backend once, the default first."""
        found: list[Backend] = []
        for backend in (self.default, *self._groups.values()):
            if all(backend is not other for other in found):
                found.append(backend)
        return found

    def now(self, ask: Ask) -> Reply:
        """The reply of an instant backend."""
        reply: Reply = self.of(ask.agent).now(ask)  # type: ignore[union-attr]
        return reply

    def responder(self) -> Respond:
        """The shortest way to `now`: the default backend's own, when it answers for everybody."""
        if self._groups or not hasattr(self.default, "now"):
            return self.now
        respond: Respond = self.default.now
        return respond
