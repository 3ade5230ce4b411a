"""Who will look at a feed before anything changes: ranked for together, some dozens at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simsoc.core.words import Shown, Turn

from .building import Ranking
from .viewer import Viewer

TOGETHER = 48
"""Viewers in one call: enough to share what a call costs, few enough that their lists are gone before they are many."""


class Audience:
    """The viewers of a step whose turns all see its start.

    Each is shown what a feed would show it if it were asked for this one alone: a list that was made ahead is used for
    the viewer and the state of the items that it was made for, and for no other.
    """

    def __init__(self) -> None:
        self._due: dict[Turn, tuple[Sequence[Turn], int]] = {}
        self._made: dict[Turn, tuple[Ranking, Viewer, Shown]] = {}

    def expect(self, turns: Sequence[Turn]) -> None:
        """These will look next, in this order; all of one step."""
        if turns:  # those of the step before may still be under way
            before = {turn: at for turn, at in self._due.items() if turn.step >= turns[0].step - 1}
            self._due = before | {turn: (turns, place) for place, turn in enumerate(turns)}

    def rank(self, ready: Ranking, turn: Turn, whose: Callable[[Turn], Viewer]) -> Shown:
        """What a feed shows in a turn. whose: who looks in a turn, as it is now."""
        who = whose(turn)
        made, due = self._made.pop(turn, None), self._due.pop(turn, None)
        if made is not None and made[0] is ready and made[1] == who:
            return made[2]
        if due is None:
            return ready.rank(who)
        turns, place = due
        turns = turns[place : place + TOGETHER]
        viewers = [who, *map(whose, turns[1:])]
        lists = ready.rank_all(viewers)
        those = zip(turns, viewers, lists, strict=True)
        self._made = {of: (ready, viewer, shown) for of, viewer, shown in those if of is not turns[0]}
        return lists[0]
