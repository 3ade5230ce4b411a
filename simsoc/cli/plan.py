"""`simsoc plan`: what a scenario would cost before anybody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .app import AsJson, ScenarioFile, Sets, app, echo_json, said
from .run import name_files

if TYPE_CHECKING:
    from simsoc.planning import Forecast, Range


@app.command()
def plan(
    scenario: ScenarioFile,
    sets: Sets = None,
    rehearse: Annotated[int, typer.Option(min=1, help="Runs (or replicates) to rehearse with rules.")] = 5,
    latency: Annotated[float, typer.Option(min=0.001, help="Seconds a call to the model takes.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Estimate calls, tokens, dollars and time of a scenario or experiment, with an interval. Nobody is asked.

    Rules play the model in a few rehearsals and every prompt is rendered as it would be sent, so no key is needed:
    simsoc plan a.yaml --set backend=openai/gpt-4o-mini
    """
    with said():
        from simsoc.experiments.layout import lay_out
        from simsoc.planning import plan as planned

        def progress(told: str) -> None:
            if not as_json:
                typer.secho(told, err=True, dim=True)

        runs = lay_out(scenario, sets or ()).runs
        name_files({(run.arm, run.point): run.scenario for run in runs}.values())
        found = planned(scenario, sets or (), rehearse=rehearse, latency=latency, progress=progress)
        if as_json:
            echo_json(_plain(found))
        else:
            printed(found)


def _plain(found: Forecast) -> dict[str, Any]:
    lines = []
    for line in found.lines:
        ranges = {name: getattr(line, name) for name in ("calls", "tokens_in", "tokens_out", "dollars")}
        lines.append({"model": line.model, **{n: None if r is None else r._asdict() for n, r in ranges.items()}})
    told = found._asdict()
    return {**told, "lines": lines, "seconds": found.seconds._asdict()}


def printed(found: Forecast) -> None:
    """A forecast, for people."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not found.lines:
        console.print(f"{found.name}: no model is asked in {_runs(found.runs)}; it costs nothing")
        return
    table = Table(title=f"{found.name}: {_runs(found.runs)}, from {found.rehearsed} rehearsed", title_justify="left")
    for heading in ("model", "calls", "tokens in", "tokens out", "US dollars"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for line in found.lines:
        dollars = "price not known" if line.dollars is None else _told(line.dollars, "{:,.2f}")
        table.add_row(line.model, _told(line.calls), _told(line.tokens_in), _told(line.tokens_out), dollars)
    console.print(table)
    if found.reused:
        console.print(f"{found.reused:.0%} of what the arms ask is asked by another arm, too, and paid for once")
    low, _, high = found.seconds
    console.print(
        f"time: {_time(low)} to {_time(high)} with {found.slots} slots and {found.latency:g} s a call", highlight=False
    )
    console.print(
        "Rules are not the model: it may write more, agree sooner or never. Ranges are 95% for the rehearsed rules; "
        "tokens are counted with one tokenizer for all models. Cap what a run may spend with budget: {dollars: ...}.",
        style="dim", markup=False, highlight=False,
    )  # fmt: skip


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


def _told(numbers: Range, form: str = "{:,.0f}") -> str:
    low, middle, high = (form.format(number) for number in numbers)
    return middle if low == high else f"{middle} ({low} to {high})"


def _time(seconds: float) -> str:
    for size, unit in ((86_400.0, "days"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
