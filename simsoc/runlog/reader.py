"""Reading a run back: `open_run` gives a Run, whose tables are tidy pandas frames.

Nothing is read before it is asked for, and nothing is ever written: a run may be read while it is still being written,
and from a folder nobody may write to. Columns, units and meanings are in `Run.columns()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import msgspec

from simsoc.core.canonical import Digest
from simsoc.core.errors import LogError
from simsoc.core.words import Answer, Event, NoAnswer, Reply

from .frames import Frames

_HELD = "from_step <= ? AND (to_step IS NULL OR to_step > ?)"
_ANSWERS = (
    "SELECT coalesce(seed, ?), agent, step, turn, purpose, draw, choice, facts, status, value, detail,"
    ' source, "by", attempts, tokens_in, tokens_out, cost, latency, flags, p.text, r.text, s.text FROM ask'
    " LEFT JOIN text p ON p.id = prompt LEFT JOIN text r ON r.id = reply LEFT JOIN text s ON s.id = settings"
    " ORDER BY ask.id"
)
_TOLD = ("source", "by", "attempts", "tokens_in", "tokens_out", "cost", "latency", "flags", "prompt", "raw", "settings")
_EVENTS = "SELECT id, step, turn, agent, kind, content FROM event WHERE id > ? AND step < ? ORDER BY id LIMIT 5000"
_REUSED = (
    "SELECT coalesce(sum(source = 'replay'), 0), coalesce(sum(source = 'live' AND status <> 'failed'), 0) FROM ask"
)
_MINDS = (
    'SELECT "by", source, count(*), sum(value IS NULL), sum(max(attempts - 1, 0)), sum(tokens_in), sum(tokens_out),'
    ' sum(cost), sum(attempts > 0 AND cost IS NULL) FROM ask GROUP BY "by", source ORDER BY min(id)'
)


class Logged(NamedTuple):
    """A call and what came back, as the log has it."""

    identity: tuple[int, int, int, int, str, int]
    """(seed, agent, step, turn, purpose, draw), as `Ask.identity`."""
    choice: str | None
    """How a closed choice was drawn; None for a rule."""
    facts: str
    """The given facts, as JSON."""
    reply: Reply
    """As it was logged, without the tries that failed."""


class Run(Frames):
    """One run log, open for reading. A context manager; `close` it when it is not used as one."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self.directed: bool = self.info["directed"]
        """Whether a tie from a to b means that a follows b."""

    def digest(self) -> str:
        """The digest derived from the events again; `info["digest"]` is what was found when the run ended."""
        digest = Digest()
        for event in self.stored_events():
            digest.add(event)
        return digest.hex()

    def stored_events(self, upto: int | None = None) -> Iterator[Event]:
        """Every event (up to a step) in applied order, for folding into a world or checking a resumed run."""
        last, before = 0, (1 << 62) if upto is None else upto + 1
        while rows := self.rows(_EVENTS, (last, before)):  # in pages: nothing is held open by who stops half-way
            for _, step, turn, agent, kind, content in rows:
                yield Event(step, turn, agent, kind, msgspec.json.decode(content))
            last = rows[-1][0]

    def answers(self) -> Iterator[Logged]:
        """Every call with its reply, in order of arrival, for resuming and re-use."""
        for row in self.stream(_ANSWERS, (self.info["seed"],)):
            yield Logged(tuple(row[:6]), row[6], row[7], _reply(row[8], row[9], row[10], row[11:]))

    def graph(self, step: int | None = None) -> Any:
        """The network at the end of a step (default: the last), a networkx Graph or DiGraph.

        Everybody born by then who has not left is a node, with its traits of then, and `label` and `born_step`, as
        attributes. Raises LogError for a step that is not written.
        """
        from .graphs import as_changed, graph
        from .tidy import decoded

        at = self.steps if step is None else step
        if not 0 <= at <= self.steps:
            raise LogError(f"{self.path}: step {at} is not in the log; it has steps 0 to {self.steps}.")
        people = self.rows("SELECT id, label, born_step, traits FROM agent WHERE born_step <= ? ORDER BY id", (at,))
        people, traits = as_changed(people, decoded([row[3] for row in people]), self.done_to_people(at))
        ties = self.rows(f"SELECT a, b, attributes FROM tie WHERE {_HELD} ORDER BY id", (at, at))
        attributes = decoded([row[2] for row in ties])
        return graph(
            ((row[0], row[1], row[2], own) for row, own in zip(people, traits, strict=True)),
            ((row[0], row[1], own) for row, own in zip(ties, attributes, strict=True)),
            directed=self.directed,
        )

    def paid(self) -> tuple[float, int, int]:
        """US dollars, tokens and calls of what models answered in this run; unknown prices count as nothing."""
        (row,) = self.rows(
            "SELECT coalesce(sum(cost), 0.0), coalesce(sum(tokens_in), 0) + coalesce(sum(tokens_out), 0), count(*)"
            " FROM ask WHERE source = 'live'"
        )
        return float(row[0]), int(row[1]), int(row[2])

    def minds(self) -> list[str]:
        """Who answered: a line for each rule or model, with what it cost; and what was re-used, where something was."""
        reused, paid = self.reused()
        told = [f"re-used {reused} answers, paid for {paid}"] if reused else []
        return [*(_mind(*row) for row in self.rows(_MINDS)), *told]

    def reused(self) -> tuple[int, int]:
        """Calls answered from another log, and calls that a model answered."""
        reused, paid = self.rows(_REUSED)[0]
        return int(reused), int(paid)

    def population(self) -> dict[str, Any]:
        """How the people came about, as their source noted it: who was left out, margins; empty where it did not."""
        found = self.rows("SELECT content FROM note WHERE kind = 'population' ORDER BY id DESC LIMIT 1")
        told: dict[str, Any] = msgspec.json.decode(found[0][0]) if found else {}
        return told

    # -- showing ------------------------------------------------------------------------------------------------

    def _summary(self) -> dict[str, str]:
        info = self.info
        arm = f", arm {info['arm']}" if info["arm"] else ""
        count = self.rows("SELECT (SELECT count(*) FROM agent), (SELECT count(*) FROM ask WHERE status <> 'ok')")[0]
        return {
            "run": f"{info['name']} (seed {info['seed']}{arm}, replicate {info['replicate']})",
            "status": info["status"] + (f": {info['reason']}" if info["reason"] else ""),
            "done": f"{info['steps'] or 0} steps, {info['turns'] or 0} turns, {info['seconds'] or 0:.1f} s",
            "people": f"{count[0] or info['people']}",
            "calls without answer": str(count[1]),
            "digest": info["digest"] or "",
            "file": str(self.path),
        }

    def __repr__(self) -> str:
        said = self._summary()
        return f"<Run {said['run']}, {said['status']}, {said['done']}, {said['people']} people, {said['file']}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in self._summary().items())
        return f"<table>{rows}</table>"

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _reply(status: Any, value: str, detail: str | None, told: Any) -> Reply:
    """The reply of a row of `Run.answers`."""
    how: dict[str, Any] = dict(zip(_TOLD, told, strict=True))
    how["flags"] = tuple(how["flags"].split(",")) if how["flags"] else ()
    if status == "ok":
        return Answer(value=msgspec.json.decode(value), **how)
    return NoAnswer(reason=status, detail=detail or "", **how)


def _mind(
    by: str, source: str, calls: int, silent: int, again: int, read: int | None, said: int | None,
    cost: float | None, unpriced: int,
) -> str:  # fmt: skip
    parts = [f"{calls} answers" if not silent else f"{calls} calls, {silent} of them without answer"]
    if again:
        parts.append(f"{again} repeated requests")
    if read is not None or said is not None:
        parts.append(f"{read or 0} tokens in, {said or 0} out")
    if cost is not None:
        parts.append(f"{cost:.4g} USD" + (f" and {unpriced} calls of unknown price" if unpriced else ""))
    return f"{by} ({source}): {'; '.join(parts)}"


def open_run(path: str | Path) -> Run:
    """Open a run log for reading.

    Raises LogError when there is no file, BrokenLog when it is damaged or no run log, OldSchema when a newer simsoc
    wrote it.
    """
    return Run(path)
