"""Do simulated respondents vary as the survey people they stand for?

Five hundred people of the synthetic population of ANES 2020 rate two candidates and say how they voted; their own
ratings and votes are what the answers are held against. Three stand-ins mark out what can be found: one that copies
each person's own answers (variance ratio 1), one that knows the party alone and answers with its mean (0, with effects
between parties that are far too large), and one at random. A model named with `--backend` is asked beside them, without
being told the traits that the questions are about. Sources: Argyle et al. 2023, arXiv 2209.06899; Bisbee et al. 2024,
Political Analysis 32(4), who find standard deviations half to one human standard deviation too small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.measures import fidelity, respondents

from . import common
from .common import BLUE, GREEN, GREY, ORANGE, SKY

if TYPE_CHECKING:
    import pandas as pd

SURVEY = "warmth"
ASKED = ("ft_rep_candidate", "ft_dem_candidate", "vote")
HIDDEN = ["ft_rep_candidate", "ft_dem_candidate", "vote"]
PARTIES = ("republican", "democrat")
SHOWN = ("variance ratio", "effect ratio", "agreement", "entropy ratio")
COLOURS = (BLUE, ORANGE, GREEN, SKY)


def stand_ins(human: pd.DataFrame) -> dict[str, Mapping[str, Any]]:
    """Rules of the survey, by name."""
    means = {
        question: {str(party): round(float(rows.mean())) for party, rows in human.groupby("party")[question]}
        for question in ASKED[:2]
    }
    most = {"vote": {str(party): str(rows.mode()[0]) for party, rows in human.groupby("party")["vote"]}}
    return {
        "own answers": {"kind": "trait", "trait": {question: question for question in ASKED}},
        "party mean": {"kind": "by_group", "trait": "party", "answers": {**means, **most}},
        "at random": {"kind": "uniform"},
    }


def answers(loaded: Any) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """What was answered, whom the respondents stand for, and which mind answered."""
    with common.logged(loaded) as run:
        said = run.survey(SURVEY, wide=True).set_index("agent")
        return said[list(ASKED)], run.agents.set_index("agent").loc[said.index], common.mind(run)


def main(given: Sequence[str] | None = None) -> pd.DataFrame:
    """Print the table, write the figure, give the table back."""
    import pandas as pd

    parser = common.arguments(__doc__, runs=1)
    parser.add_argument("--people", type=int, default=500, help="respondents (default: %(default)s)")
    parser.add_argument("--backend", help="a model to ask beside the stand-ins, e.g. openai/gpt-4o-mini")
    options = parser.parse_args(given)
    size = {"population.n": options.people}
    _, human, _ = answers(common.scenario("audit_respondents", **size))
    asked: dict[str, Any] = {
        name: common.scenario("audit_respondents", **size, **{"surveys.0.rule": rule})
        for name, rule in stand_ins(human).items()
    }
    if options.backend:
        hidden = {"backend": options.backend, "prompting.persona": {"without": HIDDEN}}
        asked[options.backend] = common.scenario("audit_respondents", **size, **hidden)
    rows, minds, relations = [], [], {}
    for name, loaded in asked.items():
        model, people, mind = answers(loaded)
        truth = people[list(ASKED)]
        found = respondents.beside(model, truth, groups=people["party"].tolist(), between=PARTIES)
        rows.append(found.assign(answered_by=name))
        minds.append(f"{name}: {mind}")
        off = fidelity.association_difference(model, truth)["difference"]
        relations[name] = float(off.mean()) if len(off) else float("nan")
    table = pd.concat(rows, ignore_index=True)
    wide = table[table["measure"].isin(SHOWN)].pivot(
        index=["measure", "question"], columns="answered_by", values="value"
    )
    wide = wide[list(asked)].reset_index()
    told = ", ".join(f"{name} {value:+.3f}" for name, value in relations.items())
    common.show(
        f"{options.people} simulated respondents beside the people they stand for",
        wide,
        f"mean difference of Cramer's V over pairs of questions: {told} (published for GPT-3: -0.026)",
        f"answered by: {'; '.join(minds)}",
    )
    draw(table, list(asked), options.out / "silicon_sampling.png")
    return table


def draw(table: pd.DataFrame, who: Sequence[str], path: Path) -> None:
    """Variance ratios with their intervals; at 1 respondents vary as people do."""
    some = table[table["measure"] == "variance ratio"]
    questions = list(dict.fromkeys(some["question"]))
    with common.figure(path, 6.4, 2.8) as figure:
        axis = figure.subplots()
        for place, (name, colour) in enumerate(zip(who, COLOURS, strict=False)):
            rows = some[some["answered_by"] == name].set_index("question").loc[questions]
            at = [i + 0.15 * (place - (len(who) - 1) / 2) for i in range(len(questions))]
            off: Any = [rows["value"] - rows["low"], rows["high"] - rows["value"]]
            axis.errorbar(at, rows["value"], off, fmt="o", ms=4, lw=1, color=colour, label=name)
        axis.axhline(1, color=GREY, lw=1, ls=":")
        axis.set_xticks(range(len(questions)), labels=questions)
        axis.set(ylabel="variance ratio within parties", title="1: as much variance as people have")
        axis.legend()


if __name__ == "__main__":
    main()
