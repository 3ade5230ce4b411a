"""What people of a town say in surveys, held against what their memories and the log of talks say (methods.md 1.9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simsoc.core.canonical import dumps
from simsoc.measures import diffusion
from simsoc.minds.records import spoken

from .items import tells
from .spec import News

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.runlog.reader import Run

VERDICTS = ("confirmed", "invented", "unclaimed", "unaware", "silent")
"""Said to know and remembered; said to know without a memory; remembered and not said; neither; no answer."""


def town_of(run: Run) -> Mapping[str, Any]:
    """The town in the scenario of a run. Raises ValueError where it has none."""
    worlds = run.scenario["world"]
    found: Mapping[str, Any] | None = next(
        (w for w in (worlds if isinstance(worlds, list | tuple) else [worlds]) if w["kind"] == "town"), None
    )
    if found is None:
        raise ValueError(f"{run.path}: this run has no town")
    return found


def news_of(run: Run) -> dict[str, News]:
    """The items of news of a run, by name."""
    return {item["name"]: News.model_validate_json(dumps(item)) for item in town_of(run).get("news", ())}


def remembered(run: Run) -> dict[tuple[str, int], int]:
    """For each item of news and agent, the step in which it first had a memory that tells the item.

    A memory of a talk is its text and what was said in it.
    """
    items = news_of(run)
    found: dict[tuple[str, int], int] = {}
    for event in run.stored_events():
        for draft in event.content.get("memories", ()) if event.kind.rpartition(".")[2] == "remember" else ():
            words = spoken(draft["text"], draft.get("said", ()))
            for name, item in items.items():
                if (name, event.agent) not in found and tells(item, words):
                    found[name, event.agent] = event.step
    return found


def claims(run: Run, survey: str, *, items: Mapping[str, str] | None = None, says: Any = "yes") -> pd.DataFrame:
    """Who said to know what, and whether a memory confirms it: a row for each wave, item and respondent.

    survey: one of the run's. items: from question to item of news; by default the questions that are called like an
    item. says: the answer that claims to know. Columns `step`, `item`, `agent`, `answer`, `remembers` (a memory of that
    time tells the item), `told` (the step in which it was told, or knew by itself; missing where it was not) and
    `verdict` (VERDICTS). A claim without a memory is invented, and counts as not knowing (Park et al. 2023). Raises
    ValueError for a run without a town, LogError for an unknown survey.
    """
    import pandas as pd

    news, answers = news_of(run), run.survey(survey)
    of = items if items is not None else {name: name for name in answers["question"].unique() if name in news}
    memories = remembered(run)
    told = {(one.item, one.agent): one.step for one in diffusion.knowers(run.stored_events())}
    rows = []
    for one in _rows(answers):
        if one["question"] not in of:
            continue
        step, item, agent = one["step"], of[one["question"]], one["agent"]
        known = memories.get((item, agent), step + 1) <= step
        when = told.get((item, agent))
        heard = when if when is not None and when <= step else None
        rows.append((step, item, agent, one["answer"], known, heard, _verdict(one["answer"], says, known)))
    made = pd.DataFrame(rows, columns=["step", "item", "agent", "answer", "remembers", "told", "verdict"])
    return made.astype({"told": "Int64", "remembers": bool})


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame, as plain values."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _verdict(answer: Any, says: Any, known: bool) -> str:
    if answer is None or answer != answer:
        return "silent"
    if answer == says:
        return "confirmed" if known else "invented"
    return "unclaimed" if known else "unaware"


def counted(claimed: pd.DataFrame) -> pd.DataFrame:
    """How many of each verdict: a row for each wave and item, a column for each of VERDICTS, and the `share` confirmed.

    claimed: as `claims` makes it.
    """
    made = claimed.groupby(["step", "item"], sort=True)["verdict"].value_counts().unstack(fill_value=0)
    made = made.reindex(columns=list(VERDICTS), fill_value=0).rename_axis(columns=None)
    made["share"] = made["confirmed"] / made[list(VERDICTS)].sum(axis=1)
    return made.reset_index()


def acquaintance(run: Run) -> tuple[float, float]:
    """Density of mutual knowledge at the start and at the end: pairs who know each other, 2E / (V(V - 1)).

    Somebody knows those it is related to, has talked with or was tied to from outside; of those who are there.
    """
    knows: dict[int, set[int]] = {}
    here, before = run.info["people"], None
    for event in run.stored_events():
        kind, content = event.kind.rpartition(".")[2], event.content
        if event.step > 0 and before is None:
            before = diffusion.mutual_density(knows, here)
        pairs: list[tuple[int, int]] = []
        if kind == "knows":
            pairs = [(event.agent, other) for other in content["whom"]]
        elif kind == "talk" and content["said"]:
            pairs = [(event.agent, content["with"]), (content["with"], event.agent)]
        elif kind in ("tie", "untie"):
            pairs = [(content["a"], content["b"])]
            pairs += [] if run.info["directed"] else [(content["b"], content["a"])]
        elif kind in ("join", "leave"):
            here += 1 if kind == "join" else -1
        for one, other in pairs:
            known = knows.setdefault(one, set())
            known.discard(other) if kind == "untie" else known.add(other)
    after = diffusion.mutual_density(knows, here)
    return after if before is None else before, after


def partners(run: Run, upto: int | None = None) -> dict[int, Counter[int]]:
    """With whom everybody has talked how often, up to a step."""
    found: dict[int, Counter[int]] = {}
    for talk in diffusion.chats(run.stored_events(upto)):
        for one, other in ((talk.a, talk.b), (talk.b, talk.a)):
            found.setdefault(one, Counter())[other] += 1
    return found


def closest(run: Run, survey: str, question: str) -> pd.DataFrame:
    """Who is named as the one talked with most, against the log: `step`, `agent`, `answer`, `right`, `chance`.

    The answers are names. right: whether nobody was talked with more often (missing for who has talked with nobody, or
    gave no answer); chance: how probable that is for an answer picked among all the options.
    """
    import pandas as pd

    from .diffusion import names_of

    names, asked = names_of(run), run.survey(survey)
    questions = next(s for s in run.scenario["surveys"] if s["name"] == survey)["questions"]
    options = next(q for q in questions if q["name"] == question)["choice"]
    talked: dict[int, dict[int, Counter[int]]] = {}
    rows = []
    for one in _rows(asked[asked["question"] == question]):
        step, agent, answer = one["step"], one["agent"], one["answer"]
        if step not in talked:
            talked[step] = partners(run, step)
        counts = talked[step].get(agent, Counter())
        most = {names[other] for other, times in counts.items() if times == max(counts.values())}.intersection(options)
        right = answer in most if most and isinstance(answer, str) else None
        rows.append((step, agent, answer, right, len(most) / len(options) if most else None))
    made = pd.DataFrame(rows, columns=["step", "agent", "answer", "right", "chance"])
    return made.astype({"right": "boolean", "chance": "Float64"})


def relations(run: Run, survey: str, whom: Mapping[str, int] | None = None, *, says: Any = "yes") -> pd.DataFrame:
    """Everybody asked about everybody else: density of mutual knowledge by what is said, and how much was invented.

    whom: from question to the agent it is about; by default the questions that are called like somebody, with `_` or
    `-` for spaces. A row for each wave, with `density` (pairs of whom both say that they know each other, without
    invented claims; 2E / (V(V - 1))), `answers`, `claims`, and `invented`: claims to know somebody to whom one is not
    related and of whom no memory of that time tells (Park et al. 2023). Claims about oneself are passed over.
    """
    import pandas as pd

    from .diffusion import names_of

    names, asked = names_of(run), run.survey(survey)
    called = {name.replace(" ", sign): agent for agent, name in names.items() for sign in "_-"}
    of = dict(whom) if whom is not None else {q: called[q] for q in asked["question"].unique() if q in called}
    rows = []
    for step, wave in asked[asked["question"].isin(list(of))].groupby("step"):
        heard = _heard_of(run, names, int(str(step)))
        knows: dict[int, set[int]] = {}
        claimed = invented = 0
        for one in _rows(wave):
            agent, other = one["agent"], of[one["question"]]
            if one["answer"] != says or agent == other:
                continue
            claimed += 1
            if other in heard.get(agent, ()):
                knows.setdefault(agent, set()).add(other)
            else:
                invented += 1
        people = int(wave["agent"].nunique())
        rows.append((step, diffusion.mutual_density(knows, people), len(wave), claimed, invented))
    return pd.DataFrame(rows, columns=["step", "density", "answers", "claims", "invented"])


def _heard_of(run: Run, names: Mapping[int, str], upto: int) -> dict[int, set[int]]:
    """Whom everybody is related to, was tied to, or has a memory that names."""
    found: dict[int, set[int]] = {}
    for event in run.stored_events(upto):
        kind = event.kind.rpartition(".")[2]
        if kind == "knows":
            found.setdefault(event.agent, set()).update(event.content["whom"])
        elif kind == "tie":
            found.setdefault(event.content["a"], set()).add(event.content["b"])
            found.setdefault(event.content["b"], set()).add(event.content["a"])
        elif kind == "remember":
            for draft in event.content.get("memories", ()):
                words = spoken(draft["text"], draft.get("said", ()))
                told = {agent for agent, name in names.items() if name in words and agent != event.agent}
                found.setdefault(event.agent, set()).update(told)
    return found
