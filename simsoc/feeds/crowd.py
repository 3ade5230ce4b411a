"""People as columns by agent, for whoever recommends whom to follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from simsoc.core.protocols import People, Ties

from .viewer import Array


class Crowd:
    """Everybody and who follows whom, as it is now. Columns have a place for each agent id, gone or not."""

    def __init__(self, ties: Ties, people: People, party: Sequence[int] = (), partisan: Sequence[float] = ()) -> None:
        self._ties, self._people = ties, people
        self._party, self._partisan = party, partisan

    def __len__(self) -> int:
        return len(self._people)

    def follows(self, agent: int) -> Sequence[int]:
        """Whom somebody follows."""
        return self._ties.neighbours(agent)

    @cached_property
    def there(self) -> Array:
        """Whether somebody is there (and has not left)."""
        found = np.zeros(len(self), dtype=bool)
        found[list(self._ties.graph)] = True
        return found

    @cached_property
    def followers(self) -> Array:
        """How many follow each."""
        found = np.zeros(len(self), dtype=np.int64)
        for agent, degree in self._ties.graph.in_degree() if self._ties.directed else self._ties.graph.degree():
            found[agent] = degree
        return found

    @cached_property
    def party(self) -> Array:
        """Code of each one's party, -1 for none."""
        return _padded(self._party, len(self), -1)

    @cached_property
    def partisan(self) -> Array:
        """How partisan each is, from -1 to 1."""
        return _padded(self._partisan, len(self), 0.0)

    def likeness(self, trait: str) -> Array:
        """One column for a trait: numbers scaled to [0, 1], words as whole numbers, NaN where it is missing."""
        if trait not in self._columns:
            self._columns[trait] = _column(self._people, trait)
        return self._columns[trait]

    @cached_property
    def _columns(self) -> dict[str, Array]:
        return {}


def _padded(given: Sequence[Any], n: int, missing: Any) -> Array:
    return np.array([*given[:n], *[missing] * (n - len(given))])


def _column(people: Sequence[Mapping[str, Any]], trait: str) -> Array:
    values = [person.get(trait) for person in people]
    if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        numbers = np.array([np.nan if value is None else float(value) for value in values])
        known = numbers[~np.isnan(numbers)]
        low, high = (known.min(), known.max()) if len(known) else (0.0, 0.0)
        return (numbers - low) / (high - low) if high > low else np.where(np.isnan(numbers), np.nan, 0.0)
    codes = {word: float(code) for code, word in enumerate(dict.fromkeys(map(str, values)))}
    return np.array([np.nan if value is None else codes[str(value)] for value in values])
