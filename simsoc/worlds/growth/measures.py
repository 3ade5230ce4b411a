"""Measures of the growth world, each declared once.

Those that need the whole network at every step are slow on large networks; the cheap ones are taken by default.
"""

from __future__ import annotations

from collections import Counter
from math import isfinite
from typing import TYPE_CHECKING, Any

from simsoc.measures import Measure
from simsoc.measures import ties as of_ties
from simsoc.measures.inequality import gini_of_counts
from simsoc.measures.kernel import kernel_exponent

if TYPE_CHECKING:
    from .state import Growth


def _people(world: Growth) -> int:
    return int(world.ties.graph.number_of_nodes())


def _links(world: Growth) -> int:
    ends = sum(k * people for k, people in world.degrees.items())
    return ends if world.ties.directed else ends // 2


def _gini(world: Growth) -> float | None:
    return gini_of_counts(world.degrees)


def _top_share(world: Growth) -> float | None:
    ends = sum(k * people for k, people in world.degrees.items())
    return max(k for k, people in world.degrees.items() if people) / ends if ends else None


def _no_follower(world: Growth) -> float | None:
    people = sum(world.degrees.values())
    return world.degrees.get(0, 0) / people if people else None


def _silent(world: Growth) -> int:
    return world.silent


def _kernel(world: Growth) -> float | None:
    if len(world.choices) < 10:
        return None
    alpha = kernel_exponent(world.choices).alpha
    return alpha if isfinite(alpha) else None


def _simple(world: Growth) -> Any:
    graph = world.ties.graph
    return graph.to_undirected() if world.ties.directed else graph


def _transitivity(world: Growth) -> float:
    return of_ties.transitivity(_simple(world))


def _transitivity_change(world: Growth) -> float | None:
    before = world.start_transitivity
    return None if before is None else _transitivity(world) - before


def _path_length(world: Growth) -> float | None:
    found = of_ties.path_length(_simple(world))
    return None if found is None else found.length


def _clustering(world: Growth) -> float | None:
    return of_ties.clustering(_simple(world))


def _modularity(world: Growth) -> float | None:
    found = of_ties.louvain(_simple(world), seed=world.setting.seed)
    return None if found is None else found.modularity


def _traits(world: Growth, trait: str) -> dict[int, Any]:
    return {agent: world.setting.people[agent].get(trait) for agent in world.ties.graph}


def _assortativity(world: Growth) -> float | None:
    """Mean over the shown attributes of the assortativity coefficient (Newman 2003)."""
    if not world.spec.attributes or not _links(world):
        return None
    each = [of_ties.attribute_assortativity(world.ties.graph, _traits(world, t)) for t in world.spec.attributes]
    known = [value for value in each if value is not None]
    return sum(known) / len(known) if known else None


def _shared_attributes(world: Growth) -> float | None:
    """Mean number of shown attributes that the two ends of a tie share."""
    return of_ties.edge_similarity(world.ties.graph, world.setting.people, world.spec.attributes)


def _name_skew(world: Growth) -> float | None:
    return _skew(world, [name for name, _ in world.picks])


def _place_skew(world: Growth) -> float | None:
    return _skew(world, [place for _, place in world.picks])


def _skew(world: Growth, chosen: list[Any]) -> float | None:
    """Largest share over 1/n; `simsoc.measures.prior.audit` tells more about a finished run."""
    return max(Counter(chosen).values()) / len(chosen) * world.design.spec.candidates if chosen else None


GROWTH_MEASURES = {
    m.name: m
    for m in (
        Measure("people", "count", "people in the network", _people),
        Measure("links", "count", "ties in the network", _links),
        Measure("gini", "0..1", "inequality of followers (of ties when undirected)", _gini),
        Measure("top_share", "0..1", "share of all followers that the most followed has", _top_share),
        Measure("silent", "count", "choices asked for and not given", _silent),
        Measure("no_follower", "0..1", "share of people without a follower", _no_follower, default=False),
        Measure("kernel_exponent", "alpha", "conditional logit on ln(degree + 1)", _kernel, default=False),
        Measure("transitivity", "0..1", "closed triples by all triples", _transitivity, default=False),
        Measure(
            "transitivity_change", "-1..1", "transitivity less that at the start", _transitivity_change, default=False
        ),
        Measure("path_length", "steps", "mean distance in the largest component", _path_length, default=False),
        Measure("clustering", "0..1", "mean local clustering coefficient", _clustering, default=False),
        Measure("assortativity", "-1..1", "mean assortativity of shown attributes", _assortativity, default=False),
        Measure("shared_attributes", "count", "attributes the ends of a tie share", _shared_attributes, default=False),
        Measure("name_skew", "times", "audit: top share of a name, times n", _name_skew, default=False),
        Measure("place_skew", "times", "audit: top share of a place, times n", _place_skew, default=False),
        Measure("modularity", "-0.5..1", "modularity of Louvain communities", _modularity, default=False),
    )
}
