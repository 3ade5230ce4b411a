"""Instrument `compass`: agreement with statements on two political axes (methods.md 6A)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from simsoc.core import lettering
from simsoc.core.answers import Choice, Words
from simsoc.core.errors import ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.shelf import Strict
from simsoc.core.stream import Stream
from simsoc.core.words import Action, Answer, Ask, Decision, Rule, Thought
from simsoc.measures import compass
from simsoc.scenario.yaml12 import read_text
from simsoc.worlds.setting import Setting

from .items import View
from .rules import stated
from .spec import AuditSpec

LEVELS = ("strongly disagree", "disagree", "agree", "strongly agree")
RESPONSES = dict(zip(LEVELS, (-2, -1, 1, 2), strict=True))
"""What each answer counts."""
UNSAID = "I would rather not say"
NEITHER = "none of these"
_LONGEST = 600


class Written(Strict):
    """A statement as it stands in a file."""

    name: str
    d: Literal[1, -1]
    wordings: Annotated[tuple[str, ...], Field(min_length=1)]


class Statement(NamedTuple):
    """A statement on an axis."""

    name: str
    axis: str
    direction: int
    wordings: tuple[str, ...]


class Compass:
    """How far somebody agrees with statements on an economic and a social axis, -10..10 each.

    Left and liberty are negative. The 32 statements are simsoc's own, eight of either direction on each axis, in three
    wordings that take turns; those of well-known tests are copyrighted and their weights are not published. Answers
    depend on whether one is forced to choose, and how: Rottger et al. 2024, ACL, arXiv 2402.16786. So compare arms.
    """

    measures = frozenset(("economic", "social", "acquiescence", "refused", "first_listed", "answers", "silent"))

    class Spec(Strict):
        """Keys of this instrument."""

        answer: Literal["forced", "free", "open"] = "forced"
        """One of four; or one of these and "I would rather not say"; or own words, classified by an ask of its own."""
        wordings: Annotated[int, Field(ge=1)] | None = None
        """How many wordings of each statement take turns; all there are when not given."""
        file: str | None = None
        """Statements of one's own, in the shape of the shipped file: by axis, a list of name, d and wordings."""

    def __init__(self, given: Compass.Spec, spec: AuditSpec, setting: Setting) -> None:
        self.spec, self.audit, self.setting = given, spec, setting
        self.statements = shipped() if given.file is None else of_file(setting.folder / given.file)
        self.items: Sequence[str] = [one.name for one in self.statements]
        there = min(len(one.wordings) for one in self.statements)
        self.wordings = min(given.wordings or there, there)
        assert spec.rule is not None
        rule, choice = setting.rule("audit_rules", spec.rule), setting.choice
        self.options = (*LEVELS, UNSAID) if given.answer == "free" else LEVELS
        if given.answer == "open":
            self.said = Decision("open", "audit/open", Words(_LONGEST), rule, choice)
            classes = Choice((*LEVELS, NEITHER))
            self.decision = Decision("classify", "audit/classify", classes, Rule("stated", stated, {}), choice)
        else:
            self.decision = Decision("statement", "audit/statement", Choice(self.options), rule, choice)

    def decisions(self) -> list[Decision]:
        """The statement; or what is said about it, and which answer that is."""
        return [self.said, self.decision] if self.spec.answer == "open" else [self.decision]

    def refuses(self, people: Sequence[Mapping[str, Any]]) -> str | None:
        """Nothing: the axes are what they are for anybody."""
        return None

    def think(self, view: View) -> Thought:
        """One statement."""
        of = self.statements[view.item]
        told: dict[str, Any] = {"axis": of.axis, "d": of.direction, "wording": view.wording}
        given: dict[str, Any] = {"item": of.name, "open": self.spec.answer == "open"}
        if self.spec.answer == "open":
            reply = yield self._ask(view, self.said, Facts(given, LATER, (self, view, LEVELS)))
            if not isinstance(reply, Answer):
                return Action(view.at, "silent", {**told, "of": "open", "reason": reply.reason})
            told["text"] = given["text"] = reply.value
        options = self.options if self.spec.answer != "open" else (*LEVELS, NEITHER)
        facts = Facts({**given, "options": list(options)}, LATER, (self, view, options))
        reply = yield self._ask(view, self.decision, facts)
        if not isinstance(reply, Answer):
            return Action(view.at, "silent", {**told, "of": self.decision.purpose, "reason": reply.reason})
        if reply.value in (UNSAID, NEITHER):
            return Action(view.at, "refuse", told)
        place = {} if self.spec.answer == "open" else {"place": facts["shown"].index(options.index(reply.value))}
        return Action(view.at, "answer", {**told, "value": reply.value, **place})

    def _ask(self, view: View, decision: Decision, facts: Facts) -> Ask:
        at = view.at
        return Ask(at.seed, at.agent, at.step, at.turn, 0, decision, facts, decision.purpose)

    def value(self, content: Mapping[str, Any]) -> compass.Response:
        """The response."""
        return response(content)


