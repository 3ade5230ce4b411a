"""Talk that passes news on: rules for beginning to talk, for what is said, and for what stays of it.

An item is a memory that weighs at least `worth`. In its first utterance a speaker tells each item that comes to mind
and that it has not told or heard in an earlier talk with this partner, with probability `pass_on`, each on a line of
its own, word by word; so an item can be followed from mind to mind by its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream

_HELLO, _THANKS = "Hello", "Thank you"
_MOST = 700  # characters of news in an utterance
_ITEM = 400  # characters; longer memories are not told


def approach(facts: Facts, stream: Stream, *, approach: float) -> str:
    """Begins to talk with this probability."""
    return "yes" if stream.random() < approach else "no"


def relate(facts: Facts, stream: Stream) -> str:
    """By how often the two are known to have talked."""
    talks = sum(record["kind"] == "chat" for record in facts["records"])
    known = f"has talked with {facts['partner']} {talks} times" if talks else f"knows of {facts['partner']}"
    return f"{facts['name']} {known}"[:400]


def say(
    facts: Facts, stream: Stream, *, pass_on: float, worth: int, stated: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """News in one's first utterance; whoever has none says thanks for what was told, or greets.

    stated: texts that are told with a probability of their own, whatever they weigh.
    """
    place = facts["place"]
    news = _news(facts, stream, pass_on, worth, stated or {}) if place < 2 else []
    if news:
        return {"utterance": "\n".join(news), "ends": False}
    if any(_told(one["words"]) for one in facts["said"]):
        return {"utterance": f"{_THANKS}, {facts['partner'][:100]}. See you around!", "ends": True}
    return {"utterance": f"{_HELLO} {facts['partner'][:100]}, how are you?", "ends": place > 0}


def _told(words: str) -> list[str]:
    """The lines of an utterance that are no greeting and no thanks."""
    return [line for line in words.split("\n") if line.strip() and not line.startswith((_HELLO, _THANKS))]


def _news(facts: Facts, stream: Stream, pass_on: float, worth: int, stated: Mapping[str, float]) -> list[str]:
    """What is told, the weightiest first, as far as it fits."""
    told = {
        line for words in (*facts["earlier"], *(one["words"] for one in facts["said"])) for line in words.split("\n")
    }
    items: dict[str, int] = {}
    for record in facts["records"]:
        text = record["text"].replace("\n", " ").strip()
        if record["kind"] in ("event", "thought", "seed") and 0 < len(text) <= _ITEM and text not in told:
            weight = record["importance"] or 0
            if weight >= worth or text in stated:
                items[text] = max(weight, items.get(text, 0))
    news: list[str] = []
    for text in sorted(items, key=lambda text: (-items[text], text)):
        if stream.random() < stated.get(text, pass_on) and sum(map(len, news)) + len(text) <= _MOST:
            news.append(text)
    return news


def gist(facts: Facts, stream: Stream) -> dict[str, Any]:
    """What the partner told, word by word: that with a number in it (a time) for the plans, the rest as notable."""
    heard = [line for one in facts["said"] if one["who"] != facts["name"] for line in _told(one["words"])]
    news = [line for line in dict.fromkeys(heard) if len(line) <= _ITEM]
    timed = [line for line in news if any(sign.isdigit() for sign in line)]
    others = [line for line in news if line not in timed]
    about = "; ".join(dict.fromkeys(line for one in facts["said"] for line in _told(one["words"])))
    return {"about": (about or "nothing in particular")[:300], "to_plan": timed[:3], "notable": others[:3]}
