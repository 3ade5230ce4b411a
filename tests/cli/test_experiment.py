"""`simsoc experiment` and `simsoc compare`."""

import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from itertools import product

import pytest

import simsoc as package
from tests.loopback import Loopback, slow, status
from tests.timing import often

TWIN = """\
name: twin
steps: 4
seed: 3
world: {kind: opinion, labels: [k, z], stop: never, rule: {kind: curie_weiss, beta: 1.0}}
population: {n: 12}
experiment:
  arms: {control: {}, loud: {world.rule.beta: 5}}
  grid: {network: [complete, empty]}
  replicates: 2
  compare: {to: control, measures: [magnetisation]}
"""


@pytest.fixture
def twin(folder):
    (folder / "twin.yaml").write_text(TWIN)
    return folder


def test_experiment(twin, simsoc):
    said = simsoc("experiment", "twin.yaml", "--processes", 1)
    assert said.code == 0, said.err
    assert "twin: 8 of 8 runs finished" in said.out
    assert "magnetisation" in said.out
    assert "abs" not in said.out
    assert "simsoc compare runs/twin" in said.out
    assert len(list((twin / "runs" / "twin").glob("*.db"))) == 8
    again = simsoc("experiment", "runs/twin")
    assert again.code == 0
    assert again.out == said.out


def test_experiments_on_the_same_question_follow(twin, simsoc):
    once = TWIN.replace("replicates: 2", "replicates: 1")
    (twin / "second.yaml").write_text(once.replace("name: twin", "name: second"))
    (twin / "first.yaml").write_text(TWIN.replace("name: twin", "name: first") + "  also: second.yaml\n")
    options = ("--processes", 1, "--set", "steps=1")
    planned = simsoc("experiment", "first.yaml", "--plan", *options)
    assert planned.out.index("8 runs in runs/first") < planned.out.index("4 runs in runs/second")
    assert not (twin / "runs").exists()
    said = simsoc("experiment", "first.yaml", *options)
    assert said.code == 0, said.err
    assert said.out.index("first: 8 of 8 runs finished") < said.out.index("second: 4 of 4 runs finished")
    steps = {name: package.open_experiment(f"runs/{name}").runs["last_step"].max() for name in ("first", "second")}
    assert steps == {"first": 1, "second": 4}  # as it is written
    told = simsoc("experiment", "runs/first", "--json").json
    assert [told["name"], *(other["name"] for other in told["also"])] == ["first", "second"]
    assert "also" not in simsoc("experiment", "first.yaml", *options, "--alone", "--json").json
    (twin / "second.yaml").unlink()
    refused = simsoc("experiment", "first.yaml", *options, "--overwrite")
    assert refused.code == 2
    assert "experiment.also.0: there is no file" in refused.err


def test_experiment_as_json(twin, simsoc):
    options = ("--folder", "x", "--seed", 9, "--set", "steps=2", "--processes", 1, "--json")
    said = simsoc("experiment", "twin.yaml", *options)
    assert said.code == 0, said.err
    told = said.json
    assert (told["name"], told["folder"], told["complete"]) == ("twin", "x", True)
    assert [(r["network"], r["replicate"], r["arm"]) for r in told["runs"]][:3] == [
        ("complete", 0, "control"),
        ("complete", 0, "loud"),
        ("complete", 1, "control"),
    ]
    assert {r["last_step"] for r in told["runs"]} == {2}
    assert told["runs"][0]["seed"] == 9
    assert {r["measure"] for r in told["measures"]} >= {"magnetisation"}


