"""A society: the one mesa.Model, with people as mesa.Agents, where all parts meet.

``Society(scenario, seed)`` works wherever a Mesa model does: step it by hand, give it to ``mesa.batch_run`` (with seeds
as a parameter: in Mesa 3.3 `iterations` alone repeats one and the same run), read its DataCollector. Order and draws
come from addressed streams, never from Mesa's generators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import mesa
import networkx as nx

from simsoc.backends import build as build_backend
from simsoc.backends.budget import Purse, check_budget
from simsoc.core.errors import Divergence, LogError, ScenarioError, SimsocError
from simsoc.core.protocols import Backend, Gathered, Log, Sought, World
from simsoc.engine.hub import Hub
from simsoc.engine.live import LiveLoop
from simsoc.engine.loop import Engine
from simsoc.engine.siblings import Sibling
from simsoc.engine.silent import Silent
from simsoc.loading import load, placed
from simsoc.population.personas import Personas
from simsoc.population.phrases import phrased
from simsoc.scenario.spec import Budget, Scenario
from simsoc.shelves import SHELVES
from simsoc.worlds.setting import Setting

from .answering import Answering, named_backends
from .build import measures, people_and_ties, people_of, unweighted, weighed, worlds
from .peopling import asked_for
from .remembering import log_memories
from .showing import Showing
from .sitting import Parent, Twin, sit, spent
from .surveying import Surveying
from .timeline import Timeline


class _NextId:
    """Stands in for Mesa's counter: an agent's unique_id is its place among the people, from 0.

    Mesa's own counter starts at 1 and keeps every model it has seen alive.
    """

    def __getitem__(self, model: Society) -> Iterator[int]:
        return iter((len(model.people),))


class Person(mesa.Agent):  # type: ignore[misc]
    """One member of a society. `unique_id` is also its node in the graph and its id in the run log."""

    _ids = _NextId()

    def __init__(self, model: Society, traits: Mapping[str, Any]) -> None:
        super().__init__(model)
        self.traits = traits
        """What is known about this person, by name."""
        self.left: int | None = None
        """The step before which it left, or None."""

    @property
    def neighbours(self) -> list[Person]:
        """Those this person sees: neighbours, or whom it follows in a directed network."""
        if self.left is not None:
            return []
        return [self.model.people[other] for other in self.model.ties.neighbours(self.unique_id)]


class Society(mesa.Model):  # type: ignore[misc]
    """People, their ties, one clock and one or more worlds.

    scenario: path of a YAML file, a mapping, or a loaded Scenario. seed: instead of the scenario's. log: where to write
    the run log; nothing is written when None. resume: go on with that log instead of making it. parent: the run that
    this one is forked from (`simsoc.fork`). backend: instead of the scenario's, as it would be written there, or a
    backend or a function ``ask -> value`` that answers for everybody.
    hub: the event loop and slots to share with other runs, instead of its own. twin: which run of an experiment it is.
    purse: what may be spent, shared with other runs, instead of the scenario's own budget. rehearse: makes the backends
    in place of the real ones (`simsoc.plan`).
    Where a server has to be asked who the people are (population `expanded`), they come with the first step.
    kwargs: overrides as with ``--set``, e.g. ``**{"world.rule.beta": 2}`` or ``world__rule__beta=2``. Raises
    ScenarioError for what cannot be built.
    """

    def __init__(
        self,
        scenario: str | Path | Mapping[str, Any] | Scenario,
        seed: int | None = None,
        *,
        log: str | Path | None = None,
        overwrite: bool = False,
        resume: bool = False,
        parent: Parent | None = None,
        backend: Backend | Callable[..., Any] | str | Mapping[str, Any] | None = None,
        hub: Hub | None = None,
        twin: Twin | None = None,
        purse: Purse | None = None,
        rehearse: Callable[..., Backend] | None = None,
        **kwargs: Any,  # SolaraViz takes further parameters under this name alone
    ) -> None:
        overrides = kwargs
        if isinstance(backend, str | Mapping):  # as a scenario writes it
            overrides, backend = {**overrides, "backend": backend}, None
        self.scenario = loaded(scenario, seed, overrides)
        seed = self.scenario.seed
        super().__init__(seed=seed)
        self.seed = seed
        self.people: list[Person] = []
        """Everybody, by id."""
        self.measured: dict[str, float | None] = {}
        """Latest value of each measure."""
        self._joined: list[tuple[int, int]] = []
        self._resumed = resume
        self._strict = rehearse is None
        self._showing = Showing()
        try:
            self._build(backend, rehearse)
            self._writer, self._past, self._answers = sit(
                self.scenario,
                None if log is None else Path(log),
                self._backends(),
                directed=self.ties.directed,
                overwrite=overwrite,
                resume=resume,
                parent=parent,
                twin=twin,
            )
        except ScenarioError as error:
            raise placed(error, self.scenario) from None
        if self._writer is not None and any(hasattr(world, "stored") for world in self.worlds):
            self._writer.trace()
        self._log: Log = self._past or self._writer or Silent()
        self._live = self._live_loop(self._log, hub, None if twin is None else twin.sibling, purse)
        self.engine = self._new_engine()
        try:
            if self._sought is None:
                self._begin()
            elif hasattr(self._asked_for_people, "now"):  # who are asked for on a server come with the first step
                self._meet()
        except BaseException as error:
            if self._sought is not None:
                self._give_up(error)
            self._let_go()
            raise

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self, backend: Backend | Callable[..., Any] | None, make: Callable[..., Backend] | None) -> None:
        """People, ties, worlds and who answers; nothing is written or asked yet.

        For people who have to be asked for others stand in, to see whether all fits together.
        """
        found = people_of(self.scenario, self.seed)
        self._sought: Sought | None = None if isinstance(found, Gathered) else found
        """What asks for the people, as long as they are not there."""
        self._settle(found if isinstance(found, Gathered) else found.stand_ins())
        if backend is None and make is None:
            check_budget(self.scenario.budget, named_backends(self.scenario))
        self._answering = Answering(self.scenario, self.seed, backend, make or build_backend)
        self._direct()
        if self._sought is not None:
            spec = self._sought.backend or self.scenario.backend
            self._asked_for_people = self._answering.backend(spec, "population.backend")

    def _settle(self, found: Gathered) -> None:
        """These people, their ties and the worlds."""
        self.peopled: Mapping[str, Any] = found.told
        """What it took to get the people: how they were drawn, whom that left out, margins (its note in the log)."""
        self._joined.clear()
        self._traits, self.ties = people_and_ties(self.scenario, self.seed, found.people)
        self.setting = Setting(
            self.seed,
            self._traits,
            self.ties,
            {name: shelf.within(self.scenario.folder) for name, shelf in SHELVES.items()},
            self._join,
            self.scenario.choice,
            self.scenario.minds,
            self.scenario.prompting.persona,
            Personas(self.seed, len(self._traits), None if found.words is None else phrased(found.words)),
            self.scenario.folder,
            weighted=self.peopled.get("mode") == "weighted",
        )
        wrong = list(self.setting.personas.problems(self._traits, self.setting.persona))
        if wrong:
            raise ScenarioError(wrong)
        self.worlds: list[World] = worlds(self.scenario, self.setting)
        self.length = self._length()

    def _direct(self) -> None:
        """Who answers for whom, who takes a turn when, what is done from outside, and what is measured."""
        self._answering.meet(self._traits, self.ties)
        self.timeline = Timeline(self, self._answering)
        self.route, self._regime = self.timeline.route, self.timeline.schedule
        self.surveying = Surveying(self)
        self._measures = measures(self.worlds, self.scenario)
        if wrong := unweighted(self.worlds, self.setting, self._measures):
            raise ScenarioError(wrong)
        if self.setting.weighted:
            self.peopled = {**self.peopled, "weighed": weighed(self.worlds, self._measures)}

    def _backends(self) -> list[Backend]:
        """Every backend that may ever answer."""
        found = self.route.backends()
        if self._sought is not None and all(self._asked_for_people is not backend for backend in found):
            found.append(self._asked_for_people)
        return found

    def _new_engine(self) -> Engine:
        return Engine(
            self.seed,
            self.worlds,
            self._regime,
            self.route.responder(),
            self._log,
            live=self._live,
            quiet=lambda step: not self.timeline.due(step) and not self.surveying.stirs(step - 1),
        )

    def _meet(self) -> None:
        """Ask for the people, in the place of those who stood in for them, and begin.

        Raises ScenarioError when there are too few, BackendError when a model could not be reached.
        """
        assert self._sought is not None
        try:
            found = asked_for(self._sought, self._asked_for_people, self._log, self._live, strict=self._strict)
            self._settle(found)
            self._direct()
        except ScenarioError as error:
            raise placed(error, self.scenario) from None
        self._sought = None
        if self._live is not None:
            self._live.route = self.route
        self.engine = self._new_engine()
        self._begin()

    def _length(self) -> int:
        """Steps to run: the scenario's, or as long as a world lasts by itself."""
        lengths = [world.length for world in self.worlds if world.length is not None]
        if self.scenario.steps is not None:
            return self.scenario.steps
        if not lengths:
            raise ScenarioError.at("steps", "how many? This world does not end by itself; write e.g. steps: 30")
        return max(lengths)

    def _live_loop(self, log: Log, hub: Hub | None, sibling: Sibling | None, purse: Purse | None) -> LiveLoop | None:
        if all(hasattr(b, "now") for b in self._backends()):
            return None
        if purse is None and self.scenario.budget != Budget():
            purse = Purse.of(self.scenario.budget, None if self._writer is None else spent(self._writer.path))
        shared = hub if hub is not None else new_hub()
        return LiveLoop(
            shared,
            self.route,
            log,
            self.scenario.on_failure,
            answers=self._answers,
            sibling=sibling,
            purse=purse,
            own=hub is None,
        )

    @property
    def replaying(self) -> bool:
        """Whether what happens now is in the log already (a resumed run catching up)."""
        return self._past is not None and self._past.replaying

    def _begin(self) -> None:
        """Step 0: people, ties and the starting state go into the log; measures are taken once."""
        if self.peopled:
            self.note(0, "population", self.peopled)
        if "told" in self.ties.graph.graph:
            self.note(0, "network", self.ties.graph.graph["told"])
        joined = {agent for agent, _ in self._joined}
        for agent in sorted(joined.union(self.ties.graph)):
            self.admit(agent, 0)
        self._joined.clear()
        if self._writer is not None and not self.replaying:
            for a, b, attributes in self.ties.edges():
                self._writer.tie_from(a, b, 0, attributes)
        self.ties.changes.clear()
        self.engine.begin()
        self._log_ties()
        self.datacollector = mesa.DataCollector(model_reporters={name: _reported(name) for name in self._measures})
        self._measure()
        if not self.surveying.due(0, last=self._over() is not None):
            self._start_over()

    def _start(self) -> None:
        """What the first step brings with it: people who are asked for on a server, and surveys of the start."""
        if self._sought is not None:
            self._meet()
        if self._starting:
            self._survey()
            self._start_over()

    def _start_over(self) -> None:
        """The starting state is whole."""
        self._starting = False
        self._commit()
        self._check_end()

    def _join(self, agent: int, step: int) -> None:
        """A world has let the next id in; it becomes a Person when the step's events are logged."""
        self.ties.add_agent(agent)
        self._joined.append((agent, step))

    def admit(self, agent: int, step: int) -> None:
        """Somebody who has joined is one of the people from now on."""
        person = Person(self, self._traits[agent])
        assert person.unique_id == agent, "ids append"
        self.people.append(person)
        if self._writer is not None and not self.replaying:
            self._writer.agent(agent, step, person.traits, self.route.of(agent).name)

    def see_off(self, agent: int, step: int) -> None:
        """Somebody who has left is no agent any more; `people` keeps its place."""
        self.people[agent].left = step
        self.people[agent].remove()

    def note(self, step: int, kind: str, content: Mapping[str, Any]) -> None:
        """Something that happened to the run rather than in it, for its log."""
        if self._writer is not None and not self.replaying:
            self._writer.note(step, kind, content)

    # -- time ---------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One tick of the clock. Raises BackendError when a model could not be reached; the run can be resumed."""
        try:
            if self._starting:
                self._start()
                if not self.running:
                    return
            self._intervene(self.engine.clock + 1)
            self.engine.step(self._until)
            self._close_step()
        except BaseException as error:
            with suppress(LogError):  # the error that brought us here matters more
                self._give_up(error)
            raise
        self._check_end()

    def _close_step(self) -> None:
        """The people, ties and measures that a step leaves, and its place in the log."""
        for agent, step in self._joined:
            self.admit(agent, step)
        self._joined.clear()
        self._log_ties()
        self._measure()
        self.datacollector.collect(self)
        self._survey()
        self._commit()

    def _survey(self) -> None:
        """Ask what is due after the step that is over."""
        self.surveying.hold(self.engine.clock, last=self._over() is not None)

    def _give_up(self, error: BaseException) -> None:
        """A step came to nothing: the run ends, and can be resumed."""
        if isinstance(error, Divergence) and self._resumed:
            self._let_go()  # the log stays as it is
        else:
            self._end("stopped" if isinstance(error, SimsocError | KeyboardInterrupt) else "failed", _why(error))

    def _intervene(self, step: int) -> None:
        """What is done from outside before anybody's turn."""
        if self.timeline.due(step):
            self.timeline.apply(step)

    def run_model(self, progress: Callable[[Society], None] | None = None) -> None:
        """Step until the end. `progress` is called after every step, to look and not to touch.

        Models may be asked for turns of later steps before a step is over, which `step` by hand never does.
        """
        self._until = self.length
        try:
            while self.running:
                self.step()
                if progress is not None:
                    progress(self)
        finally:
            self._until = 0

    def _measure(self) -> None:
        for name, of in self._measures.items():
            value = self.measured[name] = of()
            if self._writer is not None and not self.replaying:
                self._writer.measure(self.engine.clock, name, value)

    def _log_ties(self) -> None:
        if self._writer is not None and not self.replaying:
            for added, a, b, attributes in self.ties.changes:
                if added:
                    self._writer.tie_from(a, b, self.engine.clock, attributes)
                else:
                    self._writer.tie_to(a, b, self.engine.clock)
        self.ties.changes.clear()

    def _commit(self) -> None:
        writer = None if self.replaying else self._writer
        log_memories(self.worlds, writer, self.engine)
        self._showing.log(self.engine.shown, writer, self.engine.clock)
        self._showing.log_suggested(self.engine.suggested, writer)
        log = self._past or self._writer
        if log is not None:
            log.commit(self.engine.clock, turns=self.engine.turns)

    def _over(self) -> str | None:
        """Why the run ends here, or None."""
        done = "all steps done" if self.engine.clock >= self.length else None
        return self.engine.stopped or done

    def _check_end(self) -> None:
        reason = self._over()
        if reason is not None:
            self._end("finished", reason)

    def _end(self, status: str, reason: str) -> None:
        """The run is over: say so in the log and let everything go."""
        self.running = False
        self.ended = reason
        try:
            if self._live is not None:
                self._live.close()
            if self._writer is not None:
                self._writer.finish(status, reason, digest=self.digest, turns=self.engine.turns)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self.running = False
        writer, self._writer = self._writer, None
        try:
            if self._live is not None:
                self._live.close()
        finally:
            if writer is not None:
                writer.close()

    def interrupt(self) -> None:
        """From any thread: ask models nothing more, so that the step under way ends as interrupted."""
        if self._live is not None:
            self._live.interrupt()

    def close(self, reason: str = "closed by hand") -> None:
        """Give up a society before its end; its log says why. Nothing happens when it has ended."""
        if self.running:
            self._end("stopped", reason)

    # -- looking ------------------------------------------------------------------------------------------------

    _until = 0
    _starting = True
    ended: str | None = None
    """Why the run is over, or None."""

    @property
    def asks_servers(self) -> bool:
        """Whether somebody is answered by a server."""
        return self._live is not None

    @property
    def graph(self) -> nx.Graph:
        """Who is tied to whom now; a node is an agent id."""
        return self.ties.graph

    @property
    def digest(self) -> str:
        """Digest of all events so far: equal for equal runs."""
        return self.engine.digest.hex()

    def add_person(self, **traits: Any) -> Person:
        """Somebody new with no ties, from now on. Nobody else's draws change.

        Raises ScenarioError where a world cannot take anybody in.
        """
        if self._sought is not None:
            raise ScenarioError("the people come with the first step; nobody can join before them")
        for world in self.worlds:
            refuses = getattr(world, "refuses_person", None)
            why = refuses(traits) if refuses is not None else f"world '{world.kind}' takes no newcomers from outside"
            if why is not None:
                raise ScenarioError(why)
        return self.people[self.timeline.join(traits, self.engine.clock)]


def new_hub() -> Hub:
    """An event loop with a gate of its backend's slots in front of each server."""
    from simsoc.backends.gate import Gate

    return Hub(lambda backend: Gate(backend, backend.slots, per_minute=getattr(backend, "per_minute", None)))


def loaded(scenario: Any, seed: int | None, overrides: Mapping[str, Any]) -> Scenario:
    """The scenario with its overrides; one that is loaded already is not checked again for a seed alone."""
    if isinstance(scenario, Scenario) and not overrides and (seed is None or 0 <= int(seed) < 2**63):
        return scenario if seed is None else scenario.model_copy(update={"seed": int(seed)})
    given = list(overrides.items()) + ([("seed", int(seed))] if seed is not None else [])
    return load(scenario, given)


def _reported(name: str) -> Callable[[Society], float | None]:
    """A DataCollector reporter for a measure that has been taken already."""
    return lambda society: society.measured[name]


def _why(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return f"{type(error).__name__}: {error}"
