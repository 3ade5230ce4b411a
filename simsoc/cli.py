"""The command line: prints, decides nothing.

Exit codes: 0 done; 1 the run stopped before its end, a log did not verify, or simsoc itself failed; 2 the scenario, an
option or a file is wrong. Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run
    from simsoc.society import Society

app = typer.Typer(
    name="simsoc",
    help="Run societies of language-model agents as experiments. A scenario is one YAML file; without a model every "
    "decision is made by a published rule.",
    epilog="Start with: simsoc run scenarios/opinion_majority_force.yaml",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ScenarioFile = Annotated[Path, typer.Argument(help="Scenario file (YAML).", metavar="SCENARIO")]
RunFile = Annotated[Path, typer.Argument(help="Run log (.db) written by `simsoc run`.", metavar="RUN")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", help="Change a key, e.g. --set world.rule.beta=2 (repeatable).", metavar="KEY=VALUE"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def _version(wanted: bool) -> None:
    if wanted:
        import simsoc

        typer.echo(f"simsoc {simsoc.__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@contextmanager
def _said() -> Iterator[list[Callable[[], str]]]:
    """Errors in plain words on standard error, with the right exit code; never a traceback.

    What is put into the list is told after the error.
    """
    from simsoc.core.errors import LogError, LogExists, MissingKey, ScenarioError, SimsocError

    more: list[Callable[[], str]] = []
    try:
        yield more
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        _fail("interrupted", more, 1)
    except LogExists as error:
        _fail(f"{error} (--overwrite replaces it, --log takes another path)", more, 2)
    except (ScenarioError, LogError, MissingKey) as error:
        _fail(str(error), more, 2)
    except SimsocError as error:
        _fail(str(error), more, 1)
    except Exception as error:
        _broken(error, more)


def _fail(message: str, more: list[Callable[[], str]], code: int) -> None:
    typer.secho("\n".join([message, *(tell() for tell in more)]), fg="red", err=True)
    raise typer.Exit(code) from None


def _broken(error: Exception, more: list[Callable[[], str]]) -> None:
    """A mistake in simsoc, or a machine at its limits."""
    if os.environ.get("SIMSOC_TRACEBACK"):
        raise error
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, MemoryError):
        _fail("there is not enough memory for this scenario", more, 1)
    _fail(f"simsoc failed ({told}). That is a bug; SIMSOC_TRACEBACK=1 shows where.", more, 1)


class _Signals:
    """Ctrl-C, and SIGTERM, by which batch systems end a job: while one of them is wanted, a run ends as stopped.

    After the step it is in; where models are asked, as soon as the answers on their way are here. Twice: at once.
    """

    def __init__(self) -> None:
        self.at_once = True
        self.waits = False
        """Whether the engine waits for answers on their way."""
        self._told = False

    def __enter__(self) -> _Signals:
        self._before: dict[int, Any] = {}
        with suppress(ValueError):  # not in the main thread
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, frame: Any) -> None:
        again, self._told = self._told, True
        if self.waits and not again:
            os.write(2, b"ending when the answers on their way are here; once more ends at once\n")
        if self.at_once or again:
            raise KeyboardInterrupt

    def look(self) -> None:
        """End here, if that is wanted."""
        if self._told:
            raise KeyboardInterrupt


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
    with _said() as kept, _Signals() as signals:
        society, path = _begun(scenario, resume, sets, seed, log, overwrite)
        kept.append(lambda: _kept(society, path))
        signals.at_once = signals.waits = not all(hasattr(backend, "now") for backend in society.route.backends())
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
        if sets or seed is not None or log is not None or overwrite:
            raise typer.BadParameter("a resumed run is as its log has it: no --set, --seed, --log or --overwrite")
        from simsoc.sitting import scenario_of
        from simsoc.society import Society

        return Society(scenario_of(resume), log=resume, resume=True), resume
    from simsoc.loading import load

    loaded = load(scenario or "", [*(sets or ()), *([("seed", seed)] if seed is not None else ())])
    from simsoc.running import free_path
    from simsoc.society import Society

    path = log or free_path(loaded)
    return Society(loaded, log=path, overwrite=overwrite), path


def _kept(society: Society, path: Path) -> str:
    """Where a run stands that has stopped before its end."""
    done, of = society.engine.clock, society.length
    return f"stopped after step {done} of {of}; go on with: simsoc run --resume {path}"


def _with_progress(society: Society, signals: _Signals, *, quiet: bool) -> None:
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
    console.print(table)
    for line in done.minds():
        silent = "without answer" in line
        console.print(line, style="yellow" if silent else None, markup=False, highlight=False, soft_wrap=True)
    console.print(f"digest {info['digest']}", highlight=False)
    console.print(f"log    {path}", markup=False, highlight=False, soft_wrap=True)


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
    _echo_json({**info, "log": str(path), "measures": measures, "minds": done.minds()})


def _echo_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


@app.command()
def check(scenario: ScenarioFile, sets: Sets = None, as_json: AsJson = False) -> None:
    """Check a scenario without running it: every error at once, with line and nearest guess.

    People, network, prompts and API keys are looked at, too; nobody is asked and nothing is written.
    """
    from simsoc.core.errors import ScenarioError

    with _said():
        from simsoc.loading import load

        try:
            loaded = load(scenario, sets or ())  # what can be told at once comes before what has to be built
            from simsoc.workbench import check as checked

            checked(loaded)
        except ScenarioError as error:
            if not as_json:
                raise
            _echo_json({"fine": False, "problems": [problem._asdict() for problem in error.problems]})
            raise typer.Exit(2) from None
        if as_json:
            _echo_json({"fine": True, "problems": [], "name": loaded.name})
        else:
            typer.echo(f"{scenario}: fine ({loaded.name})")


@app.command()
def explain(
    scenario: ScenarioFile,
    sets: Sets = None,
    docs: Annotated[bool, typer.Option("--docs", help="Also say what each key means.")] = False,
) -> None:
    """Print the filled-in scenario, with defaults marked.

    What is printed is a scenario file again: simsoc explain a.yaml --set seed=3 > b.yaml
    """
    with _said():
        from simsoc.workbench import explain as explained

        typer.echo(explained(scenario, sets or (), docs=docs))


@app.command(name="list")
def list_(
    what: Annotated[str | None, typer.Argument(help="List, such as networks; all lists when left out.")] = None,
    name: Annotated[str | None, typer.Argument(help="A name in it: what it is, and its keys.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what a scenario can name: worlds, networks, rules, measures, published curves, ...

    With a name, say what it is and which keys it has: simsoc list networks watts_strogatz
    """
    with _said():
        from simsoc import catalogue

        if what is not None and name is not None:
            found = catalogue.detail(what, name)
            if as_json:
                _echo_json({"name": name, "about": found.about, "keys": [key._asdict() for key in found.keys]})
            else:
                _print_detail(found.about, [(k.name, k.kind, k.default, k.meaning) for k in found.keys])
            return
        lists = catalogue.catalogue(what)
        if as_json:
            rows = {heading: [{"name": row[0], "is": row[1]} for row in rows] for heading, rows in lists}
            _echo_json(rows)
            return
        for heading, of in lists:
            typer.secho(heading, bold=True)
            width = max((len(row[0]) for row in of), default=0)
            for row in of:
                typer.echo(f"  {row[0]:<{width}}  {row[1]}".rstrip())


