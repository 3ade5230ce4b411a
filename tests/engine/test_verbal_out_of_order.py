"""Verbal opinions out of order: turns of other pairs run beside each other, and the run is that of one by one."""

import pytest

from simsoc.core.words import Reach
from simsoc.worlds.verbal.world import Verbal
from tests.virtual import lognormal

from .test_out_of_order import serial, through_models

RULE = {"kind": "persuasion", "attraction": 0.4, "drift": 0.18, "lean": -2, "weak": 0.46, "strong": 0.75}
DESIGN = {
    "name": "verbal",
    "steps": 4,
    "world": {"kind": "opinion_verbal", "topic": "The earth is flat.", "bias": "weak", "rule": RULE},
    "population": {"n": 16},
    "network": "complete",
}


def with_world(**keys):
    return {**DESIGN, "world": {**DESIGN["world"], **keys}}


@pytest.mark.parametrize("keys", [{}, {"memory": "reflective"}, {"reasoning": False}, {"interaction": False}])
@pytest.mark.parametrize("network", ["complete", {"kind": "erdos_renyi", "degree": 3, "directed": True}])
@pytest.mark.parametrize("slots", [1, 3, 64])
def test_digest_is_that_of_one_by_one(keys, network, slots):
    design = {**with_world(**keys), "network": network}
    plain = serial(design, slots)
    society, stub = through_models(design, slots, lognormal(slots, 1.5), slots)
    assert society.digest == plain.digest
    assert society.measured == plain.measured
    assert stub.most <= slots


def test_pairs_do_not_wait_for_each_other():
    design = {**DESIGN, "population": {"n": 60}, "steps": 2}
    _, stub = through_models(design, 1, lognormal(1, 0.5), 64)
    assert stub.most > 8
    assert stub.ended < stub.spent / 4


def test_twin_that_must_fail():
    """A world that hides the writer from the scheduler comes out otherwise."""
    honest = Verbal.reach
    Verbal.reach = lambda self, turn: Reach((turn.agent,), (turn.agent,))
    try:
        society, _ = through_models(DESIGN, 1, lognormal(1, 2.0), 16)
    finally:
        Verbal.reach = honest
    assert society.digest != serial(DESIGN, 1).digest
