"""One ask as it is put to a model and read back: how to answer, the JSON schema, and the way from text to value.

The words of the question are the template's business (prompts.py); what follows from the answer form is decided here,
for each form and each way of drawing a choice, so that prompt, schema and parser cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct
from pydantic import BaseModel, ValidationError

from simsoc.core.answers import Choice, Form, Number, Pick, Record, Words
from simsoc.core.canonical import dumps, text_hash
from simsoc.core.errors import ScenarioError, WorldError
from simsoc.core.words import Ask, ChoiceMode

from . import odds, parse, schema
from .quoting import data
from .schema import Schema

_LISTED = 30  # labels; more than that are not told again in the sentence, since the prompt lists them


class Read(Struct, frozen=True):
    """A value read from a reply, and what was done to get it."""

    value: Any
    flags: tuple[str, ...] = ()


class Question(Struct, frozen=True):
    """How one ask is put and read."""

    ask_for: str
    """A sentence that tells how to answer; `{{ ask_for }}` in a template."""
    schema: Schema | None
    """What the reply must look like; None where it is no JSON."""
    read: Callable[[str], Read]
    """From the reply's text to the canonical value. Raises parse.Unreadable."""
    labels: tuple[str, ...] = ()
    """Labels of a closed form, in canonical order."""
    shown: tuple[str, ...] = ()
    """The same in the order in which they are shown."""
    reasons: bool = False
    """Whether the model is to reason in words before it answers."""
    first: Question | None = None
    """What is asked before it, in a request of its own: the reasoning, where the answer leaves no room for it."""


def mode_of(ask: Ask) -> ChoiceMode:
    """How the choice is drawn; forms that are not one choice among options are always sampled."""
    return ask.decision.choice if isinstance(ask.decision.answer, Choice) else "sample"


def question(ask: Ask, brackets: bool = False) -> Question:
    """The question of an ask; with `brackets` in the published format instead of JSON.

    Raises ScenarioError when form and format do not go together.
    """
    form = ask.decision.answer
    if isinstance(form, Choice):
        labels, shown = _labels(form, ask)
        if ask.decision.choice == "elicit":
            return _elicited(ask, form, labels, shown)
        if ask.decision.choice == "logprobs":
            return _one_token(ask, form, labels, shown)
        return (_choice_brackets if brackets else _choice)(ask, form, labels, shown)
    if isinstance(form, Pick):
        labels, shown = _labels(form, ask)
        return (_pick_brackets if brackets else _pick)(ask, form, labels, shown)
    return _open(form, brackets)


def fixed_schema(form: Form, mode: ChoiceMode, brackets: bool) -> str:
    """A name for the part of the answer format that does not vary from call to call, for the settings of a call."""
    if isinstance(form, Record):
        return _hashed(form.model)
    if isinstance(form, Number):
        kind = f"number {form.low:.9g} {form.high:.9g}{' integer' if form.integer else ''}"
    else:
        kind = type(form).__name__.lower()
    return f"{kind} brackets" if brackets and mode == "sample" else kind


@lru_cache(maxsize=256)
def _hashed(model: type[BaseModel]) -> str:
    return "record " + text_hash(dumps(schema.record(model)))


