"""One number from a series: the mean over a window of steps."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    import pandas as pd


@overload
def window(values: pd.DataFrame, from_: int = 0, last: int | None = None) -> pd.Series[float]: ...
@overload
def window(values: Sequence[float | None], from_: int = 0, last: int | None = None) -> float | None: ...
@overload
def window(values: pd.Series[Any], from_: int = 0, last: int | None = None) -> float | None: ...
def window(values: Any, from_: int = 0, last: int | None = None) -> Any:
    """Mean over the steps from `from_` on, or only over the last so many of those.

    values: one number for each step from 0 (None where it is not defined), or a pandas Series or DataFrame indexed
    by step. Steps without a value are left out of the mean but count as steps. A sequence or Series gives a number, or
    None when nothing is left; a DataFrame gives a Series, one mean for each column.
    Raises ValueError when `from_` is negative or `last` below 1.
    """
    if from_ < 0 or (last is not None and last < 1):
        raise ValueError(f"a window starts at step 0 or later and holds a step or more (got {from_} and {last})")
    if hasattr(values, "iloc"):
        part = values.sort_index().loc[from_:]
        part = part if last is None else part.iloc[-last:]
        mean = part.astype(float).mean()
        if hasattr(values, "columns"):
            return mean
        return None if mean != mean else float(mean)
    kept = list(values)[from_:]
    kept = [v for v in (kept if last is None else kept[-last:]) if v is not None and v == v]
    return fsum(kept) / len(kept) if kept else None
