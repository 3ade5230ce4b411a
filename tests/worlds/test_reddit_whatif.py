"""What-ifs: the past is the same to the byte, the thread goes on otherwise, other threads do not (methods.md 2.3)."""

import pytest

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.worlds.reddit.items import told_id
from simsoc.worlds.reddit.whatif import parted

from .reddit_parts import design, threads_of

GROWN = {"threads": 60}


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    path = tmp_path_factory.mktemp("whatif") / "parent.db"
    simsoc.run(design(**GROWN), log=path).close()
    return path


def items_of(path):
    """Ids of the items of every thread, in order of writing."""
    with simsoc.open_run(path) as run:
        found = {}
        for event in run.stored_events():
            if event.kind in ("post", "reply"):
                item = (event.agent, event.step, event.content["n"])
                found.setdefault(tuple(event.content.get("thread", item)), []).append(item)
    return found


def long_thread(path, least=6):
    """The items of the first thread that is long enough, as they are told."""
    return next([told_id(item) for item in items] for items in items_of(path).values() if len(items) >= least)


def happened(path):
    """Everything up to each step and every thread's events, as the log has them."""
    with simsoc.open_run(path) as run:
        return list(run.stored_events()), threads_of(run)


WHATIFS = {
    "a troll is inserted": (
        "after",
        2,
        {"who": {"name": "Zed", "troll": 1.0}, "say": "Only a fool would fall for it."},
    ),
    "somebody new speaks": ("after", 2, {"who": {"name": "Zed"}}),
    "a member speaks": ("after", 3, {"who": 7}),
    "an utterance is replaced": ("replace", 3, {"say": "I was wrong about all of this."}),
    "another says it": ("replace", 3, {"who": 11, "say": "I was wrong about all of this."}),
    "an utterance is not made": ("remove", 3, {}),
    "the opening is another": ("replace", 0, {"title": "Else", "say": "Something else about iron pots."}),
    "the thread is not opened": ("remove", 0, {}),
    "somebody is out": ("after", 1, {"out": "author"}),
    "somebody speaks for another": ("after", 1, {"who": 20, "instead_of": "author"}),
    "the last word is not the last": ("after", -1, {"who": 3, "say": "And another thing."}),
}


@pytest.mark.parametrize("name", WHATIFS)
def test_the_past_stays_and_only_the_thread_goes_on_otherwise(parent, tmp_path, name):
    how, place, more = WHATIFS[name]
    thread = long_thread(parent)
    more = {key: int(thread[0].split(".")[0]) if value == "author" else value for key, value in more.items()}
    with simsoc.whatif(parent, log=tmp_path / "f.db", **{how: thread[place]}, **more) as run:
        with simsoc.open_run(parent) as before:
            step = int(thread[place].split(".")[1]) - (how != "after")
            found = parted(before, run, step)
    assert found.same, "by hash"
    assert found.exposure is None, "nobody looks at a page"
    was, now = happened(parent), happened(tmp_path / "f.db")
    assert [e for e in was[0] if e.step <= step] == [e for e in now[0] if e.step <= step], "byte for byte"
    number = was[1][tuple(map(int, thread[0].split(".")))][0][1]
    others = {opened: events for opened, events in was[1].items() if events[0][1] != number}
    assert all(now[1][opened] == events for opened, events in others.items()), "random streams of other threads"
    assert found.untouched == len(others) == 59
    mine = [events for opened, events in now[1].items() if opened not in others]
    assert was[1][tuple(map(int, thread[0].split(".")))] not in mine, "and this one is another"
    assert simsoc.verify(tmp_path / "f.db") == []


def test_what_comes_after_is_made_again(parent, tmp_path):
    thread = long_thread(parent)
    with simsoc.whatif(parent, replace=thread[2], say="Nobody asked.", log=tmp_path / "f.db") as run:
        asks = run.asks
        number = int(thread[0].split(".")[2])
        mine = asks[(asks["turn"] == number) & (asks["step"] > 2)]
        assert set(mine["source"]) == {"rule"}
    was, now = happened(parent)[1], happened(tmp_path / "f.db")[1]
    opened = tuple(map(int, thread[0].split(".")))
    assert len(was[opened]) == len(now[opened]), "the draws of length are the thread's own"
    after = [(old[4], new[4]) for old, new in zip(was[opened], now[opened], strict=True) if old[0] > 3]
    assert all(old != new for old, new in after), "in other words"


