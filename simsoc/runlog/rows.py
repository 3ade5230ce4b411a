"""What a writer takes: the run, its people, what they saw and remember."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import msgspec

_PACKAGES = ("simsoc", "mesa", "networkx", "numpy", "scipy", "pandas", "pydantic", "msgspec", "SQLAlchemy")


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a run before it begins."""

    name: str
    """Name of the scenario."""
    scenario: Mapping[str, Any]
    """The scenario as run, every default filled in; JSON-able."""
    seed: int
    people: int = 0
    """People at the start; counted when not given."""
    directed: bool = False
    """Whether a tie from a to b means that a follows b."""
    yaml: str = ""
    """The scenario as a file."""
    folder: str = ""
    """Where its relative paths start, as seen from the folder of the log."""
    arm: str = ""
    replicate: int = 0
    parent: str | None = None
    """Log this run is forked from."""
    forked_at: int | None = None
    """Last step shared with the parent."""
    versions: Mapping[str, str] | None = None
    """Versions of everything that matters; found out when not given."""

    @classmethod
    def of(cls, scenario: Any, seed: int | None = None, **more: Any) -> RunInfo:
        """From a loaded scenario (a pydantic model with `name` and `seed`) and whatever else is known."""
        spec = scenario.model_dump(mode="json", by_alias=True)
        return cls(name=scenario.name, scenario=spec, seed=scenario.seed if seed is None else seed, **more)


class AgentRow(NamedTuple):
    """One inhabitant."""

    id: int
    traits: Mapping[str, Any]
    label: str = ""
    born_step: int = 0
    backend: str = ""
    """Who answers for it, where that is not the run's own backend."""


class ExposureRow(NamedTuple):
    """One item in one slot before one pair of eyes."""

    step: int
    viewer: int
    turn: int
    slot: int
    author: int
    made_step: int
    n: int
    """Which of the author's items of that step."""
    score: float | None
    ranker: str
    parts: Mapping[str, float] | None = None
    """Parts of the score, by name."""


class MemoryRow(NamedTuple):
    """One memory of one agent."""

    agent: int
    n: int
    """Running number within the agent's memory, from 0."""
    step: int
    kind: str
    """event, thought, chat, plan or seed."""
    text: str
    depth: int = 0
    importance: float | None = None
    triple: tuple[str, str, str] | None = None
    """Subject, predicate, object."""
    keywords: Sequence[str] | None = None
    evidence: Sequence[int] | None = None
    """Numbers (n) of the memories it rests on."""
    expires: int | None = None
    event: int | None = None
    """Place, in applied order, of the event it was stored with."""
    ask: int | None = None
    """Row of the ask that brought it about (`Writer.row_of`)."""


def versions(*more: str) -> dict[str, str]:
    """Versions of Python, simsoc and the libraries a run depends on. more: packages besides those of every run."""
    found = {"python": platform.python_version(), "system": sys.platform}
    for name in (*_PACKAGES, *more):
        own = version_of(name)
        if own is not None:
            found[name.lower()] = own
    return found


@cache
def version_of(package: str) -> str | None:
    """The version of a distribution that is installed here."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _number(value: Any) -> Any:
    """NumPy scalars as plain numbers; everything else is refused."""
    if hasattr(value, "item") and not getattr(value, "shape", ()):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_encode = msgspec.json.Encoder(enc_hook=_number).encode


def as_json(value: Any) -> str:
    """JSON in the order given, in full precision. Raises TypeError for what JSON cannot hold."""
    return _encode(value).decode()


class TextRow(NamedTuple):
    """A long text under its name."""

    id: int
    hash: str
    text: str


@lru_cache(maxsize=512)  # settings and short replies come again and again
def text_row(text: str) -> TextRow:
    """A text with its integer key and its full hash. Halves of surrogate pairs, which UTF-8 cannot hold, become `?`."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = text.encode(errors="replace")
        text = data.decode()
    digest = blake2b(data, digest_size=16).digest()
    return TextRow(_key(digest), digest.hex(), text)


def text_key(text: str) -> int:
    """The key of a text alone: what `text_row` gives, for texts that do not come again."""
    return _key(blake2b(text.encode(errors="replace"), digest_size=16).digest())


def _key(digest: bytes) -> int:
    """The first 63 bits of a hash."""
    return int.from_bytes(digest[:8], "big") >> 1
