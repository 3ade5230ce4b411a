"""Design `growing`: users repost, share or pass, and a repost leads to the question whom to follow (methods.md 3B)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from simsoc.core.shelf import Strict
from simsoc.core.stream import Stream
from simsoc.core.words import Turn

from .acting import Acting, Hand
from .seeing import About, View

if TYPE_CHECKING:
    from .state import Twitter

_ROOM = 4096  # ids among which picks are drawn, at least: see `Growing.due`


class Growing:
    """One user a step reposts a post, or shares a headline with a comment, or does nothing; reposts make followers.

    A user sees a timeline (by default five newest from accounts it follows and five recommended) and ten headlines.
    After a repost it is asked whether to follow the author, unless it does. The network begins empty.
    Source: Larooij and Törnberg 2025, arXiv 2508.03385.
    """

    counts = ("reposts", "author_followers")
    """What is shown with a post."""
    asks = ("act", "comment", "follow")
    """What people are asked."""
    replies = 1

    class Spec(Strict):
        """Keys of this design."""

        pick: Annotated[int, Field(ge=1)] | None = 1
        """Users picked uniformly in each step; all see its start. The scenario's activation decides when null."""
        profile: Annotated[int, Field(ge=0, le=20)] = 5
        """Posts of an account shown with the question whether to follow it."""
        profile_shows: Literal["newest", "oldest"] = "newest"
        """Which of its posts these are; `oldest`, told as recent, is what the released code does (a fault)."""

    def __init__(self, spec: Any, world: Twitter) -> None:
        self.spec = spec
        self.world = world
        self._room = max(_ROOM, 1 << (2 * len(world.setting.people)).bit_length())

    def due(self, step: int) -> Sequence[int] | None:
        """So many users, each equally likely.

        Ids are drawn from a range that is larger than the population, and drawn again where nobody has that id: so one
        more user takes some picks, and leaves all others as they are.
        """
        if self.spec.pick is None:
            return None
        active = self.world.active()
        if len(active) <= self.spec.pick:
            return active
        there = self.world.present()
        while there.stop > self._room:
            self._room *= 2
        stream = Stream(self.world.setting.seed, "pick", step)
        picked: dict[int, None] = {}
        while len(picked) < self.spec.pick:
            agent = stream.below(self._room)
            if agent < there.stop and self.world.is_active(agent):
                picked[agent] = None
        return list(picked)

    def together(self) -> bool:
        """Several users of a step all see its start."""
        return self.spec.pick is not None and self.spec.pick > 1

    def looks(self, turn: Turn) -> bool:
        """Everybody looks at the timeline."""
        return True

    def skips(self, agent: int) -> Collection[int]:
        """What the user has reposted already."""
        return self.world.items.did("repost", agent)

    def view(self, turn: Turn) -> View:
        """The timeline without what the user has reposted already, and headlines."""
        world = self.world
        ranked = world.ranked(turn)
        return View(world, turn, world.posts(ranked, turn.agent), world.headlines(turn), ranked)

    def act(self, hand: Hand) -> Acting:
        """One of three things."""
        view = hand.view
        reposts = [f"repost {slot}" for slot in range(1, len(view.posts) + 1)]
        shares = [f"share {slot}" for slot in range(1, len(view.headlines) + 1)]
        about = About(view, options=(*reposts, *shares, "nothing"), purpose="act")
        chosen = yield from hand.ask("act", about, n_posts=len(reposts), n_headlines=len(shares))
        what, _, slot = (chosen or "nothing").partition(" ")
        if what == "share":
            yield from hand.share(int(slot))
        elif what == "repost":
            yield from self._repost(hand, int(slot))

    def _repost(self, hand: Hand, slot: int) -> Acting:
        post = hand.view.posts[slot - 1]
        if not (yield from hand.sure(About(hand.view, post))):
            return
        hand.does("repost", of=post.original, **({} if post.id == post.original else {"via": post.id}))
        author, agent = post.original[0], hand.view.at.agent
        if author >= 0 and author != agent and not self.world.setting.ties.has(agent, author):
            yield from hand.meet(post, self.spec.profile, self.spec.profile_shows == "oldest")
