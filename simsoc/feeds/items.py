"""The items of a world as growing columns, with counters that are kept while things happen.

Written in a world's `fold` alone. Rows stand in the order in which items were made, so a higher row is a newer item; an
item's *id* is (author, step, n), never its row. Counters of a repost are those of its original (`root`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from .viewer import Array

Id = tuple[int, int, int]
Rows = slice | Array
T = TypeVar("T")

_TYPES: dict[str, Any] = {
    "author": np.int32,
    "step": np.int32,
    "n": np.int32,
    "kind": np.int8,
    "root": np.int32,
    "parent": np.int32,
    "party": np.int16,
    "partisan": np.float64,
    "likes": np.int32,
    "replies": np.int32,
    "reposts": np.int32,
    "ups": np.int32,
    "downs": np.int32,
    "across": np.int32,
    "listed": np.bool_,
}
_COUNTS = ("likes", "replies", "reposts", "ups", "downs", "across")
_VERBS = {"like": "likes", "reply": "replies", "repost": "reposts", "up": "ups", "down": "downs"}


class Columns:
    """Some rows of a store, column by column; each column is taken when it is first looked at.

    Columns: author, step, n, kind, root, parent, party and partisan (of the author), likes, replies, reposts, ups,
    downs, across (likes by people of another party than the author's), all of one length.
    """

    author: Array
    step: Array
    n: Array
    kind: Array
    root: Array
    parent: Array
    party: Array
    partisan: Array
    likes: Array
    replies: Array
    reposts: Array
    ups: Array
    downs: Array
    across: Array
    listed: Array

    def __init__(self, store: Items, rows: Rows, window: Columns | None = None) -> None:
        self.store = store
        self._rows = rows
        self._of = window

    @property
    def window(self) -> Columns:
        """What all viewers' items are taken from, where these are some of them; else these themselves."""
        return self if self._of is None else self._of

    @property
    def places(self) -> Rows:
        """Where these stand in the window."""
        return slice(None) if self._of is None else self._rows

    def part(self, places: Rows) -> Columns:
        """Some of these, of which these are the window."""
        return Columns(self.store, places, self)

    @property
    def rows(self) -> Array:
        """Where these items stand in the store."""
        if self._of is not None:
            found: Array = self._of.rows[self._rows]
            return found
        return np.arange(len(self.store))[self._rows] if isinstance(self._rows, slice) else self._rows

    def __len__(self) -> int:
        rows = self._rows
        if not isinstance(rows, slice):
            return len(rows)
        return len(range(*rows.indices(len(self.store if self._of is None else self._of))))

    def __getattr__(self, name: str) -> Array:
        if name not in _TYPES:
            raise AttributeError(f"items have no column {name!r}; they have {', '.join(_TYPES)}")
        taken: Array
        if self._of is not None:
            taken = getattr(self._of, name)[self._rows]
            if isinstance(self._rows, slice):
                taken = taken.copy()  # whoever scores these may write into what it is given
        else:
            column = self.store.column(name)
            by_root = name in _COUNTS and self.store.reposted
            taken = column[self.store.column("root")[self._rows]] if by_root else column[self._rows]
        self.__dict__[name] = taken
        return taken

    def once(self, name: object, make: Callable[[Columns], T]) -> T:
        """What somebody has worked out of these, worked out once."""
        kept: dict[object, Any] = self.__dict__.setdefault("_kept", {})
        if name not in kept:
            kept[name] = make(self)
        found: T = kept[name]
        return found

    def attribute(self, name: str) -> Array:
        """A further column that the world has filled, e.g. a scorer's; 0 where it was not. Raises LookupError."""
        rows = self.root
        return self.store.attribute(name)[rows] if len(rows) else np.zeros(0)

    @property
    def texts(self) -> list[str]:
        """The text of each."""
        return [self.store.texts[row] for row in self.rows.tolist()]


class Items:
    """All items of a world.

    party, partisan: by agent, a code (-1 for none) and a number in [-1, 1]. Both lists belong to the world and are read
    whenever something is added, so they may change and grow; where they are too short, there is no party.
    """

    def __init__(self, party: Sequence[int] = (), partisan: Sequence[float] = ()) -> None:
        self.ids: list[Id] = []
        """Id by row."""
        self.roots: list[int] = []
        """Row of the original by row; an original's own."""
        self.texts: list[str] = []
        self.hidden: set[int] = set()
        """Rows that are in no feed."""
        self.kinds: list[str] = []
        """Words for the codes in the column `kind`."""
        self.version = 0
        """Counts changes."""
        self.reposted = False
        """Whether any item is a repost of another."""
        self.lots: Array = np.zeros(0, np.uint64)
        """A word for each row's id, as far as any was needed (`draws.lots`)."""
        self.vectors: Array | None = None
        """A vector for each row's text, as far as any was needed (`affinity.vectors_of`)."""
        self.embedded = 0
        """So many rows have one."""
        self.by_author: dict[int, list[int]] = {}
        """Rows of each author, oldest first."""
        self._party, self._partisan = party, partisan
        self._row: dict[Id, int] = {}
        self._columns: dict[str, Array] = {name: np.zeros(64, dtype) for name, dtype in _TYPES.items()}
        self._attributes: dict[str, Array] = {}
        self._did: dict[str, dict[int, set[int]]] = {}
        self._kept: dict[str, tuple[int, Any]] = {}

    # -- writing ----------------------------------------------------------------------------------------------------

    def add(
        self,
        id: Sequence[int],
        kind: str = "post",
        text: str = "",
        *,
        of: Sequence[int] | None = None,
        to: Sequence[int] | None = None,
        listed: bool = True,
        attributes: Mapping[str, float] | None = None,
        ups: int = 0,
        downs: int = 0,
    ) -> int:
        """A new item; its row. of: what it reposts, an original; to: what it replies to. Both are counted there.

        listed: whether it may be in feeds. ups, downs: votes that it comes with, of people who are not here. Raises
        ValueError for an id that is there already or older than the newest item, LookupError for unknown originals.
        """
        key = (author, step, n) = _id(id)
        if key in self._row:
            raise ValueError(f"there is an item {key} already")
        if self.ids and step < self.ids[-1][1]:
            raise ValueError(f"item {key} comes after one of step {self.ids[-1][1]}")
        row = len(self.ids)
        root = row if of is None else self.row(of)
        parent = -1 if to is None else self.row(to)
        if row == len(self._columns["author"]):
            self._grow()
        columns = self._columns
        columns["author"][row], columns["step"][row], columns["n"][row] = author, step, n
        columns["kind"][row], columns["root"][row], columns["parent"][row] = self._kind(kind), root, parent
        columns["party"][row], columns["partisan"][row] = self._side(author), self._lean(author)
        columns["ups"][row], columns["downs"][row] = ups, downs
        for name, value in (attributes or {}).items():
            self._attribute(name)[row] = value
        self.ids.append(key)
        self.roots.append(root)
        self.texts.append(text)
        self._row[key] = row
        self.by_author.setdefault(author, []).append(row)
        columns["listed"][row] = listed
        if not listed:
            self.hidden.add(row)
        if of is not None:
            self.reposted = True
            self._count("repost", author, root, 1)
        if to is not None:
            self._count("reply", author, self.roots[parent], 1)
        self.version += 1
        return row

    def act(self, verb: str, agent: int, id: Sequence[int], *, by: int = 1) -> None:
        """Somebody does (by 1) or takes back (by -1) a `like`, `up` or `down`; `add` counts reposts and replies.

        Raises LookupError for an unknown verb or item.
        """
        if verb not in _VERBS:
            raise LookupError(f"nobody can {verb!r} an item; known: {', '.join(_VERBS)}")
        self._count(verb, agent, self.roots[self.row(id)], by)
        self.version += 1

    def _count(self, verb: str, agent: int, row: int, by: int) -> None:
        self._columns[_VERBS[verb]][row] += by
        rows = self._did.setdefault(verb, {}).setdefault(agent, set())
        rows.add(row) if by > 0 else rows.discard(row)
        if verb == "like":
            mine, its = self._side(agent), int(self._columns["party"][row])
            if mine >= 0 and its >= 0 and mine != its:
                self._columns["across"][row] += by

    def unlist(self, id: Sequence[int]) -> None:
        """In no feed from now on."""
        self._list(self.row(id), False)

    def relist(self, id: Sequence[int]) -> None:
        """In feeds again."""
        self._list(self.row(id), True)

    def _list(self, row: int, listed: bool) -> None:
        self._columns["listed"][row] = listed
        self.hidden.discard(row) if listed else self.hidden.add(row)
        self.version += 1

    def _grow(self) -> None:
        for columns in (self._columns, self._attributes):
            for name, column in columns.items():
                columns[name] = np.concatenate((column, np.zeros_like(column)))

    def _kind(self, kind: str) -> int:
        if kind not in self.kinds:
            self.kinds.append(kind)
        return self.kinds.index(kind)

    def _side(self, agent: int) -> int:
        return self._party[agent] if 0 <= agent < len(self._party) else -1

    def _lean(self, agent: int) -> float:
        return self._partisan[agent] if 0 <= agent < len(self._partisan) else 0.0

    def _attribute(self, name: str) -> Array:
        if name not in self._attributes:
            self._attributes[name] = np.zeros(len(self._columns["author"]))
        return self._attributes[name]

    def once(self, name: str, make: Callable[[Items], T]) -> T:
        """What somebody has worked out of the items as they are now, worked out once."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != self.version:
            kept = self._kept[name] = (self.version, make(self))
        found: T = kept[1]
        return found

    # -- reading ----------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, id: object) -> bool:
        return isinstance(id, Sequence) and tuple(id) in self._row

    def row(self, id: Sequence[int]) -> int:
        """Where an item stands. Raises LookupError."""
        try:
            return self._row[_id(id)]
        except KeyError:
            raise LookupError(f"there is no item {tuple(id)}") from None

    def column(self, name: str) -> Array:
        """One column as it is kept: counters of a repost's row are 0. To be read only."""
        return self._columns[name][: len(self.ids)]

    def attribute(self, name: str) -> Array:
        """A further column that the world has filled. Raises LookupError."""
        if name not in self._attributes:
            known = ", ".join(sorted(self._attributes)) or "none"
            raise LookupError(f"items have no attribute {name!r} (they have: {known})")
        return self._attributes[name][: len(self.ids)]

    def columns(self, rows: Rows | None = None) -> Columns:
        """Some rows, all when none are named, column by column."""
        return Columns(self, slice(0, len(self.ids)) if rows is None else rows)

    def listed_from(self, row: int) -> Array:
        """Rows from one on that may be in feeds, ascending."""
        listed = self.column("listed")
        fits = listed[row:]
        if self.reposted:
            fits = fits & listed[self.column("root")[row:]]
        return np.flatnonzero(fits) + row

    def did(self, verb: str, agent: int) -> set[int]:
        """Rows (of originals) that somebody has liked, reposted, ... To be read only."""
        return self._did.get(verb, {}).get(agent, _NOTHING)

    def doers(self, verb: str) -> Mapping[int, set[int]]:
        """Rows by agent, in the order in which agents first did this. To be read only."""
        return self._did.get(verb, {})

    def apart(self) -> Items:
        """A copy that shares nothing that changes."""
        copy = Items(self._party, self._partisan)
        copy.ids, copy.roots, copy.texts = self.ids.copy(), self.roots.copy(), self.texts.copy()
        copy.hidden, copy.kinds = self.hidden.copy(), self.kinds.copy()
        copy.vectors, copy.embedded = None if self.vectors is None else self.vectors.copy(), self.embedded
        copy.version, copy.reposted, copy.lots = self.version, self.reposted, self.lots
        copy.by_author = {author: rows.copy() for author, rows in self.by_author.items()}
        copy._row = self._row.copy()
        copy._columns = {name: column.copy() for name, column in self._columns.items()}
        copy._attributes = {name: column.copy() for name, column in self._attributes.items()}
        copy._did = {verb: {agent: rows.copy() for agent, rows in of.items()} for verb, of in self._did.items()}
        return copy


_NOTHING: set[int] = set()


def _id(given: Iterable[int]) -> Id:
    author, step, n = given
    return (author, step, n)
