"""The multiverse: the same design or branch with other draws, side by side, until complete (methods.md 2.7.4)."""

import json
import re

import pytest

import simsoc
from simsoc.core.errors import LogError, LogExists, ScenarioError
from simsoc.posts import whole_threads
from simsoc.posts.listing import Place
from simsoc.universes.side_by_side import Universe, Universes, differing
from tests.cli.conftest import ROOT
from tests.loopback import Loopback
from tests.posts.making import HOSTILE, chain, named

DESIGN = ROOT / "scenarios" / "reddit_finance.yaml"
SMALL = {"world.threads": 12}


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def multiverse(what, k=None, **more):
    return simsoc.multiverse(what, k, processes=1, **more)


def digests(found):
    return [found.run(replicate=entry.replicate).info["digest"] for entry in found.index.runs]


def events(run, upto=None):
    return [json.dumps([e.step, e.turn, e.agent, e.kind, e.content]) for e in run.stored_events(upto)]


@pytest.fixture(scope="module")
def universes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("universes") / "u"
    return multiverse(DESIGN, 4, folder=folder, overrides={"world.threads": 60})


# -- of a design ------------------------------------------------------------------------------------------------------


def test_the_same_seed_is_the_same_to_the_byte_and_others_differ(universes, tmp_path):
    again = multiverse(DESIGN, 4, folder=tmp_path / "again", overrides={"world.threads": 60})
    assert digests(again) == digests(universes)
    for entry in universes.index.runs:
        assert events(universes.run(replicate=entry.replicate)) == events(again.run(replicate=entry.replicate))
    assert len(set(digests(universes))) == 4
    shares = list(universes.differing["share"])
    assert len(shares) == 3
    assert min(shares) >= 0.95
    one, other = universes.written[0].threads, again.written[0].threads
    assert differing(one, other) == 0.0  # twin: what is the same is told to be


def test_universe_0_is_the_run_of_the_scenario(universes, tmp_path):
    with simsoc.run(DESIGN, log=tmp_path / "run.db", world__threads=60) as run:
        assert run.info["digest"] == digests(universes)[0]
    people = [universes.run(replicate=k).agents for k in range(4)]
    assert all(frame.equals(people[0]) for frame in people)


def test_every_thread_is_measured_and_the_spread_is_told(universes):
    frame = universes.threads
    assert len(frame) == 4 * 60
    assert set(frame["scorer"]) == {"vader"}
    assert frame["version"].str.startswith("vaderSentiment ").all()
    assert frame["score"].between(0, 1).all()
    assert frame["drift"].dropna().between(0, 2).all()
    assert frame["dispersion"].isna().equals(frame["replies"] == 0)
    each = universes.each.set_index("universe")
    assert list(each["threads"]) == [60] * 4
    assert each["length"][2] == pytest.approx(frame[frame["universe"] == 2]["replies"].mean())
    spread = universes.spread.set_index("number")
    assert spread["mean"]["replies"] == pytest.approx(each["length"].mean())
    assert spread["sd"]["replies"] == pytest.approx(each["length"].std())
    wide = frame.pivot(index="thread", columns="universe", values="replies")
    assert spread["of_a_thread"]["replies"] == pytest.approx(wide.std(axis=1).mean())
    assert 0.5 < spread["mean"]["variety"] <= 1.2
    outcomes = universes.outcomes.set_index("measure")
    assert outcomes["mean"]["thread_length"] == pytest.approx(each["length"].mean())
    assert universes.minds == ["community.post (rule)", "community.reply (rule)"]


def test_it_goes_on_until_complete_and_takes_more(tmp_path, monkeypatch):
    monkeypatch.setattr("simsoc.experiments.processes._TICK", 0)  # all five may be done before it is looked at again
    stopped = []

    def stop(arms):
        stopped.append(arms[0].done)
        if arms[0].done >= 2:
            raise KeyboardInterrupt

    folder = tmp_path / "u"
    with pytest.raises(KeyboardInterrupt):
        multiverse(DESIGN, 5, folder=folder, overrides=SMALL, progress=stop)
    assert not Universes(folder).complete
    found = multiverse(folder)
    assert found.complete
    assert len(found.written) == 5
    before = digests(found)
    more = multiverse(folder, 7)
    assert digests(more)[:5] == before
    assert len(more.written) == 7
    with pytest.raises(LogExists, match="another experiment"):
        multiverse(DESIGN, 5, folder=folder, overrides={"world.threads": 13})


def test_an_experiment_of_the_scenario_is_left_aside(tmp_path):
    arms = {"arms": {"a": {}, "b": {"world.cap": 2}}, "replicates": 3}
    found = multiverse(simsoc.load(DESIGN, {**SMALL, "experiment": arms}), 2, folder=tmp_path / "u")
    assert [entry.arm for entry in found.index.runs] == ["universe"] * 2


def test_a_world_without_threads_has_measures_alone(tmp_path):
    found = multiverse(ROOT / "scenarios" / "opinion_voter.yaml", 3, folder=tmp_path / "u", overrides={"steps": 3})
    assert not found.have_threads
    assert len(found.outcomes) > 0
    with pytest.raises(LogError, match="there are no threads"):
        found.threads  # noqa: B018


