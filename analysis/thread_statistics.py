"""How long do threads get, and how much of what is written is chance?

Runs the published process of thread growth and holds the distribution of replies against its known values and against a
common bug (one and the same p for all threads). Then runs several universes of one community, the same people with
other random draws, and shows how far one and the same thread spreads. Published: Park et al. 2022, arXiv 2208.04024.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import simsoc
from simsoc.measures import threads as of_threads

from . import common
from .common import BLACK, BLUE, GREY, ORANGE, RED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

REFERENCE = (0.352, 0.206, 0.125, 0.081, 0.056, 0.037, 0.027, 0.020, 0.095)
"""Share of threads with 0..8 replies, p ~ N(0.65, 0.15) clipped: simulated independently, good to 0.002."""
CAP = len(REFERENCE) - 1
SHOWN = 12  # threads of the multiverse


def lengths(threads: int, seed: int = 0) -> tuple[list[int], str]:
    """Replies of each thread of the published process, and who answered."""
    loaded = common.scenario("reddit_published", **{"world.threads": threads})
    with common.logged(loaded, seed) as run:
        posts = run.posts
        return (posts.groupby("thread").size() - 1).tolist(), common.mind(run)


def held_against(counts: Sequence[int]) -> pd.DataFrame:
    """Share of threads by replies beside what it should be, within four standard errors and the reference's own."""
    import pandas as pd

    found, n = of_threads.distribution(counts, CAP), len(counts)
    exact, bug = of_threads.published(), of_threads.published(sd=0)
    rows = []
    for k, share in enumerate(found):
        se = sqrt(exact[k] * (1 - exact[k]) / n)
        rows.append({
            "replies": k, "share": share, "se": se, "exact": exact[k], "reference": REFERENCE[k], "one p": bug[k],
            "check": common.verdict(share, REFERENCE[k], within=0.003 + 4 * se),
        })  # fmt: skip
    return pd.DataFrame(rows)


def totals(counts: Sequence[int]) -> pd.DataFrame:
    """Mean replies and the shares at both ends, with the bands of the published check for 5,000 threads."""
    import pandas as pd

    n, longest = len(counts), max(counts)
    wide = sqrt(5000 / n)
    mean = sum(counts) / n
    rows = [("mean replies", mean, 2.17, 0.10 * wide), ("P(0)", counts.count(0) / n, 0.352, 0.02 * wide)]
    made = [
        {"number": name, "found": found, "reference": known, "within": within,
         "check": common.verdict(found, known, within=within)}
        for name, found, known, within in rows
    ]  # fmt: skip
    made.append({"number": "longest", "found": longest, "reference": CAP, "within": 0.0,
                 "check": "PASS" if longest <= CAP else "FAIL"})  # fmt: skip
    return pd.DataFrame(made)


def universes(k: int) -> tuple[pd.DataFrame, pd.DataFrame, list[float], str]:
    """Threads of k universes, their spread, the share of threads in each that differ from the first; who answered."""
    with TemporaryDirectory() as folder:
        changed = {"world.threads": SHOWN}
        loaded = common.scenario("reddit_finance", **changed)
        found = simsoc.multiverse(loaded, k, folder=Path(folder) / "u", processes=1)
        return found.threads, found.spread, list(found.differing["share"]), ", ".join(found.minds)


# -- the figure -------------------------------------------------------------------------------------------------------


def draw_lengths(axes: Axes, table: pd.DataFrame, threads: int) -> None:
    """Simulated shares as bars, what they should be as dots, the bug as crosses."""
    axes.bar(table["replies"], table["share"], color=BLUE, alpha=0.55, width=0.8, label=f"{threads:,} threads")
    axes.errorbar(table["replies"], table["share"], 2 * table["se"], fmt="none", ecolor=BLUE, lw=1)
    axes.plot(table["replies"], table["reference"], "o", color=BLACK, ms=4, label="p ~ N(0.65, 0.15), methods 2.5")
    axes.plot(table["replies"], table["one p"], "x", color=RED, ms=5, label="p = 0.65 for all (a bug)")
    axes.set(xlabel="replies of a thread", ylabel="share of threads", title="How long threads get")
    axes.set_xticks(list(table["replies"]))
    axes.legend()


def draw_spread(axes: Axes, frame: pd.DataFrame, name: str, label: str) -> None:
    """Each thread in every universe: a dot each (darker where several meet), their range as a line."""
    for thread, part in frame.groupby("thread"):
        axes.plot([part[name].min(), part[name].max()], [thread, thread], color=GREY, lw=1, zorder=1)
    others, first = frame[frame["universe"] > 0], frame[frame["universe"] == 0]
    axes.scatter(others[name], others["thread"], s=26, color=BLUE, alpha=0.35, lw=0, label="other universes")
    axes.scatter(first[name], first["thread"], s=26, color=ORANGE, zorder=3, label="universe 0")
    axes.set(xlabel=label)
    axes.set_yticks(sorted(frame["thread"].unique()))
    axes.invert_yaxis()


def draw(path: Path, table: pd.DataFrame, frame: pd.DataFrame, threads: int, k: int, minds: str) -> None:
    """All three panels, and which mind wrote it all."""
    with common.figure(path, 11.0, 3.8) as made:
        left, middle, right = made.subplots(1, 3, width_ratios=(1.25, 1, 1))
        draw_lengths(left, table, threads)
        draw_spread(middle, frame, "replies", "replies")
        draw_spread(right, frame, "score", f"sentiment ({frame['scorer'].iloc[0]}), 0.5 is neutral")
        middle.set(ylabel="thread", title=f"One thread in {k} universes")
        right.set(title="What is said in it")
        right.set_xlim(0, 1)
        middle.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
        made.supxlabel(f"answered by {minds}", fontsize=8, color=GREY)


def main(arguments: Sequence[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame, Any]:
    """Prints both tables and writes the figure; the tables are returned."""
    parser = common.arguments(__doc__, runs=8)
    parser.add_argument("--threads", type=int, default=5000, help="threads of the process (default: %(default)s)")
    given = parser.parse_args(arguments)
    counts, mind = lengths(given.threads)
    table, ends = held_against(counts), totals(counts)
    common.show("Replies of threads in the published process", table, f"answered by {mind}")
    common.show("Ends of the distribution", ends, f"{len(counts):,} threads; bands are those of 5,000, scaled")
    frame, spread, shares, minds = universes(given.runs)
    differs = f"threads that differ from universe 0: {min(shares, default=0):.0%} or more (published check: 95%)"
    common.show(f"Spread of {given.runs} universes of reddit_finance", spread, differs, f"answered by {minds}")
    draw(given.out / "thread_statistics.png", table, frame, len(counts), given.runs, minds)
    return table, ends, spread


if __name__ == "__main__":
    main()
