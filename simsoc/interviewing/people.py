"""Who is interviewed: by id, by name, or by a selection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import nearest
from simsoc.core.stream import draw
from simsoc.population.who import chosen, problems
from simsoc.scenario.spec import Who
from simsoc.society import Society


def name_of(society: Society, agent: int) -> str:
    """What somebody is called; empty where it has no name."""
    person = society.setting.people[agent]
    return str(person.get("name") or person.get("label") or "")


def selected(society: Society, who: Who) -> list[int]:
    """Those who are there and fit, ascending. Raises ScenarioError when that is nobody, or the selection is wrong."""
    people, ties = society.setting.people, society.ties
    if wrong := problems(who, people, "who"):
        raise ScenarioError(wrong)
    lot = partial(draw, society.engine.seed, "interview")
    found = chosen(who, people, lot, ties=ties, among=sorted(ties.graph))
    if not found:
        raise ScenarioError.at("who", f"nobody who is there after step {society.engine.clock} fits")
    return found


def called(society: Society, asked: Sequence[int | str]) -> list[int]:
    """The people of these ids and names, in this order, each once. Raises ScenarioError with all that are not there."""
    found: dict[int, None] = {}
    wrong: list[Problem] = []
    for one in asked:
        try:
            found[_called(society, one)] = None
        except LookupError as error:
            wrong.append(Problem("", "agent", str(error.args[0])))
    if wrong:
        raise ScenarioError(wrong)
    return list(found)


def _called(society: Society, asked: int | str) -> int:
    """Raises LookupError, which says what is wrong."""
    number = asked if isinstance(asked, int) else int(asked) if asked.isdecimal() else None
    if number is not None:
        agent = number
        if not 0 <= agent < len(society.setting.people):
            raise LookupError(f"no agent {agent}: ids run from 0 to {len(society.setting.people) - 1}")
    else:
        agent = _by_name(society, str(asked))
    if agent not in society.ties.graph:
        raise LookupError(f"agent {asked} is not there after step {society.engine.clock}")
    return agent


def _by_name(society: Society, name: str) -> int:
    named = list(_names(society))
    same = [agent for agent, called in named if called.casefold() == name.strip().casefold()]
    if len(same) == 1:
        return same[0]
    if same:
        raise LookupError(f"{len(same)} people are called '{name}': say which id ({', '.join(map(str, same[:10]))})")
    if not named:
        raise LookupError(f"nobody has a name here, so nobody is called '{name}'; say an id")
    raise LookupError(f"nobody is called '{name}'.{nearest(name, [called for _, called in named])}")


def _names(society: Society) -> Iterator[tuple[int, str]]:
    for agent in range(len(society.setting.people)):
        if name := name_of(society, agent):
            yield agent, name
