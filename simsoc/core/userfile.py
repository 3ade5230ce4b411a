"""A function in a user's own Python file, named in a scenario as ``my.py:function``.

Reading a scenario parses the file and never runs it: its keys come from the text of the function's signature. Only a
run loads it, from the very text that was read and whose hash is told.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import NotRun, ScenarioError, SimsocError, WorldError

if TYPE_CHECKING:
    from .strict import Strict

FILE = r"^[^:]+\.py:[A-Za-z_][A-Za-z0-9_]*$"
"""What the name of a function in a file looks like, as a regular expression."""
_NAME = re.compile(FILE)
_CLOSED: ContextVar[bool] = ContextVar("closed", default=False)
_TYPES: dict[str, Any] = {"int": int, "float": float, "str": str, "bool": bool}


def looks_like(name: str) -> bool:
    """Whether a name means a function in a file."""
    return _NAME.fullmatch(name) is not None


class UserFile(NamedTuple):
    """A function in a file, read and not run."""

    name: str
    """As the scenario has it: ``my.py:function``, the path relative to the scenario."""
    path: Path
    source: str

    @property
    def function(self) -> str:
        """The function's name."""
        return self.name.rsplit(":", 1)[1]

    @property
    def hash(self) -> str:
        """BLAKE2b-128 of the file's text."""
        return blake2b(self.source.encode(), digest_size=16).hexdigest()

    @property
    def doc(self) -> str:
        """The function's docstring. Raises LookupError where there is no such function."""
        return ast.get_docstring(_found(self.name, self.source)) or ""

    def spec(self, base: type[Strict]) -> type[Strict]:
        """Its YAML keys, from the keyword-only parameters as they are written. Raises LookupError where that fails."""
        return _spec(self.name, self.source, base)

    def load(self) -> Any:
        """The function itself: the file is run. Raises ScenarioError when that fails, NotRun within `unrun`."""
        if _CLOSED.get():
            raise NotRun(f"{self.name} (BLAKE2b {self.hash[:16]})")
        return _loaded(self)


@contextmanager
def unrun() -> Iterator[None]:
    """In here no file is run: whatever would run one raises NotRun, which names it."""
    before = _CLOSED.set(True)
    try:
        yield
    finally:
        _CLOSED.reset(before)


def read(name: str, folder: Path) -> UserFile:
    """The file that a name means. Raises LookupError."""
    path = folder / name.rsplit(":", 1)[0]
    try:
        return UserFile(name, path, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise LookupError(f"{name.rsplit(':', 1)[0]} cannot be read: {why}") from None


@lru_cache(maxsize=256)
def _spec(name: str, source: str, base: type[Strict]) -> type[Strict]:
    """By the text alone: the same file in another folder has the same keys."""
    from pydantic import Field, create_model

    from .strict import meanings_in

    function = _found(name, source)
    meanings = meanings_in(ast.get_docstring(function) or "")
    fields: dict[str, Any] = {}
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        given = ... if default is None else _value(name, argument.arg, default)
        fields[argument.arg] = (_type(argument.annotation), Field(given, description=meanings.get(argument.arg)))
    made: type[Strict] = create_model(function.name, __base__=base, **fields)
    return made


def _found(name: str, source: str) -> ast.FunctionDef:
    from .shelf import nearest

    shown, _, wanted = name.rpartition(":")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise LookupError(f"{shown}, line {getattr(error, 'lineno', None) or '?'}: {error.args[0]}") from None
    known = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if wanted not in known:
        told = f" It has: {', '.join(known)}." if known else " It has none."
        raise LookupError(f"{shown} has no function {wanted!r}.{nearest(wanted, list(known))}{told}")
    return known[wanted]


def _value(name: str, key: str, default: ast.expr) -> Any:
    try:
        return ast.literal_eval(default)
    except ValueError:
        told = f"{name}: the default of {key!r} should be a plain value, as the file is not run to read its keys"
        raise LookupError(told) from None


def _type(annotation: ast.expr | None) -> Any:
    if isinstance(annotation, ast.Name):
        return _TYPES.get(annotation.id, Any)
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return None
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _type(annotation.left) | _type(annotation.right) if _plain(annotation) else Any
    return Any


def _plain(annotation: ast.expr) -> bool:
    """Whether a union is of plain types alone."""
    if isinstance(annotation, ast.BinOp):
        return _plain(annotation.left) and _plain(annotation.right)
    return _type(annotation) is not Any


@lru_cache(maxsize=256)
def _loaded(file: UserFile) -> Any:
    module = ModuleType(f"simsoc_user_{file.hash}")
    module.__file__ = str(file.path)
    try:
        exec(compile(file.source, str(file.path), "exec"), module.__dict__)  # what the user asked for, named first
        return _told_where(file, getattr(module, file.function))
    except Exception as error:
        raise ScenarioError(f"{file.name} cannot be loaded: {type(error).__name__}: {error}") from error


def _told_where(file: UserFile, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function; what goes wrong in it is told as the user's own, with the line of the file."""

    @wraps(function)
    def own(*given: Any, **keys: Any) -> Any:
        try:
            return function(*given, **keys)
        except SimsocError:
            raise
        except (Exception, SystemExit) as error:
            at, line = error.__traceback__, 0
            while at is not None:
                line = at.tb_lineno if at.tb_frame.f_code.co_filename == str(file.path) else line
                at = at.tb_next
            where = file.name.rsplit(":", 1)
            told = f"{where[0]}, line {line}, in {where[1]}: {type(error).__name__}: {error}"
            raise WorldError(told) from error

    return own
