"""Every file that a scenario names travels with its package, wherever it is named; no command runs one unasked."""

import json

import pytest
from typer.testing import CliRunner

import simsoc
from simsoc.cli import app
from simsoc.core import userfile
from simsoc.scenario import files
from tests.population.test_codebook import BOOK, ROWS
from tests.worlds.test_reddit_texts import DESIGN as REDDIT
from tests.worlds.test_reddit_texts import REAL

FEED = """import pathlib

pathlib.Path(__file__).with_name("ran").touch()


def freshest(items, now, *, half_life: float = 5.0):
    '''Items that are forgotten.'''
    return (1 + items.likes) * 0.5 ** ((now - items.step) / half_life)
"""
FOLLOW = """def famous(crowd, now, viewer):
    return crowd.followers
"""
NEWS = "headline,category\nBridge open,politics\nMill closed,politics\nRiver high,weather\n"
PEOPLE = "name,party\n" + "".join(f"P{n},{('democrat', 'republican')[n % 2]}\n" for n in range(8))
TIES = "source,target\n" + "".join(f"{n},{(n + d) % 8}\n" for n in range(8) for d in (1, 2))
EVERYTHING = {
    "news.csv": NEWS,
    "sets/people.csv": PEOPLE,
    "sets/ties.csv": TIES,
    "code/feed.py": FEED,
    "code/follow.py": FOLLOW,
    "words/reply.j2": "{{ post.text }} {{ ask_for }}",
    "shots.yaml": "reply:\n- {shown: Bridge open., answer: At last.}\n",
    "known.csv": "arm,measure,value\ncalm,ei_likes,-0.5\n",
    "arm/news.csv": NEWS.replace("Mill", "Inn"),
    "arm/feed.py": FEED.replace("1 + items.likes", "2 + items.likes"),
    "arm/people.csv": PEOPLE.replace("P", "Q"),
    "arm/reply.j2": "Well, {{ post.text }} {{ ask_for }}",
    "later.py": FEED.replace("half_life: float = 5.0", "half_life: float = 1.0"),
}
SCENARIO = {
    "name": "all-files",
    "steps": 4,
    "seed": 2,
    "world": {
        "kind": "twitter",
        "news": {"file": "news.csv"},
        "feed": {"kind": "code/feed.py:freshest", "half_life": 2},
        "suggest": "code/follow.py:famous",
    },
    "population": {"source": "csv", "file": "sets/people.csv"},
    "network": {"kind": "file", "file": "sets/ties.csv", "directed": True},
    "activation": {"kind": "rate", "activity": 0.8},
    "prompts": {"twitter/reply": "words/reply.j2"},
    "prompting": {"examples": "shots.yaml"},
    "interventions": [{"at": 3, "do": {"kind": "set", "keys": {"world.feed": "later.py:freshest"}}}],
    "measures": ["ei_likes"],
    "experiment": {
        "arms": {
            "calm": {},
            "other": {
                "world.news.file": "arm/news.csv",
                "world.feed": "arm/feed.py:freshest",
                "population.file": "arm/people.csv",
                "prompts.twitter/reply": "arm/reply.j2",
            },
        },
        "replicates": 1,
    },
    "published": {"file": "known.csv"},
}


def written(folder, texts):
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def says(*words, code=0):
    said = CliRunner().invoke(app, [str(word) for word in words])
    assert said.exit_code == code, said.output
    return " ".join(said.output.split())


def test_everything_that_is_named_travels_also_from_arms_and_interventions(tmp_path):
    own = written(tmp_path / "own", EVERYTHING)
    simsoc.experiment(simsoc.load(SCENARIO, folder=own), folder=own / "exp", processes=1)
    for ran in own.rglob("ran"):
        ran.unlink()
    package = simsoc.pack(own / "exp", tmp_path / "all.zip")
    assert not list(own.rglob("ran")), "packing and its report read files of the user's own, and run none"
    own.rename(tmp_path / "gone")
    folder = simsoc.unpack(package, tmp_path / "away")
    there = {path.relative_to(folder / "scenario").as_posix() for path in (folder / "scenario").rglob("*")}
    assert there >= set(EVERYTHING)
    assert "Items that are forgotten." in (folder / "report.html").read_text()
    said = says("verify", package, "--replay")
    assert "not replayed, as that runs Python of whoever wrote the scenario: code/feed.py:freshest (BLAKE2b" in said
    assert all(
        f"{name} (BLAKE2b" in said for name in ("code/follow.py:famous", "later.py:freshest", "arm/feed.py:freshest")
    )
    assert "sound as far as it goes" in said
    assert f"{package.name}: verified" in says("verify", package, "--replay", "--run-files")


