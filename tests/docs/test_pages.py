"""What the pages of the documentation show works: their files, commands and Python, run in the order of the page."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simsoc.cli import app
from tests.loopback import Loopback

ROOT = Path(__file__).parents[2]
PAGES = sorted(p for p in (ROOT / "docs").glob("*.md") if p.name != "reference.md")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# ([\w./-]+\.(?:yaml|py|csv|json|j2|sql))\n")
SERVER = "http://localhost:11434/v1"


def examples(page):
    return [(m[1], m[2]) for m in FENCE.finditer(page.read_text(encoding="utf-8"))]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for key in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    return tmp_path


def _command(line, server):
    words = shlex.split(line.replace(SERVER, server.base_url), comments=True)
    said = CliRunner().invoke(app, words[1:])
    assert said.exit_code == 0, f"{line}\n{said.stdout}\n{said.stderr}"
    assert said.stdout.strip() or "--to" in line or "--out" in line, line


@pytest.mark.parametrize("page", [p for p in PAGES if examples(p)], ids=lambda p: p.stem)
def test_a_page_does_what_it_shows(page, folder):
    """A first line `# name.yaml` makes a block a file; lines `simsoc ...` of bash blocks, and Python blocks are run."""
    names = {}
    with Loopback() as server:
        for language, block in examples(page):
            if name := NAMED.match(block):
                (folder / name[1]).parent.mkdir(parents=True, exist_ok=True)
                (folder / name[1]).write_text(block, encoding="utf-8")
            elif language == "bash":
                for line in block.replace("\\\n", " ").splitlines():
                    if line.startswith("simsoc "):
                        _command(line, server)
            elif language == "python":
                exec(compile(block.replace(SERVER, server.base_url), f"{page.name}", "exec"), names)


def test_there_are_pages_with_examples():
    assert {"tutorial"} <= {p.stem for p in PAGES if examples(p)}


def test_every_page_is_in_the_navigation_and_the_site_builds(tmp_path):
    pytest.importorskip("mkdocs")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip  # no --quiet: with it, warnings do not count
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "site" / "tutorial" / "index.html").read_text(encoding="utf-8")
    assert "first.yaml" in text
