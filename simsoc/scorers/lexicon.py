"""A plain list of words: what can be checked by eye, and needs no package."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Annotated, Literal

from pydantic import Field

from .scorer import Local

RUDE: tuple[str, ...] = (
    "asshole*", "bastard*", "bitch*", "bullshit", "clown*", "crap", "cretin*", "crybab*", "damn*", "degenerate*",
    "disgust*", "drop dead", "dumb", "dumbass*", "dumber", "dumbest", "fool", "fools", "fuck*", "garbage", "get lost",
    "get out of here", "go away", "go to hell", "hate you", "idiot*", "ignoramus*", "imbecile*", "jackass*", "jerk",
    "jerks", "kill yourself", "liar", "liars", "loser*", "lowlife*", "moron*", "nobody asked", "nobody cares",
    "pathetic", "piss off", "retard*", "scum*", "shame on you", "shit*", "shut up", "sick of you", "sicken*",
    "sissy", "snowflake*", "stupid*", "traitor*", "trash", "ugly", "vermin", "whine*", "whining", "worthless",
    "you people", "you suck",
)  # fmt: skip
"""Insults and coarse words of English; short on purpose. A word more is another version."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


def lexicon(
    *,
    words: Annotated[tuple[str, ...], Field(min_length=1, max_length=10_000)] = RUDE,
    count: Literal["any", "share"] = "any",
) -> Local:
    """A list of words: 1 where a text has one of them (or the share of its words that are listed), else 0.

    Coarse and easy to read: an insult without a listed word is not seen, a quoted one counts. The version tells how
    many words there are and names the list by a hash, so that numbers of two lists are not mixed up.

    words: words or phrases, in any case; `*` at the end stands for any ending; a few dozen English insults when not
    given.
    count: `any` is 1 for a text with a listed word, so that a mean is a rate; `share` is the share of all words.
    """
    wanted = tuple(dict.fromkeys(_plain(word) for word in words))
    if empty := [word for word in wanted if not _WORD.search(word)]:
        raise ValueError(f"'{empty[0]}' holds no word to look for")
    pattern = _pattern(wanted)
    version = f"{len(wanted)} words, list {blake2b(repr(sorted(wanted)).encode(), digest_size=4).hexdigest()}"

    def of(texts: Sequence[str]) -> Iterable[float]:
        for text in map(_plain, texts):
            if count == "any":
                yield float(pattern.search(text) is not None)
            else:
                hit = sum(len(_WORD.findall(found[0])) for found in pattern.finditer(text))
                yield hit / max(1, len(_WORD.findall(text)))

    return Local("lexicon", version, f"0 no listed word .. 1 {'one or more' if count == 'any' else 'nothing else'}", of)


def _plain(text: str) -> str:
    """Compatible characters made alike, small letters, one blank between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Any of the words, as whole words."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    parts = [re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in longest_first]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")
