"""What raters of blind pairs took for real: the share of wrong picks with its interval, beside the published one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from simsoc.core.errors import Problem, ScenarioError

from .pairs import SIDES

ANCHOR = 0.41
"""Published share of wrong picks, Park et al. 2022, arXiv 2208.04024; 0.5 is guessing."""


class ErrorRate(NamedTuple):
    """How often raters took the simulated thread for the real one."""

    rate: float
    """Wrong picks / pairs, averaged over raters."""
    low: float
    """Lower end of the 95% interval."""
    high: float
    raters: int
    picks: int
    skipped: int
    """Rows without a pick."""
    published: float = ANCHOR


class Pick(NamedTuple):
    """What one rater took for the real one."""

    pair: int
    real: str
    rater: str = ""


def error_rate(key: Mapping[int, str], picks: Iterable[Pick]) -> ErrorRate:
    """The error rate of filled-in sheets with its 95% interval.

    key: pair to the side that is real. The interval is Wilson's over all picks; with several raters it reaches as far
    as Student's over their rates, too, since picks of one rater are no independent facts. Raises ScenarioError for
    a pair that the key does not have, a pick that is neither A nor B, and sheets without any.
    """
    wrong: dict[str, list[bool]] = {}
    skipped = 0
    seen = set()
    for pick in picks:
        side = pick.real.strip().upper()
        if pick.pair not in key:
            raise ScenarioError(f"pair {pick.pair} is not in the key")
        if not side:
            skipped += 1
            continue
        if side not in SIDES:
            raise ScenarioError(f"pair {pick.pair}: a pick is A or B (got {pick.real!r})")
        if (pick.rater, pick.pair) in seen:
            raise ScenarioError(f"pair {pick.pair} is rated twice by rater {pick.rater or '(no name)'}")
        seen.add((pick.rater, pick.pair))
        wrong.setdefault(pick.rater, []).append(side != key[pick.pair])
    if not wrong:
        raise ScenarioError("nothing is filled in yet")
    rates = [sum(own) / len(own) for own in wrong.values()]
    count = sum(map(len, wrong.values()))
    rate = sum(rates) / len(rates)
    ends = [_wilson(rate, count), *([_student(rates)] if len(rates) > 1 else [])]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    return ErrorRate(rate, low, high, len(rates), count, skipped)


def _wilson(rate: float, n: int) -> tuple[float, float]:
    """Interval of a share (Wilson 1927)."""
    z = 1.959963984540054
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def _student(rates: Sequence[float]) -> tuple[float, float]:
    """Interval of a mean of several rates, held to what a rate can be."""
    from scipy.stats import t

    n, mean = len(rates), sum(rates) / len(rates)
    spread = sqrt(sum((rate - mean) ** 2 for rate in rates) / (n - 1))
    half = float(t.ppf(0.975, n - 1)) * spread / sqrt(n)
    return max(0.0, mean - half), min(1.0, mean + half)


def read_key(text: str, name: str = "key") -> dict[int, str]:
    """The key back from its file. Raises ScenarioError."""
    found = {}
    for line, row in _rows(text, name):
        if row["real"] not in SIDES:
            raise ScenarioError([Problem(f"{name}:{line}", "real", f"A or B is expected (got {row['real']!r})")])
        found[_number(row, name, line)] = row["real"]
    return found


def read_picks(text: str, name: str = "ratings") -> list[Pick]:
    """Picks from a filled-in sheet; a column `rater`, where there is one, tells raters apart, else the sheet does."""
    return [
        Pick(_number(row, name, line), row["real"] or "", (row.get("rater") or name).strip())
        for line, row in _rows(text, name)
    ]


def _rows(text: str, name: str) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    for column in ("pair", "real"):
        if column not in (reader.fieldnames or ()):
            raise ScenarioError([Problem(f"{name}:1", "", f"a column '{column}' is expected")])
    return [(reader.line_num, row) for row in reader]


def _number(row: Mapping[str, str], name: str, line: int) -> int:
    try:
        return int(row["pair"])
    except (TypeError, ValueError):
        told = f"the number of a pair is expected (got {row['pair']!r})"
        raise ScenarioError([Problem(f"{name}:{line}", "pair", told)]) from None
