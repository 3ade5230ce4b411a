"""Interviews that were made already: where new ones are kept, and old ones found again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from simsoc.core.calls import Asked
from simsoc.core.canonical import dumps
from simsoc.core.words import Answer, Ask, NoAnswer, Reply
from simsoc.engine.silent import Silent
from simsoc.runlog.interviews import append, records

Address = tuple[int, int, int, str]
"""(seed, agent, step, purpose)"""
_KEYS = ("seed", "agent", "step", "purpose")
_TOLD = ("by", "attempts", "tokens_in", "tokens_out", "cost", "latency")


class Kept(Silent):
    """The interviews of a file: a log of new ones, and a source of answers to those that are asked again.

    named: what somebody is called. Raises LogError when the file cannot be read.
    """

    def __init__(self, path: Path, named: Callable[[int], str]) -> None:
        self.path = path
        self._named = named
        self._made: dict[Address, list[dict[str, Any]]] = {}
        for record in records(path):
            self._made.setdefault(tuple(record.get(k) for k in _KEYS), []).append(record)  # type: ignore[arg-type]

    def draws(self, address: Address) -> int:
        """How often the question has been asked there."""
        return 1 + max((record["draw"] for record in self._made.get(address, ())), default=-1)

    def find(self, ask: Ask, backend: Asked) -> Reply | None:
        """What the same model said to the very same prompt, or None."""
        for record in self._same(ask):
            if record["by"] != backend.name or record["prompt"] is None:
                continue
            settings = dumps(record["settings"])
            now = backend.signature(ask, settings)
            if now.settings == settings and now.prompt == dumps(record["prompt"]):
                return _reply(record, now.prompt, now.settings)
        return None

    def ask(self, ask: Ask, reply: Reply) -> None:
        """Keep an answer, unless it is from here, or the rule has said the same before."""
        if reply.source == "replay":
            return
        record = self._record(ask, reply)
        same = (r["by"] == reply.by and r["answer"] == record["answer"] for r in self._same(ask))
        if reply.source == "rule" and any(same):
            return
        append(self.path, record)
        self._made.setdefault(_address(ask), []).append(record)

    def _same(self, ask: Ask) -> list[dict[str, Any]]:
        return [record for record in self._made.get(_address(ask), ()) if record["draw"] == ask.draw]

    def _record(self, ask: Ask, reply: Reply) -> dict[str, Any]:
        question = ask.facts.source.question
        said = {"answer": reply.value, "status": "ok", "detail": None} if isinstance(reply, Answer) else None
        return {
            "step": ask.step,
            "agent": ask.agent,
            "name": self._named(ask.agent),
            "question": question.ask,
            **(said or {"answer": None, "status": reply.reason, "detail": reply.detail}),  # type: ignore[union-attr]
            "source": reply.source,
            **{key: getattr(reply, key) for key in _TOLD},
            "flags": list(reply.flags),
            "form": {question.kind: getattr(question, question.kind)},
            "facts": dict(ask.facts),
            "prompt": _object(reply.prompt),
            "reply": reply.raw,
            "settings": _object(reply.settings),
            "seed": ask.seed,
            "purpose": ask.purpose,
            "draw": ask.draw,
            "asked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def _address(ask: Ask) -> Address:
    return (ask.seed, ask.agent, ask.step, ask.purpose)


def _object(text: str | None) -> Any:
    """JSON as what it says, so that a line of the file can be read."""
    return None if text is None else msgspec.json.decode(text)


def _reply(record: Mapping[str, Any], prompt: str, settings: str) -> Reply:
    """A reply as it was kept."""
    told = {key: record[key] for key in _TOLD}
    told |= {"source": "replay", "flags": tuple(record["flags"]), "prompt": prompt, "settings": settings}
    if record["status"] == "ok":
        return Answer(value=record["answer"], raw=record["reply"], **told)
    return NoAnswer(reason=record["status"], detail=record["detail"] or "", raw=record["reply"], **told)
