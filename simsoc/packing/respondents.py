"""Rows of people who answered a survey: what of them travels with a package, and on which terms."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from simsoc.scenario.files import Named

_SOURCES = ("anes",)
_TERMS = """\
The people of this run are respondents of a survey. ANES asks everybody who uses its data:
- to use them for research and statistics alone, and never to find out who a respondent is;
- to make no use of a respondent's identity that is found by accident, and to report it to ANES;
- to cite: American National Election Studies. 2021. ANES 2020 Time Series Study Full Release [dataset and
  documentation]. www.electionstudies.org (or the study and year that was used);
- to accept that ANES and its funders answer for no result.
There is no licence to pass rows on: whoever gets this package has to accept these terms as well, and may take the data
from www.electionstudies.org instead. For another survey, its own terms hold."""


def terms() -> str:
    """What those who get respondents' rows have to accept."""
    return _TERMS


def of_survey(scenario: Mapping[str, Any]) -> bool:
    """Whether the people of a scenario (as data) are rows of a survey: an ANES file, or a CSV with a codebook."""
    population = scenario.get("population")
    if isinstance(population, str):
        return population in _SOURCES
    if not isinstance(population, Mapping):
        return False
    return population.get("source") in _SOURCES or bool(population.get("codebook"))


def held_back(scenario: Mapping[str, Any], files: list[Named]) -> list[Named]:
    """The files of a scenario whose rows are respondents: they stay where they are."""
    if not of_survey(scenario):
        return []
    return [one for one in files if one.key == "population.file" or one.key.endswith(".population.file")]


def recipe(scenario: Mapping[str, Any], one: Named, goes: str) -> dict[str, Any]:
    """How to get a file that is held back: what it is, its hash, where it has to lie, and how people came out of it."""
    population = scenario["population"]
    keys = dict(population) if isinstance(population, Mapping) else {"source": population}
    data = one.path.read_bytes()
    return {
        "file": one.path.name,
        "bytes": len(data),
        "blake2b": blake2b(data, digest_size=16).hexdigest(),
        "put_it_at": f"scenario/{goes}",
        "from": "www.electionstudies.org" if keys.get("source") in _SOURCES else "whoever holds the survey",
        "population": {key: value for key, value in keys.items() if value is not None},
    }


def digest_of(path: Path) -> str:
    """The hash of a file."""
    found = blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()