def test_an_inserted_actor_speaks_in_no_other_thread(parent, tmp_path):
    thread = long_thread(parent)
    who = {"name": "Zed", "text": "Sells pots.", "troll": True}
    with simsoc.whatif(parent, after=thread[1], who=who, log=tmp_path / "f.db") as run:
        spoke = [e for e in run.stored_events() if e.kind in ("post", "reply") and e.agent == 30]
        people = run.agents.set_index("agent")
    assert people.loc[30, "name"] == "Zed"
    assert spoke
    assert {told_id(tuple(e.content["thread"])) for e in spoke} == {thread[0]}
    assert spoke[0].step == int(thread[1].split(".")[1]) + 1


def test_whoever_is_made_to_speak_does_so_in_a_thread_that_was_over(parent, tmp_path):
    alone = next(told_id(items[0]) for items in items_of(parent).values() if len(items) == 1)
    with simsoc.whatif(parent, after=alone, who=4, log=tmp_path / "f.db") as run:
        replies = [e for e in run.stored_events() if e.kind == "reply" and told_id(e.content["thread"]) == alone]
    assert replies[0].agent == 4
    assert replies[0].step == 2


def test_another_rule_holds_from_a_point_on(tmp_path):
    keys = {"threads": 200, "trolls": {"share": 0.5, "rate": 0.9}, "labels": ["promotion"]}
    rules = {"dont": [{"name": "insults", "text": "No insults."}]}
    simsoc.run(design(**keys, rules=rules), log=tmp_path / "p.db").close()
    thread = long_thread(tmp_path / "p.db")
    more = {"dont": [*rules["dont"], {"name": "promotion", "text": "No self-promotion."}]}
    simsoc.whatif(tmp_path / "p.db", after=thread[1], world__rules=more, log=tmp_path / "f.db").close()

    def labelled(path, name):
        return {(e.agent, e.step, e.turn) for e in happened(path)[0] if name in e.content.get("breaks", ())}

    before, after = labelled(tmp_path / "p.db", "promotion"), labelled(tmp_path / "f.db", "promotion")
    assert after < before
    assert {one for one in before if one[1] <= 2} == {one for one in after if one[1] <= 2}
    assert labelled(tmp_path / "p.db", "insults") == labelled(tmp_path / "f.db", "insults")


def test_under_a_ranked_page_the_first_other_exposure_is_named(tmp_path):
    browse = {"process": "browse", "top": {"steps": 14, "activation": {"kind": "rate", "activity": 0.4}}}
    simsoc.run(design(**browse), log=tmp_path / "p.db").close()
    items = items_of(tmp_path / "p.db")
    opened = next(item for item, posts in items.items() if len(posts) > 2)
    with (
        simsoc.open_run(tmp_path / "p.db") as before,
        simsoc.whatif(tmp_path / "p.db", remove=told_id(opened), log=tmp_path / "f.db") as run,
    ):
        found = parted(before, run, opened[1])
        assert found.same
        assert found.exposure is not None
        assert found.exposure.thread is None
        assert opened in found.exposure.was
        assert opened not in found.exposure.now
        shown = run.exposures
        later = shown[shown["step"] < found.exposure.step]
        earlier = before.exposures
        assert later.equals(earlier[earlier["step"] < found.exposure.step]), "none before it"
    assert len(found.changed) > 1


def test_whoever_first_reads_a_thread_that_is_another_is_named(tmp_path):
    """An insertion into a thread leaves pages alone at first: it is seen by the first who opens the thread."""
    browse = {"process": "browse", "feed": {"kind": "new", "size": 5}}
    browse["top"] = {"steps": 14, "activation": {"kind": "rate", "activity": 0.5}}
    simsoc.run(design(**browse), log=tmp_path / "p.db").close()
    thread, posts = next((t, p) for t, p in items_of(tmp_path / "p.db").items() if len(p) > 3)
    with (
        simsoc.open_run(tmp_path / "p.db") as before,
        simsoc.whatif(tmp_path / "p.db", after=told_id(posts[1]), who=3, say="Well.", log=tmp_path / "f.db") as run,
    ):
        found = parted(before, run, posts[1][1])
        later = [e for e in run.stored_events() if e.kind in ("reply", "vote") and e.step > posts[1][1] + 1]
    assert found.same
    assert found.exposure is not None
    assert found.exposure.thread == thread
    of = [e for e in later if tuple(e.content.get("thread", ())) == thread or tuple(e.content.get("item", ())) in posts]
    assert found.exposure.step == of[0].step, "the first one after it was said"


