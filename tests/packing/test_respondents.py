"""Rows of a survey stay behind: hashes and a recipe go, and with the file in its place the replay is exact again."""

import json
import shutil
import zipfile

import pytest

import simsoc
from tests.loopback import Loopback
from tests.population.test_codebook import BOOK, ROWS


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    where = tmp_path_factory.mktemp("survey")
    (where / "rows.csv").write_text(ROWS)
    (where / "book.yaml").write_text(BOOK)
    with Loopback() as server:
        scenario = {
            "name": "asked",
            "steps": 2,
            "seed": 3,
            "world": {"kind": "opinion", "stop": "never", "personas": True, "rule": {"kind": "voter"}},
            "population": {"source": "csv", "file": "rows.csv", "codebook": "book.yaml"},
            "backend": {"model": "openai/test", "transport": "lean", "base_url": server.base_url},
        }
        simsoc.run(simsoc.load(scenario, folder=where), log=where / "a.db").close()
    return where / "a.db"


def test_nothing_of_a_respondent_is_in_the_package(log, tmp_path):
    package = simsoc.pack(log, tmp_path / "a.zip")
    with simsoc.open_run(log) as run:
        prompts = set(run.asks_with(texts=True)["prompt"].dropna())
        known = run.agents.drop(columns=["agent", "born_step", "label", "backend"])
        words = {str(v) for column in known for v in known[column].dropna() if isinstance(v, str) and len(v) > 3}
    assert prompts
    assert words
    folder = simsoc.unpack(package, tmp_path / "away")
    assert not (folder / "scenario" / "rows.csv").exists()
    with simsoc.open_run(folder / "runs" / "a.db") as run, simsoc.open_run(log) as whole:
        assert set(run.agents.columns) == {"agent", "born_step", "label", "backend", "respondent"}
        assert not set(run.asks_with(texts=True)["prompt"].dropna()) & prompts
        assert run.digest() == whole.digest()
        assert list(run.asks["value"]) == list(whole.asks["value"])
    left = b"".join(p.read_bytes() for p in (folder / "tables").iterdir() if p.name != "columns.csv")
    assert not [word for word in words if f",{word},".encode() in left]
    manifest = json.loads((folder / "manifest.json").read_text())
    (recipe,) = manifest["withheld"]
    assert recipe["put_it_at"] == "scenario/rows.csv"
    assert "What is withheld" in (folder / "README.md").read_text()


def test_it_verifies_but_cannot_be_replayed_and_says_so(log, tmp_path):
    found = simsoc.verify(simsoc.pack(log, tmp_path / "a.zip"), replay=True)
    assert not any(finding.serious for finding in found)
    assert {finding.about for finding in found} == {"withheld", "replay"}
    assert any("cannot be replayed without scenario/rows.csv" in finding.message for finding in found)


def test_with_the_file_in_its_place_it_replays_prompts_included(log, tmp_path):
    folder = simsoc.unpack(simsoc.pack(log, tmp_path / "a.zip"), tmp_path / "away")
    shutil.copyfile(log.parent / "rows.csv", folder / "scenario" / "rows.csv")
    assert not any(f.serious for f in simsoc.verify(folder / "runs" / "a.db", replay=True))
    with simsoc.open_run(log) as run, simsoc.run(folder / "scenario" / "replay-a.yaml", log=tmp_path / "b.db") as again:
        assert again.info["digest"] == run.info["digest"]


def test_with_respondents_everything_goes_on_the_surveys_terms(log, tmp_path):
    package = simsoc.pack(log, tmp_path / "a.zip", with_respondents=True)
    assert simsoc.verify(package, replay=True) == []
    with zipfile.ZipFile(package) as archive:
        assert "scenario/rows.csv" in archive.namelist()
        assert "Terms of the survey" in archive.read("README.md").decode()
