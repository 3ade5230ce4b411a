"""When a logged reply may stand in for a call: identity, model, settings and rendered prompt are all equal.

The settings of a call name the schema and how a choice is drawn, so both are among what has to agree. Texts are
compared by the keys under which a log keeps them: no prompt has to be held in memory to be compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from .errors import Divergence
from .words import Ask, Identity, Reply

EMBED = "minds/embed"
"""The template of asks for vectors, which a server of its own answers."""
SURVEYS = "survey/"
"""How the purposes of survey questions begin: ``survey/NAME/QUESTION``."""
_SHOWN = 300  # characters of a text in a message
_BEFORE = 60  # of these, what stands before the first difference


class Signature(NamedTuple):
    """A call as it would be sent now."""

    by: str
    """The model."""
    prompt: str
    """The messages, as JSON."""
    settings: str
    """The model settings as canonical JSON."""
    read: Callable[[str], Any] | None = None
    """From a reply's text to the canonical value under the facts of this call; raises ValueError when unreadable."""


class Asked(Protocol):
    """A live backend that can say what it would send."""

    name: str

    def signature(self, ask: Ask, like: str | None = None) -> Signature:
        """What the call would be sent as; `like`: settings of an answer from the same server, known to be as then."""
        ...

    def adopt(self, settings: str) -> None:
        """Take over what was found out about the server."""
        ...


class Kept(NamedTuple):
    """A call in a log."""

    by: str
    prompt: int | None
    """Key of the messages; None for a rule, and where the wire failed."""
    settings: str | None
    """The model settings as canonical JSON."""
    reply: Reply
    """As it was logged; without prompt and settings."""


class Book(Protocol):
    """The calls of a log."""

    def get(self, identity: Identity) -> Kept | None:
        """What is kept of this call, or None."""
        ...

    def text(self, key: int) -> str:
        """A text of this log. Raises KeyError."""
        ...

    def key(self, text: str) -> int:
        """The key that a log gives a text, whether or not it holds it."""
        ...


def place(ask: Ask) -> str:
    """Which call this is, for people."""
    again = f" ({ask.draw + 1}.)" if ask.draw else ""
    return f"agent {ask.agent}, step {ask.step}, turn {ask.turn}, '{ask.purpose}'{again}"


def only_looks(ask: Ask) -> bool:
    """Whether it is a survey that asks: what happens in the run does not depend on that."""
    return ask.purpose.startswith(SURVEYS)


def compare(ask: Ask, kept: Kept, now: Signature, book: Book) -> None:
    """Raises Divergence, with both texts, where a logged call differs from what would be sent now."""
    if kept.by != now.by:
        raise differs(ask, "model", kept.by, now.by)
    if kept.prompt is not None and kept.prompt != book.key(now.prompt):
        raise differs(ask, "prompt", book.text(kept.prompt), now.prompt)
    if kept.settings != now.settings:
        raise differs(ask, "settings", kept.settings or "", now.settings)


def differs(ask: Ask, what: str, was: str, now: str) -> Divergence:
    """The error that names a call and shows both texts from where they part."""
    start = max(0, _apart(was, now) - _BEFORE)
    told = f"the call of {place(ask)} is in the log with another {what}:"
    return Divergence(f"{told}\n  logged: {cut(was, start)}\n  now:    {cut(now, start)}")


def _apart(a: str, b: str) -> int:
    """Where two texts begin to differ, if that is beyond what is shown of them; else 0."""
    found = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return found if found > _SHOWN - _BEFORE else 0


def cut(text: str, start: int = 0) -> str:
    """A text cut to what fits in a message."""
    shown = ("..." if start else "") + text[start:]
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "..."