def _print_detail(about: list[str], keys: list[tuple[str, str, str, str]]) -> None:
    typer.echo("\n\n".join(about))
    for name, kind, default, meaning in keys:
        given = default if default == "required" else f"default {default}" if default else "may be left out"
        typer.echo()
        typer.secho(f"  {name}", bold=True, nl=False)
        typer.echo(f": {kind.replace('`', '')} ({given})")
        if meaning:
            typer.echo(f"      {meaning}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check YAML.

    For example: simsoc schema > scenario.json, and as the first line of a scenario
    "# yaml-language-server: $schema=scenario.json".
    """
    with _said():
        from simsoc.workbench import schema as made

        _echo_json(made())


@app.command()
def verify(log: RunFile, as_json: AsJson = False) -> None:
    """Check a run log: database, hashes of texts, digest of events, identities of calls.

    A run that has not ended is told as such, and is no error.
    """
    with _said():
        from simsoc.runlog.verify import verify as findings

        found = findings(log)
        serious = any(f.serious for f in found)
        if as_json:
            _echo_json({"log": str(log), "sound": not serious, "findings": [finding._asdict() for finding in found]})
        else:
            for finding in found:
                typer.secho(str(finding), fg="red" if finding.serious else "yellow")
            if not serious:
                typer.echo(f"{log}: {'sound as far as it goes' if found else 'verified'}")
        if serious:
            raise typer.Exit(1)
