"""`simsoc report`: one HTML file to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import AsJson, app, echo_json, said


@app.command()
def report(
    what: Annotated[Path, typer.Argument(help="Run log, or folder of an experiment.", metavar="RUN|EXPERIMENT")],
    to: Annotated[
        Path | None,
        typer.Option(help="File to write (default: RUN.html, or FOLDER/report.html).", metavar="FILE"),
    ] = None,
    decisions: Annotated[int, typer.Option(min=0, help="Decisions shown with prompt and answer, at most.")] = 3_000,
    as_json: AsJson = False,
) -> None:
    """Write a report as one HTML file that loads nothing from anywhere.

    What was asked and found, the effects with intervals as `simsoc compare` has them, measures over time, the network,
    feeds as people saw them, a searchable table of decisions down to prompt and answer, failures, cost, the ODD
    protocol of the scenario, versions, digests and how to replay.
    """
    with said():
        from simsoc.reporting.make import write_report

        path = write_report(what, to, decisions=decisions)
        if as_json:
            echo_json({"report": str(path), "bytes": path.stat().st_size})
        else:
            typer.echo(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
