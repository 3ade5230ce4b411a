"""What the README says works: its files, its commands and its Python, run as they stand there."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import simsoc
from simsoc.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A working folder with the scenarios, and with the files that the README writes out."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    for block in blocks("yaml"):
        name = re.match(r"# (\w+\.yaml)\n", block)
        if name:
            (tmp_path / name[1]).write_text(block, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for key in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    return tmp_path


def test_its_scenarios_are_fine(clone):
    files = sorted(clone.glob("*.yaml"))
    assert [file.name for file in files] == ["feeds.yaml", "first.yaml", "twins.yaml"]
    for file in files:
        assert simsoc.check(file).question.endswith("?")
    for block in blocks("yaml"):
        assert isinstance(yaml.safe_load(block), dict)


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_its_python_runs(clone, number):
    code = compile(blocks("python")[number], f"README.md, python block {number + 1}", "exec")
    names = {}
    exec(code, names)
    if "run" in names:
        assert names["run"].info["status"] == "finished"
        names["run"].close()
    if "rows" in names:
        assert len({row["magnetisation"] for row in names["rows"]} | {None}) > 1
        assert [row["seed"] for row in names["rows"]] == [1, 2, 3]


COMMANDS = [
    shlex.split(line, comments=True)
    for block in blocks("bash")
    for line in block.splitlines()
    if line.startswith("simsoc ")
]


def asks_a_server(words):
    return any("openai/" in word or "litellm/" in word for word in words)


def test_there_are_commands_with_and_without_a_server():
    assert {asks_a_server(words) for words in COMMANDS} == {True, False}


@pytest.mark.parametrize("words", [w for w in COMMANDS if not asks_a_server(w)], ids=" ".join)
def test_its_commands_run(clone, words):
    if "runs/feeds" in words and words[1] != "experiment":
        small = simsoc.load("feeds.yaml", ["steps=4", "experiment.replicates=2"])
        simsoc.experiment(small, folder="runs/feeds", processes=1)
    elif words[1] in ("compare", "fork"):
        simsoc.experiment("twins.yaml", folder="runs/twins", processes=1)
    elif any(word.endswith(".db") for word in words):
        path = next(word for word in words if word.endswith(".db"))
        simsoc.run("first.yaml", log=path).close()
    said = CliRunner().invoke(app, words[1:])
    assert said.exit_code == 0, said.stderr
    assert said.stdout


@pytest.mark.parametrize("words", [w for w in COMMANDS if asks_a_server(w)], ids=" ".join)
def test_its_commands_for_models_are_right_as_far_as_can_be_told_without_one(clone, words):
    assert words[1] == "run"
    given = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
    scenario = simsoc.load(words[2], given)
    assert "/" in scenario.backend.model
    if scenario.backend.base_url is not None:
        assert CliRunner().invoke(app, ["check", words[2], *words[3:]]).exit_code == 0


def test_its_make_targets_are_there():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target for page in PAGES for target in re.findall(r"(?<=[`(\n])make (\w+)", page.read_text(encoding="utf-8"))
    }
    assert {"demo", "test"} <= named <= targets


def test_its_links_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_settings_it_names_are_settings(clone):
    """Inline YAML such as `prompts: {opinion/friends: my.j2}`: every key that stands before a colon is known."""
    written = re.findall(r"`((?:choice|on_failure|backend|prompts): [^`]+)`", README)
    assert len(written) >= 3
    Path("my.j2").write_text("{{ ask_for }}")
    for text in written:
        values = [text]
        if " | " in text:
            key, _, options = text.partition(": ")
            values = [f"{key}: {option}" for option in options.split(" | ")]
        for value in values:
            key, _, setting = value.partition(": ")
            simsoc.load("first.yaml", [f"{key}={setting}"])


def test_every_command_is_in_the_docs():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"simsoc {name}" in text
