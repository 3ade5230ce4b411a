"""`simsoc.pack`: a run or an experiment as one zip that replays anywhere."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simsoc.core.errors import LogError, LogExists
from simsoc.experiments.folder import INDEX
from simsoc.experiments.results import Results, open_runs
from simsoc.loading import load
from simsoc.reporting.make import write_report
from simsoc.runlog.copying import copy, fingerprint
from simsoc.runlog.interviews import beside
from simsoc.runlog.many import Runs
from simsoc.runlog.reader import Run, open_run
from simsoc.scenario import files
from simsoc.scenario.explain import to_yaml
from simsoc.scenario.yaml12 import read_file

from . import contents, respondents
from .contents import Manifest, Packed
from .lock import lock
from .readme import readme
from .zipped import zip_folder

_PICTURES = (".png", ".svg", ".pdf", ".jpg")


@dataclass(frozen=True)
class _Job:
    """A package in the making."""

    folder: Path
    """Where it is put together."""
    start: Path
    """Where the scenario's relative paths start."""
    with_respondents: bool
    goes: dict[str, str] = field(default_factory=dict)
    """Where each file that is named lies in the package, by its path as written."""

    @property
    def scenario(self) -> Path:
        return self.folder / "scenario"

    @property
    def runs(self) -> Path:
        return self.folder / "runs"


def pack(
    what: str | Path | Run | Results,
    to: str | Path | None = None,
    *,
    with_respondents: bool = False,
    report: bool = True,
    overwrite: bool = False,
) -> Path:
    """Pack a run, or an experiment, into one zip: scenario and the files it names, logs, tables, report, hashes.

    what: a run log or the folder of an experiment. to: the zip; beside the log or the folder when not given. Rows of a
    respondent file are left out, and what is told of these people in the logs is withheld, unless `with_respondents`:
    then whoever gets the package has to accept the survey's terms. report: whether the report is in it.

    The same runs give the same file, to the byte. Raises LogError, LogExists where the zip is there already.
    """
    path = Path(what.path if isinstance(what, Run) else what.folder if isinstance(what, Results) else what)
    name = path.resolve().name if path.is_dir() else path.stem
    target = Path(to) if to is not None else path.with_name(f"{name}.zip")
    if target.exists() and not overwrite:
        raise LogExists(f"{target}: there is a file already")
    with tempfile.TemporaryDirectory(prefix="simsoc-pack-") as made:
        folder = Path(made)
        if path.is_dir():
            _experiment(path, folder, with_respondents=with_respondents, report=report)
        else:
            _run(path, folder, with_respondents=with_respondents, report=report)
        target.parent.mkdir(parents=True, exist_ok=True)
        zip_folder(folder, target)
    return target


def _run(log: Path, folder: Path, *, with_respondents: bool, report: bool) -> None:
    with open_run(log) as run:
        info = run.info
    job = _Job(folder, log.absolute().parent / info["folder"], with_respondents)
    held = _files(job, [info["scenario"]])
    packed = [_log(job, log, log.stem, held)]
    _finish(job, info["name"], "run", Runs([({}, job.runs / log.name)]), packed, held, log, report)


def _experiment(source: Path, folder: Path, *, with_respondents: bool, report: bool) -> None:
    results = Results(source)
    job = _Job(folder, results.index.folder, with_respondents)
    begun = results.begun()
    if not begun:
        raise LogError(f"{source}: no run has begun; there is nothing to pack.")
    scenarios: list[Mapping[str, Any]] = [results.index.scenario]
    for _, path in begun:
        with open_run(path) as run:
            scenarios.append(run.scenario)
    held = _files(job, scenarios)
    packed = [_log(job, path, path.stem, held) for _, path in begun]
    index = json.loads((source / INDEX).read_text(encoding="utf-8"))
    scenario = _moved(index["scenario"], job)
    text = _as_yaml(_moved(_read(index["yaml"], job), job), job, held)
    index |= {"folder": "../scenario", "scenario": scenario, "yaml": text}
    (job.runs / INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False), encoding="utf-8")
    (job.scenario / "as-run.yaml").write_text(index["yaml"], encoding="utf-8")
    _finish(job, results.name, "experiment", open_runs(job.runs), packed, held, source, report)


# -- scenario and logs ---------------------------------------------------------------------------------------------


