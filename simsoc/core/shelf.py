"""Shelves: where a name in a scenario finds its code.

A shelf is a plain dictionary from name to ``"module:attribute"``. Nothing registers itself by being imported, and
nothing is imported before a scenario names it. Packages from outside put names on a shelf by one door, an entry-point
group called ``simsoc.<shelf>``. What stands on a shelf is either a function whose keyword-only parameters are its YAML
keys, or a class with a `Spec` (a pydantic model) of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from copy import copy
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import Field, create_model

from . import userfile
from .strict import Strict, meanings_in

__all__ = ["Shelf", "Strict", "nearest", "needs"]

F = TypeVar("F", bound=Callable[..., Any])


def nearest(word: str, known: list[str]) -> str:
    """`Did you mean 'x'?` when something known is close, else nothing."""
    if len(word) > 80:
        return ""  # no slip of the pen, and comparing takes quadratic time
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


class Shelf:
    """Named parts of one kind.

    name: what the shelf is called, also in ``simsoc list`` and the entry-point group.
    parts: built-in names to ``"module:attribute"``. base: keys that every part has besides its own, where parts are
    functions; a function's ``KEYS`` are other defaults for them. files: whether a part may also be a function in a file
    of the user's own, ``my.py:function``, beside the scenario.
    """

    def __init__(
        self, name: str, parts: Mapping[str, str], *, base: type[Strict] = Strict, files: bool = False
    ) -> None:
        self.name = name
        self.files = files
        self._base = base
        self._parts = dict(parts)
        self._loaded: dict[str, Any] = {}
        self._specs: dict[str, type[Strict]] = {}
        self._folder: Path | None = None

    def within(self, folder: Path) -> Shelf:
        """The same shelf for a scenario in this folder, from which paths of user files start."""
        if not self.files:
            return self
        there = copy(self)  # what is built in is shared
        there._folder = folder
        return there

    def is_file(self, name: str) -> bool:
        """Whether a name means a function in a user's own file."""
        return self.files and name not in self and userfile.looks_like(name)

    def file(self, name: str) -> userfile.UserFile:
        """The user's file that a name means, read and not run. Raises LookupError that says what is wrong with it."""
        return userfile.read(name, self._folder or Path())

    @cached_property
    def _outside(self) -> dict[str, str]:
        found = sorted(entry_points(group=f"simsoc.{self.name}"), key=lambda e: e.name)
        return {e.name: e.value for e in found if e.name not in self._parts}

    @cached_property
    def _brought(self) -> dict[str, str]:
        """The distribution that brings each part of another package."""
        found = entry_points(group=f"simsoc.{self.name}")
        return {e.name: e.dist.name for e in found if e.name in self._outside and e.dist is not None}

    def names(self) -> list[str]:
        """Every name, built-in ones first."""
        return [*self._parts, *self._outside]

    def __contains__(self, name: object) -> bool:
        return name in self._parts or name in self._outside

    def get(self, name: str) -> Any:
        """The function or class behind a name. Raises LookupError that says what is known."""
        if self.is_file(name):
            return self.file(name).load()
        if name not in self._loaded:
            target = self._parts.get(name) or self._outside.get(name)
            if target is None:
                known = self.names()
                raise LookupError(f"no {name!r}.{nearest(name, known)} Known: {', '.join(known)}.")
            module, _, attribute = target.partition(":")
            self._loaded[name] = getattr(import_module(module), attribute)
        return self._loaded[name]

    def spec(self, name: str) -> type[Strict]:
        """The pydantic model of a part's YAML keys (without `kind`). Raises LookupError like `get`.

        Of a user's file it is read from the text; the file is not run.
        """
        if self.is_file(name):
            return self.file(name).spec(self._base)
        if name not in self._specs:
            part = self.get(name)
            own = getattr(part, "Spec", None)
            self._specs[name] = own if own is not None else _from_signature(name, part, self._base)
        return self._specs[name]

    def packages(self, name: str) -> tuple[str, ...]:
        """Distributions that a part needs besides those of simsoc: its `PACKAGES`, and that which brings it."""
        own: tuple[str, ...] = getattr(self.get(name), "PACKAGES", ())
        brought = self._brought.get(name)
        return own if brought is None else (*own, brought)

    def line(self, name: str) -> str:
        """First line of a part's docstring."""
        doc = inspect.getdoc(self.get(name)) or ""
        return doc.split("\n", 1)[0]


def needs(*packages: str) -> Callable[[F], F]:
    """Marks a part with the distributions that it needs, whose versions are kept with a run."""

    def marked(part: F) -> F:
        part.PACKAGES = packages  # type: ignore[attr-defined]
        return part

    return marked


def _from_signature(name: str, function: Any, base: type[Strict]) -> type[Strict]:
    """Keyword-only parameters as a Strict model; Annotated bounds and docstring lines `name: meaning` are kept."""
    hints = get_type_hints(function, include_extras=True)
    meanings = meanings_in(inspect.getdoc(function) or "")
    fields: dict[str, Any] = {}
    for key, default in getattr(function, "KEYS", {}).items():
        own = base.model_fields[key]
        kind = Annotated[(own.annotation, *own.metadata)] if own.metadata else own.annotation
        fields[key] = (kind, Field(default, description=own.description))
    for key, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[key] = (hints[key], Field(default, description=meanings.get(key)))
    return create_model(name, __base__=base, **fields)
