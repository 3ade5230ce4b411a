"""World `reddit`: members of a community write posts and reply to each other.

In the published process a step is one round of all threads: opening posts in step 1, the k-th replies in step k + 1. A
turn is one reply in one thread, and its number is that of the thread: what is drawn, asked and named in a thread has an
address within it, so nothing that happens in one thread moves another. All turns of a step see its start. Source: Park
et al. 2022, UIST, arXiv 2208.04024 (methods.md section 2).

Where members browse, a step is a unit of time, and a turn the visit of a member whom the scenario's activation calls:
it sees a page of opening posts in the order of a feed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from simsoc.core.protocols import Stored
from simsoc.core.stream import Stream
from simsoc.core.words import Action, Decision, Event, Reach, Thought, Turn
from simsoc.feeds import Viewer
from simsoc.worlds.setting import Setting

from . import happenings, process
from .deciding import View, publish
from .measures import REDDIT_MEASURES
from .outside import Moved
from .sheet import Part
from .showing import show
from .spec import RedditSpec
from .texts import Texts
from .visiting import Visit, visit
from .whatif import Supposed, future

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

_PINNED = 2  # posts above the page, pinned last


class Reddit(Moved):
    """A community of posts and replies, grown from a goal, rules and personas.

    Threads grow by the published process (SimReddit: Park et al. 2022, arXiv 2208.04024), or by members who look at a
    page of ranked posts and choose to post, reply, vote or lurk. Without a model a grammar composes what is written.
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

    @staticmethod
    def what_if(spec: RedditSpec, run: Run, supposed: Mapping[str, Any]) -> tuple[int, list[dict[str, Any]]]:
        """The last step of the shared past and the interventions after it, for `simsoc.whatif`."""
        return future(spec, run, Supposed(**supposed))

    @staticmethod
    def alone(spec: RedditSpec, scenario: Any) -> Mapping[str, Any] | str:
        """Opening posts without replies: nobody reads anything."""
        if spec.process == "published":
            return {"cap": 0} if spec.cap else "there are no replies in it as it is"
        return "who looks at the page of a community sees what others posted"

    @staticmethod
    def show(run: Run) -> str | None:
        """A thread to look at, as text, from the log of a run."""
        return show(run)

    def decisions(self) -> list[Decision]:
        """What people are asked here."""
        asked = ["post", "reply"]
        if self.spec.process == "browse":
            asked += ["visit", "pick", "vote"]
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
        """Who writes in which thread, as (agent, number of the thread); where members browse, activation says it."""
        if self.spec.process == "browse":
            return None
        turns = [one for one in self.openers if one[1] not in self.numbers] if step == 1 else []
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
        """Its thread alone, and its author where members remember or may be warned; everything for who browses."""
        if self.spec.process == "browse":
            return None
        thread = -1 - turn.turn
        if self.mind is None and self.spec.moderation is None:
            return Reach((thread,), (thread,))
        return Reach((thread, turn.agent), (thread, turn.agent))

    def apart(self) -> Reddit:
        """A copy with threads and memories of its own."""
        other = copy(self)
        other.threads = {item: thread.copy() for item, thread in self.threads.items()}
        for name in ("places", "numbers", "plans", "trolls", "banned", "strikes", "counts", "pinned", "_personas"):
            setattr(other, name, dict(getattr(self, name)))
        other.items = self.items.apart()
        other.skipped, other.guests = set(self.skipped), set(self.guests)
        other.votes = {item: dict(votes) for item, votes in self.votes.items()}
        other.gone, other.answered = set(self.gone), set(self.answered)
        other.karma, other.written = list(self.karma), list(self.written)
        other.memories = [memory.copy() for memory in self.memories]
        other.fresh, other.touched = [], []
        other.texts = Texts(self.spec)  # no view depends on them
        return other

    # -- a turn -------------------------------------------------------------------------------------------------

    def observe(self, turn: Turn) -> View | Visit:
        """The thread as it is and what is replied to, or the page of somebody who looks in."""
        if self.spec.process == "browse":
            return self._visit(turn)
        seed, agent, number = turn.seed, turn.agent, turn.turn
        memory = self.memories[agent].view() if self.memories else None
        me = self.me(agent, turn)
        opened = self.numbers.get(number)
        if opened is None and turn.step > 1:
            return View(turn, Part(me), None, None, 0, nothing=True)
        if opened is None:
            part = Part(me, memory, topic=self.topic_of((number,)))
            return View(turn, part, None, self._moderator(agent, number, -1), self.strikes.get(agent, 0))
        thread = self.threads[opened]
        to = process.parent(seed, number, thread.slots, thread.there(), self.spec.attach)
        part = self.reader(me, memory, thread, to)
        return View(turn, part, opened, self._moderator(agent, number, thread.slots), self.strikes.get(agent, 0))

    def _visit(self, at: Turn) -> Visit:
        agent = at.agent
        ready = self.feed.ready(self.items, at.step)
        pinned = [self.items.row(item) for item in self.pinned if not self.threads[item].closed][-_PINNED:]
        viewer = Viewer(agent, at.step, at.turn)
        shown = [ready.rank(viewer, among=pinned)] if pinned else []
        shown.append(ready.rank(viewer.without(pinned)))
        page = [item for seen in shown for item in seen.ids]
        memory = self.memories[agent].view() if self.memories else None
        moderator = self._moderator(agent, agent, at.step, at.turn)
        return Visit(at, self.me(agent, at), memory, shown, page, moderator, self.strikes.get(agent, 0))

    def _moderator(self, author: int, *slot: int) -> int | None:
        """Who looks at what somebody writes at an address; not the author."""
        spec = self.spec.moderation
        if spec is None:
            return None
        there = [agent for agent in self.moderators if agent != author and self.may_write(agent)]
        lots = Stream(self.setting.seed, "reddit moderator", *slot)
        return lots.choose(there) if lots.random() < spec.attention and there else None

    def decide(self, view: View | Visit) -> Thought:
        """Writing, voting or doing nothing, and what a moderator does about it."""
        return publish(self, view) if isinstance(view, View) else visit(self, view)

    def apply(self, action: Action) -> list[Event]:
        """What becomes of a turn."""
        return self._happen(happenings.of_turn(self, action))

    # -- looking ------------------------------------------------------------------------------------------------

    def stored(self) -> tuple[list[Stored], list[tuple[int, int]]]:
        """Memories stored and recalled since the last time, for the log."""
        fresh, touched, self.fresh, self.touched = self.fresh, self.touched, [], []
        return fresh, touched
