"""`simsoc fork`: the past of a run, and another future."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import AsJson, RunFile, Sets, app, said
from .run import finish, kept_at
from .signals import Signals


@app.command()
def fork(
    run: RunFile,
    at: Annotated[int, typer.Option(min=0, help="Last step of the shared past; 0 makes a twin.", metavar="STEP")],
    sets: Sets = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the future: another universe.")] = None,
    intervention: Annotated[
        Path | None, typer.Option(help="YAML file with interventions, as in a scenario, after STEP.", metavar="FILE")
    ] = None,
    log: Annotated[Path | None, typer.Option(help="Where to write the run log (default RUN-fSTEP.db).")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the log if it is there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Run the future of a run again from a step on, with something changed.

    Keys given with --set hold from the next step on; --set steps=60 makes the run longer. The past is the parent's and
    checked; its later answers are re-used where the very same is asked, so that only what is new is paid for. A fork
    that was stopped goes on with: simsoc run --resume LOG.
    """
    with said() as kept, Signals() as signals:
        from simsoc.running import fork_path
        from simsoc.society import Society
        from simsoc.society.forking import forked, read_interventions

        new = read_interventions(intervention) if intervention is not None else ()
        scenario, parent = forked(run, at, sets or (), seed=seed, interventions=new)
        path = log or fork_path(parent)
        society = Society(scenario, log=path, overwrite=overwrite, parent=parent)
        kept.append(lambda: kept_at(society, path))
        finish(society, path, signals, quiet=quiet, as_json=as_json)
