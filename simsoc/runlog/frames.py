"""A run's tables as tidy pandas frames; `documented` says what their columns mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .documented import FRAMES, columns
from .opened import Opened
from .queries import QUERIES

if TYPE_CHECKING:
    import pandas as pd

Own = TypeVar("Own", bound="Frames")


def _kept(make: Callable[[Own], pd.DataFrame]) -> Callable[[Own], pd.DataFrame]:
    """A frame that is read when first looked at, and kept once the run has ended."""

    @wraps(make)
    def given(self: Own) -> pd.DataFrame:
        kept = self._kept.get(make.__name__)
        if kept is None:
            kept = make(self)
            if self.rows("SELECT status <> 'running' FROM run")[0][0]:
                self._kept[make.__name__] = kept
        return kept.copy()

    return given


class Frames(Opened):
    """The frames of a run."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self._kept: dict[str, pd.DataFrame] = {}

    @property
    @_kept
    def agents(self) -> pd.DataFrame:
        """Who lives in the run: one row per agent, one column per trait."""
        return self._read("agents")

    @property
    @_kept
    def events(self) -> pd.DataFrame:
        """What happened, in applied order; contents as dictionaries (`events_of` spreads them out)."""
        return self._read("events")

    def events_of(self, *kinds: str, expand: bool = True) -> pd.DataFrame:
        """Events of these kinds (all when none is named), with a column for every key of their contents."""
        from .tidy import decoded, expanded, frame, series

        where = f" WHERE kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        rows = self.rows(f"SELECT id, step, turn, agent, kind, content FROM event{where} ORDER BY id", kinds)
        base = frame([row[:5] for row in rows], FRAMES["events"][:-1])
        contents = decoded([row[5] for row in rows])
        return expanded(base, contents, "content") if expand else base.assign(content=series(contents, "object"))

    @property
    @_kept
    def asks(self) -> pd.DataFrame:
        """What was asked and what came back (`asks_with` adds texts and facts)."""
        return self.asks_with()

    def asks_with(self, *, texts: bool = False, facts: bool = False) -> pd.DataFrame:
        """Asks with prompt, reply and settings (`texts`), and with a column for each given fact (`facts`)."""
        from .tidy import decoded, expanded, frame, series

        given = (*FRAMES["asks"], *(FRAMES["asks_with(texts=True)"] if texts else ()))
        names = ", ".join("ask.id" if c.name == "ask" else f'ask."{c.name}"' for c in FRAMES["asks"])
        more = ", p.text, r.text, s.text" if texts else ""
        joins = "".join(
            f" LEFT JOIN text {column[0]} ON {column[0]}.id = ask.{column}"
            for column in (("prompt", "reply", "settings") if texts else ())
        )
        rows = self.rows(f"SELECT {names}{more}, {'facts' if facts else 'NULL'} FROM ask{joins} ORDER BY ask.id")
        made = frame([row[:-1] for row in rows], given)
        made["value"] = series(decoded(list(made["value"])), "object")
        return expanded(made, decoded([row[-1] for row in rows]), "facts", always=True) if facts else made

    def survey(self, name: str, *, wide: bool = False) -> pd.DataFrame:
        """What was answered to a survey, a row for each question; `wide`: a column for each question.

        Silence is a row, too: its answer is None and its status says why. Raises LogError for an unknown survey.
        """
        from .surveyed import answers, side_by_side

        return side_by_side(self, name) if wide else answers(self, name)

    def weights(self, agents: Sequence[int]) -> list[float]:
        """What these agents count: their survey weights where people carry these (`mode: weighted`), else 1."""
        from .surveyed import weights

        return weights(self, agents)

    def surveys(self) -> list[str]:
        """What surveys were held: a line for each, with its waves and how many answered."""
        from .surveyed import told

        return told(self)

    @property
    def interviews(self) -> pd.DataFrame:
        """What people of this run said in interviews, which are kept in a file beside its log."""
        from .interviews import beside, interviews

        return interviews(beside(self.path))

    @property
    @_kept
    def opinions(self) -> pd.DataFrame:
        """Who held which opinion at the end of every step, from each agent's first one on until it leaves.

        Opinions are told by events of kind `start` and `set`: content `to` is the opinion, `who` whose it is where that
        is not the event's own agent.
        """
        return self._opinions()

    @property
    @_kept
    def opinion_changes(self) -> pd.DataFrame:
        """The same as one row per change; an agent's first row is what it started with."""
        from .tidy import opinion_changes

        return opinion_changes(self._opinion_rows(), FRAMES["opinion_changes"])

    def opinions_of(self, world: str) -> pd.DataFrame:
        """`opinions` of one of several worlds on the same people, named as in the kinds of its events."""
        return self._opinions(f"{world}.")

    def _opinions(self, world: str | None = None) -> pd.DataFrame:
        from .tidy import opinions

        rows = self._opinion_rows(world)
        made = opinions(rows, max(self.steps, rows[-1][1] if rows else 0), FRAMES["opinions"])
        left = {content["who"]: step for step, kind, content in self.done_to_people() if kind == "society.leave"}
        return made[~(made["step"] >= made["agent"].map(left))].reset_index(drop=True) if left else made

    def _opinion_rows(self, world: str | None = None) -> list[Any]:
        """Events that tell an opinion."""
        told = "SELECT id, step, turn, agent, content FROM event WHERE kind IN (?, ?) ORDER BY id"
        return self.rows(told, self.opinion_kinds() if world is None else (f"{world}start", f"{world}set"))

    def opinion_kinds(self) -> tuple[str, str]:
        """The kinds of events that tell opinions, of the first world that has some where there are several."""
        found = self.rows("SELECT kind FROM event WHERE kind = 'start' OR kind LIKE '%.start' ORDER BY id LIMIT 1")
        world = found[0][0].removesuffix("start") if found else ""
        return f"{world}start", f"{world}set"

    def done_to_people(self, step: int | None = None) -> list[tuple[int, str, Any]]:
        """Step, kind and content of what interventions (up to a step) did to the people: departures, other traits."""
        from .tidy import decoded

        if not self.rows("SELECT 1 FROM note WHERE kind = 'intervention' LIMIT 1"):
            return []
        rows = self.rows(
            "SELECT step, kind, content FROM event WHERE kind IN ('society.leave', 'society.traits') AND step <= ?"
            " ORDER BY id",
            (self.steps if step is None else step,),
        )
        contents = decoded([row[2] for row in rows])
        return [(row[0], row[1], content) for row, content in zip(rows, contents, strict=True)]

    @property
    @_kept
    def posts(self) -> pd.DataFrame:
        """What people wrote to each other: one row per post and reply, in order of writing, as it was in the end."""
        return self.posts_of()

    def posts_of(self, world: str | None = None) -> pd.DataFrame:
        """`posts` of one of several worlds on the same people, named as in the kinds of its events."""
        from .posted import frame_of

        return frame_of(self, world)

    @property
    @_kept
    def ties(self) -> pd.DataFrame:
        """Who was tied to whom, and how long."""
        return self._read("ties")

    @property
    @_kept
    def measures(self) -> pd.DataFrame:
        """The measures: one row per step, one column each."""
        import pandas as pd

        long = self.measures_long
        if long.empty:
            return pd.DataFrame(index=pd.Index([], dtype="int64", name="step"))
        wide = long.pivot(index="step", columns="name", values="value")
        return wide[list(long["name"].unique())].rename_axis(columns=None)

    @property
    @_kept
    def measures_long(self) -> pd.DataFrame:
        """The measures as one row per number."""
        return self._read("measures_long")

    @property
    @_kept
    def failures(self) -> pd.DataFrame:
        """Every call without an answer and every try that failed."""
        return self._read("failures")

    @property
    @_kept
    def exposures(self) -> pd.DataFrame:
        """Who saw which item in which slot, and why."""
        return self._read("exposures")

    @property
    @_kept
    def suggestions(self) -> pd.DataFrame:
        """Who was told of which account that it might follow, in which slot, and why."""
        return self._read("suggestions")

    @property
    @_kept
    def memories(self) -> pd.DataFrame:
        """What agents remember, as of the last step."""
        return self._read("memories")

    @property
    @_kept
    def notes(self) -> pd.DataFrame:
        """What happened to the run rather than in it."""
        return self._read("notes")

    def _read(self, name: str) -> pd.DataFrame:
        """A frame that is rows of the file. What is a Python object in the frame is JSON in the file."""
        from .tidy import decoded, expanded, frame, series

        query, columns = QUERIES[name], FRAMES[name]
        rows = self.rows(query.sql)
        if query.spread:
            base = frame([row[:-1] for row in rows], columns[:-1])
            return expanded(base, decoded([row[-1] for row in rows]), query.prefix)
        made = frame(rows, columns)
        for column in columns:
            if column.dtype == "object":
                made[column.name] = series(decoded(list(made[column.name])), "object")
        return made

    # -- piece by piece -----------------------------------------------------------------------------------------

    def chunks(self, name: str, rows: int = 100_000) -> Iterator[pd.DataFrame]:
        """A frame in pieces of so many rows, for what does not fit into memory: `for events in run.chunks("events")`.

        Pieces have the columns of the whole frame and go on with its index; an empty frame is one empty piece. Rows of
        the file, measures and opinions are read piece by piece, other frames whole. Raises LogError for no frame.
        """
        from .pieces import chunks, known

        known(self, name)
        if rows < 1:
            raise ValueError(f"a chunk has one row at least, not {rows}")
        return chunks(self, name, rows)

    def export(
        self, folder: str | Path, *, format: str = "parquet", tables: Iterable[str] | None = None, rows: int = 100_000
    ) -> list[Path]:
        """Write frames as files ``TABLE.parquet`` or ``TABLE.csv``, and ``columns.csv`` with what they mean.

        tables: which; every one that is not empty when not given. Objects (contents, answers) are written as JSON. No
        more than so many rows are in memory at once. Parquet needs pyarrow. Returns the files. Raises LogError.
        """
        from .export import export

        return export([({}, self.path)], folder, format, tables, rows)

    # -- summing up ---------------------------------------------------------------------------------------------

    def summary(self) -> pd.DataFrame:
        """One row per measure: at the start, at the end, and its mean over the window the scenario declares."""
        from .tidy import summary

        return summary(self.measures, self.scenario.get("measures") or (), FRAMES["summary"])

    @staticmethod
    def columns() -> pd.DataFrame:
        """What every column of every frame means: table, column, unit, meaning."""
        return columns()