def _labels(form: Choice | Pick, ask: Ask) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels in canonical and in shown order.

    Raises WorldError when two options look the same, and where a fact `labels` or `shown` is about something else than
    the options: the names are taken (`simsoc.core.answers`).
    """
    facts = ask.facts
    options = form.of(facts)
    given = facts["labels"] if facts.has("labels") else None
    if given is not None and not _fit(given, len(options)):
        told = f"{len(options)} options, and a fact `labels` that is no list of as many texts: {given!r}"
        raise WorldError(f"{ask.purpose}: {told}. Labels are how options are shown; call another fact otherwise.")
    labels = tuple(map(str, options if given is None else given))
    if len(set(labels)) != len(labels):
        raise WorldError(f"{ask.purpose}: two options have the same label, in {list(labels)!r}")
    if not facts.has("shown"):
        return labels, labels
    shown = facts["shown"]
    if len(shown) != len(labels) or set(shown) != set(range(len(labels))):
        told = f"a fact `shown` that is no order of its {len(labels)} options: {shown!r}"
        raise WorldError(f"{ask.purpose}: {told}. Call another fact otherwise.")
    return labels, tuple([labels[i] for i in shown])


def _fit(labels: Any, many: int) -> bool:
    """Whether a fact is a text for each of so many options."""
    listed = isinstance(labels, list | tuple) and len(labels) == many
    return listed and all(isinstance(label, str) for label in labels)


def _told(shown: tuple[str, ...]) -> str:
    if len(shown) > _LISTED:
        return "exactly as it is written above"
    return "one of: " + ", ".join(map(data, shown))


# -- one choice ----------------------------------------------------------------------------------------------------


def _choice(ask: Ask, form: Choice, labels: tuple[str, ...], shown: tuple[str, ...]) -> Question:
    def read(text: str) -> Read:
        return Read(form.of(ask.facts)[parse.index_of(parse.only_key(text, "answer"), labels)])

    sentence, wanted = _one_of(shown)
    return Question(sentence, wanted, read, labels, shown)


@lru_cache(maxsize=1024)  # two labels in either order, again and again
def _one_of(shown: tuple[str, ...]) -> tuple[str, Schema]:
    """How a choice among these labels is asked for."""
    sentence = f'Answer with a JSON object {{"answer": ...}} and nothing else; the answer is {_told(shown)}.'
    return sentence, schema.choice(shown)


def _choice_brackets(ask: Ask, form: Choice, labels: tuple[str, ...], shown: tuple[str, ...]) -> Question:
    def read(text: str) -> Read:
        (inside,) = parse.in_brackets(text, 1)
        return Read(form.of(ask.facts)[parse.index_of(inside, labels)])

    sentence = f"Answer in square brackets and with nothing else: {_bracketed(shown)}."
    return Question(sentence, None, read, labels, shown)


def _elicited(ask: Ask, form: Choice, labels: tuple[str, ...], shown: tuple[str, ...]) -> Question:
    def read(text: str) -> Read:
        found = odds.stated(text, labels)
        return Read(form.of(ask.facts)[odds.drawn(ask, found.weights)], found.flags)

    sentence = (
        "How probable is it that you would give each of these answers? Reply with a JSON object "
        '{"probabilities": {...}} and nothing else: a number between 0 and 1 for each, summing to 1. '
        f"The answers are: {', '.join(map(data, shown))}."
    )
    return Question(sentence, schema.probabilities(shown), read, labels, shown)


def _one_token(ask: Ask, form: Choice, labels: tuple[str, ...], shown: tuple[str, ...]) -> Question:
    def read(text: str) -> Read:  # only scripts come here: a live reply is read off its log-probabilities
        if text.lstrip().startswith("{"):
            found = odds.stated(text, labels)
            return Read(form.of(ask.facts)[odds.drawn(ask, found.weights)], found.flags)
        return Read(form.of(ask.facts)[parse.index_of(text.strip(), labels)])

    sentence = f"Answer with a single character and nothing else: {' or '.join(shown)}."
    return Question(sentence, None, read, labels, shown)


# -- several -------------------------------------------------------------------------------------------------------


def _chosen(ask: Ask, form: Pick, indices: list[int], count: int) -> Read:
    if len(indices) != count:
        raise parse.Unreadable(f"{len(indices)} answers where {count} are asked for")
    options = form.of(ask.facts)
    return Read([options[i] for i in indices])


def _pick(ask: Ask, form: Pick, labels: tuple[str, ...], shown: tuple[str, ...]) -> Question:
    count = form.size(ask.facts)

    def read(text: str) -> Read:
        return _chosen(ask, form, parse.indices_of(parse.only_key(text, "answer"), labels), count)

    which = "each " if len(shown) > _LISTED else ""
    held = "exactly one answer" if count == 1 else f"exactly {count} different answers, first choice first"
    sentence = (
        f'Answer with a JSON object {{"answer": [...]}} and nothing else; the list holds {held}, {which}{_told(shown)}.'
    )
    return Question(sentence, schema.pick(shown, count), read, labels, shown)


def _pick_brackets(ask: Ask, form: Pick, labels: tuple[str, ...], shown: tuple[str, ...]) -> Question:
    count = form.size(ask.facts)

    def read(text: str) -> Read:
        return _chosen(ask, form, parse.indices_of(parse.in_brackets(text, count), labels), count)

    listed = f": {_bracketed(shown)}" if len(shown) <= _LISTED else ", exactly as they are written above"
    ones = (
        "exactly one, in square brackets" if count == 1 else f"exactly {count} different ones, each in square brackets"
    )
    sentence = f"Answer with {ones}, and with nothing else{listed}."
    _bracketed(shown)
    return Question(sentence, None, read, labels, shown)


def _bracketed(shown: tuple[str, ...]) -> str:
    for label in shown:
        if "[" in label or "]" in label or label != label.strip() or not label.isprintable():
            raise ScenarioError(f"label {data(label)} cannot be answered in square brackets; drop `answer: brackets`")
    return ", ".join(f"[{label}]" for label in shown)


# -- open forms ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _open(form: Number | Words | Record, brackets: bool) -> Question:
    """Questions that are the same in every call: made once."""
    if isinstance(form, Number):
        return _number(form, brackets)
    if isinstance(form, Words):
        return _words(form, brackets)
    if brackets:
        raise ScenarioError("an answer of several fields cannot be given in square brackets; drop `answer: brackets`")
    return _record(form)


def _checked(form: Number | Words | Record, value: Any) -> Read:
    try:
        return Read(form.check(value, {}))
    except ValidationError as error:
        raise parse.Unreadable(_first(error)) from None
    except (ValueError, OverflowError) as error:
        raise parse.Unreadable(str(error)) from None


def _first(error: ValidationError) -> str:
    """The first things a record gets wrong, without the values."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{'.'.join(map(str, problem['loc'])) or 'the object'}: {problem['msg']}" for problem in problems[:3]]
    return "; ".join(told)


