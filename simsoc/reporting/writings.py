"""Threads as people read them: the longest of one run of each arm."""

from __future__ import annotations

from simsoc.posts import gather, whole_threads
from simsoc.posts.told import as_text, names
from simsoc.report.matter import Writing, called
from simsoc.runlog.behind import traits
from simsoc.runlog.many import Runs

_THREADS = 3  # of one run
_ARMS = 6
_WIDTH = 76


def threads(runs: Runs) -> list[Writing]:
    """Threads with replies, the longest first; none where nobody answers anybody in writing."""
    made: list[Writing] = []
    seen: set[str] = set()
    for keys, run in runs:
        arm = str(keys.get("arm") or "")
        if arm in seen or len(seen) == _ARMS:
            continue
        seen.add(arm)
        found = [thread for thread in whole_threads(gather(run.stored_events())).values() if len(thread) > 1]
        named = names(traits(run)) if found else None
        for thread in sorted(found, key=len, reverse=True)[:_THREADS]:
            assert named is not None
            made.append(Writing(f"A thread of {len(thread)} ({called(keys)})", as_text([thread], named, _WIDTH)))
    return made
