"""Posts of a run as a frame, and threads of it to be read."""

import pytest
from msgspec.structs import replace

import simsoc
from simsoc.core.errors import LogError
from simsoc.posts import gather
from simsoc.runlog.posted import place_of, posts_of, read_aloud, threads_of
from simsoc.runlog.rows import AgentRow
from tests.posts.making import EVENTS

from .making import INFO, Logging


@pytest.fixture
def run(tmp_path):
    scenario = {"name": "small", "world": [{"kind": "reddit", "community": "r/money"}]}
    log = Logging(tmp_path / "run.db", replace(INFO, scenario=scenario))
    log.writer.agents(
        AgentRow(i, {"name": f"N{i}"} if i % 2 else {}, label=f"L{i}" if i == 4 else "") for i in range(10)
    )
    for step in range(6):
        for event in (event for event in EVENTS if event.step == step):
            log.event(event.step, event.agent, f"reddit.{event.kind}", **event.content)
        log.writer.commit(step)
    log.finish()
    with simsoc.open_run(tmp_path / "run.db") as opened:
        yield opened


def test_the_frame_has_a_row_for_each_post(run):
    frame = run.posts
    assert list(frame["post"]) == ["3.1.0", "5.1.1", "4.2.0", "3.3.0"]
    assert list(frame["thread"]) == ["3.1.0", "5.1.1", "3.1.0", "3.1.0"]
    assert list(frame["parent"].fillna("")) == ["", "", "3.1.0", "4.2.0"]
    assert list(frame["score"]) == [1, 1, 2, 1]
    assert list(frame["gone"].fillna("")) == ["", "", "removed", "deleted"]
    assert list(frame["labels"]) == [[], [], ["ads"], []]
    assert list(frame["depth"]) == [0, 0, 1, 2]
    assert frame["pinned"].sum() == frame["edited"].sum() == 1
    assert frame.equals(run.posts_of("reddit"))
    assert len(run.posts_of("twitter")) == 0
    documented = run.columns()
    assert list(frame.columns) == list(documented[documented["table"] == "posts"]["column"])


def test_threads_are_read_with_names_and_where_they_stand(run):
    assert posts_of(run) == gather(EVENTS)
    place = place_of(run)
    assert (place.community, place.subreddit) == ("r/money", "money")
    assert [place.named(post) for post in posts_of(run)] == ["N3", "N5", "L4", "N3"]
    assert [len(thread) for thread in threads_of(run)] == [3, 1]
    assert threads_of(run, ["4.2.0", "3.3.0"]) == [threads_of(run)[0]]
    assert read_aloud(run, ["5.1.1"]).startswith("Hello\nN5 · step 1")


@pytest.mark.parametrize("wanted", ["9.9.9", "loans", ""])
def test_a_post_that_is_not_there_is_told_with_those_that_are(run, wanted):
    with pytest.raises(LogError, match=rf"there is no post '{wanted}'. Threads: 3\.1\.0, 5\.1\.1$"):
        threads_of(run, [wanted])


def test_a_run_without_posts(tmp_path):
    scenario = {"name": "quiet", "steps": 1, "world": {"kind": "opinion", "rule": "voter"}, "population": {"n": 3}}
    with simsoc.run(scenario, log=tmp_path / "quiet.db") as opened:
        assert len(opened.posts) == 0
        with pytest.raises(LogError, match="nobody has written a post"):
            threads_of(opened)
