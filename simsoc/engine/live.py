"""What a run asks of models: one funnel for every call, and the run's share of the event loop.

The funnel is re-use, budget, slots, retry, provider. Answers are recorded as they come and committed within 20 ms, so
that a kill loses at most the calls in flight and one open batch.
"""

from __future__ import annotations

from collections.abc import Coroutine, Hashable, Iterable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from simsoc.core.errors import BackendError, MissingKey, SimsocError
from simsoc.core.protocols import Log, Purse, World
from simsoc.core.words import Ask, NoAnswer, Reply

from .ahead import Ahead, Plan
from .hub import Done, Gate, Hub
from .polling import Looking, Poll

if TYPE_CHECKING:
    from .loop import Engine
    from .route import Route
    from .siblings import Sibling

T = TypeVar("T")
_COMMIT_AFTER = 0.02  # seconds an answer may wait for its commit


class Lookup(Protocol):
    """Answers there are already: of this log, its parent, other logs."""

    def find(self, ask: Ask, backend: Any) -> Reply | None:
        """The reply that stands in for this call, or None."""
        ...


class LiveLoop:
    """A run's calls to models.

    hub: the event loop and the slots; route: an agent's backend; log: where answers go; on_failure: what a call that
    failed on the wire does, `stop` the run or count as NoAnswer (`skip`); answers: those there are already; purse: what
    may be spent; own: whether the hub is closed with the run.
    """

    def __init__(
        self,
        hub: Hub,
        route: Route,
        log: Log,
        on_failure: Literal["stop", "skip"] = "stop",
        *,
        answers: Lookup | None = None,
        purse: Purse | None = None,
        sibling: Sibling | None = None,
        own: bool = True,
    ) -> None:
        self.route = route
        self.hub = hub
        self._own = own
        self._log = log
        self._answers = answers
        self._purse = purse
        self._sibling = sibling
        self._skip = on_failure == "skip"
        self._gates: dict[int, Gate] = {}
        self._runs: dict[int, Ahead] = {}
        self._polls: list[Poll] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="simsoc-log")
        self._commit_due = False
        self._closed = self._hurry = False

    # -- a step -------------------------------------------------------------------------------------------------

    def run(self, engine: Engine, world: World, step: int, plan: Plan, until: int) -> None:
        """All turns of one world's step; turns of steps up to `until` may be thought of ahead.

        Raises BackendError when a call failed for good and the run is to stop.
        """
        self._wait(self._step(engine, world, step, plan, until))

    def poll(self, thoughts: Iterable[Looking]) -> list[Any]:
        """What thoughts that only look come to, in order; they are all had at once. Raises as `run` does."""
        return self._wait(self._poll(thoughts))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        """What something in the event loop comes to."""
        ends = self.hub.submit(work)
        try:
            return ends.result()
        except KeyboardInterrupt as interrupt:
            # Once: send nothing more, but wait for what is in flight, so that paid answers reach the log.
            self._give_up(ends)
            raise interrupt from None  # also when the step came to its end meanwhile
        except CancelledError:  # the hub was closed by whoever shares it
            raise SimsocError("interrupted") from None

    async def _step(self, engine: Engine, world: World, step: int, plan: Plan, until: int) -> None:
        await self.connect()
        ahead = self._runs.get(id(world))
        if ahead is None:
            ahead = self._runs[id(world)] = Ahead(self, engine, world)
        await ahead.run(step, plan, until)

    async def _poll(self, thoughts: Iterable[Looking]) -> list[Any]:
        poll = Poll(self, thoughts)
        self._polls.append(poll)
        try:
            await self.connect()
            return await poll.run()
        finally:
            self._polls.remove(poll)

    async def connect(self) -> None:
        """Every live backend of the route connected, each behind its gate."""
        for backend in self.route.backends():
            if not hasattr(backend, "now") and id(backend) not in self._gates:
                gate = await self.hub.gate(backend)
                self._gates[id(backend)] = gate if self._sibling is None else self._sibling.gate(gate)

    def interrupt(self) -> None:
        """From any thread: send nothing more; the step under way ends as interrupted when the last call is back."""
        if self.hub.loop is not None:
            self._give_up()

    def _give_up(self, ends: Future[Any] | None = None) -> None:
        loop = self.hub.start()
        for one in self._under_way():
            loop.call_soon_threadsafe(one.give_up, SimsocError("interrupted"))
        if ends is not None:
            self._hurry = True  # unless the wait comes to its end: then nobody was told a second time
            with suppress(SimsocError):
                ends.result()
            self._hurry = False

    async def _drain(self) -> None:
        for one in self._under_way():
            one.give_up(SimsocError("over"))
            await one.landed()

    def _under_way(self) -> list[Ahead | Poll]:
        return [*self._runs.values(), *self._polls]

    def close(self) -> None:
        """Wait for what is in flight, unless told twice to end, and let everything go. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._under_way() and not self._hurry and self.hub.loop is not None and not self.hub.closed:
                with suppress(CancelledError, KeyboardInterrupt):  # the hub was closed meanwhile, or: at once
                    self.hub.submit(self._drain()).result()
        finally:
            if self._own:
                self.hub.close()
            self._writer.shutdown()

    # -- one ask ------------------------------------------------------------------------------------------------

    def ask(self, order: int, ask: Ask, done: Done, owner: Hashable) -> Reply | None:
        """The reply at once, or None: then `done` is called with it later. owner: whose call it is, for `clear`."""
        backend = self.route.answering(ask)
        if hasattr(backend, "now"):
            reply = backend.now(ask)
            self._record(ask, reply)
            return reply
        if self._answers is not None:
            found = self._answers.find(ask, backend)
            if found is not None:
                self._record(ask, found)
                return found
        self._gates[id(backend)].submit(order, ask, done, backend, owner=owner, purse=self._purse)
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
                by=self.route.answering(ask).name,
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
        if not self._commit_due and self.hub.loop is not None:
            self._commit_due = True
            self.hub.loop.call_later(_COMMIT_AFTER, self._commit_soon)

    def _commit_soon(self) -> None:
        self._commit_due = False
        if not self._closed:
            self._writer.submit(self._log.flush_answers)

    def clear(self, owner: Hashable) -> int:
        """Send nothing more for an owner; how many calls are dropped. What is in flight is still waited for."""
        return sum(gate.clear(owner) for gate in self._distinct())

    def _distinct(self) -> Sequence[Gate]:
        return list({id(gate): gate for gate in self._gates.values()}.values())

    @property
    def slots(self) -> int:
        """Calls that may be in flight at once, all servers together."""
        return sum(max(1, getattr(b, "slots", 1)) for b in self.route.backends() if not hasattr(b, "now"))
