"""What all commands share: the app, options, exit codes, errors in plain words.

Exit codes: 0 done; 1 the run stopped before its end, a log did not verify, or simsoc itself failed; 2 the scenario, an
option or a file is wrong. Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

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
def said() -> Iterator[list[Callable[[], str]]]:
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
        _fail(f"{error} (--overwrite replaces it, --log or --folder takes another path)", more, 2)
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


def echo_json(value: Any) -> None:
    """Print a result as JSON, for programs."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
