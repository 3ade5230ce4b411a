"""Does the swap audit find a planted gap between groups of names, and none where there is none?

Stand-ins answer a question about pay: single names matter a little to all of them (3% of the sum, standard deviation),
groups of names to some (5%). Each synthetic audit is a run of the shipped audit with names liked anew, and goes through
the test that `simsoc audit` prints, which permutes groups over names. Asked for: without a gap it rejects at 5% in 3 to
7% of 500 audits, with the gap in more than 95%. Permuting over single answers instead, as if the answers about one name
had nothing to do with each other, finds gaps where there are none. (methods.md, 6.6.3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.measures import swaps

from . import common
from .common import BLUE, GREY, ORANGE, SKY

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05
DESIGNS: Mapping[str, tuple[float, tuple[float, float] | None]] = {
    "no gap": (0.0, (0.03, 0.07)),
    "5% less": (-0.05, (0.95, 1.0)),
}
"""Planted relative gap, and between which the share of rejections has to lie."""


def audits(gap: float, numbers: Sequence[int], samples: int) -> list[tuple[float, float, float]]:
    """The relative gap found, and the p values over names and over answers, of every audit with these numbers."""
    found = []
    for number in common.progress(numbers, f"gap {gap:g}"):
        rule = {"kind": "priced", "gap": gap, "name_sd": 0.03, "prior_seed": number}
        loaded = common.scenario("audit_names", **{"world.rule": rule, "world.samples": samples})
        said = asked(loaded.alone(), number)
        over_names = swaps.gap(said, "female", "male", seed=number)
        over_answers = swaps.gap(said, "female", "male", seed=number, over="answers")
        assert over_names is not None
        assert over_answers is not None
        assert over_names.relative is not None
        found.append((over_names.relative, over_names.p, over_answers.p))
    return found


def asked(loaded: Any, seed: int) -> list[swaps.Asked]:
    """Every answer of a run, with the name it is about."""
    with common.logged(loaded, seed) as run:
        people = run.agents.set_index("agent")
        given = run.events_of("answer")
    names, groups = people["name"], people["gender"]
    rows = zip(given["agent"], given["item"], given["value"], strict=True)
    return [swaps.Asked(names[agent], groups[agent], item, value) for agent, item, value in rows]


def table(found: Mapping[str, Sequence[tuple[float, float, float]]]) -> pd.DataFrame:
    """Shares of audits that reject, with a standard error, and whether they are as asked for."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for name, audited in found.items():
        for over, column in (("names", 1), ("answers", 2)):
            share = sum(row[column] < ALPHA for row in audited) / len(audited)
            bounds = DESIGNS[name][1] if over == "names" else None
            wanted = f"{bounds[0]:.2f}..{bounds[1]:.2f}" if bounds else "too often" if name == "no gap" else "-"
            ok = bounds[0] <= share <= bounds[1] if bounds else share > 0.1
            rows.append(
                {
                    "planted": name,
                    "permuted over": over,
                    "audits": len(audited),
                    "mean relative gap": sum(row[0] for row in audited) / len(audited),
                    "rejects": share,
                    "se": sqrt(share * (1 - share) / len(audited)),
                    "asked for": wanted,
                    "check": "-" if wanted == "-" else "PASS" if ok else "FAIL",
                }
            )
    return pd.DataFrame(rows)


def draw(found: Mapping[str, Sequence[tuple[float, float, float]]], path: Path) -> None:
    """How p values are spread: flat where there is nothing to find and the test is right."""
    with common.figure(path, 8.0, 3.0) as figure:
        for axis, (name, audited) in zip(figure.subplots(1, len(found), squeeze=False)[0], found.items(), strict=True):
            ends = [i / 20 for i in range(21)]
            kept: Any = [[row[1] for row in audited], [row[2] for row in audited]]
            axis.hist(kept, ends, color=[BLUE, ORANGE], label=["permuted over names", "permuted over answers"])
            axis.axhline(len(audited) / 20, color=GREY, lw=1, ls=":", label="flat")
            axis.axvline(ALPHA, color=SKY, lw=1)
            axis.set(xlabel="p", ylabel="audits", title=f"planted: {name}", xlim=(0, 1))
            axis.legend()


def main(given: Sequence[str] | None = None) -> pd.DataFrame:
    """Print the table, write the figure, give the table back."""
    parser = common.arguments(__doc__, runs=500)
    parser.add_argument("--samples", type=int, default=1, help="times each question is asked (default: %(default)s)")
    options = parser.parse_args(given)
    found = {name: audits(gap, range(options.runs), options.samples) for name, (gap, _) in DESIGNS.items()}
    made = table(found)
    with common.logged(common.scenario("audit_names").alone()) as run:
        who = common.mind(run)
    common.show("Synthetic audits of 20 names a group", made, f"answered by: {who}; p below {ALPHA} rejects.")
    draw(found, options.out / "audit_calibration.png")
    return made


if __name__ == "__main__":
    main()
