"""What feeds made of other feeds have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple

from pydantic import Field

from simsoc.core.shelf import Strict
from simsoc.core.words import Shown

from .building import Ranking
from .items import Items
from .viewer import Viewer

Size = Annotated[int, Field(ge=1, le=1000)]


class CompositionKeys(Strict):
    """Keys of every feed that is made of others."""

    size: Size = 10
    """Most items shown."""


class Slot(NamedTuple):
    """One slot of another feed."""

    row: int
    score: float
    ranker: str
    parts: Sequence[float]


def slots(shown: Shown) -> list[Slot]:
    """What another feed would show, slot by slot."""
    n = len(shown.rows)
    by = [shown.ranker] * n if isinstance(shown.ranker, str) else shown.ranker
    return [Slot(*slot) for slot in zip(shown.rows, shown.scores, by, shown.parts or [()] * n, strict=True)]


def together(items: Items, chosen: Sequence[Slot], lists: Iterable[Shown]) -> Shown:
    """Slots of several feeds as one list; each keeps the name of the feed that ranked it."""
    return Shown(
        ids=[items.ids[slot.row] for slot in chosen],
        ranker=[slot.ranker for slot in chosen],
        scores=[slot.score for slot in chosen],
        names={ranker: names for shown in lists for ranker, names in shown.names.items()},
        parts=[slot.parts for slot in chosen],
        rows=[slot.row for slot in chosen],
    )


def ranked(feeds: Sequence[Ranking], viewer: Viewer, among: Iterable[int] | None, size: int | None) -> list[Shown]:
    """What each of several feeds would show."""
    rows = None if among is None else list(among)
    return [feed.rank(viewer, rows, size) for feed in feeds]
