"""The diffusion report of a logged town: who knew what by when and through which talk, and who came where."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simsoc.measures import diffusion
from simsoc.minds.clock import told

from .answers import acquaintance, claims, counted, news_of, town_of
from .people import name_of
from .times import DAY, minute, seconds

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.runlog.reader import Run


def report(run: Run) -> str:
    """In words, from the events of a run. Raises ValueError where the run has no town."""
    town_of(run)
    events = [event for event in run.stored_events() if event.kind.rpartition(".")[2] in ("learn", "talk")]
    names = names_of(run)
    return diffusion.report(
        diffusion.knowers(events),
        diffusion.chats(events),
        names,
        _when(run),
    )


def attendance(run: Run) -> list[dict[str, Any]]:
    """For each occasion: who was told of it before its end, and who of these came to where it took place."""
    events = list(run.stored_events())
    found = diffusion.knowers(events)
    hosts = {one.item: one.agent for one in reversed(found) if one.source is None}
    spec = town_of(run)
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


def spread(run: Run) -> pd.DataFrame:
    """Everybody who came to know an item: a row for each, in the order in which it happened.

    Columns `item`, `agent`, `name`, `step`, `when` (game time in words), `source` (who told it; missing for who knew it
    by itself), `chat` (step, turn and agent of the talk).
    """
    import pandas as pd

    names, when = names_of(run), _when(run)
    rows = [
        (one.item, one.agent, names[one.agent], one.step, when(one.step), one.source, one.chat)
        for one in diffusion.knowers(run.stored_events())
    ]
    made = pd.DataFrame(rows, columns=["item", "agent", "name", "step", "when", "source", "chat"])
    return made.astype({"source": "Int64"})


def answered(run: Run) -> str:
    """Which mind produced a run: rules, or models by name, and how many answers each gave."""
    asks = run.asks
    by = asks["by"].where(asks["source"] != "rule", "rules")
    return ", ".join(f"{who} ({count} answers)" for who, count in by.value_counts().items()) or "nobody"


def as_data(run: Run) -> dict[str, Any]:
    """The same for programs: plain lists and numbers."""
    before, after = acquaintance(run)
    found = [one._asdict() for one in diffusion.knowers(run.stored_events())]
    asked = [claims(run, survey["name"]) for survey in surveys_of(run)]
    return {
        "answered_by": answered(run),
        "knowers": found,
        "attendance": attendance(run),
        "density": {"start": before, "end": after},
        "claims": [row for one in asked for row in counted(one).to_dict("records")],
    }


def surveys_of(run: Run) -> list[Any]:
    """Surveys of a run with questions that are called like an item of news."""
    items = news_of(run)
    return [s for s in run.scenario.get("surveys") or () if any(q["name"] in items for q in s["questions"])]


def told_of(run: Run) -> str:
    """All of it in words: which mind, who knew what through whom, who came, who knows whom, and what was claimed."""
    before, after = acquaintance(run)
    parts = [f"answered by {answered(run)}", report(run)]
    for row in attendance(run):
        parts.append(f"{row['news']}: {len(row['invited'])} were told in time, {len(row['came'])} of them came")
    parts.append(f"mutual knowledge: density {before:.3f} at the start, {after:.3f} at the end")
    for survey in surveys_of(run):
        for one in counted(claims(run, survey["name"])).to_dict("records"):
            row = {str(key): value for key, value in one.items()}
            said = f"{row['confirmed']} knew it, {row['invented']} made it up, {row['unclaimed']} did not say so"
            parts.append(f"survey {survey['name']}, step {row['step']}, {row['item']}: {said}")
    return "\n".join(part for part in parts if part)


def _when(run: Run) -> Callable[[int], str]:
    """From a step to game time in words."""
    spec = town_of(run)
    start, tick = minute(spec.get("start", "00:00")), seconds(spec.get("step", "1min")) / 60
    return lambda step: told(start + max(0, step - 1) * tick)


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


def names_of(run: Run) -> dict[int, str]:
    """What everybody is called."""
    people = run.agents
    called = people["name"] if "name" in people else people["label"]
    return {
        int(a): name_of({"name": n if isinstance(n, str) else ""}, int(a))
        for a, n in zip(people["agent"], called, strict=True)
    }
