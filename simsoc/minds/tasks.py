"""A list of tasks towards an objective, as an alternative to plans by the day (methods.md 7).

One round takes the first task, does it, thinks of new tasks, and puts the list in order: three calls. What the
published loop lacks is mended here: what comes to mind is in the prompt; a list that does not name every task loses
none, the others follow in the order they had; a list that was not answered leaves the order alone; queue and calls have
an end; near-duplicates (cosine above 0.9 to a task that is waiting or was done) are dropped; and it stops where the
objective is said to be met. Source: Nakajima 2023, BabyAGI.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from simsoc.core.words import Identity

from .asking import Counts, Me, Page, Thinking
from .embedding import recollect
from .memory import View
from .mind import Generative, Outcome
from .records import PLANS_WEIGH, Draft
from .spec import TasksSpec

CALLS = 3
"""Of one round: execution, creation, prioritisation."""
_TEXT = 0.15  # shares of a prompt
_RESULT = 0.3
_DONE = 200  # tasks done last that a new one is compared with


class Task(Struct, frozen=True):
    """Something to be done."""

    id: int
    text: str


class Tasks(Struct, frozen=True):
    """The list of an agent; ids count up in order of creation and are never used again."""

    objective: str
    queue: tuple[Task, ...]
    done: tuple[str, ...] = ()
    """Tasks that were done, the last ones."""
    next_id: int = 2
    calls: int = 0
    """Asks so far."""
    met: bool = False
    """Whether the objective is said to be met."""

    def plain(self) -> dict[str, Any]:
        """As JSON-able content of an event."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        return made

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """From the content of an event. Raises msgspec.ValidationError."""
        return msgspec.convert(content, cls)


class Worked(Outcome, frozen=True, kw_only=True):
    """The list after a round."""

    tasks: Tasks


class TaskList:
    """A list of tasks towards an objective, done one by one.

    Nakajima 2023, BabyAGI, with the faults of its loop mended.
    """

    Spec = TasksSpec


def begin(spec: TasksSpec, objective: str | None = None) -> Tasks:
    """The list an agent begins with."""
    return Tasks(objective or spec.objective, (Task(1, spec.first),))


def over(spec: TasksSpec, tasks: Tasks) -> str | None:
    """Why there is nothing more to do (`met`, `done`, `calls`), or None."""
    if tasks.met:
        return "met"
    if not tasks.queue:
        return "done"
    return "calls" if tasks.calls + CALLS > spec.calls else None


def work(mind: Generative, me: Me, view: View, tasks: Tasks) -> Thinking[Worked]:
    """One round; the result is remembered as a thought. Nothing is asked where it is `over`.

    A task for which no answer came goes to the end of the list. Nothing follows a round without a result, or one that
    meets the objective; and a list that shows fewer than two tasks is in order already.
    """
    spec = mind.tasks
    assert spec is not None
    if over(spec, tasks) is not None:
        return Worked(tasks=tasks)
    counts = Counts()
    task, waiting = tasks.queue[0], tasks.queue[1:]
    page = _page(mind, me, tasks)
    page.text("task", task.text, _TEXT)
    recall = yield from recollect(mind, me, view, [f"{tasks.objective} {task.text}"], page, top=spec.recalled)
    counts.add("left out", recall.left_out)
    page.records(recall.records, recall.left_out)
    ask = me.ask(mind.decision("task"), page.facts({"id": task.id}))
    answer = counts.heard(ask, (yield ask))
    tasks = replace(tasks, queue=waiting, calls=tasks.calls + 1)
    if answer is None:
        tasks = replace(tasks, queue=(*waiting, task))
        return Worked(tasks=tasks, recalled=recall.numbers, counts=counts)
    result = answer["result"].strip()
    tasks = replace(tasks, done=(*tasks.done, task.text)[-_DONE:], met=answer["objective_met"])
    if not tasks.met:
        tasks = yield from _create(mind, me, spec, tasks, task, result, counts)
        tasks = yield from _order(mind, me, tasks, counts)
    draft = _remembered(me, task, result, ask.identity)
    return Worked(tasks=tasks, drafts=(draft,), recalled=recall.numbers, counts=counts)


