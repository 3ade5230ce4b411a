"""Keys under `prompting`: how decisions are put to a model, as a variable of the experiment (methods.md 6A, 6C, 9)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from simsoc.core.shelf import Strict

from .short import Listed, Short

PersonaStyle = Literal["plain", "survey", "first_person", "interview", "none"]
"""How an agent is told who it is: `Your age is 36.`, the sentences of a survey, `My age is 36.`, an interview, not."""


class Persona(Short):
    """What an agent is told about itself, and how. What is not told is not there for rules either."""

    short: ClassVar[str] = "style"

    style: Literal["auto", "plain", "survey", "first_person", "interview", "none"] = "auto"
    """The wording; `auto` is `survey` for people of a survey, and `plain` for others; `none` tells nothing."""
    without: Annotated[tuple[str, ...], Listed()] = ()
    """Traits that are not told, each with all that say the same (`party` is `party7` and `partisan`, too)."""
    only: Annotated[tuple[str, ...], Listed()] | None = None
    """The traits that are told; all when not given."""
    also: Annotated[tuple[str, ...], Listed()] = ()
    """Traits that are told although a survey's persona leaves them out, such as single issues."""
    politics: Literal["all", "talkers"] = "all"
    """Whether everybody's politics are told, or those of people alone who ever talk about politics."""
    nonce: bool | dict[str, str] = False
    """Made-up words for parties and candidates, drawn with the seed; or a mapping from word to what stands for it."""
    shuffled: bool = False
    """Whether everybody is told what is true of somebody else: those there at the start, permuted by lot."""


class Example(Strict):
    """A decision with the answer that was given, shown to a model before its own."""

    shown: str | None = None
    """What was shown, as text; it stands where the prompt stands."""
    facts: dict[str, Any] | None = None
    """Or the facts of the decision, put into its own prompt template; what is left out is empty there."""
    answer: Any
    """The answer, as the log has it (a label will do); with `choice: elicit` a probability for each option."""
    reasoning: str | None = None
    """What was thought before it; shown, and needed, where models reason."""

    @model_validator(mode="after")
    def _one_way(self) -> Example:
        if (self.shown is None) == (self.facts is None):
            raise ValueError("say either 'shown' (a text) or 'facts' (for the prompt template)")
        return self


class Prompting(Strict):
    """How decisions are put to a model. Rules take no notice of it, but for the persona they may read, too."""

    examples: dict[str, Annotated[tuple[Example, ...], Field(min_length=1)]] | str = Field(default_factory=dict)
    """By purpose, examples shown as earlier turns: `shown` or `facts`, `answer`, `reasoning`; or a file of them."""
    reasoning: bool | tuple[str, ...] = False
    """Whether a model reasons in words before it answers: in every decision, or in those with these purposes."""
    persona: Persona = Persona()
    """What an agent is told about itself, and how: a style, or a mapping with more."""

    def reasons(self, purpose: str) -> bool:
        """Whether a model reasons before it answers a decision of this purpose."""
        return self.reasoning if isinstance(self.reasoning, bool) else purpose in self.reasoning
