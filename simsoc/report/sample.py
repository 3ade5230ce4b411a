"""Decisions behind the numbers as data for the page: sampled evenly, with prompts and answers, and bounded in size."""

from __future__ import annotations

from typing import Any

from simsoc.runlog import behind
from simsoc.runlog.behind import Decision

from .matter import Matter, called, point_of
from .plain import all_shown

_TEXTS = 5_000_000  # characters of prompts, replies and facts, at most
_LONGEST = 20_000  # characters of one text

COLUMNS = (
    *("run", "step", "agent", "turn", "purpose", "draw", "source", "by", "status", "value", "detail", "facts"),
    *("choice", "prompt", "reply", "settings", "flags", "attempts", "tokens_in", "tokens_out", "cost", "latency"),
)


def decisions(matter: Matter, most: int) -> dict[str, Any]:
    """What the page's table of decisions is made of: columns, rows, texts by number, people, and what was left out."""
    share = max(4, most // max(len(matter.runs), 1))
    shelf = _Texts()
    rows: list[list[Any]] = []
    runs: list[dict[str, Any]] = []
    there = 0
    for number, (keys, run) in enumerate(matter.runs):
        sample, count = behind.decisions(run, share)
        there += count
        known = dict(behind.texts(run, sorted({key for one in sample for key in _keys(one)})))
        for one in sample:
            own: dict[str, Any] = {"run": number, **one._asdict(), "facts": shelf.put(one.facts)}
            for column in ("prompt", "reply", "settings"):
                own[column] = shelf.put(known.get(own[column]))
            rows.append([own[column] for column in COLUMNS])
        runs.append(
            {
                "told": called(keys),
                "point": point_of(keys),
                "arm": keys.get("arm", ""),
                "log": run.path.name,
                "names": behind.names(run),
            }
        )
    data = {"columns": COLUMNS, "rows": rows, "texts": shelf.texts, "runs": runs, "there": there, "cut": shelf.cut}
    shown: dict[str, Any] = all_shown(data)
    return shown


def _keys(one: Decision) -> list[int]:
    return [key for key in (one.prompt, one.reply, one.settings) if key is not None]


class _Texts:
    """Texts, each once, as long as there is room."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.cut = 0
        """How many found no room."""
        self._place: dict[str, int] = {}
        self._room = _TEXTS

    def put(self, text: str | None) -> int | None:
        """The number of a text; None for none, -1 where there is no room for it."""
        if text is None:
            return None
        if text not in self._place:
            kept = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} [{len(text) - _LONGEST} more characters]"
            if self._room < len(kept):
                self.cut += 1
                return -1
            self._room -= len(kept)
            self._place[text] = len(self.texts)
            self.texts.append(kept)
        return self._place[text]
