"""How do newcomers choose whom to follow: by followers, or by name?

From the logs of growing networks: the exponent alpha of the attachment kernel (k + 1)^alpha, the Gini coefficient of
followers and the share of the most followed, for rules that look at followers (alpha 0, .5, 1, 1.5) and for a mere
liking of names (weight exp(b z), b 1 to 4), with names fixed and with names redrawn for every choice.
Design: De Marzo, Pietronero, Garcia 2023, arXiv 2312.06619; reference values simulated independently at N = 1000.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import simsoc
from simsoc.measures.inequality import gini, top_share
from simsoc.measures.kernel import kernel_exponent

from . import common
from .common import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

NAMES = ("fixed", "redrawn")
PEOPLE = 1000
"""The size the reference values are for."""
KERNELS = {0.0: (0.66, 0.011, 0.002), 0.5: (0.74, 0.018, 0.005), 1.0: (0.84, 0.069, 0.025), 1.5: (0.99, 0.79, 0.16)}
"""alpha: Gini, top share and its standard deviation over runs."""
LIKINGS = {1: 0.03, 2: 0.09, 3: 0.19, 4: 0.36}
"""b: typical top share with names fixed."""
BY_CHANCE = 0.011
"""Top share when newcomers choose uniformly."""


def choices(run: simsoc.Run) -> Iterator[tuple[int, dict[int, int]]]:
    """Followers of everybody chosen, and how many candidates had how many followers, told by the events of a log."""
    held = dict.fromkeys(run.agents.query("born_step == 0")["agent"], 0)
    events = run.events_of("join", "follow")
    for kind, chooser, chosen in zip(events["kind"], events["agent"], events["to"], strict=True):
        if kind == "join":
            held[chooser] = 0
            continue
        among = Counter(k for agent, k in held.items() if agent != chooser)
        for other in chosen:
            yield held[other], dict(among)
            among[held[other]] -= 1
        for other in chosen:
            held[other] += 1


def followers(run: simsoc.Run) -> list[int]:
    """How many follow each person at the end."""
    counted = run.ties["b"].value_counts()
    return [int(k) for k in run.agents["agent"].map(counted).fillna(0)]


def seen(run: simsoc.Run) -> dict[str, Any]:
    """What is taken from one log."""
    held = followers(run)
    return {
        "alpha": kernel_exponent(choices(run)).alpha,
        "gini": gini(held),
        "top": top_share(held),
        "who": common.mind(run),
    }


def measured(runs: int, n: int) -> pd.DataFrame:
    """One row for each run of each design. In the name design every run has likings of its own."""
    import pandas as pd

    by_degree = [("growth_newcomers", "alpha", alpha) for alpha in KERNELS]
    designs = by_degree + [("growth_token_prior", "b", b) for b in LIKINGS]
    todo = [(*design, names, seed) for design in designs for names in NAMES for seed in range(runs)]
    rows = []
    for name, parameter, value, names, seed in common.progress(todo, "growing networks"):
        given = {"population.n": n, "world.names": names, f"world.rule.{parameter}": value}
        if parameter == "b":
            given["world.rule.prior_seed"] = seed
        with common.logged(common.scenario(name, **given), seed) as run:
            rows.append({"parameter": parameter, "value": value, "names": names, "seed": seed} | seen(run))
    return pd.DataFrame(rows)


def summary(found: pd.DataFrame, n: int) -> pd.DataFrame:
    """Means over runs (medians of top shares of likings, which are very skewed), beside the reference."""
    import pandas as pd

    rows = []
    for (parameter, value, names), group in found.groupby(["parameter", "value", "names"], sort=True):
        alpha, alpha_error = common.mean_and_error(group["alpha"])
        typical = median if parameter == "b" and names == "fixed" else fmean
        row = {
            "rule": f"{group['who'].iloc[0]} {parameter} {value:g}", "names": names, "runs": len(group),
            "alpha": alpha, "se": alpha_error, "gini": fmean(group["gini"]), "top": typical(group["top"]),
            "lowest": group["top"].min(), "highest": group["top"].max(),
        }  # fmt: skip
        rows.append(row | beside(row, str(parameter), value, str(names), n))
    return pd.DataFrame(rows)


def beside(row: dict[str, Any], parameter: str, value: Any, names: str, n: int) -> dict[str, Any]:
    """The reference values of a row and whether it keeps to them; none for other sizes than the reference's."""
    if n != PEOPLE:
        return {"gini ref": float("nan"), "top ref": float("nan"), "check": "-"}
    if parameter == "alpha":
        even, top, spread = KERNELS[value]
        checks = [
            common.verdict(row["alpha"], value, within=0.1),
            common.verdict(row["gini"], even, within=0.02),
            common.verdict(row["top"], top, within=3 * spread),
        ]
    elif names == "fixed":
        even, top = float("nan"), LIKINGS[value]
        checks = [common.verdict(row["top"], top, share=0.35)]
    else:
        even, top = KERNELS[0.0][0], BY_CHANCE
        checks = [common.verdict(row["top"], top, within=0.003)]
    return {"gini ref": even, "top ref": top, "check": "FAIL" if "FAIL" in checks else "PASS"}


