"""The state of a community: who is there and how they stand, threads, votes, warnings; and what is still to come.

State changes in `fold` alone. What is to come of a thread (published process) is planned when it is opened and planned
anew when something from outside concerns it: a function of the state, so it needs no events.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from simsoc.core.answers import PLACEHOLDER
from simsoc.core.protocols import Stored
from simsoc.core.stream import draw
from simsoc.core.words import Decision, Event, Turn
from simsoc.feeds import Items, build
from simsoc.minds.asking import Me
from simsoc.minds.memory import Memory
from simsoc.minds.memory import View as Remembered
from simsoc.minds.mind import Generative
from simsoc.population.who import members
from simsoc.scenario.spec import Who
from simsoc.worlds.setting import Setting

from . import happenings, process
from .deciding import decisions
from .folding import fold
from .items import OUTSIDE, Id, Plan, Post, Thread, called, in_sight
from .sheet import Part
from .spec import RedditSpec
from .texts import Texts, started

_ROLES = ("troll", "guest")
"""Traits that say what somebody is here for; the prompts tell that in words of their own, or not at all."""


class Community:
    """Members, threads and what is still to come of them."""

    def __init__(self, spec: RedditSpec, setting: Setting) -> None:
        self.stopped: str | None = None
        self.clock = 0
        """The step that has begun last."""
        self.n = len(setting.people)
        self.threads: dict[Id, Thread] = {}
        """By the id of the opening post, in order of opening."""
        self.places: dict[Id, tuple[Id, int]] = {}
        """Of every item, its thread and its place in it."""
        self.numbers: dict[int, Id] = {}
        """Thread by number (published process)."""
        self.pinned: dict[Id, None] = {}
        """Threads that are pinned, in the order in which they were."""
        self.plans: dict[int, Plan] = {}
        """What is to come of every thread, by number (published process)."""
        self.openers: list[tuple[int, int]] = []
        """Who opens which thread, in order of the threads (published process)."""
        self.trolls: dict[int, float] = {}
        """Who breaks rules, and how often."""
        self.banned: dict[int, int | None] = {}
        """Who is banned, and the last step of it; None for good."""
        self.strikes: dict[int, int] = {}
        """How often somebody was warned, or had a post removed."""
        self.gone: set[int] = set()
        self.votes: dict[Id, dict[int, int]] = {}
        """Votes by item and voter; those of 0 are not kept."""
        self.items = Items()
        """Opening posts and replies as the feeds see them (process browse)."""
        self.karma: list[int] = [0] * self.n
        self.written: list[int] = [0] * self.n
        """Posts and replies of each member."""
        self.answered: set[Id] = set()
        """Posts and replies that somebody has replied to."""
        self.counts: dict[str, int] = {}
        """What measures need, counted as it happens."""
        self.started = started(spec, setting.folder)
        """Posts of the threads that are there at the start, in order of writing."""
        self.texts = Texts(spec)
        self.memories: list[Memory] = []
        self.fresh: list[Stored] = []
        self.touched: list[tuple[int, int]] = []
        self._seed = setting.seed
        self.mind = _mind(spec, setting)
        self.set(spec, setting)
        self.rename()
        self.guests: set[int] = {agent for agent in range(self.n) if self.is_guest(agent)}
        """Members who come into no thread by themselves."""
        self.drawn: Sequence[int] = self._drawn()
        """Among whom those are drawn who open or enter a thread."""
        self.skipped: set[int] = set()
        """Threads of the published process that are not opened, by number."""
        if spec.process == "published":
            self.plan_all()

    def set(self, spec: RedditSpec, setting: Setting) -> None:
        """What is derived from spec and setting."""
        self.spec, self.setting = spec, setting
        self.decision: dict[str, Decision] = decisions(spec, setting)
        self.feed = build(spec.feed, setting.shelves, setting.seed)
        self.notes = _notes(spec)
        """What every member is told of the community."""
        self.moderators = [] if spec.moderation is None else moderators(spec.moderation.who, setting)
        self._personas: dict[int, str] = {}

    # -- who there is -------------------------------------------------------------------------------------------

    def folk(self) -> Sequence[int]:
        """Who is there, banned or not, in id order."""
        return [a for a in range(self.n) if a not in self.gone] if self.gone else range(self.n)

    def members(self) -> list[int]:
        """Who is there and may write, in id order."""
        return [agent for agent in range(self.n) if self.may_write(agent)]

    def may_write(self, agent: int) -> bool:
        """Whether somebody is there and not banned."""
        return agent not in self.gone and agent not in self.banned

    def name_of(self, agent: int) -> str:
        """What a member is called here."""
        if agent < 0:
            return OUTSIDE
        return self._names[agent]

    def rename(self) -> None:
        """Members are called by the names they have now."""
        self._names = called((person.get("name") for person in self.setting.people[: self.n]), self._seed)

    def author_of(self, post: Post) -> str:
        """What whoever wrote a post is called here."""
        return post.by or self.name_of(post.author)

    def occupation(self, agent: int) -> str:
        """What somebody does, in a few words, where that is known."""
        given = self.setting.told(agent).get("occupation")
        if not isinstance(given, str) or not given.strip():
            return ""
        given = given.strip().rstrip(".")
        return given if given.startswith(("a ", "an ", "the ")) else f"{_article(given)} {given}"

    def persona(self, agent: int) -> str:
        """Who somebody is, in words."""
        if not self.spec.personas:
            return ""
        if agent not in self._personas:
            self._personas[agent] = self.setting.tell(agent, self.name_of(agent), _ROLES)
        return self._personas[agent]

    def is_guest(self, agent: int) -> bool:
        """Whether somebody speaks only where it is made to: its trait `guest`."""
        return self.setting.people[agent].get("guest") is True

    def invite(self, agent: int) -> None:
        """Somebody is new."""
        if self.is_guest(agent):
            self.guests.add(agent)
        self.drawn = self._drawn()
        self.rename()

    def _drawn(self) -> Sequence[int]:
        return [agent for agent in range(self.n) if agent not in self.guests] if self.guests else range(self.n)

    def troll_rate(self, agent: int) -> float | None:
        """How often somebody means to break a rule, by its traits or by lot; None for whoever does not."""
        return happenings.troll_rate(self, agent)

    def forget_persona(self, agent: int) -> None:
        """Somebody has other traits now."""
        self._personas.pop(agent, None)

    # -- what there is ------------------------------------------------------------------------------------------

    def find(self, item: Id) -> Post:
        """A post or reply. Raises KeyError."""
        thread, place = self.places[item]
        return self.threads[thread].posts[place]

    def topic(self, number: int | None) -> dict[str, Any]:
        """A topic as facts tell it; without any, the community itself."""
        topics: list[dict[str, Any]] = self.notes["topics"]
        if number is None or not topics:
            return {"name": self.spec.community.rpartition("/")[2], "points": []}
        return topics[number % len(topics)]

    def topic_of(self, address: Sequence[int], text: str = "") -> int | None:
        """What a thread is about: a topic that is drawn; where its opening names others instead, the first of these."""
        topics = self.spec.topics
        if not topics:
            return None
        drawn = int(draw(self.setting.seed, "reddit topic", *address) * len(topics))
        low = text.lower()
        named = [i for i, topic in enumerate(topics) if topic.name.lower() in low] if low else []
        return drawn if drawn in named or not named else named[0]

    def free_number(self) -> int:
        """The number of the next thread that is opened from outside: above those of the process."""
        return self.spec.threads + sum(thread.number >= self.spec.threads for thread in self.threads.values())

    def said(self, post: Post) -> bool:
        """Whether a post has words, and not the mark of a null mind."""
        return post.text != PLACEHOLDER

    def breaks(self, post: Post) -> bool:
        """Whether its author says that it breaks a rule."""
        return bool(post.breaks)

    def plan(self, thread: Thread, step: int) -> None:
        """Who replies in a thread from a step on, unless something else happens to it."""
        self.plans[thread.number] = self._plan(thread.number, thread.p, thread.cast, thread.slots, step, thread)

    def _plan(
        self, number: int, p: float, cast: Sequence[int], slots: int, step: int, thread: Thread | None = None
    ) -> Plan:
        seed, cap, cast, who = self.setting.seed, self.spec.cap, list(cast), list[int]()
        made_to = None if thread is None else thread.next
        while made_to is not None or process.goes_on(seed, number, slots, p, cap):
            agent, made_to = self._replier(number, slots, cast, thread) if made_to is None else made_to, None
            who.append(agent)
            if agent >= 0 and agent not in cast:
                cast.append(agent)
            slots += 1
        return Plan(step, tuple(who))

    def _replier(self, number: int, slots: int, cast: Sequence[int], thread: Thread | None) -> int:
        out = thread.out if thread is not None else ()
        may = self.may_write if not out else lambda agent: agent not in out and self.may_write(agent)
        who = process.replier(self.setting.seed, number, slots, cast, self.spec.newcomer, self.drawn, may)
        return who if thread is None else thread.swap.get(who, who)

    def plan_all(self) -> None:
        """Who opens the threads of the published process, and what is to come of them."""
        seed, goes_on = self.setting.seed, self.spec.goes_on
        self.openers = []
        for number in range(self.spec.threads):
            who = process.opener(seed, number, self.drawn, self.may_write)
            if who is not None and number not in self.skipped:
                self.openers.append((who, number))
                p = process.probability(seed, number, goes_on.mean, goes_on.sd)
                self.plans[number] = self._plan(number, p, (who,), 0, 2)

    def coming(self, event: Event) -> int:
        """The next step of which turns are still to be taken, after an event."""
        return max(event.step, self.clock + 1)

    def replan(self, step: int) -> None:
        """Plan anew what is still to be drawn from a step on, after something that concerns all threads."""
        if self.spec.process != "published":
            return
        if step <= 1:
            self.plan_all()
        for number, plan in list(self.plans.items()):
            if number in self.numbers and plan.open(step):
                self.plan(self.threads[self.numbers[number]], step)

    def reader(self, me: Me, memory: Remembered | None, thread: Thread, to: int) -> Part:
        """Somebody who reads a thread and comes to a post in it."""
        posts, place = in_sight(thread, to, self.spec.reads, self.places)
        return Part(me, memory, posts, place, len(thread.posts) - len(posts), thread.topic)

    # -- changing -----------------------------------------------------------------------------------------------

    def me(self, agent: int, at: Turn) -> Me:
        """Somebody as its mind knows itself."""
        return Me(at, self.name_of(agent), self.persona(agent), float(at.step), draws={})

    def _happen(self, events: Iterator[Event]) -> list[Event]:
        """Fold events one after another, each made after the one before is folded."""
        made = []
        for event in events:
            self.fold(event)
            made.append(event)
        return made

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        fold(self, event)


def moderators(who: Who, setting: Setting) -> list[int]:
    """Who looks after the rules, ascending. Raises ScenarioError."""
    return members(
        who, setting.people, setting.seed, path="world.moderation.who", purpose="moderators", ties=setting.ties
    )


def _mind(spec: RedditSpec, setting: Setting) -> Generative | None:
    """Minds that remember, where the scenario has generative ones with a memory."""
    part = setting.minds
    if part is None or part.kind != "generative" or not part.given.memory:  # type: ignore[attr-defined]
        return None
    return Generative(part.given, setting.shelves, setting.choice)  # type: ignore[arg-type]


def _notes(spec: RedditSpec) -> dict[str, Any]:
    do = [{"name": rule.label, "text": rule.text} for rule in spec.rules.do]
    dont = [{"name": rule.label, "text": rule.text} for rule in spec.rules.dont]
    return {
        "community": spec.community,
        "goal": spec.goal,
        "description": spec.description,
        "do": do,
        "dont": dont,
        "labels": list(spec.names()),
        "in_force": [rule["name"] for rule in (*do, *dont)],
        "topics": [{"name": topic.name, "points": list(topic.points)} for topic in spec.topics],
    }


def _article(words: str) -> str:
    return "an" if words[:1].lower() in "aeiou" else "a"
