"""What a community looks like to somebody who reads it: its liveliest thread as text, from the log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simsoc.core.errors import LogError
from simsoc.posts import Post, in_tree
from simsoc.posts.listing import Place
from simsoc.posts.told import as_text
from simsoc.runlog import posted

from .items import OUTSIDE, called

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

_WIDE = 100
_MOST = 25  # posts


def show(run: Run) -> str | None:
    """The thread with most replies, the first of them; None where nothing was written."""
    try:
        threads = posted.threads_of(run, world="reddit" if len(run.scenario.get("world") or ()) > 1 else None)
    except LogError:
        return None
    best = list(in_tree(max(threads, key=len)))
    told = [as_text([best[:_MOST]], place_of(run).named, _WIDE, gone=True)]
    if any(post.synthetic for post in best):
        told.insert(0, "[synthetic: these texts were composed by a grammar, nobody wrote them]\n")
    if len(best) > _MOST:
        told.append(f"\n... and {len(best) - _MOST} more")
    return "\n".join(told)


def place_of(run: Run) -> Place:
    """What the community of a run is called, and how its members are; where there is none, as the log has it."""
    if all(world.get("kind") != "reddit" for world in run.scenario.get("world") or ()):
        return posted.place_of(run)
    names = names_of(run)

    def named(post: Post) -> str:
        return post.by or names.get(post.author, OUTSIDE)

    return Place(posted.community_of(run), named)


def names_of(run: Run) -> dict[int, str]:
    """What the members of a run are called, by id, as in its prompts."""
    people = run.agents
    given = people["name"] if "name" in people else [None] * len(people)
    return dict(enumerate(called(given, run.info["seed"])))
