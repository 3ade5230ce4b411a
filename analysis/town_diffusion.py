"""How far do a party and a candidacy go round in a town of twenty-five, who comes, and what is lost without memory?

Runs the shipped town in its published ablations, reads who knew what by when from the logs, holds what people say in
surveys against their memories, and draws it beside the published run. Published: Park et al. 2023, arXiv 2304.03442, a
single run of gpt-3.5-turbo without error bars; within a factor of two is agreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.measures import diffusion
from simsoc.worlds.town import answers
from simsoc.worlds.town.diffusion import answered, attendance

from . import common
from .common import BLACK, BLUE, GREEN, GREY, ORANGE, RED

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    import simsoc

PUBLISHED = {"party": 13 / 25, "candidacy": 8 / 25}
"""Share of the people who knew at the end."""
DENSITY = (0.167, 0.74)
"""Of mutual knowledge, at the start and at the end."""
INVITED, CAME = 12, 5
ARMS = {
    "full": "everything",
    "no_reflection": "no reflection",
    "no_reflection_no_planning": "no reflection,\nno planning",
    "nothing": "no memory, reflection,\nplanning",
}
"""The published ablations, and what the figure calls them."""
COLOURS = {"party": BLUE, "candidacy": ORANGE}
MARKS = {"party": "o", "candidacy": "s"}


def one(run: simsoc.Run) -> dict[str, Any]:
    """What a run has to say: knowers by game hour, densities, invited and came, and shares of answers in surveys."""
    tick = _hours(run)
    people, steps = len(run.agents), run.info["steps"]
    found = diffusion.knowers(run.stored_events())
    curves = {
        item: [(step * tick, count / people) for step, count in diffusion.by_step(found, item)] for item in PUBLISHED
    }
    counted = answers.counted(answers.claims(run, "knowledge"))
    last = counted[counted["step"] == steps].set_index("item")
    named = answers.closest(run, "acquaintance", "closest")
    (party,) = attendance(run)
    before, after = answers.acquaintance(run)
    return {
        "curves": curves,
        "hours": steps * tick,
        **{item: curve[-1][1] for item, curve in curves.items()},
        **{f"says {item}": float(last["share"].get(item, float("nan"))) for item in PUBLISHED},
        "invented": int(counted["invented"].sum()),
        "before": before,
        "after": after,
        "invited": len(party["invited"]),
        "came": len(party["came"]),
        "closest": float(named["right"].astype("Float64").mean()) if named["right"].notna().any() else float("nan"),
        "chance": float(named["chance"].mean()) if named["chance"].notna().any() else float("nan"),
    }


def _hours(run: simsoc.Run) -> float:
    """Game hours of a step."""
    from simsoc.worlds.town.times import seconds

    return seconds(answers.town_of(run).get("step", "1min")) / 3600


def sampled(curve: Sequence[tuple[float, float]], hours: Sequence[float]) -> list[float]:
    """The share who know at these hours."""
    return [max((share for hour, share in curve if hour <= at), default=0.0) for at in hours]


def runs_of(arm: str, seeds: Sequence[int], days: float) -> tuple[list[dict[str, Any]], str]:
    """Runs of an arm, and which mind answered in them."""
    made, who = [], ""
    for seed in common.progress(seeds, f"town, {arm}"):
        scenario = common.scenario("town_25", **{"world.days": days, **_keys(arm)})
        with common.logged(scenario, seed) as run:
            made.append(one(run))
            who = answered(run).partition(" (")[0]
    return made, who


def _keys(arm: str) -> Mapping[str, Any]:
    scenario = common.scenario("town_25")
    return dict(scenario.experiment.arms[arm])


def table(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> pd.DataFrame:
    """Means over runs with their standard errors, a row for each arm, and the published run."""
    import pandas as pd

    rows = []
    for arm, runs in found.items():
        row: dict[str, Any] = {"arm": arm, "runs": len(runs)}
        for name in ("party", "candidacy", "invented", "before", "after", "invited", "came", "closest", "chance"):
            row[name], row[f"{name} se"] = common.mean_and_error([float(run[name]) for run in runs])
        rows.append(row)
    made = pd.DataFrame(rows)
    kept = ("party se", "candidacy se", "came se")
    errors = [name for name in made.columns if name.endswith(" se") and name not in kept]
    published = {
        "arm": "published", "runs": 1, **PUBLISHED, "invented": 0, "before": DENSITY[0], "after": DENSITY[1],
        "invited": INVITED, "came": CAME,
    }  # fmt: skip
    return pd.concat([made.drop(columns=errors), pd.DataFrame([published])], ignore_index=True)


def checks(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Whether the full minds are within a factor of two of the published run."""
    told = []
    for name, reference in {**PUBLISHED, "after": DENSITY[1]}.items():
        mean, _ = common.mean_and_error([run[name] for run in found])
        near = reference / 2 <= mean <= reference * 2
        told.append(f"{name}: {mean:.2f} against {reference:.2f}, {'within' if near else 'not within'} a factor of two")
    return told


def draw(found: Mapping[str, Sequence[Mapping[str, Any]]], who: str, path: Path) -> None:
    """How the news went round, who knows whom and who came, and what people can say without parts of their minds."""
    with common.figure(path, 12.6, 4.1) as figure:
        spread, known, able = figure.subplots(1, 3, width_ratios=[1.3, 0.95, 1.1])
        _spread(spread, found["full"], who)
        _known(known, found["full"])
        _able(able, found)


