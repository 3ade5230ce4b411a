"""The network drawn as it was at some steps: who holds what, or is what, in the same places throughout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import cos, pi, sin
from typing import Any, NamedTuple

from markupsafe import Markup

from simsoc.runlog.reader import Run

from .svg import COLOURS, picture

_SIDE = 460
_PEOPLE = 500  # drawn at most
_TIES = 6_000


class Drawing(NamedTuple):
    """A network at the end of a step."""

    step: int
    svg: Markup
    people: int
    ties: int


class Network(NamedTuple):
    """The drawings of one run."""

    of: str
    drawings: list[Drawing]
    by: str
    """What colours mean."""
    legend: list[tuple[int, str]]
    """(number of a colour, what it stands for)"""
    left_out: str
    """What is not drawn, in words; empty when everything is."""


def network(run: Run, of: str, steps: Sequence[int]) -> Network | None:
    """A run's network at these steps; None where nobody is tied to anybody."""
    graphs = {step: run.graph(step) for step in steps}
    largest = graphs[steps[-1]]
    if not largest.number_of_edges() and not any(g.number_of_edges() for g in graphs.values()):
        return None
    chosen = _chosen(graphs[steps[-1]] if largest.number_of_edges() else max(graphs.values(), key=len))
    places = _places(largest.subgraph(chosen), chosen)
    by, values = _colouring(run, largest, steps)
    classes, legend = _classes([value for own in values.values() for value in own.values()])
    drawings = list[Drawing]()
    left = 0
    for step, graph in graphs.items():
        held = graph.subgraph(chosen)
        ties = list(held.edges())
        left = max(left, len(ties) - _TIES)
        kept = ties if len(ties) <= _TIES else [ties[i * len(ties) // _TIES] for i in range(_TIES)]
        colours = {agent: classes(value) for agent, value in values[step].items()}
        svg = _drawn(held, kept, places, colours, f"{of}, network after step {step}")
        drawings.append(Drawing(step, svg, len(graph), graph.number_of_edges()))
    missing = []
    if len(largest) > len(chosen):
        missing.append(f"the {len(chosen)} people with most ties of {len(largest)}")
    if left > 0:
        missing.append(f"every so many ties, {_TIES} at most")
    return Network(of, drawings, by, legend, f"Drawn are {' and '.join(missing)}." if missing else "")


def _chosen(graph: Any) -> list[int]:
    ranked = sorted(graph.nodes, key=lambda agent: (-graph.degree(agent), agent))
    return sorted(ranked[:_PEOPLE])


def _places(graph: Any, chosen: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Where everybody stands: tied people close together, lone ones on a ring around them. The same every time."""
    import networkx as nx

    tied = [agent for agent in chosen if agent in graph and graph.degree(agent)]
    plain = nx.Graph()
    plain.add_nodes_from(tied)
    plain.add_edges_from((a, b) for a, b in graph.edges() if a != b)
    laid = nx.spring_layout(plain, seed=1, iterations=60, k=1.6 / max(len(tied), 1) ** 0.5) if tied else {}
    places = {agent: (float(x), float(y)) for agent, (x, y) in _filling(laid).items()}
    alone = [agent for agent in chosen if agent not in places]
    for number, agent in enumerate(alone):
        angle = 2 * pi * number / len(alone)
        places[agent] = (cos(angle), sin(angle))
    half = _SIDE / 2
    return {agent: (half + x * (half - 14), half + y * (half - 14)) for agent, (x, y) in places.items()}


def _filling(laid: Mapping[int, Any]) -> dict[int, tuple[float, float]]:
    """Places stretched to fill the paper each way, with room for a ring around them."""
    sides = []
    for axis in (0, 1):
        values = [place[axis] for place in laid.values()]
        low, high = min(values, default=0.0), max(values, default=0.0)
        sides.append(((low + high) / 2, (high - low) / 2 or 1.0))
    (x, wide), (y, high) = sides
    return {agent: (0.93 * (place[0] - x) / wide, 0.93 * (place[1] - y) / high) for agent, place in laid.items()}


def _colouring(run: Run, graph: Any, steps: Sequence[int]) -> tuple[str, dict[int, dict[int, Any]]]:
    """What colours stand for, and everybody's value of it at each step: opinions, else a trait with few values."""
    opinions = run.opinions
    if len(opinions):
        by_step = {
            step: dict(zip(own["agent"], own["opinion"], strict=True))
            for step, own in opinions[opinions["step"].isin(steps)].groupby("step")
        }
        return "opinion", {step: by_step.get(step, {}) for step in steps}
    traits = Counter[str]()
    values: dict[str, set[str]] = {}
    for _, own in graph.nodes(data=True):
        for name, value in own.items():
            if name not in ("label", "born_step") and isinstance(value, str | bool):
                traits[name] += 1
                values.setdefault(name, set()).add(str(value))
    fit = [n for n in traits if 2 <= len(values[n]) <= COLOURS and traits[n] > len(graph) / 2]
    name = "party" if "party" in fit else next(iter(fit), "")
    if not name:
        return "", {step: {} for step in steps}
    own = {agent: str(data[name]) for agent, data in graph.nodes(data=True) if name in data}
    return name, dict.fromkeys(steps, own)


def _classes(values: Sequence[Any]) -> tuple[Any, list[tuple[int, str]]]:
    """A function from a value to the number of its colour, and the legend."""
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool) and v == v]
    if numbers and len(numbers) == len([v for v in values if v is not None and v == v]):
        low, high = min(numbers), max(numbers)
        width = (high - low) / 5 or 1.0
        told = [(100 + k, f"{low + k * width:.3g} to {low + (k + 1) * width:.3g}") for k in range(5)]
        return (lambda v: 100 + min(4, int((v - low) / width)) if v is not None and v == v else None), told
    known = [value for value, _ in Counter(str(v) for v in values if v is not None).most_common()]
    known = [*sorted(known[: COLOURS - 1]), *known[COLOURS - 1 :]]
    place = {value: min(number, COLOURS - 1) for number, value in enumerate(known)}
    legend = [(place[value], value) for value in known[: COLOURS - 1]]
    if len(known) >= COLOURS:
        legend.append((COLOURS - 1, known[COLOURS - 1] if len(known) == COLOURS else "others"))
    return (lambda v: None if v is None else place.get(str(v))), legend


def _drawn(
    graph: Any,
    ties: Sequence[tuple[int, int]],
    places: Mapping[int, tuple[float, float]],
    colours: Mapping[int, int | None],
    title: str,
) -> Markup:
    path = "".join(
        f"M{places[a][0]:.0f} {places[a][1]:.0f}L{places[b][0]:.0f} {places[b][1]:.0f}" for a, b in ties if a != b
    )
    degree = graph.in_degree if graph.is_directed() else graph.degree
    widest = max((d for _, d in degree()), default=0) or 1
    faint = "faint" if len(ties) > 600 else ""
    parts = [Markup('<path class="ties {}" d="{}"/>').format(faint, path)]
    size = 7.0 if len(graph) < 60 else 5.0 if len(graph) < 200 else 3.4
    for agent in graph.nodes:
        colour = colours.get(agent)
        look = "none" if colour is None else f"h{colour - 100}" if colour >= 100 else f"c{colour}"
        x, y = places[agent]
        radius = size * (0.6 + 0.9 * (degree(agent) / widest) ** 0.5)
        parts.append(Markup('<circle class="node {}" cx="{:.0f}" cy="{:.0f}" r="{:.1f}"/>').format(look, x, y, radius))
    told = f"{len(graph)} people, {graph.number_of_edges()} ties among them."
    return picture(_SIDE, _SIDE, title, told, parts)
