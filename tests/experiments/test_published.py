"""Published values beside simulated ones."""

import pytest

import simsoc
from simsoc.core.errors import ScenarioError
from tests.experiments.making import design

ROW = {"arm": "loud", "measure": "largest_share", "value": 0.8}


def published(**more):
    return design(replicates=4, keys={"published": {"source": "Somebody 2020", **more}})


def run(scenario, folder):
    return simsoc.experiment(scenario, folder=folder, processes=1)


def test_a_value_lies_inside_beside_or_outside(tmp_path):
    rows = [{**ROW, "low": low, "high": high} for low, high in ((0.0, 1.0), (-1, -0.5))] + [ROW]
    results = run(published(rows=rows), tmp_path / "x")
    mean = results.summary().query("arm == 'loud' and measure == 'largest_share'")["final"].mean()
    found = results.published
    low, high = found["low"].iloc[2], found["high"].iloc[2]
    assert list(found["place"]) == ["inside", "outside", "covered" if low <= 0.8 <= high else "apart"]
    far = run(published(rows=[{**ROW, "value": high + 1e-6}]), tmp_path / "x")
    assert list(far.published["place"]) == ["apart"]
    assert found["simulated"].tolist() == pytest.approx([mean] * 3)
    assert set(found["source"]) == {"Somebody 2020"}
    assert set(found["mind"]) == {"curie_weiss (rule)"}
    assert set(found["n"]) == {4}
    near = [{**ROW, "low": mean + 1e-6, "high": mean + 1e-3}]
    again = run(published(rows=near), tmp_path / "x")  # what is said elsewhere makes no other runs
    assert list(again.published["place"]) == ["overlaps"]
    assert list(again.compare().published["place"]) == ["overlaps"]


def test_a_file_of_them(tmp_path):
    (tmp_path / "there.csv").write_text(
        "# measured by Somebody\narm,measure,value,low,high,source\n"
        "control,largest_share,.6,.5,.7,p. 3\nloud,sweeps,5,,,\n"
    )
    scenario = published(file="there.csv")
    results = simsoc.experiment(simsoc.load(scenario, folder=tmp_path), folder=tmp_path / "x", processes=1)
    found = results.published.to_dict("records")
    assert [(r["arm"], r["measure"], r["published"], r["source"]) for r in found] == [
        ("control", "largest_share", 0.6, "p. 3"),
        ("loud", "sweeps", 5.0, "Somebody 2020"),
    ]
    (tmp_path / "there.csv").unlink()
    assert len(simsoc.open_experiment(tmp_path / "x").published) == 2, "the folder has all it needs"


def test_one_arm_needs_no_name_and_no_experiment(tmp_path):
    scenario = {**design(), "published": {"rows": [{"measure": "sweeps", "value": 5}]}}
    del scenario["experiment"]
    results = run(scenario, tmp_path / "x")
    assert results.published.iloc[0]["arm"] == "base"
    assert simsoc.run(scenario, log=tmp_path / "y.db").info["status"] == "finished"


def test_values_of_some_grid_points(tmp_path):
    scenario = design(
        grid={"steps": [2, 3]},
        keys={"published": {"rows": [{**ROW, "at": {"steps": 3}}, {**ROW, "arm": "control"}]}},
    )
    found = run(scenario, tmp_path / "x").published
    assert [tuple(row) for row in found[["steps", "arm"]].values] == [(2, "control"), (3, "loud"), (3, "control")]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"rows": [{**ROW, "arm": "lod"}]}, r"published\.rows\.0: no arm 'lod'\. Did you mean 'loud'"),
        ({"rows": [{**ROW, "measure": "sweps"}]}, r"no 'sweps' is taken\. Did you mean 'sweeps'"),
        ({"rows": [{"measure": "sweeps", "value": 1}]}, "which arm"),
        ({"rows": [{**ROW, "low": 1}]}, "a range has two ends"),
        ({"rows": [{**ROW, "low": 1, "high": 0}]}, "low must not be above high"),
        ({"rows": [{**ROW, "at": {"size": 3}}]}, "the grid does not vary 'size'"),
        ({"file": "nowhere.csv"}, r"no file .*nowhere\.csv"),
        ({"file": "wrong.csv"}, "column 'mean' is none of"),
        ({"file": "words.csv"}, r"words\.csv, row 1: value should be a number \(got 'much'\)"),
        ({}, "says nothing"),
    ],
)
def test_mistakes_are_told(tmp_path, given, says):
    (tmp_path / "wrong.csv").write_text("arm,measure,value,mean\nloud,sweeps,1,2\n")
    (tmp_path / "words.csv").write_text("arm,measure,value\nloud,sweeps,much\n")
    with pytest.raises(ScenarioError, match=says):
        simsoc.load(published(**given), folder=tmp_path)
