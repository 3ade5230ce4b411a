"""Where the processes of an experiment come from: cheap to begin, and at home in the session that wants them."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import simsoc
from simsoc.experiments.processes import _context
from tests.experiments.making import digests

FEED = """
import os

def mine(items, now):
    return items.step * (-1.0 if os.environ["OLDEST"] == "yes" else 1.0)
"""
DESIGN = {
    "name": "own",
    "steps": 5,
    "seed": 1,
    "world": {"kind": "twitter", "feed": {"kind": "mine.py:mine", "size": 3}},
    "population": {"source": "anes-synthetic", "n": 20},
    "network": {"kind": "partisan", "degree": 5},
    "experiment": {"arms": {"one": {}, "two": {"world.feed.size": 5}}},
}


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked from a server on Linux alone")
def test_a_process_has_imported_what_a_run_needs_before_it_is_asked_anything():
    known = "[name in __import__('sys').modules for name in ('simsoc.society.model', 'sqlalchemy', 'matplotlib')]"
    with ProcessPoolExecutor(1, mp_context=_context()) as pool:
        assert pool.submit(eval, known).result(60) == [True, True, False]


def test_processes_see_the_environment_as_it_is_when_they_begin(tmp_path, monkeypatch):
    """A later experiment of the same session may have other variables: they are as in a run in this process."""
    (tmp_path / "mine.py").write_text(FEED)
    seen = {}
    for oldest in ("yes", "no"):
        monkeypatch.setenv("OLDEST", oldest)
        for processes in (1, 2):
            design = simsoc.load(DESIGN, folder=tmp_path)
            path = tmp_path / f"{oldest}{processes}"
            seen[oldest, processes] = digests(simsoc.experiment(design, folder=path, processes=processes))
        assert seen[oldest, 1] == seen[oldest, 2]
    assert seen["yes", 2] != seen["no", 2]


def test_modules_in_the_working_folder_are_not_taken_for_libraries(tmp_path):
    """The server begins as `python -c`, to which the working folder comes first."""
    (tmp_path / "networkx.py").write_text("raise SystemExit('not this one')\n")
    done = subprocess.run(
        [sys.executable, "-c", "import simsoc.experiments.beforehand"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
