"""Mechanistic answers to survey questions: from what somebody holds, from a trait, or from stated shares.

Each reads ``facts["question"]`` (its name), ``facts["kind"]`` (choice, scale, number or text), ``facts["options"]`` or
``facts["low"]`` and ``facts["high"]``, ``facts["standing"]`` (what worlds tell of the agent) and ``facts["traits"]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from typing import Annotated, Any

from pydantic import Field

from simsoc.core.answers import PLACEHOLDER, Number
from simsoc.core.facts import Facts
from simsoc.core.stream import Stream

from .standing import cut, in_words, share

Weight = Annotated[float, Field(ge=0)]
Marginals = Mapping[str, Mapping[str, Weight]]


def standing(facts: Facts, stream: Stream, *, marginals: Marginals | None = None, ordered: Sequence[str] = ()) -> Any:
    """What somebody holds, where that is an answer; otherwise a draw from stated shares, or any answer.

    marginals: by question, shares of its answers in any unit, e.g. `{vote: {A: 40, B: 60}}`; numbers are put in quotes.
    ordered: choices whose options run from one end of a scale to the other, in worlds where people hold a position.

    An opinion answers a choice that has it among its options. A position is carried over to a `scale` or a `number`,
    end to end, and to an `ordered` choice, whose options cut its scale into equal parts. Words say what is held.
    """
    held, kind = facts["standing"], facts["kind"]
    if kind == "text" and (words := in_words(held)):
        return cut(words, facts["longest"])
    if kind == "choice":
        options = facts["options"]
        found = next((value for value in held.values() if isinstance(value, str) and value in options), None)
        if found is not None:
            return found
    place = share(held)
    if place is not None:
        if kind in ("scale", "number"):
            return _as_asked(facts, facts["low"] + place * (facts["high"] - facts["low"]))
        if kind == "choice" and facts["question"] in ordered:
            return options[min(int(place * len(options)), len(options) - 1)]
    return _stated(facts, stream, marginals)


def trait(facts: Facts, stream: Stream, *, trait: str | Mapping[str, str], marginals: Marginals | None = None) -> Any:
    """What a trait says, where that is an answer; otherwise a draw from stated shares, or any answer.

    trait: the trait that answers all questions, or a mapping from question to trait.
    marginals: by question, shares of its answers in any unit, for those whose trait is no answer.
    """
    name = trait if isinstance(trait, str) else trait.get(facts["question"])
    value, kind = facts["traits"].get(name), facts["kind"]
    if value is not None:
        if kind == "text" and str(value).strip():
            return cut(str(value), facts["longest"])
        if kind == "choice" and str(value) in facts["options"]:
            return str(value)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if kind in ("scale", "number") and number and facts["low"] <= value <= facts["high"]:
            return _as_asked(facts, value)
    return _stated(facts, stream, marginals)


def by_group(
    facts: Facts,
    stream: Stream,
    *,
    trait: str,
    answers: Mapping[str, Mapping[str, Any]],
    marginals: Marginals | None = None,
) -> Any:
    """The same answer from everybody of a group: respondents without any variance of their own.

    trait: the trait whose value is somebody's group.
    answers: by question, what each group answers.
    marginals: by question, shares of its answers in any unit, for groups and questions that `answers` lacks.

    What a mind that knows groups and no people looks like to an audit (Bisbee et al. 2024, Political Analysis 32(4)).
    """
    given = answers.get(facts["question"], {})
    group = str(facts["traits"].get(trait))
    return given[group] if group in given else _stated(facts, stream, marginals)


def mentions(
    facts: Facts, stream: Stream, *, words: Mapping[str, str | Sequence[str]], marginals: Marginals | None = None
) -> Any:
    """Whether anything somebody remembers mentions certain words: the first option if so, else the second.

    words: by question, words of which one has to be there, whatever their case; for choices of two options.
    marginals: by question, shares of its answers in any unit, for the other questions.

    For asking who has heard of something, when no model is asked (methods.md 1.9).
    """
    sought = words.get(facts["question"])
    if sought is None or facts["kind"] != "choice" or len(facts["options"]) != 2:
        return _stated(facts, stream, marginals)
    remembered = [text for value in facts["standing"].values() if isinstance(value, list) for text in value]
    told = "\n".join(map(str, remembered)).casefold()
    found = any(word.casefold() in told for word in ([sought] if isinstance(sought, str) else sought))
    return facts["options"][0 if found else 1]


def most_mentioned(facts: Facts, stream: Stream, *, marginals: Marginals | None = None) -> Any:
    """The option that what somebody remembers mentions most often, by lot among equals.

    marginals: by question, shares of its answers in any unit, where nothing is mentioned or there are no options.
    """
    options = facts["options"] if facts["kind"] == "choice" else ()
    told = [str(text).casefold() for value in facts["standing"].values() if isinstance(value, list) for text in value]
    counts = [sum(option.casefold() in text for text in told) for option in options]
    most = max(counts, default=0)
    if not most:
        return _stated(facts, stream, marginals)
    return stream.choose([option for option, times in zip(options, counts, strict=True) if times == most])


def uniform(facts: Facts, stream: Stream) -> Any:
    """Every answer is as likely as every other; words are a marked placeholder."""
    kind = facts["kind"]
    if kind == "choice":
        return stream.choose(facts["options"])
    if kind == "text":
        return PLACEHOLDER
    return Number(facts["low"], facts["high"], kind == "scale").null(facts, stream)


def _as_asked(facts: Facts, value: float) -> float:
    """A number as the question wants it: whole on a scale, halves going up."""
    return floor(round(value, 9) + 0.5) if facts["kind"] == "scale" else round(float(value), 12)


def _stated(facts: Facts, stream: Stream, marginals: Marginals | None) -> Any:
    """A draw from the shares of this question, by inverse CDF in canonical order; any answer where there are none."""
    shares = (marginals or {}).get(facts["question"])
    if shares is None:
        return uniform(facts, stream)
    kind = facts["kind"]
    answers = [o for o in facts["options"] if o in shares] if kind == "choice" else list(shares)
    return read(kind, answers[stream.pick([shares[answer] for answer in answers])])


def read(kind: str, written: str) -> Any:
    """An answer as it stands in `marginals`. Raises ValueError for what is no number where one is asked for."""
    return int(written) if kind == "scale" else float(written) if kind == "number" else written
