"""What an interval speaks of: what was drawn anew in every replicate, and what was the same in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simsoc.runlog.reader import open_run
from simsoc.runlog.tallied import same_start


def scope(logs: Sequence[Path], hold: Sequence[str]) -> str:
    """A sentence, read from the logs of one arm's replicates rather than from what was meant. hold: what was."""
    if len(logs) < 2:
        return "One replicate: there is no interval, and nothing to generalise to."
    with open_run(logs[0]) as one, open_run(logs[1]) as other:
        start = same_start(one, other)
    drawn = [name for name, same in start._asdict().items() if same is False]
    kept = [name for name, same in start._asdict().items() if same]
    told = f"Intervals generalise to new draws of {_listed([*drawn, 'all chance within a run'])}"
    if kept:
        why = " (hold)" if hold else ""
        told += f", for these very {_listed(kept)}{why}"
    return f"{told}; not to other scenarios, prompts or models."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
