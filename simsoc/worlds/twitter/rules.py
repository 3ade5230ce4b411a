"""How people decide when no model is asked: one family of rules each, a static method for each decision.

Every method is ``rule(facts, stream, *, given)``: `given` are the family's keys in the scenario file. Sides run from -1
(left) to 1 (right); ``facts["own"]`` has the agent's `party` and `partisan`, as far as it is told who it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

from simsoc.core.facts import Facts
from simsoc.core.shelf import Strict
from simsoc.core.stream import Stream

from . import writing

Probability = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=1e-6, le=1e6)]
_MILD = 1 / 6
"""A text that leans less than this takes no side."""


class BlindSpec(Strict):
    """Keys of the content-blind rules."""

    repost: Probability = 0.4
    """Probability of a repost, where there is a post (growing design)."""
    post: Probability = 0.2
    """Probability of sharing a headline (growing design)."""
    follow: Probability = 0.5
    """Probability of following whom one has reposted, or one of those suggested."""
    share: Probability = 0.5
    """Probability of sharing a headline rather than reading (fixed design, where people are asked)."""
    like: Probability = 0.3
    """Probability of liking a post (fixed design)."""
    reply: Probability = 0.05
    """Probability of replying to a post (fixed design)."""
    unfollow: Probability = 0.0
    """Probability of unfollowing somebody, where that is asked."""
    sure: Probability = 0.8
    """Probability of sharing all the same, where an extra question is asked first."""
    hostile: Probability = 0.1
    """Probability that a text is hostile."""

    @model_validator(mode="after")
    def _at_most_one(self) -> BlindSpec:
        if self.repost + self.post > 1 + 1e-9:
            raise ValueError("repost and post together must not be above 1")
        return self


class Blind:
    """Nobody looks at what is written or by whom: the null policy of the feed alone (methods.md 3.3).

    With the keys at their defaults, the attention inequality of the growing design is that of the feed and of following
    what was reposted, and nothing else. Source: design of simsoc beside Larooij and Törnberg 2025, arXiv 2508.03385.
    """

    Spec = BlindSpec

    @staticmethod
    def act(facts: Facts, stream: Stream, *, given: BlindSpec) -> str:
        """A repost or a share, of any, or nothing."""
        return _act(given, stream, [1.0] * facts["n_posts"], facts["n_headlines"])

    @staticmethod
    def mode(facts: Facts, stream: Stream, *, given: BlindSpec) -> str:
        """Share or browse."""
        return "share" if stream.random() < given.share else "browse"

    @staticmethod
    def headline(facts: Facts, stream: Stream, *, given: BlindSpec) -> str:
        """Any."""
        options: list[str] = facts["options"]
        return stream.choose(options)

    @staticmethod
    def comment(facts: Facts, stream: Stream, *, given: BlindSpec) -> str:
        """From the grammar, on the side the writer is on."""
        hostile = stream.random() < given.hostile
        return writing.comment(facts["headline"]["headline"], _side(facts, stream), hostile, stream)

    @staticmethod
    def react(facts: Facts, stream: Stream, *, given: BlindSpec) -> dict[str, list[int]]:
        """Each post by the same chance."""
        n = facts["n_posts"]
        return _react(facts, stream, [given.like] * n, [given.reply] * n)

    @staticmethod
    def reply(facts: Facts, stream: Stream, *, given: BlindSpec) -> str:
        """From the grammar, on the side the writer is on."""
        hostile = stream.random() < given.hostile
        return writing.reply(stream.random() < 0.5, _side(facts, stream), hostile, stream)

    @staticmethod
    def follow(facts: Facts, stream: Stream, *, given: BlindSpec) -> str:
        """By chance."""
        return "yes" if stream.random() < given.follow else "no"

    @staticmethod
    def suggest(facts: Facts, stream: Stream, *, given: BlindSpec) -> str:
        """Any of those suggested, or nobody."""
        return _one_or_none(stream, [1.0] * (len(facts["options"]) - 1), given.follow)

    @staticmethod
    def unfollow(facts: Facts, stream: Stream, *, given: BlindSpec) -> str:
        """Any of those seen, or nobody."""
        return _one_or_none(stream, [1.0] * (len(facts["options"]) - 1), given.unfollow)

    @staticmethod
    def confirm(facts: Facts, stream: Stream, *, given: BlindSpec) -> str:
        """By chance."""
        return "yes" if stream.random() < given.sure else "no"


class PartisanSpec(BlindSpec):
    """Keys of the rules that look at sides."""

    post: Probability = 0.5
    """Probability of sharing a headline (growing design)."""
    follow: Probability = 0.8
    """Probability of following somebody of the own side whom one has reposted, or who is suggested."""
    other: Probability = 0.06
    """Probability of following somebody of another side."""
    unknown: Probability | None = 0.12
    """Probability of following where no cue tells the side; halfway between `follow` and `other` when null."""
    taste: Annotated[float, Field(ge=0, le=1)] = 0.12
    """Weight of a post that takes another side, when one is picked to repost; 1 ignores sides (growing design)."""
    popular: Annotated[float, Field(ge=0, le=3)] = 0.0
    """How much seen reposts attract: the weight of a post is (1 + reposts) to this power (growing design)."""
    loud: Annotated[float, Field(ge=0, le=20)] = 0.5
    """How much a text that takes a side attracts: its weight grows by this times how far it leans (growing design)."""
    like: Probability = 0.2
    """Probability of liking a post that is as far on one's own side as can be (fixed design)."""
    like_mild: Share = 0.5
    """Chance of liking a post that takes no side, as a share of `like`."""
    like_opposed: Share = 0.002
    """Chance of liking a post that is as far on the other side as can be, as a share of `like`."""
    reply: Probability = 0.06
    """Probability of replying to a post that is as far on one's own side as can be, of the own party (fixed design)."""
    reply_mild: Share = 0.25
    """Chance of replying to a post that takes no side, as a share of `reply`."""
    reply_opposed: Share = 0.01
    """Chance of replying to a post that is as far on the other side as can be, as a share of `reply`."""
    across: Annotated[float, Field(ge=0, le=50)] = 4.0
    """How many times as readily one replies to a post on whose label stands another party."""
    crowd: Annotated[float, Field(ge=0, le=3)] = 0.0
    """How much seen likes and replies attract: chances grow with (1 + likes + replies) to this power (fixed design)."""
    doubt: Probability = 0.6
    """How much a fact-check note takes from the chance that a post is reposted, liked, or shared after a pause."""
    hostile: Probability = 1.0
    """Probability that a reply to a text wholly against one's own side is hostile; less, the nearer it is."""
    angry: Probability = 0.07
    """Probability that any other text is hostile."""


