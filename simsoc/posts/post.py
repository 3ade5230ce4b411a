"""A post as plain data, and gathering them from events: of a community with threads, or of a network with a feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from simsoc.core.errors import BrokenLog
from simsoc.core.words import Event

Id = tuple[int, int, int]
"""(author, step, n); author -1 is nobody in the run, n is negative for what was put in from outside."""
_ID = re.compile(r"(-?\d+)\.(\d+)\.(-?\d+)")


class Post(Struct, frozen=True, gc=False):
    """An opening post or a reply, as it was in the end."""

    id: Id
    thread: Id
    """The opening post of its thread."""
    parent: Id | None
    """What it replies to; None for an opening post."""
    depth: int
    """Replies above it, itself included; 0 for an opening post."""
    text: str
    title: str = ""
    up: int = 0
    """Votes for it, or likes."""
    down: int = 0
    own: int = 0
    """What its score starts with: 1 where the author's own vote counts, as on Reddit."""
    gone: str | None = None
    """`removed` by a moderator, `deleted` by its author, or None."""
    edited: bool = False
    pinned: bool = False
    labels: tuple[str, ...] = ()
    """Names of the rules it breaks, as whoever wrote it says."""
    synthetic: bool = False
    """Whether a grammar composed the text."""
    by: str = ""
    """Who wrote it, where that is nobody in the run."""

    @property
    def author(self) -> int:
        """Who wrote it; -1 for nobody in the run."""
        return self.id[0]

    @property
    def step(self) -> int:
        """When it was written; 0 before the run began."""
        return self.id[1]

    @property
    def score(self) -> int:
        """Votes for it less votes against it."""
        return self.own + self.up - self.down

    @property
    def writer(self) -> tuple[int, str]:
        """Tells writers apart, those from outside too."""
        return self.id[0], self.by

    @property
    def words(self) -> str:
        """Title and text."""
        return f"{self.title}\n\n{self.text}" if self.title else self.text


def told_id(item: Id) -> str:
    """An id as people write it, ``12.3.0``."""
    return f"{item[0]}.{item[1]}.{item[2]}"


def read_id(text: str) -> Id:
    """An id as people write it. Raises ValueError."""
    found = _ID.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"a post is named AUTHOR.STEP.N, such as 12.3.0 (got {text!r})")
    return int(found[1]), int(found[2]), int(found[3])


def gather(events: Iterable[Event], world: str | None = None) -> list[Post]:
    """Every post and reply, in order of writing, with what became of it.

    Reads the kinds `post` {n, title?, text}, `reply` {n, to, text}, `vote` {item, to}, `like` {of}, `edit` {item,
    text?, title?}, `remove` {item} and `pin` {item, to}, with or without a world's name before. world: of which world,
    where there are several; the first that has a post when not given. Raises BrokenLog for what refers to no post.
    """
    posts: dict[Id, Post] = {}
    votes: dict[tuple[int, Id], int] = {}
    for event in events:
        prefix, _, kind = event.kind.rpartition(".")
        if kind not in _FOLDED or (prefix != world and world is not None):
            continue
        if world is None and prefix:
            if kind != "post":
                continue
            world = prefix
        _FOLDED[kind](posts, votes, event)
    for (_, item), to in votes.items():
        post = posts[item]
        posts[item] = replace(post, up=post.up + (to > 0), down=post.down + (to < 0))
    return list(posts.values())


def _post(posts: dict[Id, Post], votes: Any, event: Event) -> None:
    said = event.content
    own = made_id(event)
    begins = said.get("score", 1 if "title" in said else 0)
    posts[own] = Post(own, own, None, 0, said["text"], said.get("title", ""), own=begins, **_marks(said))


def _reply(posts: dict[Id, Post], votes: Any, event: Event) -> None:
    said = event.content
    parent = _found(posts, said["to"], event)
    own = made_id(event)
    begins = said.get("score", 1 if posts[parent.thread].title else 0)
    posts[own] = Post(own, parent.thread, parent.id, parent.depth + 1, said["text"], own=begins, **_marks(said))


def _marks(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "labels": tuple(said.get("breaks") or ()),
        "synthetic": bool(said.get("synthetic") or said.get("by_rule")),
        "by": said.get("by", ""),
    }


def _vote(posts: dict[Id, Post], votes: dict[tuple[int, Id], int], event: Event) -> None:
    post = _found(posts, event.content.get("item", event.content.get("of")), event)
    votes[event.agent, post.id] = event.content.get("to", 1)


def _like(posts: dict[Id, Post], votes: dict[tuple[int, Id], int], event: Event) -> None:
    item = _id(event.content["of"])
    if item in posts:  # shares are liked, too, and are no posts
        votes[event.agent, item] = 1


def _edit(posts: dict[Id, Post], votes: Any, event: Event) -> None:
    post = _found(posts, event.content["item"], event)
    new = {key: event.content[key] for key in ("text", "title") if key in event.content}
    posts[post.id] = replace(post, edited=True, **new)


def _remove(posts: dict[Id, Post], votes: Any, event: Event) -> None:
    post = _found(posts, event.content["item"], event)
    gone = "deleted" if event.agent == post.author else "removed"
    posts[post.id] = replace(post, gone=gone)


def _pin(posts: dict[Id, Post], votes: Any, event: Event) -> None:
    post = _found(posts, event.content["item"], event)
    posts[post.id] = replace(post, pinned=bool(event.content.get("to", True)))


_FOLDED = {
    "post": _post,
    "reply": _reply,
    "vote": _vote,
    "like": _like,
    "edit": _edit,
    "remove": _remove,
    "pin": _pin,
}


def _id(value: Any) -> Id:
    author, step, n = read_id(value) if isinstance(value, str) else value
    return author, step, n


def made_id(event: Event) -> Id:
    """The id of what an event writes."""
    return event.agent, event.step, event.content["n"]


def _found(posts: Mapping[Id, Post], item: Any, event: Event) -> Post:
    found = posts.get(_id(item))
    if found is None:
        raise BrokenLog(f"event '{event.kind}' of agent {event.agent} in step {event.step}: there is no post {item}")
    return found


def whole_threads(posts: Iterable[Post]) -> dict[Id, list[Post]]:
    """The posts of each thread in order of writing, threads in order of opening."""
    found: dict[Id, list[Post]] = {}
    for post in posts:
        found.setdefault(post.thread, []).append(post)
    return found


def in_tree(posts: Sequence[Post]) -> Iterator[Post]:
    """The posts of a thread as a reader meets them: each followed by its replies, in order of writing."""
    below: dict[Id | None, list[Post]] = {}
    for post in posts:
        below.setdefault(post.parent, []).append(post)
    waiting = below.get(None, [])[::-1]
    while waiting:
        post = waiting.pop()
        yield post
        waiting += below.get(post.id, [])[::-1]
