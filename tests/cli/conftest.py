import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simsoc.cli import app

ROOT = Path(__file__).parents[2]

FIRST = """\
name: first
question: Does it run?
steps: 5
world:
  kind: opinion
  stop: never
  rule: {kind: curie_weiss, beta: 2.0}
population: {n: 12}
network: {kind: watts_strogatz, k: 4, p: 0.1}
"""


class Said:
    """What a command printed, and its exit code."""

    def __init__(self, result):
        self.code = result.exit_code
        self.out = result.stdout
        self.err = result.stderr
        self.error = result.exception

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    for name in [name for name in os.environ if name.endswith("_API_KEY")] + ["OPENAI_BASE_URL", "SIMSOC_TRACEBACK"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with `first.yaml` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first.yaml").write_text(FIRST)
    return tmp_path


@pytest.fixture
def simsoc():
    """Run a command in this process. Whatever happens, it ends by itself and nobody sees a traceback."""
    runner = CliRunner()

    def command(*arguments):
        said = Said(runner.invoke(app, [str(argument) for argument in arguments]))
        assert said.error is None or isinstance(said.error, SystemExit), repr(said.error)
        assert "Traceback" not in said.out + said.err
        return said

    return command


@pytest.fixture(scope="session")
def program():
    """The installed command as a list of words, for processes of its own."""
    return [sys.executable, "-m", "simsoc"]
