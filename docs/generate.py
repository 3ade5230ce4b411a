"""Write docs/reference.md from the code: every name a scenario may use, every key, measure, column and command.

``python docs/generate.py`` writes it; with ``--check`` it fails when the page is out of date.
"""

from __future__ import annotations

import difflib
import inspect
import sys
import typing
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from simsoc import catalogue, cli
from simsoc.catalogue import Key
from simsoc.experiments.documented import columns as of_comparison
from simsoc.runlog.documented import columns
from simsoc.shelves import SHELVES

TARGET = Path(__file__).with_name("reference.md")

SHELF_SAYS = {
    "worlds": "What happens: `world: {kind: NAME, ...}`, or a list of several on the same people.",
    "populations": "Where the people come from: `population: {source: NAME, ...}`; without `source` it is `blank`.",
    "networks": "Who is tied to whom at the start: `network: {kind: NAME, ...}`, or the bare name.",
    "activations": "Who takes a turn when: `activation: {kind: NAME, ...}`, or the bare name.",
    "backends": "Who answers: `backend: NAME` or `backend: NAME/MODEL`; the keys are those of `backend`, above.",
    "interventions": "What is done to a running society: `interventions: [{at: STEP, do: {kind: NAME, ...}}]`. It takes"
    " place before anybody's turn in step `at`, and again `every` so many steps, no later than in step `until`."
    " Without `every`, `set`, `backend` and `suspend` hold to the end of step `until` and are undone before the next;"
    " the others take place once and have no `until`. An intervention does not keep a run going that ends by itself:"
    " where a world stops at consensus, say `stop: never`.",
    "minds": "What agents remember, reflect on, plan and talk about: `minds: {kind: NAME, ...}`, or the bare name.",
    "planners": "What an agent means to do: `planning: {planner: NAME, ...}` under `minds`; `day` without a name.",
    "embedders": "How it is told what two texts have to do with each other: `embedder: {kind: NAME, ...}` under"
    " `minds.memory`.",
    "mind_rules": "How minds decide when no model is asked: `rules: {kind: NAME, ...}` under `minds`.",
    "opinion_rules": "How an opinion is picked when no model is asked (world `opinion`): `rule: {kind: NAME, ...}`.",
    "opinion_scale_rules": "How a position is formed when no model is asked (world `opinion_scale`).",
    "opinion_verbal_rules": "How a belief is reported when no model is asked (world `opinion_verbal`).",
    "survey_rules": "How surveys and interviews are answered when no model is asked: `rule: {kind: NAME, ...}` under"
    " `surveys`.",
    "scorers": "How texts become numbers in 0..1: `scorer: {kind: NAME, ...}` in worlds that write texts, and"
    " `simsoc score RUN --scorer NAME`. `openai-moderation` and `judge` have to be asked, so they score runs that are"
    " over.",
    "feeds": "Which items somebody is shown, and in which order: `feed: {kind: NAME, ...}`. A feed of one's own is a"
    " function in a Python file beside the scenario, `{kind: my_feed.py:freshest, half_life: 5}`: it takes columns of"
    " items and the step (and, as a third argument, the viewer) and returns a score for each item.",
    "follow_recommenders": "Whom people are told to follow: `suggest: {kind: NAME, ...}`, or a function in a file of"
    " one's own, which takes the crowd, the step and the viewer and returns a score for each agent.",
    "audit_instruments": "What is asked again and again (world `audit`): `instrument: {kind: NAME, ...}`.",
    "audit_rules": "How it is answered when no model is asked (world `audit`): `rule: {kind: NAME, ...}`.",
    "growth_designs": "Who chooses when and among whom (world `growth`): `design: {kind: NAME, ...}`.",
    "growth_rules": "How ties are chosen when no model is asked (world `growth`): `rule: {kind: NAME, ...}`.",
    "reddit_rules": "What members of a community do when no model is asked (world `reddit`): `rule: {kind: NAME}`.",
    "twitter_designs": "What a turn consists of (world `twitter`): `design: {kind: NAME, ...}`.",
    "twitter_rules": "How people decide when no model is asked (world `twitter`): `rule: {kind: NAME, ...}`.",
    "acceptance_rules": "Whether the other side accepts (design `homophily`): `acceptance: {kind: NAME, ...}`.",
}


def reference() -> str:
    """The whole page."""
    return "\n".join([*_top(), *_scenario(), *_shelves(), *_others(), *_columns(), *_file(), *_commands()])


def _top() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield (
        "Made from the code by `python docs/generate.py`. The same is told by `simsoc list`, `simsoc list LIST NAME`, "
        "`simsoc explain SCENARIO --docs` and `Run.columns()`."
    )
    yield ""


# -- what a scenario may say ---------------------------------------------------------------------------------------


def _scenario() -> Iterator[str]:
    yield "## Keys of a scenario"
    yield ""
    yield from _key_table(catalogue.of_scenario())
    yield "### Keys of `backend`"
    yield ""
    yield "`backend: NAME` is short for `backend: {model: NAME}`."
    yield ""
    yield from _key_table(catalogue.of_backend())


