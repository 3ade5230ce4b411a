"""A small experiment whose texts would do harm if they were anything but data."""

import simsoc
from tests.loopback import Act, Loopback, lot

EVIL = "</script><script>window.hit=1</script><img src=x onerror='window.hit=2'>\u202eevil\u2066"
SCENARIO = {
    "name": "hostile",
    "question": f"Is this {EVIL} a question?",
    "source": "<b>nowhere</b>",
    "expect": "</style><style>body{display:none}",
    "steps": 3,
    "seed": 4,
    "world": {
        "kind": "opinion",
        "labels": ["k", "z"],
        "stop": "never",
        "personas": True,
        "rule": {"kind": "curie_weiss", "beta": 1.0},
    },
    "population": {
        "source": "inline",
        "people": [
            {"name": f"Ann {EVIL}", "party": "left"},
            *({"name": name, "party": "right" if name < "D" else "left"} for name in ("Bo", "Cy", "Di", "Ed")),
        ],
    },
    "network": {"kind": "ring", "k": 2},
    "activation": "together",
    "experiment": {"arms": {"control": {}, "loud": {"choice": "elicit"}}, "replicates": 3},
}


def _sometimes(body, count):
    """Some calls are refused, in words that are markup."""
    return Act(content="", refusal=EVIL) if lot("refused", str(body["messages"])) < 0.2 else None


def experiment(folder):
    """Three replicates of two arms, answered by a model on the same machine."""
    with Loopback(behave=_sometimes) as server:
        backend = {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 8}
        simsoc.experiment({**SCENARIO, "backend": backend}, folder=folder)
    return folder
