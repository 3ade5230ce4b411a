"""Runs that ask models: several societies side by side in one process, over one event loop and one set of slots.

Each society is stepped in a thread of its own, which mostly waits. The runs of a replicate share their answers.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from simsoc.backends.budget import Purse
from simsoc.core.errors import LogError
from simsoc.engine.hub import Hub
from simsoc.engine.siblings import Sibling, Siblings
from simsoc.population import asked_for
from simsoc.runlog.answered import Answered
from simsoc.runlog.reader import open_run
from simsoc.society import Society, new_hub

from .layout import Planned
from .one import Outcome, advance
from .processes import Told

_TICK = 0.2  # seconds between two looks at what is done
_PATIENCE = 10.0  # seconds threads have to end when they were told to end at once
_MOST = 128  # societies at once, when nobody says


class Threads:
    """Societies side by side.

    runs: what is to be run, with the number of each; everything: all runs of the experiment, whose logs may hold
    answers already; at_once: most societies at once; purse: what all of them together may spend.
    """

    def __init__(
        self,
        runs: Sequence[tuple[int, Planned]],
        everything: Sequence[Planned],
        folder: Path,
        told: Told,
        *,
        at_once: int | None = None,
        purse: Purse | None = None,
    ) -> None:
        self._queue = deque(sorted(runs, key=lambda pair: (pair[1].replicate, pair[0])))
        self._folder = folder
        self._told = told
        self._most = at_once or min(_MOST, max(_wanted(run) for _, run in runs))
        self._purse = purse
        self._hub: Hub = new_hub()
        replicates = _with(runs, everything)
        self._siblings = _seats([run for run in everything if run.replicate in replicates], folder)
        self._door = threading.Condition()
        self._active: dict[int, Society] = {}
        self._working = 0
        self._stop = False
        self._gone = ""

    def sibling(self, run: Planned) -> Sibling:
        """The seat of a run among those of its replicate."""
        return self._siblings[run.file]

    def run(self, tick: Callable[[], None]) -> None:
        """Run everything. `tick` is called some times a second, in this thread.

        On KeyboardInterrupt every run ends when the answers on their way are here, and it is raised again when they
        have; on another one meanwhile, at once.
        """
        many = min(self._most, len(self._queue))
        threads = [threading.Thread(target=self._work, name=f"simsoc-run-{n}", daemon=True) for n in range(many)]
        for thread in threads:
            thread.start()
        try:
            try:
                _join(threads, tick)
            except KeyboardInterrupt:
                self._stop = True
                _join(threads, self._interrupt)
                raise
        finally:
            self._hub.close()
            for thread in threads:
                thread.join(_PATIENCE)
        for number, _ in self._queue:
            self._told(number, Outcome("missing", f"not begun, because of another run: {self._gone}"))

    def _interrupt(self) -> None:
        """Again and again, since a society may be between two steps."""
        with self._door:
            self._door.notify_all()
            societies = list(self._active.values())
        for society in societies:
            society.interrupt()

    # -- in the threads -----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (next_one := self._next()) is not None:
            number, run = next_one
            outcome = advance(
                run.scenario,
                self._folder / run.file,
                run.arm,
                run.replicate,
                hub=self._hub,
                sibling=self._siblings[run.file],
                purse=self._purse,
                parent=run.parent,
                begun=lambda society, number=number: self._begun(number, society),  # type: ignore[misc]
                progress=self._step,
            )
            with self._door:
                self._active.pop(number, None)
                self._working -= 1
                if outcome.gone:
                    self._gone = outcome.why
                self._told(number, outcome)
                self._door.notify_all()

    def _next(self) -> tuple[int, Planned] | None:
        """What to run next. While the server seems gone, nothing is begun until another run gets on."""
        with self._door:
            while self._gone and self._working and not self._stop:
                self._door.wait()
            if self._stop or self._gone or not self._queue:
                return None
            self._working += 1
            return self._queue.popleft()

    def _begun(self, number: int, society: Society) -> None:
        with self._door:
            self._active[number] = society
        self._look(society)

    def _step(self, society: Society) -> None:
        if self._gone and not society.replaying:
            with self._door:
                self._gone = ""
                self._door.notify_all()
        self._look(society)

    def _look(self, society: Society) -> None:
        if self._stop:
            society.close("interrupted")


def _wanted(run: Planned) -> int:
    """Societies it takes to fill the slots: few where all agents of a step are asked at once."""
    spec = run.scenario.backend
    slots = max(backend.slots for backend in (spec, *spec.groups))
    return 4 if run.scenario.activation.kind == "together" else slots


def _with(runs: Sequence[tuple[int, Planned]], everything: Sequence[Planned]) -> set[int]:
    """The replicates whose runs may share answers with one of these."""
    return {run.replicate for run in everything} if _held(everything) else {run.replicate for _, run in runs}


def _held(runs: Sequence[Planned]) -> bool:
    """Whether several replicates have the same people, and these have to be asked for."""
    seeds: dict[int, set[int]] = {}
    for run in runs:
        if asked_for(run.scenario.population):
            own = run.scenario.seeds.population
            seeds.setdefault(run.seed if own is None else own, set()).add(run.replicate)
    return any(len(replicates) > 1 for replicates in seeds.values())


def _seats(runs: Sequence[Planned], folder: Path) -> dict[str, Sibling]:
    """A seat for each run among those it shares answers with, in file order, with what its log holds already."""
    tables: dict[int, Siblings] = {}
    held = _held(runs)
    seats = {}
    for run in runs:
        books = []
        with suppress(LogError):
            books.append(Answered(open_run(folder / run.file)))
        seats[run.file] = tables.setdefault(0 if held else run.replicate, Siblings()).join(books)
    return seats


def _join(threads: Sequence[threading.Thread], tick: Callable[[], None]) -> None:
    for thread in threads:
        while thread.is_alive():
            thread.join(_TICK)
            tick()
