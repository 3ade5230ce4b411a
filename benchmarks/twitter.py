"""What a Twitter of 10,000 mechanistic users costs, with all that anybody saw in the log; and one of single turns."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from rich.table import Table

TARGET = "10,000 users, 100 steps, a fifth active: 5 min CPU, 4 GB"
SIZES = ((1_000, 100), (10_000, 100))


def scenario(n: int, steps: int) -> dict[str, Any]:
    """A fifth of the users active in each step; most of them read a feed of ten posts."""
    return {
        "name": "bench",
        "steps": steps,
        "world": {
            "kind": "twitter",
            "design": {"kind": "fixed", "share": 0.1},
            "feed": {"kind": "following", "size": 10},
            "show": {"party": True},
        },
        "population": {"source": "attributes", "n": n, "traits": {"party": ["democrat", "republican"]}},
        "network": {"kind": "partisan", "degree": 30, "ei": -0.7},
        "activation": {"kind": "rate", "activity": 0.23},
    }


GROWING = {
    "name": "bench",
    "steps": 10_000,
    "world": {"kind": "twitter", "design": "growing"},
    "population": {"source": "anes-synthetic", "n": 500},
}


def one(what: str) -> str:
    """Run one of them in this process: turns, exposures, seconds of CPU, megabytes at most, megabytes of log."""
    from simsoc import open_run
    from simsoc.society import Society

    given = GROWING if what == "growing" else scenario(*map(int, what.split("x")))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "run.db"
        began = process_time()
        society = Society(given, 1, log=log)
        society.run_model()
        seconds = process_time() - began
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with open_run(log) as run:
            (rows,) = run.rows("SELECT count(*) FROM exposure")
        return f"{society.engine.turns} {rows[0]} {seconds:.1f} {most:.0f} {log.stat().st_size / 1e6:.0f}"


def table() -> Table:
    """Each in a process of its own, so that its memory is its own."""
    made = Table("run", "turns", "exposures", "CPU s", "ms a turn", "MB", "log MB", title=f"Twitter ({TARGET})")
    for what in (*(f"{n}x{steps}" for n, steps in SIZES), "growing"):
        command = [sys.executable, "-m", "benchmarks.twitter", what]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        turns, seen, seconds, most, log = said.split()
        made.add_row(what, turns, seen, seconds, f"{1000 * float(seconds) / int(turns):.2f}", most, log)
    return made


if __name__ == "__main__":
    print(one(sys.argv[1]))
