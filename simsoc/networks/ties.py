"""Who is tied to whom while a society lives: a NetworkX graph with fast reading and a list of what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import networkx as nx

from simsoc.core.errors import WorldError


class Change(NamedTuple):
    """A tie that came or went."""

    added: bool
    """True when the tie was made (or its attributes changed), False when it was cut."""
    a: int
    b: int
    attributes: dict[str, Any]


class Graph:
    """Keeper of the ties (``simsoc.core.protocols.Ties``).

    graph: a NetworkX Graph or DiGraph on agent ids. Change ties through `add` and `remove` alone: what is done to
    `graph` directly is neither logged nor seen by readers.
    """

    def __init__(self, graph: nx.Graph | nx.DiGraph) -> None:
        self.graph = graph
        """The graph itself; a node is an agent id."""
        self.directed: bool = graph.is_directed()
        self.changes: list[Change] = []
        """Ties made and cut since somebody last cleared this list, in order."""
        self.version = 0
        """Counts changes of ties and of who is there."""
        self._seen: dict[int, tuple[int, ...]] = {}
        self._seen_by: dict[int, tuple[int, ...]] = {}

    def neighbours(self, agent: int) -> tuple[int, ...]:
        """Whom the agent sees, ascending: neighbours, or those it follows when directed.

        The same tuple object until a tie of the agent changes. Raises WorldError for an unknown agent.
        """
        seen = self._seen.get(agent)
        if seen is None:
            seen = self._seen[agent] = tuple(sorted(self._of(self.graph.adj, agent)))
        return seen

    def followers(self, agent: int) -> tuple[int, ...]:
        """Who sees the agent, ascending: neighbours, or those who follow it when directed."""
        if not self.directed:
            return self.neighbours(agent)
        seen_by = self._seen_by.get(agent)
        if seen_by is None:
            seen_by = self._seen_by[agent] = tuple(sorted(self._of(self.graph.pred, agent)))
        return seen_by

    def _of(self, ties: Any, agent: int) -> Any:
        try:
            return ties[agent]
        except KeyError:
            raise WorldError(f"no agent {agent} among the {len(self.graph)} people of this network") from None

    def has(self, a: int, b: int) -> bool:
        """Whether a is tied to b (a follows b when directed)."""
        there: bool = self.graph.has_edge(a, b)
        return there

    def degree(self, agent: int) -> int:
        """How many the agent is tied to (how many it follows when directed)."""
        return len(self._of(self.graph.adj, agent))

    def weight(self, a: int, b: int) -> float:
        """Weight of a tie; 1 unless the network says otherwise. Raises WorldError where there is no tie."""
        if not self.has(a, b):
            raise WorldError(f"no tie from {a} to {b}")
        return float(self.graph.adj[a][b].get("weight", 1.0))

    def weights(self, agent: int, others: Iterable[int]) -> list[float]:
        """Weights of an agent's ties to these, in their order, as `weight` has them; 1 for the agent itself."""
        known = self.graph.adj[agent]
        try:
            return [float(known[b].get("weight", 1.0)) if b != agent else 1.0 for b in others]
        except KeyError as missing:
            raise WorldError(f"no tie from {agent} to {missing}") from None

    def edges(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """All ties with their attributes, in sorted order; a < b when not directed."""
        for a in sorted(self.graph):
            for b in self.neighbours(a):
                if self.directed or a < b:
                    yield a, b, self.graph.adj[a][b]

    def add(self, a: int, b: int, **attributes: Any) -> None:
        """Tie a to b (a follows b when directed), or set attributes of their tie.

        Nothing is noted when all is so already. Raises WorldError for an unknown agent, or an agent tied to itself.
        """
        if a == b:
            raise WorldError(f"agent {a} cannot be tied to itself")
        known = self._of(self.graph.adj, a).get(b)
        self._of(self.graph.adj, b)
        if known is not None and all(name in known and known[name] == v for name, v in attributes.items()):
            return
        self.graph.add_edge(a, b, **attributes)
        self._changed(True, a, b, dict(self.graph.adj[a][b]))

    def remove(self, a: int, b: int) -> None:
        """Untie; nothing happens where there is no tie. Raises WorldError for an unknown agent."""
        known = self._of(self.graph.adj, a).get(b)
        self._of(self.graph.adj, b)
        if known is not None:
            attributes = dict(known)
            self.graph.remove_edge(a, b)
            self._changed(False, a, b, attributes)

    def add_agent(self, agent: int) -> None:
        """Somebody new with no ties; nothing happens when already there."""
        self.graph.add_node(agent)
        self.version += 1

    def remove_agent(self, agent: int) -> None:
        """Somebody is not there any more: its ties are cut, its node goes. Raises WorldError for an unknown agent."""
        for other in self.neighbours(agent):
            self.remove(agent, other)
        if self.directed:
            for other in self.followers(agent):
                self.remove(other, agent)
        self.graph.remove_node(agent)
        self.version += 1
        self._seen.pop(agent, None)
        self._seen_by.pop(agent, None)

    def _changed(self, added: bool, a: int, b: int, attributes: dict[str, Any]) -> None:
        if not self.directed and a > b:
            a, b = b, a
        self._seen.pop(a, None)
        if self.directed:
            self._seen_by.pop(b, None)
        else:
            self._seen.pop(b, None)
        self.version += 1
        self.changes.append(Change(added, a, b, attributes))
