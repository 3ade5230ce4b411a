"""Examples before the question: decisions with their answers, shown as earlier turns of the conversation (few-shot).

An example either says what was shown, or gives facts for the decision's own prompt template. Its answer is written down
as the model would have to write it, by the form of the decision, and read back by the same parser, so that no example
shows what would be refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from simsoc.core.answers import Choice, Number, Pick, Words
from simsoc.core.errors import ScenarioError, SimsocError
from simsoc.core.facts import Facts
from simsoc.core.shelf import nearest
from simsoc.core.words import Ask, Decision
from simsoc.scenario.prompting import Example
from simsoc.scenario.telling import shown

from .parse import Unreadable
from .question import Question, mode_of, question
from .reasoning import KEY, reasoned

if TYPE_CHECKING:
    from .prompts import Messages, Template

_OF_THE_CALL = ("options", "labels", "shown", "count")
"""Facts about how an answer is to be given: the call's own, where an example has no others."""
_KEPT = 256  # examples written down that are kept; more are of lists that change with every call


class Shots:
    """The examples of a run, by purpose of the decision."""

    def __init__(self, examples: Mapping[str, Sequence[Example]]) -> None:
        self.examples = examples
        self._written: dict[Any, Messages] = {}

    def turns(self, ask: Ask, template: Template, asked: Question) -> Messages:
        """What is said before the question of an ask: each example, and its answer."""
        purpose = ask.decision.purpose
        if purpose not in self.examples:
            return []
        mine = (purpose, mode_of(ask), asked.reasons, asked.labels, asked.shown)
        known = self._written.get(mine)
        if known is None:
            if len(self._written) >= _KEPT:
                self._written.clear()
            known = self._written[mine] = [
                message
                for example in self.examples[purpose]
                for message in _turn(example, ask, template, asked, template.brackets)
            ]
        return known


def _turn(example: Example, ask: Ask, template: Template, asked: Question, brackets: bool) -> Messages:
    """One example: what was shown, and the answer; the reasoning between them, where it is asked for by itself."""
    if example.facts is None:
        told = str(example.shown)
        if not isinstance(ask.decision.answer, Pick):  # what can be picked is another list in each call
            told = f"{told}\n{(asked.first or asked).ask_for}"
    else:
        ask = replace(ask, facts=_facts(example.facts, ask.facts, template, asked))
        asked = _question(ask, brackets, asked.reasons)
        told = template.user(ask.facts, asked)
    said = [told, written(example, ask, asked, brackets)]
    if asked.first is not None:
        said[1:1] = [json.dumps({KEY: example.reasoning}, ensure_ascii=False), asked.ask_for]
    return [{"role": "assistant" if n % 2 else "user", "content": text} for n, text in enumerate(said)]


def _question(ask: Ask, brackets: bool, reasons: bool) -> Question:
    asked = question(ask, brackets)
    return reasoned(asked, mode_of(ask)) if reasons else asked


def _facts(given: Mapping[str, Any], of_call: Facts, template: Template, asked: Question) -> Facts:
    """The facts of an example: what it leaves out is empty, but for how the answer is to be given."""
    empty = {name: "" for name in template.needs if name not in template.optional}
    how = of_call.known(_OF_THE_CALL)
    if asked.labels:
        how = {"labels": list(asked.labels), "shown": [asked.labels.index(label) for label in asked.shown], **how}
    return Facts({**empty, **how, **given})


# -- answers -------------------------------------------------------------------------------------------------------


