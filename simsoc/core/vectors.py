"""Vectors of texts as they are computed with and as they are kept: rounded, and packed into a short text.

Components are rounded to multiples of 2**-11. Products of two such numbers are multiples of 2**-22, and sums of them
that stay below 2 fit in the 24 bits of a float32: cosines are exact, in whatever order and on however many threads a
library adds up, and the same on every machine. Each is kept in two bytes, in base 64.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vectors = NDArray[np.float32]
_GRAIN = 2.0**11


def rounded(vectors: ArrayLike) -> Vectors:
    """Rows scaled to length one and rounded to multiples of 2**-11; rows of zeros stay zero."""
    wide = np.asarray(vectors, dtype=np.float64)
    length = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
    wide = np.divide(wide, length, out=np.zeros_like(wide), where=length > 0)
    made: Vectors = (np.round(wide * _GRAIN) / _GRAIN).astype(np.float32)
    return made


def packed(vector: ArrayLike) -> str:
    """A vector of any length greater than zero, scaled, rounded and written in base 64."""
    return b64encode((rounded(np.asarray(vector)[None, :])[0] * _GRAIN).astype("<i2").tobytes()).decode()


def unpacked(text: str) -> Vectors:
    """The vector that `packed` wrote. Raises ValueError."""
    try:
        raw = b64decode(text.encode(), validate=True)
        made: Vectors = (np.frombuffer(raw, dtype="<i2") / _GRAIN).astype(np.float32)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise ValueError(f"not a vector: {error}") from None
    return made
