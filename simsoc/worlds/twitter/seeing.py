"""What somebody sees in its turn, and what of that is told in each decision: facts that prompt and rule share.

A post stands under the number of its slot; no id is ever told. A cue that is switched off (`show`), be it the made-up
name of an account, is no fact of any decision. Counts are those of the moment of looking.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream
from simsoc.core.words import Turn

from .news import Headline
from .reading import leaning, party_named

if TYPE_CHECKING:
    from .spec import Show
    from .state import Twitter

Id = tuple[int, int, int]
"""(author, step, number among the author's items of that step)."""
Later = dict[str, Callable[[Facts], Any]]


class Post(Struct, frozen=True, gc=False):
    """An item in a slot, as it was when it was looked at."""

    id: Id
    """Of the item itself: a post, or a repost of one."""
    original: Id
    """Of the post it shows."""
    text: str
    likes: int
    replies: int
    reposts: int
    followers: int
    """Of the post's author."""
    note: str | None = None
    """A fact-check note under it."""
    remark: str | None = None
    """What whoever reposted it said with it."""
    liked: bool = False
    """Whether whoever looks has liked it already."""
    answered: bool = False
    """Whether whoever looks has replied to it already."""


class Account(Struct, frozen=True):
    """Somebody whom one may follow."""

    agent: int
    followers: int
    items: tuple[str, ...] = ()
    """Texts of some of its posts."""


class View(Struct, frozen=True):
    """All that somebody sees in its turn."""

    world: Twitter
    at: Turn
    posts: tuple[Post, ...] = ()
    headlines: tuple[Headline, ...] = ()
    ranked: Any = None
    """How the posts were ranked, for the ledger."""
    sharing: bool = False
    """Whether it is to share a headline in this turn, and reads no feed (fixed design)."""


class About(Struct, frozen=True):
    """What one decision is about: the source of its facts."""

    view: View
    post: Post | None = None
    headline: Headline | None = None
    account: Account | None = None
    accounts: tuple[Account, ...] = ()
    options: tuple[str, ...] = ()
    purpose: str = ""
    memories: tuple[str, ...] = ()
    """What has come to mind."""


# -- what is told of oneself -----------------------------------------------------------------------------------------


def _persona(facts: Facts) -> str:
    view = facts.source.view
    told: str = view.world.setting.tell(view.at.agent)
    return told


def _own(facts: Facts) -> dict[str, Any]:
    """The agent's own party and side, as far as it is told who it is."""
    view = facts.source.view
    own: dict[str, Any] = view.world.stance(view.at.agent)
    return own


def _shown(facts: Facts) -> list[int]:
    """The order in which options are told."""
    about = facts.source
    world, at = about.view.world, about.view.at
    order = list(range(len(about.options)))
    if world.spec.order == "shuffled":
        Stream(at.seed, "options", about.purpose, at.agent, at.step, at.turn).shuffle(order)
    return order


# -- posts -----------------------------------------------------------------------------------------------------------


def _listing(show: Show, counts: Sequence[str]) -> Callable[[Facts], list[dict[str, Any]]]:
    """How posts are listed in a prompt."""

    def listed(facts: Facts) -> list[dict[str, Any]]:
        view = facts.source.view
        return [_told(view.world, post, show, counts, slot) for slot, post in enumerate(view.posts, start=1)]

    return listed


def _one(show: Show, counts: Sequence[str]) -> Callable[[Facts], dict[str, Any]]:
    """How the post that a decision is about is told."""
    return lambda facts: _told(facts.source.view.world, facts.source.post, show, counts)


def _told(world: Twitter, post: Post, show: Show, counts: Sequence[str], slot: int | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {} if slot is None else {"post": slot}
    author = post.original[0]
    if author < 0:
        told["by"] = "the news desk"
    else:
        if show.names:
            told["by"] = world.name(author)
        if show.party:
            told["party"] = world.label(author)
    if show.counts:
        told |= {name.replace("_", " "): getattr(post, name.rpartition("_")[2]) for name in counts}
    if post.remark:
        told["reposted with the words"] = post.remark
    told["text"] = post.text
    if post.liked or post.answered:
        told["you have"] = " and ".join(["liked it"] * post.liked + ["replied to it"] * post.answered)
    if post.note is not None:
        told["note by fact-checkers"] = post.note
    return told


def _leanings(facts: Facts) -> list[float]:
    """The side that each post's text takes."""
    return [leaning(post.text) for post in facts.source.view.posts]


def _parties(facts: Facts) -> list[str | None]:
    """The party on the label of each post."""
    world = facts.source.view.world
    return [world.label(post.original[0]) if post.original[0] >= 0 else None for post in facts.source.view.posts]


def _engagement(facts: Facts) -> list[int]:
    return [post.likes + post.replies for post in facts.source.view.posts]


def _reposts(facts: Facts) -> list[int]:
    return [post.reposts for post in facts.source.view.posts]


def _noted(facts: Facts) -> list[bool]:
    """Whether there is a note under each post."""
    return [post.note is not None for post in facts.source.view.posts]


def _done(facts: Facts) -> list[list[bool]]:
    """For each post, whether one has liked it and whether one has replied to it already."""
    return [[post.liked, post.answered] for post in facts.source.view.posts]


def _headlines(facts: Facts) -> list[dict[str, Any]]:
    return [{"number": n, **line.told()} for n, line in enumerate(facts.source.view.headlines, start=1)]


# -- accounts --------------------------------------------------------------------------------------------------------


def _account(show: Show, account: Account, world: Twitter) -> dict[str, Any]:
    told: dict[str, Any] = {"account": world.name(account.agent)} if show.names else {}
    if show.counts:
        told["followers"] = account.followers
    if show.bios:
        told["bio"] = world.bio(account.agent)
    if show.party:
        told["party"] = world.label(account.agent)
    return told | ({"posts": list(account.items)} if account.items else {})


def _party_seen(show: Show, account: Account, world: Twitter) -> str | None:
    """The party of an account as the cues tell it: its label, or what its bio names."""
    if show.party:
        return world.label(account.agent)
    parties = tuple(world.setting.worded(party) for party in world.spec.parties)
    return party_named(world.bio(account.agent), parties) if show.bios else None


def _text_side(account: Account, post: Post | None) -> float:
    """The side of an account as its texts tell it: the mean over those that are shown."""
    texts = [*account.items, *([post.text] if post is not None else [])]
    return sum(map(leaning, texts)) / len(texts) if texts else 0.0


def facts_by_purpose(show: Show, counts: Sequence[str]) -> dict[str, Later]:
    """Facts of each decision that are computed when looked at. counts: those that this design shows with a post."""
    me: Later = {"persona": _persona, "own": _own, "memories": lambda facts: list(facts.source.memories)}
    closed: Later = {"options": lambda facts: list(facts.source.options), "shown": _shown}
    posts: Later = {"posts": _listing(show, counts), "leanings": _leanings, "noted": _noted, "done": _done}
    if show.counts:
        posts |= {"engagement": _engagement, "reposts": _reposts}
    if show.party:
        posts["parties"] = _parties
    news: Later = {"headlines": _headlines}
    post: Later = {"post": _one(show, counts), "leaning": lambda facts: leaning(facts.source.post.text)}
    if show.party:
        post["party"] = lambda facts: _label(facts, facts.source.post)
    line: Later = {"headline": lambda facts: facts.source.headline.told()}
    whole: Later = {
        "account": lambda facts: _account(show, facts.source.account, facts.source.view.world),
        "side": lambda facts: _text_side(facts.source.account, facts.source.post),
        "party": lambda facts: _party_seen(show, facts.source.account, facts.source.view.world),
    }
    several: Later = {
        "accounts": lambda facts: [
            {"number": n, **_account(show, account, facts.source.view.world)}
            for n, account in enumerate(facts.source.accounts, start=1)
        ],
        "parties": lambda facts: [_party_seen(show, a, facts.source.view.world) for a in facts.source.accounts],
        "sides": lambda facts: [_text_side(account, None) for account in facts.source.accounts],
    }
    return {
        "act": me | closed | posts | news,
        "mode": me | closed,
        "headline": me | closed | news,
        "comment": me | line,
        "react": me | posts,
        "reply": me | post,
        "follow": me | closed | whole | {"post": _one(show, counts)},
        "suggest": me | closed | several,
        "unfollow": me | closed | several,
        "confirm": me | closed | {"text": lambda facts: _shared_text(facts.source)},
    }


def _label(facts: Facts, post: Post) -> str | None:
    found: str | None = facts.source.view.world.label(post.original[0]) if post.original[0] >= 0 else None
    return found


def _shared_text(about: About) -> str:
    """What somebody is about to share."""
    if about.headline is not None:
        return about.headline.headline
    assert about.post is not None
    return about.post.text
