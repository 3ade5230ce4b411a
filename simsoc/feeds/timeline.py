"""A timeline of two parts: items of those one follows, and recommended ones (Larooij and Tornberg 2025)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from simsoc.core.shelf import Shelf, Strict
from simsoc.core.words import Shown
from simsoc.scenario.spec import Part

from .building import Lasting, Ranking, Scoring
from .compositions import newest_first, together
from .items import Items
from .ready import Ready
from .viewer import Viewer

Rule = Literal["base", "chronological", "downplay_dominant", "boost_out_partisan", "bridging_attributes"]


class TimelineKeys(Strict):
    """Keys of the feed `timeline`."""

    followed: Annotated[int, Field(ge=0, le=1000)] = 5
    """Newest items posted or reposted by those the viewer follows; two reposts of one post are two items."""
    recommended: Annotated[int, Field(ge=0, le=1000)] = 5
    """Posts of others."""
    by: Rule = "base"
    """How these are picked."""
    newest: Annotated[int, Field(ge=1)] = 50
    """The newest so many items of others are looked at (all of them with `by: chronological`)."""


class Timeline(Lasting[Ranking]):
    """The newest items of those one follows and recommended posts of others, together newest first.

    As in Larooij and Tornberg 2025, arXiv 2508.03385: five of each; no recommended post is among the followed ones.
    """

    Spec = TimelineKeys

    def __init__(self, part: Part, shelves: Mapping[str, Shelf], seed: int) -> None:
        spec = part.given
        assert isinstance(spec, TimelineKeys)
        self.name, self.spec = part.kind, spec
        self._followed = _made("chronological", {"whose": "followed", "size": max(1, spec.followed)}, shelves, seed)
        by = "chronological_others" if spec.by == "chronological" else spec.by
        keys: dict[str, Any] = {} if spec.by == "chronological" else {"newest": spec.newest}
        self._recommended = _made(by, {**keys, "size": max(1, spec.recommended)}, shelves, seed)

    def made_ready(self, items: Items, now: int) -> Ranking:
        """Over the items as they are."""
        return _Ready(self.spec, items, self._followed.ready(items, now), self._recommended.ready(items, now))


class _Ready:
    def __init__(self, spec: TimelineKeys, items: Items, followed: Ready, recommended: Ready) -> None:
        self._spec, self._items = spec, items
        self._followed, self._recommended = followed, recommended

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        """Both parts, newest first. Raises ValueError for given rows: a timeline is made of everything there is."""
        if among is not None:
            raise ValueError("a timeline is made of everything there is; rank some rows by another feed")
        return self.rank_all((viewer,), size)[0]

    def rank_all(self, viewers: Sequence[Viewer], size: int | None = None) -> list[Shown]:
        """Both parts for each of several viewers."""
        roots, spec = self._items.roots, self._spec
        newest = self._followed.newest(viewers, spec.followed) if spec.followed else [[] for _ in viewers]
        lists = [[self._listed(rows)] for rows in newest]
        if spec.recommended:
            by = f"timeline/{spec.by}"
            names: dict[str, Sequence[str]] = {}
            others = [
                viewer.without([roots[row] for row in rows]) for viewer, rows in zip(viewers, newest, strict=True)
            ]
            for one, more in zip(lists, self._recommended.rank_all(others), strict=True):
                names = names or {by: of for of in more.names.values()}  # noqa: B035  # one feed, one entry
                one.append(Shown(more.ids, by, more.scores, names, more.parts, more.rows))
        return [together(one, newest_first(one)[:size]) for one in lists]

    def _listed(self, rows: list[int]) -> Shown:
        ids = [self._items.ids[row] for row in rows]
        return Shown(ids, "timeline/followed", [float(step) for _, step, _ in ids], rows=rows)


def _made(kind: str, keys: Mapping[str, Any], shelves: Mapping[str, Shelf], seed: int) -> Scoring:
    given = shelves["feeds"].spec(kind).model_validate(dict(keys))
    return Scoring(Part(kind=kind, given=given), shelves, seed)
