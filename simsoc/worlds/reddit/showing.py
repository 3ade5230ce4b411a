"""What a community looks like to somebody who reads it: its liveliest thread as text, from the log alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from simsoc.core.words import Event

from .items import OUTSIDE, Id, Post, called, in_tree, read_id

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

_WIDE = 100
_MOST = 25  # posts


def show(run: Run) -> str | None:
    """The thread with most replies, the first of them; None where nothing was written."""
    threads, notes = _threads(run.stored_events())
    if not threads:
        return None
    best = max(threads, key=lambda thread: len(threads[thread]))
    return "\n".join(_lines(threads[best], names_of(run), notes))


def names_of(run: Run) -> dict[int, str]:
    """What the members of a run are called, by id, as in its prompts."""
    people = run.agents
    given = people["name"] if "name" in people else [None] * len(people)
    return dict(enumerate(called(given, run.info["seed"])))


def _lines(posts: list[Post], names: Mapping[int, str], notes: Mapping[Id, list[str]]) -> Iterator[str]:
    if any(post.synthetic for post in posts):
        yield "[synthetic: these texts were composed by a grammar, nobody wrote them]"
    for place, post in enumerate(in_tree(posts)):
        if place == _MOST:
            yield ""
            yield f"... and {len(posts) - _MOST} more"
            return
        name = post.by or names.get(post.author, OUTSIDE)
        told = f"{post.title}\n{post.text}" if post.title else post.text
        if post.gone is not None:
            told = f"[{post.gone}] {told}"
        marks = "".join(f" ({note})" for note in notes.get(post.id, ()))
        yield ""
        indent = "    " * min(post.depth, 10)
        yield f"{indent}{name}{marks}"
        for line in told.splitlines():
            yield from textwrap.wrap(line, _WIDE, initial_indent=f"{indent}  ", subsequent_indent=f"{indent}  ")


def _threads(events: Iterable[Event]) -> tuple[dict[Id, list[Post]], dict[Id, list[str]]]:
    """Every thread as it stands at the end, and what moderators did about its posts."""
    posts: dict[Id, Post] = {}
    notes: dict[Id, list[str]] = {}
    for event in events:
        kind, content = event.kind.removeprefix("reddit."), event.content
        if kind in ("post", "reply") and "n" in content:
            item = (event.agent, event.step, content["n"])
            to = read_id(content["to"]) if kind == "reply" else None
            thread = item if to is None else posts[to].thread
            depth = 0 if to is None else posts[to].depth + 1
            synthetic = content.get("synthetic", False)
            posts[item] = Post(item, thread, to, depth, content["text"], content.get("title", ""), synthetic=synthetic)
            notes[item] = [f"breaks {name}" for name in content.get("breaks", ())]
        elif kind in ("warn", "remove", "edit", "pin", "ban") and content.get("item") is not None:
            done = {"warn": "warned", "remove": "removed", "edit": "edited", "pin": "pinned", "ban": "banned"}
            notes.get(read_id(content["item"]), []).append(done[kind])
    threads: dict[Id, list[Post]] = {}
    for post in posts.values():
        threads.setdefault(post.thread, []).append(post)
    return threads, notes
