"""Plain data from Python objects: what a scenario written in Python is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

from pydantic import BaseModel

from simsoc.core.errors import Problem, ScenarioError

from .telling import Path, dotted, shown
from .yaml12 import DEEPEST, MOST, WIDEST


class _TooMuch(Exception):
    """Not worth going on."""


def plain(value: Any) -> Any:
    """Dictionaries, tuples and scalars from a Python object; models of a scenario stay as they are.

    Raises ScenarioError for what cannot stand in a YAML file.
    """
    copier = _Copier()
    try:
        data = copier.copy(value, ())
    except _TooMuch as error:
        raise ScenarioError([Problem("", "", str(error))]) from None
    if copier.problems:
        raise ScenarioError(copier.problems)
    return data


class _Copier:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._count = 0

    def copy(self, value: Any, path: Path) -> Any:
        self._count += 1
        if len(path) > DEEPEST:
            raise _TooMuch(f"nested more than {DEEPEST} levels deep, or containing itself")
        if self._count > MOST:
            raise _TooMuch(f"more than {MOST:,} values")
        if value is None or isinstance(value, bool | BaseModel):
            return value
        if isinstance(value, str):
            return self._text(str(value), path)
        if isinstance(value, os.PathLike):
            return self.copy(os.fspath(value), path)
        if isinstance(value, Mapping):
            return {k: self.copy(v, (*path, k)) for k, v in value.items() if self._is_key(k, path)}
        if isinstance(value, list | tuple):
            return tuple(self.copy(v, (*path, i)) for i, v in enumerate(value))
        return self._number(value, path)

    def _number(self, value: Any, path: Path) -> Any:
        if isinstance(value, Integral):
            number = int(value)
            if not -WIDEST <= number < WIDEST:
                self._refuse(path, "a whole number has to lie between -2**63 and 2**63 - 1")
            return number
        if isinstance(value, Real):
            return float(value)
        if hasattr(value, "tolist") and hasattr(value, "dtype"):  # an array, or NumPy's own truth values
            return self.copy(value.tolist(), path)
        hint = "; sets have no order, use a list" if isinstance(value, set | frozenset) else ""
        self._refuse(path, f"{shown(value)} cannot stand in a scenario{hint}")
        return None

    def _text(self, value: str, path: Path) -> str:
        if not value.isascii() and value != value.encode("utf-8", "replace").decode():
            self._refuse(path, "text with half a character (U+D800 to U+DFFF)")
        return value

    def _is_key(self, key: Any, path: Path) -> bool:
        if not isinstance(key, str):
            self._refuse(path, f"the key {shown(key)} is not text")
            return False
        self._text(key, path)
        return True

    def _refuse(self, path: Path, message: str) -> None:
        self.problems.append(Problem("", dotted(path), message))
