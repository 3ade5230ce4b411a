"""What a community looks like to somebody who reads it: its liveliest thread as text, from the log alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simsoc.posts import Post, gather, in_tree, whole_threads
from simsoc.posts.listing import Place
from simsoc.posts.told import as_text, names

from .items import OUTSIDE, called

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

_WIDE = 100
_MOST = 25  # posts


def show(run: Run) -> str | None:
    """The thread with most replies, the first of them; None where nothing was written."""
    several = len(run.scenario.get("world") or ()) > 1
    threads = whole_threads(gather(run.stored_events(), "reddit" if several else None))
    if not threads:
        return None
    best = list(in_tree(max(threads.values(), key=len)))
    told = [as_text([best[:_MOST]], place_of(run).named, _WIDE, gone=True)]
    if any(post.synthetic for post in best):
        told.insert(0, "[synthetic: these texts were composed by a grammar, nobody wrote them]\n")
    if len(best) > _MOST:
        told.append(f"\n... and {len(best) - _MOST} more")
    return "\n".join(told)


def place_of(run: Run) -> Place:
    """What the community of a run is called, and how its members are; in other worlds, as their traits say."""
    worlds = run.scenario.get("world") or ()
    community = next((world["community"] for world in worlds if world.get("kind") == "reddit"), None)
    if community is None:
        people = run.agents.to_dict("records")
        return Place(run.info["name"], names({row["agent"]: {str(k): v for k, v in row.items()} for row in people}))
    members = names_of(run)

    def named(post: Post) -> str:
        return post.by or members.get(post.author, OUTSIDE)

    return Place(community, named)


def names_of(run: Run) -> dict[int, str]:
    """What the members of a run are called, by id, as in its prompts."""
    people = run.agents
    given = people["name"] if "name" in people else [None] * len(people)
    return dict(enumerate(called(given, run.info["seed"])))
