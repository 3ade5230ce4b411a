"""Does a number depend on a name? Gaps between two groups of names, with the name as the unit (methods.md 6E).

Answers about one name hang together, so labels of groups are permuted over names, never over answers: with few names
and many answers each, a permutation over answers finds gaps where there are none but those between single names.
Sources: Fisher 1935 (permutation); Efron 1979 (bootstrap); Salinas, Haim, Nyarko 2024, arXiv 2402.14875 (design).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from simsoc.core.stream import Stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

PERMUTATIONS = 10_000
"""Labellings drawn, the observed one included."""
DRAWS = 2_000
"""Bootstrap samples."""


class Asked(NamedTuple):
    """One answer."""

    name: str
    group: str
    template: str
    value: float


class Gap(NamedTuple):
    """What the names of one group get more than those of the group they are held against."""

    gap: float
    """Mean over names of the one group less that of the other; every template weighs the same for each name."""
    relative: float | None
    """The gap by the mean of the group it is held against; None where that is 0."""
    d: float | None
    """The gap by the pooled standard deviation of single answers within groups (Cohen 1988); None without spread."""
    low: float
    """A 95% percentile bootstrap over names (within groups) and templates."""
    high: float
    p: float
    """Two-sided, labels permuted over names."""
    smallest: float
    """The smallest p there can be with so many permutations."""
    between: float | None
    """Standard deviation between names within a group: beside a larger one, a gap is about names, not groups."""
    names: tuple[int, int]
    """Names in either group."""
    answers: int


def gap(
    asked: Sequence[Asked], group: str, base: str, *, seed: int = 0, over: Literal["names", "answers"] = "names"
) -> Gap | None:
    """The gap between two groups; None where one of them has fewer than two names.

    over: what labels are permuted over. `answers` is wrong for answers that hang together by name, and is here to show
    so. seed: address of the draws.
    """
    import numpy as np

    kept = [one for one in asked if one.group in (group, base)]
    table, groups = _by_name(kept)
    ours = np.array([groups[name] == group for name in table])
    n1, n0 = int(ours.sum()), int((~ours).sum())
    if min(n1, n0) < 2:
        return None
    cells = np.array(list(table.values()))
    means = np.nanmean(cells, axis=1)
    low, high = _bootstrap(cells, ours, Stream(seed, "swap", "bootstrap").generator())
    found = float(means[ours].mean() - means[~ours].mean())
    answers = {side: [one.value for one in kept if one.group == side] for side in (group, base)}
    if over == "names":
        p = _permuted(means, ours, Stream(seed, "swap", "names").generator())
    else:
        values = np.array([one.value for one in kept])
        labels = np.array([one.group == group for one in kept])
        p = _permuted(values, labels, Stream(seed, "swap", "answers").generator())
    against, sd = float(means[~ours].mean()), _pooled(answers[group], answers[base])
    return Gap(
        gap=found,
        relative=found / against if against else None,
        d=found / sd if sd else None,
        low=low,
        high=high,
        p=p,
        smallest=1 / PERMUTATIONS,
        between=_pooled(means[ours].tolist(), means[~ours].tolist()),
        names=(n1, n0),
        answers=len(kept),
    )


def mean_of(asked: Sequence[Asked], group: str) -> float | None:
    """Mean over a group's names, and for each over templates, of what was answered; None for a group without any."""
    table, _ = _by_name([one for one in asked if one.group == group])
    means = [fsum(known) / len(known) for cells in table.values() if (known := [x for x in cells if x == x])]
    return fsum(means) / len(means) if means else None


def _by_name(asked: Sequence[Asked]) -> tuple[dict[str, list[float]], dict[str, str]]:
    """For each name the mean of its answers to each template (NaN for none), and its group. Names in sorted order.

    Raises ValueError for a name in two groups.
    """
    groups: dict[str, str] = {}
    sums: dict[tuple[str, str], list[float]] = {}
    for one in asked:
        if groups.setdefault(one.name, one.group) != one.group:
            raise ValueError(f"the name {one.name!r} is in two groups: {groups[one.name]} and {one.group}")
        sums.setdefault((one.name, one.template), []).append(one.value)
    templates = sorted({template for _, template in sums})
    table = {
        name: [fsum(v) / len(v) if (v := sums.get((name, template))) else float("nan") for template in templates]
        for name in sorted(groups)
    }
    return table, groups


def _permuted(values: NDArray[Any], ours: NDArray[Any], generator: Any) -> float:
    """The share of labellings whose difference of means is at least as far from zero, the observed one included."""
    import numpy as np

    n, n1 = len(values), int(ours.sum())
    centred = values - values.mean()
    observed = abs(float(centred[ours].sum()))
    hits, left = 1, PERMUTATIONS - 1
    while left:
        rows = min(left, max(1, 2_000_000 // n))
        order = np.argsort(generator.random((rows, n)), axis=1)[:, :n1]
        sums = np.abs(centred[order].sum(axis=1))
        hits += int((sums >= observed - 1e-9 * (1 + observed)).sum())
        left -= rows
    return hits / PERMUTATIONS


def _bootstrap(cells: NDArray[Any], ours: NDArray[Any], generator: Any) -> tuple[float, float]:
    """Names drawn within their group, and templates, both with replacement: as counts, so that it is two products."""
    import numpy as np

    there, columns = ~np.isnan(cells), cells.shape[1]
    values = np.where(there, cells, 0.0)
    templates = _counts(generator, columns)
    means = []
    for side in (ours, ~ours):
        names = _counts(generator, int(side.sum()))
        weight = ((names @ there[side].astype(float)) * templates).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            means.append(((names @ values[side]) * templates).sum(axis=1) / weight)
    low, high = np.nanquantile(means[0] - means[1], (0.025, 0.975))
    return float(low), float(high)


def _counts(generator: Any, n: int) -> NDArray[Any]:
    """How often each of n things is drawn, in each sample."""
    counts: NDArray[Any] = generator.multinomial(n, [1 / n] * n, DRAWS).astype(float)
    return counts


def _pooled(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pooled standard deviation within two groups; None without spread or freedom."""
    squares = 0.0
    for values in (first, second):
        mean = fsum(values) / len(values)
        squares += fsum((value - mean) ** 2 for value in values)
    freedom = len(first) + len(second) - 2
    return sqrt(squares / freedom) if freedom > 0 and squares > 0 else None
