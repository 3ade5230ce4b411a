"""`simsoc experiment`: arms x grid x replicates, until complete."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import evidence
from .app import AsJson, Sets, app, echo_json, said
from .planned import planned
from .run import name_files
from .signals import Signals
from .tables import records, show

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.experiments.issue import ArmSoFar
    from simsoc.experiments.layout import Plan, Planned
    from simsoc.experiments.one import Outcome
    from simsoc.experiments.results import Results

Bars = Callable[[Sequence[Any]], None]
_TOLD = 10  # runs that are not finished, and why


@app.command()
def experiment(
    scenario: Annotated[Path, typer.Argument(help="Scenario file (YAML), or the folder of an experiment.")],
    folder: Annotated[Path | None, typer.Option(help="Where the run logs go (default runs/NAME).")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of all randomness, instead of the scenario's.")] = None,
    sets: Sets = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes for runs on rules alone (default: one for each core).")
    ] = None,
    ladder: Annotated[
        bool, typer.Option("--ladder", help="Run the null ladder beside every arm (`experiment.ladder: true`).")
    ] = False,
    only_plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be run and what it would cost; run nothing.")
    ] = False,
    alone: Annotated[bool, typer.Option("--alone", help="Leave out the experiments named under `also`.")] = False,
    at_once: Annotated[int | None, typer.Option(min=1, help="Most runs side by side where models are asked.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Start anew, and replace what is there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bars.")] = False,
) -> None:
    """Run every arm of a scenario at every grid point, so many times, each run into a log of its own.

    The same command again goes on until the experiment is complete: finished runs are left alone, others go on from
    their logs, and nothing is paid for twice. Arms of a replicate share all noise and all answers until the treatment
    makes a difference. With --ladder each arm is also run with one thing taken away at a time: the model, personas,
    the network, interaction. Published values that the scenario names are printed beside. Experiments that it names
    under `also` follow as they are written, but for a --set of `backend`. Then: simsoc compare FOLDER.
    """
    with said() as kept, Signals() as signals:
        from simsoc.experiments.issue import begin, issue, others
        from simsoc.experiments.one import asks_models
        from simsoc.experiments.results import Results

        overrides = [*(sets or ()), *([("seed", seed)] if seed is not None else ())]
        first = begin(scenario, folder, overrides, ladder=ladder)
        plans = [first, *(() if alone else others(*first, overrides))]
        name_files({(run.arm, run.point): run.scenario for plan, _ in plans for run in plan.runs}.values())
        if only_plan:
            told = [planned(plan, path, as_json=as_json) for plan, path in plans]
            if as_json:
                _echo(told)
            return
        told, left = [], False
        for plan, path in plans:
            signals.at_once, signals.waits = False, any(asks_models(run.scenario) for run in plan.runs)
            with _bars(plan, quiet=quiet or as_json) as show_bars:

                def progress(arms: Sequence[ArmSoFar], show_bars: Bars = show_bars) -> None:
                    if not kept:  # begun: from here on it can be gone on with
                        kept.append(lambda: f"go on with: simsoc experiment {first[1]}")
                    show_bars(arms)
                    signals.look()

                outcomes = issue(
                    plan, path, processes=processes, at_once=at_once, overwrite=overwrite, progress=progress
                )
            if as_json:
                told.append(_as_data(Results(path), outcomes))
            else:
                _print(Results(path), outcomes)
            left = left or any(outcome.status != "finished" for _, outcome in outcomes)
        if as_json:
            _echo(told)
        if left:
            raise typer.Exit(1)


def _echo(told: list[Any]) -> None:
    """What is told of an experiment, and under `also` of those that it names."""
    echo_json({**told[0], "also": told[1:]} if len(told) > 1 else told[0])


@contextmanager
def _bars(plan: Plan, *, quiet: bool) -> Iterator[Callable[[Sequence[ArmSoFar]], None]]:
    """A bar for each arm on standard error: runs finished, and calls that models were asked."""
    if quiet or not sys.stderr.isatty():
        yield lambda arms: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {arm: bars.add_task(f"arm {arm}: runs", total=None, told="") for arm in plan.arms}

        def show_bars(arms: Sequence[ArmSoFar]) -> None:
            for arm in arms:
                told = [f"{arm.paid} calls"] if arm.paid else []
                told += [f"{arm.failed} not finished"] if arm.failed else []
                bars.update(tasks[arm.arm], completed=arm.done, total=arm.total, told=", ".join(told))

        yield show_bars


def _as_data(results: Results, outcomes: list[tuple[Planned, Outcome]]) -> dict[str, Any]:
    left = [(run, outcome) for run, outcome in outcomes if outcome.status != "finished"]
    why = {run.file: outcome.why for run, outcome in left}
    runs = [{**row, "why": why.get(row["file"])} for row in records(results.runs)]
    told = {"name": results.name, "folder": str(results.folder), "complete": not left}
    beside = results.published
    more: dict[str, Any] = {"left_out": [one._asdict() for one in results.index.left_out]}
    more["published"] = None if beside is None else records(beside)
    return {**told, "runs": runs, "measures": records(results.summary()), **more}


def _print(results: Results, outcomes: list[tuple[Planned, Outcome]]) -> None:
    left = [(run, outcome) for run, outcome in outcomes if outcome.status != "finished"]
    done = len(outcomes) - len(left)
    title = f"{results.name}: {done} of {len(outcomes)} runs finished. Measures at the end, means over replicates:"
    show(_by_arm(results), title)
    evidence.published(results.published, results.index.published, results.grid)
    evidence.left_out(results.left_out)
    counted = results.runs
    evidence.savings(int(counted["paid"].sum()), int(counted["reused"].sum()))
    for run, outcome in left[:_TOLD]:
        typer.secho(f"{run.told}: {outcome.status}{f': {outcome.why}' if outcome.why else ''}", fg="red", err=True)
    if len(left) > _TOLD:
        typer.secho(f"and {len(left) - _TOLD} more that are not finished", fg="red", err=True)
    typer.echo(f"folder {results.folder}")
    if left or len(results.arms) > 1:
        typer.echo(f"next   simsoc {'experiment' if left else 'compare'} {results.folder}")


def _by_arm(results: Results) -> pd.DataFrame:
    """One row for each arm at each grid point: runs finished, calls, and the mean of each measure at the end."""
    keys: list[Any] = [*results.grid, "arm"]
    runs = results.runs
    finished = runs[runs["status"] == "finished"]
    counts = finished.groupby(keys, sort=False, dropna=False).agg(
        runs=("file", "size"), paid=("paid", "sum"), reused=("reused", "sum"), dollars=("dollars", _total)
    )
    counts = counts.loc[:, (counts.notna() & (counts != 0)).any()]
    summary = results.summary()
    summary = summary[summary["measure"].isin(results.index.measures)] if len(summary) else summary
    if len(summary):
        ends = summary.pivot_table("final", keys, "measure", aggfunc="mean", sort=False, dropna=False)
        counts = counts.join(ends[[name for name in results.index.measures if name in ends]])
    return counts.reset_index()


def _total(costs: pd.Series[float]) -> float | None:
    """The sum of what is known; None where nothing is."""
    return costs.sum() if costs.notna().any() else None
