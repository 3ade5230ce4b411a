"""Reads YAML 1.2 into plain data and remembers the line of every key.

PyYAML does the parsing; which scalars are numbers, truth values or null is YAML 1.2's core schema, so that `yes`, `on`,
`17:30` and `2024-01-01` stay text. Anything that cannot be read is told as a Problem, never as a traceback.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import yaml

from simsoc.core.errors import Problem, ScenarioError

from .telling import MOST_TOLD, Path, cut, dotted, one_line, shown, told

LARGEST = 1_000_000  # bytes of a file
DEEPEST = 60  # levels of nesting; keeps every later recursion far from Python's limit
MOST = 200_000  # values of a file, counting what an alias repeats each time
WIDEST = 2**63  # whole numbers of the run log are 64 bits wide

_TAG = "tag:yaml.org,2002:"
_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HALF = re.compile(r"[\ud800-\udfff]")


class Document(NamedTuple):
    """What a file says."""

    data: Any
    """Dictionaries, tuples and scalars."""
    lines: Mapping[Path, int]
    """Line of each key and list item, by key path; the empty path is the beginning."""
    name: str
    """The file, as messages name it."""


class _Fault(Exception):
    """Reading cannot go on."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def read_file(path: str | os.PathLike[str]) -> Document:
    """What a YAML file says. Raises ScenarioError when it cannot be read."""
    name = one_line(os.fspath(path))
    try:
        return read_text(_decoded(_bytes(path)), name)
    except _Fault as fault:
        raise _refusal(name, fault) from None


def read_text(text: str, name: str = "") -> Document:
    """What a YAML text says; `name` is what messages call it. Raises ScenarioError when it cannot be read."""
    try:
        node = _compose(text)
        if node is None:
            return Document(None, {(): 1}, name)
        builder = _Builder(name)
        data = builder.build(node, ())
    except _Fault as fault:
        raise _refusal(name, fault) from None
    if builder.problems:
        raise told(builder.problems, builder.untold)
    return Document(data, builder.lines, name)


def _refusal(name: str, fault: _Fault) -> ScenarioError:
    where = f"{name}:{fault.line}" if name and fault.line else name
    return ScenarioError([Problem(where, "", one_line(str(fault)))])


