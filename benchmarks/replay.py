"""Logged answers a second: replay as a backend, and re-use in a run of its own; every prompt rendered and compared."""

from __future__ import annotations

import gc
import resource
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from rich.table import Table

from simsoc.society import Society

from .server import scenario, server

N, STEPS = 1_000, 10


def paid(path: Path) -> dict[str, Any]:
    """A run with 10,000 model answers in its log; the scenario it was run from."""
    with server(0.0) as url:
        backend = {"model": "openai/test", "base_url": url, "transport": "lean", "slots": 64}
        society = Society(scenario(N, STEPS, backend), 1, log=path)
        society.run_model()
    return scenario(N, STEPS, backend)


def again(design: dict[str, Any], log: Path | None) -> tuple[float, float]:
    """Wall and CPU seconds of all steps, in a society that is built already."""
    society = Society(design, 1, log=log)
    gc.collect()
    wall, cpu = perf_counter(), process_time()
    society.run_model()
    return perf_counter() - wall, process_time() - cpu


def table(repeats: int = 3) -> Table:
    """Best of some repeats each."""
    made = Table(title=f"Answers from a log of {N * STEPS:,}, prompts rendered and compared (best of {repeats})")
    for heading in ("how", "answers a second", "of CPU", "us each"):
        made.add_column(heading, justify="left" if heading == "how" else "right")
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "paid.db"
        design = paid(told)
        ways: list[tuple[str, dict[str, Any], bool]] = [
            ("replay, nothing written", {"backend": f"replay/{told}"}, False),
            ("replay, with a log of its own", {"backend": f"replay/{told}"}, True),
            ("reuse, with a log of its own", {"reuse": str(told)}, True),
            ("rules instead, with a log", {"backend": "mechanistic"}, True),
        ]
        for name, change, logged in ways:
            took = []
            for k in range(repeats):
                took.append(again({**design, **change}, Path(folder) / f"{name}{k}.db" if logged else None))
            wall, cpu = min(t[0] for t in took), min(t[1] for t in took)
            calls = N * STEPS
            made.add_row(name, f"{calls / wall:,.0f}", f"{calls / cpu:,.0f}", f"{cpu / calls * 1e6:.1f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    made.caption = f"aim: at least 20,000 a second; most memory of the process {peak:.0f} MB"
    return made
