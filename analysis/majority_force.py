"""How strongly do language models follow a majority, and up to which group size do they agree?

Refits P(m) = (1 + tanh(beta m)) / 2 to the adoption curves measured for ten models, finds where beta(N) crosses
ln(N) / 2, and runs 50 agents for ten sweeps, once with the fitted force and once with the measured curve.
Published: De Marzo, Castellano, Garcia 2024, arXiv 2409.02822.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.measures.force import Force, consensus_force, critical_size, curie_weiss, fit_curie_weiss
from simsoc.worlds.opinion import published

from . import common
from .common import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CROSSINGS = {
    "claude-2": 11, "llama-3-70b": 24, "claude-3-sonnet": 71, "gpt-4o": 72, "gpt-4": 541, "gpt-4-turbo": 915,
}  # fmt: skip
"""Sizes at which beta(N) was found to cross ln(N) / 2 when the released curves were refitted for simsoc."""
STAND_IN = {
    "claude-3-opus": 1.0, "gpt-4-turbo": 1.0, "llama-3-70b": 0.82, "claude-3-haiku": 0.12, "gpt-3.5-turbo": 0.12,
}  # fmt: skip
"""Mean |m| of 50 agents after ten sweeps with the fitted force, simulated independently."""


def refit(name: str, n: int) -> Force:
    """Majority force from the shipped curve of a model in groups of n."""
    return fit_curie_weiss(*published.curve(name, n), weights=published.repeats(name, n))


def forces() -> pd.DataFrame:
    """Refitted and published force of every shipped curve, one row each."""
    import pandas as pd

    rows = []
    for name in published.names():
        for n in published.sizes(name):
            fit, known, error = refit(name, n), published.beta(name, n), published.beta_error(name, n)
            rows.append({
                "model": name, "N": n, "beta": fit.beta, "se": fit.beta_se, "published": known, "R2": fit.r_squared,
                "check": common.verdict(fit.beta, known, within=0.02) if error is not None and error < 0.5 else "-",
            })  # fmt: skip
    return pd.DataFrame(rows)


def crossings(fits: pd.DataFrame) -> pd.DataFrame:
    """Where each model's force falls below ln(N) / 2, beside the size that its authors give."""
    import pandas as pd

    rows = []
    for name, group in fits.groupby("model", sort=False):
        found = critical_size(list(group["N"]), list(group["beta"]))
        known = published.model(str(name))["critical_size"]
        size = float("nan") if found.size is None else found.size
        rows.append({
            "model": name, "beta(50)": group.loc[group["N"] == 50, "beta"].iloc[0], "crossing": size,
            "where": f"{found.side} {group['N'].iloc[0]}..{group['N'].iloc[-1]}",
            "expected": CROSSINGS.get(str(name), float("nan")),
            "check": common.verdict(size, CROSSINGS.get(str(name)), within=0.5, share=0.01),
            "authors": "-" if known is None else ("at least " if known["at_least"] else "") + str(known["n"]),
        })  # fmt: skip
    return pd.DataFrame(rows)


def final(fits: pd.DataFrame, runs: int) -> tuple[pd.DataFrame, list[str]]:
    """Mean |m| and share at consensus of 50 agents after ten sweeps, and who answered."""
    import pandas as pd

    fifty = fits[fits["N"] == 50].set_index("model")["beta"]
    rows, who = [], []
    for name in common.progress(list(STAND_IN), "fifty agents"):
        rules = ({"kind": "curie_weiss", "beta": float(fifty[name])}, {"kind": "published", "curve": name})
        known = published.model(name)["final_abs_m"]
        row: dict[str, Any] = {"model": name, "runs": runs, "published": known["mean"]}
        for kind, rule in zip(("tanh", "curve"), rules, strict=True):
            loaded = common.scenario("opinion_majority_force", **{"world.rule": rule})
            sizes = common.each_run(loaded, range(runs), common.measure("abs_magnetisation"))
            row[kind], row[f"{kind} se"] = common.mean_and_error(sizes)
            row[f"{kind} agreed"] = sum(m == 1 for m in sizes) / runs
            with common.logged(loaded) as run:
                who.append(common.mind(run))
        row |= {"published agreed": known["share_consensus"], "stand-in": STAND_IN[name]}
        rows.append(row | {"check": common.verdict(row["tanh"], STAND_IN[name], within=0.05)})
    order = ["model", "runs", "published", "curve", "curve se", "tanh", "tanh se", "stand-in", "check"]
    agreed = ["published agreed", "curve agreed", "tanh agreed"]
    return pd.DataFrame(rows)[order + agreed], list(dict.fromkeys(who))


# -- figure -----------------------------------------------------------------------------------------------------------


