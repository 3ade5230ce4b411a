"""Mistakes people make: plain words on standard error, the right exit code, and never a traceback."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import simsoc as package

from .conftest import FIRST

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)

FILES = {
    "empty": ("", "the file is empty"),
    "comment": ("# nothing\n", "the file is empty"),
    "list": ("- a\n- b\n", "a scenario is a mapping"),
    "text": ("hello\n", "a scenario is a mapping"),
    "tab": ("name: x\n\tworld: y\n", "tab"),
    "twice": ("name: x\nname: y\n", "given twice, first in line 1"),
    "long line": ("name: " + "x" * 10_000_000 + "\n", "larger than 1 MB"),
    "anchors": (BOMB, "aliases"),
    "deep": ("name: " + "[" * 50_000 + "\n", "nested"),
    "brace": ("name: {\n", "x.yaml:"),
    "python": ("name: !!python/object/apply:os.system ['echo no']\n", "x.yaml:1"),
    "no world": ("name: x\n", "world: required"),
    "no steps": ("name: x\nworld: {kind: opinion, rule: voter}\npopulation: {n: 5}\n", "how many? This world"),
    "nobody": ("name: x\nsteps: 1\nworld: {kind: opinion, rule: voter}\n", "how many people?"),
    "name": (FIRST.replace("name: first", "name: a/b"), "x.yaml:1"),
    "small": (FIRST.replace("n: 12", "n: 3"), "4 neighbours on a ring of 3: at most 2 work"),
    "typing error": (FIRST.replace("curie_weiss", "curie_wiess"), "Did you mean 'curie_weiss'?"),
    "key": (FIRST.replace("population", "populaton"), "Did you mean 'population'?"),
    "unit": (FIRST.replace("beta: 2.0", "beta: high"), "should be a number (got 'high')"),
}


TOLD_BY_BUILDING = {"no steps", "nobody", "small"}
TRIED = [
    (c, kind) for kind in FILES for c in ("run", "check", "explain") if c != "explain" or kind not in TOLD_BY_BUILDING
]


@pytest.mark.parametrize(("command", "kind"), TRIED)
def test_files_that_are_no_scenario(folder, simsoc, kind, command):
    text, says = FILES[kind]
    (folder / "x.yaml").write_text(text)
    said = simsoc(command, "x.yaml")
    assert said.code == 2
    assert says in said.err
    assert "x.yaml" in said.err or kind in ("no steps", "nobody")
    assert len(said.err) < 2000
    assert said.out == ""
    assert not (folder / "runs").exists()


@pytest.mark.parametrize("command", ["run", "check", "explain"])
@pytest.mark.parametrize(("path", "says"), [("nothing.yaml", "no such file"), (".", "folder"), ("/dev/null", "empty")])
def test_paths_that_lead_nowhere(folder, simsoc, command, path, says):
    said = simsoc(command, path)
    assert said.code == 2
    assert says in said.err


def test_text_that_is_not_utf8(folder, simsoc):
    (folder / "x.yaml").write_bytes(b"name: caf\xe9\n")
    said = simsoc("check", "x.yaml")
    assert said.code == 2
    assert "UTF-8" in said.err


def test_every_mistake_is_told_at_once(folder, simsoc):
    (folder / "x.yaml").write_text(FIRST.replace("steps: 5", "steps: -5").replace("n: 12", "n: twelve"))
    said = simsoc("check", "x.yaml")
    assert [line.split("  ")[0] for line in said.err.splitlines()] == ["x.yaml:3", "x.yaml:8"]


SETS = {
    "foo": "an override looks like",
    "=1": "--set",
    "foo=1": "unknown key",
    "world.rule.bta=1": "Did you mean 'beta'?",
    "world.rule.beta=[": "--set world.rule.beta",
    "world.rule.beta.x=1": "--set world.rule.beta.x",
    "steps=-1": "at least 0",
    "steps=1.5": "whole number",
    "seed=-1": "at least 0",
    "measures=[magnetization]": "Did you mean 'magnetisation'?",
    "network.k=60": "60 neighbours on a ring of 12",
    "network=karate_club": "34",
    "activation=onebyone": "Did you mean 'one_by_one'?",
    "backend=nope": "no provider 'nope'",
    "backend=openai": "which model?",
    "backend={model: scripted}": "list of replies",
    "backend={model: null, groups: [{model: null, who: {ids: [77]}}]}": "no agent 77",
    "backend={model: openai/x, base_url: localhost}": "write the whole address",
    "backend={model: null, slots: 0}": "at least 1",
    "choice=guess": "choice",
    "name=": "name",
}


@pytest.mark.parametrize("given", SETS)
def test_overrides_that_do_not_fit(folder, simsoc, given):
    said = simsoc("run", "first.yaml", "--set", given)
    assert said.code == 2
    assert SETS[given] in said.err
    assert "--set" in said.err or "first.yaml:" in said.err or "backend" in given
    assert not (folder / "runs").exists()


ARGUMENTS = [
    ["run"],
    ["frobnicate"],
    ["run", "first.yaml", "--frobnicate"],
    ["run", "first.yaml", "--seed", "abc"],
    ["run", "first.yaml", "--seed", "-1"],
    ["run", "first.yaml", "--seed", str(2**70)],
    ["run", "first.yaml", "--set"],
    ["check"],
    ["list", "nothing"],
    ["list", "networks", "watts_strogats"],
    ["list", "measures", "sweeps"],
    ["verify", "nothing.db"],
    ["verify", "."],
]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_arguments_that_make_no_sense(folder, simsoc, arguments):
    said = simsoc(*arguments)
    assert said.code == 2
    assert said.err


def test_a_missing_key_is_named(folder, simsoc):
    for command in ("run", "check"):
        said = simsoc(command, "first.yaml", "--set", "backend=openai/gpt-4o-mini")
        assert said.code == 2
        assert "OPENAI_API_KEY" in said.err
    said = simsoc("run", "first.yaml", "--set", "backend={model: openai/x, key_from: MY_KEY}")
    assert said.code == 2
    assert "MY_KEY" in said.err
    assert not (folder / "runs").exists()


@pytest.mark.parametrize("transport", ["sdk", "lean"])
def test_a_server_that_is_down_stops_the_run_and_keeps_what_there_is(folder, simsoc, transport):
    backend = f'backend={{model: openai/x, base_url: "http://127.0.0.1:9/v1", retries: 0, transport: {transport}}}'
    said = simsoc("run", "first.yaml", "--log", "a.db", "--set", backend, "--json")
    assert said.code == 1
    assert said.out == ""
    assert "cannot be reached" in said.err
    assert "stopped after step 0 of 5" in said.err
    assert "a.db" in said.err
    with package.open_run("a.db") as run:
        assert run.info["status"] == "stopped"
    sound = simsoc("verify", "a.db")
    assert sound.code == 0
    assert "not finished" in sound.out


def test_a_scenario_that_needs_more_than_there_is(folder, simsoc, monkeypatch):
    def eaten(*arguments, **keywords):
        raise MemoryError

    monkeypatch.setattr("simsoc.society.Society.run_model", eaten)
    said = simsoc("run", "first.yaml")
    assert said.code == 1
    assert "not enough memory" in said.err


def test_a_mistake_of_simsoc_itself_says_so(folder, simsoc, monkeypatch):
    def broken(*arguments, **keywords):
        raise AssertionError("ids append")

    monkeypatch.setattr("simsoc.society.Society.run_model", broken)
    said = simsoc("run", "first.yaml")
    assert said.code == 1
    assert "AssertionError: ids append" in said.err
    assert "SIMSOC_TRACEBACK" in said.err


# -- logs ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(folder, simsoc):
    simsoc("run", "first.yaml", "--log", "a.db")
    return folder / "a.db"


def test_verify_a_log_that_was_changed(log, simsoc):
    with sqlite3.connect(log) as raw:
        raw.execute("""UPDATE event SET content = '{"to":"A"}' WHERE kind = 'set'""")
    raw.close()
    said = simsoc("verify", log)
    assert said.code == 1
    assert "digest: the events are not those of the run" in said.out
    told = simsoc("verify", log, "--json")
    assert told.code == 1
    assert [finding["about"] for finding in told.json["findings"]] == ["digest"]


@pytest.mark.parametrize("damage", ["scrambled", "cut", "text", "empty", "other database"])
def test_verify_a_log_that_is_damaged(log, simsoc, damage):
    data = log.read_bytes()
    if damage == "scrambled":
        log.write_bytes(data[:20_000] + bytes(b ^ 0x5A for b in data[20_000:40_000]) + data[40_000:])
    elif damage == "cut":
        log.write_bytes(data[: len(data) // 2])
    elif damage == "other database":
        log.unlink()
        with sqlite3.connect(log) as raw:
            raw.execute("CREATE TABLE x (y)")
        raw.close()
    else:
        log.write_bytes(b"hello\n" * (damage == "text"))
    said = simsoc("verify", log)
    assert said.code == 1
    assert "structure: " in said.out


@pytest.mark.parametrize("path", [".", "first.yaml/a.db", "/proc/nothing/a.db"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_logs_that_cannot_be_written(folder, simsoc, path, overwrite):
    said = simsoc("run", "first.yaml", "--log", path, *(["--overwrite"] if overwrite else []))
    assert said.code == 2
    assert path in said.err


def test_only_ordinary_files_are_replaced(folder, simsoc):
    """`--log /dev/null --overwrite` must not put a file in the place of the device."""
    os.mkfifo("pipe")
    said = simsoc("run", "first.yaml", "--log", "pipe", "--overwrite")
    assert said.code == 2
    assert (folder / "pipe").is_fifo()


def test_overwrite_replaces_nothing_but_logs(folder, simsoc):
    said = simsoc("run", "first.yaml", "--log", "first.yaml", "--overwrite")
    assert said.code == 2
    assert (folder / "first.yaml").read_text() == FIRST


UNPRIVILEGED = """
import os, sys
from simsoc.cli import app

