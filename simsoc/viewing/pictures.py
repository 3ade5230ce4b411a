"""What can be seen of a society at a moment: who is tied to whom and what everybody holds, and measures over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simsoc.core.stream import Stream

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simsoc.society import Society

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
"""Colours of Okabe and Ito 2008, which colour-blind readers tell apart."""
REST = "#8A8A8A"
MOST = 2000
"""People above which ties are not drawn and places are drawn by chance: a layout takes too long then."""
Places = dict[int, tuple[float, float]]


def held(society: Society, agent: int, trait: str | None = None) -> Any:
    """What somebody is coloured by: a trait, or what the first world with opinions says it holds; None for nothing.

    A number on a scale comes as (share of the scale, number).
    """
    if trait is not None:
        return society.people[agent].traits.get(trait)
    for world in society.worlds:
        holding = getattr(world, "holding", None)
        if holding is not None:
            value = next(iter(holding(agent).values()), None)
            if isinstance(value, Mapping):
                return (value["value"] - value["from"]) / (value["to"] - value["from"]), value["value"]
            return value
    return None


def places(society: Society, before: Places | None = None) -> Places:
    """Where people are drawn. before: where they were, so that only those who are new find a place."""
    import networkx as nx

    graph, known = society.graph, before or {}
    if len(known) >= len(graph) and all(agent in known for agent in graph):
        return known
    if len(graph) > MOST:
        return {agent: known.get(agent) or _by_chance(society.seed, agent) for agent in graph}
    kept = {agent: known[agent] for agent in graph if agent in known}
    start = {agent: kept.get(agent) or _by_chance(society.seed, agent) for agent in graph}
    rounds = 60 if not kept else 15
    found = nx.spring_layout(nx.Graph(graph), pos=start, fixed=list(kept) or None, iterations=rounds, seed=1)
    return {int(agent): (float(x), float(y)) for agent, (x, y) in found.items()}


def _by_chance(seed: int, agent: int) -> tuple[float, float]:
    stream = Stream(seed, "picture", agent)
    return 2 * stream.random() - 1, 2 * stream.random() - 1


def network(society: Society, where: Places, trait: str | None = None) -> Figure:
    """Everybody as a dot, coloured by what is held and larger with more who see it; a legend says what colours mean."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    axes = figure.add_subplot()
    axes.set_axis_off()
    agents = [agent for agent in where if agent in society.graph]
    if len(agents) <= MOST:
        _ties(axes, society, where)
    values = [held(society, agent, trait) for agent in agents]
    xs, ys = [where[a][0] for a in agents], [where[a][1] for a in agents]
    common: dict[str, Any] = {"s": _sizes(society, agents), "linewidths": 0.4, "edgecolors": "white", "zorder": 2}
    numbers = [v[0] if isinstance(v, tuple) else v for v in values]
    if values and all(isinstance(v, tuple | int | float) and not isinstance(v, bool) for v in values):
        dots = axes.scatter(xs, ys, c=numbers, cmap="cividis", **common)
        figure.colorbar(dots, ax=axes, shrink=0.6, label="share of the scale" if isinstance(values[0], tuple) else "")
    else:
        colours = coloured(values)
        axes.scatter(xs, ys, c=[colours[str(v)] for v in values], **common)
        _legend(axes, colours, values)
    axes.set_title(f"step {society.engine.clock}: {len(agents)} people, {society.graph.number_of_edges()} ties", size=9)
    return figure


def coloured(values: Sequence[Any]) -> dict[str, str]:
    """A colour for each value, in the order of their names; grey for no value, and when the colours are used up."""
    told = sorted({str(v) for v in values if v is not None})
    return {"None": REST} | {v: PALETTE[i] if i < len(PALETTE) else REST for i, v in enumerate(told)}


def _legend(axes: Axes, colours: Mapping[str, str], values: Sequence[Any]) -> None:
    from matplotlib.lines import Line2D

    there = {str(v) for v in values if v is not None}
    shown = [v for v in colours if v in there][: len(PALETTE)]
    marks = [Line2D([], [], marker="o", ls="", color=colours[v], label=v[:30]) for v in shown]
    if marks:
        axes.legend(
            handles=marks, loc="upper left", bbox_to_anchor=(0, 0), ncols=min(4, len(marks)), frameon=False, fontsize=8
        )


def _ties(axes: Axes, society: Society, where: Places) -> None:
    from matplotlib.collections import LineCollection

    lines = [(where[a], where[b]) for a, b in society.graph.edges if a in where and b in where]
    thin = 0.6 if len(lines) < 5000 else 0.15
    axes.add_collection(LineCollection(lines, colors="#BBBBBB", linewidths=thin, alpha=0.6, zorder=1))


def _sizes(society: Society, agents: Sequence[int]) -> list[float]:
    base = 60 if len(agents) <= 100 else 26 if len(agents) <= 600 else 9
    seen = [len(society.ties.followers(agent)) for agent in agents]
    mean = sum(seen) / len(seen) if seen else 0
    return [base * (0.4 + 0.6 * (n / mean if mean else 1)) for n in seen]


def over_time(society: Society, names: Sequence[str]) -> Figure:
    """One panel a measure, from the start to now."""
    from matplotlib.figure import Figure

    frame = society.datacollector.get_model_vars_dataframe()
    figure = Figure(figsize=(5.2, 1.5 * len(names) + 0.3), layout="constrained")
    for number, name in enumerate(names):
        axes = figure.add_subplot(len(names), 1, number + 1)
        series = frame[name].astype(float)
        axes.plot(
            range(1, len(series) + 1),
            series,
            color=PALETTE[number % len(PALETTE)],
            lw=1.4,
            marker="." if len(series) < 30 else "",
        )
        axes.set_title(name, size=9, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        axes.set_xlim(0.5, max(society.length, 2) + 0.5)
        if number == len(names) - 1:
            axes.set_xlabel("step", size=8)
    return figure
