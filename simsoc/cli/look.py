"""Commands that run nothing: check, explain, list, schema, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import AsJson, ScenarioFile, Sets, app, echo_json, said


@app.command()
def check(scenario: ScenarioFile, sets: Sets = None, as_json: AsJson = False) -> None:
    """Check a scenario without running it: every error at once, with line and nearest guess.

    People, network, prompts and API keys are looked at, too; nobody is asked and nothing is written.
    """
    from simsoc.core.errors import ScenarioError

    with said():
        from simsoc.loading import load

        try:
            loaded = load(scenario, sets or ())  # what can be told at once comes before what has to be built
            from simsoc.workbench import check as checked

            people: list[str] = []
            hints: list[str] = []
            checked(loaded, told=people.append, hinted=hints.append)
        except ScenarioError as error:
            if not as_json:
                raise
            echo_json({"fine": False, "problems": [problem._asdict() for problem in error.problems]})
            raise typer.Exit(2) from None
        if as_json:
            echo_json({"fine": True, "problems": [], "name": loaded.name, "people": people, "hints": hints})
        else:
            for line in people:
                typer.echo(line)
            for hint in hints:
                typer.secho(hint, fg="yellow")
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
    with said():
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
    with said():
        from simsoc import catalogue

        if what is not None and name is not None:
            found = catalogue.detail(what, name)
            if as_json:
                echo_json({"name": name, "about": found.about, "keys": [key._asdict() for key in found.keys]})
            else:
                _print_detail(found.about, [(k.name, k.kind, k.default, k.meaning) for k in found.keys])
            return
        lists = catalogue.catalogue(what)
        if as_json:
            rows = {heading: [{"name": row[0], "is": row[1]} for row in rows] for heading, rows in lists}
            echo_json(rows)
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
    with said():
        from simsoc.workbench import schema as made

        echo_json(made())


@app.command()
def verify(
    log: Annotated[Path, typer.Argument(help="Run log (.db), or package (.zip) of simsoc pack.", metavar="RUN|PACK")],
    replay: Annotated[
        bool, typer.Option("--replay", help="Also do it again from its answers, to the same digest; needs no key.")
    ] = False,
    run_files: Annotated[
        bool,
        typer.Option("--run-files", help="Replay also where that runs Python files that the scenario names."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a run log or a package: database, hashes of texts, digest of events, identities of calls, every file.

    A run that has not ended is told as such, and is no error.
    """
    with said():
        from simsoc.packing.checked import verify as findings

        found = findings(log, replay=replay, run_files=run_files)
        serious = any(f.serious for f in found)
        if as_json:
            echo_json({"log": str(log), "sound": not serious, "findings": [finding._asdict() for finding in found]})
        else:
            for finding in found:
                typer.secho(str(finding), fg="red" if finding.serious else "yellow")
            if not serious:
                typer.echo(f"{log}: {'sound as far as it goes' if found else 'verified'}")
        if serious:
            raise typer.Exit(1)
