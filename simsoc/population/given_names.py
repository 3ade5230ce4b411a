"""People of whom nothing is known but a given name, and what documented lists say goes with it: for swap audits."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import Field

from simsoc.core.errors import ScenarioError

Listed = Literal["us_1990s", "bertrand_mullainathan_2004"]


def given_names(
    seed: int, *, list: Listed = "us_1990s", per: Annotated[int, Field(ge=2)] | None = None
) -> list[dict[str, Any]]:
    """Given names of a documented list, with the traits `name`, `gender` and, where the list tells it, `race`.

    list: `us_1990s` (24 for each gender) or `bertrand_mullainathan_2004` (nine for each gender and race).
    per: the first so many of each gender (and race); all when not given.

    Sources: Social Security Administration, popular names by decade; Bertrand and Mullainathan 2004, American Economic
    Review 94(4). Raises ScenarioError where a list has not so many.
    """
    cells = lists()[list]["names"]
    most = min(len(names) for names in cells.values())
    if per is not None and per > most:
        raise ScenarioError.at("population.per", f"list {list} has {most} names of a kind (got {per})")
    people = []
    for cell, names in cells.items():
        gender, _, race = cell.partition(", ")
        traits = {"gender": gender, **({"race": race} if race else {})}
        people += [{"name": name, **traits} for name in names[:per]]
    return people


@cache
def lists() -> dict[str, Any]:
    """Every list, with its source."""
    text = files("simsoc.population").joinpath("names.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
