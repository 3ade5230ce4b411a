"""Worlds without a society: built on a graph that a test draws, with minds that the test plays."""

from collections.abc import Callable

import networkx as nx

from simsoc.core.stream import Stream
from simsoc.core.words import Action, Answer, Ask, NoAnswer, Turn
from simsoc.networks.ties import Graph
from simsoc.scenario.plain import plain
from simsoc.shelves import SHELVES
from simsoc.worlds.setting import Setting


def world(kind, spec, graph, people=None, seed=1, begin=True, weighted=False):
    """A world on this graph. `joined` lists whom it has let in."""
    shelf = SHELVES["worlds"]
    checked = shelf.spec(kind).model_validate(plain(spec), context={"shelves": SHELVES})
    ties = Graph(graph)
    people = [{} for _ in graph] if people is None else people
    joined = []

    def join(agent, step):
        ties.add_agent(agent)
        joined.append((agent, step))
        while len(people) <= agent:
            people.append({})

    made = shelf.get(kind)(checked, Setting(seed, people, ties, SHELVES, join, weighted=weighted))
    made.joined = joined
    if begin:
        made.begin()
    return made


def complete(n):
    return nx.complete_graph(n)


def turn(agent, step=1, count=0, seed=1):
    return Turn(seed, step, agent, count)


def answer(value):
    return Answer(value=value, source="live", by="test")


def silence(reason="refused"):
    return NoAnswer(reason=reason, source="live", by="test")


def by_rule(ask: Ask):
    """What the decision's own rule says."""
    rule = ask.decision.rule
    return answer(ask.decision.answer.check(rule.function(ask.facts, ask.stream(), **rule.parameters), ask.facts))


def think(made, at, reply: Callable = by_rule) -> tuple[list[Ask], Action]:
    """One turn with a mind played by `reply`, an Ask to a Reply: the asks and the action, which is not applied."""
    thought = made.decide(made.observe(at))
    asks = []
    try:
        ask = next(thought)
        while True:
            asks.append(ask)
            ask = thought.send(reply(ask))
    except StopIteration as end:
        return asks, end.value


def take(made, at, reply: Callable = by_rule):
    """One whole turn: the asks and the events it leads to."""
    asks, action = think(made, at, reply)
    return asks, made.apply(action)


def asked(made, at) -> Ask:
    """The first ask of a turn."""
    return next(made.decide(made.observe(at)))


def stream(*path):
    return Stream(7, "test", *path)
