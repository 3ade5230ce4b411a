"""World `reddit`: members of a community write posts and reply to each other.

In the published process a step is one round of all threads: opening posts in step 1, the k-th replies in step k + 1. A
turn is one reply in one thread, and its number is that of the thread: what is drawn, asked and named in a thread has an
address within it, so nothing that happens in one thread moves another. All turns of a step see its start. Source: Park
et al. 2022, UIST, arXiv 2208.04024 (methods.md section 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from simsoc.core.stream import Stream
from simsoc.core.words import Action, Decision, Event, Reach, Thought, Turn
from simsoc.minds.records import Record
from simsoc.worlds.setting import Setting

from . import happenings, process
from .deciding import View, turn
from .measures import REDDIT_MEASURES
from .outside import Moved
from .sheet import Part
from .spec import RedditSpec


class Reddit(Moved):
    """A community of posts and replies, grown from a goal, rules and personas.

    Threads grow by the published process (SimReddit: Park et al. 2022, arXiv 2208.04024).
    """

    kind = "reddit"
    Spec = RedditSpec
    MEASURES = REDDIT_MEASURES
    MINDS = ("generative",)
    TOGETHER = True
    may_stop = False

    def __init__(self, spec: RedditSpec, setting: Setting) -> None:
        super().__init__(spec, setting)
        self.length: int | None = spec.cap + 1 if spec.process == "published" else None

    @staticmethod
    def default_network(spec: RedditSpec) -> tuple[str, dict[str, Any]]:
        """Nobody needs to know anybody."""
        return "empty", {}

    def decisions(self) -> list[Decision]:
        """What people are asked here."""
        asked = ["post", "reply"]
        if self.spec.moderation is not None:
            asked += ["moderate", "why", "mend", "edit"]
        return [self.decision[name] for name in asked]

    # -- steps --------------------------------------------------------------------------------------------------

    def begin(self) -> list[Event]:
        """Who breaks rules and who looks after them."""
        return self._happen(happenings.first(self))

    def open_step(self, step: int) -> list[Event]:
        """Bans that are over."""
        over = self._happen(happenings.opening(self, step))
        self.clock = step
        return over

    def close_step(self, step: int) -> list[Event]:
        """Nothing."""
        return []

    def due(self, step: int) -> list[tuple[int, int]] | None:
        """Who writes in which thread: (agent, number of the thread)."""
        if step == 1:
            return self.openers
        turns = []
        for number, plan in self.plans.items():
            who = plan.speaker(step)
            if who is not None and not self._closed(number):
                turns.append((who, number))
        return turns

    def _closed(self, number: int) -> bool:
        """Whether the opening post of a thread is gone."""
        opened = self.numbers.get(number)
        return opened is not None and self.threads[opened].closed

    def active(self) -> Sequence[int]:
        """Who may take turns."""
        return self.members()

    # -- turns at once ------------------------------------------------------------------------------------------

    def quiet(self, step: int) -> bool:
        """Whether who takes which turn is known beforehand: yes, unless moderators may ban somebody."""
        return self.spec.moderation is None and not self.banned

    def reach(self, turn: Turn) -> Reach | None:
        """Its thread alone; and members, where they remember or may be warned."""
        thread = -1 - turn.turn
        if self.mind is None and self.spec.moderation is None:
            return Reach((thread,), (thread,))
        return Reach((thread, turn.agent), (thread, turn.agent))

    def apart(self) -> Reddit:
        """A copy with threads and memories of its own."""
        other = copy(self)
        other.threads = {item: thread.copy() for item, thread in self.threads.items()}
        for name in ("places", "numbers", "plans", "trolls", "banned", "warned", "counts", "_personas"):
            setattr(other, name, dict(getattr(self, name)))
        other.votes = {item: dict(votes) for item, votes in self.votes.items()}
        other.gone = set(self.gone)
        other.karma, other.written = list(self.karma), list(self.written)
        other.memories = [memory.copy() for memory in self.memories]
        other.fresh, other.touched = [], []
        return other

    # -- a turn -------------------------------------------------------------------------------------------------

    def observe(self, turn: Turn) -> View:
        """The thread as it is, and what is replied to."""
        seed, agent, number = turn.seed, turn.agent, turn.turn
        memory = self.memories[agent].view() if self.memories else None
        me = self.me(agent, turn)
        opened = self.numbers.get(number)
        if opened is None and turn.step > 1:
            return View(turn, Part(me), None, None, 0, nothing=True)
        if opened is None:
            part = Part(me, memory, topic=self.topic_of((number,)))
            return View(turn, part, None, self._moderator(number, -1), self.warned.get(agent, 0))
        thread = self.threads[opened]
        to = process.parent(seed, number, thread.slots, thread.there(), self.spec.attach)
        part = Part(me, memory, tuple(thread.posts), to, thread.topic)
        return View(turn, part, opened, self._moderator(number, thread.slots), self.warned.get(agent, 0))

    def _moderator(self, number: int, slots: int) -> int | None:
        """Who looks at what is written in a slot of a thread."""
        spec = self.spec.moderation
        if spec is None:
            return None
        there = [agent for agent in self.moderators if self.may_write(agent)]
        lots = Stream(self.setting.seed, "reddit moderator", number, slots)
        return lots.choose(there) if lots.random() < spec.attention and there else None

    def decide(self, view: View) -> Thought:
        """Writing, and what a moderator does about it."""
        return turn(self, view)

    def apply(self, action: Action) -> list[Event]:
        """What becomes of a turn."""
        return self._happen(happenings.of_turn(self, action))

    # -- looking ------------------------------------------------------------------------------------------------

    def stored(self) -> tuple[list[tuple[int, Record, int | None]], list[tuple[int, int]]]:
        """Memories stored and recalled since the last time, for the log."""
        fresh, touched = self.fresh, self.touched
        self.fresh, self.touched = [], []
        return [(agent, record, None) for agent, record in fresh], touched
