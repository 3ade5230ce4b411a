"""`simsoc multiverse`: the same design, or the same run from a step on, several times with other random draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import AsJson, Sets, app, echo_json, said
from .run import name_files
from .score import mapping
from .signals import Signals
from .tables import records, show

if TYPE_CHECKING:
    from simsoc.experiments.issue import ArmSoFar
    from simsoc.experiments.one import Outcome
    from simsoc.universes.side_by_side import Universes


@app.command()
def multiverse(
    what: Annotated[Path, typer.Argument(help="Scenario file, run log, or the folder of a multiverse.")],
    k: Annotated[int | None, typer.Option("-k", min=1, max=10_000, help="How many universes (default 10).")] = None,
    at: Annotated[
        int | None, typer.Option(min=0, help="Of a run: the last step that all universes share.", metavar="STEP")
    ] = None,
    intervention: Annotated[
        Path | None, typer.Option(help="YAML file with interventions after STEP, the same in all.", metavar="FILE")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Where the run logs and the page go.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of a scenario: seed of universe 0.")] = None,
    sets: Sets = None,
    scorer: Annotated[str, typer.Option(help="What gives texts their score (simsoc list scorers).")] = "vader",
    processes: Annotated[int | None, typer.Option(min=1, help="Processes for universes on rules alone.")] = None,
    at_once: Annotated[
        int | None, typer.Option(min=1, help="Most universes side by side where models are asked.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Start anew, and replace what is there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Run the same thing several times with other random draws, and show how far what is written spreads.

    Of a scenario, people and network stay the same; of a run, everything up to STEP. All universes share one set of
    slots. The same command again goes on until all are complete; finished ones are left alone, and with a larger -k
    more are added. The page universes.html shows every thread side by side.
    """
    with said() as kept, Signals() as signals:
        from simsoc.experiments.issue import issue
        from simsoc.experiments.one import asks_models
        from simsoc.scoring.scores import local_scorer
        from simsoc.society.forking import read_interventions
        from simsoc.universes.issue import prepared
        from simsoc.universes.side_by_side import Universes

        judge = local_scorer(mapping(scorer, "--scorer"))
        overrides = [*(sets or ()), *([("seed", seed)] if seed is not None else ())]
        new = read_interventions(intervention) if intervention is not None else ()
        plan, path = prepared(what, k, at=at, interventions=new, folder=folder, overrides=overrides)
        name_files([run.scenario for run in plan.runs[:1]])
        signals.at_once, signals.waits = False, any(asks_models(run.scenario) for run in plan.runs)
        with _bar(len(plan.runs), quiet=quiet or as_json) as advance:

            def progress(arms: Sequence[ArmSoFar]) -> None:
                if not kept:
                    kept.append(lambda: f"go on with: simsoc multiverse {path}")
                advance(arms)
                signals.look()

            outcomes = issue(plan, path, processes=processes, at_once=at_once, overwrite=overwrite, progress=progress)
        found = Universes(path)
        found.scorer = judge
        _print(found, [outcome for _, outcome in outcomes], as_json=as_json)
        if any(outcome.status != "finished" for _, outcome in outcomes):
            raise typer.Exit(1)


@contextmanager
def _bar(total: int, *, quiet: bool) -> Iterator[Callable[[Sequence[ArmSoFar]], None]]:
    import sys

    if quiet or not sys.stderr.isatty():
        yield lambda arms: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("universes"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("universes", total=total)
        yield lambda arms: bars.update(task, completed=sum(arm.done for arm in arms))


def _print(found: Universes, outcomes: list[Outcome], *, as_json: bool) -> None:
    left = [outcome for outcome in outcomes if outcome.status != "finished"]
    page = found.folder / "universes.html"
    if found.have_threads:
        _write(page, found.page())
    if as_json:
        names = ("outcomes", *(("threads", "each", "spread", "differing") if found.have_threads else ()))
        frames = {name: records(getattr(found, name)) for name in ("runs", *names)}
        echo_json({"name": found.name, "folder": str(found.folder), "complete": not left, **frames})
        return
    show(found.outcomes, f"{found.name}: {len(found.written)} universes. Measures at the end, over universes:")
    if found.have_threads:
        judge = found.judge
        show(found.each, "What was written; differs: share of threads that are not those of universe 0:")
        show(found.spread, f"How far threads spread; score: {judge.name} ({judge.version}), {judge.scale}:")
    typer.echo(f"answered by {', '.join(found.minds)}")
    for outcome in left[:5]:
        typer.secho(f"{outcome.status}{f': {outcome.why}' if outcome.why else ''}", fg="red", err=True)
    typer.echo(f"folder {found.folder}")
    if found.have_threads:
        typer.echo(f"page   {page}")
    if left:
        typer.echo(f"next   simsoc multiverse {found.folder}")


def _write(path: Path, text: str) -> None:
    from simsoc.core.errors import LogError

    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise LogError(f"{path}: {error.strerror or error}") from None
