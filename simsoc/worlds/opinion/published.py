"""What was measured for language models: adoption curves, majority force, consensus times.

A small table of published facts: De Marzo, Castellano, Garcia 2024-2025, arXiv 2409.02822; `published.json` says what
each entry means. Read when first asked for.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from simsoc.core.shelf import nearest


@cache
def table() -> dict[str, Any]:
    """The whole table: `source`, `notes`, `models` and the `curie_weiss` reference. Not to be changed."""
    import json

    read: dict[str, Any] = json.loads(files(__package__).joinpath("published.json").read_text(encoding="utf-8"))
    return read


def names() -> list[str]:
    """The ten models, the one with the strongest majority force among 50 agents first."""
    return list(table()["models"])


def model(name: str) -> dict[str, Any]:
    """All that is known of a model. Raises LookupError with the nearest name for an unknown one."""
    known = table()["models"]
    if name not in known:
        raise LookupError(f"no published model {name!r}.{nearest(name, names())} Known: {', '.join(known)}.")
    found: dict[str, Any] = known[name]
    return found


def sizes(name: str) -> list[int]:
    """Group sizes at which a model was measured, ascending."""
    return [int(n) for n in model(name)["curves"]]


def _curve(name: str, n: int) -> dict[str, Any]:
    curves = model(name)["curves"]
    if str(n) not in curves:
        near = min(sizes(name), key=lambda known: (abs(known - n), known))
        listed = ", ".join(curves)
        raise LookupError(f"{name} was not measured in groups of {n}. Did you mean {near}? Known: {listed}.")
    found: dict[str, Any] = curves[str(n)]
    return found


def curve(name: str, n: int = 50) -> tuple[list[float], list[float]]:
    """Mean opinions m, ascending in -1..1, and the probability of answering A at each.

    name: such as `gpt-4-turbo`; n: group size it was measured in. Raises LookupError with the nearest known one.
    """
    found = _curve(name, n)
    return list(found["m"]), list(found["p"])


def repeats(name: str, n: int = 50) -> list[int]:
    """Measurements behind each point of a curve, to weigh a fit by. Raises LookupError like `curve`."""
    found = _curve(name, n)
    return list(found.get("repeats") or [1] * len(found["m"]))


def beta(name: str, n: int = 50) -> float:
    """Majority force fitted to a curve. Raises LookupError like `curve`."""
    return float(_curve(name, n)["beta"])


def beta_error(name: str, n: int = 50) -> float | None:
    """Standard error of the majority force; None where the curve does not tell. Raises LookupError like `curve`."""
    error: float | None = _curve(name, n)["beta_se"]
    return error
