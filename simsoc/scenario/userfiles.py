"""Which Python files of the user's own a scenario names (`simsoc.core.userfile`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsoc.core.userfile import UserFile, looks_like, read

from .spec import Scenario


def user_files(scenario: Scenario) -> list[UserFile]:
    """Every function in a file that the scenario names or an intervention sets, in its order, read and not run."""
    found = dict.fromkeys(_names(scenario.model_dump(mode="json", by_alias=True)))
    return [file for name in found if (file := _read(name, scenario)) is not None]


def versions(scenario: Scenario) -> dict[str, str]:
    """Hash of each file by its name."""
    return {file.name.rsplit(":", 1)[0]: file.hash for file in user_files(scenario)}


def _names(data: Any) -> Iterator[str]:
    """Every text that looks like the name of a function in a file."""
    if isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _names(value)
    elif isinstance(data, str) and looks_like(data):
        yield data


def _read(name: str, scenario: Scenario) -> UserFile | None:
    """The file; None where there is none, so that the text means something else."""
    try:
        return read(name, scenario.folder)
    except LookupError:
        return None