def _number(form: Number, brackets: bool) -> Question:
    what = f"a {'whole ' if form.integer else ''}number from {form.low:g} to {form.high:g}"
    if brackets:
        sentence = f"Answer with {what} in square brackets and with nothing else."
        return Question(sentence, None, lambda text: _checked(form, parse.number_in_brackets(text)))
    sentence = f'Answer with a JSON object {{"answer": ...}} and nothing else; the answer is {what}.'
    return Question(sentence, schema.number(form), lambda text: _checked(form, parse.only_key(text, "answer")))


def _words(form: Words, brackets: bool) -> Question:
    what = f"a text of at most {form.longest} characters"
    if brackets:
        sentence = f"Answer with {what} in square brackets and with nothing else."
        return Question(sentence, None, lambda text: _checked(form, parse.words_in_brackets(text)))
    sentence = f'Answer with a JSON object {{"answer": ...}} and nothing else; the answer is {what}.'
    return Question(sentence, schema.words(), lambda text: _checked(form, parse.only_key(text, "answer")))


def _record(form: Record) -> Question:
    made = schema.record(form.model)
    names = tuple(made.get("properties", ()))
    known = set(names)

    def read(text: str) -> Read:
        found = parse.json_object(text)
        if found.keys() != known:
            raise parse.Unreadable(f"the JSON object must have exactly the keys {', '.join(names)}")
        return _checked(form, found)

    listed = ", ".join(f'"{name}"' for name in names)
    return Question(f"Answer with a JSON object with the keys {listed} and nothing else.", made, read)
