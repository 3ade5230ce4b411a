"""A community of 10,000 members with 100,000 comments, by rules, with every decision and event in the log."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from rich.table import Table

from simsoc.society import Society

TOPICS = [{"name": "student loans", "points": ["refinancing", "a fixed rate", "the grace period"]}, "the first budget"]


def design(process: str, n: int) -> dict[str, Any]:
    """About ten comments for each member: threads of the published process, or visits to a page."""
    world: dict[str, Any] = {
        "kind": "reddit",
        "goal": "To talk about money.",
        "rules": {"dont": [{"name": "insults", "text": "No insults."}]},
        "trolls": {"share": 0.02},
        "topics": TOPICS,
        "process": process,
    }
    if process == "published":
        return {"name": "x", "world": world | {"threads": round(4.62 * n)}, "population": {"n": n}}
    busy = {"kind": "community", "posts": 0.1, "replies": 0.5, "votes": 0.2}
    browsing = world | {"rule": busy, "feed": {"kind": "hot", "size": 10}}
    activation = {"kind": "rate", "activity": 0.5}
    return {"name": "x", "steps": 40, "world": browsing, "population": {"n": n}, "activation": activation}


def measure(process: str, n: int, *, log: bool) -> tuple[float, int, int, int, float]:
    """CPU seconds, turns, replies, bytes of log and largest memory (GB) of one run in this process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.db"
        gc.collect()
        start = process_time()
        society = Society(design(process, n), 1, log=path if log else None)
        society.run_model()
        spent = process_time() - start
        size = path.stat().st_size if log else 0
        replies = int(society.measured["replies"] or 0)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
        return spent, society.engine.turns, replies, size, most


def table() -> Table:
    """Each run in a process of its own, so that the largest memory is its own."""
    made = Table(title="Communities by rules, logged")
    for heading in ("process", "members", "comments", "turns", "CPU s", "us a turn", "log MB", "memory GB"):
        made.add_column(heading, justify="left" if heading == "process" else "right")
    for process, n in (("published", 1_000), ("published", 10_000), ("browse", 1_000), ("browse", 10_000)):
        command = [sys.executable, "-m", "benchmarks.reddit", process, str(n)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        spent, turns, replies, size, most = float(told[0]), int(told[1]), int(told[2]), int(told[3]), float(told[4])
        row = (f"{n:,}", f"{replies:,}", f"{turns:,}", f"{spent:.1f}", f"{spent / turns * 1e6:.0f}")
        made.add_row(process, *row, f"{size / 1e6:.0f}", f"{most:.2f}")
    made.caption = "aim: 10,000 members and 100,000 comments in at most 60 s of CPU and 1.5 GB"
    return made


if __name__ == "__main__":
    print(*measure(sys.argv[1], int(sys.argv[2]), log=True))
