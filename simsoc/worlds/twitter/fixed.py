"""Design `fixed`: people who share headlines, or read a feed and react to it, on ties that stay (methods.md 3A)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from simsoc.core.shelf import Strict
from simsoc.core.stream import draw
from simsoc.core.words import Turn

from .acting import Acting, Hand
from .seeing import About, View

if TYPE_CHECKING:
    from .state import Twitter


class Fixed:
    """Somebody active either shares one headline with a comment, or is shown a feed and likes and replies to posts.

    Who is active is the scenario's `activation`; ties change only where accounts are suggested or unfollowing is asked.
    Source: Törnberg, Valeeva, Uitermark, Bail 2023, arXiv 2310.05984 (loop reconstructed; counts are settings).
    """

    counts = ("likes", "replies")
    """What is shown with a post."""
    asks = ("mode", "headline", "comment", "react", "reply")
    """What people are asked."""

    class Spec(Strict):
        """Keys of this design."""

        share: Annotated[float, Field(ge=0, le=1)] | None = 0.3
        """Probability that a turn is for sharing, drawn for each turn; people are asked which when null."""
        replies: Annotated[int, Field(ge=1, le=10)] = 1
        """Most posts replied to in a turn."""

    def __init__(self, spec: Any, world: Twitter) -> None:
        self.spec = spec
        self.world = world
        self.replies = spec.replies

    def due(self, step: int) -> Sequence[int] | None:
        """Left to the scenario's activation."""
        return None

    def together(self) -> bool:
        """Not by itself."""
        return False

    def looks(self, turn: Turn) -> bool:
        """Whether somebody looks at the feed: not where chance has it that a headline is shared."""
        share = self.spec.share
        return share is None or draw(turn.seed, "mode", turn.agent, turn.step, turn.turn) >= share

    def skips(self, agent: int) -> Collection[int]:
        """Nothing."""
        return ()

    def view(self, turn: Turn) -> View:
        """Headlines, or the feed, or both where people choose."""
        world, looks = self.world, self.looks(turn)
        headlines = world.headlines(turn) if not looks or self.spec.share is None else ()
        if not looks:
            return View(world, turn, (), headlines, None, True)
        ranked = world.ranked(turn)
        return View(world, turn, world.posts(ranked, turn.agent), headlines, ranked)

    def act(self, hand: Hand) -> Acting:
        """Share or browse."""
        view = hand.view
        sharing = view.sharing
        if self.spec.share is None:
            if view.headlines and view.posts:
                about = About(view, options=("share", "browse"), purpose="mode")
                chosen = yield from hand.ask("mode", about)
                if chosen is None:
                    return  # no answer is no choice
                sharing = chosen == "share"
            else:
                sharing = bool(view.headlines)
        if sharing:
            yield from self._share(hand)
        elif view.posts:
            yield from self._browse(hand)

    def _share(self, hand: Hand) -> Acting:
        view = hand.view
        if not view.headlines:
            return
        options = tuple(map(str, range(1, len(view.headlines) + 1)))
        about = About(view, options=options, purpose="headline")
        slot = yield from hand.ask("headline", about, n_headlines=len(options))
        if slot is not None:
            yield from hand.share(int(slot))

    def _browse(self, hand: Hand) -> Acting:
        view, n = hand.view, len(hand.view.posts)
        found = yield from hand.ask("react", About(view), n_posts=n, most_replies=self.replies)
        for slot in () if found is None else found["like"]:
            if slot <= n:
                hand.does("like", of=view.posts[slot - 1].original)
            else:
                hand.does("invalid", of="react", why="unknown", slot=slot)
        for slot in () if found is None else found["reply"]:
            if slot <= n:
                yield from hand.respond(view.posts[slot - 1])
            else:
                hand.does("invalid", of="react", why="unknown", slot=slot)
