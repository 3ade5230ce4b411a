"""Whether simulated respondents answer as the people they stand for (methods.md 6B to 6D).

Distributions are shares of options in their order; columns are answers by respondent. Fidelity is a matter of
distributions and of relations between answers, not of single people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, exp, fsum, log, pi, sqrt
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

Shares = Sequence[float]
"""Of options in their order; they need not sum to 1."""


def normalised(shares: Shares) -> list[float]:
    """The same summing to 1. Raises ValueError for a negative share, or none that is positive."""
    total = fsum(shares)
    if min(shares, default=-1) < 0 or not total > 0:
        raise ValueError(f"{list(shares)} are no shares")
    return [share / total for share in shares]


# -- representativeness (Santurkar et al. 2023, ICML, arXiv 2303.17548) -----------------------------------------------


def wasserstein(first: Shares, second: Shares, positions: Sequence[float] | None = None) -> float:
    """1-Wasserstein distance of two distributions over the same ordered options; unit steps without `positions`."""
    if len(first) != len(second):
        raise ValueError(f"{len(first)} shares cannot be held against {len(second)}")
    p, q = normalised(first), normalised(second)
    at = list(positions) if positions is not None else [float(i) for i in range(len(p))]
    moved, carried = 0.0, 0.0
    for i in range(len(p) - 1):
        carried += p[i] - q[i]
        moved += abs(carried) * (at[i + 1] - at[i])
    return moved


def alignment(first: Shares, second: Shares, positions: Sequence[float] | None = None) -> float:
    """1 - WD / (largest WD there can be): 1 for equal distributions, 0 for all mass on opposite ends.

    Raises ValueError for fewer than two options.
    """
    if len(first) < 2:
        raise ValueError("one option has no ends")
    at = positions if positions is not None else (0, len(first) - 1)
    return 1 - wasserstein(first, second, positions) / (at[-1] - at[0])


def representativeness(model: Sequence[Shares], human: Sequence[Shares]) -> float:
    """Mean alignment over questions, in the same order in both."""
    values = [alignment(m, h) for m, h in zip(model, human, strict=True)]
    return fsum(values) / len(values)


def steerability(styles: Sequence[Sequence[Shares]], human: Sequence[Shares]) -> float:
    """Mean over questions of the best alignment that any prompting style reaches; styles x questions."""
    best = [max(alignment(style[q], truth) for style in styles) for q, truth in enumerate(human)]
    return fsum(best) / len(best)


def consistency(by_topic: Mapping[str, Mapping[str, float]]) -> float:
    """Share of topics whose best-matching group is the best-matching group over all topics.

    by_topic: for each topic the representativeness of every group; the first of equal groups in sorted order counts.
    """
    groups = sorted(next(iter(by_topic.values())))
    overall = max(groups, key=lambda g: fsum(row[g] for row in by_topic.values()))
    same = sum(max(groups, key=row.__getitem__) == overall for row in by_topic.values())
    return same / len(by_topic)


def from_logprobs(listed: Mapping[str, float], options: Sequence[str]) -> list[float]:
    """Shares of options from log-probabilities of their letters, as in OpinionsQA.

    Options that the list lacks get the smaller of the smallest listed probability and what is left, divided by their
    number. Raises ValueError when no option is listed.
    """
    known = {option: exp(listed[option]) for option in options if option in listed}
    if not known:
        raise ValueError("no option is among the listed tokens")
    missing = [option for option in options if option not in known]
    rest = max(0.0, 1 - fsum(exp(value) for value in listed.values()))
    each = min(min(known.values()), rest / len(missing)) if missing else 0.0
    return normalised([known.get(option, each) for option in options])


# -- too little variance (Bisbee et al. 2024; Wang, Morgenstern, Dickerson 2025) --------------------------------------


def variance_ratio(model: Sequence[float], human: Sequence[float], groups: Sequence[Any] | None = None) -> float | None:
    """Variance of simulated over that of human answers, both within groups; None where humans do not vary.

    groups: of each respondent, the same people in both; all one group when not given. Below 1: too little variance.
    """
    labels = list(groups) if groups is not None else [0] * len(human)
    below = _within(human, labels)
    return _within(model, labels) / below if below > 0 else None


def entropy_ratio(model: Shares, human: Shares) -> float | None:
    """Entropy of simulated over that of human answers; None where humans all say the same."""
    below = _entropy(human)
    return _entropy(model) / below if below > 0 else None


def modal_share(shares: Shares) -> float:
    """Share of the most frequent answer."""
    return max(normalised(shares))


def effect_ratio(
    model: Sequence[float], human: Sequence[float], groups: Sequence[Any], first: Any, second: Any
) -> float | None:
    """Cohen's d between two groups among simulated over that among human respondents; above 1 is stereotyping.

    None where a d is not defined or humans show no difference.
    """
    above, below = (_d(values, groups, first, second) for values in (model, human))
    return None if above is None or not below else above / below


# -- agreement and relations (Argyle et al. 2023, Political Analysis 31(3)) -------------------------------------------


def agreement(model: Sequence[Any], human: Sequence[Any]) -> float | None:
    """Share of respondents who answer as those they stand for; pairs with a missing answer are left out."""
    pairs = [(m, h) for m, h in zip(model, human, strict=True) if m is not None and h is not None]
    return sum(m == h for m, h in pairs) / len(pairs) if pairs else None


def tetrachoric(table: Sequence[Sequence[float]], how: Literal["exact", "cosine"] = "exact") -> float | None:
    """Correlation of two normal variables of which a 2 x 2 table shows the signs; None for an empty row or column.

    how: `exact` finds the correlation whose bivariate normal has the table's first cell, given its margins (Pearson
    1900); `cosine` is cos(pi / (1 + sqrt(ad / bc))). An empty cell is filled with half a case.
    """
    (a, b), (c, d) = ((float(x) for x in row) for row in table)
    if min(a + b, c + d, a + c, b + d) <= 0:
        return None
    if min(a, b, c, d) == 0:
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    if how == "cosine":
        return cos(pi / (1 + sqrt(a * d / (b * c))))
    from scipy.optimize import brentq
    from scipy.stats import multivariate_normal, norm

    n = a + b + c + d
    limits = [norm.ppf((a + b) / n), norm.ppf((a + c) / n)]

    def off(rho: float) -> float:
        found = multivariate_normal.cdf(limits, mean=[0, 0], cov=[[1, rho], [rho, 1]])
        return float(found) - a / n

    return float(brentq(off, -0.999999, 0.999999, xtol=1e-9))


def cramers_v(first: Sequence[Any], second: Sequence[Any]) -> float | None:
    """Cramer's V of two columns, 0..1; None where one of them does not vary. Rows with a gap are left out."""
    from scipy.stats.contingency import association, crosstab

    pairs = [(str(a), str(b)) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not pairs:
        return None
    table = crosstab(*zip(*pairs, strict=True)).count
    return float(association(table, method="cramer")) if min(table.shape) > 1 else None


def association_difference(model: pd.DataFrame, human: pd.DataFrame) -> pd.DataFrame:
    """Cramer's V for every pair of columns among simulated and human respondents, and the difference.

    Columns: first, second, model, human, difference. Pairs without a V in either are left out.
    """
    from itertools import combinations

    import pandas as pd

    rows = []
    for first, second in combinations(model.columns, 2):
        ours, theirs = (cramers_v(_known(frame[first]), _known(frame[second])) for frame in (model, human))
        if ours is not None and theirs is not None:
            rows.append((first, second, ours, theirs, ours - theirs))
    return pd.DataFrame(rows, columns=["first", "second", "model", "human", "difference"])


def _known(column: pd.Series[Any]) -> list[Any]:
    return [value if value == value else None for value in column.tolist()]


def _within(values: Sequence[float], groups: Sequence[Any]) -> float:
    """Variance within groups: squares about each group's own mean, by n."""
    by_group: dict[Any, list[float]] = {}
    for value, group in zip(values, groups, strict=True):
        by_group.setdefault(group, []).append(float(value))
    squares = 0.0
    for kept in by_group.values():
        mean = fsum(kept) / len(kept)
        squares += fsum((value - mean) ** 2 for value in kept)
    return squares / len(values)


def _entropy(shares: Shares) -> float:
    return -fsum(p * log(p) for p in normalised(shares) if p > 0)


def _d(values: Sequence[float], groups: Sequence[Any], first: Any, second: Any) -> float | None:
    a = [float(v) for v, g in zip(values, groups, strict=True) if g == first]
    b = [float(v) for v, g in zip(values, groups, strict=True) if g == second]
    if len(a) < 2 or len(b) < 2:
        return None
    sd = sqrt(_within([*a, *b], [0] * len(a) + [1] * len(b)) * (len(a) + len(b)) / (len(a) + len(b) - 2))
    return (fsum(a) / len(a) - fsum(b) / len(b)) / sd if sd > 0 else None
