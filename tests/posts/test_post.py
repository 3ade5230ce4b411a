"""Posts gathered from events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from simsoc.core.errors import BrokenLog
from simsoc.core.words import Event
from simsoc.posts import gather, in_tree, read_id, told_id, whole_threads

from .making import EVENTS, posts


def test_what_became_of_each_post():
    loans, hello, so, thanks = gather(EVENTS)
    assert (loans.title, loans.text, loans.score, loans.depth) == ("Loans", "How?", 1, 0)
    assert (hello.text, hello.edited, hello.pinned, hello.synthetic) == ("All of you", True, True, True)
    assert (so.parent, so.thread, so.depth, so.labels) == (loans.id, loans.id, 1, ("ads",))
    assert (so.up, so.down, so.score, so.gone) == (1, 0, 2, "removed")  # one vote turned, one taken back
    assert (thanks.depth, thanks.parent, thanks.gone) == (2, so.id, "deleted")


def test_kinds_with_a_world_before_them():
    named = [Event(e.step, e.turn, e.agent, f"reddit.{e.kind}", e.content) for e in EVENTS]
    other = [Event(1, 0, 3, "twitter.post", {"n": 0, "text": "short"})]
    assert gather(named) == gather(EVENTS)
    assert gather([*other, *named], "reddit") == gather(EVENTS)
    assert [post.text for post in gather([*other, *named])] == ["short"]
    assert [post.text for post in gather([*named, *other], "twitter")] == ["short"]


def test_a_feed_has_likes_and_no_titles():
    events = [
        Event(1, 0, 1, "post", {"n": 0, "text": "a", "by_rule": True}),
        Event(1, 0, 2, "repost", {"n": 0, "of": [1, 1, 0]}),
        Event(2, 0, 3, "like", {"of": [1, 1, 0]}),
        Event(2, 0, 3, "like", {"of": [2, 1, 0]}),
        Event(3, 0, 4, "reply", {"n": 0, "to": [1, 1, 0], "text": "b"}),
    ]
    first, second = gather(events)
    assert (first.up, first.score, first.synthetic, first.title) == (1, 1, True, "")
    assert (second.parent, second.depth, second.score) == (first.id, 1, 0)


@pytest.mark.parametrize("kind", ["vote", "edit", "remove", "pin", "reply"])
def test_what_refers_to_no_post_is_a_broken_log(kind):
    content = {"item": [9, 9, 9], "to": 1 if kind == "vote" else [9, 9, 9], "n": 0, "text": ""}
    with pytest.raises(BrokenLog, match=rf"event '{kind}' of agent 2 in step 3: there is no post \[9, 9, 9\]"):
        gather([*EVENTS, Event(3, 0, 2, kind, content)])


@given(posts())
def test_a_reader_meets_every_post_once_and_after_what_it_answers(made):
    for thread in whole_threads(made).values():
        read = list(in_tree(thread))
        assert sorted(post.id for post in read) == sorted(post.id for post in thread)
        for place, post in enumerate(read):
            assert post.parent is None or post.parent in [above.id for above in read[:place]]
            assert place == 0 or read[place - 1].depth + 1 >= post.depth


@given(st.tuples(st.integers(-1), st.integers(0), st.integers()))
def test_ids_are_written_and_read(item):
    assert read_id(told_id(item)) == item


@pytest.mark.parametrize("text", ["", "1.2", "1.2.3.4", "a.1.2", "1.-2.3", "--1.2.3"])
def test_what_is_no_id(text):
    with pytest.raises(ValueError, match=r"AUTHOR\.STEP\.N"):
        read_id(text)


def test_words_are_title_and_text():
    loans = gather(EVENTS)[0]
    assert loans.words == "Loans\n\nHow?"
    assert replace(loans, title="").words == "How?"
