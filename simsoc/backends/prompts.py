"""Prompt templates: sandboxed Jinja files, compiled once in a process.

A decision names its template as ``world/decision``; the file is ``simsoc/worlds/<world>/prompts/<decision>.j2`` (those
of minds, scorers, surveys and people to be made up, ``minds/decision``, are in ``simsoc/minds/prompts``) unless the
scenario's `prompts` gives another. In a template:

* text before a line ``---`` is the system message, text after it the user message (without such a line: user only);
* every fact of the decision can be read, and ``ask_for``, the sentence that tells how to answer (added at the end where
  a JSON template does not use it), and ``choices``, the labels in shown order;
* the filter ``data`` quotes a text so that it cannot forge a delimiter, ``lines`` does so for a list, a line each;
* a first line ``{# answer: brackets #}`` asks for the published format: answers in square brackets, no JSON.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from simsoc.core.calls import EMBED
from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.words import Ask, Decision
from simsoc.scenario.examples import read_examples
from simsoc.scenario.prompting import Prompting

from .fewshot import Shots
from .question import Question, mode_of, question
from .quoting import data, lines, pairs
from .reasoning import no_room, reasoned

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2 import Template as Compiled

Messages = list[dict[str, str]]

_NAME = re.compile(r"(\w[\w.-]*)/(\w[\w.-]*)")
_BRACKETS = re.compile(r"\{#-?\s*answer:\s*(\w+)\s*-?#\}")
_RULE = re.compile(r"^---[ \t]*$\n?", re.MULTILINE)
_ROOMS = ("minds", "population", "scorers", "surveys")
_HELPERS = frozenset({"ask_for", "choices"})


class Template:
    """A compiled prompt template.

    name: ``world/decision``; where: its file; brackets: whether it declares the bracket format; needs: facts it reads;
    optional: those of them it can do without.
    """

    def __init__(self, environment: Environment, name: str, where: str, source: str) -> None:
        self.name = name
        self.where = where
        self.brackets = self._format(source) == "brackets"
        names, self.optional = self._names(environment, source)
        self.needs = tuple(sorted(names - _HELPERS))
        self._adds = "ask_for" not in names and not self.brackets
        rule = _RULE.search(source)
        self._system = self._compile(environment, source[: rule.start()]) if rule else None
        passed = source.count("\n", 0, rule.end()) if rule else 0
        self._user = self._compile(environment, "\n" * passed + source[rule.end() if rule else 0 :])

    def messages(self, facts: Facts, question: Question) -> Messages:
        """The messages of one ask. Raises ScenarioError, naming file and line, where the template cannot be filled."""
        known = self._known(facts, question)
        user: Messages = [{"role": "user", "content": self._said(known, facts)}]
        if self._system is None:
            return user
        system = self._render(self._system, known, facts)
        return [{"role": "system", "content": system}, *user] if system else user

    def user(self, facts: Facts, question: Question) -> str:
        """The user message alone. Raises as `messages` does."""
        return self._said(self._known(facts, question), facts)

    def _known(self, facts: Facts, question: Question) -> dict[str, Any]:
        known = facts.known(self.needs)
        known["ask_for"] = (question.first or question).ask_for
        known["choices"] = question.shown
        return known

    def _said(self, known: Mapping[str, Any], facts: Facts) -> str:
        user = self._render(self._user, known, facts)
        return f"{user}\n{known['ask_for']}" if self._adds else user

    def _render(self, part: Compiled, known: Mapping[str, Any], facts: Facts) -> str:
        try:
            return part.render(known).strip()
        except Exception as error:
            self._explain(error, facts)

    def _explain(self, error: Exception, facts: Facts) -> NoReturn:
        """As a ScenarioError at the template's line, with what is known where a fact is not."""
        from jinja2 import UndefinedError

        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.where:
                line = trace.tb_lineno
            trace = trace.tb_next
        message = f"{type(error).__name__}: {error}"
        if isinstance(error, UndefinedError):
            message = f"{error}; known facts: {_known(facts)}"
        raise ScenarioError([self._problem(line, message)]) from error

    def unknown(self, facts: Collection[str]) -> list[Problem]:
        """Facts the template cannot do without and that are not among these."""
        found = []
        for name in self.needs:
            if name not in facts and name not in self.optional:
                close = get_close_matches(name, facts, n=1)
                guess = f" Did you mean '{close[0]}'?" if close else ""
                found.append(self._problem(0, f"no fact '{name}'.{guess} Known: {', '.join(sorted(facts))}."))
        return found

    def _problem(self, line: int, message: str) -> Problem:
        return Problem(f"{self.where}:{line}" if line else self.where, f"prompts.{self.name}", message)

    def _format(self, source: str) -> str:
        declared = _BRACKETS.match(source.split("\n", 1)[0].strip())
        if declared is None:
            return "json"
        if declared[1] not in ("json", "brackets"):
            raise ScenarioError([self._problem(1, f"no answer format '{declared[1]}'. Known: json, brackets.")])
        return declared[1]

    def _names(self, environment: Environment, source: str) -> tuple[set[str], frozenset[str]]:
        """Every name the template reads, and those it tests for being there."""
        from jinja2 import TemplateSyntaxError, meta, nodes

        try:
            tree = environment.parse(_RULE.sub("\n", source, count=1), self.name, self.where)
            names = meta.find_undeclared_variables(tree)
        except TemplateSyntaxError as error:
            raise ScenarioError([self._problem(error.lineno, str(error.message))]) from None
        tests = [*tree.find_all(nodes.Test), *tree.find_all(nodes.Filter)]
        tested = {
            test.node.name
            for test in tests
            if test.name in ("defined", "undefined", "default", "d") and isinstance(test.node, nodes.Name)
        }
        return names, frozenset(tested)

    def _compile(self, environment: Environment, source: str) -> Compiled:
        from jinja2 import TemplateError, TemplateSyntaxError

        try:
            code = environment.compile(source, self.name, self.where)
        except TemplateSyntaxError as error:
            raise ScenarioError([self._problem(error.lineno, str(error.message))]) from None
        except TemplateError as error:
            raise ScenarioError([self._problem(0, str(error))]) from None
        return environment.template_class.from_code(environment, code, dict(environment.globals))


