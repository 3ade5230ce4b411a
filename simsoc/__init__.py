"""simsoc: societies of language-model agents as experiments.

The front door, loaded when used::

    import simsoc

    run = simsoc.run("scenarios/opinion_majority_force.yaml", seed=7)
    run.measures.plot(y="magnetisation")

- `load` reads and checks a scenario, `check` looks at all of it, `explain` fills it in, `plan` says what it would cost.
- `run` runs one and opens its log, `resume` goes on with a stopped one, `fork` runs the future of one again.
- `Society` is the Mesa model for stepping by hand; `Person` its agents; `view` shows one in SolaraViz.
- `whatif` changes something at a point in a thread and regenerates what comes after it.
- `interview` and `interviews` ask the people of a run something.
- `audit` tells what an audit of a mind has found.
- `experiment` runs arms, grid and replicates, `open_experiment` opens what came of them (`Results`).
- `compare` holds runs against their twins; `effects` has the statistics of paired runs for any frame of values.
- `open_run` opens a run log as pandas frames (`Run`), `open_runs` many of them as one.
- `multiverse` runs the same thing several times with other random draws, and shows what was written side by side.
- `reranked` tells what another feed would have shown in a run.
- `scores` gives the texts of a run numbers.
- `write_report` makes a page to look at, `pack` one file that replays anywhere, which `unpack` opens.
- `verify` checks a log or a package, and does it again from its answers.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .experiments.compared import compare
    from .experiments.effects import effects
    from .experiments.issue import experiment
    from .experiments.results import Results, open_experiment, open_runs
    from .interviewing.interview import interview, interviews
    from .loading import load
    from .offpolicy import reranked
    from .packing.checked import unpack, verify
    from .packing.pack import pack
    from .planning import plan
    from .reporting.make import write_report
    from .runlog.many import Runs
    from .runlog.reader import Run, open_run
    from .running import fork, resume, run
    from .scoring.scores import scores
    from .society import Person, Society
    from .supposing import whatif
    from .universes.issue import multiverse
    from .viewing.page import view
    from .workbench import check, explain
    from .worlds.audit.found import audit

__all__ = [
    "Person",
    "Results",
    "Run",
    "Runs",
    "Society",
    "audit",
    "check",
    "compare",
    "effects",
    "experiment",
    "explain",
    "fork",
    "interview",
    "interviews",
    "load",
    "multiverse",
    "open_experiment",
    "open_run",
    "open_runs",
    "pack",
    "plan",
    "reranked",
    "resume",
    "run",
    "scores",
    "unpack",
    "verify",
    "view",
    "whatif",
    "write_report",
]

_WHERE = {
    "Person": "society",
    "Results": "experiments.results",
    "Run": "runlog.reader",
    "Runs": "runlog.many",
    "Society": "society",
    "audit": "worlds.audit.found",
    "check": "workbench",
    "compare": "experiments.compared",
    "effects": "experiments.effects",
    "experiment": "experiments.issue",
    "explain": "workbench",
    "fork": "running",
    "interview": "interviewing.interview",
    "interviews": "interviewing.interview",
    "load": "loading",
    "multiverse": "universes.issue",
    "open_experiment": "experiments.results",
    "open_run": "runlog.reader",
    "open_runs": "experiments.results",
    "pack": "packing.pack",
    "plan": "planning",
    "reranked": "offpolicy",
    "resume": "running",
    "run": "running",
    "scores": "scoring.scores",
    "unpack": "packing.checked",
    "verify": "packing.checked",
    "view": "viewing.page",
    "whatif": "supposing",
    "write_report": "reporting.make",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        try:
            return version("simsoc")
        except PackageNotFoundError:
            return "0+unknown"
    if name in _WHERE:
        value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
