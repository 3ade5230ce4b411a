"""docs/reference.md is what the code says, and it says everything."""

import re
import runpy
import sys
from pathlib import Path

import pytest

from simsoc.runlog.documented import FRAMES
from simsoc.scenario.spec import Backends, Scenario
from simsoc.shelves import SHELVES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generate():
    return runpy.run_path(str(DOCS / "generate.py"))


@pytest.fixture(scope="module")
def page(generate):
    return generate["reference"]()


def test_it_is_not_out_of_date(generate, capsys):
    assert generate["main"](["--check"]) == 0, capsys.readouterr().err


def test_a_page_that_is_out_of_date_is_found_and_made_again(generate, tmp_path, monkeypatch, capsys):
    target = tmp_path / "reference.md"
    monkeypatch.setitem(generate["main"].__globals__, "TARGET", target)
    assert generate["main"](["--check"]) == 1
    assert generate["main"]([]) == 0
    assert generate["main"](["--check"]) == 0
    target.write_text(target.read_text(encoding="utf-8").replace("# Reference", "# Refrence"), encoding="utf-8")
    assert generate["main"](["--check"]) == 1
    assert "+# Reference" in capsys.readouterr().err


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_name_and_key_is_in_it(page, shelf):
    part = page.split(f"\n## `{shelf}`\n")[1].split("\n## ")[0]
    for name in SHELVES[shelf].names():
        assert f"\n### `{name}`\n" in part
        told = part.split(f"\n### `{name}`\n")[1].split("\n### ")[0]
        if shelf != "backends":
            for key in SHELVES[shelf].spec(name).model_fields:
                assert f"| `{key}` |" in told


def test_every_key_of_a_scenario_is_in_it(page):
    for model, heading in ((Scenario, "## Keys of a scenario"), (Backends, "### Keys of `backend`")):
        part = page.split(f"{heading}\n")[1].split("\n#")[0]
        for key in model.model_fields:
            assert f"| `{key.rstrip('_')}` |" in part


def test_every_column_and_measure_is_in_it(page):
    for frame, columns in FRAMES.items():
        part = page.split(f"\n### `run.{frame}`\n")[1].split("\n#")[0]
        assert all(f"| `{column.name}` |" in part for column in columns)
    for world in SHELVES["worlds"].names():
        part = page.split(f"\n### Measures of `{world}`\n")[1].split("\n#")[0]
        assert all(f"| `{name}`" in part for name in SHELVES["worlds"].get(world).MEASURES)


def keys_without_a_meaning():
    for shelf in SHELVES.values():
        if shelf.name != "backends":
            for name in shelf.names():
                for key, field in shelf.spec(name).model_fields.items():
                    meaning = field.description or ""
                    if not meaning or re.search(r"; \w+: |Source: ", meaning):
                        yield f"{shelf.name} {name} {key}: {meaning[:50]}"


def test_every_key_has_a_meaning_of_its_own():
    assert list(keys_without_a_meaning()) == []


def test_running_it_as_a_program(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(DOCS / "generate.py"), run_name="__main__")
    assert end.value.code == 0
