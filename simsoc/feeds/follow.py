"""Whom somebody is told to follow: scores of accounts, of which the highest are told, or some drawn by score.

A function ``(crowd, now, viewer, *, parameters) -> one number for each agent``, or a `Scored` with the parts of these;
who cannot be followed (oneself, those followed already, those who are gone) is struck out afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from simsoc.core.errors import WorldError
from simsoc.core.protocols import People, Ties
from simsoc.core.shelf import Shelf
from simsoc.core.words import Suggested
from simsoc.scenario.spec import Part

from .crowd import Crowd
from .draws import by_agent, first, logarithms, waiting
from .keys import FollowKeys
from .scores import with_keys
from .viewer import Array, Scored, Viewer, scored


class Recommender:
    """A scoring function over accounts, with its keys."""

    def __init__(self, part: Part, shelf: Shelf, seed: int) -> None:
        assert isinstance(part.given, FollowKeys)
        self.name, self.keys, self.seed = part.kind, part.given, seed
        self._shelf = shelf
        self._parameters = {k: v for k, v in part.parameters().items() if k not in FollowKeys.model_fields}
        self._last: tuple[Any, Any, int, _Ready] | None = None

    def ready(
        self, ties: Ties, people: People, now: int, *, party: Sequence[int] = (), partisan: Sequence[float] = ()
    ) -> _Ready:
        """Ready to tell people whom to follow, as ties are now; the same object until ties or step change."""
        if self._last is not None:
            of, version, step, kept = self._last
            if of is ties and version == ties.version and step == now:
                return kept
        made = _Ready(self, Crowd(ties, people, party, partisan), now)
        self._last = (ties, ties.version, now, made)
        return made

    def score(self, crowd: Crowd, now: int, viewer: Viewer) -> Scored:
        """What the function gives. Raises WorldError where that is not one finite number for each account."""
        try:
            given = self._shelf.get(self.name)(crowd, now, viewer, **self._parameters)
            return scored(given, len(crowd), self.name)
        except ValueError as error:
            raise WorldError(str(error)) from None


class _Ready:
    def __init__(self, of: Recommender, crowd: Crowd, now: int) -> None:
        self._of, self._crowd, self._now = of, crowd, now

    def rank(self, viewer: Viewer, size: int | None = None) -> Suggested:
        """Whom a viewer is told to follow; between equals the lower id. viewer.skip: agents to leave out."""
        of, size = self._of, self._of.keys.size if size is None else size
        total, parts = of.score(self._crowd, self._now, viewer)
        fits = self._crowd.there.copy()
        fits[[viewer.id, *viewer.follows, *viewer.skip]] = False
        agents = np.flatnonzero(fits)
        keys = -total[agents]
        if of.keys.draw == "weighted":
            agents = agents[total[agents] > 0]
            keys = waiting(total[agents], logarithms(by_agent(agents), of.seed, (viewer,), "follow")[0])
        picked = agents[first(keys, size)]
        told = {name: np.asarray(part)[picked].tolist() for name, part in parts.items()}
        return Suggested(picked.tolist(), total[picked].tolist(), of.name, told)


def recommender(part: Part, shelves: Mapping[str, Shelf], seed: int) -> Recommender:
    """What a scenario names to tell people whom to follow. A user's file is not imported before it is asked."""
    return Recommender(part, shelves["follow_recommenders"], seed)


# -- on the shelf --------------------------------------------------------------------------------------------------


def popular(crowd: Crowd, now: int, viewer: Viewer) -> Array:
    """Those with the most followers."""
    return crowd.followers


def friends_of_friends(crowd: Crowd, now: int, viewer: Viewer) -> Array:
    """Those whom most of those one follows follow (triadic closure).

    The count of paths of length two, "common neighbours" in Liben-Nowell and Kleinberg 2007 (Journal of the American
    Society for Information Science and Technology 58).
    """
    reached = chain.from_iterable(crowd.follows(friend) for friend in viewer.follows if crowd.there[friend])
    return np.bincount(np.fromiter(reached, np.intp), minlength=len(crowd))


def similar(crowd: Crowd, now: int, viewer: Viewer, *, by: tuple[str, ...] = ()) -> Array:
    """Those who are most alike (McPherson, Smith-Lovin, Cook 2001, Annual Review of Sociology 27).

    by: traits that are compared, each counting 1 when equal; numbers count 1 - distance over the range among all. How
        partisan people are, when none is named.
    """
    if not by:
        return 1 - np.abs(crowd.partisan - viewer.partisan) / 2
    found = np.zeros(len(crowd))
    for trait in by:
        column = crowd.likeness(trait)
        apart = np.minimum(np.abs(column - column[viewer.id]), 1.0)
        found += np.where(np.isnan(apart), 0.0, 1.0 - apart)
    return found / len(by)


@with_keys(draw="weighted")
def random(crowd: Crowd, now: int, viewer: Viewer) -> Array:
    """Anybody, each as likely as any other."""
    return np.ones(len(crowd))


@with_keys(draw="weighted")
def out_party(crowd: Crowd, now: int, viewer: Viewer) -> Array:
    """People of another party than one's own, drawn by followers + 1; nobody where somebody has no party."""
    other = (crowd.party >= 0) & (crowd.party != viewer.party) & (viewer.party >= 0)
    return np.where(other, crowd.followers + 1.0, 0.0)
