"""How far people agree: magnetisation, consensus, local agreement, clusters, polarisation, diversity.

Opinions come as a sequence by agent id, options or numbers. A measure of nobody is None, never a made-up zero. Where
weights are given, beside numbers, everybody counts by its own (survey weights); the same for all are none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from math import fsum, log, sqrt
from typing import TYPE_CHECKING, Annotated, NamedTuple

if TYPE_CHECKING:
    import networkx as nx

Opinions = Sequence[Hashable] | Mapping[int, Hashable]
Share = Annotated[float, "0..1"]
Weights = Sequence[float] | None


class Clusters(NamedTuple):
    """Groups of people who think alike."""

    number: int
    """How many there are."""
    largest: Share
    """Share of the people in the largest."""
    major: int
    """How many hold more than the given share of the people."""


def _counts(opinions: Opinions) -> Counter[Hashable]:
    return Counter(opinions.values() if isinstance(opinions, Mapping) else opinions)


# -- options ------------------------------------------------------------------------------------------------------


def magnetisation(opinions: Opinions, up: Hashable) -> float | None:
    """Mean opinion m = (N_up - N_other) / N, in -1..1: 1 when all hold `up`, 0 when half do. None when there is nobody.

    Source: De Marzo, Castellano, Garcia 2024, arXiv 2409.02822. Its absolute value does not tell which side won.
    """
    counts = _counts(opinions)
    return 2 * counts[up] / counts.total() - 1 if counts else None


def consensus_share(opinions: Opinions) -> float | None:
    """Share of the people who hold the most common opinion, in 1/k..1 for k opinions; 1 is consensus."""
    counts = _counts(opinions)
    return max(counts.values()) / counts.total() if counts else None


def entropy(opinions: Opinions, options: int | None = None) -> float | None:
    """Shannon entropy of the shares, in nats: 0 in consensus, ln k when k options are equally common.

    options: divide by the logarithm of this many, for a value in 0..1. Raises ValueError for fewer options than held.
    """
    counts = _counts(opinions)
    if not counts:
        return None
    total = counts.total()
    nats = fsum(-n / total * log(n / total) for n in sorted(counts.values())) + 0.0
    if options is None:
        return nats
    if options < max(2, len(counts)):
        raise ValueError(f"{options} options, but {len(counts)} different opinions are held")
    return nats / log(options)


def local_agreement(graph: nx.Graph, opinions: Opinions) -> float | None:
    """Share of ties whose two ends hold the same opinion, in 0..1 (one minus the interface density of voter models).

    None when there are no ties.
    """
    edges = graph.number_of_edges()
    return sum(opinions[a] == opinions[b] for a, b in graph.edges()) / edges if edges else None


def opinion_clusters(graph: nx.Graph, opinions: Opinions, major: Share = 0.05) -> Clusters | None:
    """Connected groups of like-minded neighbours (direction of ties ignored). None when there is nobody.

    On a complete graph these are the opinions; on a ring the runs of equal neighbours.
    """
    import networkx as nx

    same = nx.Graph()
    same.add_nodes_from(graph)
    same.add_edges_from((a, b) for a, b in graph.edges() if opinions[a] == opinions[b])
    return _clusters((len(part) for part in nx.connected_components(same)), major)


def _clusters(sizes: Iterable[float], major: Share) -> Clusters | None:
    sizes = list(sizes)
    n = sum(sizes)
    if not n:
        return None
    return Clusters(len(sizes), max(sizes) / n, sum(size / n > major for size in sizes))


# -- numbers ------------------------------------------------------------------------------------------------------


def mean(opinions: Sequence[float], weights: Weights = None) -> float | None:
    """Mean opinion (bias B of Chuang et al. 2024, arXiv 2311.09618). None when there is nobody."""
    if weights is None:
        return fsum(opinions) / len(opinions) if opinions else None
    whole = fsum(weights)
    return fsum(w * x for x, w in zip(opinions, weights, strict=True)) / whole if whole > 0 else None


def variance(opinions: Sequence[float], sample: bool = False, weights: Weights = None) -> float | None:
    """Mean squared distance from the mean; times n / (n - 1) when `sample`. None for nobody (one person, if sample)."""
    n = len(opinions) - sample
    centre = mean(opinions, weights)
    if n <= 0 or centre is None:
        return None
    squares = [(x - centre) ** 2 for x in opinions]
    if weights is None:
        return fsum(squares) / n
    around = mean(squares, weights)
    return None if around is None else around * len(opinions) / n


def diversity(opinions: Sequence[float], weights: Weights = None) -> float | None:
    """Sample standard deviation D (n - 1): 1.49 for two people at each of -2..2. None for fewer than two people.

    Source: Chuang et al. 2024, arXiv 2311.09618.
    """
    spread = variance(opinions, sample=True, weights=weights)
    return None if spread is None else sqrt(spread)


def fragmentation(
    opinions: Sequence[float], width: float, major: Share = 0.05, weights: Weights = None
) -> Clusters | None:
    """Clusters of numbers: sorted, they are cut wherever two next to each other are more than `width` apart.

    None when there is nobody. Hegselmann and Krause 2002 and Deffuant et al. 2000 end in about 1/(2 eps) major ones.
    """
    if not opinions:
        return None
    heavy = [1.0] * len(opinions) if weights is None else weights
    ordered = sorted(zip(opinions, heavy, strict=True))
    cuts = [i for i in range(1, len(ordered)) if ordered[i][0] - ordered[i - 1][0] > width]
    ends = [0, *cuts, len(ordered)]
    return _clusters((fsum(w for _, w in ordered[a:b]) for a, b in pairwise(ends)), major)


def bimodality(opinions: Sequence[float], weights: Weights = None) -> float | None:
    """Sarle's bimodality coefficient: (g^2 + 1) / (k + 3 (n-1)^2 / ((n-2)(n-3))), in 0..1.

    g, k: sample skewness and excess kurtosis, bias corrected. 5/9 for a uniform spread, 1/3 for a normal one, up to 1
    for two camps; above 5/9 suggests two. None for fewer than four people, or when all agree.
    Source: Pfister et al. 2013, Frontiers in Psychology 4, 700.
    """
    n = len(opinions)
    m2, centre = (variance(opinions, weights=weights), mean(opinions, weights)) if n >= 4 else (None, None)
    if m2 is None or centre is None or m2 <= max(1e-24 * max(x * x for x in opinions), 1e-200):
        return None
    scores = [(x - centre) / sqrt(m2) for x in opinions]
    third, fourth = (mean([z**power for z in scores], weights) or 0.0 for power in (3, 4))
    skewness = third * sqrt(n * (n - 1)) / (n - 2)
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (fourth - 3) + 6)
    return float((skewness**2 + 1) / (kurtosis + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))))


def esteban_ray(opinions: Sequence[float], span: float, alpha: float = 1.0) -> float | None:
    """Esteban-Ray polarisation, scaled so that two equal camps at both ends of the scale give 1.

    P = K sum_ij s_i^(1+alpha) s_j |y_i - y_j| over the different opinions y with shares s, K = 2^(1+alpha) / span.
    span: length of the scale. alpha: weight of identification, in (0, 1.6]. 0 in consensus; None when there is nobody.
    Raises ValueError for an alpha or span outside its range. Source: Esteban and Ray 1994, Econometrica 62, 819.
    """
    if not 0 < alpha <= 1.6 or not span > 0:
        raise ValueError(f"alpha must be in (0, 1.6] and span positive (got {alpha:g} and {span:g})")
    if not opinions:
        return None
    shares = [(y, count / len(opinions)) for y, count in sorted(Counter(opinions).items())]
    total = fsum(s ** (1 + alpha) * t * abs(y - z) for y, s in shares for z, t in shares)
    return 2 ** (1 + alpha) / span * total
