"""Posts and replies of a run: as a frame, as threads to be read, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from simsoc.core.errors import LogError
from simsoc.core.words import Event
from simsoc.posts import Post, gather, read_id, told_id, whole_threads
from simsoc.posts.listing import Place
from simsoc.posts.told import as_text, names

from .documented import FRAMES

if TYPE_CHECKING:
    import pandas as pd

    from .opened import Opened

_KINDS = ("post", "reply", "vote", "like", "edit", "remove", "pin")
_EVENTS = "SELECT step, turn, agent, kind, content FROM event WHERE {} ORDER BY id"
_ROWS = _EVENTS.format(" OR ".join(f"kind = '{kind}' OR kind LIKE '%.{kind}'" for kind in _KINDS))


def posts_of(run: Opened, world: str | None = None) -> list[Post]:
    """Every post and reply of a run, in order of writing; see `simsoc.posts.gather`."""
    decode = msgspec.json.decode
    rows = run.stream(_ROWS)
    return gather((Event(step, turn, who, kind, decode(said)) for step, turn, who, kind, said in rows), world)


def frame_of(run: Opened, world: str | None = None) -> pd.DataFrame:
    """One row for each."""
    from .tidy import frame

    return frame([_row(post) for post in posts_of(run, world)], FRAMES["posts"])


def _row(post: Post) -> tuple[object, ...]:
    parent = None if post.parent is None else told_id(post.parent)
    written = (post.title or None, post.text, list(post.labels), post.synthetic)
    became = (post.up, post.down, post.score, post.gone, post.edited, post.pinned)
    author, step, n = post.id
    return (
        told_id(post.id),
        told_id(post.thread),
        parent,
        post.depth,
        author,
        post.by or None,
        step,
        n,
        *written,
        *became,
    )


def threads_of(run: Opened, wanted: Iterable[str] = (), world: str | None = None) -> list[list[Post]]:
    """The threads of a run in order of opening, or those that hold these posts, by their ids.

    world: of which one, where there are several. Raises LogError where there is no post, or no post of that id.
    """
    found = whole_threads(posts_of(run, world))
    if not found:
        raise LogError(f"{run.path}: nobody has written a post in this run")
    thread_of = {post.id: post.thread for thread in found.values() for post in thread}
    kept = []
    for written in wanted:
        try:
            kept.append(thread_of[read_id(written)])
        except (ValueError, KeyError):
            some = ", ".join(told_id(thread) for thread in list(found)[:8])
            raise LogError(
                f"{run.path}: there is no post '{written}'. Threads: {some}{', ...' * (len(found) > 8)}"
            ) from None
    return [found[thread] for thread in dict.fromkeys(kept)] if kept else list(found.values())


def place_of(run: Opened) -> Place:
    """What the community is called, and how its writers are."""
    rows = run.rows("SELECT id, label, traits FROM agent ORDER BY id")
    people = {agent: {"label": label, **msgspec.json.decode(traits)} for agent, label, traits in rows}
    return Place(community_of(run), names(people))


def community_of(run: Opened) -> str:
    """What the community is called; where it has no name, as its scenario is."""
    worlds = run.scenario.get("world") or ()
    return str(next((world["community"] for world in worlds if "community" in world), run.info["name"]))


def read_aloud(run: Opened, wanted: Iterable[str] = (), *, width: int = 100, gone: bool = False) -> str:
    """Threads as plain text; all of them, or those that hold these posts. Raises as `threads_of`."""
    return as_text(threads_of(run, wanted), place_of(run).named, width, gone=gone)
