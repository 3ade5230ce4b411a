"""Posts in the JSON of Reddit: pages of listings, and the line-by-line form of its dumps, for tools that read those.

Ids are numbers in base 36, made of (author, step, n) and nothing else, so that one more post changes no other's id.
Times are made of steps, never of the clock: an hour a step, and a second for each earlier post of the thread. What
Reddit has no place for stands under a key `simsoc`, which other tools skip and `reading` reads back.
Source: the API's listings (kinds t1, t3, Listing) and the fields of the Pushshift dumps, Baumgartner et al. 2020,
arXiv 2001.08435.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from math import isqrt
from typing import Any, NamedTuple

from .post import Id, Post, whole_threads
from .told import NOBODY, Named

BEGINS = 1_577_836_800
"""Step 0: the start of 2020, in seconds since 1970."""
STEP = 3600
"""Seconds in a step."""
_DEEPEST = 100
"""Levels that are nested; deeper replies stand beside what they answer, as their parent_id says: JSON has no end of
depth, those who read it do."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Place(NamedTuple):
    """Where posts stand: the community, and what writers are called."""

    community: str
    """With or without `r/`."""
    named: Named

    @property
    def subreddit(self) -> str:
        """The community as part of an address."""
        return re.sub(r"\W+", "_", self.community.removeprefix("r/")).strip("_") or "community"


def pages(posts: Sequence[Post], place: Place) -> list[list[dict[str, Any]]]:
    """A page for each thread, as Reddit gives them: a listing of its post, and one of its replies, nested."""
    return [_page(thread, place) for thread in whole_threads(posts).values()]


def _page(thread: Sequence[Post], place: Place) -> list[dict[str, Any]]:
    below: dict[Id, list[dict[str, Any]]] = {}
    within: dict[Id, Id] = {}
    written: dict[Id, dict[str, Any]] = {}
    for number, post in enumerate(thread[1:], start=1):
        assert post.parent is not None
        within[post.id] = post.parent if post.depth <= _DEEPEST else within[post.parent]
        written[post.id] = _data(post, number, thread, place) | {"depth": post.depth - 1, "replies": ""}
        below.setdefault(within[post.id], []).append({"kind": "t1", "data": written[post.id]})
    opening = thread[0]
    for item, replies in below.items():
        if item != opening.id:
            written[item]["replies"] = _listing(replies)
    first = {"kind": "t3", "data": _data(opening, 0, thread, place)}
    return [_listing([first]), _listing(below.get(opening.id, []))]


def _listing(children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": None, "before": None, "dist": None, "children": children}}


def dump(posts: Sequence[Post], place: Place) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Submissions and comments as the dumps have them, one mapping each, by time."""
    made: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    for thread in whole_threads(posts).values():
        for number, post in enumerate(thread):
            made[min(post.depth, 1)].append(_data(post, number, thread, place))
    for rows in made:
        rows.sort(key=lambda row: row["created_utc"])
    return made


def as_lines(rows: Sequence[Any]) -> str:
    """Each on a line of its own."""
    return "".join(f"{as_json(row)}\n" for row in rows)


def as_list(rows: Sequence[Any]) -> str:
    """The same as one list."""
    return "[\n" + ",\n".join(map(as_json, rows)) + "\n]\n"


def as_json(value: Any) -> str:
    """JSON on one line, whoever counts lines; halves of surrogate pairs, which no file holds, stand as escapes."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")


# -- one post --------------------------------------------------------------------------------------------------------


def kind(post: Post) -> str:
    """t3 for an opening post, t1 for a reply."""
    return "t1" if post.depth else "t3"


def _data(post: Post, number: int, thread: Sequence[Post], place: Place) -> dict[str, Any]:
    opening = thread[0]
    own = base36(post.id)
    written = BEGINS + STEP * post.step + min(number, STEP - 1)
    name = NOBODY if post.gone == "deleted" else "_".join(place.named(post).split())
    made = {
        "id": own,
        "name": f"{kind(post)}_{own}",
        "author": name,
        "author_fullname": None if post.gone == "deleted" or post.author < 0 else f"t2_{_digits(post.author)}",
        "subreddit": place.subreddit,
        "subreddit_name_prefixed": f"r/{place.subreddit}",
        "created_utc": written,
        "created": written,
        "score": post.score,
        "ups": post.own + post.up,
        "downs": post.down,
        "edited": post.edited,
        "stickied": post.pinned,
        "distinguished": None,
        "permalink": f"/r/{place.subreddit}/comments/{base36(opening.id)}/_/{own if post.depth else ''}",
        "simsoc": _rest(post, number),
    }
    words = post.text if post.gone is None else f"[{post.gone}]"
    if post.depth:
        assert post.parent is not None
        above = ("t3" if post.parent == opening.id else "t1") + f"_{base36(post.parent)}"
        return {**made, "body": words, "parent_id": above, "link_id": f"t3_{base36(opening.id)}"}
    gone = {"removed": "moderator", "deleted": "deleted"}.get(post.gone or "")
    more = {"is_self": True, "num_comments": len(thread) - 1, "removed_by_category": gone, "url": made["permalink"]}
    title = post.title if post.gone is None else f"[{post.gone} by {gone}]"
    return {**made, "title": title, "selftext": words, "upvote_ratio": _ratio(post), **more}


def _ratio(post: Post) -> float:
    votes = post.own + post.up + post.down
    return round((post.own + post.up) / votes, 2) if votes > 0 else 1.0


def _rest(post: Post, number: int) -> dict[str, Any]:
    """What Reddit has no place for; nothing that it has."""
    made: dict[str, Any] = {"id": list(post.id), "place": number, "own": post.own, "by": post.by}
    made |= {"gone": post.gone, "text": post.text, "title": post.title} if post.gone is not None else {}
    made |= {"labels": list(post.labels)} if post.labels else {}
    made |= {"synthetic": True} if post.synthetic else {}
    return made


# -- ids -------------------------------------------------------------------------------------------------------------


def base36(item: Id) -> str:
    """An id in base 36, different for different (author, step, n)."""
    author, step, n = item
    return _digits(_paired(_paired(author + 1, step), _zigzag(n)))


def from_base36(text: str) -> Id:
    """The id behind it. Raises ValueError."""
    both, n = _apart(int(text, 36))
    author, step = _apart(both)
    return author - 1, step, n // 2 if n % 2 == 0 else -(n + 1) // 2


def _digits(number: int) -> str:
    found = ""
    while number or not found:
        number, digit = divmod(number, 36)
        found = _DIGITS[digit] + found
    return found


def _zigzag(n: int) -> int:
    """0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ..."""
    return 2 * n if n >= 0 else -2 * n - 1


def _paired(a: int, b: int) -> int:
    """Two numbers as one, and back: the elegant pairing of Szudzik 2006."""
    return a * a + a + b if a >= b else b * b + a


def _apart(number: int) -> tuple[int, int]:
    root = isqrt(number)
    rest = number - root * root
    return (root, rest - root) if rest >= root else (rest, root)
