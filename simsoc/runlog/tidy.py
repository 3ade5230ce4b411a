"""Rows into tidy pandas frames, a column at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd

from .documented import Col

if TYPE_CHECKING:
    from numpy.typing import NDArray

_decode = msgspec.json.decode


class _To(msgspec.Struct):
    """What an opinion's event says: the new opinion and, unless it is the event's own agent, whose."""

    to: Any = None
    who: int | None = None


def frame(rows: Sequence[Sequence[Any]], columns: Sequence[Col]) -> pd.DataFrame:
    """A frame with these columns, from rows in the same order."""
    lists: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else [()] * len(columns)
    return pd.DataFrame({c.name: series(v, c.dtype) for c, v in zip(columns, lists, strict=True)})


def series(values: Sequence[Any], dtype: str | None) -> pd.Series[Any]:
    """A column of the type declared; text and mixed columns are for pandas to judge."""
    if dtype == "object":
        cells = np.empty(len(values), dtype=object)
        cells[:] = values
        return pd.Series(cells, dtype=object)
    if dtype is None:
        return pd.Series(list(values), dtype=None if len(values) else object)
    return pd.Series(list(values), dtype=dtype)


def decoded(texts: Sequence[str | None]) -> list[Any]:
    """JSON columns, all rows in one go."""
    values: list[Any] = _decode("[" + ",".join("null" if text is None else text for text in texts) + "]")
    return values


def expanded(
    base: pd.DataFrame, contents: Sequence[Mapping[str, Any]], prefix: str, *, always: bool = False
) -> pd.DataFrame:
    """The frame with a column for every key, in order of appearance.

    A key that is a column of the frame already gets the prefix (`content.step`); with `always`, every key does.
    """
    keys = dict.fromkeys(key for content in contents for key in content)
    new = {
        f"{prefix}.{key}" if always or key in base else key: _plain([content.get(key) for content in contents])
        for key in keys
    }
    return pd.concat([base, pd.DataFrame(new, index=base.index)], axis=1) if new else base


def _plain(values: list[Any]) -> pd.Series[Any]:
    """A column of JSON values: lists and dictionaries stay what they are."""
    return series(values, "object" if any(isinstance(v, list | dict) for v in values) else None)


def opinion_changes(rows: Sequence[tuple[int, int, int, int, str]], columns: Sequence[Col]) -> pd.DataFrame:
    """One row per change of opinion, from (event, step, turn, agent, content) in applied order."""
    found = _opinion_rows(rows)
    if not found:
        return frame([], columns)
    events, steps, turns, agents, values = found
    made = pd.DataFrame({"event": events, "step": steps, "turn": turns, "agent": agents, "opinion": values})
    codes = pd.Series(pd.factorize(made["opinion"])[0])
    before = codes.groupby(made["agent"]).shift(fill_value=-2)
    return made[(codes != before).to_numpy()].reset_index(drop=True)


def opinions(rows: Sequence[tuple[int, int, int, int, str]], last: int, columns: Sequence[Col]) -> pd.DataFrame:
    """One row per step and agent: the opinion at the end of each step, from the agent's first one on."""
    found = _opinion_rows(rows)
    if not found:
        return frame([], columns)
    _, steps, _, agents, values = found
    ids, column = np.unique(agents, return_inverse=True)
    latest = np.full((last + 1, len(ids)), -1, dtype=np.int64)
    # Row numbers grow with time, so the latest is the largest: within a step, where the last assignment counts, and
    # from step to step.
    latest[steps, column] = np.arange(len(steps))
    np.maximum.accumulate(latest, axis=0, out=latest)
    step, place = np.nonzero(latest >= 0)
    opinion = values.take(latest[step, place]).reset_index(drop=True)
    return pd.DataFrame({"step": step.astype(np.int64), "agent": ids[place], "opinion": opinion})


def summary(measures: pd.DataFrame, declared: Iterable[Mapping[str, Any]], columns: Sequence[Col]) -> pd.DataFrame:
    """Start, end and mean over its window of every measure; a window is declared by `from` and `last`."""
    windows = {spec["name"]: spec for spec in declared}
    rows = []
    for name in measures.columns:
        spec = windows.get(str(name), {})
        within = measures.loc[measures.index >= spec.get("from", 0), name]
        within = within if spec.get("last") is None else within.iloc[-spec["last"] :]
        window = f"{within.index[0]}-{within.index[-1]}" if len(within) else ""
        first, final = measures[name].iloc[0], measures[name].iloc[-1]
        rows.append((str(name), float(first), float(final), float(within.mean()), window))
    return frame(rows, columns)


def _opinion_rows(
    rows: Sequence[tuple[int, int, int, int, str]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], pd.Series[Any]] | None:
    """Event, step, turn, agent and opinion of every row that tells one."""
    told = msgspec.json.decode("[" + ",".join(row[4] for row in rows) + "]", type=list[_To])
    kept = [i for i, to in enumerate(told) if to.to is not None]
    if not kept:
        return None
    agents = np.array([rows[i][3] if (who := told[i].who) is None else who for i in kept], dtype=np.int64)
    events, steps, turns = (np.array([rows[i][k] for i in kept], dtype=np.int64) for k in range(3))
    return events, steps, turns, agents, _plain([told[i].to for i in kept])
