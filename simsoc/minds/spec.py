"""Keys of `minds` in a scenario file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from simsoc.core.shelf import Strict
from simsoc.scenario.spec import Named, Part

from .retrieval import PAPER, RELEASED, Scoring

Probability = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1000)]


def _on(value: Any) -> Any:
    """`true` is the part with its usual settings."""
    return {} if value is True else value


class Weights(Strict):
    """Weights of the three components of a memory's score."""

    recency: Weight = 1.0
    """Of how recently it was accessed."""
    importance: Weight = 1.0
    """Of how much it matters."""
    relevance: Weight = 1.0
    """Of how much it has to do with what is asked."""


class MemorySpec(Strict):
    """What is remembered, and what comes to mind."""

    mode: Literal["stream", "cumulative", "reflective"] = "stream"
    """Read by retrieval; or all of it in order (`cumulative`), or as a running summary (`reflective`)."""
    recency: Annotated[float, Field(gt=0, le=1)] = 0.995
    """What is left of a memory's recency after each game hour without access."""
    weights: Literal["paper", "released"] | Weights = "paper"
    """Weights of recency, importance and relevance: `paper` 1, 1, 1; `released` 0.5, 2, 3."""
    inverted: bool = False
    """Recency upside down, by rank, as in the released code: a fault, for comparison alone."""
    top: Annotated[int, Field(ge=1, le=100)] | None = 30
    """Most memories that come to mind at once; as many as fit in the prompt when null."""
    keep: Annotated[int, Field(ge=1)] | None = None
    """Most memories kept; the lowest by recency and importance are forgotten, never what a kept one rests on."""
    expire: bool = False
    """Whether thoughts no longer count 30 days after they were had."""
    embedder: Annotated[Part, Named("embedders")] = Field(default="lexical", validate_default=True)
    """How it is told what texts have to do with each other: `simsoc list embedders`."""

    def scoring(self) -> Scoring:
        """How records are scored."""
        w = {"paper": PAPER, "released": RELEASED}[self.weights] if isinstance(self.weights, str) else self.weights
        return Scoring(self.recency, w.recency, w.importance, w.relevance, self.inverted)


class ReflectionSpec(Strict):
    """When and how much is thought about what was perceived."""

    threshold: Annotated[float, Field(gt=0)] = 150
    """Importance of perceived events, summed up, at which the agent reflects (paper 150, released town 250)."""
    recent: Annotated[int, Field(ge=1, le=1000)] = 100
    """Most recent memories from which questions are made."""
    questions: Annotated[int, Field(ge=1, le=10)] = 3
    """Questions the agent asks itself."""
    insights: Annotated[int, Field(ge=1, le=20)] = 5
    """Insights for each question."""


class DialogueSpec(Strict):
    """How two agents talk."""

    rounds: Annotated[int, Field(ge=1, le=50)] = 8
    """Most rounds of two utterances."""
    cooldown: Annotated[float, Field(ge=0)] = 133
    """Game minutes before the same two may talk again (published: 8000 seconds)."""
    about_partner: Annotated[int, Field(ge=1, le=100)] = 50
    """Memories about the partner from which the relationship is summed up."""
    per_utterance: Annotated[int, Field(ge=1, le=100)] = 15
    """Memories that come to mind before an utterance."""


class DaySpec(Strict):
    """Plans by the day, the hour and the quarter of an hour."""

    items: Annotated[int, Field(ge=1, le=20)] = 8
    """Most things a day consists of, in broad strokes."""
    distinct: Annotated[int, Field(ge=1, le=24)] = 5
    """Different activities an hourly plan should have, or it is asked for again."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """Most hourly plans asked for; the most varied is taken."""
    ahead: Annotated[int, Field(ge=1, le=1440)] = 120
    """Game minutes before it begins, an hour's activity is taken to pieces of 5 to 15 minutes."""


class TasksSpec(Strict):
    """A list of tasks towards an objective."""

    objective: Annotated[str, Field(max_length=400)] = ""
    """What is to be achieved, where a person has no trait `objective`."""
    first: Annotated[str, Field(min_length=1, max_length=160)] = "Make a list of what has to be done"
    """The task it begins with."""
    queue: Annotated[int, Field(ge=1, le=100)] = 20
    """Most tasks waiting; new ones beyond that are dropped and counted."""
    calls: Annotated[int, Field(ge=3)] = 60
    """Most calls an agent makes for its tasks; each task that is done takes three."""
    recalled: Annotated[int, Field(ge=1, le=100)] = 5
    """Memories that come to mind while a task is done."""
    alike: Annotated[float, Field(gt=0, le=1)] = 0.9
    """A new task more alike (cosine) to one there is or was is dropped."""


class NoSpec(Strict):
    """No keys."""


class GenerativeSpec(Strict):
    """Generative agents: what a mind consists of. `false` switches a part off."""

    memory: Annotated[MemorySpec | Literal[False], BeforeValidator(_on)] = Field(default={}, validate_default=True)
    """What is remembered and comes to mind; without it nothing does, and there is no reflection either."""
    reflection: Annotated[ReflectionSpec | Literal[False], BeforeValidator(_on)] = ReflectionSpec()
    """Thinking about what was perceived."""
    planning: Annotated[Part, Named("planners", key="planner", default="day")] | Literal[False] = Field(
        default="day", validate_default=True
    )
    """What the agent means to do: `planning: {planner: day}`, `tasks` or `none`; `simsoc list planners`."""
    dialogue: Annotated[DialogueSpec | Literal[False], BeforeValidator(_on)] = DialogueSpec()
    """Talking to others."""
    rules: Annotated[Part, Named("mind_rules")] = Field(default="everyday", validate_default=True)
    """How a mind decides when no model is asked: `simsoc list mind_rules`."""
    retention: Annotated[int, Field(ge=0)] = 5
    """Events stored last; one that is the same is nothing new (released code 5, its 25-agent town 8)."""
    tokens: Annotated[int, Field(ge=1000, le=1_000_000)] = 3000
    """Most tokens of a prompt, at four bytes each and 400 of them for the template's own words; the least relevant
    memories are left out first, and it is told how many."""
