"""Evidence packages: everything travels, nothing else does, and any machine comes to the same digest."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import simsoc
from simsoc.core.errors import LogError, LogExists
from simsoc.packing.contents import MANIFEST
from tests.experiments.making import design
from tests.loopback import Loopback
from tests.population.test_people_asked_for import DESIGN as MADE_UP
from tests.population.test_people_asked_for import PEOPLE

ROOT = Path(__file__).parents[2]
OPINION = {
    "name": "packed",
    "steps": 3,
    "seed": 5,
    "world": {"kind": "opinion", "labels": ["k", "z"], "stop": "never", "rule": {"kind": "curie_weiss", "beta": 1.0}},
    "population": {"source": "csv", "file": "../people.csv"},
    "network": {"kind": "file", "file": "ties.csv"},
    "prompts": {"opinion/friends": "words/mine.j2"},
}


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def made(tmp_path):
    """A folder with a scenario that names files in it and outside of it."""
    folder = tmp_path / "own" / "study"
    (folder / "words").mkdir(parents=True)
    (tmp_path / "own" / "people.csv").write_text("name,age\nAda,36\nBo,41\nCy,29\nDi,55\n")
    (folder / "ties.csv").write_text("source,target\n0,1\n1,2\n2,3\n3,0\n")
    (folder / "words" / "mine.j2").write_text("{{ friends | length }} friends. {{ ask_for }}")
    (folder / "secret.txt").write_text("not named anywhere")
    return folder


def bought(folder, **more):
    """A run that a model was paid for; its server is gone."""
    with Loopback() as server:
        backend = {"model": "openai/test", "transport": "lean", "base_url": server.base_url}
        scenario = simsoc.load({**OPINION, "backend": backend, **more}, folder=folder)
        with simsoc.run(scenario, log=folder / "runs" / "paid.db") as run:
            return run.info["digest"]


def elsewhere(tmp_path, *arguments):
    """A command in another process, in a folder of its own, with the first folder gone."""
    away = tmp_path / "away"
    away.mkdir(exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")} | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "simsoc", *map(str, arguments)],
        cwd=away, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    return done


def test_a_paid_run_replays_without_its_folder(made, tmp_path):
    digest = bought(made)
    package = simsoc.pack(made / "runs" / "paid.db", tmp_path / "paid.zip")
    (tmp_path / "own").rename(tmp_path / "gone")
    said = elsewhere(tmp_path, "verify", package, "--replay")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "verified" in said.stdout
    folder = simsoc.unpack(package, tmp_path / "away" / "package")
    (replay,) = (folder / "scenario").glob("replay-*.yaml")
    said = elsewhere(tmp_path, "run", replay, "--log", "again.db", "--json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["digest"] == digest
    assert json.loads(said.stdout)["paid"] == 0


def test_what_is_named_travels_and_nothing_else(made, tmp_path):
    bought(made)
    package = simsoc.pack(made / "runs" / "paid.db", tmp_path / "paid.zip")
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
        text = archive.read("scenario/as-run.yaml").decode()
        everything = b"".join(archive.read(name) for name in names)
    assert "scenario/ties.csv" in names
    assert "scenario/words/mine.j2" in names
    assert "scenario/outside/0-people.csv" in names
    assert "outside/0-people.csv" in text
    assert "report.html" in names
    assert "tables/asks.csv" in names
    assert not any("secret" in name for name in names)
    assert str(tmp_path).encode() not in everything


def test_packing_twice_gives_the_same_bytes(made, tmp_path):
    bought(made)
    one = simsoc.pack(made / "runs" / "paid.db", tmp_path / "one.zip")
    two = simsoc.pack(made / "runs" / "paid.db", tmp_path / "two.zip")
    assert one.read_bytes() == two.read_bytes()
    with pytest.raises(LogExists):
        simsoc.pack(made / "runs" / "paid.db", tmp_path / "two.zip")


def test_an_experiment(tmp_path):
    simsoc.experiment(design(replicates=2), folder=tmp_path / "exp", processes=1)
    effects = simsoc.compare(tmp_path / "exp").effects
    package = simsoc.pack(tmp_path / "exp")
    assert package == tmp_path / "exp.zip"
    assert simsoc.verify(package, replay=True) == []
    folder = simsoc.unpack(package, tmp_path / "away")
    pd.testing.assert_frame_equal(simsoc.compare(folder / "runs").effects, effects)
    assert len(simsoc.open_runs(folder / "runs")) == 4
    assert len(pd.read_csv(folder / "tables" / "measures.csv")) == len(simsoc.open_runs(tmp_path / "exp").measures)
    replays = sorted(path.name for path in (folder / "scenario").glob("replay-*.yaml"))
    assert replays == [f"replay-{arm}-r00{n}.yaml" for arm in ("control", "loud") for n in (0, 1)]


def test_people_that_a_model_made_up(tmp_path):
    with Loopback() as server:
        backend = {"model": "openai/test", "transport": "lean", "base_url": server.base_url}
        people = {**PEOPLE, "n": 4, "backend": backend}
        simsoc.run({**MADE_UP, "population": people, "network": "complete"}, log=tmp_path / "a.db").close()
    assert simsoc.verify(simsoc.pack(tmp_path / "a.db"), replay=True) == []


def test_a_run_that_was_stopped_is_packed_as_far_as_it_got(tmp_path):
    scenario = {**OPINION, "population": {"n": 4}, "network": "complete", "prompts": {}}
    society = simsoc.Society(scenario, log=tmp_path / "a.db")
    society.step()
    society.close("interrupted")
    found = simsoc.verify(simsoc.pack(tmp_path / "a.db"), replay=True)
    assert [finding.serious for finding in found] == [False]


def test_a_fork_replays_without_its_parent(tmp_path):
    simsoc.run({**OPINION, "population": {"n": 6}, "network": "complete", "prompts": {}}, log=tmp_path / "a.db").close()
    simsoc.fork(tmp_path / "a.db", 1, log=tmp_path / "b.db", seed=9, steps=4).close()
    package = simsoc.pack(tmp_path / "b.db")
    (tmp_path / "a.db").unlink()
    assert simsoc.verify(package, replay=True) == []


# -- tampering -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    where = tmp_path_factory.mktemp("package")
    scenario = {**OPINION, "population": {"n": 4}, "network": "complete", "prompts": {}}
    simsoc.run(scenario, log=where / "a.db").close()
    return simsoc.pack(where / "a.db", report=False)


def changed(package, target, change):
    """The package again, with some members changed: `change` is given {name: bytes} and may do anything to it."""
    with zipfile.ZipFile(package) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


def _other_table(members):
    members["tables/events.csv"] = members["tables/events.csv"].replace(b",set,", b",get,")


def _other_log(members):
    """A log with another event, whose hash is in the manifest as it should be."""
    import hashlib
    import sqlite3
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        path.write_bytes(members["runs/a.db"])
        db = sqlite3.connect(path)
        db.execute("UPDATE event SET content = replace(content, '\"A\"', '\"B\"') WHERE step = 2")
        db.commit()
        db.close()
        members["runs/a.db"] = path.read_bytes()
    manifest = json.loads(members[MANIFEST])
    data = members["runs/a.db"]
    own = {"bytes": len(data), "blake2b": hashlib.blake2b(data, digest_size=16).hexdigest()}
    manifest["files"]["runs/a.db"] = own
    members[MANIFEST] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_other_table, "tables/events.csv is not what was packed"),
        (_other_log, "the events are not those of the run"),
        (lambda m: m.pop("tables/agents.csv"), "tables/agents.csv is missing"),
        (lambda m: m.update({"extra.txt": b"x"}), "extra.txt is not in the manifest"),
        (lambda m: m.pop(MANIFEST), "no package; its manifest.json is missing"),
        (lambda m: m.update({MANIFEST: b"[]"}), "manifest.json cannot be read"),
        (lambda m: m.update({MANIFEST: m[MANIFEST].replace(b'"form": 1', b'"form": 9')}), "a newer simsoc"),
    ],
)
def test_what_was_changed_is_found(package, tmp_path, change, says):
    found = simsoc.verify(changed(package, tmp_path / "b.zip", change))
    assert any(finding.serious and says in finding.message for finding in found), found


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out", "C:\\out", "a\\b", "x:y", ".."])
def test_names_that_lead_elsewhere_are_refused(package, tmp_path, name):
    bad = changed(package, tmp_path / "b.zip", lambda m: m.update({name: b"x"}))
    (finding,) = simsoc.verify(bad)
    assert "leads elsewhere" in finding.message
    with pytest.raises(LogError, match="leads elsewhere"):
        simsoc.unpack(bad, tmp_path / "into")
    assert not (tmp_path / "out.txt").exists()


def test_links_doubles_and_bombs_are_refused(package, tmp_path):
    def refused(says, make):
        path = tmp_path / f"{says[:4]}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            make(archive)
        (finding,) = simsoc.verify(path)
        assert says in finding.message

    def link(archive):
        info = zipfile.ZipInfo("a")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")

    def double(archive):
        archive.writestr("a", "x")
        archive.writestr("A", "y")

    refused("holds a link", link)
    refused("twice", double)
    refused("would grow", lambda archive: archive.writestr("a", b"\0" * 50_000_000))


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.999])
def test_a_torn_file_is_told(package, tmp_path, cut):
    data = package.read_bytes()
    torn = tmp_path / "torn.zip"
    torn.write_bytes(data[: int(len(data) * cut)])
    (finding,) = simsoc.verify(torn)
    assert "damaged" in finding.message


def test_flipped_bytes_never_go_unnoticed(package, tmp_path):
    data = package.read_bytes()
    for place in range(60, len(data) - 60, len(data) // 23):
        bad = tmp_path / "bad.zip"
        bad.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        assert any(finding.serious for finding in simsoc.verify(bad)) or _same(package, bad), place


def _same(one, other):
    """Whether what can be read of two zips is the same: a byte of a time or of a field nobody reads was hit."""
    with zipfile.ZipFile(one) as a, zipfile.ZipFile(other) as b:
        return a.namelist() == b.namelist() and all(a.read(name) == b.read(name) for name in a.namelist())


def test_unpacking_takes_a_folder_of_its_own(package, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "x").write_text("mine")
    with pytest.raises(LogError, match="not empty"):
        simsoc.unpack(package, tmp_path / "there")
    with pytest.raises(LogError, match="no such file"):
        simsoc.unpack(tmp_path / "gone.zip", tmp_path / "new")


@pytest.mark.long
def test_a_fresh_environment_comes_to_the_same_digest(made, tmp_path):
    """simsoc is installed into a new virtual environment, without this checkout on its path, and replays a package."""
    import venv

    bought(made)
    package = simsoc.pack(made / "runs" / "paid.db", tmp_path / "paid.zip")
    (tmp_path / "own").rename(tmp_path / "gone")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "requirements.lock", ROOT]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be installed here: {done.stderr[-300:]}")
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    said = subprocess.run(
        [tmp_path / "venv" / "bin" / "simsoc", "verify", package, "--replay"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert "verified" in said.stdout
