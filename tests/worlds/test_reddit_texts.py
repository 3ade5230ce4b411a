"""A community that begins with real threads, and what is measured of texts while it goes on."""

import json

import pytest
from hypothesis import given, settings

import simsoc
from simsoc.core.answers import PLACEHOLDER
from simsoc.core.errors import ScenarioError
from simsoc.measures import threads as of_threads
from simsoc.measures.likeness import alike
from simsoc.minds.embed import Lexical
from simsoc.posts import whole_threads
from simsoc.posts.listing import Place, as_list, pages
from simsoc.runlog.posted import posts_of
from simsoc.scorers import SCORERS
from tests.loopback import Loopback
from tests.posts.making import named, posts, texts

DESIGN = {
    "name": "begun",
    "steps": 9,
    "world": {"kind": "reddit", "goal": "To talk about money.", "threads": 3},
    "population": {"n": 12},
    "network": "empty",
}
REAL = [
    {"id": "a", "title": "Rent &gt; half of pay", "selftext": "Help", "author": "amy", "score": 57, "created_utc": 1},
    {"id": "b", "parent_id": "t3_a", "body": "Move", "author": "bob", "score": -3, "created_utc": 2},
    {"id": "c", "parent_id": "t1_b", "body": "[deleted]", "author": "[deleted]", "created_utc": 3},
    {"id": "d", "title": "Second", "selftext": "", "author": "amy", "created_utc": 9},
]


def begun(folder, **more):
    (folder / "real.json").write_text(json.dumps(REAL))
    world = {**DESIGN["world"], "start": str(folder / "real.json"), **more.pop("world", {})}
    return {**DESIGN, **more, "world": world}


def test_it_begins_with_what_is_in_the_file(tmp_path):
    with simsoc.run(begun(tmp_path), log=tmp_path / "run.db") as run:
        found = posts_of(run)
        rent, move, gone, second = found[:4]
        assert (rent.title, rent.by, rent.step, rent.author, rent.id) == (
            "Rent > half of pay",
            "amy",
            0,
            -1,
            (-1, 0, -1),
        )
        assert (move.parent, move.score, gone.gone, gone.parent) == (rent.id, -3, "deleted", move.id)
        assert rent.score == 57
        assert second.depth == 0
        carried = [post for post in found if post.step and post.thread in (rent.id, second.id)]
        assert carried, "the process carries them on"
        assert min(post.step for post in carried) == 1
        assert all(post.author >= 0 for post in carried)
        assert gone.id not in {post.parent for post in carried}
        assert len(whole_threads(found)) == 5
    assert simsoc.verify(tmp_path / "run.db") == []


@pytest.mark.parametrize(("feed", "first"), [("top", (-1, 0, -1)), ("hot", (-1, 0, -1)), ("new", (-1, 0, -4))])
def test_the_score_that_a_thread_comes_with_counts_on_the_page(tmp_path, feed, first):
    world = {"start": str(tmp_path / "real.json"), "process": "browse", "feed": feed}
    design = begun(tmp_path, world=world, steps=1, activation={"kind": "rate", "activity": 1.0})
    with simsoc.run(design, log=tmp_path / "run.db") as run:
        page = run.exposures
        top = {(r.author, r.made_step, r.n) for r in page[page["slot"] == 0].itertuples()}
        assert top == {first}
        if feed == "top":
            assert set(page[page["n"] == -1]["score"]) == {56}, "its 57 points less the author's own vote"
    assert simsoc.verify(tmp_path / "run.db", replay=True) == []


def test_threads_of_its_own_are_as_without(tmp_path):
    """A thread of the process has the same posts whether or not others were there before."""
    with simsoc.run(begun(tmp_path), log=tmp_path / "a.db") as one, simsoc.run(DESIGN, log=tmp_path / "b.db") as other:
        own = [post for post in posts_of(one) if post.thread[1] == 1]
        assert [(p.id, p.parent, p.title, p.text) for p in own] == [
            (p.id, p.parent, p.title, p.text) for p in posts_of(other)
        ]


def test_nothing_is_carried_on_where_that_is_not_wanted(tmp_path):
    start = {"file": str(tmp_path / "real.json"), "goes_on": False, "first": 1}
    with simsoc.run(begun(tmp_path, world={"start": start, "threads": 0}), log=tmp_path / "run.db") as run:
        assert [post.step for post in posts_of(run)] == [0, 0, 0]


