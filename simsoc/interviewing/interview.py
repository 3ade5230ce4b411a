"""Asking people of a run: `interview` for one of them, `interviews` for several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simsoc.backends.budget import Purse, check_budget
from simsoc.core.canonical import dumps, text_hash
from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.protocols import Backend
from simsoc.core.words import Answer, Reply
from simsoc.engine.live import LiveLoop
from simsoc.engine.polling import at_once
from simsoc.engine.route import Route
from simsoc.loading import load
from simsoc.runlog.interviews import beside
from simsoc.scenario.overrides import Overrides, changes
from simsoc.scenario.questions import Question
from simsoc.scenario.spec import Budget, Scenario
from simsoc.society import Society, new_hub
from simsoc.society.rebuilding import rebuilt, step_of
from simsoc.society.sitting import scenario_of
from simsoc.surveys.sheet import Asking, Heard, Sheet

from .afterwards import lent_after, route, settings_after
from .kept import Kept
from .people import called, name_of, selected

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

_MAY_SET = ("backend", "choice", "prompts", "prompting", "on_failure", "budget")
"""First parts of the keys that may be otherwise in an interview than in the run."""


class Interviewed(NamedTuple):
    """What somebody said in an interview."""

    agent: int
    name: str
    """Empty where it has none."""
    step: int
    """The last step that was over."""
    question: str
    answer: Any
    """None where there was no answer."""
    reply: Reply
    """How it came about: who answered, prompt, tokens, cost; why, where there is no answer."""


def interview(run: str | Path | Run, agent: int | str, question: str, **how: Any) -> Interviewed:
    """Ask one of the people of a run something, as it was after a step. Keywords as for `interviews`.

    agent: its id, or its name.
    """
    (said,) = interviews(run, [agent], question, **how)
    return said


def interviews(
    run: str | Path | Run,
    who: Sequence[int | str] | Mapping[str, Any],
    question: str,
    *,
    at: int | None = None,
    choice: Sequence[str] | None = None,
    scale: tuple[int, int] | None = None,
    number: tuple[float, float] | None = None,
    text: int | None = None,
    rule: str | Mapping[str, Any] = "standing",
    again: bool = False,
    log: str | Path | None = None,
    backend: Backend | Callable[..., Any] | str | Mapping[str, Any] | None = None,
    overrides: Overrides = (),
) -> list[Interviewed]:
    """Ask several of the people of a run something, as they were after a step; all at once, none hears of another.

    run: its log, which is only read. who: ids and names, or a selection as in a scenario, e.g. ``{"share": 0.1}``.
    at: the step after which they are asked, the last one when not given. choice, scale, number, text: what may be
    answered, as in a survey's question; words when nothing is said. rule: answers where no model is asked. again: ask
    anew what was asked before; otherwise the answer of then is given. log: where interviews are kept, by default
    ``RUN-interviews.jsonl`` beside the run. backend: who answers, instead of who answered for them at that step.
    overrides: `backend`, `choice`, `prompts`, `prompting`, `on_failure` and `budget` as with ``--set``; the run's own
    budget does not hold here.

    Raises LogError when the log has no such step, ScenarioError for what cannot be asked, BackendError when a model
    could not be reached, Divergence when the past does not come out as it was.
    """
    path = Path(run if isinstance(run, str | Path) else run.path)
    step = step_of(path, at)
    forms = {"choice": choice, "scale": scale, "number": number, "text": text}
    asked = {"name": "question", "ask": question, **{k: v for k, v in forms.items() if v is not None}}
    if not any(value is not None for value in forms.values()):
        asked["text"] = True
    if isinstance(backend, str | Mapping):
        given = overrides.items() if isinstance(overrides, Mapping) else overrides
        overrides, backend = [("backend", backend), *given], None
    of_who = {"who": dict(who)} if isinstance(who, Mapping) else {}
    survey = {"name": "interview", "at": step, "wording": "interview", "rule": rule, "questions": [asked], **of_who}
    settings, own = _settings(path, step, survey, overrides)
    society = rebuilt(path, step)
    try:
        people = selected(society, settings.surveys[0].who) if of_who else called(society, who)  # type: ignore[arg-type]
        asking = _Interview(settings, society, Kept(Path(log or beside(path)), partial(name_of, society)), again)
        lent = () if own or backend is not None else lent_after(path, step)
        return asking.of(people, route(settings, society, backend, lent))
    finally:
        society.close()


def _settings(log: Path, step: int, survey: Mapping[str, Any], overrides: Overrides) -> tuple[Scenario, bool]:
    """The settings of an interview, its one survey among them, and whether they have a backend of their own."""
    wanted, wrong = changes(overrides)
    told = f"an interview is with the people of the run as they are; {', '.join(_MAY_SET)} may be otherwise"
    wrong += [Problem(f"--set {c.key}", "", told) for c in wanted if c.key.split(".")[0] not in _MAY_SET]
    if wrong:
        raise ScenarioError(wrong)
    settings = settings_after(scenario_of(log, finished=True).alone(), step)
    fresh: list[tuple[str, Any]] = [("surveys", [survey]), ("reuse", []), ("budget", {})]
    try:
        made = load(settings, [*fresh, *wanted])
    except ScenarioError as error:
        raise ScenarioError([_plainly(problem) for problem in error.problems]) from None
    check_budget(made.budget, (made.backend, *made.backend.groups))
    return made, any(change.key.split(".")[0] == "backend" for change in wanted)


def _plainly(problem: Problem) -> Problem:
    """A problem of the question, told without the survey it was made into."""
    if problem.where != "--set surveys":
        return problem
    path = problem.path.removeprefix("surveys.0").removeprefix(".questions.0").removeprefix(".")
    return Problem("", path or "question", problem.message)


class _Interview:
    """One question put to people of a rebuilt society."""

    def __init__(self, settings: Scenario, society: Society, kept: Kept, again: bool) -> None:
        self._settings = settings
        self._survey = settings.surveys[0]
        self._society = society
        self._kept = kept
        self._again = again

    def of(self, people: Sequence[int], route: Route) -> list[Interviewed]:
        """What each of them says."""
        thoughts = [thought for agent in people for thought in self._thoughts(agent)]
        heard = self._heard(thoughts, route)
        return [self._told(agent, heard_of) for agent, heard_of in zip(people, heard, strict=True)]

    def _thoughts(self, agent: int) -> list[Asking]:
        society, step = self._society, self._society.engine.clock
        question = self._survey.questions[0]
        address = (society.engine.seed, agent, step, _purpose(question))
        draw = self._kept.draws(address) if self._again else 0
        rule = society.setting.rule("survey_rules", self._survey.rule)
        sheet = Sheet(self._survey, rule, self._settings.choice, _purpose, draw)
        return sheet.thoughts(society.surveying.respondent(agent, step, self._settings.prompting.persona))

    def _heard(self, thoughts: Sequence[Asking], route: Route) -> list[Heard]:
        if all(hasattr(backend, "now") for backend in route.backends()):
            return at_once(thoughts, route.responder(), self._kept)
        budget = self._settings.budget
        purse = Purse.of(budget) if budget != Budget() else None
        live = LiveLoop(new_hub(), route, self._kept, self._settings.on_failure, answers=self._kept, purse=purse)
        try:
            return live.poll(thoughts)
        finally:
            live.close()

    def _told(self, agent: int, heard: Heard) -> Interviewed:
        ((question, reply, _),) = heard
        answer = reply.value if isinstance(reply, Answer) else None
        name, step = name_of(self._society, agent), self._society.engine.clock
        return Interviewed(agent, name, step, question.ask, answer, reply)


def _purpose(question: Question) -> str:
    """The same question with the same answers to choose from is the same call."""
    form = {question.kind: getattr(question, question.kind)}
    return f"interview/{text_hash(dumps([question.ask, form]))[:12]}"
