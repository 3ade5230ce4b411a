"""What specs are annotated with: names, an item without its list, and a mapping short for one of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from simsoc.core.shelf import Strict

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
"""Fit for a file's name."""


class Listed:
    """Annotation of a tuple: one item may be written without the list around it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._wrap, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        several = handler(schema)
        return {"anyOf": [several["items"], several]}

    @staticmethod
    def _wrap(value: Any) -> Any:
        return value if isinstance(value, list | tuple) else (value,)


class Short(Strict):
    """A mapping that may be written as the bare value of one of its keys."""

    short: ClassVar[str]
    """The key whose value may stand alone."""
    null_is: ClassVar[str | None] = None
    """What YAML's null means as that value; None where it means nothing."""

    @model_validator(mode="before")
    @classmethod
    def opened(cls, value: Any) -> Any:
        """A bare value as the mapping it is short for; anything else as it is."""
        if isinstance(value, str):
            return {cls.short: value}
        if cls.null_is is not None:
            if value is None:
                return {cls.short: cls.null_is}
            if isinstance(value, Mapping) and value.get(cls.short, "") is None:
                return {**value, cls.short: cls.null_is}
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        long = handler(schema)
        target = handler.resolve_ref_schema(long)
        bare = {"type": "string" if cls.null_is is None else ["string", "null"]}
        target["properties"][cls.short].update(bare)
        others = set(target.get("required", ())) - {cls.short}
        return long if others else {"anyOf": [bare, long]}
