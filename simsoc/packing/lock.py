"""The versions a run was made with, as a lock file that pip reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution


def lock(versions: Mapping[str, str]) -> str:
    """Simsoc and everything it takes, with versions: those that the log tells, else those of this environment."""
    found: dict[str, str] = {}
    _walk("simsoc", found)
    for name in versions:
        _walk(name, found)  # what a run took besides, such as the package of a scorer
    told = {_plain(name): version for name, version in versions.items() if "," not in version}
    lines = [f"{name}=={told.get(name, version)}" for name, version in sorted(found.items())]
    python = versions.get("python", "")
    return "\n".join([f"# Python {python} on {versions.get('system', 'an unknown system')}", *lines]) + "\n"


def _walk(name: str, found: dict[str, str]) -> None:
    """A distribution, and what it needs without extras."""
    plain = _plain(name)
    if plain in found:
        return
    try:
        own = distribution(plain)
    except PackageNotFoundError:
        return
    found[plain] = own.version
    for need in own.requires or ():
        if "extra ==" not in need:
            _walk(re.split(r"[\s<>=!~;\[(]", need, maxsplit=1)[0], found)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
