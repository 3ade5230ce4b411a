"""The command line: prints, decides nothing.

Exit codes: 0 done; 1 the run stopped before its end (it can be resumed) or a log did not verify; 2 the scenario, an
option or a file is wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run
    from simsoc.society import Society

app = typer.Typer(
    name="simsoc",
    help="Run societies of language-model agents as experiments. A scenario is one YAML file; without a model every "
    "decision is made by a published rule. Start with: simsoc run scenarios/opinion_majority_force.yaml",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ScenarioFile = Annotated[Path, typer.Argument(help="Scenario file (YAML).", metavar="SCENARIO")]
RunFile = Annotated[Path, typer.Argument(help="Run log (.db) written by `simsoc run`.", metavar="RUN")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", help="Change a key, e.g. --set world.rule.beta=2 (repeatable).", metavar="KEY=VALUE"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@contextmanager
def _said() -> Iterator[None]:
    """Errors in plain words on standard error, with the right exit code; never a traceback."""
    from simsoc.core.errors import LogError, MissingKey, ScenarioError, SimsocError

    try:
        yield
    except KeyboardInterrupt:
        typer.secho("interrupted", fg="red", err=True)
        raise typer.Exit(1) from None
    except SimsocError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2 if isinstance(error, ScenarioError | LogError | MissingKey) else 1) from None


@app.command()
def run(
    scenario: ScenarioFile,
    seed: Annotated[int | None, typer.Option(help="Seed of all randomness, instead of the scenario's.")] = None,
    sets: Sets = None,
    log: Annotated[Path | None, typer.Option(help="Where to write the run log (default runs/NAME-sSEED.db).")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the log if it is there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Run a scenario to its end, write its log and print the measures."""
    with _said():
        from simsoc.loading import load

        given = [*(sets or ()), *([("seed", seed)] if seed is not None else ())]
        loaded = load(scenario, given)
        from simsoc.society import Society, free_path

        path = log or free_path(loaded)
        society = Society(loaded, log=path, overwrite=overwrite)
        _with_progress(society, quiet=quiet or as_json)
        from simsoc.runlog.reader import open_run

        with open_run(path) as done:
            _print_json(done, path) if as_json else _print_run(done, path)


def _with_progress(society: Society, *, quiet: bool) -> None:
    """Step to the end behind a progress bar on standard error."""
    if quiet or not sys.stderr.isatty():
        society.run_model()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{society.scenario.name}: step", total=society.length)
        society.run_model(lambda s: bar.update(task, completed=s.engine.clock))


def _print_run(done: Run, path: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    info = done.info
    console = Console()
    question = done.scenario.get("question")
    if question:
        console.print(question, style="italic", markup=False)
    table = Table(title=f"{info['name']}, seed {info['seed']}: {info['reason']} after {info['steps']} steps")
    for heading in ("measure", "start", "end", "mean", "steps"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for row in done.summary().itertuples():
        table.add_row(str(row.measure), _number(row.first), _number(row.final), _number(row.mean), str(row.window))
    console.print(table)
    for line in done.minds():
        console.print(line, markup=False, highlight=False)
    console.print(f"digest {info['digest']}", highlight=False)
    console.print(f"log    {path}", highlight=False, soft_wrap=True)


def _number(value: Any) -> str:
    return "-" if value is None or value != value else f"{value:.4g}"


def _print_json(done: Run, path: Path) -> None:
    rows = done.summary().astype(object)
    measures = rows.where(rows.notna(), None).to_dict("records")
    info = {k: done.info[k] for k in ("name", "seed", "status", "reason", "steps", "turns", "digest")}
    typer.echo(json.dumps({**info, "log": str(path), "measures": measures, "minds": done.minds()}, indent=2))


@app.command()
def check(scenario: ScenarioFile, sets: Sets = None) -> None:
    """Check a scenario without running it: every error at once, with line and nearest guess."""
    with _said():
        from simsoc.workbench import check as checked

        loaded = checked(scenario, sets or ())
        typer.echo(f"{scenario}: fine ({loaded.name})")


@app.command()
def explain(
    scenario: ScenarioFile,
    sets: Sets = None,
    docs: Annotated[bool, typer.Option("--docs", help="Also say what each key means.")] = False,
) -> None:
    """Print the filled-in scenario, with defaults marked."""
    with _said():
        from simsoc.workbench import explain as explained

        typer.echo(explained(scenario, sets or (), docs=docs))


@app.command(name="list")
def list_(
    what: Annotated[str | None, typer.Argument(help="Shelf, such as networks; all shelves when left out.")] = None,
) -> None:
    """List what a scenario can name: worlds, networks, rules, measures, published curves, ..."""
    with _said():
        from simsoc.catalogue import catalogue

        for heading, rows in catalogue(what):
            typer.secho(heading, bold=True)
            width = max((len(name) for name, _ in rows), default=0)
            for name, line in rows:
                typer.echo(f"  {name:<{width}}  {line}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check YAML."""
    from simsoc.workbench import schema as made

    typer.echo(json.dumps(made(), indent=2))


@app.command()
def verify(log: RunFile) -> None:
    """Check a run log: database, hashes of texts, digest of events, identities of calls."""
    with _said():
        from simsoc.runlog.verify import verify as findings

        found = findings(log)
        for finding in found:
            typer.secho(str(finding), fg="red")
        if any(f.serious for f in found):
            raise typer.Exit(1)
        typer.echo(f"{log}: verified")
