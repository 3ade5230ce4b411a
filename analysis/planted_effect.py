"""Does `compare` find what is there, and nothing else? Experiments with a planted effect, and without any.

A rule crosses between two parties with a known probability. Each synthetic experiment runs two arms of ten replicates,
real societies of a shipped world, and its effect goes through the very statistics of `simsoc compare`. Asked for: the
planted effect found with the right sign, its 95% interval covering the truth in 92 to 98% of experiments; no effect
found in 93 to 97% of those in which there is none.

Opinion: people side with a party, and cross over with a probability that does not depend on what they see, so the true
effect is exact: the magnetisation is 1 - 2 p in the mean. An arm that lasts a step longer draws again, and changes
nothing.

Twitter: in the growing design people repost whatever they see, and follow its author with one known probability inside
their party and another across. E-I then lies near (across - inside) / (across + inside), -.2 in one arm and .14 in the
other; of a finite run it is a ratio, so that the true difference is the mean over independent pairs of runs. Runs
are long enough for some sixty follows: of fewer, the difference between twins is skewed, as a treatment that only adds
ties across does most where there are few, and the t interval of ten skewed differences covers less. With half as many
steps and fewer reposts it was 94.1%, with four times as many intervals below the truth as above; near the end of the
range (-.89 against -.80) 94.2% and five times. Where nothing is planted, the arms are the same and run on independent
seeds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import sqrt
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import simsoc

from . import common
from .common import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    import pandas as pd

REPLICATES = 10
FAR = 10**7
"""Seeds further on: of arms that are no twins, and of the runs that tell the truth of a ratio."""
OPINION: Mapping[str, Any] = {
    "name": "planted-opinion",
    "steps": 1,
    "world": {
        "kind": "opinion",
        "options": ["ours", "theirs"],
        "include_self": True,
        "stop": "never",
        "rule": {"kind": "curie_weiss", "beta": 0.0, "shift": 0.2},
    },
    "population": {"n": 40},
    "network": "empty",
    "activation": "together",
    "measures": ["magnetisation"],
}
TWITTER: Mapping[str, Any] = {
    "name": "planted-twitter",
    "steps": 80,
    "world": {
        "kind": "twitter",
        "design": "growing",
        "feed": {"kind": "timeline", "followed": 5, "recommended": 5, "by": "chronological"},
        "show": {"party": True, "bios": False},
        "rule": {"kind": "partisan", "follow": 0.8, "other": 0.2},
    },
    "population": {"source": "attributes", "n": 30, "traits": {"party": ["democrat", "republican"]}},
    "measures": ["ei_follows"],
}
CROSSING: Mapping[str, Any] = {
    "steps": 160,
    "world.rule.repost": 0.7,
    "world.rule.post": 0.2,
    "world.rule.taste": 1.0,
    "world.rule.follow": 0.6,
    "world.rule.other": 0.4,
}
"""Who is reposted is no matter of party, and who is followed by the last two probabilities alone."""


class Design(NamedTuple):
    """A treatment and its true effect."""

    scenario: Mapping[str, Any]
    treatment: Mapping[str, Any]
    truth: float | None
    """The difference it makes to the measure; None where runs have to tell."""
    bounds: tuple[float, float] = (0.92, 0.98)
    """Between which the share of experiments has to lie: that cover the truth, or find nothing where nothing is."""
    twins: bool = True
    """Whether the arms of a replicate share a seed."""
    base: Mapping[str, Any] = {}
    """What is changed in both arms."""

    @property
    def measure(self) -> str:
        """What is measured."""
        return str(self.scenario["measures"][0])


DESIGNS = {
    "opinion, planted": Design(OPINION, {"world.rule.shift": 0.1}, -0.2),
    "opinion, nothing": Design(OPINION, {"steps": 2}, 0.0, (0.93, 0.97)),
    "twitter, planted": Design(TWITTER, {"world.rule.other": 0.8}, None, base=CROSSING),
    "twitter, nothing": Design(TWITTER, {}, 0.0, (0.93, 0.97), twins=False),
}


def arms(design: Design) -> dict[str, Any]:
    """The scenarios of both arms, checked."""
    changes = {"base": design.base, "treated": {**design.base, **design.treatment}}
    return {arm: simsoc.load(design.scenario, own) for arm, own in changes.items()}


def experiments(name: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The row of the effect table of every experiment with these numbers."""
    import pandas as pd

    design, rows = DESIGNS[name], []
    loaded = arms(design)
    for number in numbers:
        seeds = [number * REPLICATES + r + 1 for r in range(REPLICATES)]
        values = []
        for arm, scenario in loaded.items():
            own = seeds if design.twins or arm == "base" else [seed + FAR for seed in seeds]
            found = common.each_run(scenario, own, common.measure(design.measure))
            values += [{"arm": arm, "replicate": r, "measure": design.measure, "value": v} for r, v in enumerate(found)]
        (row,) = simsoc.effects(pd.DataFrame(values), "base", seed=number).to_dict("records")
        rows.append({"experiment": number, **row})
    return rows


def differences(name: str, numbers: Sequence[int]) -> list[float]:
    """What the treatment changes in runs of these seeds, which no experiment uses."""
    design = DESIGNS[name]
    base, treated = (
        common.each_run(scenario, [2 * FAR + number for number in numbers], common.measure(design.measure))
        for scenario in arms(design).values()
    )
    return [b - a for a, b in zip(base, treated, strict=True)]