def test_compare(twin, simsoc):
    simsoc("experiment", "twin.yaml", "--processes", 1)
    said = simsoc("compare", "runs/twin")
    assert said.code == 0, said.err
    assert "differs from control (there)" in said.out
    assert said.out.count("loud") >= 6
    told = simsoc("compare", "runs/twin", "--json").json
    assert set(told) >= {"to", "partings", "touched", "calls", "measures", "effects", "ladder", "failures", "scope"}
    assert len(told["partings"]) == 4
    assert len(told["touched"]) == 4 * 5
    assert simsoc("compare", "runs/twin", "--to", "loud", "--json").json["to"] == "loud"
    logs = ["runs/twin/p0-control-r000.db", "runs/twin/p0-loud-r000.db"]
    two = simsoc("compare", *logs, "--measure", "sweeps", "--json").json
    first = told["partings"][0]
    assert {key: two["partings"][0][key] for key in ("step", "agent", "here", "there", "touched")} == {
        key: first[key] for key in ("step", "agent", "here", "there", "touched")
    }
    assert [row["measure"] for row in two["measures"]] == ["sweeps"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("compare", "nowhere"), "no experiment"),
        (("compare", "a.db", "b.db"), "there is no such file"),
        (("experiment", "nowhere.yaml"), "nowhere.yaml"),
        (("experiment", "twin.yaml", "--set", "experiment.arms.loud={world.rule.betta: 2}"), "Did you mean 'beta'"),
        (("experiment", "twin.yaml", "--set", "experiment.grid.network=[{kind: ring, k: 40}]"), "arm control at"),
    ],
)
def test_what_cannot_be_done(twin, simsoc, arguments, says):
    said = simsoc(*arguments)
    assert said.code == 2
    assert says in said.err
    assert not (twin / "runs").exists()


def test_another_experiment_is_refused(twin, simsoc):
    simsoc("experiment", "twin.yaml", "--processes", 1)
    said = simsoc("experiment", "twin.yaml", "--set", "steps=3")
    assert said.code == 2
    assert "steps: was 4, now 3" in said.err
    assert "--overwrite" in said.err
    assert "go on with" not in said.err
    assert simsoc("experiment", "twin.yaml", "--set", "steps=3", "--overwrite", "--processes", 1).code == 0


def test_a_run_of_it_alone_says_that_there_is_more(twin, simsoc):
    said = simsoc("run", "twin.yaml", "-q")
    assert said.code == 0
    assert "simsoc experiment twin.yaml" in said.err
    alone = package.Society(package.load("twin.yaml").alone())
    alone.run_model()
    assert alone.digest in said.out
    assert "experiment" not in simsoc("run", "first.yaml", "-q").err


def test_it_is_checked_with_all_its_arms(twin, simsoc):
    assert simsoc("check", "twin.yaml").code == 0
    said = simsoc("check", "twin.yaml", "--set", "experiment.arms.loud={network: {kind: ring, k: 40}}")
    assert said.code == 2
    assert "the grid varies this key already" in said.err


# -- with a model, ended from outside ---------------------------------------------------------------------------------


@contextmanager
def _begun(twin, program, server, calls):
    """The experiment in a process of its own, so many calls on its way."""
    backend = f'backend={{model: openai/x, transport: lean, base_url: "{server.base_url}", slots: 3}}'
    process = subprocess.Popen(
        [*program, "experiment", "twin.yaml", "--set", backend, "--set", "experiment.grid={}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    until = time.monotonic() + 30
    while server.calls < calls and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("how", "calls"),
    often(product((signal.SIGINT, signal.SIGTERM, signal.SIGKILL), (3, 50)), (signal.SIGINT, 3), (signal.SIGKILL, 50)),
)
def test_an_experiment_with_a_model_goes_on_from_where_it_was(twin, simsoc, program, how, calls):
    with Loopback(behave=lambda body, count: slow(0.05)) as server:
        with _begun(twin, program, server, calls) as process:
            os.kill(process.pid, how)
            _, err = process.communicate(timeout=30)
        assert process.returncode == (-9 if how == signal.SIGKILL else 1), err
        sent = server.calls
        if how != signal.SIGKILL:
            assert "once more ends at once" in err
            assert "go on with: simsoc experiment runs/twin" in err
            assert "Traceback" not in err
            kept = sum(run["paid"] or 0 for run in _runs())
            assert kept == sent, "every answer that was on its way is in a log"
        assert simsoc("experiment", "runs/twin").code == 0
        paid = sum(run["paid"] for run in _runs())
        assert paid <= server.calls <= paid + (3 + 3 if how == signal.SIGKILL else 0)
    assert {run["reused"] for run in _runs() if run["arm"] == "control"} == {0}
    assert {run["paid"] for run in _runs() if run["arm"] == "loud"} == {0}
    for path in (twin / "runs" / "twin").glob("*.db"):
        assert package.verify(path) == []


def _runs():
    return package.open_experiment("runs/twin").runs.astype(object).to_dict("records")


def test_told_twice_it_ends_at_once(twin, program):
    with Loopback(behave=lambda body, count: slow(60)) as server:
        with _begun(twin, program, server, 2) as process:
            began = time.monotonic()
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.5)
            assert process.poll() is None
            os.kill(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=40)
        assert process.returncode == 1
        assert "Traceback" not in err
        assert time.monotonic() - began < 30


