"""What an experiment has shown, printed: effects, null ladder, wordings, published values, failures."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from math import floor, log10
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from .tables import show

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.experiments.beside import Elsewhere
    from simsoc.experiments.compared import Comparison

_HEADS = {
    "mechanistic": "mecha-\nnistic",
    "persona_free": "persona\nfree",
    "no_interaction": "no inter-\naction",
}  # of rungs, in two lines
_PLACES = ("inside", "overlaps", "outside", "covered", "apart", "no range", "not run")
_RULE = " (rule)"  # how a mind that is a rule is told
_FEW = 5  # runs of an arm with which a place among published values is no more than a hint
_LINES = 8  # of a kind; the frames have all


def effects(found: Comparison) -> bool:
    """The effect of every arm, and how much so many replicates can show. Whether there was one to print."""
    whole = found.effects
    frame = whole[whole["n"] > 0].sort_values("measure", key=lambda s: s.map(_order(s)), kind="stable")
    if not len(frame):
        return False
    keys = [*found.grid, "arm"]
    title = f"Effects: each arm less {found.to}, paired by replicate{_replicates(frame)}, with 95% intervals"
    show(_first(frame, keys), f"{title}:", under="measure")
    show(_second(frame, keys, found.to), "What so many replicates can show:", under="measure")
    _worst_cases(frame, keys)
    _say([*_notes(found, frame), *_left_out(whole, found.grid), found.scope])
    return True


def _replicates(frame: pd.DataFrame) -> str:
    """How many there are, where that is the same everywhere; then no column says so."""
    n = int(frame["n"].iloc[0])
    return f" ({n})" if frame["n"].nunique() == 1 else ""


def _order(measures: pd.Series[Any]) -> dict[Any, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(measures))}


def _first(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    counted = [] if _replicates(frame) else ["n"]
    made = frame[[*keys, "measure", *counted]].copy()
    made["effect"], made["interval"] = frame["difference"].map(_three), _spans(frame, "low", "high")
    if frame["boot_low"].notna().any():
        made["bootstrap\ninterval"] = _spans(frame, "boot_low", "boot_high")
    return made.assign(p=frame["p"].map(_p), Holm=frame["p_holm"].map(_p), found=frame["found"])


def _second(frame: pd.DataFrame, keys: Sequence[str], to: str) -> pd.DataFrame:
    made = frame[[*keys, "measure"]].copy()
    made["mean"], made[f"mean of\n{to}"] = frame["here"].map(_three), frame["there"].map(_three)
    made["detect-\nable"], made["further\nruns"] = frame["detectable"].map(_three), frame["further"]
    made["corre-\nlation"] = frame["correlation"].round(2)
    made["saved"] = frame["saved"].map(_percent)
    return made


def _worst_cases(frame: pd.DataFrame, keys: Sequence[str]) -> None:
    """What missing answers could have made of the effects they bear on."""
    some = frame[frame["lowest"].notna()]
    if len(some):
        made = some[[*keys, "measure"]].copy()
        made["effect"], made["interval"] = some["difference"].map(_three), _spans(some, "low", "high")
        made["worst cases"] = _spans(some, "lowest", "highest")
        show(made, "If whatever has no answer had gone one way, or the other:", under="measure")


def _notes(found: Comparison, frame: pd.DataFrame) -> list[str]:
    """What is to be known when reading the tables."""
    from simsoc.measures.paired import BOOTSTRAP_FROM, least_replicates

    over: dict[str, list[str]] = {}
    for name, window in dict(zip(frame["measure"], frame["over"], strict=True)).items():
        over.setdefault(window, []).append(name)
    notes = ["Compared: " + "; ".join(f"{', '.join(names)} ({window})" for window, names in over.items()) + "."]
    n, family = int(frame["n"].min()), int(frame["family"].max())
    if frame["n"].max() < 2:
        return notes
    least = least_replicates(max(1, family))
    per = " at each grid point" if found.grid else ""
    notes.append(
        f"p: exact sign-flip test, no smaller than {frame['p_least'].max():.2g} with {n} replicates. "
        f"Holm: corrected for the {family} tests of arms x measures{per}"
        + (f"; nothing can get below .05 with fewer than {least} replicates." if n < least else ".")
    )
    notes.append(
        "found: yes where the interval leaves out 0 and Holm's p is below .05; unsure where only one of them does; no: "
        "not shown, which is not the same as no effect (the interval says how large it may be)"
        + ("; same: equal in every pair of runs." if (frame["found"] == "same").any() else ".")
    )
    notes.append(
        "detectable: the smallest true difference that so many replicates find (yes) in four of five experiments; "
        "further runs: of each arm, to find one like that observed as surely."
    )
    if n < BOOTSTRAP_FROM:
        notes.append(f"Bootstrap intervals are given from {BOOTSTRAP_FROM} replicates on.")
    notes += _worst(found, frame)
    return notes


def _worst(found: Comparison, frame: pd.DataFrame) -> list[str]:
    """What worst cases are, and which measures have none though decisions are missing."""
    if not found.failures["no_answer"].any():
        return []
    without = frame.loc[frame["lowest"].isna(), "measure"]
    unknown = [name for name in dict.fromkeys(without) if frame.loc[frame["measure"] == name, "lowest"].isna().all()]
    told = (
        "worst cases: the difference if all that has no answer had counted at one end in one arm and at the other end "
        "in the other: people whose latest decision is missing, every contact that a missing answer could have made; "
        "what that would have led to later is not in it."
    )
    none = f"No worst case is known for {', '.join(unknown)}: no average over what was asked." if unknown else ""
    return ([told] if frame["lowest"].notna().any() else []) + ([none] if none else [])


def _left_out(frame: pd.DataFrame, grid: Sequence[str]) -> list[str]:
    """Pairs that an effect does not rest on, where there are any."""
    some = frame[frame["left_out"] > 0]
    if not len(some):
        return []
    told: dict[str, None] = {}
    for row in some.to_dict("records"):
        at = "".join(f", {key.rsplit('.', 1)[-1]}={row[key]}" for key in grid)
        told[f"{row['measure']} ({row['arm']}{at}): {row['left_out']} of {row['n'] + row['left_out']}"] = None
    more = f" and {len(told) - _LINES} more" if len(told) > _LINES else ""
    return [
        f"Pairs left out, unfinished or without a value: {'; '.join(list(told)[:_LINES])}{more}. Where a measure has "
        "no value in some runs, its effect speaks of those alone in which both arms have one."
    ]


def standing(found: Comparison) -> None:
    """Runs that do not count."""
    frame = found.standing
    if not len(frame):
        return
    said = "1 run is not finished and does" if len(frame) == 1 else f"{len(frame)} runs are not finished and do"
    _warn(f"{said} not count:")
    for row in frame.head(_LINES).to_dict("records"):
        at = ", ".join(f"{key.rsplit('.', 1)[-1]}={row[key]}" for key in found.grid)
        why = f" ({row['why']})" if row["why"] else ""
        _warn(f"  {row['arm']}{f' at {at}' if at else ''}, replicate {row['replicate']}: {row['status']}{why}")
    if len(frame) > _LINES:
        _warn(f"  and {len(frame) - _LINES} more")
    left = found.effects
    left = left[left["left_out"] > 0]
    if len(left):
        _warn(f"  so that effects rest on {int(left['n'].min())} of {int((left['n'] + left['left_out']).max())} pairs")


def failures(found: Comparison) -> None:
    """Decisions without an answer, by arm."""
    frame = found.failures
    total = int(frame["decisions"].sum())
    if not frame["no_answer"].any():
        _say([f"Every one of {total:,} decisions was answered. Minds: {_minds(frame)}."] if total else [])
        return
    counts = ["refused", "unparseable", "truncated", "failed"]
    rungs = {ran.arm for ran in found.runs if ran.rung}
    frame = frame[~frame["arm"].isin(rungs) | (frame["no_answer"] > 0)]
    made = frame[[*found.grid, "arm", "finished", "decisions", "no_answer"]].copy()
    made["share"] = frame["share"].map(lambda share: f"{share:.2%}")
    made = made.join(frame[[name for name in counts if frame[name].any()]])
    show(made, "Decisions without an answer, in finished runs:", wide=("arm",))
    by_mind: dict[str, dict[str, None]] = {}
    for arm, mind in zip(found.failures["arm"], found.failures["mind"], strict=True):
        by_mind.setdefault(mind or "nobody", {})[arm] = None
    _say([f"Answered by {mind}: {', '.join(arms)}" for mind, arms in by_mind.items()])


def _minds(frame: pd.DataFrame) -> str:
    return ", ".join(dict.fromkeys(name for mind in frame["mind"] for name in mind.split(", ") if name))


def ladder(found: Comparison) -> None:
    """Means on every rung, those that can be told apart marked, and what that says."""
    from simsoc.experiments.placing import told

    frame = found.ladder
    if len(frame):
        keys = [*found.grid, "arm", "measure", "what"]
        rungs = list(dict.fromkeys(frame["rung"]))
        rows = []
        for _, part in frame.groupby(keys, sort=False, dropna=False):
            marks = {row["rung"]: _on_rung(row) for row in part.to_dict("records")}
            first = part.iloc[0]
            row = {key: first[key] for key in keys} | {"as it\nis": f"{first['model']:.3g} "}
            rows.append({**row, **{_HEADS.get(rung, rung): marks.get(rung) for rung in rungs}})
        import pandas as pd

        made = pd.DataFrame(rows).sort_values("measure", key=lambda s: s.map(_order(s)), kind="stable")
        show(
            made, "Null ladder, * what the arm can be told apart from (paired t, Holm over the rungs):", under="measure"
        )
        claims = (frame["what"] == "effect") | (frame["arm"] == found.to)
        lines = told(frame[claims], found.grid)
        _say(lines[:_LINES])
        if len(lines) > _LINES:
            _say([f"and {len(lines) - _LINES} more lines; Comparison.ladder has all"])
    left_out(found.left_out)


def _on_rung(row: Mapping[Any, Any]) -> str:
    """The mean on a rung, marked; a blank keeps numbers in line."""
    if not row["n"]:
        return "- "
    return "same " if row["apart"] == "same" else f"{row['null']:.3g}{'*' if row['apart'] == 'yes' else ' '}"


def left_out(lines: Sequence[str]) -> None:
    """Rungs that could not be made, and why."""
    if lines:
        _say(["Rungs of the ladder that are left out:", *(f"  {line}" for line in lines)])


def wordings(found: Comparison) -> None:
    """Effects under each wording, and whether they may be called robust; nothing where no model answered."""
    verdicts = found.robust
    verdicts = verdicts[~verdicts["verdict"].str.startswith("no model")]
    if not len(verdicts):
        return
    keys = [key for key in verdicts.columns if key not in ("arm", "measure", "wordings", "agree", "clear", "verdict")]
    if (verdicts["wordings"] > 1).any():
        frame = found.wordings[found.wordings["n"] > 0]
        made = frame[[*keys, "measure", "arm", "wording", "n", "difference"]].copy()
        made["interval"] = _spans(frame, "low", "high")
        made = made.assign(p=frame["p"].map(_p), Holm=frame["p_holm"].map(_p), found=frame["found"])
        show(made, "The same effects in other words:", wide=("wording",), under="measure")
    lines: dict[str, list[str]] = {}
    for row in verdicts.to_dict("records"):
        lines.setdefault(row["verdict"], []).append(f"{row['measure']} ({row['arm']})")
    _say([f"{verdict}: {', '.join(dict.fromkeys(which))}" for verdict, which in lines.items()])


def _here(minds: str, runs: pd.Series[int]) -> str:
    """Who answered, said plainly."""
    told = f", {runs.iloc[0]} runs each" if runs.nunique() == 1 else ""
    if minds and all(mind.endswith(_RULE) for mind in minds.split(", ")):
        return f"Here rules answered, and no model: {minds.replace(_RULE, '')}{told}"
    return f"Here answered: {minds or 'nobody yet'}{told}"


def published(frame: pd.DataFrame | None, there: Elsewhere | None, grid: Sequence[str]) -> None:
    """Simulated values beside published ones."""
    if frame is None or there is None:
        return
    made = frame[[*grid, "measure", "arm"]].copy()
    if frame["n"].nunique() > 1:
        made["n"] = frame["n"]
    made["here"] = [_three(value) for value in frame["simulated"]]
    made["interval"] = _spans(frame, "low", "high")
    made["there"] = frame["published"]
    made["range"] = [
        None if low is None or low != low else f"{low:g}..{high:g}"
        for low, high in zip(frame["from"].tolist(), frame["to"].tolist(), strict=True)
    ]
    made["place"] = frame["place"]
    made = made.sort_values("measure", key=lambda s: s.map(_order(s)), kind="stable")
    show(made, f"Beside {there.source or 'published values'} (there):", under="measure")
    who = [_here(_minds(frame), frame["n"])]
    if there.mind:
        runs = f", {there.runs} runs each" if there.runs else ""
        who.append(f"there: {there.mind}{runs}")
    counted = frame["place"].value_counts()
    count = ", ".join(f"{counted[name]} {name}" for name in _PLACES if name in counted)
    spread = f"; range there: {there.spread}" if there.spread else ""
    _say(
        [
            f"{'; '.join(who)}.",
            f"Of {len(frame)} published values: {count}{spread}.",
            *_rough(frame["n"]),
            *([there.see] if there.see else []),
        ]
    )


def _rough(n: pd.Series) -> list[str]:
    """A word of caution where some arm was run a few times only."""
    fewest = min((runs for runs in n.tolist() if runs), default=_FEW)
    if fewest >= _FEW:
        return []
    if fewest == 1:
        return ["One run of an arm has no interval: where it lies may be chance; more replicates tell."]
    return [f"With {fewest} runs of an arm, where their mean lies is rough; more replicates tell better."]


def savings(paid: int, reused: int) -> None:
    """What twins have saved."""
    if paid or reused:
        asked = paid + reused
        share = f"{reused:,} ({reused / asked:.0%}) answered from a twin's log or an older one"
        _say([f"Of {asked:,} calls to models {paid:,} were paid for, {share}."])


# -- cells and lines --------------------------------------------------------------------------------------------------


def _spans(frame: pd.DataFrame, low: str, high: str) -> list[str | None]:
    """Two columns as `low..high`."""
    return [span(a, b) for a, b in zip(frame[low].tolist(), frame[high].tolist(), strict=True)]


def span(low: float | None, high: float | None) -> str | None:
    """An interval with three digits of its larger end, and as many places at the other; None where there is none."""
    if low is None or high is None or low != low or high != high:
        return None
    largest = max(abs(low), abs(high))
    places = min(8, max(0, 2 - floor(log10(largest)))) if largest else 0
    return f"{low:.{places}f}..{high:.{places}f}"


def _three(value: float) -> float:
    """A number with three digits."""
    return float(f"{value:.3g}")


def _p(value: float | None) -> str | None:
    if value is None or value != value:
        return None
    return "<.001" if value < 0.001 else f"{value:.3f}"


def _percent(value: float | None) -> str | None:
    return None if value is None or value != value else f"{value:.0%}"


def _say(lines: Sequence[str]) -> None:
    """Lines on standard output, broken where a window would break them."""
    width = get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in lines:
        typer.echo(fill(line, max(width, 40), subsequent_indent="  ") if width else line)
    if lines:
        typer.echo()


def _warn(line: str) -> None:
    typer.secho(line, fg="yellow")
