"""What `simsoc list` prints: every name a scenario may use, with the first line of its documentation."""

from __future__ import annotations

from simsoc.core.errors import ScenarioError
from simsoc.core.shelf import nearest

from .shelves import SHELVES

Rows = list[tuple[str, str]]


def catalogue(what: str | None = None) -> list[tuple[str, Rows]]:
    """(heading, [(name, one line)]) of one shelf or of all. Raises ScenarioError for an unknown shelf."""
    known = [*SHELVES, "measures", "curves"]
    if what is None:
        return [(name, _rows(name)) for name in known]
    if what not in known:
        raise ScenarioError(f"no list of {what!r}.{nearest(what, known)} Known: {', '.join(known)}.")
    return [(what, _rows(what))]


def _rows(name: str) -> Rows:
    if name == "measures":
        return _measures()
    if name == "curves":
        from simsoc.worlds.opinion.published import names

        return [(curve, "adoption curve for rule `published`, arXiv 2409.02822") for curve in names()]
    shelf = SHELVES[name]
    return [(part, shelf.line(part)) for part in shelf.names()]


def _measures() -> Rows:
    """Measures of every world, with units; those taken by default marked."""
    rows = []
    worlds = SHELVES["worlds"]
    for world in worlds.names():
        for measure in getattr(worlds.get(world), "MEASURES", {}).values():
            star = "*" if measure.default else " "
            rows.append((f"{world}.{measure.name}{star}", f"{measure.meaning} ({measure.unit})"))
    return rows