def _bytes(path: str | os.PathLike[str]) -> bytes:
    """The file's content, never more than is allowed."""
    if "\n" in os.fspath(path):
        raise _Fault("this is YAML text where the name of a file is expected")
    try:
        with open(path, "rb") as file:
            # One byte more than allowed tells a large file, a pipe or a device without reading it to its end.
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise _Fault("no such file") from None
    except IsADirectoryError:
        raise _Fault("this is a folder, not a YAML file") from None
    except OSError as error:
        raise _Fault(f"cannot be read: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise _Fault("this cannot be the name of a file") from None
    if len(content) > LARGEST:
        raise _Fault(f"larger than {LARGEST // 1_000_000} MB; a scenario is a few hundred lines")
    return content


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _Fault("this is UTF-16 text; save the file as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Fault(f"not UTF-8 text (byte 0x{content[error.start]:02x}); save the file as UTF-8", line) from None


class _Loader(yaml.SafeLoader):
    """PyYAML's parser with YAML 1.2's scalars and a limit to nesting."""

    depth = 0

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: Any) -> str:
        if kind is not yaml.ScalarNode or value is None:
            return _TAG + ("seq" if kind is yaml.SequenceNode else "map")
        if not implicit[0]:  # quoted, or a block of text
            return _TAG + "str"
        return _TAG + next(name for name, (pattern, _) in _SCALARS.items() if pattern.fullmatch(value))

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Fault(f"nested more than {DEEPEST} levels deep", self.line + 1)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _compose(text: str) -> yaml.Node | None:
    """The node tree, or None for an empty text."""
    if bad := _CONTROL.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        raise _Fault(f"a control character (U+{ord(bad[0]):04X}) that does not belong into text", line)
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    except yaml.MarkedYAMLError as error:
        raise _plainly(error, text) from None
    except RecursionError:
        raise _Fault("nested too deeply", loader.line + 1) from None
    except (ValueError, OverflowError):
        # An escape such as \UFFFFFFFF, which PyYAML hands to chr() unchecked.
        raise _Fault("an escape in quotes that is no character", loader.line + 1) from None
    finally:
        loader.dispose()


_SAID: tuple[tuple[str, str], ...] = (
    (
        "mapping values are not allowed",
        "a ':' does not fit here: check the indentation, or put the text in quotes",
    ),
    ("sequence entries are not allowed", "a '-' does not fit here: a list starts on the line after its key"),
    ("could not find expected ':'", "a key without a ':'"),
    ("unexpected end of stream", "a quote that is not closed"),
    ("expected ',' or '}'", "a ',' or '}' is missing"),
    ("expected ',' or ']'", "a ',' or ']' is missing"),
    ("found another document", "a second document begins here ('---'); a file holds one"),
    ("expected <block end>", "this does not fit the lines above: check the indentation, quotes and brackets"),
    ("unknown escape character", "a '\\' in double quotes that means nothing: use single quotes, or '\\\\'"),
)


def _plainly(error: yaml.MarkedYAMLError, text: str) -> _Fault:
    """PyYAML's finding in plain words."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    problem = error.problem or error.context or "not YAML"
    if "'\\t'" in problem and mark:
        row = (text.splitlines() or [""])[min(mark.line, text.count("\n"))]
        start = not row[: mark.column].strip()
        return _Fault("a tab in the indentation: use spaces" if start else "a tab where a space is needed", line)
    if alias := re.search(r"undefined alias '(.*)'", problem):
        return _Fault(f"'*{alias[1]}' stands for nothing: there is no '&{alias[1]}' before it", line)
    if anchor := re.search(r"duplicate anchor '(.*?)'", error.context or ""):
        return _Fault(f"'&{anchor[1]}' is used twice", line)
    if odd := re.search(r"found character '(.*)' that cannot start", problem):
        return _Fault(f"text cannot begin with '{odd[1]}': put it in quotes", line)
    if before := re.search(r"expected the node content, but found '(.*)'", problem):
        return _Fault(f"something is missing before this '{before[1]}'", line)
    for known, said in _SAID:
        if known in problem:
            opened = error.context_mark.line + 1 if error.context_mark else line
            unclosed = opened != line and ("missing" in said or "closed" in said)
            since = f" (opened in line {opened})" if unclosed else ""
            return _Fault(said + since, line)
    return _Fault(f"not YAML: {problem}", line)


def _whole(text: str) -> int:
    if len(text) > 40:
        raise ValueError(f"a whole number of {len(text)} digits is too large")
    number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if not -WIDEST <= number < WIDEST:
        raise ValueError("a whole number has to lie between -2**63 and 2**63 - 1")
    return number


def _decimal(text: str) -> float:
    if "n" in text.lower():
        return {"-": -math.inf}.get(text[0], math.nan if text[1:].lower() == "nan" else math.inf)
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{shown(text)} is too large for a number")
    return number


def _text(text: str) -> str:
    if _HALF.search(text):
        raise ValueError("an escape that is half a character (U+D800 to U+DFFF)")
    return text


# In the order of trying: every whole number also looks like a decimal one, and everything looks like text.
_SCALARS: dict[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    "null": (re.compile(r"~|null|Null|NULL|"), lambda text: None),
    "bool": (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text[0] in "tT"),
    "int": (re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"), _whole),
    "float": (
        re.compile(
            r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII
        ),
        _decimal,
    ),
    "str": (re.compile(r".*", re.DOTALL), _text),
}


class _Builder:
    """Plain data from a node tree; collects every problem on the way."""

    def __init__(self, name: str) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self.untold = 0
        self._name = name
        self._count = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node, path: Path) -> Any:
        """The value of a node."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        self._count += 1
        if self._count > MOST:
            raise _Fault(f"more than {MOST:,} values, counting what aliases repeat")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open:
            raise _Fault(f"{dotted(path)} contains itself by an alias", self.lines[path])
        if len(path) > DEEPEST:
            raise _Fault(f"nested more than {DEEPEST} levels deep", node.start_mark.line + 1)
        self._open.add(id(node))
        listed = isinstance(node, yaml.SequenceNode)
        if node.tag != _TAG + ("seq" if listed else "map"):
            self._refuse(node, path, f"unknown tag {shown(_tag(node))}; a scenario is plain data")
        value = self._list(node, path) if listed else self._mapping(node, path)
        self._open.discard(id(node))
        return value

    def _list(self, node: yaml.Node, path: Path) -> tuple[Any, ...]:
        return tuple(self.build(item, (*path, i)) for i, item in enumerate(node.value))

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            line = key_node.start_mark.line + 1
            here = (*path, key)
            if key in made:
                self._refuse(key_node, here, f"this key is given twice, first in line {self.lines[here]}")
                continue
            self.lines[here] = line
            made[key] = self.build(value_node, here)
        return made

    def _key(self, node: yaml.Node, path: Path) -> str | None:
        """The key's text, or None when it is no text and was refused."""
        if not isinstance(node, yaml.ScalarNode):
            self._refuse(node, path, "a key has to be text, not a list or a mapping")
            return None
        if node.tag in (_TAG + "null", _TAG + "bool", _TAG + "int", _TAG + "float"):
            said = f"the key {cut(node.value)} is not text: put it in quotes" if node.value else "a key is missing"
            self._refuse(node, path, said)
            return None
        found = self._scalar(node, path)
        return found if isinstance(found, str) else None

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        kind = node.tag.removeprefix(_TAG)
        pattern, convert = _SCALARS.get(kind, (None, str))
        if pattern is None or not node.tag.startswith(_TAG):
            return self._refuse(node, path, f"unknown tag {shown(_tag(node))}; a scenario is plain data")
        if not pattern.fullmatch(node.value):
            return self._refuse(node, path, f"{shown(node.value)} is not what its tag !!{kind} says")
        try:
            return convert(node.value)
        except ValueError as error:
            return self._refuse(node, path, str(error))

    def _refuse(self, node: yaml.Node, path: Path, message: str) -> None:
        if len(self.problems) >= MOST_TOLD:
            self.untold += 1
            return
        where = f"{self._name}:{node.start_mark.line + 1}" if self._name else ""
        self.problems.append(Problem(where, dotted(path), one_line(message)))


def _tag(node: yaml.Node) -> str:
    return str(node.tag).replace(_TAG, "!!")
