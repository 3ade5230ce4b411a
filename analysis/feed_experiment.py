"""What do a feed's changes do: seven conditions of a growing network, and three feeds on a fixed one?

Runs both shipped experiments, or reads their folders where they have been run already, and draws every measure with its
95 % interval over replicates beside the published values. The title says which mind answered.
Published: Larooij and Törnberg 2025, arXiv 2508.03385; Törnberg et al. 2023, arXiv 2310.05984.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import simsoc

from . import common
from .common import BLACK, BLUE, GREY, RED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

EXPERIMENTS = ("feed_interventions", "three_feeds")
TITLES = {
    "ei_follows": "E-I of follows",
    "gini_followers": "Gini, followers",
    "gini_reposts": "Gini, reposts",
    "corr_followers": "|partisan| and followers",
    "corr_reposts": "|partisan| and reposts",
    "ei_likes": "E-I of likes",
    "ei_replies": "E-I of replies",
    "toxicity_replies": "toxicity of replies",
}


def draw(axis: Axes, table: pd.DataFrame, measure: str, arms: Sequence[str], names: bool) -> None:
    """One measure: simulated dots with intervals, published diamonds with ranges, one below the other for each arm."""
    rows = table[table["measure"] == measure].set_index("arm")
    for place, arm in enumerate(reversed(arms)):
        row = rows.loc[arm]
        _point(axis, place + 0.14, row["simulated"], row["low"], row["high"], fmt="o", color=BLUE, markersize=4.5)
        _point(axis, place - 0.14, row["published"], row["from"], row["to"], fmt="D", color=RED, markersize=3.8)
    low, high = axis.get_xlim()
    if low < 0 < high:
        axis.axvline(0, color=GREY, linewidth=0.7, zorder=0)
    axis.set_ylim(-0.6, len(arms) - 0.4)
    axis.set_yticks(range(len(arms)), labels=[arm.replace("_", " ") for arm in reversed(arms)] if names else [])
    axis.set_title(TITLES.get(measure, measure))


def _point(axis: Axes, at: float, value: float, low: float, high: float, **look: Any) -> None:
    """A value with its range, where it has one."""
    spread = [[value - low], [high - value]] if low == low and high == high else None
    axis.errorbar(value, at, xerr=spread, capsize=2, linewidth=1.2, **look)


def run_or_read(name: str, runs: int, folder: Path | None, scratch: Path, overrides: dict[str, Any]) -> Any:
    """The results of a shipped experiment: of its folder where one is given, else run now."""
    if folder is not None:
        return simsoc.open_experiment(folder)
    loaded = common.scenario(name, **{**overrides, "experiment.replicates": runs})
    return simsoc.experiment(loaded, folder=scratch / name)


def main(arguments: Sequence[str] | None = None) -> list[pd.DataFrame]:
    """Print both tables and draw the figure; the tables."""
    parser = common.arguments(__doc__, runs=5)
    parser.add_argument("--growing", type=Path, help="folder of `simsoc experiment scenarios/feed_interventions.yaml`")
    parser.add_argument("--fixed", type=Path, help="folder of `simsoc experiment scenarios/three_feeds.yaml`")
    parser.add_argument("--people", type=int, help="users, instead of 500, for a quick look")
    parser.add_argument("--steps", type=int, help="steps, instead of the scenarios', for a quick look")
    given = parser.parse_args(arguments)
    overrides = {"population.n": given.people, "steps": given.steps}
    changed = {key: value for key, value in overrides.items() if value is not None}
    tables = []
    with TemporaryDirectory() as scratch:
        for name, folder in zip(EXPERIMENTS, (given.growing, given.fixed), strict=True):
            table = run_or_read(name, given.runs, folder, Path(scratch), changed).published
            if table is None:
                parser.error(f"{folder} is no experiment with published values beside")
            tables.append(table)
            shown = table[["arm", "measure", "n", "simulated", "low", "high", "published", "from", "to", "place"]]
            common.show(f"{name}: mean of n runs with its 95 % interval, and what was published", shown, _who([table]))
    picture(tables, given.out / "feed_experiment.png")
    return tables


def picture(tables: Sequence[pd.DataFrame], path: Path) -> None:
    """Five measures of the growing network above, three of the fixed one below."""
    with common.figure(path, 11, 6.4) as made:
        grid = made.add_gridspec(2, 15, height_ratios=[7, 4.2])
        for row, (table, width) in enumerate(zip(tables, (3, 5), strict=True)):
            arms = list(dict.fromkeys(table["arm"]))
            measures = [measure for measure in TITLES if measure in set(table["measure"])]
            for place, measure in enumerate(measures):
                axis = made.add_subplot(grid[row, place * width : (place + 1) * width])
                draw(axis, table, measure, arms, names=place == 0)
        made.suptitle(
            f"Seven conditions of a growing network, and three feeds on a fixed one. {_who(tables)}.", fontsize=10
        )
        seen = {"color": BLUE, "markersize": 4.5, "label": "simulated, with the 95 % interval over runs"}
        known = {"color": RED, "markersize": 3.8, "label": "published, with minimum and maximum where known"}
        handles = [*made.axes[0].plot([], [], "o", **seen), *made.axes[0].plot([], [], "D", **known)]
        made.legend(handles=handles, loc="outside lower center", ncols=2, labelcolor=BLACK)


def _who(tables: Sequence[pd.DataFrame]) -> str:
    """Which minds answered: rules by family, models by name."""
    named = {one.strip().partition(" (")[0] for table in tables for line in table["mind"] for one in line.split(",")}
    rules = sorted({name.partition(".")[0] for name in named if "/" not in name and "." in name})
    models = sorted(name for name in named if "/" in name or "." not in name)
    told = [f"the rules '{name}'" for name in rules] + models
    return f"Here answered {' and '.join(told)}"


if __name__ == "__main__":
    main()
