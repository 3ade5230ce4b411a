"""The family of rules on the shelf: one static method for each decision of a mind, by its name in `forms.FORMS`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simsoc.core.shelf import Strict

from . import planning, talking, weighing, working

Probability = Annotated[float, Field(ge=0, le=1)]


class EverydaySpec(Strict):
    """Probabilities of the everyday rules."""

    approach: Probability = 0.3
    """Probability that an agent begins to talk to somebody it notices, where the two may talk."""
    pass_on: Probability = 0.5
    """Probability that a talker tells an item that comes to its mind."""
    worth: Annotated[int, Field(ge=1, le=10)] = 6
    """Importance from which a memory is an item worth telling."""
    attend: Probability = 0.5
    """Probability that an occasion an agent knows of is put into the plan of its day."""
    wait: Probability = 0.5
    """Probability that an agent waits for whoever uses what it is heading for."""
    tasks: Annotated[int, Field(ge=0, le=20)] = 0
    """New tasks that follow from each task that is done (`planner: tasks`)."""


class Everyday:
    """Plans from routines, importance from words, reflection by counting, and talk that passes news on.

    The probabilities are settings, not measurements; the scale of importance is anchored at the published examples
    (Park et al. 2023, arXiv 2304.03442).
    """

    Spec = EverydaySpec

    importance = staticmethod(weighing.importance)
    questions = staticmethod(weighing.questions)
    insights = staticmethod(weighing.insights)
    status = staticmethod(weighing.status)
    sum_up = staticmethod(weighing.sum_up)
    wake = staticmethod(planning.wake)
    day = staticmethod(planning.day)
    hours = staticmethod(planning.hours)
    pieces = staticmethod(planning.pieces)
    rewrite = staticmethod(planning.rewrite)
    wait = staticmethod(planning.wait)
    approach = staticmethod(talking.approach)
    relate = staticmethod(talking.relate)
    say = staticmethod(talking.say)
    gist = staticmethod(talking.gist)
    task = staticmethod(working.task)
    new_tasks = staticmethod(working.new_tasks)
    rank = staticmethod(working.rank)
