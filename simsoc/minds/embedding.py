"""Vectors that come from a server: asked for like anything else, so that they are logged, replayed and paid for once.

What is stored has no vector yet. At the beginning of its next turn an agent asks for those that are missing, all in one
call, and the world keeps them when the turn is applied; until then nothing could have come to its mind anyway. What
memories are looked for with is asked for in the turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from simsoc.core.answers import Record
from simsoc.core.calls import EMBED
from simsoc.core.errors import ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.stream import Stream
from simsoc.core.vectors import Vectors, packed, unpacked
from simsoc.core.words import Answer, Decision, Rule
from simsoc.scenario.spec import BackendSpec, Part

from .asking import Counts, Me, Page, Thinking
from .embed import Lexical, Served
from .memory import View
from .mind import Generative, Outcome
from .records import Kind, spoken
from .retrieval import Recall

_MOST = 64  # texts in one call
_LONGEST = 8000  # characters of a text that are sent


class Embedded(BaseModel):
    """The vectors of some texts, each as `simsoc.core.vectors.packed` writes it."""

    vectors: Annotated[list[Annotated[str, Field(max_length=50_000)]], Field(min_length=1, max_length=_MOST)]


def lexical(facts: Facts, stream: Stream, *, dim: int) -> dict[str, Any]:
    """Hashed words, where no server is asked."""
    return {"vectors": [packed(vector) if vector.any() else "" for vector in Lexical(dim)(facts["texts"])]}


def decision(embedder: Served) -> Decision:
    """The decision whose answer is a list of vectors."""
    return Decision("embed", EMBED, Record(Embedded), Rule("embed.lexical", lexical, {"dim": embedder.dim}))


def server(minds: Part | None) -> BackendSpec | None:
    """Who is asked for vectors in a scenario with these minds, or None."""
    memory = getattr(minds.given, "memory", None) if minds is not None else None
    part = memory.embedder if memory else None
    if part is None or part.kind != "openai":
        return None
    given = part.parameters()
    extra = {"dimensions": given["dim"]} if given["shorten"] else {}
    told = {key: given[key] for key in ("base_url", "key_from", "slots", "retries")}
    return BackendSpec(model=f"openai-embeddings/{given['model']}", extra=extra, **told)


def vectors_of(mind: Generative, me: Me, texts: Sequence[str], counts: Counts) -> Thinking[list[str | None]]:
    """The packed vectors of texts, in as few calls as there can be; None for those that were not answered."""
    embedder = mind.embed
    assert isinstance(embedder, Served)
    found: list[str | None] = []
    for start in range(0, len(texts), _MOST):
        some = [text[:_LONGEST] or " " for text in texts[start : start + _MOST]]
        ask = me.ask(decision(embedder), Facts({"count": len(some)}, {"texts": _constant(some)}))
        reply = yield ask
        if isinstance(reply, Answer) and len(reply.value["vectors"]) == len(some):
            found += reply.value["vectors"]
        else:
            counts.add("silent embed")
            found += [None] * len(some)
    return found


def _constant(texts: list[str]) -> Any:
    return lambda facts: texts


def vector_of(text: str, dim: int) -> Vectors:
    """A packed vector; an empty text is one of zeros. Raises ScenarioError for one of another length."""
    vector = unpacked(text) if text else unpacked(packed([0.0] * dim))
    if len(vector) != dim:
        told = f"the server's vectors have {len(vector)} numbers, not {dim}; write dim: {len(vector)}"
        raise ScenarioError.at("minds.memory.embedder.dim", told)
    return vector


def caught_up(mind: Generative, me: Me, view: View) -> Thinking[tuple[View, Outcome]]:
    """The memory with the vectors that were missing, and these for the world to keep. Nothing where none come later."""
    missing = view.blank() if isinstance(mind.embed, Served) else []
    if not missing:
        return view, Outcome()
    counts = Counts()
    records = [view.get(n) for n in missing]
    found = yield from vectors_of(mind, me, [spoken(r.text, r.said) for r in records], counts)
    kept = {n: vector for n, vector in zip(missing, found, strict=True) if vector is not None}
    vectors = {n: vector_of(vector, mind.embed.dim) for n, vector in kept.items()}
    return view.filled(vectors), Outcome(vectors=kept, counts=counts)


def recollect(
    mind: Generative,
    me: Me,
    view: View,
    queries: Sequence[str],
    page: Page,
    *,
    top: int | None = None,
    kinds: Sequence[Kind] | None = None,
    counts: Counts | None = None,
) -> Thinking[Recall]:
    """As `Generative.recall`; where vectors come from a server, those of the queries are asked for first."""
    if not isinstance(mind.embed, Served) or not mind.retrieves or not view.count:
        return mind.recall(view, queries, page, top=top, kinds=kinds)
    found = yield from vectors_of(mind, me, queries, counts if counts is not None else Counts())
    vectors = [None if one is None else vector_of(one, mind.embed.dim) for one in found]
    return mind.recall(view, queries, page, top=top, kinds=kinds, vectors=vectors)
