"""What the decisions of a mind may be answered with, and how long texts may be.

Lists are asked for in a number that the prompt tells; fewer or more are read, and what is too many is not used.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from simsoc.core.answers import Choice, Form, Number, Record, Words

Sentence = Annotated[str, Field(min_length=1, max_length=400)]
Activity = Annotated[str, Field(min_length=1, max_length=160)]
Listed = Annotated[int, Field(ge=0, le=1000)]
"""The number of something that is listed in the prompt, from 1; what is not there is dropped and counted."""


class Questions(BaseModel):
    """The most salient high-level questions."""

    questions: Annotated[list[Sentence], Field(min_length=1, max_length=10)]


class Insight(BaseModel):
    """A high-level insight and the numbers of the statements it follows from."""

    insight: Sentence
    because_of: Annotated[list[Listed], Field(max_length=50)]


class Insights(BaseModel):
    """What can be concluded."""

    insights: Annotated[list[Insight], Field(min_length=1, max_length=20)]


class DayItems(BaseModel):
    """A day in broad strokes."""

    items: Annotated[list[Sentence], Field(min_length=1, max_length=20)]


class Hours(BaseModel):
    """What is done in each hour, in order."""

    activities: Annotated[list[Activity], Field(min_length=1, max_length=24)]


class Task(BaseModel):
    """A part of a block."""

    activity: Activity
    minutes: Annotated[int, Field(ge=1, le=1440)]


class Pieces(BaseModel):
    """A block in smaller pieces, in order."""

    pieces: Annotated[list[Task], Field(min_length=1, max_length=60)]


class Utterance(BaseModel):
    """What is said next, and whether the conversation is over with it."""

    utterance: Annotated[str, Field(min_length=1, max_length=800)]
    ends: bool


class Gist(BaseModel):
    """What stays of a conversation."""

    about: Annotated[str, Field(min_length=1, max_length=300)]
    to_plan: Annotated[list[Sentence], Field(max_length=3)]
    notable: Annotated[list[Sentence], Field(max_length=3)]


class Result(BaseModel):
    """What came of a task, and whether the objective is met with it."""

    result: Annotated[str, Field(min_length=1, max_length=2000)]
    objective_met: bool


class NewTasks(BaseModel):
    """Tasks that follow from a result; none where there is nothing more to do."""

    tasks: Annotated[list[Activity], Field(max_length=20)]


class Ranking(BaseModel):
    """Numbers of all tasks, the first to be done first."""

    order: Annotated[list[Listed], Field(min_length=1, max_length=100)]


YES_NO = Choice(("yes", "no"))
ONE_SENTENCE = Words(400)
SUMMARY = Words(2000)

FORMS: dict[str, tuple[str, Form]] = {
    "importance": ("importance", Number(1, 10, integer=True)),
    "questions": ("reflect/questions", Record(Questions)),
    "insights": ("reflect/insights", Record(Insights)),
    "wake": ("plan/wake", Number(0, 23, integer=True)),
    "day": ("plan/day", Record(DayItems)),
    "hours": ("plan/hours", Record(Hours)),
    "pieces": ("plan/pieces", Record(Pieces)),
    "rewrite": ("plan/rewrite", Record(Pieces)),
    "status": ("plan/status", Words(1000)),
    "approach": ("react/approach", YES_NO),
    "wait": ("react/wait", Choice(("wait", "go on"))),
    "relate": ("talk/relate", ONE_SENTENCE),
    "say": ("talk/say", Record(Utterance)),
    "gist": ("talk/gist", Record(Gist)),
    "task": ("tasks/do", Record(Result)),
    "new_tasks": ("tasks/create", Record(NewTasks)),
    "rank": ("tasks/order", Record(Ranking)),
    "sum_up": ("sum_up", SUMMARY),
}
"""Decisions of a mind by name, which is also that of prompt template and rule: purpose and form."""
