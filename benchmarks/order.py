"""One at a time, out of order: how much faster than one call after another, and how near to what is possible at all.

The bound is the longer of two times: the longest chain of turns that have to wait for each other, and all latencies
divided by the slots. On a virtual clock only the order of calls counts; over loopback HTTP the engine's own time does.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
from rich.table import Table

from benchmarks.server import bodies, server
from simsoc.core.words import Turn
from simsoc.society import Society, new_hub
from tests.loopback import lognormal as factor
from tests.virtual import RULES, Stub, VirtualHub, lognormal

SLOTS = 64
SIGMA = 0.8
GRAPHS: dict[str, dict[str, Any]] = {
    "Erdos-Renyi, degree 6": {"kind": "erdos_renyi", "degree": 6},
    "Barabasi-Albert, m = 3": {"kind": "barabasi_albert", "m": 3},
    "ring, degree 6": {"kind": "ring", "k": 6},
    "lattice": {"kind": "lattice"},
}
Seconds = Callable[[tuple[int, int, int]], float]
"""How long the call of (step, agent, turn) takes."""


def design(network: dict[str, Any], n: int, sweeps: int, **more: Any) -> dict[str, Any]:
    """Binary opinions, one agent after another, with replacement."""
    return {
        "name": "order",
        "steps": sweeps,
        "world": {"kind": "opinion", "labels": ["k", "z"], "stop": "never", "rule": {"kind": "voter"}},
        "population": {"n": n},
        "network": network,
        "activation": "one_by_one",
        **more,
    }


def bound(scenario: dict[str, Any], seed: int, seconds: Seconds) -> tuple[float, float]:
    """All latencies one after another, and the least time any order can take, in seconds."""
    society = Society({**scenario, "backend": "mechanistic"}, seed)
    world: Any = society.worlds[0]
    ready = [0.0] * len(society.people)
    total = 0.0
    for step in range(1, society.length + 1):
        for agent, count in society.engine._schedule(seed, step, world.active()).turns:
            reads = world.reach(Turn(seed, step, agent, count)).reads
            lasts = seconds((step, agent, count)) if len(reads) > 1 else 0.0  # who sees nobody is not asked
            total += lasts
            ready[agent] = max(ready[other] for other in reads) + lasts
    society.close()
    return total, max(max(ready), total / SLOTS)


def on_virtual_clock(network: dict[str, Any], n: int, sweeps: int, seed: int) -> tuple[float, float, float, bool]:
    """Sum of latencies, bound, time taken, and whether the digest is that of one after another."""
    scenario = design(network, n, sweeps)
    wait = lognormal(seed, SIGMA)
    hub, stub = VirtualHub(), Stub(RULES, wait, SLOTS)
    try:
        society = Society(scenario, seed, backend=stub, hub=hub)  # type: ignore[arg-type]
        hub.watch(society._live)
        society.run_model()
    finally:
        hub.close()
    serial = Society(scenario, seed)
    serial.run_model()

    class Address:
        def __init__(self, step: int, agent: int, turn: int) -> None:
            self.identity = (seed, agent, step, turn, "opinion", 0)

    total, least = bound(scenario, seed, lambda at: wait(Address(*at)))  # type: ignore[arg-type]
    return total, least, stub.ended, society.digest == serial.digest


def virtual_table(seeds: tuple[int, ...] = (1, 2)) -> Table:
    """Every graph and size."""
    made = Table(title=f"One at a time on a virtual clock: {SLOTS} slots, lognormal latency (sigma {SIGMA}), 10 sweeps")
    for heading in ("graph", "N", "seed", "times faster", "bound allows", "share of bound", "digest as serial"):
        made.add_column(heading, justify="left" if heading == "graph" else "right")
    for name, network in GRAPHS.items():
        for n in (50, 200, 1_000):
            for seed in seeds:
                total, least, took, same = on_virtual_clock(network, n, 10, seed)
                made.add_row(
                    name, f"{n:,}", str(seed), f"{total / took:.1f}", f"{total / least:.1f}", f"{least / took:.1%}",
                    "yes" if same else "NO",
                )  # fmt: skip
    made.caption = "aim: at least 90% of the bound everywhere, 98% at N = 1,000 on Erdos-Renyi; digest as serial"
    return made


# -- over HTTP ---------------------------------------------------------------------------------------------------------


def taken(path: Path, seed: int, median: float) -> dict[tuple[int, int, int], float]:
    """How long the server took for each call of a log: a function of the prompt."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT step, agent, turn, p.text FROM ask JOIN text p ON p.id = prompt").fetchall()
    return {(step, agent, turn): median * _factor(prompt, seed) for step, agent, turn, prompt in rows}


