"""From a text to a vector of length one, so that a product of two vectors says how much the texts are about the same.

Vectors are rounded, so that products of them are exact (simsoc.core.vectors). What stands on this shelf answers at once
and in this process, but for `openai`: its vectors are asked for (embedding.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Annotated, Protocol

import numpy as np
from pydantic import Field

from simsoc.core.errors import ScenarioError, WorldError
from simsoc.core.shelf import needs
from simsoc.core.vectors import Vectors, rounded

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_FUNCTION_WORDS = """
    a about after all also am an and any are as at be because been before being but by can could did do does doing
    down for from had has have having he her here hers him his how i if in into is it its just me more most my no nor
    not now of off on only or other our out over own s same she so some such t than that the their them then there
    these they this those through to too under until up very was we were what when where which while who whom why will
    with would you your"""
_LIGHT = frozenset(_FUNCTION_WORDS.split())
"""Words that say nothing of what a text is about; their weight is 0."""
_MANY = 8  # from so many texts on they are embedded together,
_AT_ONCE = 256  # so many at a time, to stay in the cache
_PAIR = 0.5  # weight of two words that follow each other; 1 for a word


class Embedder(Protocol):
    """Texts to vectors; a pure function of the text, whatever was embedded before."""

    dim: int

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One row a text, shape (len(texts), dim), each of length one (or all zero) and rounded."""
        ...


def words_of(text: str) -> list[str]:
    """The words of a text that say what it is about, in lower case and in order."""
    return [word for word in _WORD.findall(text.lower()) if word not in _LIGHT]


@lru_cache(maxsize=200_000)
def _hashed(word: str) -> tuple[int, int]:
    """A number of 63 bits and a sign, the same everywhere."""
    number = int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    return number >> 1, 1 if number & 1 else -1


class Lexical:
    """Hashed words and pairs of neighbouring words: texts are alike when they share words.

    Every word counts 1 and every pair 0.5, added with a hashed sign at a hashed place; common function words count
    nothing. No weight depends on the run, so nothing has to be learned or downloaded.
    Source: Weinberger, Dasgupta, Langford, Smola, Attenberg 2009, "Feature hashing for large scale multitask learning",
    arXiv 0902.2206.
    """

    def __init__(self, dim: int = 384) -> None:
        self.dim = dim
        self._one = lru_cache(maxsize=8192)(self._vector)

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        if len(texts) < _MANY:
            return np.stack([self._one(text) for text in texts]) if texts else np.zeros((0, self.dim), np.float32)
        parts = [self._vectors(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _vector(self, text: str) -> Vectors:
        vector: Vectors = self._vectors([text])[0]
        vector.flags.writeable = False  # it is kept and handed out again
        return vector

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        """Sums of halves are exact, so that these are the same for one text and for many."""
        dim, at, worth = self.dim, list[int](), list[float]()
        for begin, text in zip(range(0, len(texts) * dim, dim), texts, strict=True):
            words = words_of(text)
            for word in words:
                place, sign = _hashed(word)
                at.append(begin + place % dim)
                worth.append(sign)
            for pair in pairwise(words):
                place, sign = _hashed("\x1f".join(pair))
                at.append(begin + place % dim)
                worth.append(sign * _PAIR)
        made = np.bincount(np.array(at, dtype=np.intp), np.array(worth, dtype=np.float64), len(texts) * dim)
        return rounded(made.reshape(len(texts), dim))


class SentenceTransformer:
    """A sentence-transformers model in this process; the package is the extra `embeddings`."""

    def __init__(self, model: str, device: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer as Model
        except ImportError as error:
            told = "the embedder sentence-transformers needs a package: pip install 'simsoc[embeddings]'"
            raise ScenarioError.at("minds.memory.embedder", told) from error
        self._model = Model(model, device=device)
        self.dim = int(self._model.get_sentence_embedding_dimension())
        self._one = lru_cache(maxsize=8192)(self._vector)

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One row a text, embedded one by one: in a batch, a text's numbers depend on its neighbours' lengths."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return np.stack([self._one(text) for text in texts])

    def _vector(self, text: str) -> Vectors:
        vector: Vectors = rounded(np.asarray(self._model.encode([text], show_progress_bar=False)))[0]
        vector.flags.writeable = False
        return vector


class Served:
    """Vectors of `dim` numbers that a server is asked for; nothing is had at once."""

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Never called."""
        raise WorldError("vectors from a server have to be asked for")


# -- on the shelf --------------------------------------------------------------------------------------------------


def lexical(*, dim: Annotated[int, Field(ge=16, le=4096)] = 384) -> Embedder:
    """Hashed words and word pairs; no model, no download, the same on every machine.

    dim: numbers in a vector.

    Source: Weinberger et al. 2009, arXiv 0902.2206.
    """
    return Lexical(dim)


@needs("sentence-transformers", "transformers", "torch")
def sentence_transformers(*, model: str = "all-MiniLM-L6-v2", device: str = "cpu") -> Embedder:
    """A sentence-transformers model, run in this process (extra `embeddings`; the model may have to be downloaded).

    model: name or folder of the model.
    device: where it runs; results may differ in the last digits between devices.
    """
    return SentenceTransformer(model, device)


@needs("aiohttp")
def openai(
    *,
    model: str = "text-embedding-3-small",
    dim: Annotated[int, Field(ge=2, le=8192)] = 1536,
    shorten: bool = False,
    base_url: str | None = None,
    key_from: str | None = None,
    slots: Annotated[int, Field(ge=1, le=10_000)] = 16,
    retries: Annotated[int, Field(ge=0, le=50)] = 5,
) -> Embedder:
    """Embeddings of OpenAI, or of any server that offers `/embeddings`: asked for, logged, replayed, paid for once.

    model: name of the embedding model.
    dim: numbers in a vector, as the model has them.
    shorten: whether the server is asked for vectors of `dim` numbers, which newer models of OpenAI can give.
    base_url: address of another server.
    key_from: environment variable that holds the key; OPENAI_API_KEY when not given.
    slots: most calls in flight at once.
    retries: further tries after an error of the server or the wire.

    Source: OpenAI API, embeddings.
    """
    return Served(dim)
