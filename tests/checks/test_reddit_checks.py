"""SimReddit against its published process (methods.md 2.7, M checks): the engine and the world users run, by rules."""

from collections import Counter
from math import sqrt

import pytest

from simsoc.society import Society

PUBLISHED = (0.352, 0.206, 0.125, 0.081, 0.056, 0.037, 0.027, 0.020, 0.095)
"""Share of threads with 0 to 8 replies for p ~ N(0.65, 0.15), cap 8 (methods.md 2.5)."""
THREADS = 5000


def lengths(seed=1, **keys):
    """Replies of each of 5,000 threads of a community of 2,000, and the share of replies by newcomers."""
    world = {"kind": "reddit", "goal": "To talk.", "threads": THREADS, **keys}
    society = Society({"name": "x", "world": world, "population": {"n": 2000}}, seed)
    society.run_model()
    made = society.worlds[0]
    return [len(thread.posts) - 1 for thread in made.threads.values()], society.measured


@pytest.fixture(scope="module")
def published():
    return lengths()


def off(found):
    """The largest distance from the published shares, in standard errors."""
    shares = Counter(found)
    return max(abs(shares[k] / THREADS - p) / sqrt(p * (1 - p) / THREADS + 0.0005**2) for k, p in enumerate(PUBLISHED))


def test_threads_are_as_long_as_published(published):
    found, measured = published
    assert len(found) == THREADS
    assert max(found) == 8
    assert abs(sum(found) / THREADS - 2.17) < 0.10
    assert abs(found.count(0) / THREADS - 0.352) < 0.02
    assert off(found) < 4
    assert measured["thread_length"] == sum(found) / THREADS


def test_twin_that_must_fail_with_the_same_p_everywhere():
    """The common bug: mean 1.80, and 0.65^8 = 0.032 of the threads reach the cap."""
    found, _ = lengths(goes_on={"sd": 0.0})
    assert off(found) > 10
    assert abs(sum(found) / THREADS - 1.80) < 0.10
    assert abs(found.count(8) / THREADS - 0.65**8) < 0.01


def test_the_other_spread_gives_its_own_numbers():
    found, _ = lengths(goes_on={"sd": 0.18})
    assert abs(sum(found) / THREADS - 2.32) < 0.10
    assert abs(found.count(0) / THREADS - 0.351) < 0.02
    assert abs(found.count(8) / THREADS - 0.122) < 0.02


def test_half_of_the_replies_are_by_newcomers(published):
    _, measured = published
    assert abs(measured["newcomers"] - 0.5) < 0.02
    _, twin = lengths(newcomer=0.56)
    assert abs(twin["newcomers"] - 0.5) > 0.02


# -- what-ifs and universes --------------------------------------------------------------------------------------------


def texts(seed, **keys):
    """Everything in each of 400 threads, by number, and the run's digest."""
    world = {"kind": "reddit", "goal": "To talk.", "threads": 400, "topics": ["pots", "pans"], **keys}
    society = Society({"name": "x", "world": world, "population": {"n": 100}}, seed)
    society.run_model()
    threads = society.worlds[0].threads.values()
    return {t.number: [(p.author, p.parent, p.title, p.text) for p in t.posts] for t in threads}, society.digest


def test_the_same_seed_is_the_same_to_the_byte_and_another_is_another_community():
    (one, digest), (again, same), (other, another) = texts(1), texts(1), texts(2)
    assert digest == same != another
    assert one == again
    differ = sum(one[number] != other[number] for number in one)
    assert differ >= 0.95 * len(one)
