"""How much of likes, replies, reposts and follows may be missing because somebody gave no answer: for worst cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json import loads
from typing import TYPE_CHECKING, Any

from simsoc.measures import Average

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

_LEADS: Mapping[str, Mapping[str, str | int]] = {
    "like": {"mode": "n_posts", "react": "n_posts"},
    "reply": {"mode": "most_replies", "react": "most_replies", "reply": 1},
    "repost": {"act": 1, "confirm": 1},
    "follow": {"act": 1, "confirm": 1, "follow": 1, "suggest": 1},
}
"""By kind of contact, the asks that lead to it: how many one answer can make, as a number or the fact that says it."""
_MISSING = "SELECT step, purpose, facts FROM ask WHERE status <> 'ok' ORDER BY step"
_MOST = "SELECT purpose, facts FROM ask WHERE purpose LIKE '%react'"


def average(kind: str) -> Average:
    """The E-I index of a kind of contact: an average over contacts of 1 between groups and -1 inside."""

    def missing(run: Run, steps: Sequence[int]) -> Sequence[float] | None:
        rows = [(step, _plain(purpose), loads(facts)) for step, purpose, facts in run.rows(_MISSING)]
        if kind == "follow" and any(purpose == "unfollow" for _, purpose, _ in rows):
            return None  # a tie that was not ended is one too many, and no share of others bounds what that does
        leads = _LEADS[kind]
        most = _most(run) if any(purpose == "mode" for _, purpose, _ in rows) else {}
        shares = []
        for step in steps:
            lost = sum(
                _many(leads[purpose], facts, most) for at, purpose, facts in rows if at <= step and purpose in leads
            )
            there = _counted(run, kind, step) if lost else 0.0
            shares.append(lost / (lost + there) if lost else 0.0)
        return shares

    return Average(missing, -1.0, 1.0)


def _plain(name: str) -> str:
    return name.rpartition(".")[2]


def _many(lead: str | int, facts: Mapping[str, Any], most: Mapping[str, int]) -> int:
    return lead if isinstance(lead, int) else int(facts.get(lead, most.get(lead, 1)))


def _most(run: Run) -> dict[str, int]:
    """The most posts, and replies, that anybody could react with: whoever was not heard may have browsed as well."""
    found: dict[str, int] = {}
    for _, facts in run.rows(_MOST):
        for name, value in loads(facts).items():
            if name in ("n_posts", "most_replies"):
                found[name] = max(value, found.get(name, 1))
    return found


def _counted(run: Run, kind: str, step: int) -> float:
    """Contacts there are by the end of a step between people who count, each as much as its maker's weight."""
    spec = _spec(run)
    graph = run.graph(step)
    counts = {
        agent: float(own.get("weight", 1.0)) if run.scenario["population"].get("weights") else 1.0
        for agent, own in graph.nodes(data=True)
        if spec.get("nonpartisans", "group") == "group" or own.get("party") in spec["parties"]
    }
    if kind == "follow":
        return sum(counts[a] for a, b in graph.edges() if a in counts and b in counts)
    total = 0.0
    for event in run.stored_events(step):
        if _plain(event.kind) != kind:
            continue
        maker = event.content.get("who", event.agent)
        author = event.content["to" if kind == "reply" else "of"][0]
        total += counts[maker] if maker in counts and author in counts else 0.0
    return total


def _spec(run: Run) -> Mapping[str, Any]:
    worlds = run.scenario["world"]
    several = worlds if isinstance(worlds, list) else [worlds]
    spec: Mapping[str, Any] = next(one for one in several if one["kind"] == "twitter")
    return spec
