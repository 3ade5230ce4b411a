"""`simsoc export`: frames of runs as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import AsJson, app, echo_json, said


@app.command()
def export(
    what: Annotated[
        list[Path], typer.Argument(help="Run logs, folders of them, or the folder of an experiment.", metavar="RUN")
    ],
    to: Annotated[Path | None, typer.Option(help="Folder to write to (default: RUN-tables).", metavar="FOLDER")] = None,
    format: Annotated[str, typer.Option(help="parquet (needs pyarrow) or csv.", metavar="FORMAT")] = "csv",
    tables: Annotated[
        list[str] | None, typer.Option(help="Only these, e.g. --tables events,asks (default: all with rows).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the tables of runs as Parquet or CSV, one file each, and columns.csv with what every column means.

    Of several runs each row begins with what tells them apart: the keys of the grid, replicate and arm. Nothing is held
    in memory but a chunk of rows. Contents, answers and the like are written as JSON.
    """
    with said():
        from simsoc.experiments.results import open_runs
        from simsoc.runlog.reader import open_run

        wanted = [name.strip() for given in tables for name in given.split(",")] if tables else None
        folder = to or what[0].with_name(f"{what[0].resolve().stem}-tables")
        if len(what) == 1 and what[0].is_file():
            with open_run(what[0]) as run:
                files = run.export(folder, format=format, tables=wanted)
        else:
            files = open_runs(what).export(folder, format=format, tables=wanted)
        if as_json:
            echo_json({"folder": str(folder), "files": [str(file) for file in files]})
            return
        for file in files:
            typer.echo(str(file))
