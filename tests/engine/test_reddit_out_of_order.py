"""Threads at once: whatever the latencies and slots, the run is that of one turn after another."""

import pytest

from simsoc.core.words import Reach
from simsoc.worlds.reddit.world import Reddit
from tests.virtual import lognormal
from tests.worlds.reddit_parts import design

from .test_out_of_order import serial, through_models

MODERATED = {"moderation": {"who": {"ids": [0, 1]}}, "trolls": {"share": 0.4, "rate": 0.9}}
REMEMBERING = {"minds": {"kind": "generative", "reflection": False, "planning": False, "dialogue": False}}


@pytest.mark.parametrize("keys", [{}, {"attach": "linear"}, MODERATED, {"top": REMEMBERING}])
@pytest.mark.parametrize("slots", [1, 3, 64])
def test_digest_is_that_of_one_by_one(keys, slots):
    made = design(**keys)
    plain = serial(made, slots)
    society, stub = through_models(made, slots, lognormal(slots, 1.5), slots)
    assert society.digest == plain.digest
    assert society.measured == plain.measured
    assert stub.most <= slots


def test_threads_do_not_wait_for_each_other():
    """Nine rounds at a barrier each take the sum of the slowest replies; threads alone take the longest thread."""
    made = design(threads=40)
    _, stub = through_models(made, 1, lognormal(1, 1.0), 64)
    assert stub.most > 30
    apart = stub.ended
    quiet = Reddit.quiet
    Reddit.quiet = lambda self, step: False
    try:
        _, stub = through_models(made, 1, lognormal(1, 1.0), 64)
    finally:
        Reddit.quiet = quiet
    assert apart < 0.8 * stub.ended


def test_twin_that_must_fail():
    """A world that hides the thread from the scheduler comes out otherwise."""
    made = design(threads=30)
    honest = Reddit.reach
    Reddit.reach = lambda self, turn: Reach((), ())
    try:
        society, _ = through_models(made, 1, lognormal(1, 2.0), 16)
    except Exception:
        return
    finally:
        Reddit.reach = honest
    assert society.digest != serial(made, 1).digest