def test_a_log_of_ones_own_is_treated_alike(tmp_path):
    own = written(tmp_path / "own", EVERYTHING)
    scenario = {key: value for key, value in SCENARIO.items() if key not in ("experiment", "published")}
    simsoc.run(simsoc.load(scenario, folder=own), log=own / "a.db").close()
    ran = own / "code" / "ran"
    ran.unlink()
    userfile._loaded.cache_clear()
    for words in (("verify", own / "a.db"), ("verify", own / "a.db", "--replay"), ("report", own / "a.db")):
        says(*words)
        assert not ran.exists(), words
    says("verify", own / "a.db", "--replay", "--run-files")
    assert ran.exists()


def test_threads_to_begin_with_and_a_codebook(tmp_path):
    own = written(tmp_path / "own", {"real.json": json.dumps(REAL), "rows.csv": ROWS, "book.yaml": BOOK})
    world = {**REDDIT["world"], "start": "real.json"}
    simsoc.run(simsoc.load({**REDDIT, "world": world}, folder=own), log=own / "threads.db").close()
    opinion = {"kind": "opinion", "stop": "never", "rule": {"kind": "voter"}}
    people = {"source": "csv", "file": "rows.csv", "codebook": "book.yaml"}
    coded = {"name": "coded", "steps": 2, "world": opinion, "population": people}
    simsoc.run(simsoc.load(coded, folder=own), log=own / "coded.db").close()
    packages = [simsoc.pack(own / f"{name}.db", tmp_path / f"{name}.zip", with_respondents=True)
                for name in ("threads", "coded")]  # fmt: skip
    own.rename(tmp_path / "gone")
    assert [simsoc.verify(package, replay=True) for package in packages] == [[], []]


def test_a_file_outside_has_one_place_whoever_names_it(tmp_path):
    """An arm that names fewer files than another finds its own where they are."""
    own = written(tmp_path, {"people.csv": PEOPLE, "others.csv": PEOPLE.replace("P", "Q"), "ties.csv": TIES}) / "in"
    own.mkdir()
    scenario = {
        "name": "outside",
        "steps": 2,
        "world": {"kind": "opinion", "stop": "never", "rule": "voter"},
        "population": {"source": "csv", "file": "../people.csv"},
        "network": {"kind": "file", "file": "../ties.csv"},
        "experiment": {"arms": {"a": {}, "b": {"population.file": "../others.csv"}}, "replicates": 1},
    }
    simsoc.experiment(simsoc.load(scenario, folder=own), folder=own / "exp", processes=1)
    package = simsoc.pack(own / "exp", tmp_path / "o.zip", report=False)
    for name in ("people.csv", "others.csv", "ties.csv"):
        (tmp_path / name).unlink()
    assert simsoc.verify(package, replay=True) == []


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"experiment": {"grid": {"world.news.file": ["a.csv", "b.csv"]}}}, ["a.csv", "b.csv"]),
        ({"world": {"feed": {"kind": "mix", "of": ["m.py:f", {"kind": "m.py:g"}]}}}, ["m.py", "m.py"]),
        ({"question": "m.py:f", "world": {"rule": {"kind": "voter"}}}, []),
        ({"experiment": {"arms": {"x": {"prompts": {"a/b": "a.csv"}}}}}, ["a.csv"]),
    ],
)
def test_where_files_are_named(tmp_path, data, found):
    written(tmp_path, {"a.csv": "", "b.csv": "", "m.py": ""})
    assert [one.written for one in files.named(data, tmp_path)] == found
