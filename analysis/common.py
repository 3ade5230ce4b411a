"""What all analyses share: scenarios, many runs, who answered, tables and the look of figures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import simsoc

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Item = TypeVar("Item")

SCENARIOS = Path(__file__).parents[1] / "scenarios"

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, RED, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#8A8A8A"
"""The colours of Okabe and Ito 2008, which colour-blind readers tell apart, and a grey for what is not data."""

STYLE: dict[str, Any] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.4,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


# -- arguments and progress -------------------------------------------------------------------------------------------


def arguments(about: str | None, runs: int, out: str = "runs/figures") -> argparse.ArgumentParser:
    """A parser with the two options every analysis has."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n\n")[0])
    parser.add_argument("--runs", type=_positive, default=runs, help="runs of each design (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path(out), help="folder of the figure (default: %(default)s)")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("one or more, please")
    return number


def progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    """The same items, with a progress bar on stderr while they last."""
    from rich.console import Console
    from rich.progress import track

    yield from track(items, what, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


# -- runs -------------------------------------------------------------------------------------------------------------


def scenario(name: str, **overrides: Any) -> Any:
    """A shipped scenario, with some of it changed."""
    return simsoc.load(SCENARIOS / f"{name}.yaml", overrides)


def each_run(loaded: Any, seeds: Iterable[int], see: Callable[[simsoc.Society], Item]) -> list[Item]:
    """What `see` sees at the end of a run with each seed. Nothing is logged: for tables over many runs."""
    seen = []
    for seed in seeds:
        society = simsoc.Society(loaded, seed)
        society.run_model()
        seen.append(see(society))
    return seen


def measure(name: str) -> Callable[[simsoc.Society], float]:
    """Looks at a measure at the end of a run. Raises ValueError where it has no value: a gap is not a number."""

    def see(society: simsoc.Society) -> float:
        value = society.measured[name]
        if value is None:
            raise ValueError(f"seed {society.seed}: no {name} at the end of the run")
        return value

    return see


@contextmanager
def logged(loaded: Any, seed: int = 0) -> Iterator[simsoc.Run]:
    """A run with its log open for reading; the log is gone afterwards."""
    with TemporaryDirectory() as folder, simsoc.run(loaded, seed, log=Path(folder) / "run.db") as run:
        yield run


def mind(run: simsoc.Run) -> str:
    """Who answered in a run, as its log has it: the rules and models by name."""
    kinds = run.asks[["by", "source"]].drop_duplicates()
    return ", ".join(f"{by} ({source})" for by, source in kinds.itertuples(index=False))


def standard_error(values: Sequence[float]) -> float:
    """Standard error of the mean; nan for a single value."""
    return stdev(values) / sqrt(len(values)) if len(values) > 1 else float("nan")


def mean_and_error(values: Iterable[float]) -> tuple[float, float]:
    """The mean and its standard error."""
    kept = list(values)
    return fmean(kept), standard_error(kept)


# -- tables and figures -----------------------------------------------------------------------------------------------


def verdict(found: float, reference: float | None, *, within: float = 0.0, share: float = 0.0) -> str:
    """PASS or FAIL: whether a number lies so near its reference (`within` units or a `share` of it); - without one."""
    if reference is None or reference != reference:
        return "-"
    return "PASS" if abs(found - reference) <= within + share * abs(reference) else "FAIL"


def show(title: str, table: pd.DataFrame, *notes: str) -> None:
    """Print a table with its title above and notes below."""
    print(f"{title}\n")
    print(table.to_string(index=False, na_rep="-", float_format=lambda x: f"{x:.3f}"))
    print("".join(f"\n{note}" for note in notes) + "\n")


@contextmanager
def figure(path: Path, width: float, height: float, dpi: int = 150) -> Iterator[Figure]:
    """A figure of so many inches in the common style, written as PNG when done. No window is ever opened."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        made = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
        FigureCanvasAgg(made)
        yield made
        path.parent.mkdir(parents=True, exist_ok=True)
        made.savefig(path)
    print(f"figure: {path}")


def log_ticks(axis: Axes, ticks: Sequence[int]) -> None:
    """A logarithmic x axis with plain numbers at the given ticks."""
    axis.set_xscale("log")
    axis.set_xticks(ticks, labels=[str(t) for t in ticks])
    axis.set_xticks([], minor=True)
