"""What a finished run comes to, for comparing many: one number for each measure, and who answered what."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, NamedTuple

from simsoc.core.calls import SURVEYS

from .reader import Run

_ANSWERED = (
    "SELECT \"by\", source <> 'rule', status, count(*) FROM ask"
    f" WHERE NOT (purpose >= '{SURVEYS}' AND purpose < '{SURVEYS[:-1]}0')"
    " GROUP BY \"by\", source <> 'rule', status ORDER BY min(id)"
)
_PROMPTS = "SELECT DISTINCT prompt FROM ask WHERE prompt IS NOT NULL ORDER BY prompt"
LAST = "last step"


class Number(NamedTuple):
    """What a measure comes to in a run."""

    measure: str
    over: str
    """`last step`, or the steps of the window that the scenario declares, whose mean it is."""
    value: float | None
    window: tuple[int, int] | None = None
    """First and last step of that window; None for the last step."""


class Answered(NamedTuple):
    """Decisions of one kind; what surveys asked is none."""

    by: str
    """The rule or model."""
    model: bool
    """Whether it is a model, now or in an earlier log."""
    status: str
    """ok, refused, unparseable, truncated, failed"""
    decisions: int


def numbers(run: Run) -> list[Number]:
    """One number for each measure: its mean over the window the scenario declares, else its last value."""
    declared = {spec["name"]: spec for spec in run.scenario.get("measures") or ()}
    found = []
    for row in run.summary().to_dict("records"):
        spec: Any = declared.get(row["measure"], {})
        whole = not spec.get("from") and spec.get("last") is None
        value = float(row["final" if whole else "mean"])
        over = LAST if whole else f"steps {row['window']}"
        known = [int(step) for step in str(row["window"]).split("-") if step]
        window = (known[0], known[-1]) if known and not whole else None
        found.append(Number(str(row["measure"]), over, value if value == value else None, window))
    return found


def answered(run: Run) -> list[Answered]:
    """Decisions by who answered and how that ended, in order of first appearance."""
    return [Answered(by, bool(model), status, count) for by, model, status, count in run.rows(_ANSWERED)]


def prompts(run: Run) -> str:
    """A word that two runs share when every prompt that was sent in one was sent in the other; empty without any."""
    ids = [str(prompt) for (prompt,) in run.rows(_PROMPTS)]
    return blake2b(" ".join(ids).encode(), digest_size=16).hexdigest() if ids else ""


class Start(NamedTuple):
    """Whether two runs begin alike; None where there is nothing to be alike in."""

    people: bool | None
    ties: bool | None


def same_start(one: Run, other: Run) -> Start:
    """Whether two runs begin with the same people, and with the same ties."""
    people = [run.rows("SELECT id, traits FROM agent WHERE born_step = 0 ORDER BY id") for run in (one, other)]
    ties = [run.rows("SELECT a, b, attributes FROM tie WHERE from_step = 0 ORDER BY a, b") for run in (one, other)]
    known = any(traits not in (None, "{}") for rows in people for _, traits in rows)
    return Start(people[0] == people[1] if known else None, ties[0] == ties[1] if any(ties) else None)
