"""A feed of one's own in a run: named first, its hash in the log, a change warned of, and never run by `check`."""

import pytest
from typer.testing import CliRunner

import simsoc
from simsoc.cli import app
from simsoc.worlds import WORLDS

MINE = '''import pathlib

pathlib.Path(__file__).with_name("ran").touch()


def freshest(items, now, *, half_life: float = 5.0):
    """Posts that are forgotten."""
    return items.likes * 0.5 ** ((now - items.step) / half_life)
'''
SCENARIO = """name: mine
steps: 4
world: {kind: square, feed: {kind: feeds/my_feed.py:freshest, half_life: 2}}
population: {n: 12}
network: {kind: erdos_renyi, degree: 3, directed: true}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setitem(WORLDS._parts, "square", "tests.feeds.square:Square")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds" / "my_feed.py").write_text(MINE)
    (tmp_path / "mine.yaml").write_text(SCENARIO)
    return tmp_path


def simsoc_says(*words, code=0):
    said = CliRunner().invoke(app, list(words))
    assert said.exit_code == code, said.output
    return said.output


def test_a_run_says_which_file_it_runs_and_check_runs_none(folder):
    ran = folder / "feeds" / "ran"
    assert "fine" in simsoc_says("check", "mine.yaml")
    simsoc_says("explain", "mine.yaml", "--docs")
    assert not ran.exists()
    said = simsoc_says("run", "mine.yaml", "--log", "a.db")
    assert said.startswith("runs feeds/my_feed.py:freshest (BLAKE2b ")
    assert ran.exists()
    run = simsoc.open_run("a.db")
    assert set(run.exposures["ranker"]) == {"feeds/my_feed.py:freshest"}
    assert len(run.info["versions"]["feeds/my_feed.py"]) == 32
    ran.unlink()
    simsoc_says("verify", "a.db")
    assert not ran.exists()


def test_a_report_tells_what_it_is_and_does_not_run_it(folder):
    (folder / "mine.yaml").write_text(SCENARIO.replace("square", "twitter"))
    simsoc_says("run", "mine.yaml", "--log", "a.db")
    (folder / "feeds" / "ran").unlink()
    simsoc_says("report", "a.db", "--to", "a.html")
    assert "Posts that are forgotten." in (folder / "a.html").read_text()
    assert not (folder / "feeds" / "ran").exists()


def test_whatever_else_runs_it_names_it_first(folder):
    (folder / "mine.yaml").write_text(SCENARIO.replace("square", "twitter"))
    simsoc_says("run", "mine.yaml", "--log", "a.db")
    for words in (["plan", "mine.yaml", "--rehearse", "1"], ["multiverse", "mine.yaml", "-k", "1", "--folder", "m"]):
        assert simsoc_says(*words).startswith("runs feeds/my_feed.py:freshest (BLAKE2b ")


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("half_life: 2", "half_lfe: 2", "world.feed.half_lfe: unknown key. Did you mean 'half_life'?"),
        ("half_life: 2", "half_life: soon", "world.feed.half_life"),
        (":freshest", ":fresh", "has no function 'fresh'. Did you mean 'freshest'?"),
        ("my_feed.py", "me.py", "feeds/me.py cannot be read"),
    ],
)
def test_check_tells_what_is_wrong_with_it(folder, was, now, told):
    (folder / "mine.yaml").write_text(SCENARIO.replace(was, now))
    said = simsoc_says("check", "mine.yaml", code=2)
    assert told in " ".join(said.split())
    assert "mine.yaml:3" in said


def test_resuming_with_another_file_warns(folder):
    society = simsoc.Society("mine.yaml", log="b.db")
    society.step()
    society.close()
    mine = folder / "feeds" / "my_feed.py"
    mine.write_text(MINE + "\n# the same\n")
    with pytest.warns(UserWarning, match=r"other versions: feeds/my_feed\.py [0-9a-f]{32} -> [0-9a-f]{32}"):
        simsoc.resume("b.db")


def test_set_and_arms_reach_its_keys(folder):
    with_other = simsoc.run("mine.yaml", log="c.db", world__feed__half_life=0.1)
    assert with_other.scenario["world"][0]["feed"]["half_life"] == 0.1
