"""Versions that a run keeps: of the packages that its scorers, measures, models and embedders take, and no others."""

from importlib.metadata import version

import pytest

import simsoc
from simsoc.core.shelf import Shelf
from simsoc.packing.lock import lock
from simsoc.runlog import rows
from simsoc.society.packages import packages

TWITTER = {"kind": "twitter", "rule": "blind"}
TIES = {"kind": "erdos_renyi", "degree": 3, "directed": True}
REDDIT = {"kind": "reddit", "goal": "To talk.", "threads": 2}
MINDS = {"kind": "generative", "memory": {"embedder": "sentence-transformers"}}


def scenario(**more):
    return simsoc.load({"name": "x", "steps": 2, "world": TWITTER, "population": {"n": 20}, "network": TIES, **more})


@pytest.mark.parametrize(
    ("more", "taken"),
    [
        ({}, []),
        ({"world": {**TWITTER, "scorer": "vader"}}, ["vaderSentiment"]),
        ({"world": {**TWITTER, "scorer": "profanity-check"}}, ["alt-profanity-check", "scikit-learn"]),
        ({"world": REDDIT, "measures": ["sentiment"]}, ["vaderSentiment"]),
        ({"world": REDDIT, "measures": ["posts"]}, []),
        ({"backend": {"model": "openai/test", "transport": "lean"}}, ["Jinja2", "aiohttp"]),
        ({"backend": {"model": "mechanistic", "groups": [{"model": "openai/test", "who": {"ids": [0]}}]}},
         ["Jinja2", "aiohttp", "openai"]),
        ({"minds": MINDS}, ["sentence-transformers", "torch", "transformers"]),
        ({"world": {**TWITTER, "feed": {"kind": "diverse", "of": {"kind": "affinity", "embedder": "openai"}}}},
         ["aiohttp"]),
    ],
)  # fmt: skip
def test_what_a_scenario_takes(more, taken):
    assert packages(scenario(**more)) == taken


def test_they_are_in_the_log_and_in_the_lock_file(tmp_path):
    with simsoc.run(scenario(world={**TWITTER, "scorer": "vader"}), log=tmp_path / "a.db") as run:
        kept = run.info["versions"]
    assert kept["vadersentiment"] == version("vaderSentiment")
    assert f"\nvadersentiment=={kept['vadersentiment']}\n" in lock(kept)
    other = {**kept, "vadersentiment": "1.0", "alt-profanity-check": "0.1"}
    assert "\nvadersentiment==1.0\n" in lock(other)
    assert "alt-profanity-check" not in lock(kept)


def test_another_version_is_warned_of_and_another_way_to_a_server_is_not(tmp_path, monkeypatch):
    made = scenario(world={**TWITTER, "scorer": "vader"}, steps=4)
    society = simsoc.Society(made, log=tmp_path / "a.db")
    society.step()
    society.close()
    was = rows.version_of
    monkeypatch.setattr(rows, "version_of", lambda name: "9.9" if name.lower() == "vadersentiment" else was(name))
    with pytest.warns(UserWarning, match=r"vadersentiment 3\S* -> 9\.9"):
        simsoc.resume(tmp_path / "a.db").close()


def test_a_part_of_another_package_brings_its_own():
    class Outside(Shelf):
        _outside = {"theirs": "simsoc.feeds.scores:everyone"}  # noqa: RUF012
        _brought = {"theirs": "their-package"}  # noqa: RUF012

    assert Outside("feeds", {}).packages("theirs") == ("their-package",)