class Partisan:
    """People like, reply to, repost and follow by side: labels where they are shown, else bios, else what is written.

    An account's or post's side is the party on its label, the party its bio names, or the side its text takes (counting
    words), whichever is the first to be seen. Defaults are fitted by hand to the published tables of Törnberg et al.
    2023, arXiv 2310.05984, and Larooij and Törnberg 2025, arXiv 2508.03385; the scenarios `three_feeds` and
    `feed_interventions` say what they do not reach.
    """

    Spec = PartisanSpec

    @staticmethod
    def act(facts: Facts, stream: Stream, *, given: PartisanSpec) -> str:
        """As content-blind people do, but the post is picked by side, by its reposts where seen, and by its tone."""
        n = facts["n_posts"]
        same = _matches(facts, n)
        reposts = facts["reposts"] if facts.has("reposts") else [0] * n
        weights = [
            (given.taste if same[i] < 0 else 1.0)
            * (1 + reposts[i]) ** given.popular
            * (1 + given.loud * abs(facts["leanings"][i]))
            * (1 - given.doubt if facts["noted"][i] else 1.0)
            for i in range(n)
        ]
        return _act(given, stream, weights, facts["n_headlines"])

    mode = staticmethod(Blind.mode)
    headline = staticmethod(Blind.headline)
    confirm = staticmethod(Blind.confirm)

    @staticmethod
    def comment(facts: Facts, stream: Stream, *, given: PartisanSpec) -> str:
        """From the grammar, on the side the writer is on."""
        hostile = stream.random() < given.angry
        return writing.comment(facts["headline"]["headline"], _side(facts, stream), hostile, stream)

    @staticmethod
    def react(facts: Facts, stream: Stream, *, given: PartisanSpec) -> dict[str, list[int]]:
        """Chances by how far each post is from one's own side, by its label, and by how many reacted before."""
        n, own = facts["n_posts"], _own_side(facts)
        leanings, noted = facts["leanings"], facts["noted"]
        engagement = facts["engagement"] if facts.has("engagement") else [0] * n
        labels = facts["parties"] if facts.has("parties") else [None] * n
        party = facts["own"].get("party")
        like, reply = [], []
        for i in range(n):
            near = own * leanings[i]
            crowd = (1 + engagement[i]) ** given.crowd
            across = given.across if labels[i] is not None and labels[i] != party else 1.0
            likely = given.like * crowd * (1 - given.doubt * noted[i])
            like.append(likely * _by_side(near, given.like_mild, given.like_opposed))
            reply.append(given.reply * crowd * across * _by_side(near, given.reply_mild, given.reply_opposed))
        return _react(facts, stream, like, reply)

    @staticmethod
    def reply(facts: Facts, stream: Stream, *, given: PartisanSpec) -> str:
        """From the grammar; hostile the more, the further the text is from one's own side."""
        agreement = _own_side(facts) * facts["leaning"]
        hostile = stream.random() < max(given.angry, given.hostile * -agreement)
        return writing.reply(agreement >= 0, _side(facts, stream), hostile, stream)

    @staticmethod
    def follow(facts: Facts, stream: Stream, *, given: PartisanSpec) -> str:
        """By side."""
        return "yes" if stream.random() < _follows(given, _match(facts, facts["party"], facts["side"])) else "no"

    @staticmethod
    def suggest(facts: Facts, stream: Stream, *, given: PartisanSpec) -> str:
        """By side, or nobody."""
        chances = _each(facts, lambda match: _follows(given, match))
        return _one_or_none(stream, chances, max(chances, default=0.0))

    @staticmethod
    def unfollow(facts: Facts, stream: Stream, *, given: PartisanSpec) -> str:
        """Those of another side, or nobody."""
        chances = _each(facts, lambda match: 1.0 if match < 0 else 0.0)
        return _one_or_none(stream, chances, given.unfollow)


