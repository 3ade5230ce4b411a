"""What if: the future of a run again, from a point in a conversation on, with something otherwise (methods.md 2.3).

A world that has `what_if` says which step the past ends with and what is done after it; the rest is a fork.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .core.errors import ScenarioError
from .running import Progress, fork
from .scenario.spec import Scenario
from .shelves import SHELVES
from .society.sitting import scenario_of

if TYPE_CHECKING:
    from .runlog.reader import Run


def whatif(
    run: str | Path | Run,
    *,
    after: str | None = None,
    replace: str | None = None,
    remove: str | None = None,
    say: str | None = None,
    title: str | None = None,
    who: int | str | Mapping[str, Any] | None = None,
    out: int | str | None = None,
    instead_of: int | str | None = None,
    seed: int | None = None,
    log: str | Path | None = None,
    overwrite: bool = False,
    backend: Any = None,
    progress: Progress | None = None,
    **overrides: Any,
) -> Run:
    """Change something at a point in a thread, regenerate what comes after it, and open the new log.

    run: the parent; its log is only read. Say one of: after (the id of an item, such as ``"12.3.0"``: behind it
    something is inserted), replace (this utterance is another one) and remove (it is not made). say: what is said; in
    words of whoever speaks when not given. title: of an opening post that replaces another. who: who speaks, by id or
    name, or the traits of somebody new (``{"name": "Rex", "troll": True}``), who speaks in no other thread. out: who
    does not speak in the thread any more. instead_of: in whose place `who` speaks there. seed: of the future.
    overrides: keys that are set from there on, e.g. other rules (``world__rules={...}``); with them alone `after` is
    the point from which they hold.

    Everything before is byte for byte the parent's, and answers of its later part stand in where the very same is
    asked. Source: WhatIf of Park et al. 2022, arXiv 2208.04024. Raises ScenarioError for a point that is not there.
    """
    from .runlog.reader import open_run

    path = Path(run if isinstance(run, str | Path) else run.path)
    scenario = scenario_of(path, finished=True)
    told = {"after": after, "replace": replace, "remove": remove, "say": say, "title": title, "who": who, "out": out}
    told["instead_of"] = instead_of
    with open_run(path) as parent:
        at, made = point(scenario, parent, {k: v for k, v in told.items() if v is not None}, settings=bool(overrides))
        overrides = {**longer(parent, at), **overrides}
    return fork(
        path,
        at,
        seed=seed,
        interventions=made,
        log=log,
        overwrite=overwrite,
        backend=backend,
        progress=progress,
        **overrides,
    )


def point(
    scenario: Scenario, parent: Run, supposed: Mapping[str, Any], *, settings: bool = False
) -> tuple[int, list[dict[str, Any]]]:
    """The last step of the shared past, and what is done after it.

    settings: whether settings change there, too, so that there need be nothing else. Raises ScenarioError where no
    world of the scenario knows of points, or it does not know this one.
    """
    for part in scenario.world:
        ask = getattr(SHELVES["worlds"].get(part.kind), "what_if", None)
        if ask is not None:
            found: tuple[int, list[dict[str, Any]]] = ask(part.given, parent, {**supposed, "settings": settings})
            return found
    kinds = " and ".join(repr(part.kind) for part in scenario.world)
    raise ScenarioError(f"world {kinds} has no threads in which something could be otherwise; use a fork")


def longer(parent: Run, at: int) -> dict[str, int]:
    """Where the last step of a finished run is the last of the shared past, there is one more for what comes after."""
    info = parent.info
    return {"steps": at + 1} if info["status"] == "finished" and info["steps"] == at else {}
