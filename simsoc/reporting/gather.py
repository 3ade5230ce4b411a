"""What a report is about: brought together from logs, index, scenario and comparison."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.core.errors import LogError, ScenarioError
from simsoc.experiments.compared import compare
from simsoc.experiments.documented import FRAMES
from simsoc.experiments.effects import ALPHA
from simsoc.experiments.folder import INDEX
from simsoc.experiments.results import Results, open_runs
from simsoc.loading import load
from simsoc.report.matter import Matter, Section, Table
from simsoc.report.plain import number
from simsoc.runlog.many import Runs
from simsoc.runlog.reader import open_run
from simsoc.scenario.spec import Scenario

from .odd import measures as taken
from .odd import protocol
from .writings import threads

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.experiments.compared import Comparison

_SENTENCES = 16  # of a verdict
Value = tuple[Mapping[str, Any], str, float | None]
"""(keys of the run, measure, value)"""


def gather(what: str | Path) -> Matter:
    """Everything a report of a run log, or of the folder of an experiment, shows. Raises LogError."""
    path = Path(what)
    if path.is_dir() and (path / INDEX).exists():
        return _of_experiment(path)
    return _of_run(path)


def _of_run(path: Path) -> Matter:
    with open_run(path) as run:
        info, told = run.info, run.scenario
        summary = run.summary()
        people, traits = _people(run)
        scenario, problem = _scenario(told, path.absolute().parent / info["folder"])
    verdict = [
        f"{row.measure}: {number(row.first)} at the start, {number(row.final)} at the end, "
        f"mean {number(row.mean)} over steps {row.window}."
        for row in summary.head(_SENTENCES).itertuples()
    ]
    if info["status"] != "finished":
        verdict.insert(0, f"The run has not finished ({info['status']}): what is shown is as far as it got.")
    verdict.append("One run shows what can happen, not what does on average: an experiment with replicates does.")
    runs = Runs([({}, path)])
    return Matter(
        **_said(told),
        runs=runs,
        to=None,
        arms=[""],
        measures=_meanings(scenario, list(summary["measure"])),
        verdict=verdict,
        tables=[],
        values=[],
        odd=_odd(scenario, problem, people, traits),
        writings=threads(runs),
        scenario=info["yaml"],
        replay=_replay(path, info["digest"]),
        made_by=_made_by(),
    )


def _of_experiment(folder: Path) -> Matter:
    results = Results(folder)
    index = results.index
    runs = open_runs(results)
    scenario, problem = _scenario(index.scenario, index.folder)
    with open_run(runs.members[0][1]) as run:
        people, traits = _people(run)
    tables, verdict, values = _compared(results)
    return Matter(
        **_said(index.scenario),
        runs=runs,
        to=index.to,
        arms=results.arms,
        measures=_meanings(scenario, list(index.measures)),
        verdict=[*_standing(results), *verdict],
        tables=tables,
        values=values,
        odd=_odd(scenario, problem, people, traits),
        writings=threads(runs),
        scenario=_yaml(folder),
        replay=_replay(folder, None),
        made_by=_made_by(),
    )


# -- what was found ------------------------------------------------------------------------------------------------

_TITLES = {
    "effects": ("Effects", "Each arm minus the arm it is held against, replicate by replicate; 95% intervals."),
    "published": ("Beside what was published", "Simulated values and those measured elsewhere, and who answered."),
    "ladder": ("Against null models", "The same arm with less of a mind or society: what a claim has to differ from."),
    "robust": ("Over wordings", "Whether an effect holds under every way of asking."),
    "wordings": ("Wording by wording", ""),
    "failures": ("Runs and decisions that do not count", "By arm: failures are told, and never turned into data."),
}  # fmt: skip


def _compared(results: Results) -> tuple[list[Table], list[str], list[Value]]:
    """Tables, sentences and the numbers behind the effects, all from the one comparison."""
    try:
        found = compare(results)
    except LogError as error:
        return [], [f"No comparison: {error}"], []
    several = found.wordings["wording"].nunique() > 1
    wanted = [name for name in _TITLES if several or name not in ("robust", "wordings")]
    tables = [table for name in wanted if (table := _table(found, name)) is not None]
    keys = [*found.grid, "replicate", "arm"]
    values: list[Value] = [
        ({key: row[key] for key in keys}, str(row["measure"]), row["value"]) for row in found.values.to_dict("records")
    ]
    return tables, _verdict(found), values


def _table(found: Comparison, name: str) -> Table | None:
    frame: pd.DataFrame | None = getattr(found, name, None)
    if frame is None or not len(frame):
        return None
    known = {column.name: column for column in FRAMES[name]}
    from simsoc.runlog.documented import Col

    columns = [known.get(str(n)) or Col(str(n), "", "key of the grid") for n in frame.columns]
    rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return Table(*_TITLES[name], columns, rows, name)


def _cell(value: Any) -> Any:
    """As Python has it; None where there is nothing."""
    import pandas as pd

    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    return value.item() if hasattr(value, "item") else value


def _verdict(found: Comparison) -> list[str]:
    told = []
    effects = found.effects
    for row in effects.head(_SENTENCES).to_dict("records"):
        point = "".join(f", {key.rsplit('.', 1)[-1]} {row[key]}" for key in found.grid)
        if not row["n"]:
            told.append(f"{row['arm']} and {found.to}, {row['measure']}{point}: no pair of finished runs.")
            continue
        told.append(
            f"{row['arm']} minus {found.to}, {row['measure']}{point}: {row['difference']:+.4g} "
            f"(95% interval {number(row['low'])} to {number(row['high'])}, {row['n']} pairs): {in_words(row)}."
        )
    if len(effects) > _SENTENCES:
        told.append(f"And {len(effects) - _SENTENCES} more in the table.")
    return told


def in_words(row: Mapping[Any, Any]) -> str:
    """What `found` says of an effect."""
    if row["found"] == "unsure" and (row["low"] > 0 or row["high"] < 0):
        few = row["p_least"] is not None and row["p_least"] >= ALPHA
        why = "with so few pairs no test can show it" if few else "its test, corrected for many, does not"
        return f"unsure: the interval leaves out 0, and {why}"
    told = {
        "yes": "a difference",
        "unsure": "unsure: its test finds a difference, its interval does not leave out 0",
        "same": "the same in every pair",
        "no": "not shown, and how large it may still be the interval says",
    }
    return told.get(row["found"], "one pair says nothing of chance")


def _standing(results: Results) -> list[str]:
    runs = results.runs
    left = runs[runs["status"] != "finished"]
    if not len(left):
        return []
    listed = ", ".join(f"{row.file}: {row.status}" for row in left.head(5).itertuples())
    more = ", ..." if len(left) > 5 else ""
    return [f"{len(left)} of {len(runs)} runs are not finished and do not count ({listed}{more})."]


# -- what it is ----------------------------------------------------------------------------------------------------


def _said(scenario: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(scenario.get(key) or "") for key in ("name", "question", "source", "expect")}


def _scenario(given: Mapping[str, Any], folder: Path) -> tuple[Scenario | None, str]:
    """The scenario as loaded here, or why it cannot be: its files may be elsewhere."""
    try:
        return load(given, folder=folder), ""
    except ScenarioError as error:
        return None, str(error)


def _people(run: Any) -> tuple[int, list[str]]:
    agents = run.agents
    own = ("agent", "born_step", "label", "backend")
    return int((agents["born_step"] == 0).sum()), [name for name in map(str, agents.columns) if name not in own]


def _meanings(scenario: Scenario | None, names: list[str]) -> dict[str, tuple[str, str]]:
    known = taken(scenario) if scenario is not None else {}
    return {name: known.get(name, ("", "")) for name in names}


def _odd(scenario: Scenario | None, problem: str, people: int, traits: list[str]) -> list[Section]:
    if scenario is None:
        return [Section("Not filled in", [f"The scenario cannot be loaded here: {problem}"])]
    return protocol(scenario, people, traits)


def _yaml(folder: Path) -> str:
    import json

    return str(json.loads((folder / INDEX).read_text(encoding="utf-8")).get("yaml", ""))


def _replay(path: Path, digest: str | None) -> list[tuple[str, str]]:
    name = shlex.quote(path.name)
    first = ("Check the log: texts, events, calls and digest are derived again.", f"simsoc verify {name}")
    if digest is None:
        first = ("The numbers of the table of effects.", f"simsoc compare {name}")
    packed = shlex.quote(f"{path.stem}.zip")
    return [
        first,
        ("Pack everything into one file that replays with no key, on any machine.", f"simsoc pack {name}"),
        ("And there: check it, and run it again from its answers to the digest.", f"simsoc verify {packed} --replay"),
    ]


def _made_by() -> str:
    import simsoc

    return f"simsoc {simsoc.__version__}"