def draw(found: pd.DataFrame, n: int, path: Path) -> None:
    """Top share of every run, with names fixed and redrawn; the reference as open marks."""
    of_degree, of_name = (found[found["parameter"] == parameter] for parameter in ("alpha", "b"))
    with common.figure(path, 8.2, 3.9) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        panel(left, of_degree, {alpha: top for alpha, (_, top, _) in KERNELS.items()}, n)
        panel(right, of_name, LIKINGS, n)
        left.set(xlabel=f"exponent alpha of {of_degree['who'].iloc[0]}", ylabel="share of links of the most followed")
        left.set_title("Choosing by followers: names do not matter")
        right.set(xlabel=f"strength b of {of_name['who'].iloc[0]}")
        right.set_title("Choosing by name: redrawing undoes the hub")
        left.legend(loc="upper left", title=f"{n} people; dots: runs, bars: median", title_fontsize=8)


def panel(axis: Axes, found: pd.DataFrame, reference: Mapping[Any, float], n: int) -> None:
    """A dot for each run and a bar for their median, side by side for fixed and redrawn names."""
    values = sorted(found["value"].unique())
    for names, colour, shift in zip(NAMES, (ORANGE, BLUE), (-0.18, 0.18), strict=True):
        for at, value in enumerate(values):
            tops = list(found[(found["value"] == value) & (found["names"] == names)]["top"])
            spread = [at + shift + 0.16 * ((i + 0.5) / len(tops) - 0.5) for i in range(len(tops))]
            label = f"names {names}" if at == 0 else None
            axis.plot(spread, tops, "o", color=colour, ms=3.5, alpha=0.55, mew=0, label=label)
            axis.hlines(median(tops), at + shift - 0.13, at + shift + 0.13, color=colour, lw=2)
    if n == PEOPLE:
        places = range(len(values))
        axis.plot(places, [reference[v] for v in values], "D", mfc="white", mec="black", ms=5, label="reference")
        axis.axhline(BY_CHANCE, color=GREY, lw=0.8, ls="--", label="uniform choice")
    axis.set_yscale("log")
    axis.set_ylim(0.004, 1.2)
    axis.set_yticks([0.01, 0.03, 0.1, 0.3, 1], labels=["1%", "3%", "10%", "30%", "100%"])
    axis.set_yticks([], minor=True)
    axis.set_xticks(range(len(values)), labels=[f"{v:g}" for v in values])
    axis.set_xlim(-0.55, len(values) - 0.45)


def main(given: Sequence[str] | None = None) -> pd.DataFrame:
    """Print the table, write the figure, give the table back."""
    parser = common.arguments(__doc__, runs=10)
    parser.add_argument("--people", type=int, default=PEOPLE, help="people in each network (default: %(default)s)")
    options = parser.parse_args(given)
    found = measured(options.runs, options.people)
    table = summary(found, options.people)
    common.show(
        f"Networks of {options.people} newcomers, one link each",
        table,
        "alpha: estimated from the choices in the log. top: share of links of the most followed, mean over runs",
        "(median for token_prior with names fixed, where runs differ most); lowest and highest of the runs beside it.",
        "Checks: alpha within .1, Gini .02, top share 3 sd; likings with names fixed 35%, redrawn .003 from .011.",
    )
    draw(found, options.people, options.out / "kernel.png")
    return table


if __name__ == "__main__":
    main()
