"""What people remember here, where the scenario gives them minds: what they did, and what they make of it.

A turn brings to mind what has to do with the posts and headlines in sight, and is followed by a memory of each thing
done, with an importance; when enough has happened, the next turn begins with reflection. Minds plan nothing here and
talk through posts alone. A step counts as an hour, in which recency is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simsoc.core.protocols import Stored
from simsoc.core.words import Event, Turn
from simsoc.minds import reflection
from simsoc.minds.asking import Me, Thinking
from simsoc.minds.importance import Percept, perceive
from simsoc.minds.memory import Memory
from simsoc.minds.memory import View as Remembered
from simsoc.minds.mind import Generative, Outcome
from simsoc.minds.records import Draft
from simsoc.worlds.setting import Setting

if TYPE_CHECKING:
    from .acting import Deed
    from .seeing import View
    from .state import Twitter

_MINUTES = 60  # a step
_KEPT = 240  # characters of a text that stay in mind
_LOOKED_AT = 5  # posts and headlines that bring something to mind
_MOST = 10  # memories that come to mind at once
_DONE = {
    "post": "shared a headline and wrote",
    "repost": "reposted",
    "reply": "replied",
    "like": "liked",
    "follow": "began to follow",
    "unfollow": "stopped following",
}


def mind_of(setting: Setting) -> Generative | None:
    """Minds that remember, where the scenario has generative ones with a memory."""
    part = setting.minds
    if part is None or part.kind != "generative" or not part.given.memory:  # type: ignore[attr-defined]
        return None
    return Generative(part.given, setting.shelves, setting.choice)  # type: ignore[arg-type]


class Memories:
    """What everybody remembers. Changed in the world's `fold` alone."""

    def __init__(self, mind: Generative, n: int) -> None:
        self.mind = mind
        self.of = [mind.memory() for _ in range(n)]
        """By agent."""
        self._fresh: list[Stored] = []
        self._touched: list[tuple[int, int]] = []

    def take_in(self) -> None:
        """Somebody new, who remembers nothing of this place."""
        self.of.append(self.mind.memory())

    def fold(self, event: Event) -> None:
        """Something was thought of, or is to be kept."""
        content, agent, now = event.content, event.agent, float(event.step * _MINUTES)
        memory: Memory = self.of[agent]
        recalled = content.get("recalled", ())
        memory.touch(recalled, now)
        self._touched += [(agent, number) for number in recalled]
        if content.get("reflected"):
            memory.reflected()
        drafts = [Draft.of(draft) for draft in content.get("memory", ())]
        made = memory.store(drafts, now, event=(event.step, event.turn, agent))
        self._fresh += [Stored(agent, record, event) for record in made]

    def about(self, agent: int, query: str) -> list[str]:
        """What comes to somebody's mind when it is asked this, oldest first. Changes nothing."""
        me = Me(Turn(0, 0, agent, 0), "", "", 0.0, draws={})
        found = self.mind.recall(self.of[agent].view(), [query], self.mind.page(me), top=_MOST)
        return [record.text for record in sorted(found.records, key=lambda record: record.n)]

    def stored(self) -> tuple[list[Stored], list[tuple[int, int]]]:
        """What was stored and recalled since the last time, for the log."""
        fresh, touched = self._fresh, self._touched
        self._fresh, self._touched = [], []
        return fresh, touched


class Thinker:
    """Somebody with a memory, at its turn."""

    def __init__(self, world: Twitter, view: View) -> None:
        assert world.memories is not None
        at = view.at
        self.world = world
        self.mind = world.memories.mind
        self.seen: Remembered = world.memories.of[at.agent].view()
        self.me = Me(at, world.name(at.agent), world.setting.tell(at.agent), float(at.step * _MINUTES), draws={})
        self.recalled: list[int] = []
        self._outcomes: list[Outcome] = []
        self._reflected = False

    def bring_to_mind(self, view: View) -> list[str]:
        """Memories that have to do with what is in sight, oldest first."""
        texts = [post.text for post in view.posts[:_LOOKED_AT]]
        texts = texts or [line.headline for line in view.headlines[:_LOOKED_AT]]
        if not texts or not self.seen.count:
            return []
        found = self.mind.recall(self.seen, ["\n".join(texts)], self.mind.page(self.me), top=_MOST)
        self.recalled += found.numbers
        return [record.text for record in sorted(found.records, key=lambda record: record.n)]

    def ponder(self) -> Thinking[None]:
        """Reflection, where enough has happened."""
        if reflection.due(self.mind, self.seen):
            self._outcomes.append((yield from reflection.reflect(self.mind, self.me, self.seen)))
            self._reflected = True

    def keep(self, deeds: Sequence[Deed], view: View) -> Thinking[None]:
        """Remember what one has done."""
        percepts = [Percept(text, ("I", _DONE[kind], text)) for kind, text in _told(self.world, deeds, view)]
        if percepts:
            self._outcomes.append((yield from perceive(self.mind, self.me, percepts)))

    def content(self) -> dict[str, Any]:
        """What is to be folded: content of an event `remember`; empty where there is nothing."""
        drafts = [draft.plain() for outcome in self._outcomes for draft in outcome.drafts]
        recalled = [*self.recalled, *(n for outcome in self._outcomes for n in outcome.recalled)]
        counts: dict[str, int] = {}
        for outcome in self._outcomes:
            for name, more in outcome.counts.items():
                counts[name] = counts.get(name, 0) + more
        made: dict[str, Any] = {"memory": drafts, "recalled": list(dict.fromkeys(recalled)), "counts": counts}
        return {key: value for key, value in made.items() if value} | ({"reflected": True} if self._reflected else {})


def _told(world: Twitter, deeds: Sequence[Deed], view: View) -> list[tuple[str, str]]:
    """What one did, in words."""
    texts = {post.original: post.text for post in view.posts}
    made = []
    for kind, content in deeds:
        if kind in ("post", "repost", "reply", "like"):
            id = content.get("of") or content.get("to")
            made.append((kind, _sentence(kind, content, "" if id is None else texts.get(id, ""))))
        elif kind in ("follow", "unfollow"):
            whom = world.name(content["whom"]) if world.spec.show.names else "an account"
            made.append((kind, f"I {_DONE[kind]} {whom}."))
    return made


def _sentence(kind: str, content: Mapping[str, Any], of: str) -> str:
    if kind == "post":
        return f"I {_DONE[kind]}: {content['text'][:_KEPT]}"
    if kind == "reply":
        return f"I replied to '{of[:_KEPT]}': {content['text'][:_KEPT]}"
    return f"I {_DONE[kind]} '{of[:_KEPT]}'"
