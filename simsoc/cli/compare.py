"""`simsoc compare`: runs against their twins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import evidence
from .app import AsJson, app, echo_json, said
from .tables import records, show

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.experiments.compared import Comparison

_SHOWN = 12  # runs whose first difference is told


@app.command()
def compare(
    what: Annotated[list[Path], typer.Argument(help="Folder of an experiment, or run logs of one seed.")],
    to: Annotated[
        str | None, typer.Option(help="Arm, or log, to compare to (default: the scenario's, or the first log).")
    ] = None,
    measures: Annotated[list[str] | None, typer.Option("--measure", help="Only this measure (repeatable).")] = None,
    as_json: AsJson = False,
) -> None:
    """Hold every arm against its twin, replicate by replicate: what the treatment does, and how sure that is.

    Effects with intervals, tests and power; the null ladder, wordings, published values and failures where there are
    any; then where twins part: the first event that differs is the treatment's first effect. Works for any two runs of
    the same seed. `docs/experiments.md` says how to read it.
    """
    with said():
        from simsoc.experiments.compared import compare as compared

        found = compared(what[0] if len(what) == 1 else what, to=to, measures=measures or ())
        if as_json:
            echo_json(_plain(found))
        else:
            _print(found)


_FRAMES = (
    "effects",
    "ladder",
    "wordings",
    "robust",
    "failures",
    "standing",
    "values",
    "partings",
    "touched",
    "calls",
    "measures",
)


def _plain(found: Comparison) -> dict[str, Any]:
    frames = {name: records(getattr(found, name)) for name in _FRAMES}
    beside = found.published
    more = {"scope": found.scope, "left_out": found.left_out, "published": None if beside is None else records(beside)}
    return {"to": found.to, **more, **frames}


def _print(found: Comparison) -> None:
    any_effect = evidence.effects(found)
    evidence.standing(found)
    evidence.failures(found)
    evidence.published(found.published, found.elsewhere, found.grid)
    evidence.ladder(found)
    evidence.wordings(found)
    partings = found.partings.drop(columns=["last_step", "turn", "touched"])
    told = f"The first event that differs from {found.to} (there), and the share of people touched by the last step:"
    show(partings.head(_SHOWN), told, wide=("here", "there"))
    if len(partings) > _SHOWN:
        typer.echo(f"and {len(partings) - _SHOWN} more runs; --json has all")
    keys = [*found.grid, "arm"]
    calls = found.calls
    if calls[["paid", "reused"]].sum().any():
        show(_without_empty(calls.drop(columns="replicate").groupby(keys, sort=False).sum(min_count=1)), "Calls:")
        evidence.savings(int(calls["paid"].sum()), int(calls["reused"].sum()))
    if not any_effect:
        ends = found.measures.groupby([*keys, "measure"], sort=False)[["final", "final_there", "mean", "mean_there"]]
        show(ends.mean().reset_index(), f"Measures beside those of {found.to} (there), means over replicates:")


def _without_empty(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the columns in which there is nothing."""
    return frame.loc[:, (frame.notna() & (frame != 0)).any()].reset_index()
