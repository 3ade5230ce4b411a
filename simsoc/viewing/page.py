"""The page: a society, its network and its measures in SolaraViz, with sliders for keys of the scenario."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from simsoc.core.errors import ScenarioError, SimsocError
from simsoc.scenario.spec import Scenario
from simsoc.society import Society

from . import pictures

PANELS = 3
"""Measures that are drawn when none is named."""


def view(
    scenario: str | Path | Mapping[str, Any] | Scenario,
    seed: int | None = None,
    *,
    sliders: Mapping[str, tuple[float, float, float]] | None = None,
    measures: Sequence[str] = (),
    colour: str | None = None,
    **overrides: Any,
) -> Any:
    """A page to look at a society with: in a notebook as it is, or with ``simsoc view SCENARIO``.

    sliders: keys that can be moved, each with (lowest, highest, step), as in ``{"world.rule.beta": (0, 4, 0.1)}``; a
    moved slider or another seed counts from the next reset on. measures: which are drawn; the first three when not
    named. colour: a trait by which people are coloured, instead of what they hold. Raises SimsocError where the extra
    `ui` is not installed, ScenarioError as Society does.
    """
    viz = _viz()
    society = Society(scenario, seed, **overrides)
    names = list(measures) or list(society.measured)[:PANELS]
    if unknown := [name for name in names if name not in society.measured]:
        raise ScenarioError(f"no measure '{unknown[0]}' is taken here. Known: {', '.join(society.measured)}.")
    parameters: dict[str, Any] = {
        "scenario": scenario,
        "seed": viz.Slider("seed", society.seed, 0, max(100, society.seed), 1),
    }
    parameters |= {key.replace(".", "__"): value for key, value in overrides.items()}
    for key, (low, high, step) in (sliders or {}).items():
        parameters[key.replace(".", "__")] = viz.Slider(key, _now(society.scenario, key), low, high, step)
    return viz.SolaraViz(
        society,
        components=[(_network(colour), 0), (_panels(names), 0)] if names else [(_network(colour), 0)],
        model_params=parameters,
        name=society.scenario.question or society.scenario.name,
    )


def _viz() -> ModuleType:
    """Mesa's visualisation, where it is installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import mesa.visualization as viz
    except ImportError as error:
        raise SimsocError(f"looking at a society needs the extra `ui`: pip install 'simsoc[ui]' ({error})") from None
    return viz  # type: ignore[no-any-return]


def _network(colour: str | None) -> Any:
    """The network, as a component; everybody stays in place from step to step."""
    import solara
    from mesa.visualization.utils import update_counter

    @solara.component  # type: ignore[untyped-decorator]
    def Network(model: Society) -> Any:
        update_counter.get()
        where = solara.use_ref({})
        where.current = pictures.places(model, where.current)
        solara.FigureMatplotlib(pictures.network(model, where.current, colour), bbox_inches=None)

    return Network


def _panels(names: Sequence[str]) -> Any:
    import solara
    from mesa.visualization.utils import update_counter

    @solara.component  # type: ignore[untyped-decorator]
    def Measures(model: Society) -> Any:
        update_counter.get()
        solara.FigureMatplotlib(pictures.over_time(model, names), bbox_inches=None)

    return Measures


def _now(scenario: Scenario, key: str) -> float:
    """The value a key of the scenario has, to begin with. Raises ScenarioError where it is no number."""
    at: Any = scenario.model_dump(mode="json", by_alias=True)
    for part in key.split("."):
        if isinstance(at, list) and not part.isdigit():
            at = at[0]
        try:
            at = at[int(part)] if isinstance(at, list) else at[part]
        except (KeyError, IndexError, TypeError):
            raise ScenarioError.at(key, "is not a key of this scenario; a slider needs one that is a number") from None
    if isinstance(at, bool) or not isinstance(at, int | float):
        raise ScenarioError.at(key, f"is {at!r}; a slider needs a number")
    return at
