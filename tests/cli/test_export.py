"""`simsoc export`: tables of a run, and of an experiment, as files."""

import pandas as pd
import pytest

from .test_experiment import TWIN


@pytest.fixture
def twin(folder):
    (folder / "twin.yaml").write_text(TWIN)
    return folder


def test_one_run(folder, simsoc):
    assert simsoc("run", "first.yaml", "--log", "a.db").code == 0
    said = simsoc("export", "a.db", "--tables", "opinions,measures", "--tables", "events", "--json")
    assert said.code == 0, said.err
    assert said.json["folder"] == "a-tables"
    names = ["opinions.csv", "measures.csv", "events.csv", "columns.csv"]
    assert said.json["files"] == [f"a-tables/{name}" for name in names]
    assert list(pd.read_csv("a-tables/opinions.csv").columns) == ["step", "agent", "opinion"]


def test_an_experiment_and_everything_in_it(twin, simsoc):
    pytest.importorskip("pyarrow")
    assert simsoc("experiment", "twin.yaml", "--processes", 1).code == 0
    said = simsoc("export", "runs/twin", "--format", "parquet", "--to", "out")
    assert said.code == 0, said.err
    measures = pd.read_parquet("out/measures.parquet")
    assert list(measures.columns[:4]) == ["network", "replicate", "arm", "step"]
    assert len(measures) == 8 * 5
    assert {"agents", "events", "asks", "ties"} <= {path.stem for path in (twin / "out").iterdir()}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("a.db", "--tables", "opinion"), "no table 'opinion'. Did you mean 'opinions'"),
        (("a.db", "--format", "xlsx"), "no format 'xlsx'"),
        (("b.db",), "there is no such file"),
        (("*.nothing",), "no run log in"),
    ],
)
def test_mistakes(folder, simsoc, arguments, says):
    assert simsoc("run", "first.yaml", "--log", "a.db").code == 0
    said = simsoc("export", *arguments)
    assert said.code == 2
    assert says in said.err
