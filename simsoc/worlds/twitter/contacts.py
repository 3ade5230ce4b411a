"""Who has to do with whom: contacts between the two parties and the others, counted while they happen."""

from __future__ import annotations

from collections.abc import Sequence

from simsoc.measures.ties import ei_of_table

KINDS = ("follow", "like", "reply", "repost")


class Contacts:
    """For each kind of contact, how much of it there is from each group to each: left 0, right 1, neither 2.

    party, weight: by agent, lists that belong to the world and may change; a contact counts as much as its maker.
    """

    def __init__(self, party: Sequence[int], weight: Sequence[float]) -> None:
        self._party, self._weight = party, weight
        self.tables = {kind: [[0.0] * 3 for _ in range(3)] for kind in KINDS}
        self.followers: list[int] = [0] * len(party)
        """How many follow somebody, by agent."""
        self.version = 0
        """Counts changes of who follows whom."""

    def add(self, kind: str, a: int, b: int, sign: int = 1) -> None:
        """A contact from a to b, or one less."""
        self.tables[kind][self._party[a]][self._party[b]] += sign * self._weight[a]
        if kind == "follow":
            self.followers[b] += sign
            self.version += 1

    def take_in(self) -> None:
        """Somebody new, whom nobody follows yet."""
        self.followers.append(0)

    def ei(self, kind: str, third: bool) -> float | None:
        """E-I of a kind of contact. third: whether those of no party are a group; else they do not count."""
        table = self.tables[kind]
        return ei_of_table(table if third else [row[:2] for row in table[:2]])

    def recount(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Follows again, from those there are: somebody's party or weight has changed."""
        self.tables["follow"] = [[0.0] * 3 for _ in range(3)]
        self.followers = [0] * len(self._party)
        for a, b in pairs:
            self.add("follow", a, b)
