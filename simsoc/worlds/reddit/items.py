"""Posts, replies and the threads they stand in. Items are frozen and replaced; a thread grows in `fold` alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

from msgspec import Struct

from simsoc.worlds.names import Fixed

Id = tuple[int, int, int]
"""(author, step, n): n is the author's turn in the step, negative for what was put in from outside."""
_ID = re.compile(r"(-?\d+)\.(\d+)\.(-?\d+)")
OUTSIDE = "[outside]"
"""What somebody is called who is nobody of the society."""
LETTERS = 5
"""Letters and digits of the name of whoever has none."""


def called(names: Iterable[Any], seed: int) -> list[str]:
    """What members are called, by id: by name, with a number where somebody before has it, or a few drawn letters."""
    drawn, seen, made = Fixed(seed, LETTERS), dict[str, int](), list[str]()
    for agent, given in enumerate(names):
        name = given.strip() if isinstance(given, str) and given.strip() else drawn[agent]
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return made


def read_id(text: Any) -> Id:
    """An id as people write it, ``12.3.0``, or as a list. Raises ValueError."""
    if isinstance(text, str):
        found = _ID.fullmatch(text.strip())
        if found is not None:
            return int(found[1]), int(found[2]), int(found[3])
    elif isinstance(text, Sequence) and len(text) == 3 and all(type(part) is int for part in text):
        return text[0], text[1], text[2]
    raise ValueError(f"an item is named AUTHOR.STEP.N, such as 12.3.0 (got {text!r})")


def told_id(item: Id) -> str:
    """An id as people write it."""
    return f"{item[0]}.{item[1]}.{item[2]}"


class Post(Struct, frozen=True, gc=False):
    """An opening post or a reply."""

    id: Id
    thread: Id
    """The opening post of its thread."""
    parent: Id | None
    """What it replies to; None for an opening post."""
    depth: int
    """Replies above it; 0 for an opening post."""
    text: str
    title: str = ""
    up: int = 0
    down: int = 0
    gone: str | None = None
    """`removed` by a moderator, `deleted` by its author, or None."""
    edited: bool = False
    breaks: tuple[str, ...] = ()
    """Names of the rules it breaks, as whoever wrote it says."""
    synthetic: bool = False
    """Whether a grammar composed the text."""
    by: str = ""
    """What its author is called, where that is nobody of the society."""

    @property
    def author(self) -> int:
        """Who wrote it; -1 for nobody."""
        return self.id[0]

    @property
    def step(self) -> int:
        """When it was written."""
        return self.id[1]

    @property
    def score(self) -> int:
        """Votes for it less votes against it; its author's own counts as the first."""
        return 1 + self.up - self.down


class Plan(Struct, frozen=True, gc=False):
    """What is to come of a thread in the published process, unless something else happens to it."""

    since: int
    """Step to which the first of `who` belongs."""
    who: tuple[int, ...]
    """Who replies in the steps from then on; -1 for nobody."""

    def speaker(self, step: int) -> int | None:
        """Who replies in a step, or None."""
        place = step - self.since
        return self.who[place] if 0 <= place < len(self.who) and self.who[place] >= 0 else None

    def open(self, step: int) -> bool:
        """Whether in this step or later something is still to be drawn."""
        return self.since + len(self.who) >= step


class Thread:
    """An opening post with its replies, and what the published process has to know of it."""

    __slots__ = ("cast", "lost", "next", "number", "out", "p", "pinned", "posts", "slots", "swap", "topic")

    def __init__(self, opening: Post, number: int, p: float, topic: int | None) -> None:
        self.number = number
        """Its turns in the published process bear this number."""
        self.p = p
        """Probability of going on after each reply."""
        self.topic = topic
        """Which of the topics it is about."""
        self.posts: list[Post] = [opening]
        """In order of writing."""
        self.cast: list[int] = [opening.author] if opening.author >= 0 else []
        """Who is in it, in order of first appearance."""
        self.slots = 0
        """Replies that were written, or asked for in vain."""
        self.lost = 0
        """Posts that are gone."""
        self.pinned = False
        self.out: tuple[int, ...] = ()
        """Who may not speak in it any more."""
        self.swap: dict[int, int] = {}
        """Who speaks in the place of whom."""
        self.next: int | None = None
        """Who replies next, whatever the draws say."""

    @property
    def id(self) -> Id:
        """The id of its opening post."""
        return self.posts[0].id

    @property
    def closed(self) -> bool:
        """Whether its opening post is gone."""
        return self.posts[0].gone is not None

    def there(self) -> Sequence[int]:
        """Places of the posts that are not gone."""
        if not self.lost:
            return range(len(self.posts))
        return [place for place, post in enumerate(self.posts) if post.gone is None]

    def copy(self) -> Thread:
        """One that starts with the same posts and goes its own way."""
        other = copy(self)
        other.posts, other.cast, other.swap = list(self.posts), list(self.cast), dict(self.swap)
        return other


def in_sight(thread: Thread, to: int, most: int, places: Mapping[Id, tuple[Id, int]]) -> tuple[tuple[Post, ...], int]:
    """What somebody reads of a thread who comes to a post, in order of writing, and the place of that post in it.

    All of it, or the opening, what stands above the post up to there, and the newest. places: of every item, its thread
    and its place in it.
    """
    posts = thread.posts
    if len(posts) <= most:
        return tuple(posts), to
    kept, above = {0, to}, posts[to].parent
    while above is not None and len(kept) < most:
        at = places[above][1]
        kept.add(at)
        above = posts[at].parent
    newest = len(posts) - 1
    while len(kept) < most:
        kept.add(newest)
        newest -= 1
    order = sorted(kept)
    return tuple(posts[at] for at in order), order.index(to)


def in_tree(posts: Sequence[Post]) -> Iterator[Post]:
    """Posts of a thread as a reader sees them: each followed by its replies, in order of writing."""
    below: dict[Id | None, list[Post]] = {}
    for post in posts:
        below.setdefault(post.parent, []).append(post)
    waiting = below.get(None, [])[::-1]
    while waiting:
        post = waiting.pop()
        yield post
        waiting += below.get(post.id, [])[::-1]
