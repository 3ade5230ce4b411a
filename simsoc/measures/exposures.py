"""What people were shown, compared: pure functions of the frame `run.exposures` and of the frame of another feed.

Both frames have the columns step, viewer, turn, slot, author, made_step, n. A *list* is what a viewer saw in a turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

_TURN = ["step", "viewer", "turn"]
_ITEM = ["author", "made_step", "n"]


def overlap(shown: pd.DataFrame, other: pd.DataFrame, k: int | None = None) -> float | None:
    """Mean share of items that two feeds have in common, over the turns that both have a list for (overlap@k).

    k: the first so many slots of each list; whole lists when not given. The share of a turn is of its longer list. None
    without any turn. The average overlap at depth k of Webber, Moffat, Zobel 2010 (ACM TOIS 28) without its mean over
    depths.
    """
    shares = [
        len(set(a) & set(b)) / max(len(a), len(b))
        for a, b in _pairs(_cut(shown, k), _cut(other, k))
        if len(a) or len(b)
    ]
    return float(np.mean(shares)) if shares else None


def rank_correlation(shown: pd.DataFrame, other: pd.DataFrame) -> float | None:
    """Mean Spearman correlation of the order of those items that two feeds both show, over turns with at least two.

    None where no turn has two items in common.
    """
    found = []
    for a, b in _pairs(shown, other):
        places = {item: place for place, item in enumerate(b)}
        common = [places[item] for item in a if item in places]
        if (m := len(common)) > 1:
            apart = np.argsort(np.argsort(common)) - np.arange(m)
            found.append(1 - 6 * float(apart @ apart) / (m * (m * m - 1)))
    return float(np.mean(found)) if found else None


def shares(shown: pd.DataFrame, party: Mapping[int, Any], none: Any = None) -> pd.DataFrame:
    """Of what viewers of each party were shown, the share by authors of each party: a row and a column for each.

    party: by agent; `none` is what those have who have none, and what an unknown author (the world itself) counts as.
    """
    import pandas as pd

    viewer, author = (
        shown[side].map(party).fillna(none if none is not None else "none") for side in ("viewer", "author")
    )
    return pd.crosstab(viewer, author, normalize="index")


def across(shown: pd.DataFrame, party: Mapping[int, Any], none: Any = None) -> float | None:
    """Share of exposures to authors of another party, among those in which viewer and author both have one."""
    viewer, author = shown["viewer"].map(party), shown["author"].map(party)
    both = viewer.notna() & author.notna() & (viewer != none) & (author != none)
    return float((viewer[both] != author[both]).mean()) if both.any() else None


def _cut(shown: pd.DataFrame, k: int | None) -> pd.DataFrame:
    return shown if k is None else shown[shown["slot"] < k]


def _lists(shown: pd.DataFrame) -> dict[tuple[int, ...], list[tuple[int, ...]]]:
    """Items from the top down, by turn."""
    found: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    columns = [shown[name].to_numpy().tolist() for name in (*_TURN, "slot", *_ITEM)]
    for step, viewer, turn, _, *item in sorted(zip(*columns, strict=True)):
        found.setdefault((step, viewer, turn), []).append(tuple(item))
    return found


def _pairs(shown: pd.DataFrame, other: pd.DataFrame) -> list[tuple[list[tuple[int, ...]], list[tuple[int, ...]]]]:
    """Both lists of every turn for which there are both."""
    a, b = _lists(shown), _lists(other)
    return [(a[turn], b[turn]) for turn in a if turn in b]