def response(content: Mapping[str, Any]) -> compass.Response:
    """What an event `answer` says."""
    return compass.Response(content["item"], content["axis"], content["d"], RESPONSES[content["value"]])


# -- statements -------------------------------------------------------------------------------------------------------


@cache
def shipped() -> tuple[Statement, ...]:
    """The statements of the package."""
    text = files("simsoc.worlds.audit").joinpath("compass.yaml").read_text(encoding="utf-8")
    return _read(text, "compass.yaml")


def of_file(path: Path) -> tuple[Statement, ...]:
    """Statements of a file. Raises ScenarioError for one that cannot be read, or that leans by itself."""
    try:
        return _read(path.read_text(encoding="utf-8-sig"), path.name)
    except OSError as error:
        raise ScenarioError.at("world.instrument.file", f"{path}: {error.strerror or error}") from None


def _read(text: str, name: str) -> tuple[Statement, ...]:
    try:
        axes = TypeAdapter(dict[str, list[Written]]).validate_python(read_text(text, name).data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ScenarioError.at("world.instrument.file", f"{name}: {where}: {first['msg']}") from None
    found = [Statement(one.name, axis, one.d, one.wordings) for axis, written in axes.items() for one in written]
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise ScenarioError.at("world.instrument.file", f"{name}: names of statements have to differ")
    for axis, written in axes.items():
        if sum(one.d for one in written) or not written:
            ups = sum(one.d > 0 for one in written)
            told = f"{ups} statements of d 1 and {len(written) - ups} of d -1"
            why = "with as many of either, whoever agrees with everything stands at 0"
            raise ScenarioError.at("world.instrument.file", f"{name}: axis {axis} has {told}; {why}")
    return tuple(found)


# -- facts that are computed when looked at ---------------------------------------------------------------------------


def _shown(facts: Facts) -> list[int]:
    """The order in which options are listed."""
    instrument, view, options = facts.source
    order = list(range(len(options)))
    if instrument.audit.order == "shuffled":
        at = view.at
        Stream(at.seed, "audit options", at.agent, at.step, at.turn).shuffle(order)
    return order


def _labels(facts: Facts) -> list[str]:
    """What is answered for each option: itself, or the letter of its place."""
    instrument, _, options = facts.source
    if not _lettered(instrument):
        return list(options)
    return lettering.labels(facts["shown"])


def _listed(facts: Facts) -> list[dict[str, str]]:
    """Letters with their options, as listed; empty where options are answered in their own words."""
    instrument, _, options = facts.source
    if not _lettered(instrument):
        return []
    return lettering.listed(options, facts["shown"])


def _lettered(instrument: Compass) -> bool:
    return instrument.audit.letters or instrument.setting.choice == "logprobs"


def _of(name: str) -> Callable[[Facts], Any]:
    return lambda facts: getattr(facts.source[0].statements[facts.source[1].item], name)


LATER: dict[str, Callable[[Facts], Any]] = {
    "statement": lambda facts: _of("wordings")(facts)[facts.source[1].wording],
    "axis": _of("axis"),
    "direction": _of("direction"),
    "persona": lambda facts: facts.source[0].setting.tell(facts.source[1].at.agent),
    "options": lambda facts: list(facts.source[2]),
    "shown": _shown,
    "labels": _labels,
    "listed": _listed,
}
