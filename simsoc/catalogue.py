"""What a scenario may name, and what its keys mean: for `simsoc list` and for docs/reference.md.

Everything is read from the shelves, the models of the scenario and the worlds' lists of measures, so nothing has to be
written twice.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from simsoc.core.errors import ScenarioError
from simsoc.core.shelf import nearest
from simsoc.scenario.emit import inline
from simsoc.scenario.spec import Backends, BackendSpec, Scenario

from .shelves import SHELVES

Rows = list[tuple[str, str]]
Schema = Mapping[str, Any]

OTHERS = ("measures", "curves", "prompts")
"""Lists of names that are no shelves."""


class Key(NamedTuple):
    """A key that a mapping of a scenario may have."""

    name: str
    """Dotted below the mapping; `[]` stands for an item of a list."""
    kind: str
    """What may stand there, in words."""
    default: str
    """As YAML; `required` where there is none, empty where leaving it out means nothing in particular."""
    meaning: str


class Detail(NamedTuple):
    """All there is to say of one part."""

    about: list[str]
    """Paragraphs; the first is a sentence."""
    keys: list[Key]


def catalogue(what: str | None = None) -> list[tuple[str, Rows]]:
    """(heading, [(name, one line)]) of one list or of all. Raises ScenarioError for an unknown one."""
    if what is None:
        return [found for name in (*SHELVES, *OTHERS) for found in _lists(name)]
    return _lists(_known(what))


def _known(what: str) -> str:
    known = [*SHELVES, *OTHERS]
    if what not in known:
        raise ScenarioError(f"no list of {what!r}.{nearest(what, known)} Known: {', '.join(known)}.")
    return what


def _lists(name: str) -> list[tuple[str, Rows]]:
    if name == "measures":
        return [
            (f"measures of world {world} (* taken where the scenario names none)", rows) for world, rows in of_worlds()
        ]
    if name == "curves":
        from simsoc.worlds.opinion.published import names

        return [("curves of rule `published` (arXiv 2409.02822)", [(curve, _sizes(curve)) for curve in names()])]
    if name == "prompts":
        from simsoc.backends.prompts import shipped

        return [("prompts, replaced by e.g. `prompts: {opinion/friends: my.j2}`", [(t, "") for t in shipped()])]
    shelf = SHELVES[name]
    return [(name, [(part, shelf.line(part)) for part in shelf.names()])]


def of_worlds() -> Iterator[tuple[str, Rows]]:
    """The measures of each world, with units; those taken by default marked."""
    worlds = SHELVES["worlds"]
    for world in worlds.names():
        measures = getattr(worlds.get(world), "MEASURES", {}).values()
        yield world, [(m.name + ("*" if m.default else ""), f"{m.meaning} ({m.unit})") for m in measures]


def _sizes(curve: str) -> str:
    from simsoc.worlds.opinion.published import sizes

    return f"measured in groups of {', '.join(map(str, sizes(curve)))}"


# -- one part ------------------------------------------------------------------------------------------------------


def detail(what: str, name: str) -> Detail:
    """Documentation and keys of a part. Raises ScenarioError for an unknown list or name."""
    if _known(what) not in SHELVES:
        raise ScenarioError(f"there is nothing more to say of single {what}: simsoc list {what}")
    shelf = SHELVES[what]
    if name not in shelf:
        raise ScenarioError(f"no {name!r} in {what}.{nearest(name, shelf.names())} Known: {', '.join(shelf.names())}.")
    if what == "backends":
        return Detail(about(shelf.get(name)), keys(BackendSpec))
    return Detail(about(shelf.get(name)), keys(shelf.spec(name)))


def about(part: Any) -> list[str]:
    """The paragraphs of a docstring (or of what has one), without the lines that say what single parameters are."""
    kept: list[str] = []
    for paragraph in re.split(r"\n\s*\n", part if isinstance(part, str) else inspect.getdoc(part) or ""):
        lines: list[str] = []
        for line in paragraph.splitlines():
            if re.match(r"[a-z_]\w*: +\S", line):
                break  # a parameter, and the lines that continue it
            lines.append(line.strip())
        if lines:
            kept.append(" ".join(lines))
    return kept


def keys(model: type[BaseModel]) -> list[Key]:
    """Every key of a model of the scenario, those of mappings within it after it."""
    made = model.model_json_schema()
    known = made.get("$defs", {})
    mapping, _ = _below(made, known)
    return list(_keys(mapping, known, "", ())) if mapping is not None else []


def of_scenario() -> list[Key]:
    """The keys of a scenario file, without those of named parts and of the backend."""
    return [key for key in keys(Scenario) if not key.name.startswith("backend.")]


def of_backend() -> list[Key]:
    """The keys under `backend`."""
    return keys(Backends)


def _keys(schema: Schema, known: Schema, prefix: str, above: tuple[str, ...]) -> Iterator[Key]:
    """Keys of a mapping, and of those within it that are none of the mappings above."""
    required = schema.get("required", ())
    properties = schema.get("properties", {})
    above = (*above, schema.get("title", prefix))
    for name, of in properties.items():
        default = "required" if name in required else _default(of)
        yield Key(f"{prefix}{name}", _words(of), default, " ".join(str(of.get("description", "")).split()))
        below, mark = _below(of, known)
        if below is not None and below.get("title") not in above:
            inner = below["properties"]
            if mark:  # an item that is like the mapping around it, and has some keys more: told are those
                inner = {k: v for k, v in inner.items() if v != properties.get(k)}
            yield from _keys({**below, "properties": inner}, known, f"{prefix}{name}{mark}.", above)


def _default(schema: Schema) -> str:
    value = schema.get("default")
    if value is None or value == "":
        return ""
    written = inline(value)
    return written if written is not None else ""


def _below(schema: Schema, known: Schema) -> tuple[Schema | None, str]:
    """The mapping with keys of its own that may stand here, and `[]` where it is an item of a list."""
    if "$ref" in schema:
        target: Schema = known[schema["$ref"].rsplit("/", 1)[1]]
        return _below(target, known)
    if schema.get("properties"):
        return schema, ""
    for either in schema.get("anyOf", ()):
        found, mark = _below(either, known)
        if found is not None:
            return found, mark
    items = schema.get("items")
    return (_below(items, known)[0], "[]") if isinstance(items, Mapping) else (None, "")


_HUGE = 2.0**53
_TYPES = {"boolean": "true or false", "string": "text", "object": "mapping"}


def _words(schema: Schema) -> str:
    """What may stand here, in words."""
    if "x-shelf" in schema:
        return f"one of `{schema['x-shelf']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"] if value is not None)
    if "anyOf" in schema:
        words = [_words(either) for either in schema["anyOf"] if either.get("type") != "null"]
        return " or ".join(dict.fromkeys(words))
    if "$ref" in schema:
        return "mapping"
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return ("whole number" if kind == "integer" else "number") + _bounds(schema)
    if kind == "array":
        items = schema.get("items")
        return f"list of {_words(items)}" if items else "list"
    return _TYPES.get(kind, "anything") if isinstance(kind, str) else "text" if kind else "anything"


def _bounds(schema: Schema) -> str:
    words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    told = [f"{word} {schema[bound]:.16g}" for bound, word in words.items() if abs(schema.get(bound, _HUGE)) < _HUGE]
    return f" {' '.join(told)}" if told else ""
