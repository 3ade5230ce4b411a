"""What a society under a feed costs: world `twitter` on rules, a fifth active in each step, every exposure logged.

Each size runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from rich.table import Table

SIZES = ((1_000, 100), (10_000, 100), (100_000, 10))
"""People and steps."""
FEEDS = ("everyone", "following")


def design(n: int, steps: int, feed: str) -> dict[str, Any]:
    """Everybody active looks at ten posts, and shares a headline or reacts; thirty are followed."""
    return {
        "name": "exposures",
        "steps": steps,
        "world": {"kind": "twitter", "design": {"kind": "fixed", "share": None}, "feed": {"kind": feed, "size": 10}},
        "population": {"source": "anes-synthetic", "n": n},
        "network": {"kind": "partisan", "degree": 30},
        "activation": {"kind": "rate", "activity": 0.2},
    }


def measured(n: int, steps: int, feed: str) -> dict[str, float]:
    """One run: CPU seconds to build and to run, turns, items, rows of the ledger, bytes of the log, peak memory."""
    from simsoc import Society, open_run

    with TemporaryDirectory() as folder:
        log = Path(folder) / "run.db"
        began = process_time()
        society = Society(design(n, steps, feed), log=log)
        built = process_time()
        society.run_model()
        ended = process_time()
        with open_run(log) as run:
            rows = run.rows("SELECT count(*) FROM exposure")[0][0]
        return {
            "build": built - began,
            "run": ended - built,
            "turns": society.engine.turns,
            "items": len(society.worlds[0].items),  # type: ignore[attr-defined]
            "exposures": rows,
            "bytes": log.stat().st_size,
            "peak": getrusage(RUSAGE_SELF).ru_maxrss * 1024,
        }


def apart(n: int, steps: int, feed: str) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.exposures", str(n), str(steps), feed]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(said)
    return found


def table(sizes: tuple[tuple[int, int], ...] = SIZES) -> Table:
    """A row for each size and feed."""
    made = Table(title="Twitter on rules, a fifth active, every exposure logged (CPU of one core)")
    headings = ("people", "steps", "feed", "build s", "run s", "us a turn", "items", "exposures", "log MB", "peak GB")
    for heading in headings:
        made.add_column(heading, justify="left" if heading == "feed" else "right")
    for n, steps in sizes:
        for feed in FEEDS:
            found = apart(n, steps, feed)
            made.add_row(
                *(f"{n:,}", str(steps), feed, f"{found['build']:.1f}", f"{found['run']:.1f}"),
                *(f"{1e6 * found['run'] / found['turns']:.0f}", f"{found['items']:,}", f"{found['exposures']:,}"),
                *(f"{found['bytes'] / 1e6:.0f}", f"{found['peak'] / 1e9:.2f}"),
            )
    made.caption = "aim at 10,000 people and 100 steps: 300 s and 4 GB"
    return made


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
