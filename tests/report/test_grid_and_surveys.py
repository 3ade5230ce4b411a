"""Tables of a report are split by point of the grid; answers to surveys are in it by question and wave."""

import json
import re

import pytest

import simsoc
from simsoc.report.counts import counted
from simsoc.report.matter import point_of
from simsoc.report.surveyed import surveys
from simsoc.reporting.gather import gather
from tests.loopback import Act, Loopback, lot
from tests.surveys.making import BASE, SURVEY

GRID = "world.rule.beta"


def _sometimes(body, count):
    return Act(content="", refusal="No.") if lot("refused", str(body["messages"])) < 0.25 else None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two arms at two points of a grid, surveyed at the start and at the end, answered by a model that may refuse."""
    made = tmp_path_factory.mktemp("grid") / "exp"
    design = {"arms": {"calm": {}, "loud": {"choice": "elicit"}}, "grid": {GRID: [1, 2.5]}, "replicates": 2}
    people = {"source": "attributes", "n": 6, "traits": {"party": ["A", "B"]}}
    with Loopback(behave=_sometimes) as server:
        backend = {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 8}
        survey = {**SURVEY, "at": [0, "end"]}
        world = {**BASE["world"], "personas": True}
        more = {"steps": 2, "population": people, "surveys": [survey], "world": world}
        simsoc.experiment({**BASE, **more, "backend": backend, "experiment": design}, folder=made)
    return made


@pytest.fixture(scope="module")
def text(folder):
    return simsoc.write_report(folder, folder.parent / "r.html").read_text(encoding="utf-8")


def test_failures_and_costs_are_told_for_each_point(folder):
    failures, minds, _ = counted(gather(folder))
    frame = simsoc.open_runs(folder).failures
    frame = frame[frame["what"] == "no answer"]
    assert [column.name for column in failures.columns][:2] == [GRID, "arm"]
    told = {}
    for row in failures.rows:
        if failures.cell(row, "what") == "no answer":
            key = (failures.cell(row, GRID), failures.cell(row, "arm"))
            told[key] = told.get(key, 0) + failures.cell(row, "times")
    assert told == frame.groupby([GRID, "arm"]).size().to_dict()
    assert len(told) == 4
    calls = {(minds.cell(row, GRID), minds.cell(row, "arm")) for row in minds.rows}
    assert calls == set(told)


def test_a_number_of_the_effects_leads_to_the_runs_of_its_point(text):
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    there = {(run["point"], run["arm"]) for run in data["decisions"]["runs"]}
    led = set(re.findall(r'class="drill"[^>]* data-arm="(\w+)" data-point="([^"]+)"', text))
    assert (
        there == {(point, arm) for arm, point in led} == {(f"beta {b}", a) for b in (1, 2.5) for a in ("calm", "loud")}
    )
    assert point_of({GRID: 1, "arm": "x", "replicate": 0}) == point_of({GRID: 1.0}) == "beta 1"


def test_surveys_are_told_by_question_wave_and_arm(folder, text):
    table = surveys(gather(folder))
    said = simsoc.open_runs(folder).survey("approval")
    assert len(table.rows) == 2 * 2 * 4 * 2, "points, arms, questions, waves"
    for row in table.rows:
        cell = {column.name: value for column, value in zip(table.columns, row, strict=True)}
        own = said[(said[GRID] == cell[GRID]) & (said["arm"] == cell["arm"]) & (said["question"] == cell["question"])]
        own = own[own["step"] == cell["wave"]]
        given = own[own["status"] == "ok"]["answer"]
        assert (cell["runs"], cell["answers"], cell["no answer"]) == (2, len(given), len(own) - len(given))
        if cell["question"] in ("heat", "chance"):
            assert cell["mean"] == pytest.approx(sum(given) / len(given))
        elif cell["question"] == "vote":
            shares = dict(part.rsplit(" ", 1) for part in cell["shares"].split("; "))
            assert {one: float(share) for one, share in shares.items()} == pytest.approx(
                {one: (given == one).mean() for one in ("A", "B", "nobody")}, abs=1e-3
            )
        else:
            assert (cell["mean"], cell["shares"]) == (None, "")
    assert sum(table.cell(row, "no answer") for row in table.rows) > 0
    assert "<h3>Surveys</h3>" in text


def test_weights_count_and_nobody_surveyed_is_no_table(tmp_path):
    people = [{"weight": 3.0, "opinion": "A"}, *({"weight": 0.5, "opinion": "B"} for _ in range(3))]
    (tmp_path / "p.csv").write_text("weight,vote\n" + "".join(f"{p['weight']},{p['opinion']}\n" for p in people))
    population = {"source": "csv", "file": "p.csv", "mode": "weighted", "weights": "weight"}
    vote = {"name": "vote", "ask": "Whom?", "choice": ["A", "B"]}
    survey = {"name": "s", "at": [0], "questions": [vote], "rule": {"kind": "trait", "trait": "vote"}}
    scenario = {**BASE, "steps": 1, "population": population, "surveys": [survey], "network": "complete"}
    simsoc.run(simsoc.load(scenario, folder=tmp_path), log=tmp_path / "w.db").close()
    (row,) = (table := surveys(gather(tmp_path / "w.db"))).rows
    assert table.cell(row, "shares") == "A 0.6667; B 0.3333"
    simsoc.run({**BASE, "steps": 1}, log=tmp_path / "none.db").close()
    assert surveys(gather(tmp_path / "none.db")).rows == []
    assert "<h3>Surveys</h3>" not in simsoc.write_report(tmp_path / "none.db").read_text(encoding="utf-8")
