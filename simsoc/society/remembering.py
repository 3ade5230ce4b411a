"""What the people of a world have stored and recalled in a step, for the memory table of the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simsoc.core.protocols import Stored, World
from simsoc.engine.loop import Engine

if TYPE_CHECKING:
    from simsoc.runlog.rows import MemoryRow
    from simsoc.runlog.writer import Writer


def log_memories(worlds: Iterable[World], writer: Writer | None, engine: Engine) -> None:
    """Take what is new from every world whose people remember, and write it, if there is a log to write to.

    A memory is written with the place of the event it was stored with, and the row of the ask it comes from.
    """
    places = {id(event): place for event, place in engine.placed}
    for world in worlds:
        taken = getattr(world, "stored", None)
        if taken is None:
            continue
        fresh, recalled = taken()
        if writer is not None:
            writer.memories(_row(one, engine.clock, places[id(one.event)], writer) for one in fresh)
            for agent, number in recalled:
                writer.remembered(agent, [number], engine.clock)
    engine.placed.clear()


def _row(one: Stored, step: int, place: int, writer: Writer) -> MemoryRow:
    from simsoc.runlog.rows import MemoryRow

    record = one.record
    return MemoryRow(
        one.agent,
        record.n,
        step,
        record.kind,
        record.text,
        record.depth,
        record.importance,
        record.triple,
        record.keywords or None,
        record.evidence or None,
        one.expires,
        place,
        None if record.ask is None else writer.row_of(record.ask),
    )
