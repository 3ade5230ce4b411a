"""Threads as Markdown in which no text can be anything but text, whatever is written in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .post import Post, in_tree
from .told import NOBODY, Named, marks, readers_words, shown

# What has a meaning anywhere, what has one where a line begins, and what bare addresses are known by.
_SPECIAL = re.compile(r"[\\`*_\[\]<>~|&$^@#]|^[+=-]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE | re.MULTILINE)
_NUMBERED = re.compile(r"^(\d+)([.)])", re.MULTILINE)
_INDENT = re.compile(r"^ +", re.MULTILINE)
_DEEPEST = 8  # levels of quotation; readers of Markdown give up at some depth


def escaped(text: str) -> str:
    """A text in which nothing has a meaning for Markdown: no markup, no HTML, no link, no code by indentation.

    Every character survives but those that nobody sees, which stand as their codes; blanks that begin a line become
    non-breaking.
    """
    text = _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(lambda found: f"\\{found[0]}", shown(text)))
    return _INDENT.sub(lambda found: "\u00a0" * len(found[0]), text)


def as_markdown(threads: Iterable[Sequence[Post]], named: Named, heading: str = "") -> str:
    """Threads as Markdown (CommonMark): a heading for each, replies as quotations in quotations."""
    made = [f"# {escaped(' '.join(heading.split()))}"] if heading else []
    made += ["\n".join(_thread(posts, named)) for posts in threads]
    return "\n\n".join(made) + "\n"


def _thread(posts: Sequence[Post], named: Named) -> Iterator[str]:
    by_id = {post.id: post for post in posts}
    for post in in_tree(posts):
        if post.depth == 0:
            title = post.title if post.gone is None else f"[{post.gone}]"
            yield f"## {escaped(' '.join(title.split())) or '(no title)'}"
        head = f"**{_name(post, named)}**{_to(post, by_id, named)} · {_marks(post)}"
        yield from quotation(post.depth, head, readers_words(post))


def quotation(depth: int, head: str, words: str) -> Iterator[str]:
    """The lines of a post, in so many quotations. head: the line above its words, as Markdown."""
    level = min(depth, _DEEPEST)
    quoted = "> " * level
    if level:
        yield ("> " * (level - 1)).rstrip()
    yield quoted.rstrip()
    yield f"{quoted}{head}"
    yield quoted.rstrip()
    body = escaped(words).strip("\n") if shown(words).strip() else "(empty)"
    yield from (_broken(quoted, line, last) for line, last in _with_last(body.split("\n")))


def _name(post: Post, named: Named) -> str:
    return escaped(NOBODY if post.gone == "deleted" else " ".join(named(post).split()) or NOBODY)


def _to(post: Post, by_id: dict[tuple[int, int, int], Post], named: Named) -> str:
    deep = post.depth > _DEEPEST and post.parent is not None
    return f" to {_name(by_id[post.parent], named)}" if deep else ""  # type: ignore[index]


def _marks(post: Post) -> str:
    return escaped(" · ".join([f"step {post.step}", *marks(post)]))


def _with_last(lines: list[str]) -> Iterator[tuple[str, bool]]:
    return ((line, number == len(lines) - 1 or not lines[number + 1].strip()) for number, line in enumerate(lines))


def _broken(quoted: str, line: str, last: bool) -> str:
    """A line that ends where it was ended, unless its paragraph does; an empty one parts two paragraphs."""
    if not line.strip():
        return quoted.rstrip()
    return f"{quoted}{line.rstrip(' ')}" + ("" if last else "\\")
