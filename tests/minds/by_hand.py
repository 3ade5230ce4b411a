"""Minds without a world: a test plays the model, or lets the rules answer."""

from collections.abc import Callable, Mapping

from simsoc.core.words import Ask, Turn
from simsoc.minds.asking import Me
from simsoc.minds.memory import Memory
from simsoc.minds.mind import Generative
from simsoc.minds.records import Draft
from simsoc.scenario.plain import plain
from simsoc.shelves import SHELVES
from tests.worlds.by_hand import answer, by_rule, silence

__all__ = ["answer", "by_null", "by_rule", "event", "filled", "me", "mind", "played", "purposes", "silence", "think"]


def mind(**spec) -> Generative:
    """The minds of a scenario with these keys under `minds`."""
    checked = SHELVES["minds"].spec("generative").model_validate(plain(spec), context={"shelves": SHELVES})
    return Generative(checked, SHELVES)


def me(agent=0, name="Ada", now=480.0, persona="Ada likes chess.", status="", step=1, turn=0, seed=1) -> Me:
    return Me(Turn(seed, step, agent, turn), name, persona, now, status)


def by_null(ask: Ask):
    return answer(ask.decision.answer.check(ask.decision.answer.null(ask.facts, ask.stream()), ask.facts))


def played(by_purpose: Mapping, otherwise: Callable = by_rule) -> Callable:
    """A model that answers some purposes (without what follows the decision's own) as told: a value, a list of values
    used in turn, a function of the ask, or None for silence. Values have to be legal."""
    places: dict[str, int] = {}

    def reply(ask: Ask):
        purpose = ask.decision.purpose
        if purpose not in by_purpose:
            return otherwise(ask)
        told = by_purpose[purpose]
        if isinstance(told, list):
            k = places[purpose] = places.get(purpose, -1) + 1
            told = told[k % len(told)]
        if callable(told):
            told = told(ask)
        return silence() if told is None else answer(ask.decision.answer.check(told, ask.facts))

    return reply


def think(thinking, reply: Callable = by_rule):
    """A part of a mind run to its end: the asks, and what it came to."""
    asks = []
    try:
        ask = next(thinking)
        while True:
            asks.append(ask)
            ask = thinking.send(reply(ask))
    except StopIteration as end:
        return asks, end.value


def event(text, importance=5, triple=None, **more) -> Draft:
    subject = (text.split() or ["nobody"])[0]
    return Draft("event", text, importance, triple or (subject, "does", text), **more)


def filled(mind: Generative, *texts, importance=5, every=60.0) -> Memory:
    """A memory with these events, one after another."""
    memory = mind.memory()
    for i, text in enumerate(texts):
        memory.store([event(text, importance)], i * every)
    return memory


def purposes(asks):
    return [ask.decision.purpose for ask in asks]
