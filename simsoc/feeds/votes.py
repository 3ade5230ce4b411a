"""Orders by votes, as on Reddit: hot, new, top and best."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from .items import Columns
from .scores import by_time, separate, weighted, with_keys
from .viewer import Array, Scored


@separate
@with_keys(own=True)
def hot(
    items: Columns,
    now: int,
    *,
    seconds: Annotated[float, Field(gt=0)] = 3600.0,
    decay: Annotated[float, Field(gt=0)] = 45_000.0,
) -> Scored:
    """Votes on a logarithmic scale, with a bonus for being new: sign(s) log10(max(|s|, 1)) + t / decay, s = up - down.

    As in Reddit's published code and in OASIS (Yang et al. 2024, arXiv 2411.11581). There t counts seconds from a day
    in 2005; here it counts them from the start of the run, which orders items alike.

    seconds: seconds that a step stands for.
    decay: seconds by which an item has to be newer to make up for ten times the votes.
    """
    votes = (items.ups - items.downs).astype(np.float64)
    return weighted(votes=np.sign(votes) * np.log10(np.maximum(np.abs(votes), 1)), time=items.step * (seconds / decay))


@by_time
@with_keys(own=True)
def new(items: Columns, now: int) -> Array:
    """Newest first."""
    return items.step


@separate
@with_keys(own=True)
def top(items: Columns, now: int) -> Array:
    """Most votes: up minus down."""
    return items.ups - items.downs


@separate
@with_keys(own=True)
def best(items: Columns, now: int, *, z: Annotated[float, Field(gt=0, le=10)] = 1.281551565545) -> Scored:
    """The lower end of Wilson's interval for the share of votes that are up; 0 without votes.

    Wilson 1927 (Journal of the American Statistical Association 22), as proposed for comments by Miller 2009 ("How not
    to sort by average rating") and used by Reddit, whose code has z for 80 percent.

    z: half width of the interval in standard errors: 1.28 for 80 percent, 1.96 for 95.
    """
    up, n = items.ups.astype(np.float64), (items.ups + items.downs).astype(np.float64)
    share = np.divide(up, n, out=np.zeros(len(items)), where=n > 0)
    inverse = np.divide(1.0, n, out=np.zeros(len(items)), where=n > 0)
    middle = share + z * z * inverse / 2
    spread = z * np.sqrt(share * (1 - share) * inverse + z * z * inverse * inverse / 4)
    bound = np.where(n > 0, (middle - spread) / (1 + z * z * inverse), 0.0)
    return Scored(bound, {"share": share, "votes": n})
