"""Universes side by side: their threads, how far these differ, and how far the numbers spread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import zip_longest
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.core.errors import LogError
from simsoc.experiments.folder import standing
from simsoc.experiments.results import Results
from simsoc.measures import threads as of_threads
from simsoc.measures.likeness import dispersion, drift
from simsoc.minds.embed import Lexical
from simsoc.posts import Post, told_id
from simsoc.posts.listing import Place
from simsoc.posts.post import whole_threads
from simsoc.runlog.posted import posts_of
from simsoc.runlog.reader import open_run
from simsoc.scorers import SCORERS, Local
from simsoc.scorers.scorer import said
from simsoc.worlds.reddit.showing import place_of

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = ("replies", "people", "depth", "score", "drift", "dispersion")
"""What is measured of each thread."""


class Universe(NamedTuple):
    """What was written in one universe."""

    number: int
    threads: list[list[Post]]
    """In order of opening."""
    place: Place
    minds: list[str]
    """Who answered: rules and models, each with how many answers."""


class Universes(Results):
    """The folder of a multiverse, open for reading.

    Threads of different universes are the same thread when they have the same number, in order of opening.
    """

    scorer: Local | None = None
    """What gives texts their score; VADER when not set."""

    @cached_property
    def written(self) -> list[Universe]:
        """What was written in each universe that has begun."""
        found = []
        for entry in self.index.runs:
            path = self.folder / entry.file
            if standing(path) != "missing":
                with open_run(path) as run:
                    threads = list(whole_threads(posts_of(run)).values())
                    found.append(Universe(entry.replicate, threads, place_of(run), run.minds()))
        return found

    @property
    def have_threads(self) -> bool:
        """Whether anybody wrote a post in any of them."""
        return any(universe.threads for universe in self.written)

    @property
    def minds(self) -> list[str]:
        """Which rules and models answered in any of them."""
        return sorted({line.partition(":")[0] for universe in self.written for line in universe.minds})

    @property
    def outcomes(self) -> pd.DataFrame:
        """How far the world's own measures spread at the end: one row for each."""
        import pandas as pd

        ends = self.summary()  # has no rows, and no measures, where nothing has begun
        parts = ends.groupby("measure", sort=False) if len(ends) else ()
        rows = [(name, *_spread(list(part["final"].dropna()))) for name, part in parts]
        return pd.DataFrame(rows, columns=["measure", "mean", "sd", "low", "high"])

    @property
    def judge(self) -> Local:
        """The scorer."""
        if self.scorer is None:
            self.scorer = SCORERS.get("vader")()
        assert self.scorer is not None
        return self.scorer

    @cached_property
    def threads(self) -> pd.DataFrame:
        """One row for each thread of each universe.

        universe, thread (number in order of opening), post (id of its opening post), title; replies, people, depth;
        score: mean of its texts by the scorer; drift: mean distance of its replies from its opening post; dispersion:
        mean distance of any two of its texts (lexical embedder); scorer, version.
        """
        import pandas as pd

        if not self.have_threads:
            raise LogError(f"{self.folder}: nobody has written a post in any universe; there are no threads")
        embed, judge, rows = Lexical(), self.judge, []
        for universe in self.written:
            for number, thread in enumerate(universe.threads):
                texts = [said(post.words) for post in thread]
                vectors = embed(texts)
                counted = (len(thread) - 1, of_threads.people(thread), of_threads.depth(thread))
                measured = (*counted, judge.mean(texts), drift(vectors), dispersion(vectors))
                rows.append((universe.number, number, told_id(thread[0].id), thread[0].title, *measured))
        made = pd.DataFrame(rows, columns=["universe", "thread", "post", "title", *NUMBERS])
        made[list(NUMBERS[3:])] = made[list(NUMBERS[3:])].astype("float64")
        return made.assign(scorer=judge.name, version=judge.version)

    @cached_property
    def differing(self) -> pd.DataFrame:
        """One row for each universe but the first: the share of its threads that are not word for word the same there.

        A thread that only one of the two has differs.
        """
        import pandas as pd

        first, *others = self.written
        rows = [(other.number, first.number, differing(first.threads, other.threads)) for other in others]
        return pd.DataFrame(rows, columns=["universe", "from", "share"])

    @cached_property
    def each(self) -> pd.DataFrame:
        """One row for each universe: threads, replies, means over its threads, and how many differ from the first."""
        named = {"threads": ("thread", "size"), "replies": ("replies", "sum"), "length": ("replies", "mean")}
        named |= {name: (name, "mean") for name in ("depth", "score", "drift", "dispersion")}
        made = self.threads.groupby("universe").agg(**named)
        differs = self.differing.set_index("universe")["share"]
        return made.assign(differs=differs).reset_index()

    @cached_property
    def spread(self) -> pd.DataFrame:
        """How far universes lie apart: one row for each number.

        mean: over universes, of their means over threads; sd, low, high: of these means; of_a_thread: standard
        deviation of one and the same thread over universes, mean over threads: what chance does to a single outcome.
        The row `variety` is the mean distance of a thread's texts, each taken whole, between universes.
        """
        import pandas as pd

        frame, rows = self.threads, []
        for name in NUMBERS:
            wide = frame.pivot(index="thread", columns="universe", values=name)
            means = [float(value) for value in wide.mean() if value == value]
            own = wide.std(axis=1)
            rows.append((name, *_spread(means), float(own.mean()) if own.notna().any() else None))
        varieties = [value for value in self._varieties() if value is not None]
        rows.append(("variety", *_spread(varieties), None))
        return pd.DataFrame(rows, columns=["number", "mean", "sd", "low", "high", "of_a_thread"])

    def _varieties(self) -> list[float | None]:
        embed = Lexical()
        variants = zip_longest(*(universe.threads for universe in self.written))
        return [dispersion(embed([whole(thread) for thread in of if thread])) for of in variants]

    def page(self, first: int = 30) -> str:
        """One HTML file with everything side by side: the first so many threads."""
        from .page import page

        return page(self, first)


def whole(thread: Sequence[Post]) -> str:
    """All that is said in a thread."""
    return "\n\n".join(said(post.words) for post in thread)


def differing(one: Sequence[Sequence[Post]], other: Sequence[Sequence[Post]]) -> float | None:
    """Share of threads, by number, that are not the same word for word and writer for writer; None without threads."""
    found = [_said(a) != _said(b) for a, b in zip_longest(one, other, fillvalue=())]
    return fmean(found) if found else None


def _said(thread: Sequence[Post]) -> list[Any]:
    return [(post.writer, post.parent, post.title, post.text) for post in thread]


def _spread(values: Sequence[float]) -> tuple[float | None, float | None, float | None, float | None]:
    """Mean, standard deviation, lowest and highest; None for what there is not."""
    if not values:
        return None, None, None, None
    return fmean(values), stdev(values) if len(values) > 1 else None, min(values), max(values)
