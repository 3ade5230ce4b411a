"""Answers of simulated respondents beside those of the people they stand for, question by question (methods.md 6C, 6D).

Respondents are the unit: they are drawn with replacement for every interval, each with both answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from simsoc.core.stream import Stream

from . import fidelity

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("question", "measure", "value", "low", "high", "n")
Pairs = list[tuple[Any, Any, Any]]
"""(simulated answer, human answer, group) of each respondent."""


def beside(
    model: pd.DataFrame,
    human: pd.DataFrame,
    *,
    groups: Sequence[Any] | None = None,
    between: tuple[Any, Any] | None = None,
    draws: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """One row for each measure of each question, with a 95% percentile bootstrap interval over respondents.

    model, human: a column for each question, a row for each respondent, in the same order. groups: of each respondent;
    variances are within them. between: two groups whose difference is looked at.

    Numbers: `mean difference` (simulated less human), `variance ratio`, and with `between` the `effect ratio`. Other
    answers: `agreement`, `entropy ratio`, `modal share` and `modal share, human`, `total variation` of the two
    distributions, and for two answers `tetrachoric`. A respondent who lacks an answer to a question is left out there;
    n says how many are left. Sources: Argyle et al. 2023; Bisbee et al. 2024, Political Analysis. Raises ValueError for
    frames that do not fit together.
    """
    import pandas as pd

    if len(model) != len(human) or list(model.columns) != list(human.columns):
        raise ValueError("both frames need the same questions and the same respondents, in the same order")
    labels = list(groups) if groups is not None else [0] * len(human)
    rows: list[tuple[Any, ...]] = []
    for question in model.columns:
        pairs = [
            (m, h, g)
            for m, h, g in zip(model[question].tolist(), human[question].tolist(), labels, strict=True)
            if _there(m) and _there(h)
        ]
        if not pairs:
            continue
        for name, take in _measures(pairs, between):
            value = take(pairs)
            low, high = _interval(pairs, take, draws, Stream(seed, "respondents", str(question), name))
            rows.append((question, name, value, low, high, len(pairs)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _measures(pairs: Pairs, between: tuple[Any, Any] | None) -> Iterator[tuple[str, Callable[[Pairs], float | None]]]:
    if all(_is_number(m) and _is_number(h) for m, h, _ in pairs):
        yield "mean difference", lambda some: sum(m - h for m, h, _ in some) / len(some)
        yield "variance ratio", lambda some: fidelity.variance_ratio(*_columns(some))
        if between is not None:
            yield "effect ratio", lambda some: fidelity.effect_ratio(*_columns(some), *between)
        return
    options = sorted({str(a) for m, h, _ in pairs for a in (m, h)})
    yield "agreement", lambda some: fidelity.agreement(*_columns(some)[:2])
    yield "entropy ratio", lambda some: fidelity.entropy_ratio(*_shares(some, options))
    yield "modal share", lambda some: fidelity.modal_share(_shares(some, options)[0])
    yield "modal share, human", lambda some: fidelity.modal_share(_shares(some, options)[1])
    yield "total variation", lambda some: _variation(*_shares(some, options))
    if len(options) == 2:
        yield "tetrachoric", lambda some: fidelity.tetrachoric(_table(some, options))


def _columns(pairs: Pairs) -> tuple[list[Any], list[Any], list[Any]]:
    m, h, g = zip(*pairs, strict=True)
    return list(m), list(h), list(g)


def _shares(pairs: Pairs, options: Sequence[str]) -> tuple[list[float], list[float]]:
    model, human, _ = _columns(pairs)
    said, meant = ([str(answer) for answer in answers] for answers in (model, human))
    return [said.count(o) / len(said) for o in options], [meant.count(o) / len(meant) for o in options]


def _variation(first: Sequence[float], second: Sequence[float]) -> float:
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) / 2


def _table(pairs: Pairs, options: Sequence[str]) -> list[list[float]]:
    table = [[0.0, 0.0], [0.0, 0.0]]
    for m, h, _ in pairs:
        table[options.index(str(m))][options.index(str(h))] += 1
    return table


def _interval(
    pairs: Pairs, take: Callable[[Pairs], float | None], draws: int, stream: Stream
) -> tuple[float | None, float | None]:
    import numpy as np

    picks = stream.generator().integers(0, len(pairs), (draws, len(pairs))).tolist()
    found = [value for pick in picks if (value := take([pairs[i] for i in pick])) is not None]
    if len(found) < max(2, draws // 2):
        return None, None
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _there(value: Any) -> bool:
    return value is not None and value == value
