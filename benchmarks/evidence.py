"""``python -m benchmarks.evidence``: what a report, a package and an export take, in bytes, CPU seconds and memory.

500 people, 30 steps, three arms of 10 replicates, answered by a rule: 450,000 decisions in 30 logs. The page is opened
in headless Chromium where there is one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

from rich.console import Console
from rich.table import Table

import simsoc

LOUD = {"at": 5, "until": 15, "do": {"kind": "set", "keys": {"world.rule.beta": 3}}}
AGAIN = {**LOUD, "at": 16, "until": 20}
SCENARIO = {
    "name": "five-hundred",
    "question": "What do ten loud steps do to five hundred people?",
    "steps": 30,
    "seed": 7,
    "world": {"kind": "opinion", "rule": {"kind": "curie_weiss", "beta": 1.1}, "stop": "never"},
    "population": {"n": 500},
    "network": {"kind": "watts_strogatz", "k": 12, "p": 0.1},
    "experiment": {
        "arms": {"quiet": {}, "loud": {"interventions": [LOUD]}, "twice": {"interventions": [LOUD, AGAIN]}},
        "replicates": 10,
    },
}  # fmt: skip
_OPEN = """
import sys
from tests.browser import chromium
with chromium() as browser:
    browser.get(sys.argv[1])
    print(browser.execute_script("const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd"))
"""
_PEAK = """
import resource, sys
import simsoc, pandas, pyarrow.parquet
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
runs = simsoc.open_runs(sys.argv[1])
runs.export(sys.argv[2], format=sys.argv[3], tables=["events", "asks"], rows=20_000)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def opened(page: Path) -> float | None:
    """Milliseconds from asking for the page to its load event; None without a browser."""
    done = subprocess.run([sys.executable, "-c", _OPEN, page.as_uri()], capture_output=True, text=True)
    return float(done.stdout) if done.returncode == 0 else None


def table() -> Table:
    """One row each."""
    made = Table(title="Reports and packages of 30 runs (500 people, 30 steps, 450,000 decisions)")
    for heading in ("what", "MB", "CPU s", "memory MB", "opens in ms"):
        made.add_column(heading, justify="left" if heading == "what" else "right")
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where) / "five-hundred"
        simsoc.experiment(SCENARIO, folder=folder)
        logs = sum(path.stat().st_size for path in folder.glob("*.db"))
        made.add_row("the logs", f"{logs / 1e6:.1f}", "", "", "")
        start = process_time()
        page = simsoc.write_report(folder)
        shown = opened(page)
        took = process_time() - start
        size = page.stat().st_size
        made.add_row("report", f"{size / 1e6:.2f}", f"{took:.1f}", "", "-" if shown is None else f"{shown:.0f}")
        start = process_time()
        package = simsoc.pack(folder, report=False)
        made.add_row("package", f"{package.stat().st_size / 1e6:.1f}", f"{process_time() - start:.1f}", "", "")
        start = process_time()
        found = simsoc.verify(package, replay=True)
        made.add_row(f"verify --replay ({len(found)} findings)", "", f"{process_time() - start:.1f}", "", "")
        for kind in ("csv", "parquet"):
            words = [sys.executable, "-c", _PEAK, str(folder), f"{where}/{kind}", kind]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            bytes_ = sum(path.stat().st_size for path in (Path(where) / kind).iterdir())
            made.add_row(
                f"export of events and asks, {kind}", f"{bytes_ / 1e6:.1f}", "", f"{float(done.stdout):.0f}", ""
            )
    made.caption = "aim: the report under 15 MB and open in under 3,000 ms"
    return made


if __name__ == "__main__":
    Console(width=120).print(table())
