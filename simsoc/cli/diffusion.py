"""`simsoc diffusion`: who knew what by when in a town, and through which talk."""

from __future__ import annotations

from .app import AsJson, RunFile, app, echo_json, said


@app.command()
def diffusion(run: RunFile, as_json: AsJson = False) -> None:
    """Say who knew what by when in a town and through which talk, who came, and which claims no memory confirms.

    From the log alone; it says which mind answered, and changes nothing.
    """
    with said():
        from simsoc.core.errors import LogError
        from simsoc.runlog.reader import open_run
        from simsoc.worlds.town import diffusion as town

        with open_run(run) as opened:
            try:
                if as_json:
                    echo_json(town.as_data(opened))
                else:
                    import typer

                    typer.echo(town.told_of(opened))
            except ValueError as error:
                raise LogError(str(error)) from None
