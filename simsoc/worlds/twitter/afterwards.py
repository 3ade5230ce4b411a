"""Numbers that are taken from the log of a finished run: cascades, what feeds showed, communities, feelings by wave.

They need the whole run, or more time than a step has. Each is a pure function of `simsoc.measures` on the run's frames.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from simsoc.core.stream import Stream
from simsoc.measures.cascades import cascades as of_parents
from simsoc.measures.polarisation import Exposed, affective_polarisation, exposure_diversity
from simsoc.measures.ties import Against, modularity_against_rewired

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.runlog.reader import Run


def cascades(run: Run) -> pd.DataFrame:
    """One row per post: author, step, n, mark, size (reposts and the post itself), depth and breadth of its reposts.

    A repost hangs on the item through which the post was seen: the post, or somebody else's repost of it.
    """
    import pandas as pd

    parents: dict[Hashable, Hashable] = {}
    posts: dict[tuple[int, int, int], str | None] = {}
    for event in run.stored_events():
        kind, content = event.kind.rpartition(".")[2], event.content
        if kind in ("post", "repost"):
            id = (event.agent, event.step, content["n"])
            if kind == "post":
                posts[id] = content.get("mark")
            else:
                parents[id] = tuple(content.get("via", content["of"]))
    found = {one.root: one for one in of_parents(parents)}
    rows = []
    for id, mark in posts.items():
        one = found.get(id)
        shape = (one.size, one.depth, one.breadth) if one is not None else (1, 0, 1)
        rows.append((*id, mark, *shape))
    return pd.DataFrame(rows, columns=["author", "step", "n", "mark", "size", "depth", "breadth"])


def exposures(run: Run, by: str = "party", neither: tuple[str, ...] = ("none",)) -> Exposed:
    """How mixed the feeds were that people saw; viewers count by their survey weights, where they carry these.

    What an account showed of itself, when people were asked whether to follow it, was in no feed and does not count. A
    repost counts for whoever reposted it. by: the trait that names a group; neither: values that name none.
    """
    groups: dict[int, Hashable] = {}
    for agent, value in _traits(run, by).items():
        groups[agent] = None if value in neither else value
    seen = run.exposures
    seen = seen[seen["ranker"] != "profile"]
    viewers = seen["viewer"].tolist()
    counts = dict(zip(viewers, run.weights(viewers), strict=True))
    return exposure_diversity(zip(viewers, seen["author"].tolist(), strict=True), groups, counts)


def modularity(run: Run, nulls: int = 20, seed: int = 1) -> Against | None:
    """Communities of who follows whom at the end, against degree-preserving rewired graphs."""
    return modularity_against_rewired(run.graph(), Stream(seed, "rewired"), nulls)


def feelings(run: Run, survey: str, questions: Mapping[str, str], by: str = "party") -> pd.Series[float]:
    """Affective polarisation by wave: mean warmth towards the own party minus that towards the other, by step.

    questions: for each of the two parties, the question that asks for a thermometer of it. Those of neither are left
    out; people count by their survey weights, where they carry these. Raises ValueError for other than two parties.
    """
    import pandas as pd

    if len(questions) != 2:
        raise ValueError("two parties, each with the question that asks for its thermometer")
    party = _traits(run, by)
    first, second = questions
    values: dict[int, float | None] = {}
    for step, wave in run.survey(survey, wide=True).groupby("step"):
        own: list[Any] = []
        other: list[Any] = []
        weights: list[float] = []
        for row in wave.to_dict("records"):
            side = str(party.get(int(row["agent"])))
            if side in questions:
                against = second if side == first else first
                own.append(_value(row[questions[side]]))
                other.append(_value(row[questions[against]]))
                weights.append(float(row["weight"]))
        values[int(str(step))] = affective_polarisation(own, other, weights)
    return pd.Series(values, dtype="float64", name="affective_polarisation").rename_axis("step")


def _value(given: Any) -> float | None:
    return None if given != given or given is None or str(given) == "<NA>" else float(given)


def _traits(run: Run, name: str) -> dict[int, Any]:
    people = run.agents
    if name not in people:
        return {}
    found = zip(people["agent"].tolist(), people[name].tolist(), strict=True)
    return {int(agent): value for agent, value in found if value == value}
