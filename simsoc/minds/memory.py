"""The memory stream of one agent: records in order of storing, and what retrieval reads of them as arrays.

Only a world's `fold` stores, touches and forgets. Minds read a `View`, which stays as it was when taken: new rows are
appended behind it, and whatever is changed in place is copied first if a view has been handed out. Arrays grow by
doubling; a row of the one float32 matrix is a normalised embedding. Methods.md 1.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .records import KINDS, THOUGHTS, THOUGHTS_LAST, Draft, Kind, Record, keywords_of, spoken

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
Lowest = Callable[["View", NDArray[np.intp], float], int]
"""Which of these rows of a view counts least at this game minute: how a memory of limited size forgets."""

_FIRST = 64  # rows of a new memory
_SPARSE = 64  # rows forgotten before those that are kept are moved together, at least


class Columns(Struct):
    """The arrays of a memory; all have the same number of rows, of which the first `count` of a view are in use."""

    n: NDArray[np.int64]
    kind: NDArray[np.int8]
    """Index into `KINDS`."""
    importance: NDArray[np.float64]
    """NaN where it is not known."""
    accessed: NDArray[np.float64]
    """Game minute of the last access."""
    expires: NDArray[np.float64]
    """Infinite where it never does."""
    kept: NDArray[np.bool_]
    """False where forgotten."""
    blank: NDArray[np.bool_]
    """True where the vector is still to come."""
    cited: NDArray[np.int32]
    """How many kept records rest on it; of no view."""
    vectors: Vectors

    @staticmethod
    def empty(rows: int, dim: int) -> Columns:
        """Unused rows."""
        return Columns(
            np.zeros(rows, np.int64),
            np.zeros(rows, np.int8),
            np.zeros(rows),
            np.zeros(rows),
            np.zeros(rows),
            np.ones(rows, np.bool_),
            np.zeros(rows, np.bool_),
            np.zeros(rows, np.int32),
            np.zeros((rows, dim), np.float32),
        )

    def chosen(self, rows: Any, size: int) -> Columns:
        """New arrays of `size` rows that begin with these rows."""
        made = Columns.empty(size, self.vectors.shape[1])
        for name in self.__struct_fields__:
            part = getattr(self, name)[rows]
            getattr(made, name)[: len(part)] = part
        return made

    def row(self, n: int, count: int) -> int | None:
        """Which of the first `count` rows has this number, if it is there and not forgotten."""
        at = int(np.searchsorted(self.n[:count], n))
        return at if at < count and self.n[at] == n and self.kept[at] else None


class View(Struct, frozen=True):
    """A memory as it was when the view was taken: what a mind reads."""

    columns: Columns
    count: int
    """Rows there were."""
    total: int
    """Records there had been, forgotten ones included: the number the next one would have."""
    since: float
    """Importance of the events perceived since the last reflection."""
    enforced: bool
    """Whether what has expired no longer counts."""
    embed: Embed
    _records: list[Record]
    _words: dict[str, list[int]]

    def rows(self, now: float, kinds: Iterable[Kind] | None = None) -> NDArray[np.intp]:
        """Rows that count now, of these kinds where given, ascending."""
        c, upto = self.columns, self.count
        usable = c.kept[:upto].copy()
        if self.enforced:
            usable &= c.expires[:upto] > now
        if kinds is not None:
            usable &= np.isin(c.kind[:upto], [KINDS.index(kind) for kind in kinds])
        return np.flatnonzero(usable)

    def record(self, row: int) -> Record:
        """The record in a row."""
        return self._records[row]

    def get(self, n: int) -> Record:
        """The record of this number. Raises KeyError when it is not there, or forgotten."""
        return self._records[self._row(n)]

    def accessed(self, n: int) -> float:
        """When a record was last accessed, in game minutes; at first, when it was stored. Raises KeyError."""
        return float(self.columns.accessed[self._row(n)])

    def has(self, n: int) -> bool:
        """Whether there is a record of this number."""
        return self.columns.row(n, self.count) is not None

    def _row(self, n: int) -> int:
        row = self.columns.row(n, self.count)
        if row is None:
            raise KeyError(n)
        return row

    def latest(self, most: int | None, now: float, kinds: Iterable[Kind] | None = None) -> list[Record]:
        """The newest records that count, newest first; all of them without a limit."""
        rows = self.rows(now, kinds)[::-1]
        return [self._records[row] for row in (rows if most is None else rows[:most]).tolist()]

    def about(self, words: Iterable[str], now: float, kinds: Iterable[Kind] = ("event", "thought")) -> list[Record]:
        """Records that share one of these keywords, newest first and unranked (the second retrieval of 1.3)."""
        wanted = {n for word in words for n in self._words.get(word.strip().lower(), ()) if n < self.total}
        numbers = sorted((n for n in wanted if self.has(n)), reverse=True)
        found = [self.get(n) for n in numbers]
        allowed = tuple(kinds)
        return [r for r in found if r.kind in allowed and not (self.enforced and r.expired(now))]

    def blank(self) -> list[int]:
        """Numbers of the records whose vectors are still to come, oldest first."""
        c, upto = self.columns, self.count
        return [int(n) for n in c.n[:upto][c.blank[:upto] & c.kept[:upto]]]

    def filled(self, vectors: Mapping[int, Vectors]) -> View:
        """The same memory with vectors that were to come."""
        c = self.columns
        made = msgspec.structs.replace(c, vectors=c.vectors.copy(), blank=c.blank.copy())
        _fill(made, self.count, vectors)
        return msgspec.structs.replace(self, columns=made)

    def __len__(self) -> int:
        return int(np.count_nonzero(self.columns.kept[: self.count]))


def _fill(columns: Columns, count: int, vectors: Mapping[int, Vectors]) -> None:
    for n, vector in vectors.items():
        row = columns.row(n, count)
        if row is not None:
            columns.vectors[row], columns.blank[row] = vector, False


class Memory:
    """What one agent remembers.

    embed: texts to vectors of length one, of `dim` numbers. keep: most records; what is beyond is forgotten, lowest
    first, but never evidence of something kept. lowest: tells which row that is (retrieval.Scoring.lowest). enforce:
    whether expired records no longer count. lasting: game minutes until a thought expires, None for never.
    """

    def __init__(
        self,
        embed: Embed,
        dim: int,
        *,
        keep: int | None = None,
        lowest: Lowest | None = None,
        enforce: bool = False,
        lasting: float | None = THOUGHTS_LAST,
        later: bool = False,
    ) -> None:
        if (keep is None) != (lowest is None) or (keep is not None and keep < 1):
            raise ValueError("a bounded memory keeps at least one record, and is told which is the lowest")
        self.embed = embed
        self._keep, self._lowest, self._enforce, self._lasting = keep, lowest, enforce, lasting
        self.dim, self._later = dim, later
        self._columns = Columns.empty(_FIRST, dim)
        self._records: list[Record] = []
        self._words: dict[str, list[int]] = {}
        self._places = dict.fromkeys(KINDS, 0)
        self._total = self._gone = 0
        self._since = 0.0
        self._lent = False

    def view(self) -> View:
        """What is remembered now; later changes leave it alone."""
        self._lent = True
        shape = (self._columns, len(self._records), self._total, self._since, self._enforce, self.embed)
        return View(*shape, self._records, self._words)

    def copy(self) -> Memory:
        """A memory that starts with the same records and goes its own way."""
        other = copy(self)
        other._columns = self._columns.chosen(slice(len(self._records)), len(self._columns.n))
        other._records = list(self._records)
        other._words = {word: list(numbers) for word, numbers in self._words.items()}
        other._places = dict(self._places)
        other._lent = False
        return other

    @property
    def total(self) -> int:
        """Records there have been: the number the next one gets."""
        return self._total

    def __len__(self) -> int:
        return len(self._records) - self._gone

    # -- the writers; for a world's fold ------------------------------------------------------------------------

    def store(
        self, drafts: Sequence[Draft], now: float, *, event: tuple[int, int, int] | None = None
    ) -> tuple[Record, ...]:
        """Remember these, in order, at this game minute, as told by this event (step, turn, agent).

        Raises ValueError when a draft cites what is not there. With a limit, what is beyond it is then forgotten.
        """
        if not drafts:
            return ()
        texts = [spoken(draft.text, draft.said) for draft in drafts]
        vectors = np.zeros((len(texts), self.dim), np.float32) if self._later else self.embed(texts)
        made = []
        for i, (draft, vector) in enumerate(zip(drafts, vectors, strict=True)):
            record = self._made(draft, i, now, event)
            self._append(record, vector)
            made.append(record)
        while self._keep is not None and len(self) > self._keep:
            self._forget(now)
        if self._gone >= max(_SPARSE, len(self)):
            self._tidy()
        return tuple(made)

    def fill(self, vectors: Mapping[int, Vectors]) -> None:
        """Vectors that were to come; those of records forgotten meanwhile are passed over."""
        if vectors:
            self._own()
            _fill(self._columns, len(self._records), vectors)

    def touch(self, numbers: Iterable[int], now: float) -> None:
        """These records were retrieved at this game minute; those forgotten meanwhile are passed over."""
        found = (self._columns.row(n, len(self._records)) for n in numbers)
        rows = [row for row in found if row is not None]
        if rows:
            self._own()
            self._columns.accessed[rows] = now

    def reflected(self) -> None:
        """The agent has reflected: importance is summed up anew."""
        self._since = 0.0

    # -- inside -------------------------------------------------------------------------------------------------

    def _made(self, draft: Draft, i: int, now: float, event: tuple[int, int, int] | None) -> Record:
        """A draft as a record; `i` drafts before it were stored together with it."""
        n, depth = self._total, 0
        evidence = [n + cited if cited < 0 else cited for cited in draft.evidence]
        for cited in evidence:
            row = self._columns.row(cited, len(self._records))
            if row is None or min(draft.evidence) < -i:
                raise ValueError(f"memory {n} cites {cited}, which is not there to be cited")
            depth = max(depth, self._records[row].depth)
        thought = draft.kind in THOUGHTS
        return Record(
            n=n,
            place=self._places[draft.kind],
            kind=draft.kind,
            depth=depth + 1 if thought else 0,
            created=now,
            expires=now + self._lasting if thought and self._lasting is not None else None,
            text=draft.text,
            importance=draft.importance,
            triple=draft.triple,
            keywords=keywords_of(draft),
            evidence=tuple(dict.fromkeys(evidence)),
            said=draft.said,
            event=event,
            ask=draft.ask,
        )

    def _append(self, record: Record, vector: Vectors) -> None:
        row = len(self._records)
        if row == len(self._columns.n):
            self._columns = self._columns.chosen(slice(row), 2 * row)
            self._lent = False
        c = self._columns
        c.n[row] = record.n
        c.kind[row] = KINDS.index(record.kind)
        c.importance[row] = np.nan if record.importance is None else record.importance
        c.accessed[row] = record.created
        c.expires[row] = np.inf if record.expires is None else record.expires
        c.vectors[row] = vector
        c.blank[row] = self._later
        self._records.append(record)
        self._places[record.kind] += 1
        self._total += 1
        for word in record.keywords:
            self._words.setdefault(word, []).append(record.n)
        self._cite(record, 1)
        if record.kind == "event" and record.importance is not None:
            self._since += record.importance

    def _own(self) -> None:
        """Before something is changed in place: what a view may be looking at is copied."""
        if self._lent:
            c = self._columns
            # Vectors are changed where they were blank alone, and no view looks at what is blank in it.
            blank = c.blank.copy() if self._later else c.blank
            self._columns = msgspec.structs.replace(c, accessed=c.accessed.copy(), kept=c.kept.copy(), blank=blank)
            self._lent = False

    def _cite(self, record: Record, more: int) -> None:
        for n in record.evidence:
            row = self._columns.row(n, len(self._records))
            assert row is not None  # evidence is never forgotten before what rests on it
            self._columns.cited[row] += more

    def _forget(self, now: float) -> None:
        """Let go of the lowest record that no other one rests on."""
        self._own()
        c, upto = self._columns, len(self._records)
        free = np.flatnonzero(c.kept[:upto] & (c.cited[:upto] == 0))  # the newest is always among them
        assert self._lowest is not None
        row = self._lowest(self.view(), free, now)
        self._lent = False  # the view just handed out is of no use any more
        c.kept[row] = False
        self._gone += 1
        self._cite(self._records[row], -1)

    def _tidy(self) -> None:
        """Move the records that are kept together, in new arrays and lists; views keep the old ones."""
        rows = np.flatnonzero(self._columns.kept[: len(self._records)])
        self._columns = self._columns.chosen(rows, max(_FIRST, 2 * len(rows)))
        self._records = [self._records[row] for row in rows.tolist()]
        self._words = {}
        for record in self._records:
            for word in record.keywords:
                self._words.setdefault(word, []).append(record.n)
        self._gone, self._lent = 0, False
