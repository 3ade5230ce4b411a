"""SIGKILL at random moments of runs that talk to a server: ``python -m tests.killing --times 300``.

A nursery process imports simsoc once and forks a process for each sitting, so that a kill costs a tenth of a second and
not the imports. The sittings are real processes with real sockets and a real log on disk.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.loopback import Loopback, slow
from tests.loopback import lot as drawn

SLOTS = 4
QUICKEST = 0.012
"""Seconds that an answer takes at least."""
LOST = 4 * SLOTS
"""Calls that a kill may lose: one in each slot, and what came in in 20 ms and in the time of a commit, of which as much
is allowed for: three in each slot, as quick as they are."""
REGIMES: list[Any] = [
    "together",
    {"kind": "one_by_one"},
    {"kind": "one_by_one", "replacement": False},
    {"kind": "poisson", "rate": 1.5},
]


def design(regime: Any) -> dict[str, Any]:
    return {
        "name": "killed",
        "seed": 3,
        "steps": 8,
        "world": {"kind": "opinion", "labels": ["k", "z"], "stop": "never", "rule": {"kind": "voter"}},
        "population": {"n": 12},
        "network": {"kind": "ring", "k": 4},
        "activation": regime,
    }


def long_steps(regime: Any) -> dict[str, Any]:
    """Far more calls in a step than a kill may lose: what is not committed in time is missed before the step ends."""
    return {**design(regime), "population": {"n": 36}, "steps": 3}


# -- the nursery -------------------------------------------------------------------------------------------------------


def nursery() -> None:
    """Reads jobs from standard input; says the process number of each sitting, and how it ended."""
    import aiohttp  # noqa: F401  (imported here so that no sitting has to)

    import simsoc.runlog.reader
    import simsoc.running

    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                if job["scenario"] is None:
                    simsoc.running.resume(job["log"])
                else:
                    simsoc.running.run(job["scenario"], log=job["log"])
            except BaseException as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(3)
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


class Nursery:
    """Starts sittings, one after another."""

    def __enter__(self) -> Nursery:
        command = [sys.executable, "-m", "tests.killing", "--nursery"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        return self

    def __exit__(self, *error: object) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]

    def sitting(self, scenario: Any, log: Path, seconds: float | None) -> int:
        """Exit code of a sitting that is killed after some seconds, if it lasts as long."""
        into, out = self._process.stdin, self._process.stdout
        assert into is not None
        assert out is not None
        into.write(json.dumps({"scenario": scenario, "log": str(log)}) + "\n")
        into.flush()
        child = int(out.readline())
        if seconds is not None and not select.select([out], [], [], seconds)[0]:
            os.kill(child, signal.SIGKILL)
        return int(out.readline())


# -- what is checked ---------------------------------------------------------------------------------------------------


def prompts_of(bodies: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(body["messages"], sort_keys=True) for body in bodies]


def logged(log: Path) -> tuple[Counter[str], str]:
    """Prompts of the answers that are in a log, and how its run stands. The database is whole, or this fails."""
    if not log.exists():
        return Counter(), "none"
    with closing(sqlite3.connect(log)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'run'").fetchone():
            return Counter(), "none"
        status = db.execute("SELECT status FROM run").fetchone()
        rows = db.execute("SELECT p.text FROM ask JOIN text p ON p.id = prompt").fetchall()
    prompts = Counter(json.dumps(json.loads(text), sort_keys=True) for (text,) in rows)
    return prompts, status[0] if status else "none"


def killed_run(
    nursery: Nursery,
    folder: Path,
    number: int,
    most: int,
    scenario: dict[str, Any],
    same: Callable[[Path], Any] = lambda log: None,
) -> int:
    """One run, killed up to so often and then let go to its end; how often it was killed. Raises AssertionError.

    same: what of a log is to come out as if nothing had happened, beside its digest.
    """
    import simsoc

    lots = random.Random(number)
    with Loopback(
        behave=lambda body, count: slow(QUICKEST + 0.02 * drawn(number, json.dumps(body["messages"])))
    ) as server:
        backend = {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": SLOTS}
        scenario = {**scenario, "backend": backend}
        began = time.perf_counter()
        with simsoc.run(scenario, log=folder / f"{number}-whole.db") as run:
            digest, calls = run.info["digest"], len(run.asks)
        lasts = time.perf_counter() - began
        wanted = Counter(prompts_of(server.bodies))
        assert wanted.total() == calls == server.calls
        server.bodies.clear()
        log, kills, kept, lost = folder / f"{number}.db", 0, Counter[str](), Counter[str]()
        for attempt in range(most + 1):
            seconds = None if attempt == most else lots.uniform(0.0, 0.7 * lasts)
            begin = None if log.exists() and logged(log)[1] != "none" else scenario
            code = nursery.sitting(begin, log, seconds)
            asked = Counter(prompts_of(server.bodies))
            server.bodies.clear()
            assert not asked - (wanted - kept), "a call whose answer is in the log was asked again"
            assert (asked & lost).total() <= LOST, "more calls repeated than were on their way or in an open batch"
            before = kept
            kept, status = logged(log)
            lost = asked - (kept - before)
            kills += code == -signal.SIGKILL
            if status == "finished":
                break
            assert code == -signal.SIGKILL, f"a sitting ended with {code}"
    with simsoc.open_run(log) as run:
        assert run.info["digest"] == digest, "the digest of a killed run differs"
        assert len(run.asks) == calls
    assert same(log) == same(folder / f"{number}-whole.db")
    assert simsoc.verify(log) == []
    return kills


def kill(times: int, seed: int = 0) -> int:
    """Kill runs until there have been so many kills; how many runs that took."""
    done = runs = 0
    with Nursery() as nursery:
        while done < times:
            with tempfile.TemporaryDirectory() as folder:
                number = seed + runs
                done += killed_run(nursery, Path(folder), number, 6, long_steps(REGIMES[number % len(REGIMES)]))
            runs += 1
    return runs


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--times", type=int, default=300)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--nursery", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.nursery:
        nursery()
        return
    os.environ.setdefault("OPENAI_API_KEY", "none")
    print(f"{given.times} kills in {kill(given.times, given.seed)} runs: every digest as it should be")


if __name__ == "__main__":
    main()
