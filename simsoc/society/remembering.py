"""What the people of a world have stored and recalled in a step, for the memory table of the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simsoc.core.protocols import World

if TYPE_CHECKING:
    from simsoc.runlog.writer import Writer


def log_memories(worlds: Iterable[World], writer: Writer | None, step: int) -> None:
    """Take what is new from every world that has `stored`, and write it, if there is a log to write to.

    `stored()` gives (agent, record, step in which it expires) of what was stored, and (agent, number) of what was
    recalled, since the last time.
    """
    for world in worlds:
        taken = getattr(world, "stored", None)
        if taken is None:
            continue
        fresh, recalled = taken()
        if writer is None:
            continue
        from simsoc.runlog.rows import MemoryRow

        writer.memories(
            MemoryRow(
                agent,
                record.n,
                step,
                record.kind,
                record.text,
                record.depth,
                record.importance,
                record.triple,
                record.keywords or None,
                record.evidence or None,
                expires,
            )
            for agent, record, expires in fresh
        )
        for agent, number in recalled:
            writer.remembered(agent, [number], step)