def test_a_universe_is_another_future_of_the_same_past(parent, tmp_path):
    thread = long_thread(parent)
    with simsoc.whatif(parent, after=thread[2], who=3, say="Well.", seed=99, log=tmp_path / "f.db") as run:
        with simsoc.open_run(parent) as before:
            found = parted(before, run, int(thread[2].split(".")[1]))
    assert found.same
    assert len(found.changed) > 5


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "Say one of after, replace and remove"),
        ({"after": "1.1.1", "remove": "1.1.1"}, "Say one of"),
        ({"after": "nothing"}, "AUTHOR.STEP.N"),
        ({"after": "99.1.0", "who": 1}, "no post 99.1.0"),
        ({"after": "FIRST"}, "what is inserted"),
        ({"after": "FIRST", "who": "Nobody"}, "0 members are called 'Nobody'"),
        ({"after": "FIRST", "who": 300}, "no agent 300"),
        ({"after": "FIRST", "instead_of": 3}, "in the place of"),
        ({"replace": "FIRST"}, "what does the opening post say"),
    ],
)
def test_mistakes(parent, tmp_path, given, says):
    first = long_thread(parent)[0]
    with pytest.raises(ScenarioError, match=says):
        simsoc.whatif(parent, log=tmp_path / "f.db", **{k: first if v == "FIRST" else v for k, v in given.items()})
    assert not (tmp_path / "f.db").exists()


def test_worlds_without_threads_have_no_such_points(tmp_path):
    plain = {"name": "o", "steps": 2, "world": {"kind": "opinion", "rule": "voter"}, "population": {"n": 4}}
    simsoc.run(plain, log=tmp_path / "p.db").close()
    with pytest.raises(ScenarioError, match="use a fork"):
        simsoc.whatif(tmp_path / "p.db", after="1.1.1", who=1)


# -- items in a scenario -----------------------------------------------------------------------------------------------


def inject(at, item, who=None):
    return {"at": at, **({} if who is None else {"who": {"ids": [who]}}), "do": {"kind": "inject", "item": item}}


@pytest.mark.parametrize(
    ("item", "who", "says"),
    [
        ({}, None, "one of say"),
        ({"say": "x"}, 1, "needs a thread"),
        ({"say": "x", "thread": 1, "skip": True}, 1, "one of say"),
        ({"say": "x", "tread": 1}, 1, "tread"),
        ({"say": "", "thread": 1}, 1, "say"),
        ({"edit": "1.1.1"}, None, "belong together"),
        ({"remove": "one"}, None, "AUTHOR"),
        ({"ban": True}, None, "needs a `who`"),
        ({"speaks": True, "thread": 2}, None, "needs a `who`"),
        ("a text", None, "dictionary"),
    ],
)
def test_items_that_cannot_be(item, who, says):
    with pytest.raises(ScenarioError, match=says):
        simsoc.check(design() | {"interventions": [inject(2, item, who)]})


def test_what_is_not_there_is_told(tmp_path):
    scenario = design() | {"interventions": [inject(3, {"say": "x", "thread": 99}, 1), inject(3, {"remove": "1.1.99"})]}
    with simsoc.run(scenario, log=tmp_path / "a.db") as run:
        missed = [e.content for e in run.stored_events() if e.kind == "missed"]
    assert missed == [{"of": "say", "why": "no thread 99"}, {"of": "remove", "why": "no post 1.1.99"}]


def test_each_kind_of_item(tmp_path):
    made = [
        inject(2, {"say": "From outside.", "thread": 0}),
        inject(2, {"post": {"title": "New", "text": "Here."}, "breaks": ["insults"]}, 5),
        inject(3, {"pin": "5.2.-1"}),
        inject(3, {"edit": "5.2.-1", "text": "Better."}, 5),
        inject(3, {"warn": "5.2.-1", "why": "insults"}, 2),
        inject(4, {"ban": True, "until": 6}, 5),
        inject(4, {"remove": "5.2.-1"}),
        inject(5, {"unban": True}, 5),
    ]
    with simsoc.run(design() | {"interventions": made}, log=tmp_path / "a.db") as run:
        events = [(e.step, e.agent, e.kind) for e in run.stored_events() if e.kind not in ("post", "reply", "open")]
        put = [(e.step, e.agent, e.content["n"]) for e in run.stored_events() if e.content.get("n", 0) < 0]
        notes = run.notes[run.notes["kind"] == "intervention"]
    assert put == [(2, -1, -1), (2, 5, -1)]
    told = [(3, -1, "pin"), (3, 5, "edit"), (3, 2, "warn"), (4, -1, "ban"), (4, -1, "remove"), (5, -1, "unban")]
    assert events == told
    assert len(notes) == len(made)
