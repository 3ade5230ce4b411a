"""Measures of the town, declared once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simsoc.measures import Measure

if TYPE_CHECKING:
    from .state import Town


def _knowing(world: Town) -> float:
    """Mean share over the items; 0 without any."""
    n, items = len(world.active()), len(world.knows)
    return _knowers(world) / (n * items) if n and items else 0.0


def _knowers(world: Town) -> float:
    gone = world.gone
    return float(sum(agent not in gone for who in world.knows.values() for agent in who))


def _mutual(world: Town) -> float:
    n = len(world.active())
    return 2 * world.mutual / (n * (n - 1)) if n > 1 else 0.0


def _chats(world: Town) -> float:
    return float(world.chats)


def _invited(world: Town) -> float:
    """Each occasion counts by itself."""
    return float(sum(len([a for a in world.knows[h.spec.news] if a != h.host]) for h in world.held))


def _came(world: Town) -> float:
    return float(sum(len(held.came) for held in world.held))


def _together(world: Town) -> float:
    n = len(world.active())
    pairs = sum(len(there) * (len(there) - 1) for there in world.here.values())
    return pairs / (n * (n - 1)) if n > 1 else 0.0


def _on_the_way(world: Town) -> float:
    return float(len(world.ways))


def _missed(world: Town) -> float:
    return float(world.missed)


def _memories(world: Town) -> float:
    return sum(len(memory) for memory in world.memories) / len(world.beings) if world.memories else 0.0


TOWN_MEASURES = {
    m.name: m
    for m in (
        Measure("knowing", "0..1", "share of the people who know an item of news, mean over the items", _knowing),
        Measure("knowers", "count", "people who know an item of news, summed over the items", _knowers),
        Measure("acquaintance", "0..1", "density of mutual knowledge: pairs who know each other, 2E/(V(V-1))", _mutual),
        Measure("chats", "count", "talks held so far", _chats),
        Measure("together", "0..1", "share of pairs who are at the same spot", _together),
        Measure("invited", "count", "people other than the host who know of an occasion, summed", _invited),
        Measure("came", "count", "of these, people who were there while it took place", _came),
        Measure("on_the_way", "count", "people between two places", _on_the_way, default=False),
        Measure("missed", "count", "wishes to talk that came to nothing so far", _missed, default=False),
        Measure("memories", "count", "memories kept by each person, on average", _memories, default=False),
    )
}
