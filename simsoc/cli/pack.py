"""`simsoc pack`: evidence in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import AsJson, app, echo_json, said


@app.command()
def pack(
    what: Annotated[Path, typer.Argument(help="Run log, or folder of an experiment.", metavar="RUN|EXPERIMENT")],
    to: Annotated[Path | None, typer.Option(help="File to write (default: RUN.zip beside it).", metavar="FILE")] = None,
    with_respondents: Annotated[
        bool,
        typer.Option("--with-respondents", help="Take the rows of survey respondents along, on the survey's terms."),
    ] = False,
    report: Annotated[bool, typer.Option(help="Whether the report is in it.")] = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Pack a run or an experiment into one zip that can be checked and replayed on any machine, with no key.

    Scenario and the files it names, logs with every answer, tables, report, pictures, versions, hashes, and a README.
    Rows of a respondent file stay behind: their hashes and the recipe go instead. Then: simsoc verify RUN.zip --replay
    """
    with said():
        from simsoc.packing.pack import pack as packed
        from simsoc.packing.respondents import terms

        path = packed(what, to, with_respondents=with_respondents, report=report, overwrite=overwrite)
        if with_respondents:
            typer.secho(terms(), fg="yellow", err=True)
        if as_json:
            echo_json({"package": str(path), "bytes": path.stat().st_size})
        else:
            typer.echo(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
            typer.echo(f"next   simsoc verify {path} --replay")
