"""`simsoc score`: the texts of a run as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .app import AsJson, RunFile, app, echo_json, said
from .tables import records, show


@app.command()
def score(
    run: RunFile,
    scorer: Annotated[
        str, typer.Option("--scorer", "-s", help="A name, or a mapping, e.g. '{kind: lexicon, words: [crypto]}'.")
    ] = "lexicon",
    at: Annotated[float, typer.Option(min=0, max=1, help="From which score on a text counts.")] = 0.5,
    budget: Annotated[
        str | None, typer.Option(help="What may be spent where a model is asked, e.g. '{dollars: 1}'.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="Where asked scores are kept (default RUN-scores.jsonl).", metavar="FILE")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write a row for each text as CSV.", metavar="FILE")] = None,
    as_json: AsJson = False,
) -> None:
    """Score every text of a run: toxicity, sentiment, broken rules; the run itself stays as it is.

    simsoc list scorers shows them. What was asked before is answered from the file of scores and costs nothing:
    --scorer '{kind: judge, backend: openai/gpt-4o-mini, asks: "How clearly does this text advertise something?"}'
    """
    with said():
        from simsoc.scoring.scores import scores, summary

        found = scores(run, mapping(scorer, "--scorer"), log=log, budget=_budget(budget))
        told = summary(found, at)
        if out is not None:
            _write(out, found)
        if as_json:
            echo_json({"summary": records(told), "texts": records(found)})
            return
        show(told, f"{run}: scores of its texts; share: of those that have one, at {at:g} or above")
        if out is not None:
            typer.echo(f"texts  {out}")


def mapping(written: str, option: str) -> Any:
    """A name, or a mapping as YAML. Raises ScenarioError."""
    from simsoc.scenario.yaml12 import read_text

    return read_text(written, option).data if written.lstrip().startswith("{") else written


def _budget(written: str | None) -> dict[str, Any] | None:
    from simsoc.core.errors import ScenarioError

    found = mapping(written, "--budget") if written is not None else None
    if found is not None and not isinstance(found, dict):
        raise ScenarioError.at("--budget", "a budget looks like {dollars: 1} or {calls: 100}")
    return found


def _write(path: Path, frame: Any) -> None:
    from simsoc.core.errors import LogError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False)
    except OSError as error:
        raise LogError(f"{path}: {error.strerror or error}") from None
