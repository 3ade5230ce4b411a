"""What feeds made of other feeds have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Annotated

from pydantic import Field

from simsoc.core.shelf import Strict
from simsoc.core.words import Shown

from .items import Items

Size = Annotated[int, Field(ge=1, le=1000)]


class CompositionKeys(Strict):
    """Keys of every feed that is made of others."""

    size: Size = 10
    """Most items shown."""


Slot = tuple[int, float, str, Sequence[float]]
"""One slot of another feed: row, score, ranker and parts of the score."""


def slots(shown: Shown) -> list[Slot]:
    """What another feed would show, slot by slot."""
    by = repeat(shown.ranker) if isinstance(shown.ranker, str) else shown.ranker
    return list(zip(shown.rows, shown.scores, by, shown.parts or repeat(()), strict=False))


def together(items: Items, chosen: Sequence[Slot], names: Mapping[str, Sequence[str]]) -> Shown:
    """Slots of several feeds as one list; each keeps the name of the feed that ranked it."""
    rows, scores, rankers, parts = map(list, zip(*chosen, strict=True)) if chosen else ([], [], [], [])
    ids = items.ids
    return Shown([ids[row] for row in rows], rankers, scores, names, parts, rows)


def names_of(lists: Iterable[Shown]) -> dict[str, Sequence[str]]:
    """Names of the parts of scores by ranker, of several feeds."""
    found: dict[str, Sequence[str]] = {}
    for shown in lists:
        found.update(shown.names)
    return found