def _by_side(near: float, mild: float, opposed: float) -> float:
    """A share that is 1 on one's own side (near 1), `mild` in the middle and `opposed` on the other (-1).

    Between them its logarithm is a straight line.
    """
    return float(mild ** (1 - near)) if near >= 0 else float(mild ** (1 + near) * opposed**-near)


# -- what rules share ------------------------------------------------------------------------------------------------


def _act(given: BlindSpec, stream: Stream, weights: Sequence[float], n_headlines: int) -> str:
    u = stream.random()
    if u < given.repost:
        return f"repost {stream.pick(weights) + 1}" if any(weights) else "nothing"
    if u < given.repost + given.post and n_headlines:
        return f"share {stream.below(n_headlines) + 1}"
    return "nothing"


def _react(facts: Facts, stream: Stream, like: Sequence[float], reply: Sequence[float]) -> dict[str, list[int]]:
    """Slots liked and replied to, none of them again; where more replies come up than may be written, some by lot."""
    done = facts["done"]
    likes = [i + 1 for i, chance in enumerate(like) if stream.random() < chance and not done[i][0]]
    replies = [(stream.random(), i + 1) for i, chance in enumerate(reply) if stream.random() < chance]
    replies = [(lot, slot) for lot, slot in replies if not done[slot - 1][1]]
    return {"like": likes, "reply": sorted(slot for _, slot in sorted(replies)[: facts["most_replies"]])}


def _one_or_none(stream: Stream, weights: Sequence[float], chance: float) -> str:
    """One by its weight, with this chance; else `none`."""
    if not any(weights) or stream.random() >= chance:
        return "none"
    return str(stream.pick(weights) + 1)


def _each(facts: Facts, of: Any) -> list[float]:
    return [of(_match(facts, party, side)) for party, side in zip(facts["parties"], facts["sides"], strict=True)]


def _follows(given: PartisanSpec, match: int) -> float:
    if match == 0:
        return (given.follow + given.other) / 2 if given.unknown is None else given.unknown
    return given.follow if match > 0 else given.other


def _matches(facts: Facts, n: int) -> list[int]:
    """For each post, 1 where it is of one's own side, -1 of another, 0 where no cue tells."""
    labels = facts["parties"] if facts.has("parties") else [None] * n
    leanings = facts["leanings"]
    return [_match(facts, labels[i], leanings[i]) for i in range(n)]


def _match(facts: Facts, party: str | None, side: float) -> int:
    own = facts["own"]
    if party is not None and own.get("party") is not None:
        return 1 if party == own["party"] else -1
    mine = _own_side(facts)
    if not mine or abs(side) < _MILD:
        return 0
    return 1 if (side > 0) == (mine > 0) else -1


def _own_side(facts: Facts) -> float:
    """-1 or 1; 0 for somebody of no side."""
    lean = facts["own"].get("partisan") or 0.0
    return (lean > 0) - (lean < 0)


def _side(facts: Facts, stream: Stream) -> float:
    """The side that somebody writes on: its own, as often as it is partisan; else none."""
    lean = facts["own"].get("partisan") or 0.0
    if stream.random() >= min(1.0, 0.25 + abs(lean)) or not lean:
        return 0.0
    return max(-1.0, min(1.0, lean + (0.25 if lean > 0 else -0.25) * stream.random()))
