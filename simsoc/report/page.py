"""The page: one file with its style, script and data inside, that cannot reach the network and runs no other script.

Every text from a log or scenario is escaped by Jinja, or stands in a block of JSON in which no tag can begin. The
policy in the head forbids any connection, and any script or style but the two that are here (by their hash).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from .counts import counted
from .curves import charts
from .matter import Matter, Table, called
from .networks import Network, network
from .plain import number, shown
from .sample import decisions
from .seen import Seen, seen
from .surveyed import surveys
from .svg import interval

_VIEWS = 6  # feeds shown of one arm
_ARMS = 6  # arms whose network and feeds are shown


def write(matter: Matter, path: Path, *, most: int = 3_000) -> Path:
    """Write the report of a run or an experiment. most: decisions shown with prompt and answer."""
    path.write_text(render(matter, most=most), encoding="utf-8", errors="replace")
    return path


def render(matter: Matter, *, most: int = 3_000) -> str:
    """The page as text."""
    failures, minds, runs = counted(matter)
    said = surveys(matter)
    drawn, left = charts(matter)
    networks, views = _looked_at(matter)
    data = {"decisions": decisions(matter, most), "values": _values(matter)}
    style, script = _part("report.css"), _part("report.js")
    page: str = _template().render(
        matter=matter,
        charts=drawn,
        charts_left=left,
        networks=networks,
        views=views,
        failures=failures,
        minds=minds,
        answerers=list(dict.fromkeys(minds.cell(row, "answered by") for row in minds.rows)),
        said=said,
        runs=runs,
        shown_decisions=len(data["decisions"]["rows"]),
        there=data["decisions"]["there"],
        cut=data["decisions"]["cut"],
        data=Markup(_as_json(data)),
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:;"
        " base-uri 'none'; form-action 'none'",
        pictured=_pictured,
    )
    return page


def _looked_at(matter: Matter) -> tuple[list[Network], list[Seen]]:
    """Network and feeds of one run of each arm: the first that there is."""
    networks, views = list[Network](), list[Seen]()
    arms: set[str] = set()
    for keys, run in matter.runs:
        arm = str(keys.get("arm") or "")
        if arm in arms or len(arms) == _ARMS or run.info["steps"] is None:
            continue
        arms.add(arm)
        last = run.steps
        found = network(run, called(keys), sorted({0, last // 2, last}))
        networks += [found] if found is not None else []
        views += seen(run, called(keys), _VIEWS)
    return networks, views


def _values(matter: Matter) -> dict[str, Any]:
    """What each run gives to the effects, by measure: (number of the run, value)."""
    place = {_key(keys): at for at, (keys, _) in enumerate(matter.runs.members)}
    found: dict[str, list[tuple[int, Any]]] = {}
    for keys, measure, value in matter.values:
        if (run := place.get(_key(keys))) is not None:
            found.setdefault(measure, []).append((run, None if value is None or value != value else value))
    return found


def _key(keys: Mapping[str, Any]) -> str:
    return json.dumps({k: keys[k] for k in sorted(keys)}, default=str)


def _pictured(table: Table) -> Sequence[Markup]:
    """A small picture of each row's difference and interval, to one scale within a measure."""
    names = [column.name for column in table.columns]
    if not {"difference", "low", "high", "measure"} <= set(names):
        return []
    own = [dict(zip(names, row, strict=True)) for row in table.rows]
    reach: dict[Any, float] = {}
    for row in own:
        sides = [abs(row[n]) for n in ("difference", "low", "high") if row[n] is not None and row[n] == row[n]]
        reach[row["measure"]] = max([reach.get(row["measure"], 0.0), *sides])
    return [interval(row["difference"], row["low"], row["high"], reach[row["measure"]]) for row in own]


# -- files of the page ---------------------------------------------------------------------------------------------


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_final
    )
    environment.filters["number"] = number
    environment.filters["exact"] = _exact
    environment.tests["numeric"] = lambda value: isinstance(value, int | float) and not isinstance(value, bool)
    return environment.from_string(_part("report.html.j2"))


def _final(value: Any) -> Any:
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _exact(value: Any) -> str:
    """A number in full, as Python and JavaScript read it back."""
    return "" if value is None or value != value else repr(value)


@cache
def _part(name: str) -> str:
    return (files(__package__) / "html" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"


def _as_json(data: Any) -> str:
    """JSON in which neither a tag nor a comment can begin."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
