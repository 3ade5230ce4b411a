"""A list of tasks without a model: every task is done as it stands, and nothing new comes up."""

from __future__ import annotations

from typing import Any

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream


def task(facts: Facts, stream: Stream) -> dict[str, Any]:
    """The task is done."""
    return {"result": f"Done: {facts['task']}", "objective_met": False}


def new_tasks(facts: Facts, stream: Stream, *, tasks: int) -> dict[str, Any]:
    """So many further tasks follow from each, numbered."""
    return {"tasks": [f"{facts['task'][:140]}, part {number}" for number in range(1, tasks + 1)]}


def rank(facts: Facts, stream: Stream) -> dict[str, Any]:
    """The order they are in."""
    return {"order": list(range(1, len(facts["tasks"]) + 1))[:100]}
