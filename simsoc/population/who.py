"""Which of the people a selection names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.protocols import People, Ties
from simsoc.core.shelf import nearest
from simsoc.core.stream import draw
from simsoc.scenario.spec import Who
from simsoc.scenario.telling import shown

COMPARISONS = ("min", "max", "not")
"""What a trait may be compared with beside a value and a list of values."""


def members(
    who: Who, people: People, seed: int, *, path: str = "who", purpose: str = "who", ties: Ties | None = None
) -> list[int]:
    """Ids of those who fit, ascending; every key that is given must hold.

    ids: these agents. share: one addressed draw each, so that a larger share contains a smaller one and a newcomer
    changes nobody's membership. traits: equal to the value, or one of the values when a list is given, or as compared;
    who lacks the trait does not fit. degree: ties (followers when directed). any: one of several selections. not: the
    others. n: those of all who fit with the smallest draws. A person has one draw within a selection, however deep, so
    that ``not: {share: .3}`` are those whom ``share: .3`` leaves out.

    path: where the selection stands in the scenario, for messages. purpose: address of the draws; selections that must
    not overlap by construction need different ones. ties: for selections by degree.
    Raises ScenarioError for ids and traits nobody has, with the nearest guess, and where fewer than n fit.
    """
    if wrong := problems(who, people, path, tied=ties is not None):
        raise ScenarioError(wrong)
    found = chosen(who, people, lambda agent: draw(seed, purpose, agent), ties=ties)
    if who.n is not None and len(found) < who.n:
        raise ScenarioError.at(f"{path}.n", f"only {len(found)} of the people fit")
    return found


def chosen(
    who: Who,
    people: People,
    lot: Callable[[int], float],
    *,
    ties: Ties | None = None,
    among: Sequence[int] | None = None,
) -> list[int]:
    """Ids of those who fit, ascending, of a selection without `problems`; all who fit where they are fewer than n.

    lot: an agent's draw, in [0, 1). among: those who can be picked at all, ascending; everybody when not given.
    """
    ids: Sequence[int] = range(len(people)) if among is None else among
    if who.ids is not None:
        ids = sorted(set(who.ids).intersection(ids))
    found = [a for a in ids if (who.share is None or lot(a) < who.share) and fits(people[a], who.traits)]
    if who.any is not None:
        either = {agent for one in who.any for agent in chosen(one, people, lot, ties=ties, among=among)}
        found = [agent for agent in found if agent in either]
    if who.not_ is not None:
        out = set(chosen(who.not_, people, lot, ties=ties, among=among))
        found = [agent for agent in found if agent not in out]
    if who.degree is not None:
        found = _connected(who, found, lot, ties)
    return found if who.n is None else sorted(sorted(found, key=lambda agent: (lot(agent), agent))[: who.n])


def _connected(who: Who, found: list[int], lot: Callable[[int], float], ties: Ties | None) -> list[int]:
    """Those of the found whose degree fits."""
    assert who.degree is not None
    assert ties is not None, "no selection by degree without ties"
    least, most, top = who.degree.min, who.degree.max, who.degree.top
    degree = {agent: len(ties.followers(agent)) if agent in ties.graph else 0 for agent in found}
    kept = [a for a in found if (least is None or degree[a] >= least) and (most is None or degree[a] <= most)]
    return kept if top is None else sorted(sorted(kept, key=lambda a: (-degree[a], lot(a), a))[:top])


def fits(person: Mapping[str, Any], traits: Mapping[str, Any]) -> bool:
    """Whether somebody has all these traits: equal to a value, one of a list, or as compared."""
    return all(name in person and _is(person[name], wanted) for name, wanted in traits.items())


def _is(value: Any, wanted: Any) -> bool:
    if _compares(wanted):
        low, high = wanted.get("min"), wanted.get("max")
        return (
            (low is None or (_comparable(value, low) and value >= low))
            and (high is None or (_comparable(value, high) and value <= high))
            and ("not" not in wanted or not _is(value, wanted["not"]))
        )
    return bool(value == wanted) or (isinstance(wanted, list | tuple) and value in wanted)


def _compares(wanted: Any) -> bool:
    return isinstance(wanted, Mapping) and bool(wanted) and all(word in COMPARISONS for word in wanted)


def _comparable(value: Any, bound: Any) -> bool:
    """Numbers with numbers, text with text."""
    if isinstance(value, str) or isinstance(bound, str):
        return isinstance(value, str) and isinstance(bound, str)
    return all(isinstance(x, int | float) and not isinstance(x, bool) for x in (value, bound))


# -- what is wrong with a selection ----------------------------------------------------------------------------------


def problems(
    who: Who, people: People, path: str, *, tied: bool = True, n: int | None = None, more: Iterable[str] = ()
) -> list[Problem]:
    """What is wrong with a selection among these people.

    tied: whether ties are known, so that degrees can be asked for. n: how many people there will be when the selection
    is made; so many as there are when not given. more: traits that somebody may have by then.
    """
    return list(_problems(who, people, path, tied, len(people) if n is None else n, sorted(set(more))))


def _problems(who: Who, people: People, path: str, tied: bool, n: int, more: Sequence[str]) -> Iterator[Problem]:
    strangers = [agent for agent in who.ids or () if agent >= n]
    if strangers:
        told = ", ".join(map(str, strangers[:5])) + (" ..." if len(strangers) > 5 else "")
        yield Problem("", f"{path}.ids", f"no agent {told}: ids run from 0 to {n - 1}. Did you mean {n - 1}?")
    if who.traits:
        yield from _of_traits(who.traits, people, path, more)
    if who.degree is not None and not tied:
        yield Problem("", f"{path}.degree", "nobody is tied to anybody where these are picked")
    for number, one in enumerate(who.any or ()):
        yield from _problems(one, people, f"{path}.any.{number}", tied, n, more)
    if who.not_ is not None:
        yield from _problems(who.not_, people, f"{path}.not", tied, n, more)


def _of_traits(traits: Mapping[str, Any], people: People, path: str, more: Sequence[str]) -> Iterator[Problem]:
    known = sorted({name for person in people for name in person}.union(more))
    listed = f" Known: {', '.join(known)}." if known else " These people have no traits at all."
    for name, wanted in traits.items():
        here = f"{path}.traits.{name}"
        if name not in known:
            yield Problem("", here, f"nobody has it.{nearest(name, known)}{listed}")
        elif name not in more:
            yield from _of_comparison(wanted, [p[name] for p in people if name in p], here)


def _of_comparison(wanted: Any, values: Sequence[Any], path: str) -> Iterator[Problem]:
    """Words that compare nothing, and bounds that nobody's trait can be compared with."""
    if not isinstance(wanted, Mapping) or any(isinstance(value, Mapping) for value in values):
        return
    for word in wanted:
        if word not in COMPARISONS:
            said = f"no comparison '{word}'.{nearest(word, list(COMPARISONS))} Known: {', '.join(COMPARISONS)}."
            yield Problem("", f"{path}.{word}", said)
        elif word != "not" and not any(_comparable(value, wanted[word]) for value in values):
            yield Problem("", f"{path}.{word}", f"{shown(wanted[word])} cannot be compared with anybody's trait")
