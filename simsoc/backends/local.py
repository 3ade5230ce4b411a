"""Backends that answer at once and in this process: mechanistic rules, the null mind, scripts and functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from inspect import iscoroutinefunction
from typing import Any

from simsoc.core.calls import only_looks
from simsoc.core.errors import RuleError, ScenarioError, WorldError
from simsoc.core.words import Answer, Ask, Attempt, NoAnswer, Reply
from simsoc.scenario.spec import BackendSpec

from .parse import Unreadable
from .prompts import Prompts
from .question import Question, question

_GARBLED = "Well, it depends. (Not an answer: `scripted/garbled` never gives one.)"


class Mechanistic:
    """The decision's own rule: the null model of every claim, and the default."""

    name = "mechanistic"

    def now(self, ask: Ask) -> Reply:
        """What the rule says. Raises RuleError when it fails, ScenarioError when there is none."""
        decision = ask.decision
        rule = decision.rule
        if rule is None:
            raise ScenarioError(f"decision '{decision.purpose}' has no rule, so it cannot be answered by mechanistic")
        try:
            value = rule.function(ask.facts, ask.stream(), **rule.parameters)
            value = decision.answer.check(value, ask.facts)
        except Exception as error:
            raise RuleError(_where(ask, f"rule '{rule.name}'", error)) from error
        return Answer(value=value, source="rule", by=rule.name, attempts=0)


class Null:
    """The null mind: uniform over the legal values of every answer; words are a marked placeholder."""

    name = "null"

    def now(self, ask: Ask) -> Reply:
        """A uniform value. Raises RuleError when the answer has no range to be uniform over."""
        try:
            value = ask.decision.answer.null(ask.facts, ask.stream())
        except Exception as error:
            raise RuleError(_where(ask, "the null mind", error)) from error
        return Answer(value=value, source="rule", by="null", attempts=0)


def _where(ask: Ask, who: str, error: Exception) -> str:
    said = f"{type(error).__name__}: {error}" if not isinstance(error, ValueError) else str(error)
    return f"{who}, asked for '{ask.purpose}' of agent {ask.agent} in step {ask.step}: {said}"


class _Parsed:
    """Texts are read as a model's replies are; `prompts` tell which decisions are answered in brackets."""

    def __init__(self, name: str, prompts: Prompts | None = None) -> None:
        self.name = name
        self._prompts = prompts

    def _read(self, ask: Ask, text: str) -> Reply:
        """The reply a model would have given with this text."""
        try:
            read = self._question(ask).read(text)
        except Unreadable as error:
            return self._silence(ask, "unparseable", str(error), text)
        return Answer(value=read.value, flags=read.flags, source="rule", by=self.name, attempts=0, raw=text)

    def _question(self, ask: Ask) -> Question:
        """As it would be put to a model; a script needs no template."""
        prompts = self._prompts
        return prompts.question(ask) if prompts is not None and prompts.exists(ask.decision.template) else question(ask)

    def _silence(self, ask: Ask, reason: Any, detail: str = "", text: str | None = None) -> NoAnswer:
        trouble = (Attempt(reason, detail, text),) if text is not None else ()
        return NoAnswer(
            reason=reason, detail=detail, source="rule", by=self.name, attempts=0, raw=text, trouble=trouble
        )

    def _valued(self, ask: Ask, value: Any) -> Reply:
        """A canonical value, checked."""
        try:
            legal = ask.decision.answer.check(value, ask.facts)
        except Exception as error:
            raise WorldError(_where(ask, f"backend '{self.name}'", error)) from error
        return Answer(value=legal, source="rule", by=self.name, attempts=0)


