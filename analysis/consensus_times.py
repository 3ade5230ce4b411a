"""How long do groups take to agree? Majority followers and copiers beside GPT-4 Turbo.

Sweeps from half and half to consensus on a complete graph: the Curie-Weiss rule with majority force 3.75 (each agent
counts itself) grows with ln N, the voter model with N ln 2. Published: De Marzo, Castellano, Garcia 2024, arXiv
2409.02822 (2 to 5 runs of GPT-4 Turbo per size); the reference was simulated independently, with 10% asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

from . import common
from .common import BLUE, GREY, ORANGE, RED

if TYPE_CHECKING:
    import pandas as pd

REFERENCE = {6: 2.0, 10: 2.6, 20: 3.3, 50: 4.4, 100: 5.1, 200: 6.2}
GPT_4_TURBO = {10: 2.1, 50: 3.7, 100: 4.9, 200: 5.7}
VOTERS = (20, 100)
"""Sizes between which the voter model is simulated: N ln 2 is its large-N limit, and its runs take long."""


def times(name: str, n: int, runs: int) -> tuple[float, float]:
    """Mean sweeps to consensus with standard error."""
    loaded = common.scenario(name, population__n=n, steps=100_000)
    return common.mean_and_error(common.each_run(loaded, range(runs), common.measure("sweeps")))


def table(runs: int, sizes: Sequence[int]) -> pd.DataFrame:
    """One row for each size."""
    import pandas as pd

    rows = []
    for n in common.progress(sizes, "groups"):
        found, error = times("opinion_curie_weiss", n, runs)
        copied = times("opinion_voter", n, runs) if VOTERS[0] <= n <= VOTERS[1] else (float("nan"),) * 2
        reference = REFERENCE.get(n, float("nan"))
        rows.append({
            "N": n, "runs": runs, "curie_weiss": found, "se": error, "reference": reference,
            "check": common.verdict(found, reference, share=0.1), "GPT-4 Turbo": GPT_4_TURBO.get(n, float("nan")),
            "voter": copied[0], "voter se": copied[1], "N ln 2": n * log(2),
            "voter check": common.verdict(copied[0], n * log(2), share=0.1) if copied[0] > 0 else "-",
        })  # fmt: skip
    return pd.DataFrame(rows)


def minds() -> list[str]:
    """Who answered, read from the log of a run of each kind."""
    found = []
    for name in ("opinion_curie_weiss", "opinion_voter"):
        with common.logged(common.scenario(name, population__n=10)) as run:
            found.append(common.mind(run))
    return found


def draw(found: pd.DataFrame, who: Sequence[str], path: Path) -> None:
    """Left, the majority rule beside its reference and the published model; right, the same beside copiers."""
    with common.figure(path, 8.2, 3.7) as figure:
        near, far = figure.subplots(1, 2)
        sizes, runs = found["N"], found["runs"].iloc[0]
        rule = {"y": found["curie_weiss"], "yerr": 2 * found["se"], "fmt": "o-", "color": BLUE, "ms": 4.5}
        near.plot(
            GPT_4_TURBO.keys(), GPT_4_TURBO.values(), "D", mfc="white", color=RED, ms=6, mew=1.4, zorder=3,
            label="GPT-4 Turbo, published",
        )  # fmt: skip
        near.plot(REFERENCE.keys(), REFERENCE.values(), "s", mfc="none", color=GREY, ms=10, label="reference")
        near.errorbar(sizes, **rule, label=f"{who[0]}, beta 3.75, {runs} runs")
        near.set(
            ylim=(0, 8), ylabel="mean sweeps to consensus (2 s.e.)", title="Following the majority: grows with ln N"
        )
        far.plot(sizes, found["N ln 2"], "--", color=GREY, lw=1, label="N ln 2")
        far.errorbar(sizes, found["voter"], 2 * found["voter se"], fmt="^", color=ORANGE, ms=5, label=who[1])
        far.errorbar(sizes, **rule, label=who[0])
        far.set(yscale="log", title="Copying one other: grows with N")
        far.set_yticks([1, 3, 10, 30, 100], labels=["1", "3", "10", "30", "100"])
        far.set_yticks([], minor=True)
        for axis in (near, far):
            common.log_ticks(axis, sorted({*sizes, *REFERENCE}))
            axis.set_xlabel("people N")
            axis.legend(loc="upper left")


def main(given: Sequence[str] | None = None) -> pd.DataFrame:
    """Print the table, write the figure, give the table back."""
    parser = common.arguments(__doc__, runs=400)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(REFERENCE), help="group sizes")
    options = parser.parse_args(given)
    found, who = table(options.runs, options.sizes), minds()
    common.show(
        "Mean sweeps to consensus from half and half, complete graph",
        found,
        f"answered by: {'; '.join(who)}. GPT-4 Turbo: published, arXiv 2409.02822. Checks: within 10%.",
    )
    draw(found, who, options.out / "consensus_times.png")
    return found


if __name__ == "__main__":
    main()