def draw(fits: pd.DataFrame, ends: pd.DataFrame, who: Sequence[str], path: Path) -> None:
    """Ten adoption curves with their fits; force against size; final agreement, published beside simulated."""
    with common.figure(path, 8.6, 7.4) as figure:
        top, bottom = figure.subfigures(2, 1, height_ratios=[1.25, 1], squeeze=False)[:, 0]
        top.suptitle("Adoption curves at N = 50: measured for models (marks) and refitted (line, beta)", fontsize=10)
        axes = top.subplots(2, 5, sharex=True, sharey=True)
        for axis, name in zip(axes.flat, published.names(), strict=True):
            adoption(axis, name)
        for axis in axes[1]:
            axis.set_xlabel("mean opinion m")
        for axis in axes[:, 0]:
            axis.set_ylabel("P(A)")
        left, right = bottom.subplots(1, 2, width_ratios=[1.35, 1])
        force_by_size(left, fits)
        ends_of_runs(right, ends, who)


def adoption(axis: Axes, name: str) -> None:
    """A measured curve (points) and the refitted tanh (line)."""
    axis.axhline(0.5, color=GREY, lw=0.5)
    axis.axvline(0, color=GREY, lw=0.5)
    beta = refit(name, 50).beta
    at = [i / 50 for i in range(-50, 51)]
    axis.plot(at, [curie_weiss(m, beta) for m in at], color=BLUE)
    axis.plot(*published.curve(name), "D", mfc="white", color=RED, ms=3.2, mew=0.9)
    axis.set(xticks=[-1, 0, 1], yticks=[0, 0.5, 1], xlim=(-1.05, 1.05), ylim=(-0.05, 1.05))
    axis.set_title(f"{published.model(name)['title']}  {beta:.2f}", fontsize=8)


def force_by_size(axis: Axes, fits: pd.DataFrame) -> None:
    """beta(N) of the models that were measured at several sizes, with the line below which groups do not agree."""
    looks = [(BLUE, "o"), (RED, "D"), (GREEN, "s"), (ORANGE, "^"), (PURPLE, "v"), (SKY, "P"), (BLACK, "x"), (GREY, "*")]
    shown = [name for name, group in fits.groupby("model", sort=False) if len(group) > 3]
    for name, (colour, mark) in zip(shown, looks, strict=True):
        group = fits[(fits["model"] == name) & (fits["N"] >= 10)]
        title = published.model(str(name))["title"]
        axis.plot(group["N"], group["beta"], mark + "-", color=colour, ms=4, lw=0.9, label=title)
    sizes = [8 * 1.1**i for i in range(70)]
    axis.plot(sizes, [consensus_force(n) for n in sizes], "--", color=BLACK, lw=1)
    axis.text(2000, consensus_force(2000) + 0.25, "ln(N) / 2", ha="right", fontsize=8)
    common.log_ticks(axis, [10, 20, 50, 100, 200, 500, 1000, 5000])
    axis.set(ylim=(-1.5, 14.5), xlim=(9, 6000), xlabel="people N", ylabel="majority force beta")
    axis.set_title("Above the dashed line groups agree")
    axis.legend(fontsize=7, ncols=3, loc="upper right")


def ends_of_runs(axis: Axes, ends: pd.DataFrame, who: Sequence[str]) -> None:
    """Mean |m| after ten sweeps: published, with the measured curve, with the fitted tanh."""
    rows = range(len(ends))
    looks = (("tanh", BLUE, "o", f"tanh: {who[0]}", -0.14), ("curve", GREEN, "s", f"curve: {who[1]}", 0.14))
    for kind, colour, mark, label, shift in looks:
        axis.errorbar(
            ends[kind], [r + shift for r in rows], xerr=2 * ends[f"{kind} se"], fmt=mark, color=colour, ms=4.5,
            label=label,
        )  # fmt: skip
    axis.plot(ends["published"], rows, "D", mfc="white", color=RED, ms=5, mew=1.3, label="models, published", zorder=3)
    axis.set_yticks(rows, labels=[published.model(name)["title"] for name in ends["model"]], fontsize=8)
    axis.set(xlim=(-0.03, 1.06), ylim=(len(ends) + 0.5, -0.6), xlabel="mean |m|, 2 s.e.")
    axis.set_title("Fifty agents after ten sweeps")
    axis.legend(fontsize=7, ncols=1, loc="lower center")


def main(given: Sequence[str] | None = None) -> tuple[pd.DataFrame, ...]:
    """Print the tables, write the figure, give the tables back."""
    options = common.arguments(__doc__, runs=200).parse_args(given)
    fits = forces()
    sizes, (ends, who) = crossings(fits), final(fits, options.runs)
    common.show("Majority force refitted to the shipped adoption curves", fits, "Checks: within .02 where s.e. < .5.")
    common.show(
        "Group size up to which models agree: where beta(N) falls below ln(N) / 2",
        sizes,
        f"At N = 50 the force needed is {consensus_force(50):.2f}. `where`: smallest and largest size measured.",
        "Checks: within half a person or 1%.",
    )
    common.show(
        "Mean |m| of 50 agents after ten sweeps from half and half",
        ends,
        f"answered by: {'; '.join(who)}; published: the models themselves. Check: tanh against stand-in, within .05.",
    )
    draw(fits, ends, who, options.out / "majority_force.png")
    return fits, sizes, ends


if __name__ == "__main__":
    main()