def _remembered(me: Me, task: Task, result: str, ask: Identity) -> Draft:
    """A result as a memory; it weighs as a plan does, without asking."""
    text = f"{me.name} did: {task.text}. Result: {result}"
    return Draft("thought", text, PLANS_WEIGH, (me.name, "did", task.text), (me.name, "task"), ask=ask)


def _page(mind: Generative, me: Me, tasks: Tasks) -> Page:
    page = mind.page(me)
    page.text("objective", tasks.objective, _TEXT)
    return page


def _create(
    mind: Generative, me: Me, spec: TasksSpec, tasks: Tasks, task: Task, result: str, counts: Counts
) -> Thinking[Tasks]:
    """New tasks at the end of the list; duplicates and what is beyond its length are dropped and counted."""
    page = _page(mind, me, tasks)
    page.text("task", task.text, _TEXT)
    page.text("result", result, _RESULT)
    texts = [t.text for t in tasks.queue]
    kept = page.space.first(texts)
    page.shown["tasks"] = [texts[i] for i in kept]
    ask = me.ask(mind.decision("new_tasks"), page.facts({"left_out": len(texts) - len(kept)}))
    answer = counts.heard(ask, (yield ask))
    tasks = replace(tasks, calls=tasks.calls + 1)
    for given in (answer or {"tasks": []})["tasks"]:
        text = given.strip()
        if len(tasks.queue) >= spec.queue:
            counts.add("tasks beyond the queue")
        elif _known(mind, text, [*tasks.done, task.text, *(t.text for t in tasks.queue)], spec.alike):
            counts.add("tasks repeated")
        else:
            queue = (*tasks.queue, Task(tasks.next_id, text))
            tasks = replace(tasks, queue=queue, next_id=tasks.next_id + 1)
    return tasks


def _known(mind: Generative, text: str, others: Sequence[str], alike: float) -> bool:
    """Whether a text is more alike to one of the others than that, or the same."""
    if text in others:
        return True
    vectors = mind.alike([text, *others])
    return bool(np.einsum("ij,j->i", vectors[1:], vectors[0]).max(initial=-1.0) > alike)


def _order(mind: Generative, me: Me, tasks: Tasks, counts: Counts) -> Thinking[Tasks]:
    """The list in the order answered: by number from 1, as listed. What is not named follows in the order it had."""
    page = _page(mind, me, tasks)
    texts = [t.text for t in tasks.queue]
    kept = list(page.space.first(texts))
    if len(kept) < 2:
        return tasks  # there is nothing to put in order
    page.shown["tasks"] = [texts[i] for i in kept]
    ask = me.ask(mind.decision("rank"), page.facts({"left_out": len(texts) - len(kept)}))
    answer = counts.heard(ask, (yield ask))
    order = reordered(answer["order"] if answer is not None else (), len(kept), counts)
    listed = [kept[i] for i in order]
    rest = [i for i in range(len(texts)) if i not in set(kept)]
    queue = tuple(tasks.queue[i] for i in (*listed, *rest))
    return replace(tasks, queue=queue, calls=tasks.calls + 1)


def reordered(numbers: Sequence[int], count: int, counts: Counts) -> list[int]:
    """Places of `count` tasks in the order of these numbers (from 1); tasks not named follow as they stood."""
    named: dict[int, None] = {}
    for number in numbers:
        if 1 <= number <= count and number - 1 not in named:
            named[number - 1] = None
        else:
            counts.add("numbers dropped")
    unnamed = [i for i in range(count) if i not in named]
    counts.add("tasks not named", len(unnamed) if named else 0)
    return [*named, *unnamed]