def written(example: Example, ask: Ask, asked: Question, brackets: bool) -> str:
    """An example's answer as a model would write it. Options are told by their labels, labels as they are."""
    form, mode, answer = ask.decision.answer, mode_of(ask), example.answer
    if isinstance(form, Choice | Pick):
        names = _labels(form, ask, asked)
        if mode == "elicit":
            odds = answer if isinstance(answer, Mapping) else {}
            return _json(example, asked, {"probabilities": {names.get(_key(k), k): p for k, p in odds.items()}})
        if mode == "logprobs":
            return str(names.get(_key(answer), answer))
        several = isinstance(answer, list | tuple)
        told: Any = [names.get(_key(one), one) for one in answer] if several else names.get(_key(answer), answer)
        if brackets:
            return ", ".join(f"[{one}]" for one in (told if several else [told]))
        return _json(example, asked, {"answer": told})
    if brackets:
        return f"[{answer}]"
    if isinstance(form, Number | Words):
        return _json(example, asked, {"answer": answer})
    return _json(example, asked, dict(answer) if isinstance(answer, Mapping) else {"answer": answer})


def _labels(form: Choice | Pick, ask: Ask, asked: Question) -> dict[Any, str]:
    """From options to how they are shown, as far as the options of this call are known."""
    return dict(zip(map(_key, form.of(ask.facts)), asked.labels, strict=True)) if _known(form, ask) else {}


def _known(form: Choice | Pick, ask: Ask) -> bool:
    """Whether it is known here what may be answered."""
    return (isinstance(form, Choice) and form.options is not None) or ask.facts.has("options")


def _key(value: Any) -> Any:
    """An option as a key: 1 and true are two."""
    return (type(value).__name__, value) if isinstance(value, bool | int | float | str) else repr(value)


def _json(example: Example, asked: Question, answer: Mapping[str, Any]) -> str:
    reasons = asked.reasons and asked.first is None and KEY not in answer
    told = {KEY: example.reasoning, **answer} if reasons else answer
    return json.dumps(told, ensure_ascii=False)


# -- checking ------------------------------------------------------------------------------------------------------


def problems(
    examples: Sequence[Example], decision: Decision, template: Template, labels: Sequence[str] | None, reasons: bool
) -> Iterator[tuple[int, str, str]]:
    """What is wrong with the examples of a decision: (number, key, message).

    labels: what options are shown as, where that does not vary; reasons: whether models reason before they answer.
    """
    for number, example in enumerate(examples):
        yield from ((number, key, said) for key, said in _problems(example, decision, template, labels, reasons))


def _problems(
    example: Example, decision: Decision, template: Template, labels: Sequence[str] | None, reasons: bool
) -> Iterator[tuple[str, str]]:
    if reasons and not (example.reasoning or "").strip():
        yield "reasoning", "models are to reason before they answer here, so an example has to show how"
    strangers = [name for name in example.facts or () if name not in (*template.needs, *_OF_THE_CALL)]
    for name in strangers:
        known = [*template.needs]
        yield f"facts.{name}", f"{template.name} does not read it.{nearest(name, known)} It reads: {', '.join(known)}."
    how = {"labels": list(labels)} if labels is not None else {}
    ask = Ask(0, 0, 0, 0, 0, decision, Facts({**how, **(example.facts or {})}), decision.purpose)
    form, several = decision.answer, isinstance(example.answer, list | tuple)
    if isinstance(form, Pick) and not several:
        yield "answer", f"should be a list of what is picked (got {shown(example.answer)})"
        return
    if isinstance(form, Choice | Pick) and not _known(form, ask):
        return  # what may be answered differs from call to call
    if isinstance(form, Pick) and not ask.facts.has("count"):
        ask.facts["count"] = len(example.answer)
    try:
        asked = _question(ask, template.brackets, False)
        if example.facts is not None and not strangers:
            template.user(_facts(example.facts, ask.facts, template, asked), asked)
        answer = written(example, ask, asked, template.brackets)
    except ScenarioError as error:
        yield "facts", error.problems[0].message
        return
    except (SimsocError, TypeError, ValueError, LookupError) as error:  # labels that do not go with the options, say
        yield "facts", f"cannot be asked about: {error}"
        return
    if mode_of(ask) == "elicit" and not isinstance(example.answer, Mapping):
        yield "answer", "with choice: elicit, an example has a probability for each option, e.g. {A: 0.7, B: 0.3}"
        return
    try:
        asked.read(answer)
    except Unreadable as error:
        yield "answer", f"{error} (got {shown(example.answer)})"
