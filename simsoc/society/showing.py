"""What people were shown in a step, for the log: items in the exposure table, accounts in that of suggestions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from simsoc.core.words import Shown, Suggested, Turn

if TYPE_CHECKING:
    from simsoc.runlog.writer import Writer


class Showing:
    """Takes what was shown in the turns of a step and writes it, in the order of turns.

    The parts of a score are written as a list of numbers; what they are called is a note, once for each ranker. Where a
    ranker calls them otherwise later on, each row says so.
    """

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}

    def log(self, shown: list[tuple[Turn, Shown | Sequence[Shown]]], writer: Writer | None, step: int) -> None:
        """Write what was shown, where there is a log to write to, and clear the list."""
        for _, lists in shown:
            for one in _each(lists):
                for ranker in [name for name in one.names if name not in self._names]:
                    self._names[ranker] = tuple(one.names[ranker])
                    if writer is not None:
                        writer.note(step, "ranker", {"ranker": ranker, "parts": self._names[ranker]})
        if writer is not None and shown:
            writer.shown(row for turn, lists in shown for row in self._rows(turn, lists))
        shown.clear()

    def log_suggested(self, suggested: list[tuple[Turn, Suggested]], writer: Writer | None) -> None:
        """Write which accounts were suggested, where there is a log to write to, and clear the list."""
        if writer is not None:
            writer.suggested(row for turn, told in suggested for row in _accounts(turn, told))
        suggested.clear()

    def _rows(self, turn: Turn, lists: Shown | Sequence[Shown]) -> Iterator[tuple[Any, ...]]:
        """Rows of the table; slots count on from one list to the next."""
        step, viewer, count, slot = turn.step, turn.agent, turn.turn, 0
        for one in _each(lists):
            n, ranker = len(one.ids), one.ranker
            scores, parts = one.scores or (None,) * n, one.parts or ((),) * n
            by = (ranker,) * n if isinstance(ranker, str) else ranker
            renamed = {name: names for name, names in one.names.items() if self._names[name] != tuple(names)}
            for (author, made, of), score, name, part in zip(one.ids, scores, by, parts, strict=True):
                told = None if not part else _told(part) if name not in renamed else _named(renamed[name], part)
                yield step, viewer, count, slot, author, made, of, score, name, told
                slot += 1


def _accounts(turn: Turn, told: Suggested) -> Iterator[tuple[Any, ...]]:
    """Rows of the table `suggestion`."""
    for slot, (agent, score) in enumerate(zip(told.agents, told.scores, strict=True)):
        parts = [part[slot] for part in told.parts.values()]
        by_name = _named(tuple(told.parts), parts) if parts else None
        yield turn.step, turn.agent, turn.turn, slot, agent, score, by_name, told.ranker


def _each(lists: Shown | Sequence[Shown]) -> Sequence[Shown]:
    return (lists,) if isinstance(lists, Shown) else lists


@lru_cache(maxsize=1 << 16)  # most have been seen by somebody else
def _told(parts: tuple[float, ...]) -> str:
    """Numbers as a list in JSON."""
    return f"[{','.join([f'{part:.9g}' for part in parts])}]"


def _named(names: Sequence[str], parts: Sequence[float]) -> str:
    """Numbers by name, as an object in JSON."""
    return msgspec.json.encode(dict(zip(names, parts, strict=True))).decode()
