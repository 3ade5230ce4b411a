"""Scores that were asked for already: a line of JSON for each text, beside the log; found again by the whole prompt."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from simsoc.core.calls import Asked
from simsoc.core.canonical import dumps
from simsoc.core.errors import BrokenLog, LogError
from simsoc.core.words import Answer, Ask, NoAnswer, Reply
from simsoc.engine.silent import Silent

_TOLD = ("attempts", "tokens_in", "tokens_out", "cost", "latency")
_NEEDED = ("purpose", "text", "value", "status", "by", "prompt", "settings", *_TOLD, "flags", "reply")


def beside(run: Path) -> Path:
    """Where the scores of a run are kept when nothing else is said."""
    return run.with_name(f"{run.stem}-scores.jsonl")


class Kept(Silent):
    """The scores of a file: a log of new ones, and a source of answers to those that are asked again.

    Raises LogError when the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made: dict[str, list[dict[str, Any]]] = {}
        for record in _records(path):
            self._made.setdefault(record["purpose"], []).append(record)

    def find(self, ask: Ask, backend: Asked) -> Reply | None:
        """What the same model said to the very same prompt, or None."""
        for record in self._made.get(ask.purpose, ()):
            if record["by"] != backend.name or record["prompt"] is None:
                continue
            settings = dumps(record["settings"])
            now = backend.signature(ask, settings)
            if now.settings == settings and now.prompt == dumps(record["prompt"]):
                return _reply(record, now.prompt, now.settings)
        return None

    def ask(self, ask: Ask, reply: Reply) -> None:
        """Keep what was paid for."""
        if reply.source != "live":
            return
        answered = isinstance(reply, Answer)
        record = {
            "purpose": ask.purpose,
            "text": ask.facts["text"],
            "value": reply.value if isinstance(reply, Answer) else None,
            "status": "ok" if answered else reply.reason,  # type: ignore[union-attr]
            "detail": None if answered else reply.detail,  # type: ignore[union-attr]
            "by": reply.by,
            **{key: getattr(reply, key) for key in _TOLD},
            "flags": list(reply.flags),
            "prompt": _object(reply.prompt),
            "reply": reply.raw,
            "settings": _object(reply.settings),
        }
        _append(self.path, record)
        self._made.setdefault(ask.purpose, []).append(record)


def _object(text: str | None) -> Any:
    """JSON as what it says, so that a line of the file can be read."""
    return None if text is None else msgspec.json.decode(text)


def _reply(record: Mapping[str, Any], prompt: str, settings: str) -> Reply:
    """A reply as it was kept."""
    told = {key: record[key] for key in _TOLD}
    told |= {"source": "replay", "by": record["by"], "flags": tuple(record["flags"]), "raw": record["reply"]}
    told |= {"prompt": prompt, "settings": settings}
    if record["status"] == "ok":
        return Answer(value=record["value"], **told)
    return NoAnswer(reason=record["status"], detail=record["detail"] or "", **told)


def _records(path: Path) -> list[dict[str, Any]]:
    """Every score in a file, none where there is no file. A last line that a kill cut short is not there."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LogError(f"{path}: the scores cannot be read: {error.strerror or error}") from None
    found = []
    for number, line in enumerate(lines[:-1], start=1):
        try:
            record = msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BrokenLog(f"{path}:{number}: not a score: {error}") from None
        if missing := [key for key in _NEEDED if key not in record]:
            raise BrokenLog(f"{path}:{number}: not a score: it has no {missing[0]}")
        found.append(record)
    return found


def _append(path: Path, record: Mapping[str, Any]) -> None:
    """One more score, written at once; after a line that was cut short, on a line of its own. Raises LogError."""
    line = dumps(record).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            _mend(file)
            os.write(file, line)
        finally:
            os.close(file)
    except OSError as error:
        raise LogError(f"{path}: the scores cannot be written: {error.strerror or error}") from None


def _mend(file: int) -> None:
    """Cut off a last line without an end: a kill came between."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        whole = os.pread(file, size, 0).rfind(b"\n") + 1
        os.ftruncate(file, whole)
