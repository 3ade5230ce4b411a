"""Threads read from files in the JSON of Reddit or of its dumps: real ones, and those that `listing` has written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, nan
from pathlib import Path
from typing import Any, NamedTuple

from simsoc.core.errors import Problem, ScenarioError

from .post import Id, Post, whole_threads

_LARGEST = 512 * 1024 * 1024  # bytes of a file that is read whole
_GONE = {"[removed]": "removed", "[deleted]": "deleted"}


class _Thing(NamedTuple):
    """A post or reply as it stands in a file."""

    name: str
    """With its kind, t1_ or t3_."""
    parent: str | None
    data: Mapping[str, Any]
    where: str
    number: int
    """Its place in the file."""


class _Wrong(Exception):
    """What is wrong, and where in the file."""

    def __init__(self, where: str, told: str) -> None:
        self.where, self.told = where, told


def read(path: str | Path, *, named: bool = False) -> list[Post]:
    """The threads of a file, in order of writing; each post before its replies.

    A page of a thread as Reddit gives it (`.../comments/ID.json`), a list of pages, one listing, or a dump: a mapping
    for each post or reply, a line each or in a list. Posts of a simulation keep their ids. Others get (-1, 0, -k): they
    were written before any run began, by people who are in none (`Post.by`). Votes become a score to start with.
    What stands for more replies than a page holds is left out, and so are replies to what is not in the file. named:
    whether members of a simulation bear the names they have in the file, too (`Post.by`).

    Raises ScenarioError, naming the file and the place in it.
    """
    file = Path(path)
    try:
        if file.stat().st_size > _LARGEST:
            raise ScenarioError([Problem(str(file), "", "the file is larger than 512 MB; take fewer threads")])
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScenarioError([Problem(str(file), "", f"the file is not UTF-8 text ({error.reason})")]) from None
    except OSError as error:
        told = f"the threads cannot be read: {error.strerror or error}"
        raise ScenarioError([Problem(str(file), "", told)]) from None
    return loads(text, str(file), named=named)


def loads(text: str, name: str = "threads", *, named: bool = False) -> list[Post]:
    """The same from a text. name: what the file is called in messages."""
    try:
        posts = _posts(list(_things(text)), named)
    except _Wrong as wrong:
        raise ScenarioError([Problem(name, wrong.where, wrong.told)]) from None
    except RecursionError:
        raise ScenarioError([Problem(name, "", "the JSON is nested too deeply")]) from None
    if not posts:
        raise ScenarioError([Problem(name, "", "there is no post in it")])
    return posts


# -- from text to things ---------------------------------------------------------------------------------------------


def _things(text: str) -> Iterator[_Thing]:
    numbers = iter(range(len(text) + 1))
    if not text.strip():
        return
    try:
        whole = json.loads(text)
    except ValueError as error:
        if "Extra data" not in str(error):
            raise _Wrong("", f"not JSON: {error}") from None
        for line, written in enumerate(text.split("\n"), start=1):
            if written.strip():
                yield from _walk(_line(line, written), f"line {line}", None, numbers)
        return
    yield from _walk(whole, "", None, numbers)


def _line(number: int, written: str) -> Any:
    try:
        return json.loads(written)
    except ValueError as error:
        raise _Wrong(f"line {number}", f"not JSON: {error}") from None


def _walk(found: Any, where: str, kind: str | None, numbers: Iterator[int]) -> Iterator[_Thing]:
    """Everything in it that is a post or a reply; iterative, since threads may be deep."""
    waiting: list[tuple[Any, str, str | None]] = [(found, where, kind)]
    while waiting:
        found, where, kind = waiting.pop()
        if isinstance(found, list):
            waiting += [(item, f"{where}[{n}]", None) for n, item in enumerate(found)][::-1]
        elif not isinstance(found, dict):
            raise _Wrong(where, f"a listing, a post or a reply is expected (got {_short(found)})")
        elif found.get("kind") == "Listing":
            children = _mapping(found, where, "data").get("children")
            waiting.append((children if isinstance(children, list) else [], f"{where}.data.children", None))
        elif found.get("kind") == "more":
            continue
        elif found.get("kind") in ("t1", "t3"):
            waiting.append((_mapping(found, where, "data"), f"{where}.data", found["kind"]))
        else:
            thing = _thing(found, where, kind, next(numbers))
            yield thing
            if found.get("replies"):
                waiting.append((found["replies"], f"{where}.replies", None))


def _thing(data: Mapping[str, Any], where: str, kind: str | None, number: int) -> _Thing:
    kind = kind or ("t1" if "body" in data or "parent_id" in data else "t3" if "title" in data else None)
    if kind is None:
        raise _Wrong(where, "neither a post (title) nor a reply (body, parent_id)")
    own = _text(data, where, "id").removeprefix(f"{kind}_")
    parent = None
    if kind == "t1":
        parent = _text(data, where, "parent_id")
        if not parent.startswith(("t1_", "t3_")):
            raise _Wrong(f"{where}.parent_id", f"t1_... or t3_... is expected (got {_short(parent)})")
    return _Thing(f"{kind}_{own}", parent, data, where, number)


def _mapping(found: Mapping[str, Any], where: str, key: str) -> Mapping[str, Any]:
    inner = found.get(key)
    if not isinstance(inner, dict):
        raise _Wrong(f"{where}.{key}", f"a mapping is expected (got {_short(inner)})")
    return inner


def _text(data: Mapping[str, Any], where: str, key: str, default: str | None = None) -> str:
    value = data.get(key, default)
    if value is None and default is not None:
        value = default
    if not isinstance(value, str):
        raise _Wrong(f"{where}.{key}", f"text is expected (got {_short(value)})")
    return value


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


# -- from things to posts --------------------------------------------------------------------------------------------


def _posts(things: Sequence[_Thing], named: bool) -> list[Post]:
    by_name: dict[str, _Thing] = {}
    for thing in things:
        if thing.name in by_name:
            raise _Wrong(f"{thing.where}.id", f"{thing.name} is there twice")
        by_name[thing.name] = thing
    ordered = _in_order([t for t in things if _rooted(t, by_name)], by_name)
    made: dict[str, Post] = {}
    ids: set[Id] = set()
    for place, thing in enumerate(ordered):
        post = _post(thing, place, None if thing.parent is None else made[thing.parent], named)
        if post.id in ids:
            raise _Wrong(f"{thing.where}.simsoc.id", f"{list(post.id)} is there twice")
        ids.add(post.id)
        made[thing.name] = post
    return [post for posts in whole_threads(made.values()).values() for post in posts]


def _rooted(thing: _Thing, by_name: Mapping[str, _Thing]) -> bool:
    """Whether everything above it is in the file."""
    seen = set()
    while thing.parent is not None:
        if thing.name in seen:
            raise _Wrong(f"{thing.where}.parent_id", f"{thing.name} is a reply to itself")
        seen.add(thing.name)
        above = by_name.get(thing.parent)
        if above is None:
            return False
        thing = above
    return True


def _in_order(things: Sequence[_Thing], by_name: Mapping[str, _Thing]) -> list[_Thing]:
    """By time and then as they stand in the file, no reply before what it answers."""
    depth: dict[str, int] = {}
    times: dict[str, tuple[float, float]] = {}
    for thing in things:
        chain = []
        at: _Thing | None = thing
        while at is not None and at.name not in depth:
            chain.append(at)
            at = by_name[at.parent] if at.parent is not None else None
        for one in reversed(chain):
            above = one.parent
            depth[one.name] = 0 if above is None else depth[above] + 1
            own = (_time(one), _place(one))
            times[one.name] = own if above is None else max(own, times[above])
    return sorted(things, key=lambda one: (*times[one.name], depth[one.name], one.number))


def _time(thing: _Thing) -> float:
    when = thing.data.get("created_utc", thing.data.get("created", 0))
    try:
        seconds = float(when or 0)
    except (TypeError, ValueError, OverflowError):
        seconds = nan
    if not isfinite(seconds):
        raise _Wrong(f"{thing.where}.created_utc", f"a time in seconds is expected (got {_short(when)})")
    return seconds


def _place(thing: _Thing) -> float:
    place = _ours(thing).get("place", 0)
    return place if isinstance(place, int) else 0


def _ours(thing: _Thing) -> Mapping[str, Any]:
    ours = thing.data.get("simsoc")
    return ours if isinstance(ours, dict) else {}


def _post(thing: _Thing, place: int, parent: Post | None, named: bool) -> Post:
    data, ours, where = thing.data, _ours(thing), thing.where
    own = _id(ours, where) if ours else (-1, 0, -(place + 1))
    words = {"text": _words(data, where, "body" if parent is not None else "selftext", bool(ours)), "title": ""}
    if parent is None:
        words["title"] = _words(data, where, "title", bool(ours))
    gone = _GONE.get(words["text"].strip())
    if ours:
        gone = ours.get("gone") if ours.get("gone") in _GONE.values() else None
        words |= {key: ours[key] for key in words if isinstance(ours.get(key), str)} if gone else {}
    by = _text(ours, where, "by", "") if ours and not named else _text(data, where, "author", "")
    return Post(
        own,
        own if parent is None else parent.thread,
        None if parent is None else parent.id,
        0 if parent is None else parent.depth + 1,
        words["text"],
        words["title"],
        **_votes(thing, ours),
        gone=gone,
        edited=bool(data.get("edited")),
        pinned=bool(data.get("stickied")),
        labels=tuple(map(str, ours.get("labels") or ())),
        synthetic=bool(ours.get("synthetic")),
        by="" if by in _GONE else by,
    )


def _votes(thing: _Thing, ours: Mapping[str, Any]) -> dict[str, int]:
    """As they were counted in a run; of others, the score alone is known."""
    score = _whole(thing, "score", 1)
    if not ours:
        return {"own": score}
    own = ours.get("own", 0) if isinstance(ours.get("own"), int) else 0
    return {"own": own, "up": _whole(thing, "ups", own) - own, "down": _whole(thing, "downs", 0)}


def _whole(thing: _Thing, key: str, default: int) -> int:
    value = thing.data.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value != int(value):
        raise _Wrong(f"{thing.where}.{key}", f"a whole number is expected (got {_short(value)})")
    return int(value)


def _words(data: Mapping[str, Any], where: str, key: str, ours: bool) -> str:
    """A text; Reddit writes three characters of it as HTML does, simulations do not."""
    text = _text(data, where, key, "" if key == "selftext" else None)
    return text if ours else text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _id(ours: Mapping[str, Any], where: str) -> Id:
    found = ours.get("id")
    if not (isinstance(found, list) and len(found) == 3 and all(type(part) is int for part in found)):
        raise _Wrong(f"{where}.simsoc.id", f"[author, step, n] is expected (got {_short(found)})")
    author, step, n = found
    if author < -1 or step < 0:
        raise _Wrong(f"{where}.simsoc.id", f"no post has the id {found}")
    return author, step, n