def test_what_goes_wrong_is_told_at_the_end(twin, simsoc):
    with Loopback(behave=lambda body, count: status(500)) as server:
        backend = f'backend={{model: openai/x, transport: lean, base_url: "{server.base_url}", retries: 0}}'
        said = simsoc("experiment", "twin.yaml", "--set", backend, "--set", "experiment.grid={}", "--json")
    assert said.code == 1
    assert not said.json["complete"]
    assert [r for r in said.json["runs"] if r["status"] not in ("stopped", "missing") or not r["why"]] == []
    assert said.json["runs"][0]["status"] == "stopped"


# -- evidence ---------------------------------------------------------------------------------------------------------


def test_what_compare_says_of_an_effect(twin, simsoc):
    simsoc(
        "experiment", "twin.yaml", "--processes", 1, "--set", "experiment.grid={}", "--set", "experiment.replicates=4"
    )
    said = simsoc("compare", "runs/twin")
    assert said.code == 0, said.err
    assert "Effects: each arm less control" in said.out
    assert "no smaller than 0.12 with 4 replicates" in said.out
    assert "fewer than 6 replicates" in said.out
    assert "Intervals generalise to new draws of all chance within a run, for these very ties" in said.out
    assert "decisions was answered. Minds: curie_weiss (rule)." in said.out
    told = simsoc("compare", "runs/twin", "--json").json
    (effect,) = told["effects"]
    assert effect["n"] == 4
    assert effect["low"] <= effect["difference"] <= effect["high"]
    assert told["robust"][0]["verdict"].startswith("no model answered")
    assert told["published"] is None


def test_the_ladder_by_one_flag(twin, simsoc):
    options = ("--processes", 1, "--set", "experiment.grid={}", "--ladder")
    said = simsoc("experiment", "twin.yaml", *options)
    assert said.code == 0, said.err
    assert "twin: 12 of 12 runs finished" in said.out
    assert "mechanistic (control, loud): the arm itself is answered by 'mechanistic'" in said.out
    assert "rewired (control, loud): everybody is tied to everybody" in said.out
    told = simsoc("compare", "runs/twin")
    assert "Null ladder" in told.out
    assert "magnetisation, arm control: its value" in told.out
    assert "magnetisation, arm loud: its effect" in told.out
    frames = simsoc("compare", "runs/twin", "--json").json
    assert {row["rung"] for row in frames["ladder"]} == {"null", "no_interaction"}
    assert {row["arm"] for row in frames["effects"]} == {"loud"}


def test_a_plan_runs_nothing(twin, simsoc):
    said = simsoc("experiment", "twin.yaml", "--plan", "--ladder", "--set", "experiment.grid={}")
    assert said.code == 0, said.err
    assert "twin: 12 runs in runs/twin, 0 finished. Nothing is run now" in said.out
    assert "loud.no_interaction" in said.out
    assert "No model is asked" in said.out
    assert not (twin / "runs").exists()
    told = simsoc("experiment", "twin.yaml", "--plan", "--json").json
    assert [row["replicates"] for row in told["arms"]] == [2] * 4
    priced = simsoc("experiment", "twin.yaml", "--plan", "--set", "backend=openai/gpt-4o-mini")
    assert priced.code == 0, priced.err
    assert "US dollars" in priced.out


