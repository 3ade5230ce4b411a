"""What is allowed and hardly meant: told when a scenario is checked and before it is run, never an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simsoc.scenario.questions import Every
from simsoc.scenario.spec import Scenario

if TYPE_CHECKING:
    from .model import Society

_CUMULATIVE = ("everyone", "bridging", "top")
_LONG = 20  # steps from which on a feed of all time has locked in


def hints(society: Society) -> Iterator[str]:
    """A line for each: interventions and surveys after the end, and feeds that lock in."""
    scenario, length = society.scenario, society.length
    for number, one in enumerate(scenario.interventions):
        if one.at > length:
            told = f"'{one.do.kind}' waits for step {one.at}, and there are {length} steps: it never takes place"
            yield f"interventions.{number}: {told}"
    for number, survey in enumerate(scenario.surveys):
        firsts = [moment.from_ if isinstance(moment, Every) else moment for moment in survey.at]
        if all(first != "end" and first > length for first in firsts):
            yield f"surveys.{number}: '{survey.name}' is held after none of the {length} steps"
    yield from _locking_in(scenario, length)


def _locking_in(scenario: Scenario, length: int) -> Iterator[str]:
    """Feeds that rank all items there ever were by what they gathered."""
    for number, part in enumerate(scenario.world):
        feed = getattr(part.given, "feed", None)
        if part.kind != "twitter" or feed is None or feed.kind not in _CUMULATIVE or length <= _LONG:
            continue
        if feed.given.max_age is None and feed.given.newest is None:
            told = f"'{feed.kind}' ranks all posts there ever were, so that the first to be liked stay on top"
            yield f"world.{number}.feed: {told}; `max_age` or `newest` lets it forget (docs/twitter.md)"
