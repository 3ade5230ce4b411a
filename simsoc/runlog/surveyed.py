"""Answers to surveys as frames: a row for each, or a row for everybody who was asked and a column for each question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

from simsoc.core.calls import SURVEYS
from simsoc.core.errors import LogError
from simsoc.core.shelf import nearest

from .documented import FRAMES
from .tidy import decoded, frame, series

if TYPE_CHECKING:
    import pandas as pd

    from .opened import Opened

_WHICH = "WHERE purpose >= ? AND purpose < ? AND step <= coalesce((SELECT steps FROM run), -1)"
"""Waves of steps that are in the log whole; of a step that was cut short the answers wait for a resumed run."""
_ROWS = f'SELECT step, agent, purpose, value, status, detail, "by", source FROM ask {_WHICH}'


def answers(run: Opened, name: str) -> pd.DataFrame:
    """One row for each question and respondent, by wave, agent and question. Raises LogError for an unknown survey."""
    asked = _questions(run, name)
    prefix = f"{SURVEYS}{name}/"
    place = {question["name"]: number for number, question in enumerate(asked)}
    rows = [
        (step, agent, purpose.removeprefix(prefix), *rest)
        for step, agent, purpose, *rest in run.rows(_ROWS, (prefix, f"{prefix[:-1]}0"))
    ]
    rows.sort(key=lambda row: (row[0], row[1], place.get(row[2], len(place))))
    of = weights(run, [row[1] for row in rows])
    made = frame([(*row, weight) for row, weight in zip(rows, of, strict=True)], FRAMES["survey(name)"])
    made["answer"] = series(decoded(list(made["answer"])), "object")
    return made


def side_by_side(run: Opened, name: str) -> pd.DataFrame:
    """One row for each wave and respondent, one column for each question; missing where there is no answer."""
    asked, long = _questions(run, name), answers(run, name)
    wide = long.pivot(index=["step", "agent"], columns="question", values="answer")
    wide = wide.reindex(columns=[question["name"] for question in asked]).rename_axis(columns=None).reset_index()
    if "weight" not in wide:  # in older logs a question may be called so
        wide.insert(2, "weight", weights(run, wide["agent"].tolist()))
    for question in asked:
        if question.get("scale") or question.get("number"):
            wide[question["name"]] = wide[question["name"]].astype("Int64" if question.get("scale") else "float64")
    return wide


def weights(run: Opened, agents: Sequence[int]) -> list[float]:
    """What these people count: the survey weights that they carry (`mode: weighted`), or 1 where nobody carries any.

    Newcomers without one count 1. Missing (NaN) for everybody where weights were withheld from a package.
    """
    noted = run.rows("SELECT content FROM note WHERE kind = 'population' ORDER BY id DESC LIMIT 1")
    if not noted or decoded([noted[0][0]])[0].get("mode") != "weighted":
        return [1.0] * len(agents)
    rows = run.rows("SELECT id, traits FROM agent ORDER BY id")
    people = zip((row[0] for row in rows), decoded([row[1] for row in rows]), strict=True)
    carried = {agent: float(person["weight"]) for agent, person in people if person and "weight" in person}
    return [carried.get(agent, 1.0 if carried else nan) for agent in agents]


def told(run: Opened) -> list[str]:
    """A line for each survey of a run: its waves, and how many answered."""
    lines = []
    for name in _surveys(run):
        prefix = f"{SURVEYS}{name}/"
        counts = f"SELECT count(DISTINCT step), count(*), coalesce(sum(status <> 'ok'), 0) FROM ask {_WHICH}"
        waves, asked, silent = run.rows(counts, (prefix, f"{prefix[:-1]}0"))[0]
        without = f", {silent} of them without answer" if silent else ""
        lines.append(f"survey {name}: {waves} {'wave' if waves == 1 else 'waves'}, {asked} questions asked{without}")
    return lines


def _surveys(run: Opened) -> dict[str, Sequence[Mapping[str, Any]]]:
    """The questions of each survey of a run."""
    return {survey["name"]: survey["questions"] for survey in run.scenario.get("surveys") or ()}


def _questions(run: Opened, name: str) -> Sequence[Mapping[str, Any]]:
    surveys = _surveys(run)
    if name not in surveys:
        known = ", ".join(surveys)
        listed = f"{nearest(name, list(surveys))} It has: {known}." if surveys else " It has none."
        raise LogError(f"{run.path}: no survey '{name}' in this run.{listed}")
    return surveys[name]
