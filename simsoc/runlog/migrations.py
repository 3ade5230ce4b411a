"""The schema as numbered steps, each applied once and recorded in the file.

A step is never changed after a release; what comes later is a step of its own. A new log goes through all of them, an
older one through those it has not seen: in place when a run is resumed, in a copy in memory when it is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from simsoc.core.errors import BrokenLog, OldSchema

APPLICATION = 0x73696D73
"""`sims` in the header of the file: this database is a run log."""

_FIRST = """
CREATE TABLE run (
  id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, scenario TEXT NOT NULL, yaml TEXT NOT NULL,
  folder TEXT NOT NULL DEFAULT '', seed INTEGER NOT NULL, arm TEXT NOT NULL,
  replicate INTEGER NOT NULL, parent TEXT, forked_at INTEGER,
  people INTEGER NOT NULL, directed INTEGER NOT NULL, versions TEXT NOT NULL, status TEXT NOT NULL, reason TEXT,
  steps INTEGER, turns INTEGER, digest TEXT, started_at TEXT NOT NULL, seconds FLOAT);
CREATE TABLE agent (
  id INTEGER NOT NULL PRIMARY KEY, born_step INTEGER NOT NULL, label TEXT NOT NULL, traits TEXT NOT NULL,
  backend TEXT NOT NULL);
CREATE TABLE event (
  id INTEGER NOT NULL PRIMARY KEY, step INTEGER NOT NULL, turn INTEGER NOT NULL, agent INTEGER NOT NULL,
  kind TEXT NOT NULL, content TEXT NOT NULL);
CREATE TABLE text (id INTEGER NOT NULL PRIMARY KEY, hash TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE ask (
  id INTEGER NOT NULL PRIMARY KEY, step INTEGER NOT NULL, agent INTEGER NOT NULL, turn INTEGER NOT NULL,
  purpose TEXT NOT NULL, draw INTEGER NOT NULL, seed INTEGER, source TEXT NOT NULL, "by" TEXT NOT NULL,
  status TEXT NOT NULL, value TEXT, detail TEXT, facts TEXT NOT NULL, choice TEXT,
  prompt INTEGER REFERENCES text (id), reply INTEGER REFERENCES text (id), settings INTEGER REFERENCES text (id),
  flags TEXT, attempts INTEGER NOT NULL, tokens_in INTEGER, tokens_out INTEGER, cost FLOAT, latency FLOAT);
CREATE TABLE attempt (
  id INTEGER NOT NULL PRIMARY KEY, ask INTEGER REFERENCES ask (id), step INTEGER NOT NULL, agent INTEGER NOT NULL,
  turn INTEGER NOT NULL, purpose TEXT NOT NULL, draw INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL,
  detail TEXT NOT NULL, text INTEGER REFERENCES text (id));
CREATE TABLE exposure (
  id INTEGER NOT NULL PRIMARY KEY, step INTEGER NOT NULL, viewer INTEGER NOT NULL, turn INTEGER NOT NULL,
  slot INTEGER NOT NULL, author INTEGER NOT NULL, made_step INTEGER NOT NULL, n INTEGER NOT NULL, score FLOAT,
  parts TEXT, ranker TEXT NOT NULL);
CREATE TABLE tie (
  id INTEGER NOT NULL PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL, from_step INTEGER NOT NULL,
  to_step INTEGER, attributes TEXT);
CREATE INDEX tie_open ON tie (a, b) WHERE to_step IS NULL;
CREATE TRIGGER tie_anew BEFORE INSERT ON tie BEGIN UPDATE tie SET to_step = NEW.from_step
  WHERE a = NEW.a AND b = NEW.b AND to_step IS NULL; END;
CREATE TABLE memory (
  id INTEGER NOT NULL PRIMARY KEY, agent INTEGER NOT NULL, n INTEGER NOT NULL, step INTEGER NOT NULL,
  kind TEXT NOT NULL, depth INTEGER NOT NULL, subject TEXT, predicate TEXT, object TEXT,
  text INTEGER NOT NULL REFERENCES text (id), importance FLOAT, keywords TEXT, evidence TEXT,
  last_access INTEGER NOT NULL, expires INTEGER, event INTEGER REFERENCES event (id), ask INTEGER REFERENCES ask (id));
CREATE UNIQUE INDEX memory_of ON memory (agent, n);
CREATE TABLE measure (id INTEGER NOT NULL PRIMARY KEY, step INTEGER NOT NULL, name TEXT NOT NULL, value FLOAT);
CREATE UNIQUE INDEX measure_at ON measure (step, name);
CREATE TABLE note (id INTEGER NOT NULL PRIMARY KEY, step INTEGER NOT NULL, kind TEXT NOT NULL, content TEXT NOT NULL);
"""


def s001_first(connection: Connection) -> None:
    """The tables."""
    for statement in _FIRST.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def s002_said(connection: Connection) -> None:
    """A view for database browsers: every ask with its texts written out."""
    connection.exec_driver_sql(
        'CREATE VIEW said AS SELECT ask.id, step, agent, turn, purpose, draw, "by", status, value, detail,'
        " prompt.text AS prompt, reply.text AS reply FROM ask"
        " LEFT JOIN text AS prompt ON prompt.id = ask.prompt LEFT JOIN text AS reply ON reply.id = ask.reply"
    )


def s003_suggestion(connection: Connection) -> None:
    """Accounts that were suggested, which are no items."""
    connection.exec_driver_sql(
        "CREATE TABLE suggestion (id INTEGER NOT NULL PRIMARY KEY, step INTEGER NOT NULL, viewer INTEGER NOT NULL,"
        " turn INTEGER NOT NULL, slot INTEGER NOT NULL, account INTEGER NOT NULL, score FLOAT, parts TEXT,"
        " ranker TEXT NOT NULL)"
    )


STEPS: Sequence[Callable[[Connection], None]] = (s001_first, s002_said, s003_suggestion)


def version(connection: Connection) -> int:
    """How many steps this log has been through; 0 for an empty file.

    Raises BrokenLog for a database that is no run log, OldSchema for one of a newer simsoc.
    """
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    if not tables:
        return 0
    if connection.exec_driver_sql("PRAGMA application_id").scalar_one() != APPLICATION:
        raise BrokenLog("an SQLite database, but not a run log")
    found = int(connection.exec_driver_sql("SELECT max(id) FROM schema_version").scalar_one())
    if found > len(STEPS):
        raise OldSchema(
            f"written by a newer simsoc (schema {found}; this one knows up to {len(STEPS)}). Update simsoc to read it."
        )
    return found


def migrate(connection: Connection, upto: int | None = None) -> int:
    """Apply the steps this log has not seen (up to a number, for tests); how many it has been through now.

    Runs inside the caller's transaction: a log is never left between two steps.
    """
    done = version(connection)
    if done == 0:
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")
        connection.exec_driver_sql("CREATE TABLE schema_version (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)")
    last = len(STEPS) if upto is None else upto
    for number, step in enumerate(STEPS[done:last], start=done + 1):
        step(connection)
        connection.exec_driver_sql("INSERT INTO schema_version VALUES (?, ?)", (number, step.__name__))
    return max(done, last)
