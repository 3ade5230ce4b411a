"""Feeds as somebody saw them: slot by slot, with what the items said and what the viewer then did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from simsoc.runlog import behind
from simsoc.runlog.reader import Run

from .plain import number

_WORDS = ("title", "text", "body", "headline", "comment")
_SLOTS = 20  # of one view
_INNER = ("n", "memory", "synthetic", "by_rule")  # of what somebody did: nothing to look at


class Slot(NamedTuple):
    """An item where it was shown."""

    place: int
    author: str
    text: str
    about: str
    """When it was made, what kind it is, its score and the parts of that."""


class Seen(NamedTuple):
    """What somebody saw in one turn, and did."""

    of: str
    viewer: str
    step: int
    slots: list[Slot]
    more: int
    did: list[str]


def seen(run: Run, of: str, most: int) -> list[Seen]:
    """So many views of a run at most; none where nobody is shown anything by a feed."""
    views = behind.views(run, most)
    called = behind.names(run)
    found = behind.items(run, [item for view in views for _, item, *_ in view.slots])
    made = []
    for view in views:
        slots = [_slot(slot, found.get(slot[1]), called, view.step) for slot in view.slots[:_SLOTS]]
        done = behind.deeds(run, view.step, view.viewer, view.turn)
        deeds = [_told(kind, content, called) for kind, content in done if kind.rpartition(".")[2] != "remember"]
        more = max(0, len(view.slots) - _SLOTS)
        made.append(Seen(of, _name(view.viewer, called), view.step, slots, more, deeds or ["nothing"]))
    return made


def _slot(
    slot: tuple[int, tuple[int, int, int], float | None, Mapping[str, Any], str],
    item: tuple[str, Mapping[str, Any]] | None,
    called: Mapping[int, str],
    step: int,
) -> Slot:
    place, (author, made, n), score, parts, ranker = slot
    kind, content = item if item is not None else ("item", {})
    text = ": ".join(str(content[word]) for word in _WORDS if isinstance(content.get(word), str) and content[word])
    if not text and "of" in content:
        text = f"(passes on item {content['of']})"
    about = [f"{kind} of step {made}", f"by {ranker}"]
    if score is not None:
        about.append(f"score {number(score)}")
    about += [f"{name} {number(value)}" for name, value in parts.items()]
    text = text or f"(item {author}.{made}.{n}, no text in the log)"
    return Slot(place, _name(author, called), text, ", ".join(about))


def _name(agent: int, called: Mapping[int, str]) -> str:
    if agent < 0:
        return "the world"
    return f"{called[agent]} ({agent})" if agent in called else f"agent {agent}"


def _told(kind: str, content: Mapping[str, Any], called: Mapping[int, str]) -> str:
    """An event in a line."""
    said = []
    for key, value in content.items():
        if key in _INNER:
            continue
        if key in ("who", "whom") and isinstance(value, int):
            value = _name(value, called)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        said.append(f"“{text[:400]}”" if key == "text" else f"{key} {text[:400]}")
    return f"{kind}: {'; '.join(said)}" if said else kind
