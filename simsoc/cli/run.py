"""`simsoc run`: a scenario to its end, behind a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .app import AsJson, Sets, app, echo_json, said
from .signals import Signals

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run
    from simsoc.scenario.spec import Scenario
    from simsoc.society import Society


@app.command()
def run(
    scenario: Annotated[
        Path | None, typer.Argument(help="Scenario file (YAML); left out with --resume.", metavar="SCENARIO")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Go on with this run log, which was stopped or killed.", metavar="RUN")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of all randomness, instead of the scenario's.")] = None,
    sets: Sets = None,
    log: Annotated[Path | None, typer.Option(help="Where to write the run log (default runs/NAME-sSEED.db).")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the log if it is there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Run a scenario to its end, write its log and print the measures.

    With a model: --set backend=openai/gpt-4o-mini, or any server of one's own:
    --set 'backend={model: openai/qwen2.5:7b, base_url: "http://localhost:11434/v1"}'.
    Same scenario, seed and answers give the same digest.
    """
    with said() as kept, Signals() as signals:
        society, path = _begun(scenario, resume, sets, seed, log, overwrite)
        kept.append(lambda: kept_at(society, path))
        finish(society, path, signals, quiet=quiet, as_json=as_json)


def finish(society: Society, path: Path, signals: Signals, *, quiet: bool, as_json: bool) -> None:
    """Step a society to its end and print what came of it."""
    from simsoc.society.hints import hints

    name_files([society.scenario])
    for hint in hints(society):
        typer.secho(hint, fg="yellow", err=True)
    signals.at_once = signals.waits = society.asks_servers
    try:
        _with_progress(society, signals, quiet=quiet or as_json)
    finally:
        society.close("interrupted")
    from simsoc.runlog.reader import open_run

    with open_run(path) as done:
        _print_json(done, path) if as_json else _print_run(done, path)


def _begun(
    scenario: Path | None,
    resume: Path | None,
    sets: list[str] | None,
    seed: int | None,
    log: Path | None,
    overwrite: bool,
) -> tuple[Society, Path]:
    """A society ready to be stepped: a new one, or one that goes on with its log."""
    if (scenario is None) == (resume is None):
        raise typer.BadParameter("say either a SCENARIO or --resume RUN")
    if resume is not None:
        if seed is not None or log is not None or overwrite:
            raise typer.BadParameter("a resumed run is as its log has it: no --seed, --log or --overwrite")
        from simsoc.society import Society
        from simsoc.society.sitting import scenario_of

        return Society(scenario_of(resume, sets or ()), log=resume, resume=True), resume
    from simsoc.loading import load

    loaded = load(scenario or "", [*(sets or ()), *([("seed", seed)] if seed is not None else ())])
    if loaded.experiment is not None:
        told = "one run, without the arms of its experiment; all of them: simsoc experiment"
        typer.secho(f"{told} {scenario}", fg="yellow", err=True)
    from simsoc.running import free_path
    from simsoc.society import Society

    path = log or free_path(loaded)
    return Society(loaded, log=path, overwrite=overwrite), path


def name_files(scenarios: Iterable[Scenario]) -> None:
    """Say which Python files of the user's own will be run, before they are."""
    from simsoc.scenario.userfiles import user_files

    for file in dict.fromkeys(file for scenario in scenarios for file in user_files(scenario)):
        typer.secho(f"runs {file.name} (BLAKE2b {file.hash[:16]})", fg="yellow", err=True)


def kept_at(society: Society, path: Path) -> str:
    """Where a run stands that has stopped before its end."""
    done, of = society.engine.clock, society.length
    return f"stopped after step {done} of {of}; go on with: simsoc run --resume {path}"


def _with_progress(society: Society, signals: Signals, *, quiet: bool) -> None:
    """Step to the end behind a progress bar on standard error."""
    if quiet or not sys.stderr.isatty():
        society.run_model(lambda s: signals.look())
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{society.scenario.name}: step", total=society.length)

        def progress(s: Society) -> None:
            bar.update(task, completed=s.engine.clock)
            signals.look()

        society.run_model(progress)


def _print_run(done: Run, path: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from simsoc.population.margins import lines

    info = done.info
    console = Console()
    question = done.scenario.get("question")
    if question:
        console.print(question, style="italic", markup=False)
    table = Table(title=_title(info), title_justify="left")
    for heading in ("measure", "start", "end", "mean", "over steps"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for row in done.summary().itertuples():
        table.add_row(str(row.measure), _number(row.first), _number(row.final), _number(row.mean), str(row.window))
    console.print(table if table.rows else _title(info))
    for line in lines(done.population()):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for line in _shown(done):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for line in done.minds():
        silent = "without answer" in line
        console.print(line, style="yellow" if silent else None, markup=False, highlight=False, soft_wrap=True)
    for line in done.surveys():
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"digest {info['digest']}", highlight=False)
    console.print(f"log    {path}", markup=False, highlight=False, soft_wrap=True)


def _shown(done: Run) -> list[str]:
    """What the worlds of a run have to look at, between blank lines."""
    from simsoc.shelves import SHELVES

    found: list[str] = []
    for part in done.scenario["world"]:
        show = getattr(SHELVES["worlds"].get(part["kind"]), "show", None)
        told = show(done) if show is not None else None
        found += ["", *_printable(told).splitlines(), ""] if told else []
    return found


def _printable(text: str) -> str:
    """Texts of agents without what a terminal would obey."""
    return "".join(sign for sign in text if sign.isprintable() or sign == "\n")


def _title(info: dict[str, Any]) -> str:
    steps = "1 step" if info["steps"] == 1 else f"{info['steps']} steps"
    ended = f"{steps}, all done" if info["reason"] == "all steps done" else f"{info['reason']} after {steps}"
    return f"{info['name']}, seed {info['seed']}: {ended}"


def _number(value: Any) -> str:
    return "-" if value is None or value != value else f"{value:.4g}"


def _print_json(done: Run, path: Path) -> None:
    rows = done.summary().astype(object)
    measures = rows.where(rows.notna(), None).to_dict("records")
    info = {k: done.info[k] for k in ("name", "seed", "status", "reason", "steps", "turns", "digest")}
    reused, paid = done.reused()
    answers = {"minds": done.minds(), "reused": reused, "paid": paid}
    echo_json({**info, "log": str(path), "measures": measures, **answers, "population": done.population()})
