"""Where a model stands on the null ladder: which rungs its values and effects can be told apart from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simsoc.measures import paired

from .effects import ALPHA, Taken, by_arm, by_point, difference, framed

if TYPE_CHECKING:
    import pandas as pd

Rungs = Mapping[str, Mapping[str, str]]
"""By arm and rung, the arm that is this rung."""


def placed(values: pd.DataFrame, rungs: Rungs, to: str, keys: Sequence[str]) -> pd.DataFrame:
    """Every arm against each rung of its ladder, replicate by replicate.

    A row for each measure and rung says whether the value in the arm differs from that on the rung; and for each arm
    but `to`, whether its effect differs from the effect on the rung. Both rest on paired differences; Holm's correction
    is taken over the rungs of one arm and measure.
    """
    rows: list[dict[str, Any]] = []
    for point, part in by_point(values, keys):
        table = by_arm(part)
        measures = dict.fromkeys(measure for _, measure in table)
        for arm, own in rungs.items():
            for measure in measures:
                place = {"point": point, "arm": arm, "measure": measure}
                found = [_effect(table, arm, to, rung, own, rungs, measure) for rung in own if arm != to]
                rows += _family(place, "effect", found)
                rows += _family(place, "value", [_value(table, arm, rung, own, measure) for rung in own])
    return framed("ladder", rows, keys)


def _family(place: Mapping[str, Any], what: str, found: Sequence[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """The rungs of one arm and measure, those that are there, corrected for being several."""
    rows = [{**place, "what": what, **row} for row in found if row is not None]
    for row, p in zip(rows, paired.holm([row["p_t"] for row in rows]), strict=True):
        row["p_holm"] = p
        row["apart"] = _apart(row, p)
    return rows


def _apart(row: dict[str, Any], p: float | None) -> str:
    """In a word, what a rung is to the arm."""
    if row.pop("same"):
        return "same"
    if p is None:
        return "one replicate" if row["n"] else "no value"
    return "yes" if p < ALPHA else "no"


def _value(
    table: Mapping[tuple[str, str], Taken], arm: str, rung: str, own: Mapping[str, str], measure: str
) -> dict[str, Any] | None:
    """The value in an arm beside that on a rung."""
    return _beside(rung, *(table.get((name, measure)) for name in (arm, own[rung])))


def _effect(
    table: Mapping[tuple[str, str], Taken],
    arm: str,
    to: str,
    rung: str,
    own: Mapping[str, str],
    rungs: Rungs,
    measure: str,
) -> dict[str, Any] | None:
    """The effect of an arm beside the effect on a rung; both need the rung of the arm compared to."""
    if rung not in rungs.get(to, {}):
        return None
    model = _less(table.get((arm, measure)), table.get((to, measure)))
    null = _less(table.get((own[rung], measure)), table.get((rungs[to][rung], measure)))
    return _beside(rung, model, null)


def _less(a: Taken | None, b: Taken | None) -> Taken | None:
    if a is None or b is None:
        return None
    both = {r: v - b.by_replicate[r] for r, v in a.by_replicate.items() if r in b.by_replicate}
    return Taken(a.over, both, max(a.planned, b.planned))


def _beside(rung: str, model: Taken | None, null: Taken | None) -> dict[str, Any] | None:
    if model is None or null is None:
        return None
    both = sorted(r for r in model.by_replicate if r in null.by_replicate)
    if not both:
        return {"rung": rung, "n": 0, "p_t": None, "same": False}
    a, b = ([one.by_replicate[r] for r in both] for one in (model, null))
    differences = [x - y for x, y in zip(a, b, strict=True)]
    found = {**difference(differences), "p_t": paired.t_test(differences), "same": not any(differences)}
    return {"rung": rung, "model": sum(a) / len(a), "null": sum(b) / len(b), **found}


_SAID = ("yes", "no", "same", "one replicate", "no value")


def told(ladder: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """A line for each arm and measure: what can be told apart from what."""
    lines = []
    for _, part in ladder.groupby([*keys, "arm", "measure", "what"], sort=False, dropna=False):
        first = part.iloc[0]
        at = ", ".join(f"{key.rsplit('.', 1)[-1]}={first[key]}" for key in keys)
        name = f"{first['measure']}, arm {first['arm']}{f' at {at}' if at else ''}"
        what = "its effect" if first["what"] == "effect" else "its value"
        sides = {word: list(part.loc[part["apart"] == word, "rung"]) for word in _SAID}
        said = [f"can be told apart from {_listed(sides['yes'])}"] if sides["yes"] else []
        said += [f"cannot be told apart from {_listed(sides['no'])}"] if sides["no"] else []
        said += [f"is the same in every run on {_listed(sides['same'])}"] if sides["same"] else []
        said += ["cannot be told apart by one replicate"] if sides["one replicate"] else []
        said += [f"has no value on {_listed(sides['no value'])}"] if sides["no value"] else []
        lines.append(f"{name}: {what} {'; '.join(said)}")
    return lines


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
