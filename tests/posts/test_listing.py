"""Posts as Reddit's JSON and back: nothing is lost, whatever is written in them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.core.errors import ScenarioError
from simsoc.posts import gather, whole_threads
from simsoc.posts.listing import BEGINS, STEP, Place, as_lines, as_list, base36, dump, from_base36, pages
from simsoc.posts.reading import loads, read

from .making import EVENTS, chain, named, posts

PLACE = Place("r/student money", named)


def by_thread(made):
    return [post for thread in whole_threads(made).values() for post in thread]


def on_disk(text):
    """As it comes back from a file."""
    return text.encode().decode()


@given(posts())
def test_pages_come_back_as_they_were(made):
    assert loads(on_disk(as_list(pages(made, PLACE)))) == by_thread(made)


@given(posts())
def test_a_dump_comes_back_as_it_was(made):
    submissions, comments = dump(made, PLACE)
    assert loads(on_disk(as_lines([*submissions, *comments]))) == by_thread(made)
    assert loads(on_disk(as_lines([*comments, *submissions]))) is not None
    assert len(as_lines(comments).splitlines()) == len(comments)


@given(posts())
def test_the_shape_is_that_of_reddit(made):
    threads = whole_threads(made)
    for page, thread in zip(pages(made, PLACE), threads.values(), strict=True):
        opening, replies = page
        assert [listing["kind"] for listing in page] == ["Listing", "Listing"]
        (first,) = opening["data"]["children"]
        assert first["kind"] == "t3"
        assert first["data"]["num_comments"] == len(thread) - 1
        found = list(nested(replies, first["data"]["name"], first["data"]["name"], 0))
        assert sorted(found) == sorted(f"t1_{base36(post.id)}" for post in thread[1:])


def nested(listing, above, link, depth):
    """Names of all replies, each where its parent says it is."""
    for child in listing["data"]["children"]:
        data = child["data"]
        assert child["kind"] == "t1"
        assert (data["parent_id"], data["link_id"], data["depth"]) == (above, link, depth)
        yield data["name"]
        if data["replies"] != "":
            yield from nested(data["replies"], data["name"], link, depth + 1)


def test_times_come_from_steps_and_ids_from_authors():
    made = gather(EVENTS)
    (_, replies), _ = pages(made, PLACE)
    data = replies["data"]["children"][0]["data"]
    assert data["created_utc"] == BEGINS + 2 * STEP + 1
    assert data["id"] == base36((4, 2, 0))
    assert data["author"] == "user4"
    assert (data["score"], data["ups"], data["downs"]) == (2, 2, 0)
    assert data["body"] == "[removed]"
    assert data["subreddit"] == "student_money"


def test_one_more_post_changes_nobody_elses_id_or_time():
    made = gather(EVENTS)
    more = gather([*EVENTS[:3], type(EVENTS[0])(1, 0, 8, "post", {"n": 0, "title": "t", "text": "x"}), *EVENTS[3:]])
    before = {page[0]["data"]["children"][0]["data"]["id"]: page for page in pages(made, PLACE)}
    after = {page[0]["data"]["children"][0]["data"]["id"]: page for page in pages(more, PLACE)}
    assert len(after) == len(before) + 1
    assert all(after[own] == page for own, page in before.items())


def test_a_very_deep_thread_is_written_and_read():
    made = chain(3000)
    assert loads(as_list(pages(made, PLACE))) == made


@given(st.tuples(st.integers(-1, 10**7), st.integers(0, 10**7), st.integers(-(10**4), 10**4)))
def test_an_id_in_base_36_is_the_id(item):
    assert from_base36(base36(item)) == item
    assert base36(item).isalnum()
    assert base36(item) == base36(item).lower()


# -- real ones --------------------------------------------------------------------------------------------------------

REAL = [
    {
        "kind": "Listing",
        "data": {
            "children": [
                {
                    "kind": "t3",
                    "data": {
                        "id": "abc",
                        "title": "Rent &gt; 50% of income &amp; loans",
                        "selftext": "",
                        "author": "amy",
                        "score": 57,
                        "created_utc": 1577900000.0,
                        "edited": False,
                    },
                }
            ]
        },
    },
    {
        "kind": "Listing",
        "data": {
            "children": [
                {
                    "kind": "t1",
                    "data": {
                        "id": "c1",
                        "parent_id": "t3_abc",
                        "body": "&gt; quoted\n\nfine",
                        "author": "bob",
                        "score": -3,
                        "created_utc": 1577900500,
                        "replies": {
                            "kind": "Listing",
                            "data": {
                                "children": [
                                    {
                                        "kind": "t1",
                                        "data": {
                                            "id": "c3",
                                            "parent_id": "t1_c1",
                                            "body": "[deleted]",
                                            "author": "[deleted]",
                                            "created_utc": 1577900900,
                                            "replies": "",
                                        },
                                    },
                                    {"kind": "more", "data": {"count": 3, "children": ["x"]}},
                                ]
                            },
                        },
                    },
                },
                {
                    "kind": "t1",
                    "data": {
                        "id": "c2",
                        "parent_id": "t3_abc",
                        "body": "ok",
                        "author": "amy",
                        "created_utc": 1577900600,
                    },
                },
            ]
        },
    },
]
FIRST = REAL[0]["data"]["children"][0]["data"]
COMMENT = {"id": "c2", "parent_id": "t3_abc", "body": "ok", "author": "amy"}


def test_a_page_of_a_real_thread(tmp_path):
    (tmp_path / "real.json").write_text(json.dumps(REAL))
    opening, first, second, third = read(tmp_path / "real.json")
    assert opening.title == "Rent > 50% of income & loans"
    assert (opening.score, opening.by, opening.author, opening.step) == (57, "amy", -1, 0)
    assert (first.text, first.score, first.depth) == ("> quoted\n\nfine", -3, 1)
    assert (second.by, second.parent) == ("amy", opening.id)  # by time, not by place in the tree
    assert (third.gone, third.by, third.parent, third.depth) == ("deleted", "", first.id, 2)
    assert [post.id for post in (opening, first, second, third)] == [(-1, 0, -k) for k in (1, 2, 3, 4)]


def test_a_dump_by_lines_and_in_a_list():
    rows = [FIRST, {**COMMENT, "link_id": "t3_abc"}, {**COMMENT, "id": "c9", "parent_id": "t1_gone"}]
    for text in ("\n".join(map(json.dumps, rows)), json.dumps(rows), json.dumps(rows[0]) + "\n\n"):
        found = loads(text)
        assert found[0].title.startswith("Rent")
        assert len(found) == (1 if text.endswith("\n\n") else 2)  # what answers something elsewhere is left out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no post in it"),
        ("[]", "there is no post in it"),
        ("{", "not JSON"),
        ('{"id": "a", "title": "x"}\n{"id": ', "line 2: not JSON"),
        ("[1]", r"\[0\]: a listing, a post or a reply is expected \(got 1\)"),
        ('{"kind": "Listing", "data": []}', r"\.data: a mapping is expected"),
        ('[{"id": "a"}]', "neither a post"),
        ('[{"id": 5, "title": "x"}]', r"\[0\]\.id: text is expected \(got 5\)"),
        ('[{"id": "a", "title": null}]', r"\[0\]\.title: text is expected \(got null\)"),
        ('[{"id": "a", "title": "x", "score": 1.5}]', r"\[0\]\.score: a whole number"),
        ('[{"id": "a", "title": "x", "score": Infinity}]', r"\[0\]\.score: a whole number"),
        ('[{"id": "a", "title": "x", "created_utc": "soon"}]', r"\[0\]\.created_utc: a time in seconds"),
        ('[{"id": "a", "title": "x"}, {"id": "a", "title": "y"}]', "t3_a is there twice"),
        ('[{"id": "a", "body": "x", "parent_id": "b"}]', r"parent_id: t1_\.\.\. or t3_\.\.\. is expected"),
        ('[{"id": "a", "body": "x", "parent_id": "t1_a"}]', "is a reply to itself"),
        ('[{"id": "a", "title": "x", "simsoc": {"id": [1, 2]}}]', r"simsoc\.id: \[author, step, n\]"),
        ('[{"id": "a", "title": "x", "simsoc": {"id": [-5, 2, 0]}}]', "no post has the id"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_says_where(text, says):
    with pytest.raises(ScenarioError, match=says) as error:
        loads(text, "threads.json")
    assert "threads.json" in str(error.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(ScenarioError, match=r"nothing\.json.*No such file"):
        read(tmp_path / "nothing.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match=r"bytes\.json.*not UTF-8"):
        read(tmp_path / "bytes.json")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        any_json := lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["kind", "data", "children", "id", "title", "body", "parent_id", "replies", "simsoc", "score"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_in_a_file_is_read_or_refused(found):
    try:
        made = loads(json.dumps(found))
    except ScenarioError:
        return
    assert made
