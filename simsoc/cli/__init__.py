"""The command line: prints, decides nothing. A file for each family of commands."""

from . import (  # noqa: F401 - each puts its commands on the app
    audit,
    compare,
    diffusion,
    experiment,
    export,
    fork,
    interview,
    look,
    multiverse,
    pack,
    plan,
    report,
    run,
    score,
    threads,
    view,
    whatif,
)
from .app import app

__all__ = ["app"]

_ORDER = (
    "run",
    "view",
    "plan",
    "fork",
    "whatif",
    "interview",
    "threads",
    "score",
    "pairs",
    "rated",
    "diffusion",
    "audit",
    "experiment",
    "compare",
    "multiverse",
    "report",
    "pack",
    "export",
    "check",
    "explain",
    "list",
    "schema",
    "verify",
)
app.registered_commands.sort(key=lambda command: _ORDER.index(command.name or command.callback.__name__))  # type: ignore[union-attr]
"""As `simsoc --help` shows them: what people start with comes first."""
