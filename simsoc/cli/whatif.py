"""`simsoc whatif`: a point in a thread, and what comes after it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .app import AsJson, RunFile, Sets, app, said
from .run import finish, kept_at
from .signals import Signals

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run


@app.command()
def whatif(
    run: RunFile,
    after: Annotated[str | None, typer.Option(help="Behind this item.", metavar="ITEM")] = None,
    replace: Annotated[str | None, typer.Option(help="This utterance is another one.", metavar="ITEM")] = None,
    remove: Annotated[str | None, typer.Option(help="This utterance is not made.", metavar="ITEM")] = None,
    say: Annotated[str | None, typer.Option(help="What is said; in words of the speaker's own without.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of an opening post that replaces another.")] = None,
    who: Annotated[
        str | None,
        typer.Option(help="Who says it: id or name, or traits of somebody new, '{name: Rex, troll: true}'."),
    ] = None,
    out: Annotated[str | None, typer.Option(help="Who does not speak in the thread any more.")] = None,
    instead_of: Annotated[str | None, typer.Option(help="In whose place --who speaks from there on.")] = None,
    sets: Sets = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the future: another universe.")] = None,
    log: Annotated[Path | None, typer.Option(help="Where to write the run log (default RUN-fSTEP.db).")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the log if it is there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Change something at a point in a thread and regenerate what comes after it.

    An ITEM is a post or reply by its id, AUTHOR.STEP.N, such as 12.3.0. Insert an utterance: --after ITEM --who Rex
    --say TEXT; without --say in words of its own. Another rule: --after ITEM --set 'world.rules={dont: [...]}'.
    Everything before stays byte for byte; which threads went on otherwise is told at the end.
    """
    with said() as kept, Signals() as signals:
        from simsoc.runlog.reader import open_run
        from simsoc.running import fork_path
        from simsoc.society import Society
        from simsoc.society.forking import forked
        from simsoc.society.sitting import scenario_of
        from simsoc.supposing import longer, point

        told = {"after": after, "replace": replace, "remove": remove, "say": say, "title": title, "out": out}
        told |= {"who": None if who is None else _read(who), "instead_of": instead_of}
        with open_run(run) as before:
            supposed = {key: value for key, value in told.items() if value is not None}
            at, made = point(scenario_of(run, finished=True), before, supposed, settings=bool(sets))
            more = [f"{key}={value}" for key, value in longer(before, at).items()]
        scenario, parent = forked(run, at, [*more, *(sets or ())], seed=seed, interventions=made)
        path = log or fork_path(parent)
        society = Society(scenario, log=path, overwrite=overwrite, parent=parent)
        kept.append(lambda: kept_at(society, path))
        finish(society, path, signals, quiet=quiet, as_json=as_json)
        if not as_json:
            with open_run(run) as before, open_run(path) as now:
                _tell(before, now, at)


def _read(who: str) -> Any:
    """An id or a name as it stands; traits as YAML."""
    if not who.lstrip().startswith("{"):
        return who
    from simsoc.scenario.yaml12 import read_text

    return read_text(who, "--who").data


def _tell(before: Run, now: Run, at: int) -> None:
    from simsoc.worlds.reddit.items import told_id
    from simsoc.worlds.reddit.whatif import parted

    found = parted(before, now, at)
    same = "the same in both" if found.same else "NOT the same in both"
    typer.echo(f"past   steps 0 to {at}, {same}, digest {found.past}")
    names = ", ".join(told_id(thread) for thread in found.changed[:10])
    more = f" and {len(found.changed) - 10} more" if len(found.changed) > 10 else ""
    which = f" ({names}{more})" if names else ""
    typer.echo(f"then   {len(found.changed)} threads went on otherwise{which}, {found.untouched} as they did")
    if found.exposure is not None:
        seen = found.exposure
        other = "another page: " + (" ".join(map(told_id, seen.now)) or "nothing")
        told = other if seen.thread is None else f"thread {told_id(seen.thread)} as it is now"
        typer.echo(f"first  agent {seen.viewer} saw in step {seen.step} {told}")