def test_published_values_beside(twin, simsoc):
    row = "{arm: loud, measure: magnetisation, value: 0.1, low: -1, high: 1}"
    options = ("--processes", 1, "--set", "experiment.grid={}")
    said = simsoc("experiment", "twin.yaml", *options, "--set", f"published={{source: A 2020, mind: m, rows: [{row}]}}")
    assert said.code == 0, said.err
    assert "Beside A 2020 (there):" in said.out
    assert "Here rules answered, and no model: curie_weiss" in said.out
    assert "; there: m." in said.out
    assert "Of 1 published values: 1 inside." in said.out
    assert "With 2 runs of an arm, where their mean lies is rough" in said.out
    assert "Beside A 2020 (there):" in simsoc("compare", "runs/twin").out
    wrong = simsoc(
        "experiment", "twin.yaml", "--set", "published={rows: [{arm: lod, measure: magnetisation, value: 1}]}"
    )
    assert wrong.code == 2
    assert "Did you mean 'loud'" in wrong.err


def test_what_twins_save_is_printed(twin, simsoc):
    """Two arms of which one lasts longer: all that both ask is paid for once."""
    with Loopback() as server:
        backend = f'backend={{model: openai/x, transport: lean, base_url: "{server.base_url}", slots: 3}}'
        arms = "experiment={arms: {control: {}, longer: {steps: 6}}}"
        said = simsoc("experiment", "twin.yaml", "--set", backend, "--set", arms, "--folder", "x", "-q")
        assert said.code == 0, said.err
        runs = package.open_experiment("x").runs.set_index("arm")
        asked = {arm: int(runs.loc[arm, ["paid", "reused"]].sum()) for arm in ("control", "longer")}
        assert server.calls == asked["longer"]
    told = f"Of {sum(asked.values())} calls to models {server.calls} were paid for, {asked['control']} ("
    assert told in said.out
    compared = simsoc("compare", "x")
    assert told in compared.out
    assert "one wording only: not called robust" in compared.out


def test_unfinished_runs_are_told(twin, simsoc):
    simsoc("experiment", "twin.yaml", "--processes", 1, "--set", "experiment.grid={}")
    (twin / "runs" / "twin" / "loud-r001.db").unlink()
    said = simsoc("compare", "runs/twin")
    assert said.code == 0, said.err
    assert "1 run is not finished and does not count" in said.out
    assert "loud, replicate 1: missing (not begun)" in said.out
    assert "effects rest on 1 of 2 pairs" in said.out


@pytest.mark.parametrize("width", [80, 120])
def test_tables_fit_a_window(twin, simsoc, width, monkeypatch):
    """No line of a table is wider than the window, and no number is broken over two lines."""
    from simsoc.cli import tables

    monkeypatch.setattr(tables, "_WIDE", width)
    simsoc("experiment", "twin.yaml", "--processes", 1, "--set", "experiment.grid={}", "--ladder")
    said = simsoc("compare", "runs/twin")
    rows = [line for line in said.out.splitlines() if re.match(r" (?! \w)", line)]  # two blanks begin a list
    assert max(map(len, rows)) <= width
    told = simsoc("compare", "runs/twin", "--json").json
    from simsoc.cli.evidence import span

    for row in told["effects"]:
        assert span(row["low"], row["high"]) in said.out


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.0655, -0.00697, "-0.0655..-0.0070"),
        (0.589, 1.577, "0.59..1.58"),
        (-1234.5, 2.0, "-1234..2"),
        (0.0, 0.0, "0..0"),
        (-1e-5, 2e-5, "-0.0000100..0.0000200"),
        (None, None, None),
    ],
)
def test_an_interval_in_few_digits(low, high, said):
    from simsoc.cli.evidence import span

    assert span(low, high) == said
