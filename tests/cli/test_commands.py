"""What each command prints where all is well: results on standard output, everything else on standard error."""

import json
import resource
import subprocess
import sys

import jsonschema
import pytest
import yaml

import simsoc as package
from simsoc.shelves import SHELVES

from .conftest import FIRST, ROOT


def test_run_prints_the_table_and_where_the_log_is(folder, simsoc):
    said = simsoc("run", "first.yaml")
    assert said.code == 0
    assert said.err == ""
    for told in ("Does it run?", "first, seed 1: 5 steps, all done", "magnetisation", "curie_weiss (rule)", "digest "):
        assert told in said.out
    assert "runs/first-s1.db" in said.out
    with package.open_run("runs/first-s1.db") as run:
        assert run.info["digest"] in said.out


def test_a_second_run_takes_another_name(folder, simsoc):
    first, second = (simsoc("run", "first.yaml", "--json").json for _ in range(2))
    assert (first["log"], second["log"]) == ("runs/first-s1.db", "runs/first-s1-2.db")
    assert first["digest"] == second["digest"]


def test_run_as_json_prints_json_and_nothing_else(folder, simsoc):
    said = simsoc("run", "first.yaml", "--json")
    assert said.err == ""
    told = said.json
    run = ["name", "seed", "status", "reason", "steps", "turns", "digest", "log"]
    assert list(told) == [*run, "measures", "minds", "reused", "paid", "population"]
    assert (told["reused"], told["paid"]) == (0, 0)
    assert told["steps"] == 5
    assert {row["measure"] for row in told["measures"]} >= {"magnetisation", "sweeps"}


def test_undefined_numbers_are_null_in_json_and_a_dash_in_the_table(folder, simsoc):
    (folder / "pair.yaml").write_text(
        "name: pair\nsteps: 1\nworld: {kind: opinion_scale, rule: degroot}\npopulation: {n: 1}\n"
    )
    measures = {row["measure"]: row for row in simsoc("run", "pair.yaml", "--json").json["measures"]}
    assert measures["spread"]["final"] is None
    spread = next(line for line in simsoc("run", "pair.yaml").out.splitlines() if "spread" in line)
    assert spread.count(" - ") == 3


def test_seed_and_set_change_the_scenario(folder, simsoc):
    one = simsoc("run", "first.yaml", "--json", "--seed", 2, "--set", "world.rule.beta=0", "-s", "steps=3").json
    two = package.run("first.yaml", seed=2, log="two.db", **{"world.rule.beta": 0, "steps": 3})
    with two:
        assert one["digest"] == two.info["digest"]
        assert (one["seed"], one["steps"]) == (2, 3)


def test_overwrite_replaces_a_log(folder, simsoc):
    assert simsoc("run", "first.yaml", "--log", "a.db").code == 0
    refused = simsoc("run", "first.yaml", "--log", "a.db", "--seed", 9)
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert simsoc("run", "first.yaml", "--log", "a.db", "--seed", 9, "--overwrite", "--json").json["seed"] == 9


def test_logs_go_into_folders_that_are_not_there_yet(folder, simsoc):
    assert simsoc("run", "first.yaml", "--log", "deep/er/a.db", "-q").code == 0
    assert (folder / "deep" / "er" / "a.db").exists()


