"""`simsoc experiment --plan`: what would be run, and what it would cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from . import evidence
from .tables import records, show

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.experiments.layout import Plan


def planned(plan: Plan, folder: Path, *, as_json: bool) -> dict[str, Any]:
    """Arms, rungs and replicates with how far each has got, and a forecast where models would be asked.

    Printed, or (as_json) only given back.
    """
    from simsoc.experiments.one import asks_models
    from simsoc.experiments.results import left_out

    table = _table(plan, folder)
    asked = any(asks_models(run.scenario) for run in plan.runs)
    told = {"name": plan.scenario.name, "folder": str(folder), "to": plan.to, "measures": list(plan.measures)}
    if as_json:
        return {**told, "arms": records(table), "left_out": [one._asdict() for one in plan.left_out]}
    done = int(table["finished"].sum())
    show(table, f"{plan.scenario.name}: {len(plan.runs):,} runs in {folder}, {done:,} finished. Nothing is run now:")
    typer.echo(f"compared to {plan.to} in {', '.join(plan.measures)}")
    evidence.left_out(left_out(plan.left_out))
    if not asked:
        typer.echo("No model is asked; it costs nothing but time.")
        return told
    from simsoc.planning import plan as forecast

    from .plan import printed

    printed(forecast(plan.scenario, progress=lambda said: typer.secho(said, err=True, dim=True)))
    return told


def _table(plan: Plan, folder: Path) -> pd.DataFrame:
    """One row for each arm at each grid point."""
    import pandas as pd

    from simsoc.experiments.folder import standing

    rows: dict[tuple[int, str], dict[str, object]] = {}
    for run in plan.runs:
        row = rows.setdefault((run.point, run.arm), {**run.grid, "arm": run.arm, "replicates": 0, "finished": 0})
        row["replicates"] = int(str(row["replicates"])) + 1
        row["finished"] = int(str(row["finished"])) + (standing(folder / run.file) == "finished")
        row["backend"] = run.scenario.backend.model
        row["rung"] = run.rung or None
    made = pd.DataFrame(list(rows.values()))
    return made.drop(columns=[name for name in ("rung",) if made[name].isna().all()])
