"""What is measured of texts while a community goes on, and the threads from a file with which one begins."""

from __future__ import annotations

from math import fsum
from pathlib import Path

from msgspec.structs import replace

from simsoc.core.answers import PLACEHOLDER
from simsoc.measures.likeness import Alike, Cloud
from simsoc.minds.embed import Lexical
from simsoc.posts import Post as Written
from simsoc.posts import whole_threads
from simsoc.posts.reading import read
from simsoc.scorers import SCORERS, Local, local

from .spec import RedditSpec


class Texts:
    """Texts as they were first written, looked at when somebody wants a number, each of them once.

    toxicity: by which scorer. Raises ScenarioError for one that has to be asked.
    """

    def __init__(self, spec: RedditSpec) -> None:
        self._scorer = local(spec.scorer, "world.scorer")
        self._mood: Local | None = None
        self._told: list[tuple[int, str]] = []
        self._scored: dict[str, tuple[int, float, int]] = {}
        self._embed = Lexical()
        self._cloud = Cloud()
        self._placed = 0

    def add(self, author: int, text: str) -> None:
        """One more; what the null mind says is none."""
        if PLACEHOLDER not in text:
            self._told.append((author, text))

    def toxicity(self) -> float | None:
        """Mean score of all texts."""
        return self._mean(self._scorer)

    def sentiment(self) -> float | None:
        """The same by VADER."""
        if self._mood is None:
            self._mood = SCORERS.get("vader")()
        return self._mean(self._mood)

    def alike(self) -> Alike:
        """How alike texts of one author and of different ones are, by the words they share."""
        fresh = self._told[self._placed :]
        self._cloud.add(self._embed([text for _, text in fresh]), [author for author, _ in fresh])
        self._placed = len(self._told)
        return self._cloud.alike()

    def _mean(self, scorer: Local | None) -> float | None:
        assert scorer is not None
        seen, total, count = self._scored.get(scorer.name, (0, 0.0, 0))
        if seen < len(self._told):
            found = [number for number in scorer(text for _, text in self._told[seen:]) if number is not None]
            total, count = total + fsum(found), count + len(found)
            self._scored[scorer.name] = (len(self._told), total, count)
        return total / count if count else None


def started(spec: RedditSpec, folder: Path) -> list[Written]:
    """The posts of the threads a community begins with. Raises ScenarioError, naming the file and the place in it."""
    if spec.start is None:
        return []
    threads = list(whole_threads(read(folder / spec.start.file, named=True)).values())
    found = [post for thread in threads[: spec.start.first] for post in thread]
    return [replace(post, title=_whole(post.title), text=_whole(post.text), by=_whole(post.by)) for post in found]


def _whole(text: str) -> str:
    """A text that a log can hold: JSON knows halves of surrogate pairs, UTF-8 does not."""
    return text.encode(errors="replace").decode()
