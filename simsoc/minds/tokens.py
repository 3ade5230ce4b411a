"""How much fits in a prompt: a count of tokens, and the space for data that it leaves.

Every prompt has a cap. What does not fit is left out by the mind, least relevant first, and its number is told in the
facts; nothing relies on a server that cuts without saying so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence

Counter = Callable[[str], int]
"""From a text to its number of tokens; a longer text never has fewer."""

WORDING = 400
"""Tokens kept free for the words of a template, how to answer, and the JSON schema where it stands in the prompt."""
LINE = 10
"""Tokens of what stands around a text on its line: a number, a time, marks."""
_CUT = " [...]"
_TRIED = 50  # records in a row that do not fit; after so many, none of those that follow is tried
_ODD = re.compile(r"[^\x20-\x3b\x3d\x3f-\x7e]")


def about_tokens(text: str) -> int:
    """Tokens of a text at four bytes of UTF-8 each, rounded up: 4 letters of English, 1.3 of Chinese."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // 4)


def shown(text: str) -> str:
    """A text as long as a template's `data` filter will make it, or longer: quoted, odd characters escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _ODD.sub(_escape, quoted)


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    if sign.isprintable() and sign not in "<>":
        return sign
    return "\\u0000" if ord(sign) < 0x10000 else "\\u0000\\u0000"


class Space:
    """What is left of one prompt for data. Texts are taken in the order of their claims.

    tokens: the cap on the whole prompt; `WORDING` of it is kept for the template. cut: names of texts that were cut.
    """

    def __init__(self, tokens: int, count: Counter = about_tokens) -> None:
        self.whole = self.left = max(0, tokens - WORDING)
        self.cut: list[str] = []
        self._count = count

    def size(self, text: str) -> int:
        """Tokens of a text as it will stand in the prompt, on a line of its own."""
        return self._count(shown(text)) + LINE

    @property
    def reach(self) -> int:
        """How many texts `first` may look at before it gives up, at most."""
        return (_TRIED + 1) * (self.left // LINE + 1)

    def take(self, text: str) -> bool:
        """Take a text in whole, if it fits."""
        size = self.size(text)
        if size > self.left:
            return False
        self.left -= size
        return True

    def text(self, name: str, text: str, share: float) -> str:
        """A text, cut between words so that it fills at most this share of the whole space, and noted in `cut`."""
        most = min(self.left, int(self.whole * share))
        if not text:
            return text
        if self.size(text) > most:
            text = self._beginning(text, most)
            self.cut.append(name)
        self.left -= self.size(text) if text else 0
        return text

    def _beginning(self, text: str, most: int) -> str:
        """The longest beginning that fits, by bisection, back to the end of a word."""
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.size(text[:middle] + _CUT) <= most else (low, middle - 1)
        kept = text[:low].rstrip()
        if not text[low : low + 1].isspace() and " " in kept:
            kept = kept.rsplit(" ", 1)[0].rstrip()
        return kept + _CUT if kept else ""

    def first(self, texts: Iterable[str]) -> Sequence[int]:
        """Which of these texts, best first, are taken in: those that fit; one that is too long is passed over."""
        taken: list[int] = []
        missed = 0
        for i, text in enumerate(texts):
            if missed >= _TRIED or self.left <= LINE:
                break
            if self.take(text):
                taken.append(i)
                missed = 0
            else:
                missed += 1
        return taken

    def last(self, texts: Sequence[str], share: float = 1.0) -> list[int]:
        """Which of these texts, oldest first, are taken in, ascending: as many of the newest as fit without a gap.

        share: of the whole space, that they fill at most.
        """
        taken: list[int] = []
        least = self.left - int(self.whole * share)
        for i in range(len(texts) - 1, -1, -1):
            if self.left - self.size(texts[i]) < least or not self.take(texts[i]):
                break
            taken.append(i)
        return taken[::-1]
