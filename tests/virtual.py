"""Models on a virtual clock: a backend that thinks for as long as it is told, in an event loop where time jumps.

The real engine, gate and society run in it; only the waiting is not done. Time stands still while the engine's owner is
between two steps, so that what is measured is the order of calls and not the speed of this machine.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable
from typing import Any

import msgspec

from simsoc.backends.local import mechanistic
from simsoc.core.stream import draw
from simsoc.core.words import Ask, Reply
from simsoc.engine.hub import Hub
from simsoc.scenario.spec import BackendSpec

RULES = mechanistic("", BackendSpec(), prompts=None, seed=0)


def lognormal(seed, sigma):
    """Seconds an ask takes: a function of its address alone."""

    def wait(ask):
        u, v = (draw(seed, "latency", name, *map(str, ask.identity)) for name in "uv")
        normal = math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v)
        return math.exp(sigma * normal)

    return wait


class _Selector(selectors.DefaultSelector):
    """Never sleeps while there is a next timer: it moves the clock instead."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self.loop.held():
            return super().select(None)
        self.loop.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, held: Callable[[], bool] = lambda: False) -> None:
        self.now = 0.0
        self.held = held
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


class Stub:
    """A live backend: what an instant one says, after a while."""

    def __init__(self, says: Any, latency: Callable[[Ask], float], slots: int) -> None:
        self.name = "stub"
        self.slots = slots
        self.calls = 0
        self.spent = 0.0
        self.ended = 0.0
        self.flying = self.most = 0
        self.says = says
        self.latency = latency

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def put(self, ask: Ask) -> Any:
        return None

    async def __call__(self, ask: Ask, ready: Any = None) -> Reply:
        wait = self.latency(ask)
        self.calls += 1
        self.spent += wait
        self.flying += 1
        self.most = max(self.most, self.flying)
        await asyncio.sleep(wait)
        self.flying -= 1
        self.ended = asyncio.get_running_loop().time()
        return msgspec.structs.replace(self.says.now(ask), source="live", by="stub")


class VirtualHub(Hub):
    """A hub on a virtual clock, where time stands still while the runs that it watches are between steps."""

    def __init__(self) -> None:
        from simsoc.backends.gate import Gate

        self._watched: list[Any] = []
        super().__init__(lambda backend: Gate(backend, backend.slots), new_loop=lambda: VirtualLoop(self._resting))

    def watch(self, live: Any) -> None:
        self._watched.append(live)

    def _resting(self) -> bool:
        return not any(live._polls or not all(a.resting for a in live._runs.values()) for live in self._watched)
