"""What the minds of a run have in common: their decisions with rules, how memories are scored, how long prompts may be.

One `Generative` serves all agents and holds nothing of any of them: what an agent remembers is a `Memory` in the
world's hands, and what it is at its turn is a `Me`. The parts of a mind are generators in the files beside this one,
each called with the `Generative` and a `Me` first.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from simsoc.core.errors import ScenarioError
from simsoc.core.shelf import Shelf
from simsoc.core.words import ChoiceMode, Decision, Rule

from .asking import Me, Page
from .embed import Embedder, Lexical, Served
from .forms import FORMS
from .memory import Memory, Vectors, View
from .records import Draft, Kind, Record
from .retrieval import Found, Recall, merged, retrieve
from .spec import DaySpec, DialogueSpec, GenerativeSpec, NoSpec, ReflectionSpec, TasksSpec
from .tokens import Counter, Space, about_tokens

SUMS_UP = "sums up"
"""Predicate of the thought that is a running summary (memory mode `reflective`)."""
_MOST = 100  # records for each of several queries, where only the prompt sets an end


class Outcome(Struct, frozen=True, kw_only=True):
    """What a part of a mind came to. A world puts it into an event, and into the memory when that is folded."""

    drafts: tuple[Draft, ...] = ()
    """To be stored, in this order."""
    recalled: tuple[int, ...] = ()
    """Numbers of the records that came to mind: to be touched."""
    counts: dict[str, int] = {}
    """What was dropped, left out or not answered, by name."""
    vectors: dict[int, str] = {}
    """By number of a record, its vector, packed; where vectors are asked for (embedding.py)."""


class NoMinds:
    """No minds: the world decides by itself."""

    Spec = NoSpec


class Generative:
    """Generative agents: memory stream, reflection, plans, talk.

    Park et al. 2023, arXiv 2304.03442. `false` switches a part off, which makes the published ablations.
    """

    Spec = GenerativeSpec

    def __init__(
        self,
        spec: GenerativeSpec,
        shelves: Mapping[str, Shelf],
        choice: ChoiceMode = "sample",
        count: Counter = about_tokens,
        more: Mapping[str, Any] | None = None,
        asks_vectors: bool = False,
    ) -> None:
        """`shelves` has `mind_rules` and `embedders`; `count` tells the tokens of a text.

        asks_vectors: whether the world lets its people ask for vectors (embedding.py); raises ScenarioError
        where it does not, and they would have to.
        more: parameters that a world gives to those rules that name them (`stated`: what news is passed on how often).
        """
        self.spec = spec
        self._count = count
        parameters = {**spec.rules.parameters(), **(more or {})}
        self._decisions = _decisions(shelves["mind_rules"].get(spec.rules.kind), parameters, choice)
        self._remembers = spec.memory or None
        part = spec.memory.embedder if spec.memory else None
        kind, given = (part.kind, part.parameters()) if part is not None else ("lexical", {})
        self.embed: Embedder = shelves["embedders"].get(kind)(**given)
        if isinstance(self.embed, Served) and not asks_vectors:
            told = f"'{kind}' has to be asked, which people of this world do not do; write e.g. lexical"
            raise ScenarioError.at("minds.memory.embedder", told)
        self.alike: Embedder = Lexical() if isinstance(self.embed, Served) else self.embed
        """What tells at once how alike two texts are."""

    # -- which parts there are ----------------------------------------------------------------------------------

    def decision(self, name: str) -> Decision:
        """A decision by name (forms.FORMS)."""
        return self._decisions[name]

    def decisions(self) -> list[Decision]:
        """Every decision."""
        return list(self._decisions.values())

    @property
    def retrieves(self) -> bool:
        """Whether what comes to mind depends on what is looked for."""
        return self._remembers is not None and self._remembers.mode == "stream"

    @property
    def reflection(self) -> ReflectionSpec | None:
        """How these minds reflect; None when they do not, or remember nothing."""
        return self.spec.reflection or None if self._remembers is not None else None

    @property
    def dialogue(self) -> DialogueSpec | None:
        """How these minds talk; None when they do not."""
        return self.spec.dialogue or None

    @property
    def day(self) -> DaySpec | None:
        """How these minds plan their days; None when they do not."""
        given = self.spec.planning.given if self.spec.planning else None
        return given if isinstance(given, DaySpec) else None

    @property
    def tasks(self) -> TasksSpec | None:
        """How these minds work on a list of tasks; None when they do not."""
        given = self.spec.planning.given if self.spec.planning else None
        return given if isinstance(given, TasksSpec) else None

    # -- memory -------------------------------------------------------------------------------------------------

    def memory(self) -> Memory:
        """An empty memory for one agent."""
        spec = self._remembers
        keep = spec.keep if spec is not None else None
        lowest = spec.scoring().lowest if spec is not None and keep is not None else None
        enforce = spec is not None and spec.expire
        later = isinstance(self.embed, Served)
        return Memory(self.embed, self.embed.dim, keep=keep, lowest=lowest, enforce=enforce, later=later)

    def page(self, me: Me) -> Page:
        """An empty page of facts for a decision of this agent."""
        return Page(me, Space(self.spec.tokens, self._count))

    def recall(
        self,
        view: View,
        queries: Sequence[str],
        page: Page,
        *,
        top: int | None = None,
        kinds: Sequence[Kind] | None = None,
        vectors: Sequence[Vectors | None] | None = None,
    ) -> Recall:
        """What comes to mind for some queries, as far as it fits on the page; by the mode of the memory.

        vectors: those of the queries, where they were asked for; without one, relevance plays no part.
        top: most records; as the scenario says when not given. The records take their space, but are not put on the
        page: `page.records` does that.
        """
        spec, now = self._remembers, page.me.now
        if spec is None:
            return Recall()
        if spec.mode != "stream":
            return _in_order(view, page, reflective=spec.mode == "reflective")
        top, how = spec.top if top is None else top, spec.scoring()
        if vectors is None:
            vectors = [None] * len(queries) if isinstance(self.embed, Served) else list(self.embed(queries))
        if len(queries) == 1:
            return retrieve(view, vectors[0], now, how, kinds=kinds, top=top, space=page.space)
        most = _MOST if top is None else top
        several = [retrieve(view, vector, now, how, kinds=kinds, top=most) for vector in vectors]
        return merged(several, most, page.space)

    def latest(
        self, view: View, page: Page, most: int | None = None, kinds: Sequence[Kind] | None = None
    ) -> tuple[list[Record], int]:
        """The newest records that fit on the page, oldest first, and how many more there would have been."""
        if self._remembers is None:
            return [], 0
        return _newest(view, page, most, kinds)


def _decisions(family: Any, parameters: Mapping[str, Any], choice: ChoiceMode) -> dict[str, Decision]:
    """Every decision with its rule, where the family has one; a rule gets those parameters that it names."""
    made = {}
    for name, (purpose, form) in FORMS.items():
        function = getattr(family, name, None)
        rule = None
        if function is not None:
            wanted = inspect.signature(function).parameters
            rule = Rule(
                f"{family.__name__.lower()}.{name}", function, {k: parameters[k] for k in wanted if k in parameters}
            )
        made[name] = Decision(purpose, f"minds/{name}", form, rule, choice)
    return made


def _newest(view: View, page: Page, most: int | None, kinds: Sequence[Kind] | None) -> tuple[list[Record], int]:
    records = view.latest(most, page.me.now, kinds)[::-1]
    taken = page.space.last([record.text for record in records])
    return [records[i] for i in taken], len(records) - len(taken)


def running_summary(view: View, now: float) -> Record | None:
    """The latest running summary in a memory, or None."""
    for record in view.latest(None, now, ("thought",)):
        if record.triple is not None and record.triple[1] == SUMS_UP:
            return record
    return None


def _in_order(view: View, page: Page, *, reflective: bool) -> Recall:
    """Memory without retrieval (methods.md 5C): everything as it came, or the running summary alone."""
    if reflective:
        summary = running_summary(view, page.me.now)
        records, left_out = ([summary], 0) if summary is not None else ([], 0)
        if summary is not None and not page.space.take(summary.text):
            records, left_out = [], 1
    else:
        records, left_out = _newest(view, page, None, None)
    return Recall(tuple(Found(record, 0.0, 0.0, 0.0, 0.0) for record in reversed(records)), left_out)
