"""Who answers for whom: the backends of a scenario, each made once, and a route that interventions may change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simsoc.backends import build as build_backend
from simsoc.backends.prompts import Prompts
from simsoc.core.canonical import dumps
from simsoc.core.errors import ScenarioError
from simsoc.core.lettering import LETTERS
from simsoc.core.protocols import Backend, Respond, Ties
from simsoc.core.stream import draw
from simsoc.engine.route import Route
from simsoc.minds.embedding import server
from simsoc.population.who import chosen, members
from simsoc.scenario.spec import BackendSpec, Scenario, Who
from simsoc.shelves import SHELVES


def named_backends(scenario: Scenario) -> list[BackendSpec]:
    """The settings of every backend that a scenario names, but for those of interventions."""
    people = getattr(scenario.population.given, "backend", None)
    vectors = server(scenario.minds)
    return [scenario.backend, *scenario.backend.groups, *(one for one in (people, vectors) if one is not None)]


class Answering:
    """Makes the backends of a run.

    given: a backend, or a function, that answers for everybody instead; make: makes a backend from its settings. Raises
    ScenarioError for templates that cannot be used.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        given: Backend | Callable[..., Any] | None = None,
        make: Callable[..., Backend] = build_backend,
    ) -> None:
        self._make = make
        self.prompts = self.prompts_of(scenario)
        self._check_prompts(self.prompts, scenario)
        self._seed = seed
        self._people: list[dict[str, Any]] = []
        self._ties: Ties | None = None
        self._made: dict[str, Backend] = {}
        self._given: Backend | None = None
        if given is not None:
            self._given = _backend(given)
        elif scenario.backend.model.startswith("replay/") and not scenario.backend.groups:
            self._given = self.backend(scenario.backend, "backend")  # whoever answered, whatever interventions say

    def meet(self, people: list[dict[str, Any]], ties: Ties) -> None:
        """The people of the society and their ties, as they are whenever somebody is looked up."""
        self._people, self._ties = people, ties

    @staticmethod
    def prompts_of(scenario: Scenario) -> Prompts:
        """How a scenario puts its decisions. Raises ScenarioError for a file of examples that cannot be used."""
        return Prompts(scenario.prompts, scenario.folder, scenario.prompting)

    @staticmethod
    def _check_prompts(prompts: Prompts, scenario: Scenario) -> None:
        if scenario.prompts and (problems := prompts.problems()):
            raise ScenarioError(problems)

    def backends(self) -> list[Backend]:
        """Every backend made so far."""
        return list(self._made.values()) if self._given is None else [self._given]

    def backend(self, spec: BackendSpec, path: str) -> Backend:
        """The backend of these settings. Raises ScenarioError, naming the path, or MissingKey."""
        if self._given is not None:
            return self._given
        key = dumps(spec.model_dump(mode="json", include=set(BackendSpec.model_fields)))
        if key not in self._made:
            try:
                self._made[key] = self._make(spec, prompts=self.prompts, seed=self._seed)
            except LookupError as error:
                raise ScenarioError.at(f"{path}.model", str(error)) from None
        return self._made[key]

    def vectors(self, scenario: Scenario) -> Backend | None:
        """Who is asked for vectors of texts; None where nobody is, or one backend answers everything."""
        spec = server(scenario.minds) if self._given is None else None
        return None if spec is None else self.backend(spec, "minds.memory.embedder")

    def check(self, scenario: Scenario) -> None:
        """Make what another scenario of the run needs, later. Raises ScenarioError where it cannot be had."""
        self._check_prompts(self.prompts_of(scenario), scenario)
        self.of(scenario)

    def of(self, scenario: Scenario, *, exact: bool = True) -> tuple[Backend, dict[int, Backend]]:
        """The backend of everybody, and those of the agents who have another.

        exact: refuse groups of exactly n of whom there are fewer; while a run goes on, all there are will do.
        """
        spec = scenario.backend
        default = self.backend(spec, "backend")
        if self._given is not None:
            return default, {}
        groups: dict[int, Backend] = {}
        for number, group in enumerate(spec.groups):
            path = f"backend.groups.{number}"
            backend = self.backend(group, path)
            for agent in self._members(group.who, number, path if exact else None):
                groups.setdefault(agent, backend)
        _readable_labels(scenario, [default, *groups.values()])
        return default, groups

    def of_newcomer(self, scenario: Scenario, agent: int) -> Backend | None:
        """The backend of the first group that somebody new fits into; groups of a fixed size take nobody in."""
        for number, group in enumerate(scenario.backend.groups if self._given is None else ()):
            closed = group.who.n is not None or (group.who.degree is not None and group.who.degree.top is not None)
            if not closed and self._members(group.who, number, None, among=[agent]):
                return self.backend(group, f"backend.groups.{number}")
        return None

    def _members(self, who: Who, number: int, path: str | None, among: Sequence[int] | None = None) -> list[int]:
        purpose = f"backend/{number}"
        if path is not None:
            return members(who, self._people, self._seed, path=f"{path}.who", purpose=purpose, ties=self._ties)
        lot = lambda agent: draw(self._seed, purpose, agent)  # noqa: E731
        return chosen(who, self._people, lot, ties=self._ties, among=among)


