"""What people are asked here, and what they do about it: decisions, and the parts of a turn that both designs share.

A deed is what somebody means to do, as (kind, content). `Twitter.apply` looks whether it can be done; what cannot is an
event `invalid` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from msgspec.structs import replace
from pydantic import BaseModel, Field, create_model

from simsoc.core.answers import Choice, Form, Record, Words
from simsoc.core.facts import Facts
from simsoc.core.words import Answer, Ask, ChoiceMode, Decision, Reply, Rule, Shown, Suggested

from .seeing import About, Account, Later, Post, View

if TYPE_CHECKING:
    from simsoc.scenario.spec import Part

    from .state import Twitter

Deed = tuple[str, dict[str, Any]]
Deeds = list[Deed]
Acting = Generator[Ask, Reply, None]
YES_NO = ("yes", "no")
_LONGEST = 600


@lru_cache(maxsize=64)
def reaction(size: int, replies: int) -> type[BaseModel]:
    """Slots that are liked and replied to, of a feed of this size."""
    slot = Annotated[int, Field(ge=1, le=max(size, 1))]
    return create_model(
        "Reaction",
        like=(Annotated[list[slot], Field(max_length=max(size, 1))], ...),
        reply=(Annotated[list[slot], Field(max_length=max(replies, 1))], ...),
    )


def forms(size: int, replies: int) -> dict[str, Form]:
    """The answer of each decision. size: slots of a feed; replies: most of them replied to in a turn."""
    return {
        "act": Choice(),
        "mode": Choice(("share", "browse")),
        "headline": Choice(),
        "comment": Words(_LONGEST),
        "react": Record(reaction(size, replies)),
        "reply": Words(_LONGEST),
        "follow": Choice(YES_NO),
        "suggest": Choice(),
        "unfollow": Choice(),
        "confirm": Choice(YES_NO),
    }


def decisions(
    names: Sequence[str], answers: Mapping[str, Form], family: Any, rule: Part, choice: ChoiceMode
) -> dict[str, Decision]:
    """Decisions by purpose, each with the rule of its name in a family (a class on the shelf `twitter_rules`)."""
    return {
        name: Decision(
            name,
            f"twitter/{name}",
            answers[name],
            Rule(f"{rule.kind}.{name}", getattr(family, name), {"given": rule.given}),
            choice,
        )
        for name in names
    }


class Hand:
    """Somebody at its turn: asks are put here, and what it means to do is gathered."""

    def __init__(self, world: Twitter, view: View, memories: Sequence[str] = ()) -> None:
        self.world = world
        self.view = view
        self.memories = tuple(memories)
        """What has come to its mind."""
        self.deeds: Deeds = []
        self.shown: list[Shown] = []
        """What it was shown besides its feed, for the ledger."""
        self.suggested: Suggested | None = None
        """Accounts that were suggested to it, for the log."""
        self._draws: dict[str, int] = {}

    def does(self, kind: str, **content: Any) -> None:
        """One thing more that it means to do."""
        self.deeds.append((kind, content))

    def ask(self, purpose: str, about: About, **given: Any) -> Generator[Ask, Reply, Any]:
        """The answer's value; None where there was none, which is a deed of its own (`silent`)."""
        answer = yield from self._answer(purpose, about, given)
        return None if answer is None else answer.value

    def _answer(self, purpose: str, about: About, given: dict[str, Any]) -> Generator[Ask, Reply, Answer | None]:
        draw = self._draws.get(purpose, 0)
        self._draws[purpose] = draw + 1
        at = self.view.at
        later: Later = self.world.later[purpose]
        facts = Facts(given, later, replace(about, memories=self.memories) if self.memories else about)
        reply = yield Ask(at.seed, at.agent, at.step, at.turn, draw, self.world.decision(purpose), facts, purpose)
        if isinstance(reply, Answer):
            return reply
        self.does("silent", of=purpose, reason=reply.reason)
        return None

    # -- parts of a turn -----------------------------------------------------------------------------------------

    def write(self, purpose: str, about: About) -> Generator[Ask, Reply, dict[str, Any] | None]:
        """A text, marked where a rule composed it; None where there was none."""
        answer = yield from self._answer(purpose, about, {})
        if answer is None:
            return None
        composed = self.world.decision(purpose).by_rule(answer)
        return {"text": answer.value, **({"synthetic": True} if composed else {})}

    def sure(self, about: About) -> Generator[Ask, Reply, bool]:
        """Whether somebody still wants to share, where an extra question is asked first."""
        kind = self.world.spec.friction
        if kind == "none":
            return True
        asked = About(self.view, about.post, about.headline, options=YES_NO, purpose="confirm")
        answer = yield from self.ask("confirm", asked, friction=kind)
        if answer == "no":
            self.does("refrain")
        return bool(answer == "yes")

    def share(self, slot: int) -> Acting:
        """A headline with a comment."""
        about = About(self.view, headline=self.view.headlines[slot - 1])
        assert about.headline is not None
        if not (yield from self.sure(about)):
            return
        wrote = yield from self.write("comment", about)
        if wrote is not None:
            self.does("post", headline=about.headline.number, **wrote)

    def respond(self, post: Post) -> Acting:
        """A reply."""
        wrote = yield from self.write("reply", About(self.view, post))
        if wrote is not None:
            self.does("reply", to=post.original, **wrote)

    def meet(self, post: Post, most: int, oldest: bool) -> Acting:
        """Whether to follow whoever wrote a post. most: posts of its that are shown; oldest: which."""
        account, ids = self.world.account(post.original[0], most, oldest)
        if ids:
            self.shown.append(Shown(ids, "profile"))
        about = About(self.view, post, account=account, options=YES_NO, purpose="follow")
        if (yield from self.ask("follow", about, items=len(account.items))) == "yes":
            self.does("follow", whom=account.agent, after=post.original)

    def be_suggested(self, told: Suggested) -> Acting:
        """One of some accounts may be followed."""
        if told.agents:
            self.suggested = told
            chosen = yield from self._one_of("suggest", [self.world.account(agent)[0] for agent in told.agents])
            if chosen is not None:
                self.does("follow", whom=chosen.agent)

    def weed(self) -> Acting:
        """One of those whose posts were seen and who are followed may be unfollowed."""
        agent, ties = self.view.at.agent, self.world.setting.ties
        authors = dict.fromkeys(post.original[0] for post in self.view.posts)
        followed = [a for a in authors if a >= 0 and ties.has(agent, a)]
        if followed:
            chosen = yield from self._one_of("unfollow", [self.world.account(a)[0] for a in followed])
            if chosen is not None:
                self.does("unfollow", whom=chosen.agent)

    def _one_of(self, purpose: str, accounts: Sequence[Account]) -> Generator[Ask, Reply, Account | None]:
        options = (*map(str, range(1, len(accounts) + 1)), "none")
        about = About(self.view, accounts=tuple(accounts), options=options, purpose=purpose)
        answer = yield from self.ask(purpose, about)
        return None if answer in (None, "none") else accounts[int(answer) - 1]
