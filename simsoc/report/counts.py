"""What went wrong and what it cost, by point of the grid and arm, and where each run stands: tables from the logs."""

from __future__ import annotations

from typing import Any

from simsoc.runlog import behind
from simsoc.runlog.documented import Col

from .matter import Matter, Table, called


def counted(matter: Matter) -> tuple[Table, Table, Table]:
    """Failures by kind, who answered at what cost, and the runs."""
    failing: dict[tuple[Any, ...], list[Any]] = {}
    minds: dict[tuple[Any, ...], list[Any]] = {}
    runs = []
    for keys, run in matter.runs:
        of = (*(keys[key] for key in matter.grid), str(keys.get("arm") or ""))
        for one in behind.failing(run):
            row = failing.setdefault((*of, one.what, one.purpose, one.kind), [0, one.example])
            row[0] += one.times
        for mind in behind.minds(run):
            _add(minds.setdefault((*of, mind.by, mind.source), [0, 0, 0, None, None, None, 0, 0.0]), mind)
        info = run.info
        ended = f"{info['status']}: {info['reason']}" if info["reason"] else info["status"]
        runs.append([called(keys), info["seed"], ended, *(info[n] for n in ("steps", "turns", "seconds", "digest"))])
    ranked = sorted(failing.items(), key=lambda item: (-item[1][0], list(map(str, item[0]))))
    paid = [[*key, *_finished(row)] for key, row in minds.items()]
    return _failures(matter, [[*key, *row] for key, row in ranked]), _minds(matter, paid), _runs(runs)


def _add(row: list[Any], mind: behind.Mind) -> None:
    """One more run's calls of a mind."""
    row[0] += mind.calls
    row[1] += mind.silent
    row[2] += mind.repeated
    for place, value in ((3, mind.tokens_in), (4, mind.tokens_out), (5, mind.dollars)):
        if value is not None:
            row[place] = (row[place] or 0) + value
    row[6] += mind.unpriced
    row[7] += (mind.seconds or 0.0) * mind.calls


def _finished(row: list[Any]) -> list[Any]:
    return [*row[:7], row[7] / row[0] if row[7] else None]


def _failures(matter: Matter, rows: list[list[Any]]) -> Table:
    columns = (
        *matter.grid_columns(),
        Col("arm", "", "the arm"),
        Col("what", "", "a call without an answer, or a try of a call that came to nothing"),
        Col("purpose", "", "what was asked for"),
        Col("kind", "", "refused, unparseable, truncated, failed; of a try also rate_limited, timed_out, ..."),
        Col("times", "count", "how often"),
        Col("for example", "", "what was said of it one time"),
    )
    about = "Failures are rows, never data: what happened to each is in the table of decisions."
    return Table("Failures by kind", about if rows else "None: every call was answered.", columns, rows)


def _minds(matter: Matter, rows: list[list[Any]]) -> Table:
    columns = (
        *matter.grid_columns(),
        Col("arm", "", "the arm"),
        Col("answered by", "", "the rule or model"),
        Col("source", "", "rule; live: paid for; replay: taken from another log"),
        Col("calls", "count", "how many were asked"),
        Col("no answer", "count", "of them without an answer"),
        Col("repeated", "requests", "requests beyond the first"),
        Col("tokens in", "tokens", "of prompts, as billed"),
        Col("tokens out", "tokens", "of answers, as billed"),
        Col("cost", "USD", "by the price map; empty where no price is known"),
        Col("no price", "calls", "calls whose price is not known"),
        Col("latency", "s", "mean"),
    )
    cost = [column.name for column in columns].index("cost")
    dollars = [row[cost] for row in rows if row[cost] is not None]
    total = f"Together {sum(dollars):.4g} USD." if dollars else "Nothing was paid for, or no price is known."
    return Table("Who answered, and what it cost", total, columns, rows)


def _runs(rows: list[list[Any]]) -> Table:
    columns = (
        Col("run", "", "which run"),
        Col("seed", "", "of all its randomness"),
        Col("status", "", "where it stands, and why it ended"),
        Col("steps", "steps", "done"),
        Col("turns", "turns", "taken"),
        Col("seconds", "s", "of running, over all sittings"),
        Col("digest", "hex", "BLAKE2b-128 of its events in applied order: the same inputs give the same"),
    )
    return Table("Runs", "", columns, rows)