def _factor(prompt: str, seed: int) -> float:
    return factor(SIGMA, seed, msgspec.json.encode(msgspec.json.decode(prompt), order="sorted"))


def over_http(
    n: int, sweeps: int, runs: int, median: float, seed: int = 1
) -> tuple[list[float], list[float], float, bool]:
    """Several runs over one hub: sum of latencies and bound of each, wall seconds, and whether digests are serial's."""
    with tempfile.TemporaryDirectory() as folder, server(median, SIGMA, seed) as url:
        backend = {"model": "openai/test", "base_url": url, "transport": "lean", "slots": SLOTS}
        scenario = design(GRAPHS["Erdos-Renyi, degree 6"], n, sweeps, backend=backend)
        logs = [Path(folder) / f"{run}.db" for run in range(runs)]
        hub = new_hub()
        societies = [Society(scenario, seed + run, log=log, hub=hub) for run, log in enumerate(logs)]
        threads = [threading.Thread(target=society.run_model) for society in societies]
        start = perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall = perf_counter() - start
        hub.close()
        totals, bounds, same = [], [], True
        for run, log in enumerate(logs):
            lasts = taken(log, seed, median)
            total, least = bound(scenario, seed + run, lasts.__getitem__)
            totals.append(total)
            bounds.append(least)
            replayed = Society({**scenario, "backend": f"replay/{log}"}, seed + run)
            replayed.run_model()  # one after another
            same = same and replayed.digest == societies[run].digest
        return totals, bounds, wall, same


def bare(calls: int, median: float, seed: int = 1) -> float:
    """Share of the slots' time the server works when aiohttp alone keeps them busy."""
    import aiohttp

    ready = bodies(calls)
    total = sum(median * _factor(msgspec.json.encode(body["messages"]).decode(), seed) for body in ready)

    async def go(url: str) -> float:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=SLOTS)) as session:

            async def worker() -> None:
                while ready:
                    async with session.post(f"{url}/chat/completions", data=msgspec.json.encode(ready.pop())) as reply:
                        await reply.read()

            start = perf_counter()
            async with asyncio.TaskGroup() as group:
                for _ in range(SLOTS):
                    group.create_task(worker())
            return perf_counter() - start

    with server(median, SIGMA, seed) as url:
        return total / SLOTS / asyncio.run(go(url))


def http_table(median: float = 0.2) -> Table:
    """One run of 1,000 agents, and four that share the slots."""
    made = Table(title=f"One at a time over loopback HTTP: {SLOTS} slots, median {median * 1000:.0f} ms, sigma {SIGMA}")
    headings = ("runs", "N", "seconds", "times faster", "bound allows", "share of bound", "slots busy", "as serial")
    for heading in headings:
        made.add_column(heading, justify="right")
    for runs, n, sweeps in ((1, 1_000, 10), (4, 1_000, 8)):
        totals, bounds, wall, same = over_http(n, sweeps, runs, median)
        least = max(*bounds, sum(totals) / SLOTS)
        made.add_row(
            str(runs), f"{n:,}", f"{wall:.1f}", f"{sum(totals) / wall:.1f}", f"{sum(totals) / least:.1f}",
            f"{least / wall:.1%}", f"{sum(totals) / SLOTS / wall:.1%}", "yes" if same else "NO",
        )  # fmt: skip
    made.caption = (
        f"bare aiohttp client, 12,000 calls: slots {bare(12_000, median):.1%} busy. aim: one run at least 43 times "
        "faster and 98% of its bound; several runs at least 95% as busy as the bare client"
    )
    return made


def main(http: bool = True) -> None:
    """Both tables."""
    from rich.console import Console

    os.environ.setdefault("OPENAI_API_KEY", "none")
    console = Console(width=120)
    console.print(virtual_table())
    if http:
        console.print(http_table())