def _known(facts: Facts) -> str:
    """The names of all facts; a KeyError tells them without computing any."""
    try:
        facts[""]
    except KeyError as error:
        return str(error.args[0]).partition("known: ")[2]
    return ", ".join(sorted(facts))


class Prompts:
    """How the decisions of a run are put to a model: their templates, and what the scenario's `prompting` adds.

    overrides: template name to file, as in a scenario's `prompts`; folder: what relative files are relative to;
    prompting: examples, reasoning. Raises ScenarioError for a file of examples that cannot be used.
    """

    def __init__(
        self,
        overrides: Mapping[str, str] | None = None,
        folder: str | Path = ".",
        prompting: Prompting | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._made: dict[str, Template] = {}
        self.use(overrides or {}, prompting)

    def get(self, name: str) -> Template:
        """The template of this name, compiled. Raises ScenarioError, naming file and line."""
        if name not in self._made:
            where, source = self._source(name)
            self._made[name] = _compiled(name, where, source)
        return self._made[name]

    def use(self, overrides: Mapping[str, str], prompting: Prompting | None = None) -> None:
        """Other overrides and another prompting from now on; those of before are forgotten."""
        self.prompting = prompting or Prompting()
        examples, self.examples_from = read_examples(self.prompting.examples, self.folder)
        self.shots = Shots(examples)
        self._overrides = dict(overrides)
        self._made.clear()

    def question(self, ask: Ask) -> Question:
        """How an ask is put and read. Raises ScenarioError when form and format do not go together."""
        template = self.get(ask.decision.template)
        asked = question(ask, template.brackets)
        if not self._reasons(ask.decision):
            return asked
        if template.brackets:
            raise ScenarioError.at("prompting.reasoning", no_room(template.name))
        return reasoned(asked, mode_of(ask))

    def messages(self, ask: Ask, asked: Question) -> Messages:
        """The messages of an ask, examples first. Raises ScenarioError where a template cannot be filled."""
        template = self.get(ask.decision.template)
        told = template.messages(ask.facts, asked)
        if not self.shots.examples or _apart(template.name):
            return told
        return [*told[:-1], *self.shots.turns(ask, template, asked), told[-1]]

    def _reasons(self, decision: Decision) -> bool:
        return self.prompting.reasons(decision.purpose) and not _apart(decision.template)

    def exists(self, name: str) -> bool:
        """Whether there is a file for this name."""
        return _NAME.fullmatch(name) is not None and self._file(name).is_file()

    def problems(self) -> list[Problem]:
        """What is wrong with the overrides: files that are missing or do not compile, names that do not exist."""
        found: list[Problem] = []
        for name in self._overrides:
            found += self.check(name)
        return found

    def check(self, name: str, facts: Collection[str] | None = None) -> list[Problem]:
        """What is wrong with one template; with `facts`, also which of them it reads that do not exist."""
        if name in self._overrides and (stranger := self._stranger(name)):
            return [stranger]
        try:
            template = self.get(name)
        except ScenarioError as error:
            return error.problems
        return template.unknown(facts) if facts is not None else []

    def _stranger(self, name: str) -> Problem | None:
        """An override for a template that no shipped world has."""
        known = shipped()
        world = name.split("/", 1)[0]
        if name in known or not any(other.startswith(world + "/") for other in known):
            if _NAME.fullmatch(name):
                return None  # shipped, or of a world from outside
            return Problem("", f"prompts.{name}", f"templates are named world/decision, such as {known[0]}")
        close = get_close_matches(name, known, n=1)
        guess = f" Did you mean '{close[0]}'?" if close else ""
        return Problem("", f"prompts.{name}", f"no template '{name}'.{guess} Known: {', '.join(known)}.")

    def _file(self, name: str) -> Traversable:
        if name in self._overrides:
            return self.folder / self._overrides[name]
        room, _, decision = name.partition("/")
        return _folder(room) / f"{decision}.j2"

    def _source(self, name: str) -> tuple[str, str]:
        if _NAME.fullmatch(name) is None:
            raise ScenarioError([Problem("", f"prompts.{name}", "templates are named world/decision")])
        file = self._file(name)
        try:
            return str(file), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            problem = "the template is not UTF-8 text"
        except OSError as error:
            problem = f"the template cannot be read: {error.strerror or error}"
        raise ScenarioError([Problem(str(file), f"prompts.{name}", problem)])


@lru_cache(maxsize=256)
def _compiled(name: str, where: str, source: str) -> Template:
    """A template, compiled once in a process: it takes longer than many a small run, and nothing in it changes."""
    return Template(_environment(), name, where, source)


@cache
def _environment() -> Environment:
    """Jinja as templates see it."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        """Keys of a dictionary come before its methods: they are facts, and it saves half the time."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if type(obj) is dict and attribute in obj:
                return obj[attribute]
            return super().getattr(obj, attribute)

    made = Sandbox(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    made.filters["data"] = data
    made.filters["lines"] = lines
    made.filters["pairs"] = pairs
    return made


def shipped() -> list[str]:
    """Names of the templates that come with simsoc, sorted."""
    found = []
    for room in (*_ROOMS, *(world.name for world in (files("simsoc") / "worlds").iterdir())):
        folder = _folder(room)
        if folder.is_dir():
            found += [f"{room}/{file.name[:-3]}" for file in folder.iterdir() if file.name.endswith(".j2")]
    return sorted(found)


def _folder(room: str) -> Traversable:
    """Where the templates of a world, of minds or of surveys are."""
    home = files("simsoc") if room in _ROOMS else files("simsoc") / "worlds"
    return home / room / "prompts"


def _apart(template: str) -> bool:
    """Whether a template takes no part in `prompting`: people are made up and texts scored alike, whatever it says."""
    return template.startswith(("population/", "scorers/")) or template == EMBED


def with_schema(messages: Messages, question: Question) -> Messages:
    """The messages with the JSON schema told at the end, for servers that take none."""
    schema = (question.first or question).schema
    if schema is None:
        return messages
    *before, last = messages
    told = f"Reply with one JSON object that fits this JSON schema, and with nothing else:\n{data(schema)}"
    return [*before, {**last, "content": f"{last['content']}\n\n{told}"}]


def with_repair(messages: Messages, said: str, wrong: str, question: Question) -> Messages:
    """The messages with the model's reply and what was wrong with it."""
    again = f"Your reply could not be read: {wrong}. {question.ask_for}"
    reply = [{"role": "assistant", "content": said}] if said.strip() else []
    return [*messages, *reply, {"role": "user", "content": again}]
