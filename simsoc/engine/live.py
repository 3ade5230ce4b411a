"""Thoughts that wait for a model: many at once, applied in activation order.

One event loop in one thread and one connection pool serve a whole run. A thought is a generator that is sent its next
reply by a callback; there is no task per thought. Answers are recorded as they come (and committed within 20 ms),
events only when their turn is applied.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from simsoc.core.errors import BackendError, MissingKey, SimsocError
from simsoc.core.protocols import Log, World
from simsoc.core.words import Action, Ask, NoAnswer, Reply, Thought, Turn

if TYPE_CHECKING:
    from .loop import Engine
    from .resume import Answers
    from .route import Route

T = TypeVar("T")
Done = Callable[[Reply | Exception], None]
"""Called with the reply, or with what the call ended in."""
_COMMIT_AFTER = 0.02  # seconds an answer may wait for its commit


class Gate(Protocol):
    """A limiter in front of one live backend: at most its slots in flight, lower orders first."""

    def submit(self, order: int, ask: Ask, done: Done) -> None:
        """Queue a call."""
        ...

    async def open(self) -> None:
        """Connect."""
        ...

    async def close(self) -> None:
        """Drop what waits and let the connections go."""
        ...

    def clear(self) -> int:
        """Forget calls that have not been sent yet; how many there were."""
        ...


class LiveLoop:
    """The event loop of a run.

    gates: the limiter of each live backend; route: an agent's backend; log: where answers go; on_failure: what a call
    that failed on the wire does, `stop` the run or count as NoAnswer (`skip`); answers: those of an earlier sitting,
    which are not asked for again.
    """

    def __init__(
        self,
        gates: Mapping[int, Gate],
        route: Route,
        log: Log,
        on_failure: Literal["stop", "skip"] = "stop",
        answers: Answers | None = None,
    ) -> None:
        self._answers = answers
        self._round: _Round | None = None
        self._interrupted = False
        self._gates = gates
        self._route = route
        self._log = log
        self._skip = on_failure == "skip"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="simsoc-log")
        self._commit_due = False

    # -- the thread ---------------------------------------------------------------------------------------------

    def _start(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="simsoc-engine", daemon=True)
            self._thread.start()
            self._wait(self._open())
        return self._loop

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> None:
        for gate in self._gates.values():
            await gate.open()

    def close(self) -> None:
        """Let connections and the thread go. Safe to call twice."""
        if self._loop is not None and self._thread is not None:
            self._wait(self._shut())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = self._thread = None
        self._writer.shutdown()

    async def _shut(self) -> None:
        for gate in self._gates.values():
            await gate.close()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=5)

    # -- a step -------------------------------------------------------------------------------------------------

    def run(self, engine: Engine, world: World, step: int, turns: Sequence[tuple[int, int]], together: bool) -> None:
        """All turns of one world's step. Raises BackendError when a call failed for good and the run is to stop."""
        self._start()
        ahead = [Turn(engine.seed, step, agent, count) for agent, count in turns]
        work = self._together(engine, world, ahead) if together else self._one_by_one(engine, world, ahead)
        assert self._loop is not None
        step_ends = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            step_ends.result()
        except KeyboardInterrupt as interrupt:
            # Once: send nothing more, but wait for what is in flight, so that paid answers reach the log.
            self._loop.call_soon_threadsafe(self._interrupt)
            with suppress(SimsocError):
                step_ends.result()
            raise interrupt from None  # also when the step came to its end meanwhile

    def _interrupt(self) -> None:
        self._interrupted = True
        if self._round is not None:
            self._round.give_up(SimsocError("interrupted"))

    async def _together(self, engine: Engine, world: World, turns: Sequence[Turn]) -> None:
        for action in await self._think(world, turns):
            engine.act(world, action)

    async def _one_by_one(self, engine: Engine, world: World, turns: Sequence[Turn]) -> None:
        for turn in turns:
            for action in await self._think(world, (turn,)):
                engine.act(world, action)
            if world.stopped is not None:
                return

    async def _think(self, world: World, turns: Sequence[Turn]) -> list[Action]:
        """The actions of these turns, in order; all their asks may be in flight at once."""
        if self._interrupted:  # between two turns, when no round was there to be told
            raise SimsocError("interrupted")
        self._round = _Round(self, world, turns)
        await self._round.start()
        return await self._round.finished

    # -- one ask ------------------------------------------------------------------------------------------------

    def ask(self, order: int, ask: Ask, done: Done) -> Reply | None:
        """The reply at once, or None: then `done` is called with it later."""
        backend = self._route.of(ask.agent)
        gate = self._gates.get(id(backend))
        if gate is None:
            reply = self._route.now(ask)
            self._record(ask, reply)
            return reply
        if self._answers is not None:
            logged = self._answers.find(ask, backend)  # type: ignore[arg-type]
            if logged is not None:
                return logged
        gate.submit(order, ask, done)
        return None

    def settle(self, ask: Ask, outcome: Reply | Exception) -> Reply:
        """What the end of a call means: an answer is recorded; a wire failure is what `on_failure` says it is.

        Raises what ended the call when it is to end the run.
        """
        if isinstance(outcome, BackendError):
            self._log.attempts(ask, outcome.attempts)
            if not self._skip or isinstance(outcome, MissingKey):
                raise outcome
            outcome = NoAnswer(
                source="live",
                by=self._route.of(ask.agent).name,
                reason="failed",
                detail=str(outcome),
                attempts=len(outcome.attempts),
            )
        elif isinstance(outcome, Exception):
            raise outcome
        self._record(ask, outcome)
        return outcome

    def _record(self, ask: Ask, reply: Reply) -> None:
        """Into the log; committed within 20 ms, off the loop."""
        self._log.ask(ask, reply)
        if not self._commit_due and self._loop is not None:
            self._commit_due = True
            self._loop.call_later(_COMMIT_AFTER, self._commit_soon)

    def _commit_soon(self) -> None:
        self._commit_due = False
        self._writer.submit(self._log.flush_answers)

    def clear(self) -> int:
        """Send nothing more; how many calls are dropped. What is in flight is still waited for."""
        return sum(gate.clear() for gate in self._gates.values())


