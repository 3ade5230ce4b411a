"""Memory per agent and what importing costs."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

from rich.table import Table

from .turns import design


def bytes_per_agent(small: int = 1_000, large: int = 5_000) -> float:
    """Bytes that each further person of a sparse society takes, ties and state included."""
    from simsoc.society import Society

    sizes = []
    for n in (small, large):
        given = design(n, {"kind": "erdos_renyi", "degree": 6}, 1)
        tracemalloc.start()
        society = Society({**given, "steps": 1}, 1)
        society.step()
        sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        del society
    return (sizes[1] - sizes[0]) / (large - small)


def cpu_of(command: list[str]) -> float:
    """CPU seconds of a command, the best of five."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime)"
    )
    return min(
        float(subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    )


def table() -> Table:
    """Memory and imports."""
    made = Table(title="Sizes and imports")
    made.add_column("what")
    made.add_column("measured", justify="right")
    made.add_column("aim", justify="right")
    made.add_row("memory per agent, mean degree 6", f"{bytes_per_agent() / 1000:.1f} kB", "6 kB")
    bare = cpu_of([sys.executable, "-c", "pass"])
    for label, command in {
        "bare Python (baseline)": [sys.executable, "-c", "pass"],
        "import simsoc": [sys.executable, "-c", "import simsoc"],
        "simsoc --help": [sys.executable, "-m", "simsoc", "--help"],
        "import simsoc.society (Mesa, pandas)": [sys.executable, "-c", "import simsoc.society"],
    }.items():
        spent = cpu_of(command)
        made.add_row(label, f"{spent:.2f} s CPU ({spent / bare:.1f} x bare)", "0.5 s" if "help" in label else "")
    return made
