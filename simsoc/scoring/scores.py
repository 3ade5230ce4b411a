"""Every text of a run with its number: `scores`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import ValidationError

from simsoc.backends import build
from simsoc.backends.budget import Purse, check_budget
from simsoc.backends.prompts import Prompts
from simsoc.core.canonical import dumps, text_hash
from simsoc.core.errors import LogError, ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.protocols import Backend
from simsoc.core.shelf import Strict
from simsoc.core.words import Answer, Ask, Reply
from simsoc.engine.live import LiveLoop
from simsoc.engine.polling import Looking, at_once
from simsoc.engine.route import Route
from simsoc.scenario.findings import found, in_order
from simsoc.scenario.origin import Origin
from simsoc.scenario.places import Place
from simsoc.scenario.plain import plain
from simsoc.scenario.spec import Budget, Named, Part
from simsoc.scorers import Asked, Local, Scorer, built
from simsoc.scorers.scorer import said
from simsoc.shelves import SHELVES
from simsoc.society import new_hub

from .kept import Kept, beside

if TYPE_CHECKING:
    import pandas as pd

    from simsoc.runlog.reader import Run

COLUMNS = ("event", "step", "turn", "agent", "kind", "text", "score", "status", "scorer", "version")


class _Wanted(Strict):
    """What may be said about how texts are scored."""

    scorer: Annotated[Part, Named("scorers")]
    budget: Budget = Budget()


class _Score(NamedTuple):
    """The number of one text, or why there is none."""

    number: float | None
    status: str
    """ok, `no text` where nobody wrote anything, or refused, unparseable, truncated."""


def scores(
    run: str | Path | Run,
    scorer: str | Mapping[str, Any] | Scorer = "lexicon",
    *,
    log: str | Path | None = None,
    budget: Mapping[str, Any] | None = None,
    backend: Backend | None = None,
) -> pd.DataFrame:
    """Every text of a run with its number in [0, 1]: a row for each event that holds a text, in applied order.

    run: its log, which is only read. scorer: a name, or a mapping with its keys, as in a scenario. log: where the
    answers of one that is asked are kept, by default ``RUN-scores.jsonl`` beside the run; equal texts are asked once,
    ever. budget: what may be spent in this sitting, as in a scenario. backend: answers instead of the scorer's own.

    Columns: event (its place in the log), step, turn, agent, kind; text (a title above it); score, missing where status
    is not ok; scorer and version, which are part of the result. What a scale means is in `Scorer.scale`. Raises
    ScenarioError for a scorer that cannot be had, BackendError when a model could not be reached.
    """
    import pandas as pd

    from simsoc.runlog.reader import open_run

    path = Path(run if isinstance(run, str | Path) else run.path)
    wanted, caps = _wanted(scorer, budget or {})
    with open_run(path) as opened:
        rows = list(_texts(opened))
    texts = [row[-1] for row in rows]
    if isinstance(wanted, Local):
        made = [_Score(number, "ok" if number is not None else "no text") for number in wanted(texts)]
    else:
        made = _Asking(wanted, Kept(Path(log) if log is not None else beside(path)), caps, backend).of(texts)
    told = [(*row, *one, wanted.name, wanted.version) for row, one in zip(rows, made, strict=True)]
    return pd.DataFrame(told, columns=list(COLUMNS)).astype({"score": "float64"})


def local_scorer(scorer: str | Mapping[str, Any]) -> Local:
    """A scorer that answers at once, by name or as a mapping. Raises ScenarioError."""
    made, _ = _wanted(scorer, {})
    if not isinstance(made, Local):
        raise ScenarioError.at("scorer", f"'{made.name}' has to be asked, run by run: simsoc score RUN --scorer ...")
    return made


def _wanted(scorer: str | Mapping[str, Any] | Scorer, budget: Mapping[str, Any]) -> tuple[Scorer, Budget]:
    """Raises ScenarioError."""
    given = isinstance(scorer, Local | Asked)
    data = plain({"scorer": "lexicon" if given else scorer, "budget": dict(budget)})
    try:
        checked = _Wanted.model_validate(data, context={"shelves": SHELVES})
    except ValidationError as error:
        raise ScenarioError(in_order(found(error, Place(SHELVES, _Wanted), data), Origin())) from None
    made = scorer if isinstance(scorer, Local | Asked) else built(checked.scorer)
    if isinstance(made, Asked):
        check_budget(checked.budget, [made.backend])
    return made, checked.budget


def _texts(run: Run) -> Iterator[tuple[int, int, int, int, str, str]]:
    """Event, step, turn, agent, kind and text of each event that holds one."""
    for number, event in enumerate(run.stored_events(), start=1):
        text = event.content.get("text")
        if isinstance(text, str):
            title = event.content.get("title")
            whole = f"{title}\n\n{text}".strip() if isinstance(title, str) and title else text
            yield number, event.step, event.turn, event.agent, event.kind, whole


class _Asking:
    """A scorer that has to be asked, with its answers of before."""

    def __init__(self, scorer: Asked, kept: Kept, budget: Budget, backend: Backend | None) -> None:
        self._scorer = scorer
        self._kept = kept
        self._budget = budget
        self._backend = backend

    def of(self, texts: Sequence[str]) -> list[_Score]:
        """A score for each text; each different one is asked once."""
        whole = [said(text) for text in texts]
        different = [text for text in dict.fromkeys(whole) if text]
        replies = self._replies([self._thought(text) for text in different])
        by_text = dict(zip(different, map(self._score, replies), strict=True))
        return [by_text[text] if text else _Score(None, "no text") for text in whole]

    def _thought(self, text: str) -> Looking:
        decision, facts = self._scorer.decision, {**self._scorer.facts, "text": text}
        purpose = f"{decision.purpose}/{text_hash(dumps([decision.template, facts]))}"
        return (yield Ask(0, 0, 0, 0, 0, decision, Facts(facts), purpose))

    def _replies(self, thoughts: Sequence[Looking]) -> list[Reply]:
        try:
            backend = self._backend or build(self._scorer.backend, prompts=Prompts(), seed=0)
        except LookupError as error:
            raise ScenarioError.at("scorer.backend", str(error)) from None
        route = Route(backend)
        if hasattr(backend, "now"):
            return at_once(thoughts, route.responder(), self._kept)
        purse = Purse.of(self._budget) if self._budget != Budget() else None
        live = LiveLoop(new_hub(), route, self._kept, answers=self._kept, purse=purse)
        try:
            return live.poll(thoughts)
        finally:
            live.close()

    def _score(self, reply: Reply) -> _Score:
        if not isinstance(reply, Answer):
            return _Score(None, reply.reason)
        try:
            return _Score(self._scorer.number(reply.value), "ok")
        except ValueError as error:
            raise ScenarioError.at("scorer", str(error)) from None


def summary(frame: pd.DataFrame, at: float = 0.5) -> pd.DataFrame:
    """One row for each kind of event and one for all: texts, how many have no number, mean, and share at `at` or above.

    at: from which score on a text counts, e.g. as toxic, or as breaking a rule. Raises LogError where there is no text.
    """
    import pandas as pd

    if not len(frame):
        raise LogError("there is no text in this run to score")
    rows = []
    for kind, part in [*frame.groupby("kind", sort=False), ("all", frame)]:
        numbers = part["score"].dropna()
        shares = (numbers.mean(), (numbers >= at).mean()) if len(numbers) else (None, None)
        rows.append((kind, len(part), len(part) - len(numbers), *shares, part["scorer"].iloc[0]))
    told = pd.DataFrame(rows, columns=["kind", "texts", "without", "mean", "share", "scorer"])
    told["version"] = frame["version"].iloc[0]
    return told
