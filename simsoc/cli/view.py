"""`simsoc view`: a society in the browser, stepped and reset by hand (Mesa's SolaraViz)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Annotated

import typer

from .app import ScenarioFile, Sets, app, said
from .run import name_files


@app.command()
def view(
    scenario: ScenarioFile,
    sets: Sets = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed to begin with.")] = None,
    slider: Annotated[
        list[str] | None,
        typer.Option(help="A key to move, e.g. world.rule.beta=0:4:0.1 (repeatable).", metavar="KEY=LOW:HIGH:STEP"),
    ] = None,
    measure: Annotated[list[str] | None, typer.Option(help="A measure to draw (repeatable).")] = None,
    colour: Annotated[str | None, typer.Option(help="Colour people by this trait, not by what they hold.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the page.")] = 8765,
    host: Annotated[str, typer.Option(help="Address to serve at; nobody else reaches the default.")] = "localhost",
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
) -> None:
    """Look at a society while it runs: step, play, move sliders, reset. Nothing is logged.

    Needs the extra `ui`: pip install 'simsoc[ui]'. Ctrl-C ends it.
    """
    with said():
        from simsoc.core.errors import SimsocError
        from simsoc.loading import load
        from simsoc.scenario.overrides import parse

        name_files([load(scenario, sets or ())])
        given = {
            "scenario": str(scenario.resolve()),
            "seed": seed,
            "sliders": dict(_range(text) for text in slider or ()),
            "measures": measure or [],
            "colour": colour,
            **dict(parse(text) for text in sets or ()),
        }
        try:
            from simsoc.viewing.app import VARIABLE
        except ImportError:
            raise SimsocError("looking at a society needs the extra `ui`: pip install 'simsoc[ui]'") from None
        words = ["run", "simsoc.viewing.app", "--host", host, "--port", str(port), "--production"]
        words += [] if open_browser else ["--no-open"]
        environment = {**os.environ, VARIABLE: json.dumps(given), "PYTHONUNBUFFERED": "1"}
        ended = subprocess.call([sys.executable, "-m", "solara", *words], env=environment)
    raise typer.Exit(1 if ended > 0 else 0)


def _range(text: str) -> tuple[str, tuple[float, float, float]]:
    """A key and what it can be moved over."""
    key, _, span = text.partition("=")
    try:
        low, high, step = (float(part) for part in span.split(":"))
    except ValueError:
        raise typer.BadParameter(f"--slider {text}: write KEY=LOW:HIGH:STEP, e.g. world.rule.beta=0:4:0.1") from None
    if not (low < high and step > 0):
        raise typer.BadParameter(f"--slider {text}: LOW has to be below HIGH, and STEP above 0")
    return key, (low, high, step)
