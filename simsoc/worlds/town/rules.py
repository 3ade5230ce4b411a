"""What the people of a town decide when no model is asked, beyond the rules of their minds."""

from __future__ import annotations

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream


def where(facts: Facts, stream: Stream, *, out: float) -> str:
    """A public place that is open with probability `out`, each equally likely, else home."""
    inviting = [place for place in facts["public"] if place in facts["options"]]
    if inviting and stream.random() < out:
        return str(stream.choose(inviting))
    return str(facts["home"])


def attend(facts: Facts, stream: Stream, *, attend: float) -> str:
    """Goes with this probability."""
    return "yes" if stream.random() < attend else "no"
