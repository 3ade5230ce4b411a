"""`simsoc threads`, `simsoc pairs`, `simsoc rated`: what people wrote, to be read, exported, and told from real."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import AsJson, RunFile, app, echo_json, said

if TYPE_CHECKING:
    from simsoc.posts import Post
    from simsoc.posts.listing import Place


class Format(StrEnum):
    """How threads are written."""

    text = "text"
    markdown = "markdown"
    json = "json"
    dump = "dump"


@app.command()
def threads(
    run: RunFile,
    thread: Annotated[
        list[str] | None,
        typer.Option("--thread", "-t", help="Only the thread of this post (repeatable).", metavar="ID"),
    ] = None,
    format: Annotated[
        Format,
        typer.Option("--format", "-f", help="To be read, as Markdown, as Reddit's JSON, or as the lines of its dumps."),
    ] = Format.text,
    first: Annotated[int | None, typer.Option("--first", "-n", min=1, help="Only the first so many threads.")] = None,
    removed: Annotated[bool, typer.Option("--removed", help="Also show texts that readers no longer see.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="A file instead of standard output; a folder for a dump.", metavar="PATH")
    ] = None,
) -> None:
    """Show or export what people wrote to each other: threads with their replies.

    json is read by what reads Reddit's listings, dump by what reads Pushshift's; both can be the start of another run.
    """
    with said():
        from simsoc.runlog.posted import threads_of
        from simsoc.runlog.reader import open_run
        from simsoc.worlds.reddit.showing import place_of

        with open_run(run) as opened:
            found = threads_of(opened, thread or ())[:first]
            place = place_of(opened)
        if format is Format.dump:
            _dump(found, place, out)
        elif format is Format.text and out is None:
            _print(found, place, removed=removed)
        else:
            _write(_told(found, place, format, removed=removed), out)


def _told(found: Sequence[Sequence[Post]], place: Place, format: Format, *, removed: bool) -> str:
    if format is Format.json:
        from simsoc.posts.listing import as_list, pages

        return as_list(pages([post for thread in found for post in thread], place))
    if format is Format.markdown:
        from simsoc.posts.markdown import as_markdown

        return as_markdown(found, place.named, place.community)
    from simsoc.posts.told import as_text

    return as_text(found, place.named, gone=removed) + "\n"


def _dump(found: Sequence[Sequence[Post]], place: Place, out: Path | None) -> None:
    from simsoc.posts.listing import as_lines, dump

    rows = dump([post for thread in found for post in thread], place)
    if out is None:
        typer.echo("".join(map(as_lines, rows)), nl=False)
        return
    for name, of in zip(("submissions", "comments"), rows, strict=True):
        _write(as_lines(of), out / f"{place.subreddit}_{name}.ndjson")


def _write(text: str, out: Path | None) -> None:
    """To a file, or to standard output. Raises LogError."""
    from simsoc.core.errors import LogError

    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise LogError(f"{out}: {error.strerror or error}") from None
    typer.echo(f"wrote {out}")


_STYLES = {"title": "bold", "head": "cyan", "body": "", "bar": "dim"}


def _print(found: Sequence[Sequence[Post]], place: Place, *, removed: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from simsoc.posts.told import lines

    console = Console()
    width = min(console.width, 100)
    for number, thread in enumerate(found):
        if number:
            console.print(f"\n{'─' * min(width, 60)}\n", style="dim", highlight=False)
        for line in lines(thread, place.named, width, gone=removed):
            told = Text.assemble((line.bars, "dim"), (line.text, _STYLES[line.style]))
            console.print(told, highlight=False, soft_wrap=True)


@app.command()
def pairs(
    run: RunFile,
    real: Annotated[Path, typer.Option(help="Real threads: a page of Reddit's JSON, or a dump.", metavar="FILE")],
    folder: Annotated[Path, typer.Option(help="Where the sheet, the page and the key go.")] = Path("pairs"),
    count: Annotated[int | None, typer.Option("-n", min=1, help="At most so many pairs.")] = None,
    cap: Annotated[int, typer.Option(min=0, help="Replies of each thread that are shown.")] = 8,
    seed: Annotated[int | None, typer.Option(min=0, help="Of order and sides (default: the run's).")] = None,
) -> None:
    """Put real and simulated threads side by side for raters, who are to tell which is which.

    pairs.html (or pairs.md) is read, pairs.csv is filled in; key.csv has the answers and stays here. Then:
    simsoc rated.
    """
    with said():
        from simsoc.posts import whole_threads
        from simsoc.posts.pairs import as_key, as_markdown, as_page, as_sheet, by_name, made
        from simsoc.posts.reading import read
        from simsoc.runlog.posted import threads_of
        from simsoc.runlog.reader import open_run
        from simsoc.worlds.reddit.showing import place_of

        with open_run(run) as opened:
            simulated, own = by_name(threads_of(opened), place_of(opened).named), int(opened.info["seed"])
        found = made(
            whole_threads(read(real, named=True)).values(),
            simulated,
            own if seed is None else seed,
            most=count,
            cap=cap,
        )
        _write(as_page(found), folder / "pairs.html")
        _write(as_markdown(found), folder / "pairs.md")
        _write(as_sheet(found), folder / "pairs.csv")
        _write(as_key(found), folder / "key.csv")
        typer.echo(f"{len(found)} pairs; when sheets are filled in: simsoc rated {folder / 'key.csv'} SHEET...")


@app.command()
def rated(
    key: Annotated[Path, typer.Argument(help="key.csv of `simsoc pairs`.", metavar="KEY")],
    sheets: Annotated[list[Path], typer.Argument(help="Filled-in sheets, one for each rater.", metavar="SHEET...")],
    as_json: AsJson = False,
) -> None:
    """Tell how often raters took the simulated thread for the real one, with its 95% interval."""
    with said():
        from simsoc.posts.rated import error_rate, read_key, read_picks

        answers = read_key(_text(key), str(key))
        picks = [pick for sheet in sheets for pick in read_picks(_text(sheet), str(sheet))]
        found = error_rate(answers, picks)
        if as_json:
            echo_json(found._asdict())
            return
        raters = "1 rater" if found.raters == 1 else f"{found.raters} raters"
        typer.echo(f"wrong on {found.rate:.1%} of pairs (95% interval {found.low:.1%} to {found.high:.1%})")
        typer.echo(f"{found.picks} picks of {raters}, {found.skipped} left open; guessing 50%")
        typer.echo(f"published: {found.published:.0%} (Park et al. 2022, arXiv 2208.04024, GPT-3)")


def _text(path: Path) -> str:
    from simsoc.core.errors import LogError

    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LogError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
