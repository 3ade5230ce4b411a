"""A log's calls, found by their identity, with little of them in memory however long the log is.

An index of 16 bytes a call says in which row a call is (a sorted array of hashes beside one of row ids); rows are read
in blocks, in the order of arrival, which is roughly the order in which a run asks again. Prompts are never read unless
they are to be shown: a log knows its texts by keys made from their hashes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from msgspec.json import decode

from simsoc.core.calls import Kept
from simsoc.core.errors import LogError
from simsoc.core.words import Answer, Attempt, Identity, NoAnswer

from .reader import Run
from .rows import text_key
from .statements import IDENTITIES

_BLOCK = 256  # rows read at once
_BLOCKS = 64  # blocks kept
_PAID = " WHERE source <> 'rule'"
_ROWS = (
    'SELECT ask.id, coalesce(seed, ?), agent, step, turn, purpose, draw, "by", prompt, settings, status, value,'
    " detail, source, attempts, tokens_in, tokens_out, cost, latency, flags, r.text"
    " FROM ask LEFT JOIN text r ON r.id = reply WHERE ask.id BETWEEN ? AND ? ORDER BY ask.id"
)
_TROUBLE = (
    "SELECT ask, kind, detail, t.text FROM attempt LEFT JOIN text t ON t.id = attempt.text"
    " WHERE attempt.id BETWEEN ? AND ? AND ask BETWEEN ? AND ? ORDER BY attempt.id"
)
_TROUBLED = f"SELECT ask / {_BLOCK}, min(id), max(id) FROM attempt WHERE ask IS NOT NULL GROUP BY 1"


class Answered:
    """The calls of a log. rules: whether those that rules answered are among them."""

    def __init__(self, run: Run, *, rules: bool = False) -> None:
        self.run = run
        self.seed: int = run.info["seed"]
        self._which = "" if rules else _PAID
        self._blocks: dict[int, dict[int, tuple[Any, ...]]] = {}
        self._tries: dict[int, dict[int, tuple[Attempt, ...]]] = {}

    def get(self, identity: Identity) -> Kept | None:
        """What the log keeps of this call, or None. Of several rows the last counts."""
        if identity[0] not in self.seeds:
            return None
        hashes, rows = self._index
        wanted = hash(identity)
        found = None
        at = bisect_left(hashes, wanted)
        while at < len(hashes) and hashes[at] == wanted:
            row = self._row(rows[at])
            if row is not None and row[1:7] == identity:
                found = row
            at += 1
        return None if found is None else self._kept(found)

    @cached_property
    def seeds(self) -> frozenset[int]:
        """Seeds of its calls: the run's own, and those of universes."""
        return frozenset({self.seed, *(s for (s,) in self.run.rows("SELECT DISTINCT seed FROM ask") if s is not None)})

    @cached_property
    def settings(self) -> list[tuple[str, str]]:
        """Every (model, settings) that occurs, in order of first use."""
        rows = self.run.rows(
            'SELECT "by", text FROM ask JOIN text ON text.id = settings GROUP BY "by", settings ORDER BY min(ask.id)'
        )
        return [(row[0], row[1]) for row in rows]

    def after(self, step: int) -> frozenset[Identity]:
        """Calls of steps after this one, those of rules among them."""
        rows = self.run.stream(f"{IDENTITIES} WHERE step > ?", (self.seed, step))
        return frozenset(tuple(row[:6]) for row in rows)

    def text(self, key: int) -> str:
        """A text of this log. Raises KeyError."""
        for (text,) in self.run.rows("SELECT text FROM text WHERE id = ?", (key,)):
            found: str = text
            return found
        raise KeyError(key)

    def key(self, text: str) -> int:
        """The key that a log gives a text."""
        return text_key(text)

    # -- finding and reading rows -------------------------------------------------------------------------------

    @cached_property
    def _index(self) -> tuple[Sequence[int], Sequence[int]]:
        """Hashes of the identities, ascending, and the row of each."""
        import numpy as np

        hashes, rows = array("q"), array("q")
        for row in self.run.stream(IDENTITIES + self._which, (self.seed,)):
            hashes.append(hash(tuple(row[:6])))
            rows.append(row[6])
        if not rows:
            return hashes, rows
        order = np.argsort(np.frombuffer(hashes, dtype=np.int64), kind="stable")
        return (
            array("q", np.frombuffer(hashes, dtype=np.int64)[order].tobytes()),
            array("q", np.frombuffer(rows, dtype=np.int64)[order].tobytes()),
        )

    def _row(self, id: int) -> tuple[Any, ...] | None:
        number = id // _BLOCK
        block = self._blocks.get(number)
        if block is None:
            block = self._read(number)
        return block.get(id)

    def _read(self, number: int) -> dict[int, tuple[Any, ...]]:
        """A block of rows, and the tries that came to nothing where a reply took several."""
        while len(self._blocks) >= _BLOCKS:
            oldest = next(iter(self._blocks))
            del self._blocks[oldest]
            self._tries.pop(oldest, None)
        ends = (number * _BLOCK, (number + 1) * _BLOCK - 1)
        block = {row[0]: row for row in self.run.stream(_ROWS, (self.seed, *ends))}
        if number in self._troubled:
            tries: dict[int, tuple[Attempt, ...]] = {}
            for id, kind, detail, text in self.run.stream(_TROUBLE, (*self._troubled[number], *ends)):
                tries[id] = (*tries.get(id, ()), Attempt(kind, detail, text))
            self._tries[number] = tries
        self._blocks[number] = block
        return block

    @cached_property
    def _troubled(self) -> dict[int, tuple[int, int]]:
        """Blocks with tries that came to nothing: the first and last row of these."""
        return {row[0]: (row[1], row[2]) for row in self.run.rows(_TROUBLED)}

    def _kept(self, row: tuple[Any, ...]) -> Kept:
        _, _, _, _, _, _, _, by, prompt, settings, status, value, detail, *how, flags, raw = row
        source, attempts, tokens_in, tokens_out, cost, latency = how
        made = Answer if status == "ok" else NoAnswer
        own = {"value": decode(value)} if status == "ok" else {"reason": status, "detail": detail or ""}
        tries = self._tries.get(row[0] // _BLOCK)
        reply = made(
            **own,
            source=source,
            by=by,
            attempts=attempts,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=cost,
            latency=latency,
            flags=tuple(flags.split(",")) if flags else (),
            raw=raw,
            trouble=() if tries is None else tries.get(row[0], ()),
        )
        return Kept(by, prompt, None if settings is None else self._setting(settings), reply)

    def _setting(self, key: int) -> str:
        """Settings repeat: each text is read once."""
        known = self._known
        if key not in known:
            try:
                known[key] = self.text(key)
            except KeyError:
                raise LogError(f"{self.run.path}: a call names settings that are not in the log") from None
        return known[key]

    @cached_property
    def _known(self) -> dict[int, str]:
        return {}
