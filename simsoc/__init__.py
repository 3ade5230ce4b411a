"""simsoc: societies of language-model agents as experiments.

The front door, loaded when used::

    import simsoc

    run = simsoc.run("scenarios/opinion_majority_force.yaml", seed=7)
    run.measures.plot(y="magnetisation")

`load` reads and checks a scenario, `run` runs one and opens its log, `resume` goes on with a stopped one, `Society`
is the Mesa model for stepping by hand, `open_run` opens a run log as pandas frames, `explain` fills a scenario in,
`verify` checks a log.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .loading import load
    from .runlog.reader import Run, open_run
    from .runlog.verify import verify
    from .running import resume, run
    from .society import Person, Society
    from .workbench import check, explain

__all__ = ["Person", "Run", "Society", "check", "explain", "load", "open_run", "resume", "run", "verify"]

_WHERE = {
    "Person": "society",
    "Run": "runlog.reader",
    "Society": "society",
    "check": "workbench",
    "explain": "workbench",
    "load": "loading",
    "open_run": "runlog.reader",
    "resume": "running",
    "run": "running",
    "verify": "runlog.verify",
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