def _files(job: _Job, scenarios: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Copy every file that the scenarios name; the recipes of those that are held back."""
    job.scenario.mkdir(parents=True)
    job.runs.mkdir()
    recipes: dict[str, Mapping[str, Any]] = {}
    everything = [one for scenario in scenarios for one in files.named(scenario, job.start)]
    job.goes.update({one.written: goes for one, goes in files.places(everything, job.start)})
    for scenario in scenarios:
        found = files.named(scenario, job.start)
        back = [] if job.with_respondents else respondents.held_back(scenario, found)
        for one in found:
            goes = job.goes[one.written]
            if one in back:
                recipes[goes] = respondents.recipe(scenario, one, goes)
                continue
            place = job.scenario / goes
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one.path, place)
    for goes in recipes:
        (job.scenario / goes).unlink(missing_ok=True)
    return list(recipes.values())


def _moved(scenario: Mapping[str, Any], job: _Job) -> dict[str, Any]:
    """A scenario as data, with the paths it has in the package."""
    moved: dict[str, Any] = files.rewritten(scenario, lambda _, written: job.goes.get(written, written))
    return moved


def _log(job: _Job, log: Path, name: str, held: list[Mapping[str, Any]]) -> Packed:
    """Copy a log, and write the scenario that replays it."""
    with open_run(log) as run:
        info = run.info
    written = _moved(_read(info["yaml"], job), job)
    withhold = _hidden if respondents.of_survey(info["scenario"]) and not job.with_respondents else None
    text, target = _as_yaml(written, job, held), job.runs / log.name
    copy(log, target, folder="../scenario", scenario=_moved(info["scenario"], job), yaml=text, withhold=withhold)
    if withhold is None and beside(log).exists():
        shutil.copyfile(beside(log), beside(target))
    (job.scenario / "as-run.yaml").write_text(text, encoding="utf-8")
    played = {**written, "backend": f"replay/../runs/{log.name}", "budget": {}, "reuse": []}
    population = written.get("population")
    if isinstance(population, Mapping) and population.get("backend"):
        played["population"] = {**population, "backend": played["backend"]}
    replay = job.scenario / f"replay-{name}.yaml"
    replay.write_text(_as_yaml(played, job, held), encoding="utf-8")
    return Packed(f"runs/{log.name}", name, info["status"], info["digest"], info["steps"], f"scenario/{replay.name}")


def _read(text: str, job: _Job) -> dict[str, Any]:
    """A scenario file of a log as data."""
    draft = job.scenario / "as-run.yaml"
    draft.write_text(text, encoding="utf-8")
    data: dict[str, Any] = read_file(draft).data
    return data


def _as_yaml(data: Mapping[str, Any], job: _Job, held: list[Mapping[str, Any]]) -> str:
    """A scenario as YAML; as JSON, which is YAML too, where a file that is held back keeps it from being loaded."""
    if held:
        return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    return to_yaml(load(data, folder=job.scenario))


def _hidden(agent: int, traits: Mapping[str, Any]) -> dict[str, Any]:
    return {"respondent": fingerprint(traits)}


# -- everything else -----------------------------------------------------------------------------------------------


def _finish(
    job: _Job,
    name: str,
    kind: str,
    runs: Runs,
    packed: list[Packed],
    held: list[Mapping[str, Any]],
    source: Path,
    report: bool,
) -> None:
    """Tables, report, pictures, versions, README and manifest."""
    import simsoc

    runs.export(job.folder / "tables", format="csv")
    if report:
        write_report(job.runs if kind == "experiment" else runs.members[0][1], job.folder / "report.html")
    _pictures(source, job.folder / "figures")
    (job.folder / "requirements.lock").write_text(lock(runs.versions), encoding="utf-8")
    made_by = str(simsoc.__version__)
    manifest = Manifest(name, kind, made_by, {}, packed, held)
    told = readme(manifest, with_respondents=job.with_respondents and _surveyed(runs))
    (job.folder / "README.md").write_text(told, encoding="utf-8")
    contents.write(job.folder, manifest._replace(files=contents.hashed(job.folder)))


def _surveyed(runs: Runs) -> bool:
    return any(respondents.of_survey(run.scenario) for _, run in runs)


def _pictures(source: Path, target: Path) -> None:
    """Pictures in the folder of an experiment, or of the name of a log beside it."""
    found = source.iterdir() if source.is_dir() else source.parent.glob(f"{source.stem}[.-]*")
    for path in sorted(found):
        if path.suffix.lower() in _PICTURES and path.is_file() and not path.is_symlink():
            target.mkdir(exist_ok=True)
            shutil.copyfile(path, target / path.name)
