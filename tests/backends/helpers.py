"""Asks made by hand, and a model run against a loopback server with waits written down instead of waited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from simsoc.backends import build
from simsoc.backends.live import Model
from simsoc.backends.prompts import Prompts
from simsoc.core.answers import Choice, Form
from simsoc.core.facts import Facts
from simsoc.core.words import Ask, ChoiceMode, Decision, Reply, Rule
from simsoc.scenario.spec import BackendSpec
from tests.loopback import Loopback

TRANSPORTS = ("sdk", "lean", "litellm")
KEY = "sk-SECRET-0123456789-abcdef"
TEMPLATE = """\
You are agent {{ number }}.
---
<posts>
{% for post in posts %}
{{ post | data }}
{% endfor %}
</posts>
What now? {{ ask_for }}
"""


def facts(agent: int = 0, **more: Any) -> Facts:
    given = {"number": agent, "posts": ["hello"], "options": ["A", "B"], "labels": ["k", "z"], "shown": [1, 0]}
    return Facts({**given, **more})


def ask(
    form: Form | None = None,
    agent: int = 0,
    step: int = 1,
    choice: ChoiceMode = "sample",
    rule: Rule | None = None,
    template: str = "test/ask",
    turn: int = 0,
    draw: int = 0,
    **more: Any,
) -> Ask:
    decision = Decision("opinion", template, form or Choice(("A", "B")), rule, choice)
    return Ask(7, agent, step, turn, draw, decision, facts(agent, **more), "opinion")


def prompts(folder: Path, text: str = TEMPLATE, name: str = "test/ask") -> Prompts:
    file = folder / f"{name.replace('/', '_')}.j2"
    file.write_text(text, encoding="utf-8")
    return Prompts({name: file.name}, folder=folder)


def spec_for(transport: str, base_url: str, **settings: Any) -> BackendSpec:
    given = {"base_url": base_url, "key_from": "TEST_KEY", **settings}
    if transport == "litellm":
        return BackendSpec(model="litellm/openai/test", **given)
    return BackendSpec(model="openai/test", transport=transport, **given)


class Naps:
    """A sleep that is written down."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


class Ends(list[Any]):
    """What calls ended in, as they came; awaited, until there are so many."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self._expected = expected
        self._all = asyncio.get_running_loop().create_future()

    def __call__(self, outcome: Any) -> None:
        self.append(outcome)
        if len(self) == self._expected:
            self._all.set_result(None)

    async def all(self) -> Ends:
        await asyncio.wait_for(self._all, 1e6)
        return self


def model_for(transport: str, base_url: str, templates: Prompts, **settings: Any) -> Model:
    model = build(spec_for(transport, base_url, **settings), prompts=templates, seed=7)
    assert isinstance(model, Model)
    model.sleep = Naps()
    return model


async def session(model: Model, asks: Sequence[Ask]) -> list[Reply | BaseException]:
    await model.open()
    try:
        tasks = [asyncio.ensure_future(model(one)) for one in asks]
        await asyncio.wait(tasks)
        return [task.exception() or task.result() for task in tasks]
    finally:
        await model.close()


def outcomes(
    transport: str, server: Loopback, templates: Prompts, *asks: Ask, **settings: Any
) -> tuple[list[Reply | BaseException], list[float]]:
    """What becomes of the asks, and the waits in between."""
    model = model_for(transport, server.base_url, templates, **settings)
    found = asyncio.run(session(model, asks))
    return found, model.sleep.taken  # type: ignore[attr-defined]


def rule(function: Callable[..., Any], **parameters: Any) -> Rule:
    return Rule("made_up", function, parameters)
