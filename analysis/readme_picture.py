"""The picture in the README: opinions of fifty agents with three adoption curves, and a network with and without names.

Left: magnetisation per sweep, with adoption curves measured for language models (De Marzo, Castellano, Garcia 2024,
arXiv 2409.02822) and the |m| published for the models themselves. Right: newcomers who follow names they like (De
Marzo, Pietronero, Garcia 2023, arXiv 2312.06619), with names fixed and redrawn for every choice. No model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx
import numpy as np

from simsoc.measures.inequality import top_share

from . import common
from .common import BLUE, GREEN, ORANGE, RED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

CURVES = {
    "gpt-4-turbo": ("GPT-4 Turbo", 1.00, BLUE),
    "llama-3-70b": ("Llama 3 70B", 0.85, GREEN),
    "gpt-3.5-turbo": ("GPT-3.5 Turbo", 0.09, ORANGE),
}
"""Title, published mean |m| of fifty agents after ten sweeps, colour."""
LIGHT, DARK = "#B9BEC5", "#5B6570"
LIKING = 3
"""Strength b of the liking for names."""


class Courses(NamedTuple):
    """Magnetisation over time with one adoption curve."""

    by_run: list[list[float]]
    """From step 0, one list for each run."""
    who: str


class Grown(NamedTuple):
    """A network of newcomers."""

    graph: Any
    top: float
    """Share of links of the most followed."""
    who: str


def courses(curve: str, runs: int) -> Courses:
    """Magnetisation at the end of each step, read from the logs of runs that go on after they agree."""
    loaded = common.scenario("opinion_majority_force", **{"world.rule.curve": curve, "world.stop": "never"})
    seen, who = [], ""
    for seed in range(runs):
        with common.logged(loaded, seed) as run:
            seen.append(list(run.measures["magnetisation"]))
            who = common.mind(run)
    return Courses(seen, who)


def grown(names: str, people: int) -> Grown:
    """The network at the end of the shipped scenario, with its own seed, read from the log."""
    loaded = common.scenario(
        "growth_token_prior", **{"world.names": names, "world.rule.b": LIKING, "population.n": people}
    )
    with common.logged(loaded, loaded.seed) as run:
        graph = run.graph()
        return Grown(graph, top_share([k for _, k in graph.in_degree()]) or 0.0, common.mind(run))


# -- where nodes stand ------------------------------------------------------------------------------------------------


def fan(tree: Any, root: int) -> dict[int, tuple[float, float]]:
    """A tree around its root: depth is the radius, and each branch has an angle as wide as its number of leaves."""
    order = list(nx.topological_sort(tree))
    leaves: dict[int, int] = {}
    for node in reversed(order):
        leaves[node] = sum(leaves[child] for child in tree.successors(node)) or 1
    depth, start, place = {root: 0}, {root: 0.0}, {}
    for node in order:
        angle = 2 * pi * (start[node] + leaves[node] / 2) / leaves[root]
        place[node] = (depth[node] * cos(angle), depth[node] * sin(angle))
        at = start[node]
        for child in sorted(tree.successors(node), key=lambda c: (-leaves[c], c)):
            depth[child], start[child] = depth[node] + 1, at
            at += leaves[child]
    return place


def layout(graph: Any) -> dict[int, Any]:
    """ForceAtlas2 (Jacomy et al. 2014), begun as a fan around the most followed node; in the unit circle."""
    root = max(graph, key=lambda node: (graph.in_degree(node), -node))
    ties = graph.to_undirected()
    start = {node: np.array(place) for node, place in fan(nx.bfs_tree(ties, root), root).items()}
    placed = nx.forceatlas2_layout(
        ties, pos=start, max_iter=400, strong_gravity=True, gravity=0.05, scaling_ratio=3.0, seed=1
    )
    at = np.array([placed[node] for node in graph])
    at -= (at.max(axis=0) + at.min(axis=0)) / 2
    return dict(zip(graph, at / np.hypot(*at.T).max(), strict=True))


# -- drawing ----------------------------------------------------------------------------------------------------------


def draw_opinions(part: SubFigure, seen: dict[str, Courses]) -> None:
    """One small panel for each curve, a line for each run."""
    runs = len(next(iter(seen.values())).by_run)
    part.suptitle(f"Do fifty agents agree on a label?  {runs} runs per curve", fontsize=10.5)
    axes = part.subplots(1, len(seen), sharey=True)
    for axis, (curve, found) in zip(axes, seen.items(), strict=True):
        title, published, colour = CURVES[curve]
        axis.axhline(0, color=LIGHT, lw=0.8, zorder=0)
        for course in found.by_run:
            axis.plot(course, color=colour, lw=1.0, alpha=0.6, clip_on=False)
        under_title(axis, title, f"mean |m| {final(found):.2f}\npublished {published:.2f}")
        axis.set(xlim=(0, 10), ylim=(-1.03, 1.03), xticks=[0, 5, 10], yticks=[-1, -0.5, 0, 0.5, 1], xlabel="sweeps")
    axes[0].set_ylabel("mean opinion m")


def draw_network(axis: Axes, found: Grown, title: str) -> None:
    """Nodes as large as their followers are many; the most followed stands out."""
    from matplotlib.collections import LineCollection

    at = layout(found.graph)
    held = dict(found.graph.in_degree())
    hub = max(held, key=lambda node: (held[node], -node))
    axis.add_collection(LineCollection([(at[a], at[b]) for a, b in found.graph.edges()], colors=LIGHT, linewidths=0.5))
    for nodes, colour in (([n for n in held if n != hub], BLUE), ([hub], RED)):
        axis.scatter(
            [at[n][0] for n in nodes], [at[n][1] for n in nodes], s=[2.4 + 1.3 * held[n] for n in nodes],
            color=colour, edgecolors="white", linewidths=0.25, zorder=2,
        )  # fmt: skip
    under_title(axis, title, f"most followed:\n{100 * found.top:.1f}% of all links", RED)
    axis.set(xlim=(-1.02, 1.02), ylim=(-1.02, 1.02), aspect="equal", anchor="N")
    axis.axis("off")


def under_title(axis: Axes, title: str, told: str, colour: str = DARK) -> None:
    """A bold title with two smaller lines below it."""
    axis.set_title(told, fontsize=8.5, color=colour)
    axis.annotate(
        title, (0.5, 1), (0, 32), xycoords="axes fraction", textcoords="offset points", ha="center", fontsize=10,
        fontweight="bold",
    )  # fmt: skip


def final(found: Courses) -> float:
    """Mean |m| after ten sweeps; published runs ended when all agreed, these go on."""
    return fmean(abs(course[10]) for course in found.by_run)


def main(given: Sequence[str] | None = None) -> None:
    """Make the picture."""
    parser = common.arguments(__doc__, runs=20, out="docs")
    parser.add_argument("--people", type=int, default=1000, help="people in the networks (default: %(default)s)")
    options = parser.parse_args(given)
    seen = {curve: courses(curve, options.runs) for curve in common.progress(list(CURVES), "opinions")}
    networks = {names: grown(names, options.people) for names in common.progress(["fixed", "redrawn"], "networks")}
    for curve, found in seen.items():
        print(f"{curve}: mean |m| {final(found):.2f}, answered by {found.who}")
    for names, network in networks.items():
        print(f"names {names}: top share {network.top:.3f}, answered by {network.who}")
    draw(seen, networks, options.people, options.out / "picture.png")


def draw(seen: dict[str, Courses], networks: dict[str, Grown], people: int, path: Path) -> None:
    """Both panels side by side, and below them who answered."""
    who = sorted({found.who for found in seen.values()} | {found.who for found in networks.values()})
    with common.figure(path, 9.34, 4.0) as figure:
        left, right = figure.subfigures(1, 2, width_ratios=[1, 1.2], wspace=0.03, squeeze=False)[0]
        draw_opinions(left, seen)
        right.suptitle(f"Does a liking for names make a hub?  {people} newcomers", fontsize=10.5)
        for axis, (names, title) in zip(
            right.subplots(1, 2), (("fixed", "Names kept"), ("redrawn", "Names redrawn")), strict=True
        ):
            draw_network(axis, networks[names], title)
        figure.supxlabel(f"answered without a model: {', '.join(who)}", fontsize=7.5, color=DARK)


if __name__ == "__main__":
    main()
