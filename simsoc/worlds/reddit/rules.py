"""What members of a community do when no model is asked. Probabilities are settings, not measurements.

Who breaks a rule is drawn before anything is worded: with its own rate for a troll, with `slip` for anybody else; one
that is about to break a rule that is in force heeds it with probability `heed`. So the same people under fewer rules
break more of them, and nobody else is moved.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Any

from pydantic import Field, model_validator

from simsoc.core.facts import Facts
from simsoc.core.shelf import Strict
from simsoc.core.stream import Stream

from . import grammar
from .grammar import Speaker

Probability = Annotated[float, Field(ge=0, le=1)]


class CommunitySpec(Strict):
    """Probabilities of the rules `community`."""

    heed: Probability = 0.5
    """Probability that somebody about to break a rule that is in force does not."""
    slip: Probability = 0.01
    """Probability that a post of somebody who is no troll breaks a rule."""
    sharp: Probability = 0.9
    """Probability that a moderator who looks at a breach sees it."""
    mend: Probability = 0.6
    """Probability that somebody who is warned edits the post, or else deletes it, and does not let it stand."""
    posts: Probability = 0.1
    """Share of visits with a new post (`browse`)."""
    replies: Probability = 0.25
    """Share of visits with a reply."""
    votes: Probability = 0.4
    """Share of visits with a vote; all the others look and do nothing."""
    bias: Annotated[float, Field(ge=0, le=10)] = 1.0
    """How much the upper slots of a page are favoured: the thread in slot k is opened with weight 1 / k^bias."""
    approve: Probability = 0.8
    """Share of votes that are up, on posts that break no rule."""

    @model_validator(mode="after")
    def _sum_up(self) -> CommunitySpec:
        if self.posts + self.replies + self.votes > 1 + 1e-9:
            raise ValueError("posts, replies and votes are shares of all visits; together at most 1")
        return self


class Community:
    """Members who write what a grammar composes, and moderators who know a breach by its words."""

    Spec = CommunitySpec

    @staticmethod
    def post(facts: Facts, stream: Stream, *, heed: float, slip: float) -> dict[str, Any]:
        """An opening post about the topic at hand."""
        broken = _breaks(facts, stream, heed, slip)
        speaker = _speaker(facts, stream)
        title, text = grammar.opening(speaker)
        if broken is not None:
            text = grammar.offence(speaker, _kind(facts, broken), "friend")
        return {"title": title, "text": text, **_labelled(facts, broken)}

    @staticmethod
    def reply(facts: Facts, stream: Stream, *, heed: float, slip: float) -> dict[str, Any]:
        """A reply to the post at hand, in the light of the thread."""
        broken = _breaks(facts, stream, heed, slip)
        speaker = _speaker(facts, stream)
        to = facts["posts"][facts["to"]]
        if broken is not None:
            text = grammar.offence(speaker, _kind(facts, broken), to["name"])
        else:
            asked, mine = facts["to"] == 0, facts["posts"][0]["own"]
            text = grammar.reply(speaker, to["text"], to["name"], own=to["own"], asked=asked, mine=mine)
        return {"text": text, **_labelled(facts, broken)}

    @staticmethod
    def visit(facts: Facts, stream: Stream, *, posts: float, replies: float, votes: float) -> str:
        """One of these, as often as the parameters say; what there is nothing for is a look and no more."""
        lot, options = stream.random(), facts["options"]
        for what, share in (("post", posts), ("reply", replies), ("vote", votes)):
            if lot < share:
                return what if what in options else "lurk"
            lot -= share
        return "lurk"

    @staticmethod
    def pick(facts: Facts, stream: Stream, *, bias: float) -> int:
        """A slot of the page, the upper ones more often."""
        options = facts["options"]
        return int(options[stream.pick([1.0 / slot**bias for slot in options])])

    @staticmethod
    def vote(facts: Facts, stream: Stream, *, approve: float, sharp: float) -> str:
        """Down where a breach is seen; else up as often as the parameter says."""
        sees, likes = stream.random() < sharp, stream.random() < approve
        if grammar.breach(facts["at_hand"]) is not None and sees:
            return "down"
        return "up" if likes else "down"

    @staticmethod
    def moderate(facts: Facts, stream: Stream, *, sharp: float) -> str:
        """Nothing without a breach; else a warning first, then removal, then a ban, as far as these are allowed."""
        seen = stream.random() < sharp
        options = facts["options"]
        if grammar.breach(facts["text"]) is None or not seen:
            return "keep"
        for step in ("warn", "remove", "ban")[min(facts["strikes"], 2) :]:
            if step in options:
                return step
        return next((step for step in ("remove", "warn", "ban") if step in options), "keep")

    @staticmethod
    def why(facts: Facts, stream: Stream) -> str:
        """The first rule of which the post bears the marks; else the first of all."""
        kind = grammar.breach(facts["text"])
        fits = [rule["name"] for rule in (*facts["dont"], *facts["do"]) if grammar.kind_of(_words(rule)) == kind]
        return str(fits[0] if fits else facts["options"][0])

    @staticmethod
    def mend(facts: Facts, stream: Stream, *, mend: float) -> str:
        """Edits or deletes with this probability, half and half, else lets it stand."""
        if stream.random() >= mend:
            return "stand"
        return "edit" if stream.random() < 0.5 else "delete"

    @staticmethod
    def edit(facts: Facts, stream: Stream) -> str:
        """What one would have written without breaking a rule."""
        return grammar.reply(_speaker(facts, stream), "", "", own=True, asked=False, mine=True)


def _speaker(facts: Facts, stream: Stream) -> Speaker:
    """Whoever writes. What is said depends on all that was said before."""
    said = grammar.said(facts["posts"])
    so_far = blake2b("\x1f".join(said).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    lots = Stream(stream.word() >> 1, "words", so_far)
    return Speaker(facts["persona"], facts["name"], facts["occupation"], facts["topic"], said, lots)


def _words(rule: Any) -> str:
    return f"{rule['name']} {rule['text']}"


def _kind(facts: Facts, name: str) -> str:
    """What a breach of the rule of this name looks like; by the name alone where no such rule is in force."""
    stated = next((rule for rule in (*facts["dont"], *facts["do"]) if rule["name"] == name), None)
    return grammar.kind_of(name if stated is None else _words(stated))


def _breaks(facts: Facts, stream: Stream, heed: float, slip: float) -> str | None:
    """The name of the rule that is broken now, or None. Three draws, whatever comes of them."""
    tempted, which, heeds = stream.random(), stream.random(), stream.random()
    names = facts["rule_names"]
    if not names or tempted >= (facts["rate"] if facts["troll"] else slip):
        return None
    name: str = names[int(which * len(names))]
    return None if name in facts["in_force"] and heeds < heed else name


def _labelled(facts: Facts, broken: str | None) -> dict[str, Any]:
    if not facts["rule_names"]:
        return {}
    return {"breaks": [] if broken is None else [broken]}
