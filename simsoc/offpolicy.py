"""What another feed would have shown: a finished run looked at again, turn by turn, with nothing else changed.

The world of the run is rebuilt from the logged events, so that at each turn it is what it was; then the other feed
ranks for the same viewer. People did what they did: how they would have acted under the other feed, and what that would
have led to, is a question for a fork.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from simsoc.core.errors import LogError
from simsoc.core.protocols import expect
from simsoc.core.words import Event, Shown, Turn
from simsoc.feeds import build
from simsoc.loading import load
from simsoc.worlds.setting import SOCIETY

from .society import Society
from .society.build import schedule
from .society.rebuilding import rebuilt

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.runlog.reader import Run

Seen = tuple[Turn, Sequence[Shown]]
COLUMNS = ("step", "viewer", "turn", "slot", "author", "made_step", "n", "score", "ranker")


def reranked(run: Run, feed: str | Mapping[str, Any]) -> pd.DataFrame:
    """What a feed would have shown in every turn of a run in which a feed was looked at.

    run: of a world with a feed (`feed`, and `observe` gives what it `ranked`, or the lists `shown`). feed: as a
    scenario writes it, such as ``"bridging"`` or ``{"kind": "everyone", "size": 5}``; a file is looked for beside the
    run's scenario. The frame has the columns of `run.exposures`, and with the run's own feed the rows of its feed.
    Interventions count as far as they are events. Raises LogError for a run without a feed, ScenarioError for a feed
    that cannot be made.
    """
    import pandas as pd

    rows = [row for turn, lists in _turns(run, feed) for row in _rows(turn, lists)]
    columns = list(zip(*rows, strict=True)) or [()] * (len(COLUMNS) + 1)
    return pd.DataFrame(dict(zip((*COLUMNS, "parts"), columns, strict=True)))


def _turns(run: Run, feed: str | Mapping[str, Any]) -> Iterator[Seen]:
    """What the feed shows in each turn, while the run goes by."""
    society, world = _begun(run, feed)
    looked, put_in = _looked(run), _put_in(run, society)
    for step, group in groupby((e for e in run.stored_events() if e.step > 0), key=attrgetter("step")):
        events, turns = deque(group), looked.get(step, {})
        before = put_in.get(step, Counter())
        while events and _outside(events[0], before):
            _fold(society, world, events.popleft())
        if _together(society, world, step):
            expect(world, list(turns.values()))
            yield from _seen(world, turns.values())
            turns = {}
        for event in events:
            if (event.agent, event.turn) in turns:
                yield from _seen(world, [turns.pop((event.agent, event.turn))])
            _fold(society, world, event)


def _begun(run: Run, feed: str | Mapping[str, Any]) -> tuple[Society, Any]:
    """The society of a run at its start, and its world that has a feed: the other one now. Nobody is asked anything."""
    society = rebuilt(run.path, 0)
    for place, world in enumerate(society.worlds):
        if hasattr(world, "feed"):
            key = "world.feed" if len(society.worlds) == 1 else f"world.{place}.feed"
            part = load(society.scenario, [(key, feed)]).world[place].given.feed  # type: ignore[attr-defined]
            world.feed = build(part, society.setting.shelves, society.seed)
            return society, world
    raise LogError(f"{run.path}: no world of this run has a feed")


def _looked(run: Run) -> dict[int, dict[tuple[int, int], Turn]]:
    """Turns in which something was shown, by step and by (agent, turn), in their order."""
    seed = run.info["seed"]
    found: dict[int, dict[tuple[int, int], Turn]] = {}
    for step, viewer, turn in run.rows("SELECT step, viewer, turn FROM exposure WHERE slot = 0 ORDER BY id"):
        found.setdefault(step, {})[viewer, turn] = Turn(seed, step, viewer, turn)
    return found


def _fold(society: Society, world: Any, event: Event) -> None:
    """What was logged happens again."""
    kind = event.kind
    if kind.startswith(SOCIETY):
        society.setting.fold(event)
    elif len(society.worlds) > 1:
        whose, _, kind = kind.partition(".")
        if whose != world.kind:
            return
    world.fold(Event(event.step, event.turn, event.agent, kind, event.content))


def _put_in(run: Run, society: Society) -> dict[int, Counter[tuple[int, Any]]]:
    """How often something was put in, in the name of an agent, before each step: by (agent, text)."""
    found: dict[int, Counter[tuple[int, Any]]] = {}
    for step, content in run.rows("SELECT step, content FROM note WHERE kind = 'intervention' ORDER BY id"):
        noted = json.loads(content)
        one = society.scenario.interventions[noted["index"]]
        item = noted["do"].get("item")
        if one.who is not None and isinstance(item, dict) and isinstance(item.get("post"), str):
            found.setdefault(step, Counter()).update((agent, item["post"]) for agent in noted["who"])
    return found


def _outside(event: Event, put_in: Counter[tuple[int, Any]]) -> bool:
    """Whether the next event of a step, before any of a turn, is of no turn either."""
    if event.agent < 0 or event.content.get("n", 0) < 0:
        return True
    said = event.agent, event.content.get("text")
    put_in[said] -= 1
    return put_in[said] >= 0


def _together(society: Society, world: Any, step: int) -> bool:
    """Whether all who took a turn in this step saw its start."""
    if world.due(step) is not None:
        return bool(getattr(world, "TOGETHER", False))
    return schedule(society.scenario, society.setting.people)(society.seed, step, world.active()).together


def _seen(world: Any, turns: Iterable[Turn]) -> Iterator[Seen]:
    """What the feed shows in some turns; a turn that looks at none is passed over."""
    for turn in turns:
        view = world.observe(turn)
        ranked = getattr(view, "ranked", None)
        lists = getattr(view, "shown", ()) if ranked is None else (ranked,)
        if lists:
            yield turn, lists


def _rows(turn: Turn, lists: Sequence[Shown]) -> Iterator[tuple[Any, ...]]:
    """Rows of the frame; slots count on from one list to the next."""
    slot = 0
    for shown in lists:
        for row in _slots(shown):
            yield turn.step, turn.agent, turn.turn, slot, *row
            slot += 1


def _slots(shown: Shown) -> Iterator[tuple[Any, ...]]:
    n = len(shown.ids)
    by: Sequence[str] = (shown.ranker,) * n if isinstance(shown.ranker, str) else shown.ranker
    parts = shown.parts or ((),) * n
    for id, score, ranker, part in zip(shown.ids, shown.scores, by, parts, strict=True):
        yield *id, score, ranker, dict(zip(shown.names.get(ranker, ()), part, strict=False)) or None
