"""A thread as a person reads it in a terminal: who said what to whom, with no character that a terminal would obey."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

from simsoc.core.answers import PLACEHOLDER

from .post import Post, in_tree, told_id

Named = Callable[[Post], str]
"""What the writer of a post is called."""

# Control characters but line ends and tabs, marks that reorder text or are not seen, halves of surrogate pairs. Joiners
# stay: emoji and several scripts need them.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_DEEPEST = 12  # levels that are drawn further in; deeper replies stay there and say whom they answer
NOBODY = "[deleted]"


class Line(NamedTuple):
    """A line of a thread."""

    style: str
    """title, head, body or bar: how it may be coloured."""
    bars: str
    """What stands in front of it, for the depth."""
    text: str


def shown(text: str) -> str:
    """A text in which every character that a terminal obeys, or that nobody sees, stands as its code."""
    return _OBEYED.sub(_code, text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))


def _code(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def names(people: Mapping[int, Mapping[str, Any]]) -> Named:
    """What writers are called, from their traits by id: name, else label, else ``user7``.

    Two who are called the same are told apart by their ids, people from outside keep the name they came with.
    """
    called = {agent: _called(agent, traits) for agent, traits in people.items()}
    often = Counter(called.values())

    def named(post: Post) -> str:
        if post.author < 0:
            return post.by or NOBODY
        own = called.get(post.author, f"user{post.author}")
        return own if often[own] <= 1 else f"{own} ({post.author})"

    return named


def _called(agent: int, traits: Mapping[str, Any]) -> str:
    for trait in ("name", "label"):
        name = traits.get(trait)
        if isinstance(name, str) and name.strip() and name != PLACEHOLDER:
            return " ".join(name.split())
    return f"user{agent}"


def points(score: int) -> str:
    """A score in words."""
    return f"{score} point{'' if score in (1, -1) else 's'}"


def marks(post: Post) -> list[str]:
    """What is to be known of a post beside its words."""
    made = [points(post.score)]
    made += ["pinned"] if post.pinned else []
    made += ["edited"] if post.edited else []
    made += ["synthetic text"] if post.synthetic else []
    made += [f"breaks {', '.join(post.labels)}"] if post.labels else []
    return made


def readers_words(post: Post) -> str:
    """What readers see in place of a text: itself, or that it is gone."""
    if post.gone is not None:
        return f"[{post.gone}]"
    return "(no text: the null mind wrote this)" if post.text == PLACEHOLDER else post.text


def lines(posts: Sequence[Post], named: Named, width: int = 100, *, gone: bool = False) -> Iterator[Line]:
    """A thread line by line, replies below what they answer.

    width: characters of a line. gone: whether texts that were taken away are shown, too.
    """
    by_id = {post.id: post for post in posts}
    for post in in_tree(posts):
        level = min(post.depth, _DEEPEST)
        bars = "│ " * level
        if post.depth:
            yield Line("bar", bars.rstrip(), "")
        elif post.title:  # posts of a feed have none
            title = post.title if post.gone is None else f"[{post.gone}]"
            yield from (Line("title", "", part) for part in _wrapped(title, width))
        to = ""
        if post.depth > _DEEPEST and post.parent is not None:
            to = f" to {shown(named(by_id[post.parent]))}"
        told = " · ".join([f"{_who(post, named)}{to}", f"step {post.step}", *marks(post), told_id(post.id)])
        yield Line("head", bars, shown(told))
        text = f"{readers_words(post)} {post.text}" if gone and post.gone else readers_words(post)
        yield from (Line("body", bars, part) for part in _wrapped(text, max(20, width - len(bars))))


def _who(post: Post, named: Named) -> str:
    return NOBODY if post.gone == "deleted" else " ".join(named(post).split())


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Paragraphs broken at blanks; no line without a word but between paragraphs."""
    for paragraph in shown(text).strip().split("\n"):
        yield from wrap(paragraph, width, drop_whitespace=True, break_on_hyphens=False) or [""]


def as_text(threads: Iterable[Sequence[Post]], named: Named, width: int = 100, *, gone: bool = False) -> str:
    """Threads as plain text, an empty line and a rule between two of them."""
    made = ["\n".join((line.bars + line.text).rstrip() for line in lines(t, named, width, gone=gone)) for t in threads]
    return f"\n\n{'─' * min(width, 60)}\n\n".join(made)
