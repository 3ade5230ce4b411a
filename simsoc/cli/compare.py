"""`simsoc compare`: runs against their twins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import AsJson, app, echo_json, said
from .tables import records, show

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.experiments.compared import Comparison

_SHOWN = 40  # runs whose first difference is told


@app.command()
def compare(
    what: Annotated[list[Path], typer.Argument(help="Folder of an experiment, or run logs of one seed.")],
    to: Annotated[
        str | None, typer.Option(help="Arm, or log, to compare to (default: the scenario's, or the first log).")
    ] = None,
    measures: Annotated[list[str] | None, typer.Option("--measure", help="Only this measure (repeatable).")] = None,
    as_json: AsJson = False,
) -> None:
    """Hold every arm against its twin, replicate by replicate: where they part, whom that reaches, what it measures.

    The first event that differs is the treatment's first effect. Works for any two runs of the same seed.
    """
    with said():
        from simsoc.experiments.compared import compare as compared

        found = compared(what[0] if len(what) == 1 else what, to=to, measures=measures or ())
        if as_json:
            frames = {name: records(getattr(found, name)) for name in ("partings", "touched", "calls", "measures")}
            echo_json({"to": found.to, **frames})
            return
        _print(found)


def _print(found: Comparison) -> None:
    partings = found.partings.drop(columns=["last_step", "turn", "touched"])
    told = f"The first event that differs from {found.to} (there), and the share of people touched by the last step:"
    show(partings.head(_SHOWN), told, wide=("here", "there"))
    if len(partings) > _SHOWN:
        typer.echo(f"and {len(partings) - _SHOWN} more runs; --json has all")
    keys = [*found.grid, "arm"]
    calls = found.calls
    if calls[["paid", "reused"]].sum().any():
        show(_without_empty(calls.drop(columns="replicate").groupby(keys, sort=False).sum(min_count=1)), "Calls:")
    ends = found.measures.groupby([*keys, "measure"], sort=False)[["final", "final_there", "mean", "mean_there"]]
    show(ends.mean().reset_index(), f"Measures beside those of {found.to} (there), means over replicates:")


def _without_empty(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the columns in which there is nothing."""
    return frame.loc[:, (frame.notna() & (frame != 0)).any()].reset_index()
