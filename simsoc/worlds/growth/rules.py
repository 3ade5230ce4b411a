"""Mechanistic rules for choosing ties.

Each reads what the candidates show, lists parallel to ``facts["options"]`` (candidate ids), and returns
``facts["count"]`` different ids, first choice first. What the scenario hides is not in the facts, so a rule that needs
it cannot be used.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream

How = Literal["most", "least", "proportional"]


def _pick(facts: Facts, stream: Stream, weights: Any) -> list[int]:
    """Different options, one after another with probability proportional to weight; uniform once none weighs."""
    import numpy as np

    weight = np.asarray(weights, dtype=float).copy()
    options = facts["options"]
    chosen: list[int] = []
    taken: list[int] = []
    for _ in range(facts["count"]):
        reached = weight.cumsum()
        if not reached[-1] > 0:
            weight = np.ones(len(options))
            weight[taken] = 0.0
            reached = weight.cumsum()
        at = int(reached.searchsorted(stream.random() * reached[-1], side="right"))
        at = min(at, len(options) - 1)
        while weight[at] == 0.0:  # the target fell on the last bit of the sum
            at -= 1
        chosen.append(options[at])
        taken.append(at)
        weight[at] = 0.0
    return chosen


def _extreme(facts: Facts, stream: Stream, values: Sequence[float], sign: int) -> list[int]:
    """Options with the largest (sign -1) or smallest (sign 1) values; ties broken at random."""
    lot = [stream.random() for _ in values]
    order = sorted(range(len(values)), key=lambda i: (sign * values[i], lot[i]))
    return [facts["options"][i] for i in order[: facts["count"]]]


def kernel(facts: Facts, stream: Stream, *, alpha: Annotated[float, Field(ge=-10, le=10)] = 1.0) -> list[int]:
    """Choose with probability proportional to (k + 1)**alpha, k the number of followers (degree when undirected).

    alpha: kernel exponent; 0 is random, 1 linear preferential attachment.

    Needs `show_degree: true`. Linear kernel: Price 1976, Barabasi and Albert 1999; nonlinear: Krapivsky, Redner and
    Leyvraz 2000, Phys. Rev. Lett. 85, 4629.
    """
    import numpy as np

    degree = np.asarray(facts["degree"], dtype=float)
    return _pick(facts, stream, (degree + 1.0) ** alpha)


@lru_cache(maxsize=200_000)
def taste(name: str, prior_seed: int) -> float:
    """Standard normal liking of a name: a property of the stand-in model, the same in every run."""
    return Stream(prior_seed, "taste", name).normal()


def token_prior(
    facts: Facts, stream: Stream, *, b: Annotated[float, Field(ge=0)], prior_seed: Annotated[int, Field(ge=0)] = 0
) -> list[int]:
    """Choose by name alone, with weight exp(b z), z standard normal per name; degrees play no part.

    b: strength of the likings.
    prior_seed: which likings; a property of the stand-in model, apart from the run's seed.

    A stand-in for a language model's prior over name tokens; De Marzo, Pietronero, Garcia 2023, arXiv 2312.06619.
    """
    import numpy as np

    likings = np.array([taste(name, prior_seed) for name in facts["labels"]])
    return _pick(facts, stream, np.exp(b * likings))


def at_random(facts: Facts, stream: Stream) -> list[int]:
    """Choose uniformly."""
    options = facts["options"]
    return [options[i] for i in stream.sample(len(options), facts["count"])]


def common_neighbours(facts: Facts, stream: Stream, *, how: How = "proportional") -> list[int]:
    """Choose by the number of common neighbours: the most, the least, or in proportion.

    how: most, least, or proportional.

    Triadic closure as the baseline of Papachristou and Yuan 2025, arXiv 2402.10659. Needs `show_neighbours: true`.
    """
    if how == "proportional":
        return _pick(facts, stream, facts["common"])
    return _extreme(facts, stream, facts["common"], -1 if how == "most" else 1)


def similar(facts: Facts, stream: Stream, *, how: How = "most") -> list[int]:
    """Choose by the number of shared attributes: the most, the least, or in proportion.

    how: most, least, or proportional.

    Homophily as the baseline of Papachristou and Yuan 2025, arXiv 2402.10659. Needs `attributes`.
    """
    if how == "proportional":
        return _pick(facts, stream, facts["shared"])
    return _extreme(facts, stream, facts["shared"], -1 if how == "most" else 1)


def always(facts: Facts, stream: Stream) -> str:
    """Accept everybody who asks for a tie."""
    return "yes"


def shares(facts: Facts, stream: Stream, *, least: Annotated[int, Field(ge=0)] = 1) -> str:
    """Accept whoever shares at least so many of the shown attributes. Needs `attributes`.

    least: shared attributes that are enough.
    """
    return "yes" if facts["shared"][0] >= least else "no"
