"""What remembering and retrieving cost: CPU of one retrieval by the size of the memory, of one record, and bytes."""

from __future__ import annotations

from time import process_time

import numpy as np
from rich.table import Table

from simsoc.minds.embed import Lexical
from simsoc.minds.memory import Memory
from simsoc.minds.records import Draft
from simsoc.minds.retrieval import PAPER, RELEASED, Scoring, retrieve
from simsoc.minds.tokens import Space

SIZES = (100, 1_000, 10_000, 100_000)
_WORDS = 5_000


def filled(size: int, embed: Lexical) -> tuple[Memory, float]:
    """A memory of that many events of eight words, and CPU microseconds for each of them."""
    rng = np.random.default_rng(size)
    words = [f"word{i}" for i in range(_WORDS)]
    texts = [" ".join(words[j] for j in row) for row in rng.integers(0, _WORDS, (size, 8))]
    weights = rng.integers(1, 11, size).tolist()
    memory = Memory(embed, embed.dim)
    start = process_time()
    for i, (text, weight) in enumerate(zip(texts, weights, strict=True)):
        memory.store([Draft("event", text, weight, ("somebody", "does", "something"))], float(i))
    return memory, (process_time() - start) / size * 1e6


def retrieval(memory: Memory, query: np.ndarray, how: Scoring, repeats: int, *, as_many_as_fit: bool = False) -> float:
    """CPU milliseconds of one retrieval, the median of some."""
    view, now = memory.view(), float(memory.total)
    taken = []
    for _ in range(repeats):
        start = process_time()
        if as_many_as_fit:
            retrieve(view, query, now, how, top=None, space=Space(3000))
        else:
            retrieve(view, query, now, how)
        taken.append((process_time() - start) * 1e3)
    return float(np.median(taken))


def table(repeats: int = 21) -> Table:
    """A row for each size."""
    made = Table(title="Memory stream, 384 dimensions (CPU, medians)")
    for heading in (
        "records",
        "us a record",
        "ms, top 30",
        "ms, released weights",
        "ms, as many as fit",
        "MB of vectors",
    ):
        made.add_column(heading, justify="right")
    embed = Lexical()
    query = embed(["word1 word2 word3 word4"])[0]
    for size in SIZES:
        memory, stored = filled(size, embed)
        retrieval(memory, query, PAPER, 3)
        times = [retrieval(memory, query, how, repeats) for how in (PAPER, RELEASED)]
        times.append(retrieval(memory, query, PAPER, repeats, as_many_as_fit=True))
        megabytes = memory.view().columns.vectors.nbytes / 1e6
        made.add_row(f"{size:,}", f"{stored:.0f}", *(f"{t:.2f}" for t in times), f"{megabytes:.1f}")
    made.caption = "aim: about 1 ms at 10,000 records and 15 ms at 100,000"
    return made
