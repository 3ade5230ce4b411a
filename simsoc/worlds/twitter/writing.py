"""What people write when no model is asked: a small seeded grammar of comments, replies and bios.

A text is built from a side (how far, from -1 left to 1 right) and a temper (civil or hostile). Its side can be read
back by `reading.leaning`, and its temper by any scorer of toxicity. Nothing here was written by a person or model about
anything that happened; events mark such texts with ``synthetic: true``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsoc.core.stream import Stream

_OPENERS = (
    "Just read about this.", "Well, well.", "Not sure what to say.", "Here we go again.", "Saw this today.",
    "Thinking about this one.", "Look at this.", "So this happened.", "I keep coming back to this.", "Hm.",
)  # fmt: skip
_NEUTRAL = (
    "Hope it works out for everybody.", "There is more to it than the headline.", "I would like to know the details.",
    "My neighbours will talk about it all week.", "Time will tell.", "Good people on every side of this one.",
    "We should sit down and listen to each other.", "I can see both sides here.", "Something we can all agree on.",
)  # fmt: skip
_SIDES = {
    -1: (
        "This is about workers.", "What about healthcare?", "Equality comes first.", "The climate will not wait.",
        "Teachers know better.", "Corporations never learn.", "Billionaires win again.", "Solidarity, always.",
        "Unions built this country.", "Fairness, please.", "Welfare saves lives.", "Inclusion is not a slogan.",
    ),
    1: (
        "This is about taxpayers.", "What about the border?", "Freedom comes first.", "Liberty will not wait.",
        "Farmers know better.", "Bureaucrats never learn.", "Socialism fails again.", "Tradition, always.",
        "Veterans built this country.", "Stand with our troops.", "Deregulation makes jobs.", "Faith is not a slogan.",
    ),
}  # fmt: skip
_HOSTILE = (
    "What a bunch of idiots.", "Pathetic liars.", "Only a moron would fall for it.", "You people are disgusting.",
    "Shut up already, you clown.", "Stupid, just stupid.", "Total garbage from total losers.",
)  # fmt: skip
_REPLY_OPENERS = {
    True: ("Agreed.", "Well said.", "Exactly this.", "Thank you for this.", "Yes."),
    False: ("I see it differently.", "Not so sure.", "Really?", "I doubt it.", "No."),
}
_LONGEST_HEADLINE = 60


def comment(headline: str, side: float, hostile: bool, stream: Stream) -> str:
    """Some words on a headline."""
    said = headline if len(headline) <= _LONGEST_HEADLINE else headline[:_LONGEST_HEADLINE].rsplit(" ", 1)[0] + " ..."
    return " ".join([f'"{said}"', stream.choose(_OPENERS), *_stance(side, stream), *_temper(hostile, stream)])


def reply(agrees: bool, side: float, hostile: bool, stream: Stream) -> str:
    """Some words to somebody else's."""
    return " ".join([stream.choose(_REPLY_OPENERS[agrees]), *_stance(side, stream), *_temper(hostile, stream)])


def bio(person: Mapping[str, Any], party: str | None, side: float, stream: Stream) -> str:
    """How somebody presents itself in at most 140 characters; the more partisan it is, the more likely with its party.

    party: the one it may name; None for those who are of none.
    """
    words = [str(person[name]).capitalize() for name in ("occupation", "hobby") if isinstance(person.get(name), str)]
    words = words or [stream.choose(("Early riser", "Coffee first", "Dog person", "Weekend cook", "Curious by trade"))]
    if party is not None and stream.random() < 0.5 + 0.5 * abs(side):
        words.append(f"Proud {party.capitalize()}" if abs(side) >= 0.5 else party.capitalize())
    return (". ".join(words) + ".")[:140]


def _stance(side: float, stream: Stream) -> list[str]:
    """As many sentences as it takes to lean so far: three for a whole side, none in the middle."""
    count = min(3, round(abs(side) * 3))
    if count == 0:
        return [stream.choose(_NEUTRAL)]
    known = _SIDES[1 if side > 0 else -1]
    return [known[i] for i in stream.sample(len(known), count)]


def _temper(hostile: bool, stream: Stream) -> list[str]:
    return [stream.choose(_HOSTILE)] if hostile else []
