"""Which turns may start, and which may be applied, so that each sees exactly what it would see one by one.

A turn reads the state of some agents when it starts (it takes its view) and writes the state of some when it is
applied. It starts as soon as every earlier turn that could have written what it reads has been applied, and it is
applied as soon as every earlier turn that reads what it writes has taken its view, and every earlier writer of the same
has been applied. Where all see the start of the step, turns of one step count as neither earlier nor later for what
they read, and each is applied only when all of its step that read what it writes have taken their view.

This file knows nothing of worlds, models or time: it keeps counts. A turn waits for the last writer of each agent it
reads only (earlier ones come before that one), so that a turn costs as much as it has neighbours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from simsoc.core.words import Reach

_PRUNE = 32  # readers of one agent after which those that have taken their view are forgotten


class Node:
    """One turn, or a barrier between turns, and what waits for it. Made by `Precedence.add` alone."""

    __slots__ = ("after_apply", "after_end", "after_start", "applied", "began", "key", "to_apply", "to_start", "writes")

    def __init__(self, key: int | None) -> None:
        self.key = key
        """The turn's place in activation order; None for a barrier."""
        self.to_start = 0
        """What has still to happen before it starts."""
        self.to_apply = 1
        """What has still to happen before it is applied: its own end, and others."""
        self.began = self.applied = False
        self.after_start: list[Node] = []
        """Turns that are applied after this one has taken its view."""
        self.after_end: list[Node] = []
        """Barriers that start after this one has ended."""
        self.after_apply: list[tuple[Node, bool]] = []
        """Turns that start (True) or are applied (False) after this one is applied."""
        self.writes: Sequence[int] = ()


class Precedence:
    """Turns in activation order on their way from `add` through `start` and `end` to `apply`."""

    def __init__(self) -> None:
        self.startable: deque[int] = deque()
        """Turns that may take their view now, to be taken by `start`."""
        self.appliable: deque[int] = deque()
        """Turns that have ended and may be applied now, to be taken by `apply`."""
        self._nodes: dict[int, Node] = {}
        self._writer: dict[int, Node] = {}
        self._readers: dict[int, list[Node]] = {}
        self._live: dict[Node, None] = {}
        self._fence: Node | None = None
        self._free: deque[Node] = deque()

    # -- what comes in ----------------------------------------------------------------------------------------------

    def add(self, turns: Iterable[tuple[int, Reach | None]], *, together: bool) -> None:
        """Turns that follow those added before: place in activation order, and reach (None: everything).

        together: they are one step, and all see its start.
        """
        turns = list(turns)
        if together and any(reach is None for _, reach in turns):
            self._add_blind(turns)
        elif together:
            nodes = [(self._enter(key), reach) for key, reach in turns]
            for node, reach in nodes:
                self._reads(node, reach.reads)  # type: ignore[union-attr]
            for node, reach in nodes:
                self._writes(node, reach.writes)  # type: ignore[union-attr]
            for node, _ in nodes:
                self._open(node)
        else:
            for key, reach in turns:
                if reach is None:
                    self._open(self._behind_all(key))
                    continue
                node = self._enter(key)
                self._reads(node, reach.reads)
                self._writes(node, reach.writes)
                self._open(node)
        self._settle()

    def _enter(self, key: int | None) -> Node:
        node = Node(key)
        if key is not None:
            self._nodes[key] = node
        self._live[node] = None
        if self._fence is not None:
            self._starts_after(node, self._fence)
        return node

    def _reads(self, node: Node, agents: Iterable[int]) -> None:
        for agent in agents:
            writer = self._writer.get(agent)
            if writer is not None:
                self._starts_after(node, writer)
            readers = self._readers.setdefault(agent, [])
            readers.append(node)
            if len(readers) > _PRUNE:
                readers[:] = [reader for reader in readers if not reader.began]

    def _writes(self, node: Node, agents: Sequence[int]) -> None:
        node.writes = agents
        for agent in agents:
            for reader in self._readers.pop(agent, ()):
                if reader is not node and not reader.began:
                    reader.after_start.append(node)
                    node.to_apply += 1
            writer = self._writer.get(agent)
            if writer is not None:
                self._applied_after(node, writer)
            self._writer[agent] = node

    @staticmethod
    def _starts_after(node: Node, other: Node) -> None:
        if not other.applied:
            other.after_apply.append((node, True))
            node.to_start += 1

    @staticmethod
    def _applied_after(node: Node, other: Node) -> None:
        if not other.applied:
            other.after_apply.append((node, False))
            node.to_apply += 1

    def _open(self, node: Node) -> None:
        if node.to_start == 0:
            self._may_start(node)

    def _behind_all(self, key: int | None) -> Node:
        """A turn or barrier that comes after all there was, and before all there will be."""
        live = list(self._live)
        self._fence = None
        node = self._enter(key)
        for other in live:
            self._starts_after(node, other)
        self._live = {node: None}
        self._fence = node
        return node

    def _add_blind(self, turns: Sequence[tuple[int, Reach | None]]) -> None:
        """A step of turns of unknown reach: started after all before, applied in order when all have ended."""
        before, ended = self._behind_all(None), Node(None)
        nodes = [self._enter(key) for key, _ in turns]
        last = ended
        for node in nodes:
            node.after_end.append(ended)
            ended.to_start += 1
            self._applied_after(node, last)
            last = node
        self._open(before)
        self._live, self._fence = {last: None}, last

    # -- what happens -----------------------------------------------------------------------------------------------

    def start(self, key: int) -> None:
        """A turn has taken its view."""
        self._start(self._nodes[key])
        self._settle()

    def end(self, key: int) -> None:
        """A turn has thought to its end."""
        self._end(self._nodes[key])
        self._settle()

    def apply(self, key: int) -> None:
        """A turn has been applied."""
        self._apply(self._nodes.pop(key))
        self._settle()

    def _may_start(self, node: Node) -> None:
        if node.key is None:
            self._free.append(node)
        else:
            self.startable.append(node.key)

    def _start(self, node: Node) -> None:
        node.began = True
        waiting, node.after_start = node.after_start, []
        for other in waiting:
            self._closer(other)

    def _end(self, node: Node) -> None:
        waiting, node.after_end = node.after_end, []
        for other in waiting:
            other.to_start -= 1
            if other.to_start == 0:
                self._may_start(other)
        self._closer(node)

    def _closer(self, node: Node) -> None:
        """One thing less to wait for before a turn is applied."""
        node.to_apply -= 1
        if node.to_apply == 0 and node.key is not None:
            self.appliable.append(node.key)

    def _apply(self, node: Node) -> None:
        node.applied = True
        self._live.pop(node, None)
        if self._fence is node:
            self._fence = None
        for agent in node.writes:
            if self._writer.get(agent) is node:
                del self._writer[agent]
        waiting, node.after_apply = node.after_apply, []
        for other, starts in waiting:
            if not starts:
                self._closer(other)
                continue
            other.to_start -= 1
            if other.to_start == 0:
                self._may_start(other)

    def _settle(self) -> None:
        """Barriers that nothing holds back any more are passed."""
        while self._free:
            node = self._free.popleft()
            self._start(node)
            self._end(node)
            self._apply(node)