def test_nothing_has_begun_yet(tmp_path):
    def stop(arms):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        multiverse(DESIGN, 2, folder=tmp_path / "u", progress=stop)
    found = Universes(tmp_path / "u")
    assert not found.have_threads
    assert len(found.outcomes) == 0
    assert list(found.runs["status"]) == ["missing", "missing"]


# -- of a branch ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("branch") / "run.db"
    simsoc.run(DESIGN, log=path, world__threads=40).close()
    return path


def test_a_branch_has_one_past_and_many_futures(run):
    before = run.read_bytes()
    found = multiverse(run, 4, at=2)
    assert found.folder == run.with_name("run-universes-f2")
    assert run.read_bytes() == before
    with simsoc.open_run(run) as parent:
        past, whole = events(parent, 2), events(parent)
    for entry in found.index.runs:
        future = found.run(replicate=entry.replicate)
        assert events(future, 2) == past
        assert future.info["forked_at"] == 2
        assert (events(future) == whole) == (entry.replicate == 0)
    assert len(set(digests(found))) == 4
    assert multiverse(found.folder).complete
    assert digests(multiverse(run, 5, at=2))[:4] == digests(found)
    with pytest.raises(LogExists, match="branch"):
        multiverse(run, 4, at=3, folder=found.folder)


def test_a_branch_goes_on_after_a_stop(run, tmp_path):
    def stop(arms):
        if arms[0].done >= 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        multiverse(run, 3, at=1, folder=tmp_path / "u", progress=stop)
    found = multiverse(tmp_path / "u")
    assert found.complete
    assert digests(found) == digests(multiverse(run, 3, at=1, folder=tmp_path / "again"))


def test_something_new_in_all_futures(run, tmp_path):
    new = [{"at": 3, "do": {"kind": "set", "keys": {"world.cap": 1}}}]
    try:
        found = multiverse(run, 3, at=2, folder=tmp_path / "u", interventions=new)
    except ScenarioError:
        pytest.skip("the world cannot change its cap while it goes on")
    for universe in found.written:
        assert max(len(thread) - 1 for thread in universe.threads) <= 1


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({}, "at which step do its universes part"),
        ({"at": 99}, "there is no step 99"),
        ({"at": 9}, "nothing comes after"),
    ],
)
def test_a_branch_that_cannot_be(run, tmp_path, how, says):
    with pytest.raises((LogError, ScenarioError), match=says):
        multiverse(run, 2, folder=tmp_path / "u", **how)


def test_a_step_goes_with_a_run(tmp_path):
    with pytest.raises(ScenarioError, match="go with the log of a run"):
        multiverse(DESIGN, 2, at=3, folder=tmp_path / "u")


# -- with a model -----------------------------------------------------------------------------------------------------


def served(server, slots):
    return {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": slots}


def test_all_universes_share_one_set_of_slots_and_pay_nothing_twice(tmp_path):
    with Loopback(latency=0.02) as server:
        changed = {"world.threads": 10, "backend": served(server, 5)}
        run = simsoc.run(simsoc.load(DESIGN, changed), log=tmp_path / "run.db")
        alone = server.calls
        found = multiverse(tmp_path / "run.db", 4, at=2)
        assert server.most_in_flight == 5
        calls = found.runs.set_index("replicate")
        assert calls["paid"][0] == 0
        assert calls["paid"].sum() == server.calls - alone > 0
        assert events(found.run(replicate=0)) == events(run)
        before = server.calls
        assert digests(multiverse(found.folder)) == digests(found)
        assert server.calls == before
        run.close()


# -- the page ---------------------------------------------------------------------------------------------------------

TAGS = {
    *("!doctype", "html", "head", "meta", "title", "style", "body", "h", "p", "table", "tr", "th", "td", "div", "b"),
}


def test_the_page_holds_everything_and_no_text_breaks_it(universes):
    page = universes.page()
    assert set(re.findall(r"</?([a-zA-Z!]+)", page)) == TAGS
    assert page.count('<div class="universe') == 4 * 30
    assert "The first 30 of 60 threads" in page
    assert "vaderSentiment" in page
    assert "community.post (rule)" in page
    for word in ("http://", "https://", "<script", "url(", "@import"):
        assert word not in page


class Fake(Universes):
    """Universes of which only the threads are there."""

    def __init__(self, found, written):
        super().__init__(found.folder)
        self.__dict__["written"] = written


def test_hostile_texts_and_threads_that_are_not_everywhere(universes):
    from msgspec.structs import replace

    texts = [text.encode(errors="replace").decode() for text in HOSTILE]  # a log holds no halves of surrogates
    first = [[replace(chain(1)[0], text=text, title=text)] for text in texts]
    second = [[replace(post, text=f"{post.text} <b>x</b>") for post in thread] for thread in first[:-2]]
    place = Place("r/<b>", named)
    made = [Universe(0, first, place, []), Universe(1, second, place, [])]
    fake = Fake(universes, made)
    page = fake.page()
    assert set(re.findall(r"</?([a-zA-Z!]+)", page)) <= TAGS
    assert page.count("no such thread") == 2
    assert differing(first, second) == 1.0
    assert differing(first, first[:-2]) == pytest.approx(2 / len(first))
    assert differing([], []) is None
    assert len(whole_threads(post for thread in first for post in thread)) == 1