def _backend(given: Backend | Callable[..., Any]) -> Backend:
    if hasattr(given, "now") or hasattr(given, "slots"):
        return given  # type: ignore[return-value]
    from simsoc.backends.local import from_function

    return from_function(given)  # type: ignore[arg-type]


def _readable_labels(scenario: Scenario, backends: Sequence[Backend]) -> None:
    """Raises ScenarioError where log-probabilities of labels cannot be read from one token."""
    if scenario.choice != "logprobs" or all(hasattr(b, "now") for b in backends):
        return
    from simsoc.backends.odds import logprob_labels_ok

    for part in scenario.world:
        labels = getattr(SHELVES["worlds"].get(part.kind), "closed_labels", None)
        why = logprob_labels_ok(labels(part.given), scenario.backend.top_logprobs) if labels is not None else None
        if why is not None:
            raise ScenarioError.at("choice", why)
    for number, survey in enumerate(scenario.surveys):
        for place, question in enumerate(survey.questions):
            why = logprob_labels_ok(LETTERS[: len(question.choice or ())], scenario.backend.top_logprobs)
            if why is not None:
                raise ScenarioError.at(f"surveys.{number}.questions.{place}.choice", why)


class Changing(Route):
    """A route that may change between steps. `known` are all backends that may ever answer."""

    def __init__(
        self,
        default: Backend,
        groups: Mapping[int, Backend],
        known: Sequence[Backend],
        *,
        vectors: Backend | None = None,
    ) -> None:
        super().__init__(default, groups, vectors=vectors)
        self._known = list(known)
        self._lent: dict[int, dict[int, Backend]] = {}

    def use(self, default: Backend, groups: Mapping[int, Backend]) -> None:
        """Who answers from now on, but for agents to whom a backend is lent."""
        self.default, self._groups = default, dict(groups)

    def take_in(self, agent: int, backend: Backend | None) -> None:
        """Somebody new, with a backend of its own where there is one."""
        if backend is not None:
            self._groups[agent] = backend

    def lend(self, index: int, agents: Sequence[int], backend: Backend) -> None:
        """An intervention lets a backend answer for these agents, over all lent before."""
        self._lent.pop(index, None)
        self._lent[index] = dict.fromkeys(agents, backend)

    def take_back(self, index: int) -> None:
        """It does so no more."""
        self._lent.pop(index, None)

    def of(self, agent: int) -> Backend:
        """The backend that answers for an agent now."""
        for lent in reversed(self._lent.values()):
            if agent in lent:
                return lent[agent]
        return super().of(agent)

    def backends(self) -> list[Backend]:
        """Every backend that may ever answer, once."""
        return list(self._known)

    def responder(self) -> Respond:
        """Looked up at each ask."""
        return self.now
