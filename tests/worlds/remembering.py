"""What a log has of memories, with where each comes from, in a shape in which two logs can be compared."""

import simsoc

KEYS = ("memories", "memory")
"""Where events of worlds keep what is remembered."""


def traced(log):
    """One row a memory, by agent and number: what it is, the event it was stored with, and the ask it comes from.

    Checks that both are what they should be. Ids of asks are in order of arrival, so identities stand for them.
    """
    with simsoc.open_run(log) as run:
        seed = run.info["seed"]
        events = dict(enumerate(run.stored_events(), start=1))
        called = run.rows("SELECT id, coalesce(seed, ?), agent, step, turn, purpose, draw FROM ask", (seed,))
        asks = {row[0]: list(row[1:]) for row in called}
        found = []
        for row in run.memories.to_dict("records"):
            event = events[row["event"]]
            drafts = [d for key in KEYS for d in event.content.get(key, ()) if d["text"] == row["text"]]
            by = None if row["ask"] is None or row["ask"] != row["ask"] else asks[row["ask"]]
            assert by in [draft.get("ask") for draft in drafts if draft["kind"] == row["kind"]]
            assert event.step == row["step"]
            found.append({**{k: str(v) for k, v in row.items() if k != "ask"}, "by": by})
        return found
