"""`simsoc audit`: what an audit has found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .app import AsJson, app, echo_json, said
from .tables import records, show

Logs = Annotated[
    list[Path],
    typer.Argument(
        help="Run logs (.db), or the folder of an experiment, of scenarios in world `audit`.", metavar="RUN"
    ),
]


@app.command()
def audit(runs: Logs, as_json: AsJson = False) -> None:
    """Say what an audit of a mind has found: gaps between groups of names, or places on political axes.

    Groups are permuted over names, wordings stand side by side, replicates of an arm are taken together.
    It says which mind answered. From the logs alone; start with: simsoc experiment scenarios/audit_names.yaml
    """
    with said():
        from simsoc.core.errors import LogError
        from simsoc.worlds.audit.found import audit as found

        told = []
        for name, several in _by_arm(runs).items():
            try:
                told.append((name, found(several)))
            except ValueError as error:
                raise LogError(f"{name}: {error}") from None
        if as_json:
            echo_json([{"of": name, **table.attrs, "found": records(table)} for name, table in told])
            return
        for name, table in told:
            counted = ", ".join(f"{key} {value:.4g}" for key, value in table.attrs["counted"].items())
            show(table, f"{name}: answered by {table.attrs['answered_by']}")
            typer.echo(counted + "\n")


def _by_arm(logs: list[Path]) -> dict[str, list[Any]]:
    """What runs have to say, those of an arm together. Raises LogError."""
    from simsoc.core.errors import LogError
    from simsoc.experiments.results import open_runs
    from simsoc.worlds.audit.found import heard

    made: dict[str, list[Any]] = {}
    for keys, run in open_runs(logs):
        name = ", ".join(str(value) for key, value in keys.items() if key != "replicate" and value != "") or "run"
        try:
            made.setdefault(name, []).append(heard(run))
        except ValueError as error:
            raise LogError(str(error)) from None
    return made