def command(*arguments):
    try:
        app(list(arguments))
    except SystemExit as end:
        return end.code

command("run", "first.yaml", "--log", sys.argv[1] + "/before.db", "-q")  # imports what only root may read, perhaps
command("verify", sys.argv[1] + "/before.db")
os.chdir(sys.argv[2])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print("----")
sys.stdout.flush()
sys.exit(command(*sys.argv[3:]))
"""


@pytest.fixture
def closed():
    """A folder that nobody may write to, outside of folders that only their owner may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        yield Path(name)
        Path(name).chmod(0o755)


def unprivileged(folder, closed, *arguments):
    """A command in the closed folder, by somebody whom permissions bind."""
    command = [sys.executable, "-c", UNPRIVILEGED, folder, closed, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    return done


def test_a_folder_that_nobody_may_write_to(folder, closed):
    closed.chmod(0o755)
    shutil.copy("first.yaml", closed)
    closed.chmod(0o555)
    for log in ([], ["--log", "a.db"]):
        done = unprivileged(folder, closed, "run", "first.yaml", *log)
        assert done.returncode == 2
        assert "ermission" in done.stderr


def test_a_log_in_a_folder_that_nobody_may_write_to_can_be_verified(folder, simsoc, closed):
    simsoc("run", "first.yaml", "--log", "a.db")
    closed.chmod(0o755)
    shutil.copy("a.db", closed)
    closed.chmod(0o555)
    done = unprivileged(folder, closed, "verify", "a.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert "a.db: verified" in done.stdout.split("----")[1]
