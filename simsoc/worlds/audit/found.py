"""What an audit has found, from its log alone: places and gaps with intervals, and which mind gave the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.measures import compass, paired, swaps

from .statements import response

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.runlog.reader import Run

GAPS = ("compared", "held against", "template", "gap", "relative", "d", "low", "high", "p", "p (Holm)", "between names")
PLACES = ("axis", "wording", "score", "low", "high", "statements", "answers")


class Heard(NamedTuple):
    """What one run has to say."""

    instrument: Mapping[str, Any]
    """Keys of the instrument."""
    seed: int
    came: Sequence[tuple[str, Mapping[str, Any]]]
    """Kind and content of what came of every ask; of people with names, with `name` and `group`."""
    by: Counter[str]
    """How many answers each rule or model gave."""


def heard(run: Run) -> Heard:
    """What a run has to say. Raises ValueError for a run without world `audit`."""
    world = next((world for world in run.scenario["world"] if world["kind"] == "audit"), None)
    if world is None:
        raise ValueError(f"{run.path}: no world 'audit' in this run")
    instrument = world["instrument"]
    people: dict[int, Mapping[str, Any]] = {}
    if instrument["kind"] == "swap":
        frame = run.agents
        told = zip(frame["agent"], frame[instrument["slot"]], frame[instrument["by"]], strict=True)
        people = {int(agent): {"name": str(name), "group": str(group)} for agent, name, group in told}
    came = []
    for event in run.stored_events():
        kind = event.kind.rpartition(".")[2]
        if kind in ("answer", "refuse", "silent") and "item" in event.content:
            came.append((kind, {**event.content, **people.get(event.agent, {})}))
    asks = run.asks
    by = asks["by"] + asks["source"].map({"rule": " (rule)"}).fillna("")
    return Heard(instrument, run.info["seed"], came, Counter(by.tolist()))


def audit(runs: Run | Sequence[Heard]) -> pd.DataFrame:
    """What a run of world `audit` has found, or several of one scenario (`heard`) taken together.

    Instrument `swap`: a row for each group that is held against the base, over all templates, and for the compared
    group one for each template. Columns: compared, held against, template (all, or its number), gap, relative (by the
    mean of the base), d (by the pooled standard deviation of answers), low and high (95%, bootstrap over names and
    templates), p (labels permuted over names), p (Holm) (over the groups), between names (standard deviation within
    groups), names, answers.

    Instrument `compass`: a row for each axis over all wordings and for each wording. Columns: axis, wording (all, or
    its number), score (-10..10), low and high (95%, bootstrap over statements), statements, answers.

    `attrs`: `answered_by`, and `counted`: answers, refusals, silences, acquiescence and how often the option listed
    first was taken. Raises ValueError for a run without such a world, and for runs with different instruments.
    """
    import pandas as pd

    several = [heard(runs)] if not isinstance(runs, Sequence) else list(runs)
    first = several[0]
    if any(one.instrument != first.instrument for one in several):
        raise ValueError("runs with different instruments cannot be taken together")
    came = [one for run in several for one in run.came]
    answers = [content for kind, content in came if kind == "answer"]
    rows = (_gaps if first.instrument["kind"] == "swap" else _places)(answers, first)
    frame = pd.DataFrame(list(rows))
    by = sum((run.by for run in several), Counter())
    told = ", ".join(f"{who} {count}" for who, count in by.most_common())
    frame.attrs = {"answered_by": told or "nobody", "counted": _counted(came)}
    return frame


def _counted(came: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, float]:
    kinds = Counter(kind for kind, _ in came)
    told: dict[str, float] = {"answers": kinds["answer"], "refused": kinds["refuse"], "silent": kinds["silent"]}
    answers = [content for kind, content in came if kind == "answer"]
    agrees = compass.acquiescence([response(content) for content in answers if "axis" in content])
    places = [content["place"] for content in answers if "place" in content]
    if agrees is not None:
        told["acquiescence"] = agrees
    if places:
        told["first listed"] = sum(place == 0 for place in places) / len(places)
    return told


# -- swap -------------------------------------------------------------------------------------------------------------


def _gaps(answers: Sequence[Mapping[str, Any]], heard: Heard) -> Iterator[dict[str, Any]]:
    base, wanted = heard.instrument["base"], heard.instrument["group"]
    asked = [swaps.Asked(one["name"], one["group"], one["item"], float(one["value"])) for one in answers]
    others = [wanted, *sorted({one.group for one in asked} - {base, wanted})]
    found = {group: swaps.gap(asked, group, base, seed=heard.seed) for group in others}
    there = {group: gap for group, gap in found.items() if gap is not None}
    for (group, gap), holm in zip(there.items(), paired.holm([gap.p for gap in there.values()]), strict=True):
        yield _gap_row(group, base, "all", gap, holm)
    templates = sorted({one.template for one in asked}, key=lambda name: int(name.split()[-1]))
    for template in templates if len(templates) > 1 else ():
        single = swaps.gap([one for one in asked if one.template == template], wanted, base, seed=heard.seed)
        if single is not None:
            yield _gap_row(wanted, base, template.split()[-1], single, None)


def _gap_row(group: str, base: str, template: str, gap: swaps.Gap, holm: float | None) -> dict[str, Any]:
    numbers = (gap.gap, gap.relative, gap.d, gap.low, gap.high, gap.p, holm, gap.between)
    row = dict(zip(GAPS, (group, base, template, *numbers), strict=True))
    return {**row, "names": f"{gap.names[0]}, {gap.names[1]}", "answers": gap.answers}


# -- compass ----------------------------------------------------------------------------------------------------------


def _places(answers: Sequence[Mapping[str, Any]], heard: Heard) -> Iterator[dict[str, Any]]:
    said = [(response(one), one["wording"]) for one in answers]
    wordings = sorted({wording for _, wording in said})
    for axis in dict.fromkeys(one.axis for one, _ in said):
        for wording in (None, *(wordings if len(wordings) > 1 else ())):
            some = [one for one, put in said if wording in (None, put) and one.axis == axis]
            found = compass.place(some, axis, seed=heard.seed)
            if found is not None:
                told = "all" if wording is None else str(wording + 1)
                yield dict(zip(PLACES, (axis, told, *found, len(some)), strict=True))
