"""What other feeds would have shown in a run: overlap, order, and whose posts people see.

One run under one feed is looked at again, turn by turn, with every other feed (`simsoc.reranked`). People did what they
did under the feed they had, so this tells feeds apart by what they show, not by what they would have led to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import simsoc
from simsoc.measures.exposures import across, overlap, rank_correlation
from simsoc.measures.inequality import gini

from .common import BLUE, GREY, ORANGE, arguments, figure, logged, mind, scenario, show

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

FEEDS: dict[str, Any] = {
    "chronological": "chronological",
    "following": {"kind": "following", "max_age": 30},
    "everyone": {"kind": "everyone", "max_age": 30},
    "bridging": {"kind": "bridging", "max_age": 30},
    "bridging_mf": {"kind": "bridging_mf", "max_age": 30},
    "inverse": {"kind": "inverse", "max_age": 30},
    "out_partisan": {"kind": "out_partisan", "max_age": 30},
    "colikes": {"kind": "colikes", "max_age": 30},
    "diverse": {"kind": "diverse", "of": {"kind": "everyone", "max_age": 30}, "by": "party"},
    "random": "random",
}
"""The feeds that are compared; with the run's own among them, the first check is that it shows what was shown."""


def main(argv: Sequence[str] | None = None) -> pd.DataFrame:
    """Run, look again with every feed, print the table and draw the figure. Returns the table."""
    parser = arguments(__doc__, runs=1)
    parser.add_argument("--people", type=int, default=200, help="people (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=40, help="steps (default: %(default)s)")
    given = parser.parse_args(argv)
    sizes = {"population.n": given.people, "steps": given.steps, "network.degree": min(30, given.people // 10)}
    loaded = scenario("three_feeds", **sizes, **{"world.feed": FEEDS["everyone"]})
    with logged(loaded, seed=1) as run:
        table = compared(run)
        show(
            f"What feeds would have shown under a run of feed 'everyone', {given.people} people, {given.steps} steps",
            table,
            "overlap: share of the ten items that are also in the feed that was used; order: Spearman's correlation of",
            "common items; across: exposures to authors of the other party; gini: of exposures over authors.",
            f"answered by: {mind(run)}",
        )
    draw(table, given.out / "feed_offpolicy.png")
    return table


def compared(run: simsoc.Run) -> pd.DataFrame:
    """A row for each feed."""
    import pandas as pd

    shown, agents = run.exposures, run.agents
    party = dict(zip(agents["agent"], agents["party"], strict=True))
    rows = []
    for name, feed in FEEDS.items():
        other = simsoc.reranked(run, feed)
        counts = other["author"].value_counts().reindex(agents["agent"], fill_value=0)
        rows.append(
            {
                "feed": name,
                "overlap": overlap(shown, other),
                "overlap@3": overlap(shown, other, 3),
                "order": rank_correlation(shown, other),
                "across": across(other, party, "none"),
                "gini": gini(counts.to_list()),
            }
        )
    return pd.DataFrame(rows)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Overlap with what was shown, exposure across parties, and inequality of attention, feed by feed."""
    with figure(path, 8.5, 3.4) as made:
        axes = made.subplots(1, 3, sharey=True)
        told = (("overlap", "items also shown", BLUE), ("across", "exposures across parties", ORANGE))
        for axis, (column, label, colour) in zip(axes, (*told, ("gini", "Gini of exposures", GREY)), strict=True):
            axis.barh(table["feed"], table[column], color=colour)
            axis.set_xlabel(label)
            axis.set_xlim(0, 1)
        axes[0].invert_yaxis()


if __name__ == "__main__":
    main()
