"""Surveys as a scenario writes them: at which steps, and what is asked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from simsoc.core.shelf import Strict

Step = Annotated[int, Field(ge=0, le=10_000_000)]
KINDS = ("choice", "scale", "number", "text")
"""What may be answered; a question has one of these keys."""
LONGEST = 2000
"""Characters of a free answer, where nothing else is said."""


class Every(Strict):
    """Again and again."""

    model_config = ConfigDict(populate_by_name=True)

    every: Annotated[int, Field(ge=1)]
    """Steps from one time to the next."""
    from_: Annotated[Step, Field(alias="from")] = 0
    """The step of the first time; 0 is the start."""
    until: Step | None = None
    """No later than after this step."""

    @field_validator("until")
    @classmethod
    def _in_time(cls, until: int | None, info: ValidationInfo) -> int | None:
        first = info.data.get("from_", 0)
        if until is not None and until < first:
            raise ValueError(f"until must not be before from ({until} and {first})")
        return until


Moment = Step | Literal["end"] | Every
"""When a survey is held: after a step, after the last one, or after every so many."""


def held_after(at: tuple[Moment, ...], step: int, *, last: bool) -> bool:
    """Whether a survey is held after a step. last: whether the run ends with it."""
    return any(_falls_on(moment, step, last) for moment in at)


def _falls_on(moment: Moment, step: int, last: bool) -> bool:
    if isinstance(moment, Every):
        since = step - moment.from_
        return since >= 0 and since % moment.every == 0 and (moment.until is None or step <= moment.until)
    return last if moment == "end" else step == moment


class Question(Strict):
    """One question, and what may be answered: one of `choice`, `scale`, `number` and `text`."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
    """Short name of letters, digits, dots and dashes; a column of the answers."""
    ask: Annotated[str, Field(min_length=1, max_length=4000)]
    """The question in words."""
    choice: Annotated[tuple[str, ...], Field(min_length=2, max_length=500)] | None = None
    """One of these options, in canonical order."""
    scale: tuple[int, int] | None = None
    """A whole number from the first to the second."""
    number: tuple[float, float] | None = None
    """Any number from the first to the second."""
    text: Literal[True] | Annotated[int, Field(ge=40, le=20_000)] | None = None
    """Words; a number is how many characters they may have (2000 with `true`)."""

    @model_validator(mode="after")
    def _one_form(self) -> Question:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            met = f" (got {' and '.join(given)})" if given else ""
            raise ValueError(f"what may be answered? Say one of {', '.join(KINDS)}{met}")
        if self.choice is not None and len(set(self.choice)) != len(self.choice):
            raise ValueError("the options of a choice must differ from each other")
        low, high = self.scale or self.number or (0, 1)
        if not low < high:
            raise ValueError(f"{given[0]} goes from the lower to the higher end ({low:g} and {high:g})")
        return self

    @property
    def kind(self) -> str:
        """Which of `KINDS` is answered."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)
