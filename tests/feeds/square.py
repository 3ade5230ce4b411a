"""A small world of posts for tests: whoever has a turn looks at its feed and likes, replies, reposts or writes."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from simsoc.core.answers import Choice
from simsoc.core.facts import Facts
from simsoc.core.shelf import Strict
from simsoc.core.words import Action, Ask, Decision, Event, NoAnswer, Rule
from simsoc.feeds import Items, Viewer, build
from simsoc.scenario.spec import Named, Part

VERBS = ("post", "like", "repost", "reply", "nothing")


class SquareSpec(Strict):
    """Keys of the world."""

    feed: Annotated[Part, Named("feeds")] = Field(default="chronological", validate_default=True)
    """Which items are seen."""


def busy(facts: Any, stream: Any) -> str:
    """Any verb, but nothing can be done to nothing."""
    return stream.choose(facts["options"])


class Square:
    """Posts and what is done to them."""

    Spec = SquareSpec
    MEASURES: ClassVar[dict[str, Any]] = {}
    kind = "square"
    stopped = None
    length = None

    def __init__(self, spec: SquareSpec, setting: Any) -> None:
        self.setting = setting
        self.party = [agent % 2 for agent in range(len(setting.people))]
        self.items = Items(self.party, [2.0 * side - 1 for side in self.party])
        self.feed = build(spec.feed, setting.shelves, setting.seed)
        self.decision = Decision("act", "square/act", Choice(), Rule("busy", busy, {}))

    def begin(self) -> list[Event]:
        return []

    def open_step(self, step: int) -> list[Event]:
        return []

    def close_step(self, step: int) -> list[Event]:
        return []

    def due(self, step: int) -> None:
        return None

    def active(self) -> range:
        return range(len(self.setting.people))

    def observe(self, turn: Any) -> Any:
        me = turn.agent
        follows = self.setting.ties.neighbours(me)
        viewer = Viewer(me, turn.step, turn.turn, follows, self.items.did("repost", me), self.party[me], 0.0)
        return turn, self.feed.ready(self.items, turn.step).rank(viewer)

    def decide(self, view: Any) -> Any:
        turn, seen = view
        facts = Facts({"options": list(VERBS if seen.ids else VERBS[:1])})
        ask = Ask(turn.seed, turn.agent, turn.step, turn.turn, 0, self.decision, facts, "act")
        reply = yield ask
        verb = "nothing" if isinstance(reply, NoAnswer) else reply.value
        return Action(turn, verb, {"of": list(seen.ids[0])} if seen.ids and verb != "post" else {}, shown=seen)

    def apply(self, action: Action) -> list[Event]:
        at = action.at
        event = Event(at.step, at.turn, at.agent, action.verb, action.content)
        self.fold(event)
        return [event]

    def fold(self, event: Event) -> None:
        id, of = (event.agent, event.step, event.turn), event.content.get("of")
        if of is not None and event.kind in ("repost", "like"):
            of = self.items.ids[self.items.roots[self.items.row(of)]]
        if event.kind == "post":
            self.items.add(id)
        elif event.kind == "repost":
            self.items.add(id, "repost", of=of)
        elif event.kind == "reply":
            self.items.add(id, "reply", to=of, listed=False)
        elif event.kind == "like" and self.items.row(of) not in self.items.did("like", event.agent):
            self.items.act("like", event.agent, of)
