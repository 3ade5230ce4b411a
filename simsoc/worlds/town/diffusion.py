"""The diffusion report of a logged town: who knew what by when and through which talk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simsoc.measures import diffusion
from simsoc.minds.clock import told

from .people import name_of
from .times import DAY, minute, seconds

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run


def report(run: Run) -> str:
    """In words, from the events of a run. Raises ValueError where the run has no town."""
    spec = next((part for part in _worlds(run.scenario) if part["kind"] == "town"), None)
    if spec is None:
        raise ValueError("this run has no town")
    start, tick = minute(spec.get("start", "00:00")), seconds(spec.get("step", "1min")) / 60
    events = [event for event in run.stored_events() if event.kind.rpartition(".")[2] in ("learn", "talk")]
    names = _names(run)
    return diffusion.report(
        diffusion.knowers(events),
        diffusion.chats(events),
        names,
        lambda step: told(start + max(0, step - 1) * tick),
    )


def attendance(run: Run) -> list[dict[str, Any]]:
    """For each occasion: who was told of it before its end, and who of these came to where it took place."""
    events = list(run.stored_events())
    found = diffusion.knowers(events)
    hosts = {one.item: one.agent for one in reversed(found) if one.source is None}
    spec = next(part for part in _worlds(run.scenario) if part["kind"] == "town")
    start, tick = minute(spec.get("start", "00:00")), seconds(spec.get("step", "1min")) / 60
    rows = []
    for occasion in spec.get("occasions", ()):
        day, item = (occasion["day"] - 1) * DAY, occasion["news"]
        begins, ends = ((day + minute(occasion[key]) - start) / tick + 1 for key in ("from", "to"))
        invited = {k.agent: k.step for k in found if k.item == item and k.agent != hosts[item] and k.step < ends}
        came = _there(events, occasion["at"], begins, ends)
        there = [agent for agent in came if agent in invited and invited[agent] < came[agent]]
        rows.append({"news": item, "invited": list(invited), "came": there})
    return rows


def _there(events: list[Any], at: str, begins: float, ends: float) -> dict[int, int]:
    """Who was at a place between two steps, and since which."""
    came: dict[int, int] = {}
    for event in events:
        kind = event.kind.rpartition(".")[2]
        here = (
            begins <= event.step < ends and str(event.content.get("at", "")).partition("/")[0] == at.partition("/")[0]
        )
        if here and kind == "occasion":
            came.update((agent, event.step) for agent in event.content["there"])
        elif here and kind == "arrive":
            came.setdefault(event.agent, event.step)
    return came


def _worlds(scenario: Any) -> list[dict[str, Any]]:
    world = scenario["world"]
    return list(world) if isinstance(world, list | tuple) else [world]


def _names(run: Run) -> dict[int, str]:
    people = run.agents
    called = people["name"] if "name" in people else people["label"]
    return {
        int(a): name_of({"name": n if isinstance(n, str) else ""}, int(a))
        for a, n in zip(people["agent"], called, strict=True)
    }
