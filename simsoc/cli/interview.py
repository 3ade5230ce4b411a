"""`simsoc interview`: people of a run are asked something, as they were after a step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .app import AsJson, RunFile, Sets, app, echo_json, said
from .run import name_files

if TYPE_CHECKING:
    from simsoc.interviewing.interview import Interviewed


@app.command()
def interview(
    run: RunFile,
    question: Annotated[str, typer.Argument(help="What is asked.", metavar="QUESTION")],
    agent: Annotated[
        list[str] | None, typer.Option("--agent", "-a", help="Who is asked: an id or a name (repeatable).")
    ] = None,
    who: Annotated[
        str | None, typer.Option(help="Or a selection as in a scenario, e.g. '{share: 0.1}'; '{}' is everybody.")
    ] = None,
    at: Annotated[
        int | None, typer.Option(min=0, help="The step after which they are asked (default: the last).", metavar="STEP")
    ] = None,
    choice: Annotated[str | None, typer.Option(help="What may be answered: one of A,B,C.", metavar="A,B,C")] = None,
    scale: Annotated[str | None, typer.Option(help="Or a whole number, e.g. 0,100.", metavar="LOW,HIGH")] = None,
    number: Annotated[str | None, typer.Option(help="Or any number, e.g. 0,1.", metavar="LOW,HIGH")] = None,
    text: Annotated[bool, typer.Option("--text", help="Or words, as when nothing is said.")] = False,
    sets: Sets = None,
    again: Annotated[bool, typer.Option("--again", help="Ask anew what was asked before.")] = False,
    log: Annotated[
        Path | None, typer.Option(help="Where interviews are kept (default RUN-interviews.jsonl).", metavar="FILE")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask people of a run something, as they were after a step; the run itself stays as it is.

    They are answered for by whoever answered then, or by a model of your own: --set backend=openai/gpt-4o-mini. Without
    a model a rule says what they hold. What was asked before is answered from the file of interviews and costs nothing.
    """
    with said():
        if (agent is None) == (who is None):
            raise typer.BadParameter("say either --agent ID or --who SELECTION")
        forms = {"choice": choice, "scale": scale, "number": number}
        if sum(form is not None for form in forms.values()) + text > 1:
            raise typer.BadParameter("say one of --choice, --scale, --number and --text")
        from simsoc.interviewing.interview import interviews
        from simsoc.society.sitting import scenario_of

        given = {kind: _listed(written, f"--{kind}") for kind, written in forms.items() if written is not None}
        asked = agent if agent is not None else _selection(who or "")
        name_files([scenario_of(run, finished=True)])
        told = interviews(run, asked, question, at=at, again=again, log=log, overrides=sets or (), **given)
        if as_json:
            echo_json([_record(one) for one in told])
            return
        for one in told:
            _print(one)


def _listed(written: str, option: str) -> Any:
    """Options as they are written, or two numbers."""
    parts = [part.strip() for part in written.split(",")]
    if option == "--choice":
        return parts
    try:
        low, high = (int(part) if option == "--scale" else float(part) for part in parts)
    except ValueError:
        raise typer.BadParameter(f"{option} takes two numbers, e.g. {option} 0,100 (got {written!r})") from None
    return low, high


def _selection(written: str) -> Any:
    """A selection as YAML. Raises ScenarioError."""
    from simsoc.core.errors import ScenarioError
    from simsoc.scenario.yaml12 import read_text

    found = read_text(written, "--who").data
    if not isinstance(found, dict):
        raise ScenarioError.at("--who", "a selection looks like {share: 0.1} or {traits: {party: D}}")
    return found


def _record(one: Interviewed) -> dict[str, Any]:
    """An answer with how it came about, as JSON holds it."""
    reply = one.reply
    how = ("source", "by", "attempts", "tokens_in", "tokens_out", "cost", "latency", "prompt", "raw")
    silence = {"status": getattr(reply, "reason", "ok"), "detail": getattr(reply, "detail", None)}
    known = {key: getattr(one, key) for key in ("agent", "name", "step", "question", "answer")}
    return {**known, **silence, **{key: getattr(reply, key) for key in how}}


def _print(one: Interviewed) -> None:
    from simsoc.core.words import NoAnswer

    reply = one.reply
    who = f"{one.name} ({one.agent})" if one.name else f"agent {one.agent}"
    before = ", asked before" if reply.source == "replay" else ""
    typer.secho(f"{who}, after step {one.step} ({reply.by}{before}):", dim=True)
    if isinstance(reply, NoAnswer):
        typer.secho(f"no answer: {reply.reason}{f' ({reply.detail})' if reply.detail else ''}", fg="yellow")
    else:
        typer.echo(str(one.answer))
