"""Posts composed of sentences: what somebody without a model says, from persona, topic and the thread so far.

A person has a manner of speaking and a view on every point, the same wherever it speaks; both are a function of its
persona. Sentences that stand in a thread already are not said again in it, as long as there are others. Events say of
what comes out that it is synthetic: nobody is to take it for a person's or a model's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from simsoc.core.stream import Stream, draw

from . import wording

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_FIELD = re.compile(r"\{(\w+)\}")


class Speaker:
    """Somebody who writes in a thread, as the grammar sees it."""

    def __init__(
        self, persona: str, name: str, role: str, topic: Mapping[str, Any], said: Sequence[str], lots: Stream
    ) -> None:
        self.who = persona or name
        self.role = role
        self.topic: str = topic["name"]
        self.points: Sequence[str] = topic.get("points") or wording.POINTS
        self.lots = lots
        self.taken = set[str]().union(*map(_forms, said))
        self.voice = _voice(self.who)

    def favours(self, point: str) -> bool:
        """Its view on a point: the same in every thread."""
        return draw(0, "view", self.who, point) < 0.5

    def say(self, patterns: Sequence[str], point: str = "", name: str = "") -> str:
        """One of these sentences, filled in; one that is not in the thread, if there is one."""
        given = {"point": point or self.points[0], "topic": self.topic, "name": name or "friend", "role": self.role}
        first = self.lots.below(len(patterns))
        for i in range(len(patterns)):
            sentence = fill(patterns[(first + i) % len(patterns)], given)
            if sentence not in self.taken:
                break
        self.taken.add(sentence)
        return sentence

    def point(self, mentioned: str = "") -> str:
        """A point to talk about: one that was mentioned, or any."""
        low = mentioned.lower()
        found = [point for point in self.points if point.lower() in low]
        return self.lots.choose(found if found and self.lots.random() < 0.7 else self.points)

    def spoken(self, parts: Sequence[str], point: int | None = None) -> str:
        """Sentences in this one's manner. point: which of them may be led up to."""
        leads, ends = self.voice["lead"], self.voice["end"]
        words = list(parts)
        if point is not None and leads and self.lots.random() < 0.5:
            led = f"{self.lots.choose(leads)} {_lowered(words[point])}"
            if led not in self.taken:
                words[point] = led
        if ends and self.lots.random() < 0.4:
            end = self.lots.choose(ends)
            words += [end] if end not in self.taken else []
        return " ".join(words)


def opening(speaker: Speaker) -> tuple[str, str]:
    """Title and text of an opening post."""
    point = speaker.point()
    title = speaker.say(wording.TITLES, point)
    parts = [speaker.say(wording.BEGIN, point)]
    if speaker.role and speaker.lots.random() < 0.6:
        parts.insert(0, speaker.say(wording.I_AM))
    parts.append(speaker.say(wording.SITUATION, speaker.point()))
    if speaker.lots.random() < 0.6:
        parts.append(speaker.say(wording.FOR if speaker.favours(point) else wording.AGAINST, point))
    parts.append(speaker.say(wording.ASK))
    return title, speaker.spoken(parts)


def reply(speaker: Speaker, to: str, name: str, *, own: bool, asked: bool, mine: bool) -> str:
    """A reply.

    to: what is replied to; name: whose that is; own: whether it is one's own; asked: whether it is the opening post;
    mine: whether the thread is one's own.
    """
    point = speaker.point(to)
    favours = speaker.favours(point)
    if own:
        first = speaker.say(wording.OWN)
    elif breach(to) is not None:
        first = speaker.say(wording.CALM, name=name)
    elif asked:
        first = speaker.say(wording.ANSWER)
    elif mine and speaker.lots.random() < 0.7:
        first = speaker.say(wording.THANKS, name=name)
    else:
        first = speaker.say(wording.AGREE if favours == _favoured(to) else wording.DISAGREE, name=name)
    parts, led = [first, speaker.say(wording.FOR if favours else wording.AGAINST, point)], 1
    if speaker.role and speaker.lots.random() < 0.25:
        parts.insert(1, speaker.say(wording.AS_ROLE))
        led = 2
    if speaker.lots.random() < 0.35:
        parts.append(speaker.say(wording.WONDER, speaker.point()))
    return speaker.spoken(parts, led)


def offence(speaker: Speaker, kind: str, name: str) -> str:
    """A mild breach of a rule of this kind."""
    patterns = wording.OFFENCES[kind]
    parts = [speaker.say(patterns, speaker.point(), name)]
    if speaker.lots.random() < 0.3:
        parts.append(speaker.say(patterns, speaker.point(), name))
    return " ".join(dict.fromkeys(parts))


@lru_cache(maxsize=4096)
def kind_of(rule: str) -> str:
    """What a breach of a rule looks like, told by its words."""
    low = rule.lower()
    return next((kind for kind, words in wording.KINDS if any(word in low for word in words)), "other")


def breach(text: str) -> str | None:
    """Of which kind of breach a text bears the marks, or None."""
    low = text.lower()
    for kind, marks in wording.MARKS.items():
        if any((mark in text) if kind == "shouting" else (mark in low) for mark in marks):
            return kind
    return None


@lru_cache(maxsize=65536)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text."""
    return tuple(part for part in _SENTENCE.split(text) if part)


_LEADS = tuple(lead for voice in wording.VOICES for lead in voice["lead"])


@lru_cache(maxsize=65536)
def _forms(text: str) -> frozenset[str]:
    """The sentences of a text as they stand, and without what led up to them."""
    found = list(sentences(text))
    for sentence in tuple(found):
        lead = next((lead for lead in _LEADS if sentence.startswith(lead + " ")), None)
        if lead is not None:
            rest = sentence[len(lead) + 1 :]
            found.append(rest[:1].upper() + rest[1:])
    return frozenset(found)


def fill(pattern: str, given: Mapping[str, str]) -> str:
    """A pattern with its fields filled in; a capital field name begins with a capital letter."""

    def field(match: re.Match[str]) -> str:
        key = match[1]
        value = given[key.lower()]
        return value if key.islower() else value[:1].upper() + value[1:]

    return _FIELD.sub(field, pattern)


@lru_cache(maxsize=65536)
def _voice(who: str) -> Mapping[str, tuple[str, ...]]:
    return wording.VOICES[int(draw(0, "voice", who) * len(wording.VOICES))]


def _lowered(sentence: str) -> str:
    """A sentence that goes on after a lead."""
    first, _, rest = sentence.partition(" ")
    keeps = first in ("I", "I'm") or first[1:].lower() != first[1:]
    return sentence if keeps else f"{first.lower()} {rest}" if rest else first.lower()


_AGAINST = tuple(re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(p)), re.IGNORECASE) for p in wording.AGAINST)


@lru_cache(maxsize=65536)
def _favoured(text: str) -> bool:
    """Whether a text speaks for its point, as far as the grammar can tell."""
    return not any(pattern.search(text) for pattern in _AGAINST)


def said(posts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Everything that stands in a thread."""
    return [text for post in posts for text in (post["title"], post["text"]) if text]
