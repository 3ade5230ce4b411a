"""What people cost: CPU and memory of those made up by number, and of reading a survey's file as wide as ANES's."""

from __future__ import annotations

import csv
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

from rich.table import Table

from simsoc.population.anes.files import anes, book_of
from simsoc.population.anes.mixture import mixture
from simsoc.population.anes.synthetic import anes_synthetic

SIZES = (1_000, 10_000, 100_000)
COLUMNS = 1_771
ROWS = 8_280
"""As the file of 2020."""


def wide(path: Path) -> None:
    """A made-up file as large as that of 2020, about 40 MB: few columns say something, as far as simsoc reads it."""
    book = book_of(2020)
    said = {column: "-1" for trait in book.traits.values() for column in trait.asks()}
    said |= {"V201231x": "4", "V201156": "60", "V201157": "50", "V200001": "1", "V200010b": "1.000123"}
    said |= {"V201507x": "44", "V201511x": "3", "V203001": "OH"}
    names = [*said, *(f"V{900_000 + i}" for i in range(COLUMNS - len(said)))]
    row = [*said.values(), *(["-1"] * (COLUMNS - len(said)))]
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(names)
        writer.writerows([row] * ROWS)


def spent(call: Callable[[], Any]) -> tuple[float, float]:
    """CPU seconds of a call, and megabytes at most in another one."""
    start = process_time()
    call()
    taken = process_time() - start
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return taken, peak


def table() -> Table:
    """A row for each number of people, and for the file."""
    made = Table(title="People of a survey (CPU; memory as Python sees it)")
    for heading in ("people", "CPU s", "us a person", "MB at most"):
        made.add_column(heading, justify="left" if heading == "people" else "right")
    mixture()
    for n in SIZES:
        taken, peak = spent(lambda n=n: anes_synthetic(1, n=n))  # type: ignore[misc]
        made.add_row(f"{n:,} made up", f"{taken:.2f}", f"{taken / n * 1e6:.0f}", f"{peak:.0f}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wide.csv"
        wide(path)
        taken, peak = spent(lambda: anes(1, file=str(path), n=1_000))
        size = path.stat().st_size / 1e6
    made.add_row(f"1,000 drawn from {ROWS:,} x {COLUMNS:,} cells ({size:.0f} MB)", f"{taken:.2f}", "", f"{peak:.0f}")
    made.caption = "aim: a hundred thousand people in seconds; a file's unused columns cost no memory"
    return made
