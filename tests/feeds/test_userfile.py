"""A feed in a file of one's own: its keys are read without running it, and a run says which file it runs."""

import pytest

from simsoc.core.errors import ScenarioError, WorldError
from simsoc.core.shelf import Shelf
from simsoc.feeds import FEEDS, Items, Viewer, build
from simsoc.scenario.spec import Part

FRESHEST = '''
import pathlib

pathlib.Path(__file__).with_name("ran").touch()


def freshest(items, now, *, half_life: float = 5.0, words: str | None = None):
    """Likes that lose half of their worth every so many steps.

    half_life: steps.
    """
    return items.likes * 0.5 ** ((now - items.step) / half_life)


def near(items, now, viewer, *, power: int):
    return -(abs(items.partisan - viewer.partisan) ** power)


def broken(items, now):
    return items.likes[:1]


def lazy(items, now, *, depth=pathlib):
    return items.likes
'''


@pytest.fixture
def shelf(tmp_path):
    (tmp_path / "my_feed.py").write_text(FRESHEST)
    return FEEDS.within(tmp_path)


def made(shelf, name, **keys):
    return build(Part(kind=name, given=shelf.spec(name).model_validate(keys)), {"feeds": shelf}, 1)


def test_its_keys_are_read_and_it_is_not_run(shelf, tmp_path):
    spec = shelf.spec("my_feed.py:freshest")
    assert spec.model_fields["half_life"].default == 5.0
    assert spec.model_fields["half_life"].description == "steps."
    assert {"size", "whose", "words"} <= set(spec.model_fields)
    with pytest.raises(ValueError, match="half_life"):
        spec.model_validate({"half_life": "long"})
    with pytest.raises(ValueError, match="half_lif"):
        spec.model_validate({"half_lif": 3.0})
    with pytest.raises(ValueError, match="power"):
        shelf.spec("my_feed.py:near").model_validate({})
    feed = made(shelf, "my_feed.py:freshest")
    assert not (tmp_path / "ran").exists()
    items = Items()
    items.add((0, 1, 0))
    feed.ready(items, 2).rank(Viewer(1, 2))
    assert (tmp_path / "ran").exists()


def test_it_ranks(shelf):
    items = Items(party=[], partisan=[-1.0, 0.5, 0.9])
    for author, step, likes in ((0, 1, 4), (1, 5, 3), (2, 6, 1)):
        items.add((author, step, 0))
        for fan in range(likes):
            items.act("like", 10 + fan, (author, step, 0))
    seen = made(shelf, "my_feed.py:freshest", half_life=2.0, size=2).ready(items, 7).rank(Viewer(9, 7))
    assert seen.ids == [(1, 5, 0), (2, 6, 0)]
    assert seen.scores == pytest.approx([1.5, 2**-0.5])
    assert seen.ranker == "my_feed.py:freshest"
    near = made(shelf, "my_feed.py:near", power=2).ready(items, 7)
    assert [id[0] for id in near.rank(Viewer(9, 7, partisan=0.8)).ids] == [2, 1, 0]
    assert [id[0] for id in near.rank(Viewer(9, 7, partisan=-0.9)).ids] == [0, 1, 2]
    with pytest.raises(WorldError, match=r"my_feed.py:broken should give one score for each of 3 items"):
        made(shelf, "my_feed.py:broken").ready(items, 7).rank(Viewer(9, 7))


def test_one_that_says_so_is_given_many_viewers_at_once(tmp_path):
    (tmp_path / "many.py").write_text(
        "import numpy as np\n"
        "def alike(items, now, viewers, *, power: float = 1.0):\n"
        "    far = abs(items.partisan - np.array([[viewer.partisan] for viewer in viewers]))\n"
        "    return 1 - far**power\n"
        "alike.for_many = True\n"
        "def one_row(items, now, viewers):\n"
        "    return items.likes\n"
        "one_row.for_many = True\n"
    )
    items = Items(party=[], partisan=[-1.0, 0.5, 0.9])
    for author in range(3):
        items.add((author, 1, 0))
    shelf, viewers = FEEDS.within(tmp_path), [Viewer(10 + n, 2, partisan=n / 10) for n in range(-9, 10)]
    lists = made(shelf, "many.py:alike", power=2.0).ready(items, 2).rank_all(viewers)
    assert [shown.scores[0] for shown in lists] == pytest.approx(
        [1 - min(abs(viewer.partisan - leaning) ** 2 for leaning in (-1, 0.5, 0.9)) for viewer in viewers]
    )
    assert lists[3] == made(shelf, "many.py:alike", power=2.0).ready(items, 2).rank(viewers[3])
    with pytest.raises(WorldError, match=r"19 viewers.*not an array of shape \(3,\)"):
        made(shelf, "many.py:one_row").ready(items, 2).rank_all(viewers)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("my_feed.py:freshes", FRESHEST, "no function 'freshes'. Did you mean 'freshest'?"),
        ("other.py:freshest", FRESHEST, "other.py cannot be read: No such file"),
        ("my_feed.py:freshest", "def freshest(:", "my_feed.py, line 1"),
        ("my_feed.py:freshest", "x = 1", "It has none"),
        ("my_feed.py:lazy", FRESHEST, "should be a plain value"),
        ("my_feed.py:freshest", "\0", "my_feed.py"),
    ],
)
def test_what_is_wrong_with_it_is_told(tmp_path, name, text, told):
    (tmp_path / "my_feed.py").write_text(text)
    with pytest.raises(LookupError) as error:
        FEEDS.within(tmp_path).spec(name)
    assert told in str(error.value)


def test_a_file_that_fails_says_which(tmp_path):
    (tmp_path / "f.py").write_text("def f(items, now):\n    return items.likes\n\nraise RuntimeError('no')\n")
    with pytest.raises(ScenarioError, match=r"f\.py:f cannot be loaded: RuntimeError: no"):
        FEEDS.within(tmp_path).get("f.py:f")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("return items.likez", r"f\.py, line 4, in f: AttributeError: items have no column 'likez'"),
        ("return 1 / 0", r"f\.py, line 4, in f: ZeroDivisionError"),
        ("return sorted(None)", r"f\.py, line 4, in f: TypeError"),
        ("raise SystemExit(0)", r"f\.py, line 4, in f: SystemExit: 0"),
        ("return ['a'] * len(items)", r"f\.py:f gave scores that are no numbers"),
        (
            "return Scored(items.likes, {'one': 1.0})",
            r"f\.py:f should give a number for each of 1 items as its part 'one'",
        ),
    ],
)
def test_what_goes_wrong_in_it_is_told_as_the_users_own_with_its_line(tmp_path, line, told):
    (tmp_path / "f.py").write_text(f"from simsoc.feeds import Scored\n\ndef f(items, now):\n    {line}\n")
    items = Items()
    items.add((0, 1, 0))
    with pytest.raises(WorldError, match=told):
        made(FEEDS.within(tmp_path), "f.py:f").ready(items, 2).rank(Viewer(1, 2))


def test_other_shelves_take_no_files(tmp_path):
    (tmp_path / "my_feed.py").write_text(FRESHEST)
    shelf = Shelf("plain", {"a": "math:sqrt"}).within(tmp_path)
    assert not shelf.is_file("my_feed.py:freshest")
    with pytest.raises(LookupError, match="Known: a"):
        shelf.get("my_feed.py:freshest")
