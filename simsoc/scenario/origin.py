"""Where each value of a scenario was written: a line of a file, or an override."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .telling import Path, path_of


class _Mark(NamedTuple):
    """Comparable: lines of the file come first, then overrides in the order given."""

    override: int
    """0 for what stands in the file, else which override."""
    line: int
    where: str


class Origin:
    """From key paths to where they were written.

    Paths may leave out the index of a list with one item, or have it where the file has no list: `world.0.rule` and
    `world.rule` are the same place. A path that is not written anywhere counts as written where its mapping is.
    """

    def __init__(self, name: str = "", lines: Mapping[Path, int] | None = None) -> None:
        self._marks: dict[Path, _Mark] = {(): _Mark(0, 0, name)}
        for path, line in (lines or {}).items():
            self._marks[path] = _Mark(0, line, f"{name}:{line}" if name else "")
        self._overrides = 0

    def copy(self) -> Origin:
        """An independent copy, to put further overrides on."""
        other = Origin()
        other._marks = dict(self._marks)
        other._overrides = self._overrides
        return other

    def override(self, label: str, path: Path, created: int, *, also: Path | None = None) -> None:
        """Note that the value at `path` now comes from an override, which messages call `label`.

        created: length of the first prefix of the path that was not there before. also: a mapping whose meaning
        changed with it, though its other keys stay where they were written.
        """
        self._overrides += 1
        mark = _Mark(self._overrides, 0, label)
        known = self._resolve(path)
        added = len(known) - len(path)
        for end in range(1, len(known)):
            if known[:end] not in self._marks:
                self._marks[known[:end]] = mark if end - added >= created else self._marks[self._deepest(known[:end])]
        for old in [p for p in self._marks if len(p) > len(known) and p[: len(known)] == known]:
            del self._marks[old]
        self._marks[known] = mark
        if also is not None:
            self._marks[self._resolve(also)] = mark

    def where(self, path: Path | str) -> str:
        """`file:line` or `--set key` of a value; empty when it was given by a program."""
        return self._mark(path).where

    def rank(self, path: Path) -> tuple[int, int]:
        """Sorts problems in the order in which a reader meets their places."""
        mark = self._mark(path)
        return mark.override, mark.line

    def _mark(self, path: Path | str) -> _Mark:
        if isinstance(path, str):
            path = path_of(path)
        return self._marks[self._deepest(self._resolve(path))]

    def _deepest(self, path: Path) -> Path:
        while path not in self._marks:
            path = path[:-1]
        return path

    def _resolve(self, path: Path) -> Path:
        """The path as it was written, as far as it is known; the rest as given."""
        known: Path = ()
        for i, step in enumerate(path):
            if (*known, step) in self._marks:
                known = (*known, step)
            elif isinstance(step, str) and (*known, 0, step) in self._marks:
                known = (*known, 0, step)
            elif step != 0 or (*known, 1) in self._marks:
                return (*known, *path[i:])
        return known
