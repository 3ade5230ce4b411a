"""Many runs as one: every frame that a run gives, with what tells the runs apart in front."""

import pandas as pd
import pytest

import simsoc
from simsoc.core.errors import LogError

from .making import design


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("many") / "small"
    grid = {"grid": {"network.degree": [2, 4], "backend": ["mechanistic", None]}, "replicates": 2}
    simsoc.experiment(design(keys={"surveys": [SURVEY]}, **grid), folder=path, processes=1)
    return path


SURVEY = {"name": "mood", "at": [0, "end"], "questions": [{"name": "fine", "ask": "Fine?", "choice": ["yes", "no"]}]}
KEYS = ["network.degree", "backend", "replicate", "arm"]


def test_every_frame_has_the_keys_in_front_and_the_rows_of_every_run(folder):
    runs = simsoc.open_runs(folder)
    assert len(runs) == 16
    assert runs.keys == KEYS
    for name in ("agents", "events", "asks", "ties", "measures", "measures_long", "failures", "opinions", "notes"):
        found = getattr(runs, name)
        assert list(found.columns[:4]) == KEYS
        assert len(found) == sum(len(getattr(run, name)) for _, run in runs)
    assert "agents.backend" in runs.agents
    assert list(runs.survey("mood", wide=True).columns) == [*KEYS, "step", "agent", "weight", "fine"]
    assert len(runs.events_of("set")) == sum(len(run.events_of("set")) for _, run in runs)
    assert len(runs.info) == 16
    assert set(runs.info["digest"]) == set(simsoc.open_experiment(folder).runs["digest"])


def test_rows_are_those_of_their_own_run(folder):
    runs = simsoc.open_runs(folder)
    for keys, run in runs:
        own = runs.measures
        for key, value in keys.items():
            own = own[own[key].isna() if value is None else own[key] == value]
        pd.testing.assert_frame_equal(
            own.drop(columns=KEYS).set_index("step"), run.measures, check_names=False, check_index_type=False
        )


def test_results_and_runs_agree(folder):
    results = simsoc.open_experiment(folder)
    pd.testing.assert_frame_equal(simsoc.open_runs(results).measures, results.measures)
    pd.testing.assert_frame_equal(simsoc.open_runs(folder).summary(), results.summary())


def test_a_grid_key_that_is_null_is_kept(folder):
    assert simsoc.open_runs(folder).measures["backend"].isna().sum() == len(simsoc.open_runs(folder).measures) / 2


def test_plain_logs_patterns_and_several_experiments(folder, tmp_path):
    one = simsoc.open_runs([folder / "p0-control-r000.db", folder / "p0-loud-r000.db"])
    assert one.keys == ["run", "replicate", "arm"]
    assert list(one.info["arm"]) == ["control", "loud"]
    assert len(simsoc.open_runs(str(folder / "*-loud-*.db"))) == 8
    other = tmp_path / "other"
    simsoc.experiment(design(), folder=other, processes=1)
    both = simsoc.open_runs([folder, other])
    assert both.keys == ["experiment", *KEYS]
    assert len(both) == 18
    assert both.measures[both.measures["experiment"] == str(other)]["network.degree"].isna().all()
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "p0-loud-r000.db").write_bytes((folder / "p0-loud-r000.db").read_bytes())
    twice = simsoc.open_runs([copy, folder / "p0-loud-r000.db"])
    assert list(twice.info["run"]) == [str(copy / "p0-loud-r000"), str(folder / "p0-loud-r000")]


def test_nothing_to_open_is_told(folder, tmp_path):
    one = folder / "p0-loud-r000.db"
    with pytest.raises(LogError, match="no run log in"):
        simsoc.open_runs(tmp_path)
    with pytest.raises(LogError, match="there is no such file"):
        simsoc.open_runs(tmp_path / "gone.db")
    with pytest.raises(LogError, match="no run log in"):
        simsoc.open_runs(str(tmp_path / "*.db"))
    with pytest.raises(AttributeError, match="frames: agents"):
        simsoc.open_runs(one).nothing  # noqa: B018


def test_exported_together(folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    runs = simsoc.open_runs(folder)
    runs.export(tmp_path, tables=["agents", "opinions", "events"], rows=50)
    for name in ("agents", "opinions", "events"):
        table = parquet.read_table(tmp_path / f"{name}.parquet")
        whole = getattr(runs, name)
        assert table.column_names == list(whole.columns)
        assert table.num_rows == len(whole)
    told = parquet.read_table(tmp_path / "opinions.parquet").to_pandas()
    pd.testing.assert_frame_equal(told.astype(object).fillna("-"), runs.opinions.astype(object).fillna("-"))
    assert sum(len(piece) for piece in runs.chunks("events", 7)) == len(runs.events)
