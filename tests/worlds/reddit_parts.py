"""A small community for tests, and what its log says."""

from simsoc.society import Society

WORLD = {
    "kind": "reddit",
    "community": "r/pots",
    "goal": "To talk about pots.",
    "rules": {
        "do": [{"name": "kindness", "text": "Be kind."}],
        "dont": [{"name": "insults", "text": "No insults."}, {"name": "promotion", "text": "No self-promotion."}],
    },
    "topics": [{"name": "clay pots", "points": ["a slow fire", "a glaze", "a thin wall"]}, "iron pots"],
    "threads": 12,
}
DESIGN = {"name": "pots", "seed": 5, "world": WORLD, "population": {"n": 30}}


def design(**keys):
    """The small community with other keys of the world; `top` has those of the scenario."""
    top = keys.pop("top", {})
    return {**DESIGN, "world": {**WORLD, **keys}, **top}


def grown(scenario, seed=None, **keys):
    """The world of a run without a log."""
    society = Society(scenario, seed, **keys)
    society.run_model()
    return society.worlds[0]


def threads_of(run):
    """Every thread of a log as the tuple of what happened in it, by the number of the thread."""
    found = {}
    for event in run.stored_events():
        if event.kind in ("post", "reply"):
            content = dict(event.content)
            opened = tuple(content.get("thread", (event.agent, event.step, content["n"])))
            found.setdefault(opened, []).append((event.step, event.turn, event.agent, event.kind, str(content)))
    return found
