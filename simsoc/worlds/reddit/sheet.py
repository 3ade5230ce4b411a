"""What is told in the asks of a turn: facts that prompt and rule share, made when they are looked at.

Everything members have written goes in as data, under the cap of a prompt: a thread that is too long is told with each
post cut, and with early replies left out and counted; the opening post and the one replied to always stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from simsoc.core.facts import Facts
from simsoc.core.words import Ask, Decision
from simsoc.minds.asking import Me, Page
from simsoc.minds.memory import View as Remembered
from simsoc.minds.tokens import Space

from .items import Post

if TYPE_CHECKING:
    from .state import Community

_EACH = 0.2  # share of a prompt that one post may fill where a thread is too long
_WORST = 3  # tokens of a character, at most
_LINE = 60  # tokens of what stands around a post


class Part(Struct, frozen=True):
    """Somebody at a turn, and the thread before it."""

    me: Me
    memory: Remembered | None = None
    posts: Sequence[Post] = ()
    """The thread so far, in order of writing."""
    to: int = 0
    """Place of the post that is replied to, or judged."""
    left_out: int = 0
    """Posts of the thread that are not among these."""
    topic: int | None = None
    """Which of the topics this is about."""
    strikes: int = 0
    """How often whoever is judged was warned before, or had a post removed."""


class Sheet:
    """The facts of one ask. What takes time to make is made once, when a prompt or a rule reads it."""

    def __init__(self, world: Community, part: Part, **more: Any) -> None:
        self.world = world
        self.part = part
        self.more = more

    def ask(self, decision: Decision) -> Ask:
        """The ask."""
        return self.part.me.ask(decision, Facts({}, LATER, self))

    @cached_property
    def told(self) -> dict[str, Any]:
        """The thread, persona and memories as they fit."""
        part, tokens = self.part, self.world.spec.tokens
        posts, persona = part.posts, part.me.persona
        size = len(persona) + sum(len(post.text) + len(post.title) for post in posts)
        if part.memory is None and size * _WORST + len(posts) * _LINE < tokens // 2:
            shown = self._shown(range(len(posts)), [self._text(post) for post in posts])
            return {
                "persona": persona,
                "posts": shown,
                "to": part.to,
                "left_out": part.left_out,
                "memories": [],
                "cut": [],
            }
        return self._fitted(Page(part.me, Space(tokens)))

    def _fitted(self, page: Page) -> dict[str, Any]:
        part, posts, space = self.part, self.part.posts, page.space
        texts = [self._text(post) for post in posts]
        size = sum(map(_size, texts)) + len(texts) * _LINE
        if size <= space.left * 0.7:
            kept = list(range(len(posts)))
            space.left -= size
        else:
            always = sorted({0, part.to}) if posts else []
            for i in always:
                texts[i] = space.text("posts", texts[i], _EACH)
            others = [i for i in range(len(posts)) if i not in always]
            short = [self._cut(space, texts[i]) for i in others]
            kept = sorted([*always, *(others[i] for i in space.last(short, 0.5))])
            texts = [short[others.index(i)] if i in others else texts[i] for i in range(len(posts))]
        memories = self._memories(page)
        return {
            "persona": page.shown["persona"],
            "posts": self._shown(kept, texts),
            "to": kept.index(part.to) if kept else 0,
            "left_out": part.left_out + len(posts) - len(kept),
            "memories": memories,
            "cut": sorted(set(space.cut)),
        }

    @staticmethod
    def _cut(space: Space, text: str) -> str:
        return Space(space.whole).text("posts", text, _EACH / 2)

    def _memories(self, page: Page) -> list[str]:
        part, mind = self.part, self.world.mind
        if part.memory is None or mind is None:
            return []
        about = part.posts[part.to].text if part.posts else self.world.topic(part.topic)["name"]
        found = mind.recall(part.memory, [about], page)
        self.recalled = found.numbers
        return [record.text for record in found.records]

    recalled: tuple[int, ...] = ()
    """Numbers of the memories that came to mind."""

    @property
    def at_hand(self) -> str:
        """The text of the post that is replied to or judged, in whole."""
        return self._text(self.part.posts[self.part.to])

    def _text(self, post: Post) -> str:
        return post.text if post.gone is None else f"[{post.gone}]"

    def _shown(self, kept: Sequence[int], texts: Sequence[str]) -> list[dict[str, Any]]:
        """The posts as prompts and rules see them, numbered from 1."""
        posts, name = self.part.posts, self.world.author_of
        place: dict[Any, int] = {posts[i].id: number for number, i in enumerate(kept, start=1)}
        return [
            {
                "n": number,
                "name": name(posts[i]),
                "own": posts[i].author == self.part.me.at.agent,
                "title": posts[i].title if posts[i].gone is None else "",
                "text": texts[i],
                "to": place.get(posts[i].parent),
            }
            for number, i in enumerate(kept, start=1)
        ]


@lru_cache(maxsize=1 << 16)
def _size(text: str) -> int:
    """Tokens of a text in a prompt; a thread is read many times."""
    return Space(0).size(text)


def _told(name: str) -> Any:
    return lambda facts: facts.source.told[name]


def _world(name: str) -> Any:
    return lambda facts: facts.source.world.notes[name]


def _more(name: str, default: Any) -> Any:
    return lambda facts: facts.source.more.get(name, default)


LATER = {
    "name": lambda facts: facts.source.part.me.name,
    "persona": _told("persona"),
    "occupation": lambda facts: facts.source.world.occupation(facts.source.part.me.at.agent),
    "troll": lambda facts: facts.source.part.me.at.agent in facts.source.world.trolls,
    "rate": lambda facts: facts.source.world.trolls.get(facts.source.part.me.at.agent, 0.0),
    "community": _world("community"),
    "goal": _world("goal"),
    "description": _world("description"),
    "do": _world("do"),
    "dont": _world("dont"),
    "rule_names": _world("labels"),  # not `labels`, which are those of a choice
    "in_force": _world("in_force"),
    "topics": _world("topics"),
    "topic": lambda facts: facts.source.world.topic(facts.source.part.topic),
    "posts": _told("posts"),
    "to": _told("to"),
    "at_hand": lambda facts: facts.source.at_hand,
    "left_out": _told("left_out"),
    "memories": _told("memories"),
    "cut": _told("cut"),
    "author": _more("author", ""),
    "title": _more("title", ""),
    "text": _more("text", ""),
    "why": _more("why", ""),
    "page": lambda facts: facts.source.more.get("page", list)(),
    "doing": _more("doing", ""),
    "strikes": lambda facts: facts.source.part.strikes,
    "options": _more("options", []),
}
