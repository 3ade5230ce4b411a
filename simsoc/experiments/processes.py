"""Runs on rules alone, over several processes: nothing is shared between them but their folder."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import BaseContext
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from simsoc.loading import load
from simsoc.scenario.explain import as_data
from simsoc.society import Society
from simsoc.society.sitting import Parent

from .layout import Planned
from .one import Outcome, advance

_TICK = 0.2  # seconds between two looks at what is done
_BROKEN = (
    "a process died. In a script, what starts an experiment stands under `if __name__ == '__main__':`; "
    "with processes=1 none are started."
)
Told = Callable[[int, Outcome], None]
"""Told the number of a run, and what came of it."""


class _Task(NamedTuple):
    """A run on its way to another process."""

    data: Mapping[str, Any]
    folder: Path
    """Where the relative paths of its scenario start."""
    path: Path
    arm: str
    replicate: int
    parent: Parent | None


def in_turn(runs: Sequence[tuple[int, Planned]], folder: Path, told: Told, *, tick: Callable[[], None]) -> None:
    """One run after another, in this process. `tick` is called some times a second."""
    last = perf_counter()

    def look(society: Society | None = None) -> None:
        nonlocal last
        if perf_counter() - last > _TICK:
            last = perf_counter()
            tick()

    for number, run in runs:
        outcome = advance(run.scenario, folder / run.file, run.arm, run.replicate, parent=run.parent, progress=look)
        told(number, outcome)
        look()


def over_processes(
    runs: Sequence[tuple[int, Planned]], folder: Path, told: Told, *, processes: int, tick: Callable[[], None]
) -> None:
    """Runs spread over processes. `tick` is called some times a second, in this thread.

    On KeyboardInterrupt every run ends after the step it is in, and it is raised again when they have.
    """
    context = _context()
    stop = context.Event()
    given = (stop, dict(os.environ))
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=given) as pool:
        waiting = {pool.submit(_run, _task(run, folder)): number for number, run in runs}
        try:
            for future in _as_they_end(waiting, tick):
                told(waiting[future], _outcome(future))
        except KeyboardInterrupt:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            for future, number in waiting.items():
                if future.done() and not future.cancelled():
                    told(number, _outcome(future))
            raise


def _context() -> BaseContext:
    """Where processes come from: forked from one that has imported what a run needs, where forks are safe.

    It stays until this process ends, so its environment is as it was when it began: `_begin` gives each process ours.
    """
    if sys.platform != "linux":
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(["simsoc.experiments.beforehand", *({"simsoc.cli"} & sys.modules.keys())])
    return context


def _task(run: Planned, folder: Path) -> _Task:
    return _Task(as_data(run.scenario), run.scenario.folder, folder / run.file, run.arm, run.replicate, run.parent)


def _as_they_end(futures: Mapping[Future[Outcome], int], tick: Callable[[], None]) -> Iterator[Future[Outcome]]:
    left = set(futures)
    while left:
        done, left = wait(left, timeout=_TICK, return_when=FIRST_COMPLETED)
        yield from sorted(done, key=futures.__getitem__)
        tick()


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return Outcome("failed", _BROKEN)


# -- in the other process ---------------------------------------------------------------------------------------------

_stop: Any = None


def _begin(stop: Any, environment: Mapping[str, str]) -> None:
    """Ctrl-C is for the first process; when that is gone, so is this one."""
    global _stop
    _stop = stop
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        with suppress(OSError):
            wait_for([parent.sentinel])
        os._exit(1)


def _run(task: _Task) -> Outcome:
    if _stop.is_set():
        return Outcome("missing", "interrupted")

    def look(society: Society) -> None:
        if _stop.is_set():
            society.close("interrupted")

    return advance(
        load(task.data, folder=task.folder), task.path, task.arm, task.replicate, parent=task.parent, progress=look
    )
