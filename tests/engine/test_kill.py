"""A run that is killed again and again comes out as if nothing had happened, and pays for nothing twice."""

import pytest

from tests.killing import kill


@pytest.mark.parametrize("part", range(3))
def test_killed_runs_go_on_and_pay_nothing_twice(part):
    """SIGKILL at ten random moments: 30 in all, over every regime."""
    assert kill(10, seed=2 * part) >= 2
