"""Which files a scenario names: they travel with a package, and the protocol lists them.

Found in the data of a scenario, in overrides of arms, grids and interventions as well, by the keys that hold paths.
What is named and not there is no file of the scenario (a name that only looks like one).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from simsoc.core.userfile import looks_like

KEYS = ("file", "seeds", "codebook", "examples", "start", "also")
"""Keys whose value is a path where it is a text."""


class Named(NamedTuple):
    """A file that a scenario names."""

    key: str
    """Dotted."""
    written: str
    """The path as it is written, relative to the scenario's folder."""
    path: Path


def named(scenario: Mapping[str, Any], folder: Path) -> list[Named]:
    """Every file that a scenario (as data) names, in order."""
    found: list[Named] = []

    def look(key: str, written: str) -> str:
        path = folder / written
        if path.is_file():
            found.append(Named(key, written, path))
        return written

    rewritten(scenario, look)
    return found


def rewritten(data: Any, change: Callable[[str, str], str], key: str = "") -> Any:
    """The same data with every path that it names given to `change(key, path)` and replaced by what comes back."""
    last = key.rsplit(".", 1)[-1]
    if isinstance(data, Mapping):
        return {name: rewritten(value, change, f"{key}.{name}" if key else str(name)) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [rewritten(value, change, key) for value in data]
    if not isinstance(data, str):
        return data
    if looks_like(data) and last not in _WORDS:
        file, _, function = data.rpartition(":")
        return f"{change(key, file)}:{function}"
    if last in KEYS or _of_prompts(key):
        return change(key, data)
    return data


def found_from(given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The parameters of a part, with every path among them as found from a folder."""
    return {key: str(folder / v) if key in KEYS and isinstance(v, str) else v for key, v in given.items()}


_WORDS = ("question", "source", "expect", "name", "text", "title", "ask", "label")


def _of_prompts(key: str) -> bool:
    """Whether a key is a template's name under `prompts`, also where an arm overrides it."""
    parts = key.split(".")
    return "prompts" in parts[:-1]


def places(files: Sequence[Named], folder: Path) -> Iterator[tuple[Named, str]]:
    """Where each file goes below another folder: as written, or under `outside/` where it lies outside of this one.

    A file has one place, however often and in whatever words it is named.
    """
    root = folder.resolve()
    taken: dict[Path, str] = {}
    for one in files:
        whole = one.path.resolve()
        if whole not in taken:
            within = whole.is_relative_to(root) and not Path(one.written).is_absolute() and ".." not in one.written
            taken[whole] = one.written if within else f"outside/{len(taken)}-{whole.name}"
        yield one, Path(taken[whole]).as_posix()
