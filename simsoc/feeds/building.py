"""From a part of a scenario to a feed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from simsoc.core.errors import WorldError
from simsoc.core.shelf import Shelf
from simsoc.core.words import Shown
from simsoc.scenario.spec import Part

from .items import Columns, Items
from .keys import FeedKeys
from .ready import Ready
from .viewer import Scored, Viewer, scored

R = TypeVar("R", bound="Ranking", covariant=True)


class Ranking(Protocol):
    """A feed over the items as they are now."""

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        """What a viewer is shown; of the rows `among` alone where they are given, at most `size` of them."""
        ...

    def rank_all(self, viewers: Sequence[Viewer], size: int | None = None) -> list[Shown]:
        """What each of several viewers is shown: the same as one by one, and much cheaper from some dozens on."""
        ...


class Feed(Protocol):
    """What ranks items for viewers. Holds nothing of the world's state."""

    name: str

    def ready(self, items: Items, now: int) -> Ranking:
        """Ready to rank the items as they are in step `now`; the same object until items or step change."""
        ...


def build(part: Part, shelves: Mapping[str, Shelf], seed: int) -> Feed:
    """The feed that a scenario names. A user's file is not imported before the first item is ranked."""
    shelf = shelves["feeds"]
    if not shelf.is_file(part.kind) and isinstance(found := shelf.get(part.kind), type):
        made: Feed = found(part, shelves, seed)
        return made
    return Scoring(part, shelves, seed)


class Lasting(Generic[R]):
    """What is made ready once for a state of the items."""

    _last: tuple[Items, int, int, R] | None = None

    def ready(self, items: Items, now: int) -> R:
        """See `Feed.ready`."""
        if self._last is not None:
            of, version, step, kept = self._last
            if of is items and version == items.version and step == now:
                return kept
        made = self.made_ready(items, now)
        self._last = (items, items.version, now, made)
        return made

    def made_ready(self, items: Items, now: int) -> R:
        """Made ready anew."""
        raise NotImplementedError


class Scoring(Lasting[Ready]):
    """A feed that is a function from items to scores, with the keys that say what is done with the scores."""

    def __init__(self, part: Part, shelves: Mapping[str, Shelf], seed: int) -> None:
        assert isinstance(part.given, FeedKeys)
        self.name = part.kind
        self.keys: FeedKeys = part.given
        self.seed = seed
        self._shelf = shelves["feeds"]
        self._parameters = {k: v for k, v in part.parameters().items() if k not in FeedKeys.model_fields}
        self._names: dict[str, tuple[str, ...]] = {}

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The function itself."""
        found: Callable[..., Any] = self._shelf.get(self.name)
        return found

    @cached_property
    def personal(self) -> bool:
        """Whether it looks at who looks."""
        kinds = inspect.signature(self.function).parameters.values()
        return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in kinds) > 2

    @cached_property
    def by_time(self) -> bool:
        """Whether its order is that of time, so that nothing has to be scored to find the first."""
        return bool(getattr(self.function, "by_time", False))

    @cached_property
    def separate(self) -> bool:
        """Whether an item's score has nothing to do with who looks or what else there is."""
        return not self.personal and bool(getattr(self.function, "separate", False))

    def made_ready(self, items: Items, now: int) -> Ready:
        """Over the items as they are."""
        return Ready(self, items, now)

    @cached_property
    def for_many(self) -> bool:
        """Whether it is given many viewers at once, and scores by viewer and item."""
        return self.personal and bool(getattr(self.function, "for_many", False))

    def score(self, columns: Columns, now: int, viewer: Viewer | None) -> Scored:
        """What the function gives, by item. Raises WorldError where that is not one finite number for each item."""
        if self.for_many:
            assert viewer is not None
            total, parts = self.score_all(columns, now, (viewer,))
            return Scored(total[0], {name: part[0] if part.ndim == 2 else part for name, part in parts.items()})
        given = self.function(columns, now, *((viewer,) if self.personal else ()), **self._parameters)
        return self._checked(given, len(columns))

    def score_all(self, columns: Columns, now: int, viewers: Sequence[Viewer]) -> Scored:
        """What a function for many viewers at once gives, by viewer and item. Raises as `score` does."""
        return self._checked(self.function(columns, now, viewers, **self._parameters), len(columns), len(viewers))

    def _checked(self, given: Any, n: int, viewers: int | None = None) -> Scored:
        try:
            return scored(given, n, self.name, viewers)
        except ValueError as error:
            raise WorldError(str(error)) from None

    def names(self, made: Scored) -> dict[str, tuple[str, ...]]:
        """The names of the parts of its scores, by its own."""
        if self.name not in self._names and made.parts:
            self._names[self.name] = tuple(made.parts)
        return self._names
