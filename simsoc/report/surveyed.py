"""Answers to surveys, wave by wave: how many answered, and what, by arm and point of the grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simsoc.runlog.documented import Col
from simsoc.runlog.reader import Run

from .matter import Matter, Table
from .plain import number

_MOST = 400  # rows of the table
_OPTIONS = 12  # of a choice whose shares are told


class _Wave:
    """The answers to one question in one wave, over the runs of an arm at a point of the grid."""

    def __init__(self, options: Sequence[str] | None, numeric: bool) -> None:
        self.options, self.numeric = options, numeric
        self.runs = self.answers = self.silent = 0
        self.weights = 0.0
        self.sum = 0.0
        self.shares: dict[str, float] = {}

    def add(self, answer: Any, status: str, weight: float) -> None:
        """One person's."""
        if status != "ok":
            self.silent += 1
            return
        self.answers += 1
        weight = weight if weight == weight else 1.0  # withheld from a package
        self.weights += weight
        if self.numeric:
            self.sum += weight * float(answer)
        elif self.options is not None:
            self.shares[str(answer)] = self.shares.get(str(answer), 0.0) + weight

    def told(self) -> list[Any]:
        """Cells of a row: runs, answers, no answer, mean, shares."""
        mean = self.sum / self.weights if self.numeric and self.weights else None
        shares = [f"{one} {number(self.shares.get(one, 0.0) / self.weights)}" for one in self._listed()]
        return [self.runs, self.answers, self.silent, mean, "; ".join(shares)]

    def _listed(self) -> Sequence[str]:
        return self.options[:_OPTIONS] if self.options is not None and self.weights else ()


class _Key(NamedTuple):
    point: tuple[Any, ...]
    arm: str
    survey: str
    question: str
    step: int


def surveys(matter: Matter) -> Table:
    """What people said, a row for each question and wave of an arm; no rows where nobody was surveyed."""
    found: dict[_Key, _Wave] = {}
    for keys, run in matter.runs:
        point, arm = tuple(keys[key] for key in matter.grid), str(keys.get("arm") or "")
        for survey in run.scenario.get("surveys") or ():
            _add(found, run, survey, point, arm)
    rows = [[*key.point, key.arm, key.survey, key.question, key.step, *wave.told()] for key, wave in found.items()]
    left = f" {len(rows) - _MOST} further rows are left out; simsoc export has all answers." * (len(rows) > _MOST)
    about = f"All answers of an arm's runs together, by survey weight where people carry one.{left}"
    return Table("Surveys", about, [*matter.grid_columns(), *_COLUMNS], rows[:_MOST])


def _add(found: dict[_Key, _Wave], run: Run, survey: Mapping[str, Any], point: tuple[Any, ...], arm: str) -> None:
    """The answers of one survey in one run."""
    asked = {question["name"]: question for question in survey["questions"]}
    seen: set[_Key] = set()
    said = run.survey(survey["name"])
    columns = (said[name].tolist() for name in ("step", "question", "answer", "status", "weight"))
    for step, name, answer, status, weight in sorted(
        zip(*columns, strict=True), key=lambda row: (list(asked).index(row[1]), row[0])
    ):
        question, key = asked[name], _Key(point, arm, survey["name"], name, step)
        options = question.get("choice")
        numeric = bool(question.get("scale") or question.get("number"))
        wave = found.setdefault(key, _Wave(list(map(str, options)) if options else None, numeric))
        wave.add(answer, status, weight)
        if key not in seen:
            seen.add(key)
            wave.runs += 1


_COLUMNS = (
    Col("arm", "", "the arm"),
    Col("survey", "", "which survey"),
    Col("question", "", "which question, by its name"),
    Col("wave", "step", "after which step it was asked; 0 is the start", "int64"),
    Col("runs", "runs", "runs in which this wave was held", "int64"),
    Col("answers", "count", "answers that were given", "int64"),
    Col("no answer", "count", "refused, unreadable, broken off or failed; never counted as an answer", "int64"),
    Col("mean", "", "of a scale or a number", "float64"),
    Col("shares", "", "of the options of a choice, among answers"),
)