class _Round:
    """Several thoughts running at once."""

    def __init__(self, live: LiveLoop, world: World, turns: Sequence[Turn]) -> None:
        self.finished: asyncio.Future[list[Action]] = asyncio.get_running_loop().create_future()
        self._live = live
        self._world = world
        self._turns = turns
        self._actions: list[Action | None] = [None] * len(turns)
        self._left = len(turns)
        self._in_flight = 0
        self._failure: BaseException | None = None

    async def start(self) -> None:
        """Set every thought going, a few dozen at a time so that the first calls leave at once."""
        if not self._turns:
            self.finished.set_result([])
        for order, turn in enumerate(self._turns):
            if self._failure is not None:
                break
            self._advance(order, self._world.decide(self._world.observe(turn)), None)
            if order % 32 == 31:
                await asyncio.sleep(0)

    def _advance(self, order: int, thought: Thought, reply: Reply | None) -> None:
        """Send a reply in and follow the thought until it waits or ends."""
        try:
            while True:
                ask = thought.send(reply)  # type: ignore[arg-type]
                reply = self._live.ask(order, ask, lambda end, ask=ask: self._receive(order, thought, ask, end))  # type: ignore[misc]
                if reply is None:
                    self._in_flight += 1
                    return
        except StopIteration as done:
            self._actions[order] = done.value
            self._left -= 1
        except Exception as error:
            self._fail(error)
        self._check()

    def _receive(self, order: int, thought: Thought, ask: Ask, outcome: Reply | Exception) -> None:
        self._in_flight -= 1
        try:
            reply = self._live.settle(ask, outcome)
        except Exception as error:
            self._fail(error)
        else:
            if self._failure is None:
                self._advance(order, thought, reply)
                return
        self._check()

    def give_up(self, error: BaseException) -> None:
        """Start nothing more; `finished` ends with this error when the last call in flight is back."""
        self._fail(error)
        self._check()

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
            self._in_flight -= self._live.clear()

    def _check(self) -> None:
        """Done when every thought has ended, or when the last call in flight is back after a failure."""
        if self.finished.done():
            return
        if self._failure is not None:
            if self._in_flight == 0:
                self.finished.set_exception(self._failure)
        elif self._left == 0:
            self.finished.set_result([a for a in self._actions if a is not None])
