"""When interventions take place."""

from hypothesis import given
from hypothesis import strategies as st

from simsoc.interventions.calendar import Occasion, occasions, takes_place, times, turning_points
from simsoc.scenario.spec import Intervention, Part
from simsoc.shelves import SHELVES


def one(at, every=None, until=None, kind="seed", **keys):
    given = SHELVES["interventions"].spec(kind).model_validate(keys or {"to": 1})
    return Intervention(at=at, every=every, until=until, do=Part(kind=kind, given=given))


def steps(intervention, last=40):
    return [step for step in range(1, last) if takes_place(intervention, step)]


def test_once_and_again():
    assert steps(one(10)) == [10]
    assert steps(one(4, every=3, until=14)) == [4, 7, 10, 13]
    assert steps(one(4, every=3, until=13)) == [4, 7, 10, 13]
    assert steps(one(38, every=1)) == [38, 39]


def test_without_every_until_is_the_last_step_that_counts():
    both = [one(5, until=20), one(21)]
    assert list(occasions(both, 5)) == [Occasion(0, True)]
    assert list(occasions(both, 20)) == []
    assert list(occasions(both, 21)) == [Occasion(0, False), Occasion(1, True)], "undone first"


def test_with_every_nothing_is_undone():
    assert all(o.begins for step in range(1, 50) for o in occasions([one(5, every=2, until=9)], step))


@given(st.integers(1, 30), st.none() | st.integers(1, 9), st.none() | st.integers(0, 30), st.integers(1, 80))
def test_times_counts_what_came_before(at, every, until, step):
    made = one(at, every, None if until is None else at + until)
    assert times(made, step) == sum(takes_place(made, earlier) for earlier in range(1, step))


@given(st.lists(st.tuples(st.integers(1, 9), st.none() | st.integers(1, 4), st.none() | st.integers(0, 9)), max_size=4))
def test_turning_points_show_every_order_that_ever_is(given_):
    """What holds on top of what: no order of begun and undone interventions comes up that was not looked at."""
    made = [one(at, every, None if until is None else at + until) for at, every, until in given_]

    def orders(when):
        active, found = (), set()
        for step in when:
            for occasion in occasions(made, step):
                others = tuple(i for i in active if i != occasion.number)
                active = (*others, occasion.number) if occasion.begins else others
            found.add(active)
        return found

    assert len(turning_points(made)) <= 4 * len(made) ** 2 + 4
    singles = [i for i, m in enumerate(made) if m.every is None]
    if len(made) - len(singles) <= 1:  # several repeated ones overtake each other in too many ways
        assert orders(range(1, 60)) <= orders(turning_points(made)) | {()}