def _shelves() -> Iterator[str]:
    for shelf in SHELVES.values():
        yield f"## `{shelf.name}`"
        yield ""
        if shelf.name in SHELF_SAYS:
            yield SHELF_SAYS[shelf.name]
            yield ""
        for name in shelf.names():
            if not shelf.get(name).__module__.startswith("simsoc."):
                continue  # of another package
            yield f"### `{name}`"
            yield ""
            for paragraph in catalogue.about(shelf.get(name)):
                yield paragraph
                yield ""
            if shelf.name != "backends":
                yield from _key_table(catalogue.detail(shelf.name, name).keys)


def _key_table(keys: Sequence[Key]) -> Iterator[str]:
    if keys:
        rows = [(f"`{k.name}`", k.kind, _default(k.default), _sentence(k.meaning)) for k in keys]
        yield from _table(("key", "what", "default", "meaning"), rows)


def _default(text: str) -> str:
    return f"`{text}`" if text and text != "required" else text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _others() -> Iterator[str]:
    yield "## Measures"
    yield ""
    yield "`measures: [NAME, ...]`. Those marked * are taken where a scenario names none."
    yield ""
    for world, rows in catalogue.of_worlds():
        yield f"### Measures of `{world}`"
        yield ""
        told = [(f"`{name.rstrip('*')}`{'*' if name.endswith('*') else ''}", line) for name, line in rows]
        yield from _table(("measure", "meaning (unit)"), told)
    for what, heading, column in (
        ("curves", "Published curves", "`rule: {kind: published, curve: NAME, size: GROUP}`, arXiv 2409.02822."),
        ("prompts", "Prompt templates", "`prompts: {NAME: my.j2}` replaces one; paths are relative to the scenario."),
    ):
        yield f"## {heading}"
        yield ""
        yield column
        yield ""
        for _, rows in catalogue.catalogue(what):
            for name, line in rows:
                yield f"- `{name}`{': ' + line if line else ''}"
        yield ""


# -- what comes out ------------------------------------------------------------------------------------------------


def _columns() -> Iterator[str]:
    yield "## Columns of a run"
    yield ""
    yield (
        "Frames of `simsoc.open_run(path)`, e.g. `run.asks`. `*` stands for columns that are named by the data."
        " `simsoc.open_runs(folder)` has the same ones of many runs, with the grid's keys, `replicate` and `arm` in"
        ' front; `run.chunks("events", rows=100_000)` gives one a piece at a time, and'
        ' `run.export(folder, format="parquet")` or `simsoc export` writes them as files.'
    )
    yield ""
    yield from _frames("run", columns())
    yield "## Columns of a comparison"
    yield ""
    yield (
        "Frames of `simsoc.compare(folder)`, e.g. `comparison.effects`, after a column for each key of the grid; "
        "`docs/experiments.md` says how to read them."
    )
    yield ""
    yield from _frames("comparison", of_comparison())


def _frames(of: str, every: Any) -> Iterator[str]:
    for frame, rows in every.groupby("table", sort=False):
        yield f"### `{of}.{frame}`"
        yield ""
        told = [(f"`{row.column}`", row.unit, _sentence(row.meaning)) for row in rows.itertuples()]
        yield from _table(("column", "unit", "meaning"), told)


def _file() -> Iterator[str]:
    yield "## Tables of the file"
    yield ""
    yield "The SQLite file itself, for people who prefer SQL: [sql.md](sql.md) has the joins and useful queries."
    yield ""
    for table, rows in columns(tables=True).groupby("table", sort=False):
        yield f"### Table `{table}`"
        yield ""
        told = [(f"`{row.column}`", row.unit, _sentence(row.meaning)) for row in rows.itertuples()]
        yield from _table(("column", "unit", "meaning"), told)


# -- the command line ----------------------------------------------------------------------------------------------


def _commands() -> Iterator[str]:
    yield "## Commands"
    yield ""
    yield (
        "Exit codes: 0 done; 1 the run stopped before its end, a log did not verify, or simsoc itself failed; 2 the "
        "scenario, an option or a file is wrong."
    )
    yield ""
    for command in cli.app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        yield f"### `simsoc {name}`"
        yield ""
        for paragraph in catalogue.about(command.callback):
            yield paragraph
            yield ""
        rows = list(_options(command.callback))
        if rows:
            yield from _table(("argument or option", "meaning"), rows)


def _options(command: Any) -> Iterator[tuple[str, str]]:
    hints = typing.get_type_hints(command, include_extras=True)
    for name, parameter in inspect.signature(command).parameters.items():
        info = next(mark for mark in hints[name].__metadata__ if hasattr(mark, "help"))
        flags = [f for f in (info.default, *(info.param_decls or ())) if isinstance(f, str) and f.startswith("-")]
        if type(info).__name__ == "ArgumentInfo":
            shown = info.metavar or name.upper()
            shown = shown if parameter.default is inspect.Parameter.empty else f"[{shown}]"
        else:
            shown = ", ".join(flags or [f"--{name.replace('_', '-')}"]) + (f" {info.metavar}" if info.metavar else "")
        yield f"`{shown}`", info.help or ""


# -- Markdown ------------------------------------------------------------------------------------------------------


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with ``--check`` say whether it is the one that would be written."""
    made = reference().rstrip() + "\n"
    if "--check" not in arguments:
        TARGET.write_text(made, encoding="utf-8")
        return 0
    there = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    if there == made:
        return 0
    changes = difflib.unified_diff(there.splitlines(), made.splitlines(), "there", "made", lineterm="", n=0)
    sys.stderr.write("\n".join(list(changes)[:20]) + "\ndocs/reference.md is out of date: python docs/generate.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
