"""Small societies to intervene in."""

import simsoc
from simsoc.society import Society

PEOPLE = {"source": "attributes", "n": 24, "traits": {"party": ["D", "R"], "age": [20, 40, 60]}}
OPINION = {"kind": "opinion", "rule": {"kind": "curie_weiss", "beta": 1.0}, "stop": "never", "personas": True}
BASE = {
    "name": "x",
    "seed": 3,
    "steps": 12,
    "world": OPINION,
    "population": PEOPLE,
    "network": {"kind": "erdos_renyi", "degree": 5},
}
SCALE = {**BASE, "world": {"kind": "opinion_scale", "rule": "degroot", "stop": "never"}}
GROWTH = {
    "name": "x",
    "seed": 3,
    "world": {
        "kind": "growth",
        "design": {"kind": "newcomers", "m": 2, "start": 5},
        "rule": "kernel",
        "attributes": ["party"],
    },
    "population": PEOPLE,
}
TWO = {**BASE, "world": [OPINION, {"kind": "opinion_scale", "rule": "degroot", "stop": "never"}]}
FOLLOWING = {**BASE, "network": {"kind": "erdos_renyi", "degree": 4, "directed": True}}


def ended(*interventions, base=BASE, log=None, **changed):
    """A society that has run to its end."""
    society = Society({**base, "interventions": list(interventions)}, log=log, **changed)
    society.run_model()
    return society


def logged(tmp_path, *interventions, base=BASE, name="run", **changed):
    """The society and its log, which holds together."""
    path = tmp_path / f"{name}.db"
    society = ended(*interventions, base=base, log=path, **changed)
    assert simsoc.verify(path) == []
    return society, simsoc.open_run(path)


def happened(run, *kinds):
    """(step, agent, content) of events of these kinds."""
    rows = run.events[run.events.kind.isin(kinds)]
    return list(zip(rows.step, rows.agent, rows.content, strict=True))
