"""Facts: what a decision is based on, read alike by the prompt and by the mechanistic rule.

Some facts are cheap and always there (counts); others are only worth computing for a reader that looks
at them (a shuffled list of two hundred freshly named friends). Those are given as functions and computed
once, when first read. Since they are drawn from addressed streams, it does not matter whether or when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


class Facts(dict[str, Any]):
    """A dictionary of JSON-able facts, some of them computed on first reading.

    As a dictionary it holds what is `given`, which is what the log keeps; `later` maps a name to a function of these
    facts, and `source` is whatever those functions need to work from (the view). Raises KeyError, naming what is
    known, for a fact that does not exist: a hidden cue is hidden from rule and prompt alike.
    """

    __slots__ = ("_later", "_made", "source")

    def __init__(
        self,
        given: Mapping[str, Any],
        later: Mapping[str, Callable[[Facts], Any]] | None = None,
        source: Any = None,
    ) -> None:
        dict.__init__(self, given)
        self._later = later
        self._made: dict[str, Any] | None = None
        self.source = source

    def __missing__(self, name: str) -> Any:
        if self._made is None:
            self._made = {}
        elif name in self._made:
            return self._made[name]
        if self._later is None or name not in self._later:
            known = ", ".join(sorted({*self, *(self._later or ())}))
            raise KeyError(f"no fact {name!r} here; known: {known}")
        value = self._made[name] = self._later[name](self)
        return value

    def known(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of these facts that can be read, with their values."""
        later, made = self._later or {}, self._made or {}
        found: dict[str, Any] = {}
        for name in names:
            if name in self or name in later:
                found[name] = made[name] if name in made else self[name]
        return found

    def has(self, name: str) -> bool:
        """Whether this fact can be read (now or on demand)."""
        return name in self or (self._later is not None and name in self._later)

    def full(self) -> dict[str, Any]:
        """Every fact, computed: what a prompt template sees."""
        return {**{name: self[name] for name in self._later or ()}, **self}