def truth_of(name: str, pairs: int, processes: int) -> tuple[float, float]:
    """The true effect and its standard error: exact where it is known, else the mean over so many pairs of runs."""
    known = DESIGNS[name].truth
    return (known, 0.0) if known is not None else common.mean_and_error(spread(differences, name, pairs, processes))


def spread(what: Callable[[str, Sequence[int]], list[Any]], name: str, count: int, processes: int) -> list[Any]:
    """What comes of so many numbers, spread over processes."""
    size = 20
    title = f"{name}: {count} {'experiments' if what is experiments else 'pairs for the truth'}"
    if not sys.stderr.isatty():
        print(title, file=sys.stderr, flush=True)
    parts = [range(start, min(start + size, count)) for start in range(0, count, size)]
    if processes == 1:
        found = [what(name, part) for part in common.progress(parts, title)]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            waiting = [pool.submit(what, name, part) for part in parts]
            found = [future.result() for future in common.progress(waiting, title)]
    return [row for part in found for row in part]


def verdicts(name: str, found: pd.DataFrame, truth: float) -> dict[str, Any]:
    """How often the interval covers the truth, how often something is found, and whether that is as asked for."""
    low, high = DESIGNS[name].bounds
    covers = float(((found["low"] <= truth) & (truth <= found["high"])).mean())
    away = (found["low"] > 0) | (found["high"] < 0)
    right = float((found["difference"] * truth > 0).mean()) if truth else float("nan")
    asked = covers if truth else 1 - float(away.mean())
    return {
        "experiments": len(found),
        "truth": truth,
        "mean difference": float(found["difference"].mean()),
        "covered": covers,
        "interval above": float((found["low"] > truth).mean()),
        "interval below": float((found["high"] < truth).mean()),
        "se": sqrt(covers * (1 - covers) / len(found)),
        "right sign": right,
        "interval leaves out 0": float(away.mean()),
        "sign-flip p < .05": float((found["p"] < 0.05).mean()),
        "found": float((found["found"] == "yes").mean()),
        "mean correlation": float(found["correlation"].mean()),
        "asked for": f"{low:.2f}..{high:.2f}",
        "check": "PASS" if low <= asked <= high and not right < 0.99 else "FAIL",
    }


def draw(found: Mapping[str, pd.DataFrame], truths: Mapping[str, float], path: Path, shown: int = 100) -> None:
    """The first intervals of each planted effect, those that miss the truth in another colour."""
    with common.figure(path, 8.2, 2.4 * len(found)) as figure:
        for axis, (name, rows) in zip(figure.subplots(len(found), squeeze=False)[:, 0], found.items(), strict=True):
            some, truth = rows.head(shown), truths[name]
            hit = (some["low"] <= truth) & (truth <= some["high"])
            for kept, colour, label in ((hit, BLUE, "covers the truth"), (~hit, ORANGE, "misses it")):
                part = some[kept]
                style: Any = {"fmt": ".", "ms": 3, "lw": 0.8, "color": colour, "label": label}
                axis.errorbar(part["experiment"], part["difference"], part["high"] - part["difference"], **style)
            axis.axhline(truth, color=GREY, lw=1)
            axis.axhline(0, color=GREY, lw=0.5, ls=":")
            axis.set(xlabel="experiment", ylabel="difference, 95% interval", title=f"{name}: ten replicates each")
            axis.legend(loc="upper right", ncols=2)


def main(given: Sequence[str] | None = None) -> pd.DataFrame:
    """Print the table, write the figure, give the table back: a column for each design."""
    import pandas as pd

    parser = common.arguments(__doc__, runs=400)
    parser.add_argument("--nothing", type=int, default=1000, help="experiments without effect (default: %(default)s)")
    parser.add_argument("--pairs", type=int, default=2000, help="pairs that tell a true ratio (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=cores(), help="processes (default: every core, %(default)s)")
    parser.add_argument("--designs", nargs="+", default=list(DESIGNS), choices=list(DESIGNS), help="which designs")
    options = parser.parse_args(given)
    found, truths, errors = {}, {}, {}
    for name in options.designs:
        count = options.nothing if name.endswith("nothing") else options.runs
        truths[name], errors[name] = truth_of(name, options.pairs, options.processes)
        found[name] = pd.DataFrame(spread(experiments, name, count, options.processes))
    table = pd.DataFrame(
        {name: verdicts(name, rows, truths[name]) | {"se of truth": errors[name]} for name, rows in found.items()}
    )
    table = table.rename_axis("").reset_index()
    who = "; ".join(dict.fromkeys(f"{name.partition(',')[0]}: {_mind(name)}" for name in options.designs))
    common.show("Synthetic experiments of two arms and ten replicates, by compare", table, f"answered by: {who}.")
    planted = {name: rows for name, rows in found.items() if name.endswith("planted")}
    if planted:
        draw(planted, truths, options.out / "planted_effect.png")
    return table


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _mind(name: str) -> str:
    """Who answers in a design, as the log of a run has it."""
    with common.logged(arms(DESIGNS[name])["base"]) as run:
        return common.mind(run)


if __name__ == "__main__":
    main()
