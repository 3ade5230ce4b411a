"""A JSON Schema of scenario files, for editors that complete and check YAML while it is written."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from simsoc.core.shelf import Shelf
from simsoc.core.userfile import FILE

from .places import Shelves
from .spec import Scenario

Schema = dict[str, Any]


def json_schema(shelves: Shelves) -> Schema:
    """The JSON Schema (draft 2020-12) of scenarios whose parts stand on these shelves.

    A part that cannot be loaded here (a package of an extra is missing) is let through with any keys.
    """
    maker = _Maker(shelves)
    root = maker.of_model(Scenario, "")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "simsoc scenario",
        **root,
        "$defs": dict(sorted(maker.definitions.items())),
    }


def _own(key: str) -> Schema:
    """A function in a file of the user's own, with keys that are known when the file is read."""
    said = {"type": "string", "pattern": FILE}
    return {
        "description": "A function in a Python file",
        "type": "object",
        "properties": {key: said},
        "required": [key],
    }


class _Maker:
    """Collects a definition for each shelf, and one for each model within a part."""

    def __init__(self, shelves: Shelves) -> None:
        self.shelves = shelves
        self.definitions: dict[str, Schema] = {}

    def of_model(self, model: type[BaseModel], prefix: str) -> Schema:
        """The schema of a model; what it refers to becomes a definition under the prefix."""
        made = model.model_json_schema(ref_template=f"#/$defs/{prefix}{{model}}")
        for name, definition in made.pop("$defs", {}).items():
            self.definitions[prefix + name] = self._filled(definition)
        filled: Schema = self._filled(made)
        return filled

    def _filled(self, schema: Any) -> Any:
        """The schema with every named part replaced by the definition of its shelf, and without idle titles."""
        if isinstance(schema, list):
            return [self._filled(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        if "x-shelf" in schema:
            kept = {k: v for k, v in schema.items() if k in ("default", "description")}
            return {"$ref": self._shelf(schema["x-shelf"], schema["x-key"], schema["x-default"]), **kept}
        kept = {k: self._filled(v) for k, v in schema.items() if k != "title" or not isinstance(v, str)}
        if isinstance(said := kept.get("description"), str):
            kept["description"] = said.split("\n\n")[0]
        return kept

    def _shelf(self, name: str, key: str, default: str | None) -> str:
        """The reference to the definition of a shelf."""
        reference = f"shelf.{name}" if key == "kind" else f"shelf.{name}.{key}"
        if reference not in self.definitions:
            self.definitions[reference] = {}  # parts of a shelf may hold parts of the same shelf
            shelf = self.shelves[name]
            parts = {part: self._part(shelf, part, key, default) for part in shelf.names()}
            bare: list[str | None] = [part for part, schema in parts.items() if schema["required"] in ([key], [])]
            if "null" in bare:
                bare.append(None)
            own = [{"type": "string", "pattern": FILE}, _own(key)] if shelf.files else []
            self.definitions[reference] = {"anyOf": [{"enum": bare}, *own, *parts.values()]}
        return f"#/$defs/{reference}"

    def _part(self, shelf: Shelf, name: str, key: str, default: str | None) -> Schema:
        """A part as a mapping: its name and its own keys."""
        try:
            own = self.of_model(shelf.spec(name), f"{shelf.name}.{name}.")
            line = shelf.line(name)
        except (ImportError, AttributeError):
            own, line = {"additionalProperties": True}, ""
        said: Schema = {"enum": ["null", None]} if name == "null" else {"const": name}
        schema: Schema = {
            "type": "object",
            "properties": {key: said, **own.get("properties", {})},
            "required": [*([key] if name != default else []), *own.get("required", [])],
            "additionalProperties": own.get("additionalProperties", False),
        }
        return {"description": line, **schema} if line else schema