def _spread(axis: Axes, runs: Sequence[Mapping[str, Any]], who: str) -> None:
    end = runs[0]["hours"]
    hours = [end * i / 200 for i in range(201)]
    for item, colour in COLOURS.items():
        curves = [sampled(run["curves"][item], hours) for run in runs]
        for curve in curves:
            axis.step(hours, curve, where="post", color=colour, lw=0.6, alpha=0.35)
        mean = [sum(values) / len(values) for values in zip(*curves, strict=True)]
        axis.step(hours, mean, where="post", color=colour, lw=2.2, label=f"{item}, mean of {len(runs)} runs")
        axis.plot(end * 1.03, PUBLISHED[item], MARKS[item], mfc="white", mec=colour, ms=7, mew=1.8, clip_on=False)
        axis.annotate(
            f"{PUBLISHED[item]:.0%}", (end * 1.03, PUBLISHED[item]), xytext=(7, -3), textcoords="offset points",
            color=colour, fontsize=8, annotation_clip=False,
        )  # fmt: skip
    axis.plot([], [], "o", mfc="white", mec=BLACK, mew=1.4, label="published run, at its end")
    axis.set(xlim=(0, end), ylim=(0, 1), xlabel="game hours", ylabel="share of the people who know")
    axis.set_title(f"News going round; answered by {who}")
    axis.legend(loc="upper left")


def _known(axis: Axes, runs: Sequence[Mapping[str, Any]]) -> None:
    for run in runs:
        axis.plot([0, 1], [run["before"], run["after"]], color=BLUE, lw=0.6, alpha=0.35)
    before, after = (sum(run[name] for run in runs) / len(runs) for name in ("before", "after"))
    axis.plot([0, 1], [before, after], "o-", color=BLUE, lw=2.2, label="simulated")
    axis.plot([0, 1], DENSITY, "D--", color=RED, mfc="white", mew=1.6, label="published")
    for place, values in ((0, (before, DENSITY[0])), (1, (after, DENSITY[1]))):
        for value, colour in zip(values, (BLUE, RED), strict=True):
            side = {"xytext": (8 if place else -8, -3), "ha": "left" if place else "right"}
            axis.annotate(f"{value:.2f}", (place, value), textcoords="offset points", color=colour, fontsize=8, **side)
    invited, came = (sum(run[name] for run in runs) / len(runs) for name in ("invited", "came"))
    axis.set(xlim=(-0.45, 1.45), ylim=(0, 1), ylabel="density of mutual knowledge")
    axis.set_xticks([0, 1], labels=["start", "end"])
    axis.set_title(f"Came to the party: {came:.1f} of {invited:.1f} invited\n(published {CAME} of {INVITED})")
    axis.legend(loc="upper left")


def _able(axis: Axes, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    arms = list(ARMS)
    shown = (
        ("says party", "say they know of the party, and remember it", BLUE, "o"),
        ("says candidacy", "the same of the candidacy", ORANGE, "s"),
        ("closest", "name whom they talked with most", GREEN, "^"),
    )
    for number, (name, label, colour, mark) in enumerate(shown):
        places = [place + (number - 1) * 0.18 for place in range(len(arms))]
        means = [common.mean_and_error([run[name] for run in found[arm]]) for arm in arms]
        errors = [2 * error if error == error else 0.0 for _, error in means]
        axis.errorbar([mean for mean, _ in means], places, xerr=errors, fmt=mark, color=colour, ms=6, label=label)
    chance = sum(run["chance"] for run in found["full"]) / len(found["full"])
    axis.axvline(chance, color=GREY, lw=0.8, ls=":")
    axis.annotate("by chance", (chance, -0.62), color=GREY, fontsize=7, xytext=(2, 0), textcoords="offset points")
    axis.set_yticks(range(len(arms)), labels=[ARMS[arm] for arm in arms])
    axis.set(xlim=(-0.02, 1), ylim=(len(arms) - 0.4, -0.75), xlabel="share of the people (2 s.e.)")
    axis.set_title("What people can say in surveys")
    axis.legend(loc="upper center", bbox_to_anchor=(0.4, -0.16), fontsize=7.5)


def main(given: Sequence[str] | None = None) -> pd.DataFrame:
    """Print the table, write the figure, give the table back."""
    parser = common.arguments(__doc__, runs=10)
    parser.add_argument("--days", type=float, default=2.0, help="game days (default: %(default)s)")
    options = parser.parse_args(given)
    found, who = {}, ""
    for arm in ARMS:
        found[arm], by = runs_of(arm, range(options.runs), options.days)
        who = who or by
    made = table(found)
    common.show(
        "News, acquaintance and a party among twenty-five people",
        made,
        f"answered by: {who}. published: gpt-3.5-turbo, a single run, arXiv 2304.03442.",
        *checks(found["full"]),
        "party, candidacy: share who know at the end; invented: claims without a memory; before, after: density of",
        "mutual knowledge; closest: share who name somebody they talked with most (chance: of a name picked blindly).",
    )
    draw(found, who, options.out / "town_diffusion.png")
    return made


if __name__ == "__main__":
    main()
