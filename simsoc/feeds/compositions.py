"""What feeds made of other feeds have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Annotated

from pydantic import Field

from simsoc.core.shelf import Strict
from simsoc.core.words import Shown

from .items import Id

Size = Annotated[int, Field(ge=1, le=1000)]


class CompositionKeys(Strict):
    """Keys of every feed that is made of others."""

    size: Size = 10
    """Most items shown."""


def together(lists: Sequence[Shown], places: Sequence[int]) -> Shown:
    """Some slots of several lists as one; each keeps the name of the feed that ranked it.

    places: as if the lists stood one below the other, counted from 0.
    """
    names = dict(chain.from_iterable(shown.names.items() for shown in lists))
    if not places:
        return Shown([], [], [], names, [], [])
    pick = itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))
    ids: list[Id] = []
    rankers: list[str] = []
    scores: list[float] = []
    parts: list[Sequence[float]] = []
    rows: list[int] = []
    for shown in lists:
        n = len(shown.rows)
        ids += shown.ids
        rankers += (shown.ranker,) * n if isinstance(shown.ranker, str) else shown.ranker
        scores += shown.scores
        parts += shown.parts or ((),) * n
        rows += shown.rows
    return Shown(list(pick(ids)), list(pick(rankers)), list(pick(scores)), names, list(pick(parts)), list(pick(rows)))


def newest_first(lists: Iterable[Shown]) -> list[int]:
    """Places in several lists as if one stood below the other, by time."""
    rows = list(chain.from_iterable([shown.rows for shown in lists]))
    return sorted(range(len(rows)), key=rows.__getitem__, reverse=True)
