"""Writing a run down: rows wait in plain lists and go to SQLite in batches.

Two promises. A step's events, ties and measures are committed together or not at all, so a kill never leaves half a
step. Answers may be committed ahead of their step, so that a kill loses none that was paid for. On the hot path (one
ask and one event a turn) a row costs one tuple and one append; lists are only ever appended to and cut at the front,
so answers may be flushed from another thread while more arrive.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, groupby
from operator import itemgetter
from pathlib import Path
from threading import RLock
from time import perf_counter
from types import TracebackType
from typing import Any, NamedTuple

from simsoc.core.errors import LogError
from simsoc.core.words import Answer, Ask, Attempt, Event, Identity, Reply

from . import statements as sql
from .files import look, plainly, settle, writing
from .migrations import migrate, version
from .rows import AgentRow, ExposureRow, MemoryRow, RunInfo, TextRow, as_json, text_row
from .starting import begin_file

__all__ = ["AgentRow", "ExposureRow", "MemoryRow", "RunInfo", "Writer"]

_ENDS = ("finished", "stopped", "failed")
_BATCH = 5_000  # rows after which answers are written without being asked
_KNOWN = 200_000  # names of texts kept in memory, so that a prompt is not sent to SQLite twice


class _Mark(NamedTuple):
    """How far whole steps reach in each list."""

    step: int
    turns: int | None
    events: int
    exposures: int
    others: int


class Writer:
    """The log of one run, open for writing: `create` makes one, `Writer(path)` goes on with one.

    hold: seconds a finished step may wait for others to be committed with it (0: every step is committed at once). For
    runs of very many very short steps on rules alone, where nothing is lost with a kill that cannot be had again.

    Raises LogError, BrokenLog or OldSchema when there is no log to go on with.
    """

    def __init__(self, path: str | Path, *, hold: float = 0.0) -> None:
        self.path = Path(path)
        self.last_ask = 0
        """Row of the ask taken last."""
        self._hold = hold
        self._rules: list[tuple[Any, ...]] = []
        self._told: list[tuple[Any, ...]] = []
        self._attempts: list[tuple[Any, ...]] = []
        self._texts: dict[int, TextRow] = {}
        self._known: set[int] = set()
        self._events: list[tuple[Any, ...]] = []
        self._exposures: list[tuple[Any, ...]] = []
        self._others: list[tuple[str, tuple[Any, ...]]] = []
        self._rows: dict[int, dict[Identity, int]] | None = None
        self._mark: _Mark | None = None
        self._door = RLock()
        self._open = self._ended = False
        self._go_on()

    @classmethod
    def create(cls, path: str | Path, info: RunInfo, *, overwrite: bool = False, hold: float = 0.0) -> Writer:
        """Make a new log. Raises LogExists when there is one and `overwrite` is false, LogError when it cannot be."""
        begin_file(Path(path), info, overwrite=overwrite)
        return cls(path, hold=hold)

    def _go_on(self) -> None:
        look(self.path)
        with plainly(self.path):
            self._engine = writing(self.path)
            try:
                self._connection = self._engine.connect()
                with self._connection.begin():
                    if not version(self._connection):
                        raise LogError("incomplete; its run was ended before it began.")
                    migrate(self._connection)
                    self._read_state()
            except BaseException:
                self._engine.dispose()
                raise
        self._open = True
        self._began = self._wrote = perf_counter()

    def _read_state(self) -> None:
        one = self._connection.exec_driver_sql
        row = one("SELECT steps, seed, directed, coalesce(seconds, 0) FROM run").one()
        self.steps: int | None = row[0]
        """Last step committed; None before the starting state."""
        self._seed: int = row[1]
        self._directed = bool(row[2])
        self._before: float = row[3]
        self._event_rows: int = one("SELECT coalesce(max(id), 0) FROM event").scalar_one()
        self.last_ask = one("SELECT coalesce(max(id), 0) FROM ask").scalar_one()
        self._keys = count(self.last_ask + 1)
        one(sql.GO_ON)

    # -- answers ------------------------------------------------------------------------------------------------

    def ask(self, ask: Ask, reply: Reply) -> None:
        """One decision row. Of the facts, what is given is kept; what is computed on demand can be had again."""
        self.last_ask = key = next(self._keys)
        if self._rows is not None:
            self._rows.setdefault(ask.step, {})[ask.identity] = key
        if reply.source == "rule" and type(reply) is Answer and not reply.flags:
            seed = None if ask.seed == self._seed else ask.seed
            self._rules.append(
                (
                    *(key, ask.step, ask.agent, ask.turn, ask.purpose, ask.draw, seed, reply.by),
                    *(as_json(reply.value), as_json(ask.facts)),
                )
            )
        else:
            self._tell(key, ask, reply)
        if len(self._rules) + len(self._told) >= _BATCH:
            self.flush_answers()

    def _tell(self, key: int, ask: Ask, reply: Reply) -> None:
        """An ask with all that a model's reply brings along."""
        if isinstance(reply, Answer):
            status, value, detail = "ok", as_json(reply.value), None
        else:
            status, value, detail = reply.reason, None, _clean(reply.detail)
        choice = None if reply.source == "rule" else ask.decision.choice
        row = (
            *(key, ask.step, ask.agent, ask.turn, ask.purpose, ask.draw),
            *(None if ask.seed == self._seed else ask.seed, reply.source, reply.by, status, value, detail),
            *(as_json(ask.facts), choice),
            *(self._text(reply.prompt), self._text(reply.raw), self._text(reply.settings)),
            *(",".join(reply.flags) or None, 0 if reply.source == "rule" else reply.attempts),
            *(reply.tokens_in, reply.tokens_out, reply.cost, reply.latency),
        )
        if reply.trouble:
            self.attempts(ask, reply.trouble, row=key)
        self._told.append(row)

    def trace(self) -> None:
        """Know from now on in which rows the asks of steps stand that are not committed yet: `row_of`."""
        self._rows = {}
        after = -1 if self.steps is None else self.steps
        for *identity, row in self._connection.exec_driver_sql(f"{sql.IDENTITIES} WHERE step > ?", (self._seed, after)):
            self._rows.setdefault(identity[2], {})[tuple(identity)] = row
        self._connection.rollback()  # reading is over

    def row_of(self, ask: Identity) -> int | None:
        """The row of an ask of a step that is not committed yet; None for one that is not there."""
        return (self._rows or {}).get(ask[2], {}).get(ask)

    def attempts(self, ask: Ask, attempts: Sequence[Attempt], *, row: int | None = None) -> None:
        """Tries that failed. `ask` takes those of a reply along; this is for calls that came to nothing."""
        at = (row, ask.step, ask.agent, ask.turn, ask.purpose, ask.draw)
        for n, a in enumerate(attempts, start=1):
            self._attempts.append((*at, n, a.kind, _clean(a.detail), self._text(a.text)))

    def _text(self, text: str | None) -> int | None:
        """The key of a text, which is written with the next answers if it is new."""
        if text is None:
            return None
        row = text_row(text)
        if row.id not in self._known:
            self._texts[row.id] = row
        return row.id

    # -- the step -----------------------------------------------------------------------------------------------

    def event(self, event: Event, content: str) -> None:
        """One event row, in applied order. `content` is its content as JSON, as the digest made it."""
        self._events.append((event.step, event.turn, event.agent, event.kind, content))

    @property
    def last_event(self) -> int:
        """Row of the event taken last."""
        return self._event_rows + len(self._events)

    def agents(self, rows: Iterable[AgentRow]) -> None:
        """Inhabitants: the people of the start, or newcomers of this step."""
        for r in rows:
            self._others.append((sql.AGENT, (r.id, r.born_step, r.label, as_json(r.traits), r.backend)))

    def agent(self, id: int, born_step: int, traits: Mapping[str, Any], backend: str = "", label: str = "") -> None:
        """One inhabitant."""
        self.agents((AgentRow(id, traits, label, born_step, backend),))

    def tie_from(self, a: int, b: int, step: int, attributes: Mapping[str, Any] | None = None) -> None:
        """A tie made in this step (0: there from the start), or one that has other attributes from now on.

        Ends are sorted unless ties are directed. A tie that lasts already ends here, and a new row begins.
        """
        low, high = (a, b) if self._directed or a <= b else (b, a)
        self._others.append((sql.TIE, (low, high, step, as_json(attributes) if attributes else None)))

    def tie_to(self, a: int, b: int, step: int) -> None:
        """A tie ended in this step. The commit raises LogError when there is no such tie."""
        low, high = (a, b) if self._directed or a <= b else (b, a)
        self._others.append((sql.UNTIE, (step, low, high)))

    def exposures(self, rows: Iterable[ExposureRow]) -> None:
        """Who saw what."""
        for r in rows:
            self._exposures.append((*r[:9], as_json(r.parts) if r.parts else None))

    def shown(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Who saw what, as rows of the table (`statements.EXPOSURE`): parts as JSON, an object or a list of numbers.

        What the numbers of a list are called is told by a note of kind `ranker`.
        """
        self._exposures.extend(rows)

    def suggested(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Which accounts were suggested to whom, as rows of the table (`statements.SUGGESTION`)."""
        self._others += [(sql.SUGGESTION, row) for row in rows]

    def memories(self, rows: Iterable[MemoryRow]) -> None:
        """New memories."""
        for r in rows:
            words = None if r.keywords is None else as_json(r.keywords)
            proof = None if r.evidence is None else as_json(r.evidence)
            self._others.append(
                (
                    sql.MEMORY,
                    (
                        *(r.agent, r.n, r.step, r.kind, r.depth, *(r.triple or (None, None, None)), self._text(r.text)),
                        *(r.importance, words, proof, r.step, r.expires, r.event, r.ask),
                    ),
                )
            )

    def remembered(self, agent: int, numbers: Iterable[int], step: int) -> None:
        """These memories of an agent were retrieved in this step."""
        self._others += [(sql.RECALL, (step, agent, n)) for n in numbers]

    def measure(self, step: int, name: str, value: float | None) -> None:
        """One number; None where it is not defined."""
        self._others.append((sql.MEASURE, (step, name, None if value is None else float(value))))

    def note(self, step: int, kind: str, content: Mapping[str, Any] | None = None) -> None:
        """Something that happened to the run rather than in it. Outside the digest."""
        self._others.append((sql.NOTE, (step, kind, as_json(content or {}))))

    # -- committing ---------------------------------------------------------------------------------------------

    def flush_answers(self) -> None:
        """Commit the answers taken so far, and nothing of the step. From any thread."""
        self._write(None)

    def commit(self, step: int, *, turns: int | None = None) -> None:
        """Commit a whole step and every answer so far. `turns`: turns taken in the run so far.

        Raises LogError when it cannot be written; nothing is lost then, and it may be tried again.
        """
        self._mark = _Mark(step, turns, len(self._events), len(self._exposures), len(self._others))
        if self._rows is not None:
            for known in list(self._rows):  # asks of later steps may come meanwhile
                if known <= step:
                    del self._rows[known]
        if self._hold and perf_counter() - self._wrote < self._hold and len(self._events) < _BATCH:
            return
        self._write(self._mark)

    def drop_step(self) -> int:
        """Forget what has come since the last `commit`, except answers: a step that was not finished.

        Returns how many events that were.
        """
        mark = self._mark or _Mark(0, None, 0, 0, 0)
        dropped = len(self._events) - mark.events
        del self._events[mark.events :], self._exposures[mark.exposures :], self._others[mark.others :]
        return dropped

    def finish(
        self, status: str, reason: str | None = None, *, digest: str | None = None, turns: int | None = None
    ) -> None:
        """Write how the run ended: finished, stopped (it can be resumed) or failed.

        What an unfinished step left is dropped, but its answers are kept; a digest and a count of turns that took in
        events which are dropped now belong to no log and are not kept either.
        """
        if status not in _ENDS:
            raise ValueError(f"a run ends as one of {', '.join(_ENDS)}, not {status!r}")
        if self.drop_step():
            digest = turns = None
        self._write(self._mark)
        with self._door, plainly(self.path), self._connection.begin():
            self._connection.exec_driver_sql(sql.FINISH, (status, reason, digest, turns, self._seconds()))
        self._ended = True

    def _seconds(self) -> float:
        return self._before + perf_counter() - self._began

    def _write(self, mark: _Mark | None) -> None:
        """One transaction: the answers so far, and the whole steps up to a mark."""
        with self._door:
            if not self._open:
                raise LogError(f"{self.path}: the log is closed.")
            # Rows before their texts: a row that arrives meanwhile waits for the next transaction, its text may not.
            answers = (len(self._rules), len(self._told), len(self._attempts))
            texts = list(self._texts.values())
            if mark is None and not texts and not any(answers):
                return
            with plainly(self.path), self._connection.begin():
                self._many(sql.TEXT, texts)
                self._many(sql.RULE, self._rules[: answers[0]])
                self._many(sql.TOLD, self._told[: answers[1]])
                self._many(sql.ATTEMPT, self._attempts[: answers[2]])
                if mark is not None:
                    self._write_steps(mark)
            del self._rules[: answers[0]], self._told[: answers[1]], self._attempts[: answers[2]]
            self._forget(texts)
            if mark is not None:
                self._event_rows += mark.events
                del self._events[: mark.events], self._exposures[: mark.exposures], self._others[: mark.others]
                self._mark, self.steps, self._wrote = None, mark.step, perf_counter()

    def _write_steps(self, mark: _Mark) -> None:
        self._many(sql.EVENT, self._events[: mark.events])
        self._many(sql.EXPOSURE, self._exposures[: mark.exposures])
        for statement, group in groupby(self._others[: mark.others], key=itemgetter(0)):
            rows = [row for _, row in group]
            if self._many(statement, rows) < len(rows) and statement is sql.UNTIE:
                raise LogError(f"a tie was ended in step {mark.step} that does not exist")
        if self.steps is None:
            self._connection.exec_driver_sql(sql.COUNT_PEOPLE)
        self._connection.exec_driver_sql(sql.STEP, (mark.step, mark.turns, self._seconds()))

    def _many(self, statement: str, rows: list[Any]) -> int:
        """Execute a statement for every row; how many rows it changed."""
        return self._connection.exec_driver_sql(statement, rows).rowcount if rows else 0

    def _forget(self, texts: list[TextRow]) -> None:
        """These texts are written."""
        if len(self._known) > _KNOWN:
            self._known.clear()
        for row in texts:
            self._known.add(row.id)
            self._texts.pop(row.id, None)

    def close(self) -> None:
        """Write what is whole and let the file go, as a single file again. Safe to call twice."""
        with self._door:
            if not self._open:
                return
            try:
                self._write(self._mark)
            finally:
                self._open = False
                self._connection.close()
                settle(self._engine, self.path)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._open:
            with contextlib.suppress(LogError):  # the error that brought us here matters more
                if not self._ended:
                    self.finish("failed", f"{type(error).__name__}: {error}")
                self.close()
            return
        self.close()


def _clean(text: str) -> str:
    """A short text as UTF-8 can hold it."""
    return text.encode(errors="replace").decode()
