"""Mechanistic turns per second of CPU, with every decision and event in the log."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from rich.table import Table

from simsoc.society import Society


def design(n: int, network: dict[str, Any], turns: int) -> dict[str, Any]:
    """Opinion dynamics below the critical force, so that nobody ever agrees."""
    return {
        "name": "turns",
        "steps": max(2, turns // n),
        "world": {
            "kind": "opinion",
            "labels": ["k", "z"],
            "stop": "never",
            "rule": {"kind": "curie_weiss", "beta": 0.9},
        },
        "population": {"n": n},
        "network": network,
    }


def measure(n: int, network: dict[str, Any], *, log: bool, turns: int = 100_000) -> tuple[float, float]:
    """CPU microseconds and bytes of log per turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.db"
        society = Society(design(n, network, turns), 1, log=path if log else None)
        before = path.stat().st_size if log else 0
        gc.collect()
        start = process_time()
        society.run_model()
        spent = process_time() - start
        size = path.stat().st_size - before if log else 0
        return spent / society.engine.turns * 1e6, size / society.engine.turns


def table(repeats: int = 3) -> Table:
    """Best of some repeats for each network."""
    made = Table(title="Mechanistic turns (one_by_one with replacement, best of three)")
    for heading in (
        "network",
        "N",
        "us a turn, logged",
        "turns a second, logged",
        "us without log",
        "log bytes a turn",
    ):
        made.add_column(heading, justify="left" if heading == "network" else "right")
    designs: list[tuple[str, int, dict[str, Any]]] = [
        ("Erdos-Renyi, mean degree 6", 1_000, {"kind": "erdos_renyi", "degree": 6}),
        ("Erdos-Renyi, mean degree 6", 10_000, {"kind": "erdos_renyi", "degree": 6}),
        ("complete (no aim)", 1_000, {"kind": "complete"}),
    ]
    for name, n, network in designs:
        logged = min(measure(n, network, log=True) for _ in range(repeats))
        bare = min(measure(n, network, log=False)[0] for _ in range(repeats))
        made.add_row(name, f"{n:,}", f"{logged[0]:.1f}", f"{1e6 / logged[0]:,.0f}", f"{bare:.1f}", f"{logged[1]:.0f}")
    made.caption = "aim: at least 40,000 logged turns a second on one core, on random graphs"
    return made
