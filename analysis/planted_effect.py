"""Does `compare` find what is there, and nothing else? Experiments with a planted effect, and without any.

People side with one of two parties; a rule crosses over with a known probability, so the true effect of changing that
probability is known exactly. Each synthetic experiment runs two arms of ten replicates as twins, real societies of the
opinion world, and its effect goes through the very statistics of `simsoc compare`. Asked for: the planted effect found
with the right sign, its 95% interval covering the truth in 92 to 98% of experiments; no effect found in 93 to 97% of
those in which the treatment changes nothing but chance.

The rule: first party with probability 1/2 + shift, whatever is seen (`curie_weiss` at beta 0), so that the mean
magnetisation is 2 shift after any number of turns each. An arm that lasts a step longer draws again, and changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import sqrt
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, NamedTuple

import simsoc

from . import common
from .common import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import pandas as pd

PEOPLE = 40
REPLICATES = 10
CROSSING = 0.1
"""How much more often people cross over to the other party in the treated arm."""
MEASURE = "magnetisation"
SCENARIO: Mapping[str, Any] = {
    "name": "planted-effect",
    "steps": 1,
    "world": {
        "kind": "opinion",
        "options": ["ours", "theirs"],
        "include_self": True,
        "stop": "never",
        "rule": {"kind": "curie_weiss", "beta": 0.0, "shift": 0.2},
    },
    "population": {"n": PEOPLE},
    "network": "empty",
    "activation": "together",
    "measures": [MEASURE],
}


class Design(NamedTuple):
    """A treatment whose true effect is known."""

    treatment: Mapping[str, Any]
    truth: float
    """The difference it makes to the mean magnetisation."""
    bounds: tuple[float, float]
    """Between which the share of experiments has to lie: that cover the truth, or find nothing where nothing is."""


DESIGNS = {
    "planted": Design({"world.rule.shift": 0.2 - CROSSING}, -2 * CROSSING, (0.92, 0.98)),
    "nothing": Design({"steps": 2}, 0.0, (0.93, 0.97)),
}


def experiments(name: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The row of the effect table of every experiment with these numbers."""
    import pandas as pd

    loaded = {"base": simsoc.load(SCENARIO), "treated": simsoc.load(SCENARIO, DESIGNS[name].treatment)}
    rows = []
    for number in numbers:
        seeds = [number * REPLICATES + r + 1 for r in range(REPLICATES)]
        values = [
            {"arm": arm, "replicate": r, "measure": MEASURE, "value": value}
            for arm, scenario in loaded.items()
            for r, value in enumerate(common.each_run(scenario, seeds, common.measure(MEASURE)))
        ]
        (row,) = simsoc.effects(pd.DataFrame(values), "base", seed=number).to_dict("records")
        rows.append({"experiment": number, **row})
    return rows


def all_experiments(name: str, count: int, processes: int) -> pd.DataFrame:
    """So many of them, spread over processes."""
    import pandas as pd

    size = 20
    parts = [range(start, min(start + size, count)) for start in range(0, count, size)]
    if processes == 1:
        found = [experiments(name, part) for part in common.progress(parts, name)]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            waiting = [pool.submit(experiments, name, part) for part in parts]
            found = [future.result() for future in common.progress(waiting, name)]
    return pd.DataFrame([row for part in found for row in part])


def verdicts(name: str, found: pd.DataFrame) -> dict[str, Any]:
    """How often the interval covers the truth, how often something is found, and whether that is as asked for."""
    design, many = DESIGNS[name], len(found)
    covers = float(((found["low"] <= design.truth) & (design.truth <= found["high"])).mean())
    away = (found["low"] > 0) | (found["high"] < 0)
    right = away & (found["difference"] * design.truth > 0) if design.truth else away
    low, high = design.bounds
    asked = covers if design.truth else 1 - float(away.mean())
    return {
        "experiments": many,
        "truth": design.truth,
        "mean difference": float(found["difference"].mean()),
        "covered": covers,
        "se": sqrt(covers * (1 - covers) / many),
        "interval leaves out 0": float(away.mean()),
        "right sign": float(right.mean()) if design.truth else float("nan"),
        "sign-flip p < .05": float((found["p"] < 0.05).mean()),
        "found": float((found["found"] == "yes").mean()),
        "mean correlation": float(found["correlation"].mean()),
        "asked for": f"{low:.2f}..{high:.2f}",
        "check": "PASS" if low <= asked <= high and (not design.truth or right.mean() > 0.95) else "FAIL",
    }


def table(planted: pd.DataFrame, nothing: pd.DataFrame) -> pd.DataFrame:
    """One column for each design."""
    import pandas as pd

    made = {name: verdicts(name, found) for name, found in (("planted", planted), ("nothing", nothing))}
    return pd.DataFrame(made).rename_axis("").reset_index()


def draw(planted: pd.DataFrame, path: Any, shown: int = 100) -> None:
    """The first intervals of the planted effect, those that miss it in another colour."""
    truth = DESIGNS["planted"].truth
    some = planted.head(shown)
    with common.figure(path, 8.2, 2.6) as figure:
        axis = figure.subplots()
        hit = (some["low"] <= truth) & (truth <= some["high"])
        for kept, colour, label in ((hit, BLUE, "covers the truth"), (~hit, ORANGE, "misses it")):
            part = some[kept]
            half = part["high"] - part["difference"]
            axis.errorbar(
                part["experiment"], part["difference"], half, fmt=".", ms=3, lw=0.8, color=colour, label=label
            )
        axis.axhline(truth, color=GREY, lw=1, label="truth")
        axis.axhline(0, color=GREY, lw=0.5, ls=":")
        axis.set(xlabel="experiment", ylabel="difference, 95% interval", title="A planted effect, ten replicates each")
        axis.legend(loc="upper right", ncols=3)


def main(given: Sequence[str] | None = None) -> pd.DataFrame:
    """Print the table, write the figure, give the table back."""
    parser = common.arguments(__doc__, runs=400)
    parser.add_argument(
        "--nothing", type=int, default=1000, help="experiments without an effect (default: %(default)s)"
    )
    parser.add_argument("--processes", type=int, default=1, help="processes (default: %(default)s)")
    options = parser.parse_args(given)
    planted = all_experiments("planted", options.runs, options.processes)
    nothing = all_experiments("nothing", options.nothing, options.processes)
    found = table(planted, nothing)
    common.show(
        "Synthetic experiments of two arms and ten replicates through the statistics of compare",
        found,
        f"answered by: curie_weiss (rule), {PEOPLE} people; planted: cross over {CROSSING:g} more often.",
    )
    draw(planted, options.out / "planted_effect.png")
    return found


if __name__ == "__main__":
    main()