def test_a_simulated_thread_is_the_start_of_another_run(tmp_path):
    with simsoc.run(DESIGN, log=tmp_path / "first.db") as run:
        first = posts_of(run)
        (tmp_path / "real.json").write_text(as_list(pages(first, Place("r/x", named))))
    design = {**DESIGN, "world": {**DESIGN["world"], "threads": 0, "start": str(tmp_path / "real.json")}}
    with simsoc.run(design, log=tmp_path / "second.db") as run:
        then = [post for post in posts_of(run) if not post.step]
        assert sorted((p.title, p.text, p.depth) for p in then) == sorted((p.title, p.text, p.depth) for p in first)
        assert sorted(p.by for p in then) == sorted(named(p) for p in first)


@settings(max_examples=15)
@given(made=posts(most=8, words=texts.filter(lambda text: len(text) < 2000)))
def test_any_thread_can_be_the_start(tmp_path_factory, made):
    folder = tmp_path_factory.mktemp("any")
    (folder / "t.json").write_text(as_list(pages(made, Place("r/x", named))))
    design = {**DESIGN, "steps": 2, "world": {**DESIGN["world"], "threads": 0, "start": str(folder / "t.json")}}
    with simsoc.run(design, log=folder / "run.db") as run:
        there = [post for post in posts_of(run) if not post.step]
        assert len(there) == len(made)
        assert [p.score for p in there] == [p.score for t in whole_threads(made).values() for p in t]


def test_it_is_resumed_and_asked_over_http(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with Loopback() as server:
        backend = {"model": "openai/test", "transport": "lean", "base_url": server.base_url}
        design = begun(tmp_path, backend=backend, world={"threads": 1, "goes_on": {"mean": 1}, "cap": 4})
        with simsoc.run(design, log=tmp_path / "run.db") as run:
            assert run.info["status"] == "finished"
            digest = run.info["digest"]
        society = simsoc.Society(design, log=tmp_path / "half.db")
        society.step()
        society.step()
        society.close("stopped")
        with simsoc.resume(tmp_path / "half.db") as run:
            assert run.info["digest"] == digest
        said = [body["messages"][-1]["content"] for body in server.bodies]
    assert any('"bob"' in prompt and '"Move"' in prompt for prompt in said)


@pytest.mark.parametrize(
    ("world", "says"),
    [
        ({"start": "nothing.json"}, r"nothing\.json.*No such file"),
        ({"threads": 0}, "nobody opens a thread"),
        ({"start": {"file": "x.json", "frist": 1}}, "Did you mean 'first'"),
        ({"scorer": "judge"}, r"world\S*\.scorer"),
        ({"scorer": {"kind": "openai-moderation"}}, "has to be asked"),
    ],
)
def test_mistakes(tmp_path, world, says):
    with pytest.raises(ScenarioError, match=says):
        simsoc.run({**DESIGN, "world": {**DESIGN["world"], **world}}, log=tmp_path / "run.db")


# -- measures -------------------------------------------------------------------------------------------------------

WANTED = ["toxicity", "sentiment", "self_similarity", "cross_similarity", "latency", "branching"]


def measured(tmp_path, **more):
    design = {**DESIGN, "measures": WANTED, **more}
    return simsoc.run(design, log=tmp_path / "run.db")


def test_measures_are_those_of_the_posts(tmp_path):
    world = {**DESIGN["world"], "threads": 20, "trolls": {"share": 0.3}, "rules": {"dont": ["No insults."]}}
    world["scorer"] = {"kind": "lexicon", "words": ["you", "I"]}
    with measured(tmp_path, world=world) as run:
        found, last = posts_of(run), run.measures.iloc[-1]
    words = [post.words for post in found]
    like = alike(Lexical()(words), [post.author for post in found])
    assert last["toxicity"] == pytest.approx(SCORERS.get("lexicon")(words=("you", "I")).mean(words))
    assert last["sentiment"] == pytest.approx(SCORERS.get("vader")().mean(words))
    assert (last["self_similarity"], last["cross_similarity"]) == pytest.approx(tuple(like))
    assert last["latency"] == pytest.approx(of_threads.latency(found))
    assert last["branching"] == pytest.approx(of_threads.branching(found))


def test_the_null_mind_has_no_words_to_measure(tmp_path):
    with measured(tmp_path, backend=None) as run:
        assert set(run.posts["text"]) == {PLACEHOLDER}
        assert run.measures[WANTED[:4]].isna().all(axis=None)
        assert run.measures["branching"].iloc[-1] >= 1