def test_progress_is_on_standard_error_alone(folder, program):
    """On a terminal: `script` would be needed for a real one, so the console is told that it is."""
    code = (
        "import sys; sys.stderr.isatty = lambda: True; sys.argv = ['simsoc', 'run', 'first.yaml']; "
        "from simsoc.cli import app; app()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "step" in done.stderr
    assert "digest" in done.stdout
    assert "digest" not in done.stderr
    assert "\x1b" not in done.stdout


def test_check_says_fine(folder, simsoc):
    assert simsoc("check", "first.yaml").out == "first.yaml: fine (first)\n"
    told = {"fine": True, "problems": [], "name": "first", "people": [], "hints": []}
    assert simsoc("check", "first.yaml", "--json").json == told
    assert not (folder / "runs").exists()


def test_what_is_hardly_meant_is_told(folder, simsoc):
    late = ("-s", "interventions=[{at: 99, do: {kind: set, keys: {world.rule.beta: 1}}}]")
    never = ("-s", 'surveys=[{name: late, at: 77, questions: [{name: q, ask: "What?", text: true}]}]')
    said = simsoc("check", "first.yaml", *late, *never)
    assert said.code == 0
    assert "interventions.0: 'set' waits for step 99" in said.out
    assert "surveys.0: 'late' is held after none" in said.out
    ran = simsoc("run", "first.yaml", *late, "--log", "late.db")
    assert ran.code == 0
    assert "it never takes place" in ran.err
    assert "takes place" not in simsoc("check", "first.yaml", "-s", late[1].replace("99", "1")).out


def test_a_feed_that_locks_in_is_told(folder, simsoc):
    (folder / "feed.yaml").write_text(
        "name: feed\nsteps: 30\nworld: {kind: twitter, feed: everyone, rule: partisan}\n"
        "population: {source: attributes, n: 6, traits: {party: [democrat, republican]}}\n"
        "network: {kind: partisan, degree: 3}\n"
    )
    assert "so that the first to be liked stay on top" in simsoc("check", "feed.yaml").out
    for change in ("steps=10", "world.feed.max_age=5", "world.feed.kind=following"):
        assert "stay on top" not in simsoc("check", "feed.yaml", "-s", change).out


def test_check_as_json_lists_the_problems(folder, simsoc):
    said = simsoc("check", "first.yaml", "--json", "-s", "world.rule.bta=1", "-s", "steps=-1")
    assert said.code == 2
    assert said.json["fine"] is False
    assert [p["path"] for p in said.json["problems"]] == ["world.rule.bta", "steps"]


def test_explain_prints_a_scenario_again(folder, simsoc):
    said = simsoc("explain", "first.yaml", "--set", "seed=5")
    assert "beta: 2.0\n" in said.out
    assert "h: 0.0  # default" in said.out
    (folder / "again.yaml").write_text(said.out)
    assert package.load("again.yaml") == package.load("first.yaml", {"seed": 5})


def test_explain_with_docs_says_what_keys_mean(folder, simsoc):
    said = simsoc("explain", "first.yaml", "--docs")
    assert "# Seed of all randomness." in said.out
    assert yaml.safe_load(said.out)["steps"] == 5


def test_list_names_everything(simsoc):
    said = simsoc("list")
    assert said.code == 0
    for shelf in SHELVES.values():
        assert f"\n{shelf.name}\n" in f"\n{said.out}"
        for name in shelf.names():
            assert f"  {name}" in said.out
    for told in ("magnetisation*", "gpt-4-turbo", "opinion/friends"):
        assert told in said.out


def test_list_of_one_kind(simsoc):
    said = simsoc("list", "networks")
    assert said.out.startswith("networks\n  complete")
    assert "voter" not in said.out
    told = simsoc("list", "networks", "--json").json
    assert [row["name"] for row in told["networks"]] == SHELVES["networks"].names()


def test_names_of_measures_are_those_that_a_scenario_takes(folder, simsoc):
    """What is listed can be copied into the file."""
    listed = [
        rows for heading, rows in simsoc("list", "measures", "--json").json.items() if "world opinion " in heading
    ]
    names = [row["name"].rstrip("*") for row in listed[0]]
    assert simsoc("check", "first.yaml", "--set", f"measures=[{', '.join(names)}]").code == 0


def test_every_part_can_be_looked_at(simsoc):
    for shelf in SHELVES.values():
        for name in shelf.names():
            said = simsoc("list", shelf.name, name)
            assert said.code == 0
            assert len(said.out) > 10


def test_a_part_tells_its_keys(simsoc):
    said = simsoc("list", "networks", "watts_strogatz")
    assert "k: whole number from 2 (default 4)" in said.out
    assert "probability that a tie is rewired" in said.out
    told = simsoc("list", "networks", "watts_strogatz", "--json").json
    assert [key["name"] for key in told["keys"]] == ["k", "p", "connected"]


def test_schema_accepts_the_scenario_that_runs(simsoc):
    schema = simsoc("schema").json
    jsonschema.validate(yaml.safe_load(FIRST), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**yaml.safe_load(FIRST), "stepz": 3}, schema)


def test_verify_a_sound_log(folder, simsoc):
    simsoc("run", "first.yaml", "--log", "a.db")
    assert simsoc("verify", "a.db").out == "a.db: verified\n"
    assert simsoc("verify", "a.db", "--json").json == {"log": "a.db", "sound": True, "findings": []}


def test_version(simsoc):
    assert simsoc("--version").out == f"simsoc {package.__version__}\n"


def test_help_teaches(simsoc):
    said = simsoc("--help")
    assert said.code == 0
    for command in ("run", "check", "explain", "list", "schema", "verify"):
        assert f" {command} " in said.out
        more = simsoc(command, "--help")
        assert more.code == 0
        assert len(more.out) > 300
    assert "simsoc run scenarios/opinion_majority_force.yaml" in said.out
    assert (ROOT / "scenarios" / "opinion_majority_force.yaml").exists()


def test_help_takes_less_than_half_a_second_of_cpu(program):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*program, "--help"], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "nothing.yaml"]])
def test_nothing_heavy_is_imported_before_it_is_needed(arguments):
    heavy = ["openai", "litellm", "mesa", "pandas", "scipy", "matplotlib", "aiohttp", "networkx", "sqlalchemy", "numpy"]
    code = (
        f"import sys; sys.argv = ['simsoc', *{arguments!r}]\n"
        "from simsoc.cli import app\n"
        "try: app()\n"
        f"except SystemExit: print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_closed_pipe_is_no_failure(folder, program):
    """As in `simsoc list | head -1`."""
    with subprocess.Popen([*program, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_json_of_a_question_in_any_script(folder, simsoc):
    (folder / "x.yaml").write_text(FIRST.replace("Does it run?", "'[bold]Wer folgt wem? 誰'"), encoding="utf-8")
    assert "[bold]Wer folgt wem? 誰" in simsoc("run", "x.yaml").out
    assert json.loads(simsoc("run", "x.yaml", "--json").out)["name"] == "first"


def test_diffusion_says_who_knew_what_by_when(folder, simsoc):
    import shutil
    from pathlib import Path

    shutil.copy(Path(__file__).parents[2] / "scenarios" / "town_small.yaml", folder / "town.yaml")
    assert simsoc("run", "town.yaml", "--log", "t.db").code == 0
    said = simsoc("diffusion", "t.db")
    assert said.code == 0
    assert "concert: known to" in said.out
    assert "Mara knew it by itself" in said.out
    as_json = json.loads(simsoc("diffusion", "t.db", "--json").out)
    assert as_json["knowers"][0]["item"] == "concert"
    assert set(as_json["density"]) == {"start", "end"}