class Script(_Parsed):
    """A list of replies used in turn: an agent's k-th ask gets reply k modulo the length of the list.

    Each agent counts for itself, so the order in which agents come does not matter; surveys count for themselves, so
    that they use up nobody's replies. A text is what a model might have sent and goes through the same parser; a
    mapping is the same, written as YAML; null is a refusal.
    """

    def __init__(self, replies: Sequence[Any], prompts: Prompts | None = None) -> None:
        super().__init__("scripted", prompts)
        self._replies = [None if r is None else r if isinstance(r, str) else _written(r) for r in replies]
        self._asked: dict[tuple[int, bool], int] = {}

    def now(self, ask: Ask) -> Reply:
        """The agent's next reply."""
        who = (ask.agent, only_looks(ask))
        k = self._asked.get(who, 0)
        self._asked[who] = k + 1
        text = self._replies[k % len(self._replies)]
        return self._silence(ask, "refused") if text is None else self._read(ask, text)


def _written(reply: Any) -> str:
    """A reply as JSON, keys in the order written: a model that reasons does so before it answers."""
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":"))


class Function(_Parsed):
    """A Python function from Ask to a value, a text, an Answer or NoAnswer, or None for a refusal.

    A string is read as a model's reply where it can be, and is a canonical value otherwise; so both ``"A"`` and
    ``'{"answer": "A"}'`` do. The function must depend on nothing but the ask, or runs cannot be repeated.
    """

    def __init__(self, function: Callable[[Ask], Any], name: str = "function", prompts: Prompts | None = None) -> None:
        super().__init__(name, prompts)
        self._function = function

    def now(self, ask: Ask) -> Reply:
        """What the function makes of the ask. Raises WorldError when that is no legal answer."""
        try:
            said = self._function(ask)
        except Exception as error:
            raise WorldError(_where(ask, f"function '{self.name}'", error)) from error
        if isinstance(said, Answer | NoAnswer):
            return said
        if said is None:
            return self._silence(ask, "refused")
        if not isinstance(said, str):
            return self._valued(ask, said)
        reply = self._read(ask, said)
        if isinstance(reply, Answer):
            return reply
        try:
            return self._valued(ask, said)
        except WorldError:
            return reply


class Silent(_Parsed):
    """Never answers: every ask is refused. For looking at what silence does to a world."""

    def now(self, ask: Ask) -> Reply:
        """A refusal."""
        return self._silence(ask, "refused", "scripted/silent")


class Garbled(_Parsed):
    """Answers nonsense to everything, through the real parser. For looking at what bad replies do to a world."""

    def now(self, ask: Ask) -> Reply:
        """An unparseable reply."""
        reply = self._read(ask, _GARBLED)
        return reply if isinstance(reply, NoAnswer) else self._silence(ask, "unparseable", "scripted/garbled", _GARBLED)


def from_function(function: Callable[[Ask], Any], name: str = "function") -> Function:
    """A Python function as a backend; see `Function` for what it may return. Raises TypeError for a coroutine."""
    if iscoroutinefunction(function):
        raise TypeError("a backend function answers at once: `def`, not `async def`")
    return Function(function, name)


# -- factories on the shelf ----------------------------------------------------------------------------------------


def mechanistic(model: str, spec: BackendSpec, *, prompts: Prompts, seed: int) -> Mechanistic:
    """The decision's own published rule; no model, no key, no cost."""
    _bare("mechanistic", model)
    return Mechanistic()


def null(model: str, spec: BackendSpec, *, prompts: Prompts, seed: int) -> Null:
    """Uniform over the legal answers; no model, no key, no cost."""
    _bare("null", model)
    return Null()


def scripted(model: str, spec: BackendSpec, *, prompts: Prompts, seed: int) -> Script | Silent | Garbled:
    """Replies written in the scenario (`script`), used in turn; scripted/silent and scripted/garbled never answer."""
    variants: Mapping[str, type[Silent] | type[Garbled]] = {"silent": Silent, "garbled": Garbled}
    if model in variants:
        return variants[model](f"scripted/{model}", prompts)
    if model:
        raise LookupError(f"no 'scripted/{model}'. Known: scripted, scripted/silent, scripted/garbled.")
    if not spec.script:
        raise ScenarioError("backend.script: `scripted` needs a list of replies")
    return Script(spec.script, prompts)


def _bare(name: str, model: str) -> None:
    if model:
        raise LookupError(f"'{name}' takes no model; write {name} instead of {name}/{model}")
