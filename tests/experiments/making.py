"""Small experiments."""

from typing import Any

SMALL: dict[str, Any] = {
    "name": "small",
    "steps": 5,
    "seed": 4,
    "world": {"kind": "opinion", "labels": ["k", "z"], "stop": "never", "rule": {"kind": "curie_weiss", "beta": 1.0}},
    "population": {"n": 12},
    "network": {"kind": "erdos_renyi", "degree": 4},
}


def design(arms=None, **more):
    """SMALL as an experiment with these arms; `keys` are further keys of the scenario."""
    keys = more.pop("keys", {})
    return {**SMALL, **keys, "experiment": {"arms": arms or {"control": {}, "loud": {"world.rule.beta": 4}}, **more}}


def served(server, **more):
    """The settings of a backend behind a loopback server."""
    return {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 4, "retries": 0, **more}


def digests(results):
    """Digest by log."""
    runs = results.runs
    assert set(runs["status"]) == {"finished"}
    return dict(zip(runs["file"], runs["digest"], strict=True))
