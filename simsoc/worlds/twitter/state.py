"""World `twitter`: items, who reacted to them, who follows whom; what somebody sees, and what comes of a turn.

The design says what a turn consists of; this class shows the feed, looks whether deeds can be done, and changes state
in `fold` alone. Items are named (author, step, n): n counts an author's items of a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simsoc.core.errors import ScenarioError
from simsoc.core.stream import Stream
from simsoc.core.words import Action, Decision, Event, Shown, Suggested, Thought, Turn
from simsoc.feeds import Audience, Items, Viewer, build
from simsoc.measures import Measure
from simsoc.scenario.spec import Scenario
from simsoc.worlds.names import Fixed as Names
from simsoc.worlds.setting import Setting

from . import acting, writing
from .acting import Hand
from .attributes import attributes
from .contacts import Contacts
from .measures import TWITTER_MEASURES, WEIGHED, taken_in
from .minding import Memories, Thinker, mind_of
from .news import Headline, Pool, pool
from .outside import Approachable, slots
from .seeing import Account, Id, Later, Post, View, facts_by_purpose
from .spec import TwitterSpec


class Twitter(Approachable):
    """People share headlines, see posts through a feed, and like, reply, repost and follow."""

    kind = "twitter"
    Spec = TwitterSpec
    MEASURES: Mapping[str, Measure] = TWITTER_MEASURES
    WEIGHED = WEIGHED
    MINDS = ("generative",)
    length: int | None = None

    def __init__(self, spec: TwitterSpec, setting: Setting) -> None:
        self.spec = spec
        self.setting = setting
        self.stopped: str | None = None
        if not setting.ties.directed:
            raise ScenarioError.at("network.directed", "following has a direction here; say directed: true")
        for key, why in self.refuses(spec):
            raise ScenarioError.at(f"world.{key}", why)
        self.n = len(setting.people)
        """Ids there have been."""
        self.gone: set[int] = set()
        """Those who have left."""
        self.suspended: set[int] = set()
        """Those who may do nothing at present."""
        self.hidden: set[int] = set()
        """Those of them whose items are in no feed, old ones and what is put in in their name."""
        self.party: list[int] = []
        """0 for the left party, 1 for the right one, -1 for neither, by agent."""
        self.partisan: list[float] = []
        """From -1 (left) to 1 (right), by agent."""
        self.weight: list[float] = []
        """How much somebody counts in measures: its survey weight where people carry these, else 1."""
        for agent in range(self.n):
            self.take_in(agent)
        self.items = Items(party=self.party, partisan=self.partisan)
        self.contacts = Contacts(self.party, self.weight)
        self.notes: dict[Id, str] = {}
        """Fact-check notes by post."""
        self.marked: dict[str, list[Id]] = {}
        """Posts that carry a mark, such as the name of a rumour."""
        self.via: dict[Id, Id] = {}
        """For each repost, the item through which the post was seen: the original, or somebody's repost."""
        self.counts: dict[str, int] = {}
        """Events so far, by kind."""
        self.news: Pool = pool(spec.news, setting.folder)
        self.scorer = self.scores(spec)
        self.tone: dict[str, tuple[float, float]] = {"post": (0.0, 0.0), "reply": (0.0, 0.0)}
        """Sum and number of the toxicity scores of texts, by kind; a text counts as much as who wrote it."""
        self.kept: dict[str, Any] = {}
        """Measures as they were taken last, with what they depend on."""
        self.audience = Audience()
        self._made: dict[int, tuple[int, int]] = {}
        self._names = Names(setting.seed, spec.names)
        self._bios: dict[int, str] = {}
        mind = mind_of(setting)
        self.memories: Memories | None = None if mind is None else Memories(mind, self.n)
        """What everybody remembers, where the scenario gives people minds."""
        self.design = setting.shelves["twitter_designs"].get(spec.design.kind)(spec.design.given, self)
        self.MEASURES = taken_in(self.design.asks)
        self.equip()

    @staticmethod
    def default_network(spec: TwitterSpec) -> tuple[str, dict[str, Any]] | None:
        """The network a scenario means by leaving it out: (kind, keys)."""
        return ("empty", {"directed": True}) if spec.design.kind == "growing" else ("partisan", {})

    @staticmethod
    def alone(spec: TwitterSpec, scenario: Scenario) -> Mapping[str, Any] | str:
        """What keeps people from seeing each other: keys, or why nothing does."""
        if spec.design.kind == "fixed":
            return {"design.share": 1.0}
        assert spec.feed is not None
        if spec.feed.kind == "timeline":
            return {"feed.followed": 0, "feed.recommended": 0}
        return "in the growing design, only the feed 'timeline' can be empty"

    @property
    def TOGETHER(self) -> bool:
        """Whether those who are due see the start of the step."""
        return bool(self.design.together())

    # -- life cycle ---------------------------------------------------------------------------------------------

    def begin(self) -> list[Event]:
        """Nothing happens at step 0; the ties there are begin to count."""
        for a, b in self.setting.ties.graph.edges():
            self.contacts.add("follow", a, b)
        return []

    def open_step(self, step: int) -> list[Event]:
        """Nothing."""
        return []

    def close_step(self, step: int) -> list[Event]:
        """Nothing."""
        return []

    def due(self, step: int) -> Sequence[int] | None:
        """As the design has it."""
        due: Sequence[int] | None = self.design.due(step)
        return due

    def active(self) -> Sequence[int]:
        """Everybody who is there and not suspended."""
        if not self.gone and not self.suspended:
            return range(self.n)
        return [agent for agent in range(self.n) if self.is_active(agent)]

    def is_active(self, agent: int) -> bool:
        """Whether somebody is there and not suspended."""
        return agent not in self.gone and agent not in self.suspended

    def present(self) -> range:
        """Ids there have been."""
        return range(self.n)

    # -- a turn -------------------------------------------------------------------------------------------------

    def observe(self, turn: Turn) -> View:
        """What the design shows."""
        view: View = self.design.view(turn)
        return view

    def decide(self, view: View) -> Thought:
        """What the design asks, and then accounts to follow and to unfollow."""
        thinker = None if self.memories is None else Thinker(self, view)
        if thinker is not None:
            yield from thinker.ponder()
        hand = Hand(self, view, () if thinker is None else thinker.bring_to_mind(view))
        yield from self.design.act(hand)
        if self.suggester is not None:
            yield from hand.be_suggested(self.suggested(view))
        if self.spec.unfollow and view.posts:
            yield from hand.weed()
        if thinker is not None:
            yield from thinker.keep(hand.deeds, view)
            content = thinker.content()
            if content:
                hand.does("remember", **content)
        shown = [*([view.ranked] if view.ranked is not None else []), *hand.shown]
        return Action(view.at, "act", {"deeds": tuple(hand.deeds)}, shown or None, hand.suggested)

    def apply(self, action: Action) -> list[Event]:
        """Each deed that can be done, as an event; what cannot is an event `invalid`."""
        at = action.at
        events: list[Event] = []
        for kind, content in action.content["deeds"] or (("pass", {}),):
            event = self._event(at, kind, content)
            self.fold(event)
            events.append(event)
        return events

    def _event(self, at: Turn, kind: str, content: dict[str, Any]) -> Event:
        why = self._obstacle(at.agent, kind, content)
        if why is not None:
            item = content.get("of") or content.get("to")
            told = {"of": kind, "why": why, **({} if item is None else {"item": list(item)})}
            return Event(at.step, at.turn, at.agent, "invalid", told)
        given = {key: list(v) if isinstance(v, tuple) else v for key, v in content.items() if v is not None}
        if kind in ("post", "repost", "reply"):
            given = {"n": self._number(at.agent, at.step), **given}
        return Event(at.step, at.turn, at.agent, kind, given)

    def _obstacle(self, agent: int, kind: str, content: dict[str, Any]) -> str | None:
        """Why a deed cannot be done, or None."""
        id = content.get("to") if kind == "reply" else content.get("of") if kind in ("like", "repost") else None
        if id is not None:
            if id not in self.items or self.items.row(id) in self.items.hidden:
                return "gone" if id in self.items else "unknown"
            if kind in ("like", "repost"):
                if id[0] == agent:
                    return "own"
                if self.items.row(id) in self.items.did(kind, agent):
                    return "repeat"
        elif kind in ("follow", "unfollow"):
            other = content["whom"]
            if other not in self.setting.ties.graph:
                return "gone"
            if other == agent:
                return "own"
            if self.setting.ties.has(agent, other) == (kind == "follow"):
                return "repeat"
        return None

    def _number(self, agent: int, step: int) -> int:
        """The number of somebody's next item in this step."""
        last = self._made.get(agent)
        return 0 if last is None or last[0] != step else last[1]

    # -- the only writer ----------------------------------------------------------------------------------------

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        kind, content, agent = event.kind, event.content, event.agent
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if kind in ("post", "repost", "reply"):
            self._fold_item(event)
        elif kind == "like":
            self.items.act("like", agent, content["of"])
            self._meets("like", agent, content["of"][0])
        elif kind == "follow":
            self.setting.ties.add(agent, content["whom"])
            self.contacts.add("follow", agent, content["whom"])
        elif kind == "unfollow":
            self.setting.ties.remove(agent, content["whom"])
            self.contacts.add("follow", agent, content["whom"], -1)
        elif kind == "remember":
            if self.memories is not None:
                self.memories.fold(event)
        elif kind not in ("pass", "refrain", "silent", "invalid"):
            self.fold_outside(event)

    def _fold_item(self, event: Event) -> None:
        kind, content = event.kind, event.content
        author = content.get("who", event.agent)
        id = (author, event.step, content["n"])
        text = content.get("text", "")
        score = self.scorer([text])[0] if text and kind in self.tone else None
        if kind == "post":
            self.items.add(id, text=text, attributes=attributes(text, score or 0.0), listed=author not in self.hidden)
        elif kind == "repost":
            of = content["of"]
            self.items.add(id, "repost", text, of=of)
            self.via[id] = _id(content.get("via", of))
            self._meets("repost", author, of[0])
        else:
            to = content["to"]
            self.items.add(id, "reply", text, to=to, listed=False)
            self._meets("reply", author, to[0])
        self._made[author] = (event.step, content["n"] + 1)
        if "mark" in content:
            self.marked.setdefault(content["mark"], []).append(id)
        if score is not None:
            total, texts = self.tone[kind]
            heavy = self.weight[author] if author >= 0 else 1.0
            self.tone[kind] = (total + heavy * score, texts + heavy)

    def _meets(self, kind: str, agent: int, author: int) -> None:
        if author >= 0:
            self.contacts.add(kind, agent, author)

    # -- what is seen -------------------------------------------------------------------------------------------

    def expect(self, turns: Sequence[Turn]) -> None:
        """Those who will look at the feed are ranked for together."""
        self.audience.expect([turn for turn in turns if self.design.looks(turn)])

    def ranked(self, turn: Turn) -> Shown:
        """What the feed shows somebody."""
        return self.audience.rank(self.feed.ready(self.items, turn.step), turn, self._viewer)

    def _viewer(self, turn: Turn) -> Viewer:
        agent = turn.agent
        return Viewer(
            agent,
            turn.step,
            turn=turn.turn,
            follows=self.setting.ties.neighbours(agent),
            skip=self.design.skips(agent),
            party=self.party[agent],
            partisan=self.partisan[agent],
        )

    def posts(self, ranked: Any, agent: int) -> tuple[Post, ...]:
        """The items of a ranking, as somebody sees them now."""
        items, followers = self.items, self.contacts.followers
        liked, answered = items.did("like", agent), items.did("reply", agent)
        rows = [items.roots[row] for row in ranked.rows]
        if not rows:
            return ()
        likes, replies, reposts = (items.column(name)[rows].tolist() for name in ("likes", "replies", "reposts"))
        made = []
        for i, row in enumerate(rows):
            id, shown = items.ids[row], ranked.rows[i]
            known = followers[id[0]] if id[0] >= 0 else 0
            remark = items.texts[shown] if shown != row else None
            note = self.notes.get(id) if self.notes else None
            done = (row in liked, row in answered)
            made.append(
                Post(
                    items.ids[shown], id, items.texts[row], likes[i], replies[i], reposts[i], known, note, remark, *done
                )
            )
        return tuple(made)

    def headlines(self, turn: Turn) -> tuple[Headline, ...]:
        """The headlines somebody is shown."""
        trait = self.spec.news.outlets
        used = None if trait is None else self.setting.people[turn.agent].get(trait)
        outlets = None if used is None else [used] if isinstance(used, str) else list(used)
        lots = Stream(turn.seed, "headlines", turn.agent, turn.step, turn.turn)
        return tuple(self.news.drawn(lots, turn.step, outlets))

    def account(self, agent: int, most: int = 0, oldest: bool = False) -> tuple[Account, list[Id]]:
        """Somebody as it shows itself, and the ids of the items it shows. most: how many; oldest: which."""
        rows = [row for row in self.items.by_author.get(agent, ()) if row not in self.items.hidden]
        rows = rows[:most] if oldest else rows[::-1][:most]
        texts = tuple(self.items.texts[self.items.roots[row]] for row in rows)
        return Account(agent, self.contacts.followers[agent], texts), [self.items.ids[row] for row in rows]

    def suggested(self, view: View) -> Suggested:
        """Accounts that are suggested to somebody: of those who are there and not suspended."""
        at = view.at
        viewer = Viewer(
            at.agent,
            at.step,
            turn=at.turn,
            follows=self.setting.ties.neighbours(at.agent),
            skip=self.suspended,
            party=self.party[at.agent],
            partisan=self.partisan[at.agent],
        )
        ready = self.suggester.ready(
            self.setting.ties, self.setting.people, at.step, party=self.party, partisan=self.partisan
        )
        told: Suggested = ready.rank(viewer)
        return told

    # -- how people are told ------------------------------------------------------------------------------------

    def name(self, agent: int) -> str:
        """What an account is called."""
        return f"@{self._names[agent]}"

    def label(self, agent: int) -> str | None:
        """The party on somebody's label; None where nothing is known."""
        party = self.setting.people[agent].get("party")
        return None if party is None else self.setting.worded(str(party))

    def bio(self, agent: int) -> str:
        """What somebody says of itself: its trait `bio`, or one made up from other traits."""
        found = self._bios.get(agent)
        if found is None:
            person = self.setting.people[agent]
            given = person.get("bio")
            if not isinstance(given, str) or not given.strip():
                side = self.party[agent]
                party = self.spec.parties[side] if side >= 0 else None
                lots = Stream(self.setting.seed, "bio", agent)
                given = writing.bio(person, party, self.partisan[agent], lots)
            found = self._bios[agent] = self.setting.worded(given)
        return found

    def stance(self, agent: int) -> dict[str, Any]:
        """Somebody's own party and side, as far as it is told who it is."""
        told = self.setting.told(agent)
        party = told.get("party")
        lean = told.get("partisan")
        if not isinstance(lean, int | float) or isinstance(lean, bool):
            lean = self._usual_lean(party)
        return {"party": None if party is None else str(party), "partisan": float(lean)}

    # -- decisions ----------------------------------------------------------------------------------------------

    def equip(self) -> None:
        """Feed, recommender, decisions and facts, by the keys as they are now."""
        spec, setting = self.spec, self.setting
        assert spec.feed is not None
        self.feed = build(spec.feed, setting.shelves, setting.seed)
        self.suggester = self.recommender(spec)
        family = setting.shelves["twitter_rules"].get(spec.rule.kind)
        self.later: dict[str, Later] = facts_by_purpose(spec.show, self.design.counts)
        self._decisions: dict[str, Decision] = acting.decisions(
            self._purposes(), acting.forms(slots(spec.feed), self.design.replies), family, spec.rule, setting.choice
        )

    def _purposes(self) -> list[str]:
        spec = self.spec
        more = [
            *(["suggest"] if spec.suggest is not None else []),
            *(["unfollow"] if spec.unfollow else []),
            *(["confirm"] if spec.friction != "none" else []),
        ]
        return [*self.design.asks, *more]

    def decision(self, purpose: str) -> Decision:
        """What is asked for a purpose."""
        return self._decisions[purpose]

    def decisions(self) -> list[Decision]:
        """Everything people are asked here."""
        return [*self._decisions.values(), *([] if self.memories is None else self.memories.mind.decisions())]


def _id(given: Sequence[int]) -> Id:
    author, step, n = given
    return (author, step, n)
