"""A visit to a community as a generator: a member looks at a ranked page, and posts, replies, votes or does nothing.

What is opened on the page and done there is decided; which post of a thread it comes to is drawn, as in the published
process. A visit may read everything, so nothing changes while it is thought of, but by turns that all see the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from simsoc.core.stream import Stream
from simsoc.core.words import Action, Answer, NoAnswer, Shown, Thought, Turn
from simsoc.minds.asking import Me
from simsoc.minds.memory import View as Remembered

from .deciding import View, written
from .items import Id, Thread
from .sheet import Part, Sheet

if TYPE_CHECKING:
    from .state import Community

_TRIES = 10  # draws before posts of one's own are sorted out


class Visit(Struct, frozen=True):
    """What a member sees who looks in."""

    at: Turn
    me: Me
    memory: Remembered | None
    shown: Sequence[Shown]
    """The page as it was ranked, for the ledger."""
    page: Sequence[Id]
    """Threads from the top down."""
    moderator: int | None
    strikes: int


def visit(world: Community, seen: Visit) -> Thought:
    """The whole visit."""
    at, shown = seen.at, tuple(seen.shown)
    doing = ["lurk", "post", *(("reply", "vote") if seen.page else ())]
    part = Part(seen.me, seen.memory)
    does = yield Sheet(world, part, page=lambda: _page(world, seen), options=doing).ask(world.decision["visit"])
    if isinstance(does, NoAnswer):
        return Action(at, "visit", {"silent": does}, shown)
    if does.value == "lurk":
        return Action(at, "lurk", {}, shown)
    if does.value == "post":
        topic = world.topic_of((at.agent, at.step, at.turn))
        opened = View(at, Part(seen.me, seen.memory, topic=topic), None, seen.moderator, seen.strikes)
        content = yield from written(world, opened)
        return Action(at, "post", content, shown)
    options = list(range(1, len(seen.page) + 1))
    picked = yield Sheet(world, part, page=lambda: _page(world, seen), options=options, doing=does.value).ask(
        world.decision["pick"]
    )
    if isinstance(picked, NoAnswer):
        return Action(at, "pick", {"silent": picked}, shown)
    thread = world.threads[seen.page[picked.value - 1]]
    to = _comes_to(world, at, thread, others=does.value == "vote")
    if to is None:
        return Action(at, "lurk", {}, shown)
    part = world.reader(seen.me, seen.memory, thread, to)
    if does.value == "vote":
        vote = yield Sheet(world, part).ask(world.decision["vote"])
        told: dict[str, Any] = {"to": part.posts[part.to].id} if isinstance(vote, Answer) else {}
        return Action(at, "vote", {**told, "vote": vote}, shown)
    content = yield from written(world, View(at, part, thread.id, seen.moderator, seen.strikes))
    return Action(at, "reply", content, shown)


def _comes_to(world: Community, at: Turn, thread: Thread, *, others: bool) -> int | None:
    """The place of the post somebody comes to: drawn, or the last one (`linear`). others: not of its own."""
    there, posts = thread.there(), thread.posts
    if world.spec.attach == "linear":
        return next((i for i in reversed(there) if not others or posts[i].author != at.agent), None)
    lots = Stream(at.seed, "reddit to", at.agent, at.step, at.turn)
    for _ in range(_TRIES):
        place = lots.choose(there)
        if not others or posts[place].author != at.agent:
            return place
    left = [place for place in there if posts[place].author != at.agent]
    return lots.choose(left) if left else None


def _page(world: Community, seen: Visit) -> list[dict[str, Any]]:
    """The page as prompts and rules see it: slots numbered from 1."""
    made = []
    for slot, item in enumerate(seen.page, start=1):
        thread = world.threads[item]
        first = thread.posts[0]
        made.append(
            {
                "slot": slot,
                "title": first.title,
                "name": world.author_of(first),
                "score": first.score,
                "replies": len(thread.posts) - 1,
                "age": seen.at.step - first.step,
                "pinned": thread.pinned,
            }
        )
    return made
