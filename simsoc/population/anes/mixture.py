"""Draws from the shipped model of the American electorate of 2020: proportions alone, no respondent.

A mixture with two hidden classes, of demography and media habits and of politics, from which each trait is drawn
independently given its class; and for 146 pairs of traits a factor for each cell, which makes those pairs come out as
in the weighted survey (a log-linear correction, fitted by `analysis/synthetic_people.py`). A draw is accepted with the
product of its factors, one in nineteen on average, and the first that is accepted counts.

Everybody has draws of its own, addressed by (seed, person): a counter through SplitMix64 (Steele, Lea, Flood 2014,
OOPSLA), whose start is hashed. So one more person changes nobody else, and a hundred thousand take seconds. Source of
the figures: American National Election Studies 2020 Time Series, weight V200010b.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from simsoc.core.shares import largest_remainder
from simsoc.core.stream import Stream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


Levels = dict[str, "NDArray[np.int64]"]
Words: TypeAlias = "NDArray[np.uint64]"

WORDS = 128
"""Numbers set aside for each draw of each person."""
_SLOTS = 10_000
"""Probabilities are whole numbers of ten-thousandths, so that a level is looked up rather than searched."""
_BATCH = 1 << 15
_TRAITS_FROM = 60
"""Numbers of a draw from this one on are left to what is worked out from its levels."""


@cache
def table() -> dict[str, Any]:
    """The shipped figures. Not to be changed."""
    import json

    read: dict[str, Any] = json.loads(files(__package__).joinpath("people2020.json").read_text(encoding="utf-8"))
    return read


class Hits(NamedTuple):
    """Accepted draws: for each whose it is, its levels and its own numbers. The first draws of everybody come first."""

    owners: Sequence[int]
    levels: Levels
    words: Words
    """Row by accepted draw: `WORDS` minus `_TRAITS_FROM` numbers in [0, 2**64)."""


class Mixture:
    """The model, ready to be drawn from."""

    def __init__(self) -> None:
        import numpy as np

        model = table()
        self.levels: Mapping[str, Sequence[str]] = model["levels"]
        joint = np.array(model["joint"])
        self._classes = joint.shape[1]
        self._joint = np.cumsum(joint.ravel())
        self._tables = {name: _looked_up(rows) for name, rows in model["probs"].items()}
        self._factor = {name: number for number in (1, 2) for name in model[f"factor{number}"]}
        self._leaves = {
            name: (*leaf["parents"], len(leaf["table"][0]), _looked_up([row for of in leaf["table"] for row in of]))
            for name, leaf in model["leaves"].items()
        }
        self._tilts = [(t["a"], t["b"], len(t["t"][0]), np.array(t["t"], np.int64).ravel()) for t in model["tilts"]]
        self._top = model["top"]

    def hits(self, keys: Words, first: int, count: int) -> Hits:
        """Those of `count` draws of everybody that are accepted. keys: where each one's numbers start."""
        import numpy as np

        numbers = np.arange(first, first + count, dtype=np.uint64) * np.uint64(WORDS)
        starts = (keys[:, None] + (numbers * _GOLDEN)[None, :]).ravel()
        levels = self._levels(starts)
        weight = np.zeros(len(starts), np.int64)
        for a, b, width, tilt in self._tilts:
            weight += tilt[levels[a] * width + levels[b]]
        u = (_word(starts, 0) >> np.uint64(11)).astype(float) * 2.0**-53
        kept = np.nonzero(np.log(np.maximum(u, 2.0**-53)) * 1000 < weight - self._top)[0]
        words = np.stack([_word(starts[kept], number) for number in range(_TRAITS_FROM, WORDS)], axis=1)
        return Hits((kept // count).tolist(), {name: level[kept] for name, level in levels.items()}, words)

    def _levels(self, starts: Words) -> Levels:
        import numpy as np

        u = (_word(starts, 1) >> np.uint64(11)).astype(float) * (2.0**-53 * float(self._joint[-1]))
        both = np.searchsorted(self._joint, u, side="right")
        classes = {1: both // self._classes, 2: both % self._classes}
        levels: Levels = {}
        for number, (name, lookup) in enumerate(self._tables.items(), start=2):
            levels[name] = lookup[classes[self._factor[name]] * _SLOTS + slots(_word(starts, number), _SLOTS)]
        for number, (name, (a, b, width, lookup)) in enumerate(self._leaves.items(), start=2 + len(self._tables)):
            levels[name] = lookup[(levels[a] * width + levels[b]) * _SLOTS + slots(_word(starts, number), _SLOTS)]
        return levels


@cache
def mixture() -> Mixture:
    """The one model."""
    return Mixture()


def keys_of(seed: int, n: int) -> Words:
    """Where the numbers of each of n people start: a hash of (seed, person)."""
    import numpy as np

    return np.array([Stream(seed, "people", "anes-synthetic", agent).word() for agent in range(n)], dtype=np.uint64)


def draws(keys: Words) -> Iterator[tuple[list[int], Hits, int]]:
    """Accepted draws until everybody is served: yields whose they may be, the draws, and draws made so far by each.

    The caller sends nothing back: it takes those who are served out of the list that is yielded.
    """
    import numpy as np

    open_ = list(range(len(keys)))
    done = 0
    while open_:
        count = min(max(_BATCH // len(open_), 1), 256)
        found: Sequence[int] = list(open_)
        for start in range(0, len(found), _BATCH):  # a large population goes through in parts
            part = found[start : start + _BATCH]
            hits = mixture().hits(keys[np.array(part)], done, count)
            yield open_, Hits([part[i] for i in hits.owners], hits.levels, hits.words), done + count
        done += count


_GOLDEN = 0x9E3779B97F4A7C15


def _word(starts: Words, number: int) -> Words:
    """The number-th word of each start: SplitMix64, jumped ahead."""
    import numpy as np

    z = starts + np.uint64((number + 1) * _GOLDEN % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def slots(words: Words, n: int) -> NDArray[np.int64]:
    """Each word as a whole number in [0, n)."""
    import numpy as np

    return ((words >> np.uint64(32)) * np.uint64(n) >> np.uint64(32)).astype(np.int64)


def _looked_up(rows: Sequence[Sequence[float]]) -> NDArray[np.int64]:
    """For each row of shares the level of each of the slots, one row after another."""
    import numpy as np

    return np.concatenate(
        [
            np.repeat(np.arange(len(row)), largest_remainder(_SLOTS, row if sum(row) else [1.0] * len(row)))
            for row in rows
        ]
    )
