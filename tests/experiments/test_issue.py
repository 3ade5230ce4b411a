"""An experiment is run, gone on with, and never begun twice; runs on rules alone."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import pytest

import simsoc
from simsoc.core.errors import LogError, LogExists
from simsoc.experiments.folder import held, write_index
from simsoc.experiments.issue import begin, issue
from simsoc.society import Society
from tests.experiments.making import design, digests
from tests.timing import often

THREE = {"control": {}, "same": {}, "loud": {"world.rule.beta": 4}}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "x"


def run(scenario, folder, **more):
    return simsoc.experiment(scenario, folder=folder, **{"processes": 1, **more})


def test_an_arm_without_overrides_is_the_very_same_run(folder):
    results = run(design(THREE, replicates=3), folder)
    frame = results.runs.pivot(index="replicate", columns="arm", values="digest")
    assert (frame["control"] == frame["same"]).all()
    assert (frame["control"] != frame["loud"]).all()
    assert frame["control"].nunique() == 3
    assert results.complete


def test_each_run_is_the_run_one_gets_alone(folder):
    results = run(design(THREE, replicates=2, grid={"steps": [2, 3]}), folder)
    for entry in results:
        log = folder / entry.file
        overrides = {"world.rule.beta": 4} if entry.arm == "loud" else {}
        alone = Society(design(), entry.seed, **overrides, steps=entry.grid["steps"])
        alone.run_model()
        with simsoc.open_run(log) as one:
            assert one.info["digest"] == alone.digest
            assert (one.info["arm"], one.info["replicate"]) == (entry.arm, entry.replicate)
            assert one.scenario["experiment"] is None
        assert simsoc.verify(log) == []


def test_two_processes_do_what_one_does(tmp_path):
    scenario = design(THREE, replicates=2, grid={"population.n": [6, 12]})
    one, two = (run(scenario, tmp_path / str(n), processes=n) for n in (1, 2))
    assert digests(one) == digests(two)
    assert one.measures.equals(two.measures)
    assert one.compare().touched.equals(two.compare().touched)


def test_the_index_is_there_before_anything_is_run(folder):
    seen = []

    def look(arms):
        if not seen:
            assert not list(folder.glob("*.db"))
            seen.append(json.loads((folder / "index.json").read_text()))

    run(design(THREE, replicates=2), folder, progress=look)
    assert [(r["arm"], r["replicate"], r["file"]) for r in seen[0]["runs"]][:4] == [
        ("control", 0, "control-r000.db"),
        ("same", 0, "same-r000.db"),
        ("loud", 0, "loud-r000.db"),
        ("control", 1, "control-r001.db"),
    ]


def test_progress_tells_how_far_each_arm_has_got(folder):
    told = []
    run(design(THREE, replicates=2), folder, progress=told.append)
    assert [(arm.arm, arm.done, arm.total) for arm in told[0]] == [(name, 0, 2) for name in THREE]
    assert [(arm.arm, arm.done, arm.failed, arm.calls > 0, arm.paid) for arm in told[-1]] == [
        (name, 2, 0, True, 0) for name in THREE
    ]


def test_finished_runs_are_left_alone_and_missing_ones_are_begun(folder):
    wanted = digests(run(design(THREE, replicates=2), folder))
    (folder / "same-r001.db").unlink()
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.db")}
    assert digests(run(design(THREE, replicates=2), folder)) == wanted
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_unfinished_run_goes_on(folder):
    plan, _ = begin(design(THREE), folder)
    wanted = digests(run(design(THREE), folder.with_name("whole")))
    write_index(folder, plan)
    society = Society(plan.runs[2].scenario, log=folder / plan.runs[2].file)
    for _ in range(3):
        society.step()
    society.close()
    results = run(design(THREE), folder)
    assert digests(results) == wanted
    with results.run("loud") as one:
        assert list(one.notes["kind"]) == ["resume"]


def test_the_folder_alone_is_enough_to_go_on(folder):
    results = run(design(THREE, replicates=2), folder)
    wanted = digests(results)
    (folder / "loud-r000.db").unlink()
    assert digests(simsoc.experiment(folder, processes=1)) == wanted


def test_more_replicates_are_more_runs(folder):
    few = digests(run(design(THREE, replicates=1), folder))
    more = digests(run(design(THREE, replicates=3), folder))
    assert few.items() <= more.items()
    assert len(more) == 9
    with pytest.raises(LogExists, match=r"experiment\.replicates: was 3, now 2"):
        run(design(THREE, replicates=2), folder)


def test_another_experiment_in_the_same_folder_is_refused_and_says_what_differs(folder):
    run(design(THREE), folder)
    other = design({"control": {}, "same": {}, "loud": {"world.rule.beta": 5}}, keys={"seed": 9})
    before = sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir())
    with pytest.raises(LogExists) as error:
        run(other, folder)
    assert "seed: was 4, now 9\n" in str(error.value)
    assert "experiment.arms.loud.world.rule.beta: was 4, now 5\n" in str(error.value)
    assert sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir()) == before
    again = run(other, folder, overwrite=True)
    assert set(again.runs["seed"]) == {9}


def test_what_makes_no_other_runs_may_change(folder):
    run(design(THREE), folder)
    told = {"question": "And now?", "budget": {"calls": 5}}
    results = run(design(THREE, keys=told, compare={"to": "loud"}), folder)
    assert results.compare().to == "loud"


def test_a_run_that_fails_is_told_and_does_not_stop_the_others(folder):
    scenario = design({"a": {}, "broken": {"population": {"source": "csv", "file": "people.csv"}}, "z": {}})
    people = folder.with_name("people.csv")
    people.write_text("party\n" + "left\n" * 12)
    plan, path = begin(simsoc.load(scenario, folder=people.parent), folder)

    def vanish(arms):
        people.unlink(missing_ok=True)

    outcomes = issue(plan, path, processes=1, progress=vanish)
    assert [outcome.status for _, outcome in outcomes] == ["finished", "failed", "finished"]
    assert "people.csv" in outcomes[1][1].why
    people.write_text("party\n" + "left\n" * 12)
    assert {o.status for _, o in issue(plan, path, processes=1)} == {"finished"}


def test_python_is_warned_of_runs_that_are_not_finished(folder, monkeypatch):
    monkeypatch.setattr("simsoc.experiments.processes.advance", lambda *given, **more: _failed())
    with pytest.warns(UserWarning, match=r"3 of 3 runs are not finished: control-r000 \(failed: no luck\)"):
        results = run(design(THREE), folder)
    assert set(results.runs["status"]) == {"missing"}
    assert len(results.measures) == 0


def _failed():
    from simsoc.experiments.one import Outcome

    return Outcome("failed", "no luck")


def test_one_process_at_a_time(folder):
    with held(folder), pytest.raises(LogError, match="another process"):
        run(design(THREE), folder)
    run(design(THREE), folder)


def test_logs_without_an_index_are_not_touched(folder):
    run(design(THREE), folder)
    (folder / "index.json").unlink()
    with pytest.raises(LogExists, match=r"no index\.json"):
        run(design(THREE), folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"simsoc": "else"}, "not the index"),
        ({"form": 99}, "newer simsoc"),
    ],
)
def test_an_index_that_is_none(folder, change, says):
    run(design(THREE), folder)
    path = folder / "index.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(LogError, match=says):
        simsoc.open_experiment(folder)
    with pytest.raises(LogError, match="no experiment"):
        simsoc.open_experiment(folder.with_name("nowhere"))


def test_an_index_cannot_name_files_elsewhere(folder):
    run(design(THREE), folder)
    path = folder / "index.json"
    told = json.loads(path.read_text())
    told["runs"][0]["file"] = "../victim.db"
    path.write_text(json.dumps(told))
    with pytest.raises(LogError, match="other folders"):
        run(design(THREE), folder, overwrite=True)


# -- ended from outside ------------------------------------------------------------------------------------------------

LONG = design({"a": {}, "b": {"world.rule.beta": 2}}, replicates=3, keys={"steps": 1000})


def _begun(tmp_path, *options):
    (tmp_path / "long.json").write_text(json.dumps(LONG))
    process = subprocess.Popen(
        [sys.executable, "-m", "simsoc", "experiment", "long.json", "--folder", "x", *options],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    until = time.monotonic() + 60
    while not any(_steps(path) > 30 for path in (tmp_path / "x").glob("*.db")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until, "the experiment does not get going"
        time.sleep(0.02)
    return process


def _steps(path):
    try:
        with simsoc.open_run(path) as run:
            return run.info["steps"] or 0
    except LogError:
        return 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Digests of LONG when nothing ends it."""
    return digests(run(LONG, tmp_path_factory.mktemp("long") / "whole"))


@pytest.mark.parametrize(
    ("how", "processes"),
    often(product((signal.SIGKILL, signal.SIGINT), "12"), (signal.SIGKILL, "2"), (signal.SIGINT, "1")),
)
def test_ended_in_the_middle_it_goes_on_to_the_same_runs(tmp_path, whole, how, processes):
    process = _begun(tmp_path, "--processes", processes)
    os.kill(process.pid, how)
    _, err = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 1
        assert "interrupted" in err
        assert "go on with: simsoc experiment x" in err
        assert "Traceback" not in err
    done = simsoc.open_experiment(tmp_path / "x")
    assert not done.complete
    results = run(tmp_path / "x", None)
    assert digests(results) == whole
    for path in (tmp_path / "x").glob("*.db"):
        assert simsoc.verify(path) == []
