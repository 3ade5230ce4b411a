"""Every exception of simsoc, on one page.

::

    SimsocError
      ScenarioError      the user can fix it in the YAML; carries every Problem found
      BackendError       what the wire did: not an answer, stops the run resumably (or is skipped, `on_failure: skip`)
        MissingKey         an API key is not in the environment
        BadRequest         the server understood and said no (4xx other than 408, 409, 425, 429)
        RateLimited        429 until the patience was used up
        Unreachable        no connection, a reset, or 5xx until the retries were used up
        TimedOut           no answer within the time limit
      OverBudget         a cap of `budget:` is reached: stops the run resumably, is never skipped
      WorldError         a bug in a world, rule or mind, never in the data
        RuleError          a rule raised, or returned something that is not a legal answer
      LogError           the run log cannot be used
        LogExists          a log is already there and was not asked to be replaced
        OldSchema          written by a newer simsoc than this one
        BrokenLog          damaged, incomplete, or not a run log at all
        Divergence         a resumed run does not come out as it was logged

``NoAnswer`` is not here: what a model gave is data, a returned value (see core.words).
"""

from __future__ import annotations

from typing import Any, NamedTuple


class SimsocError(Exception):
    """Anything simsoc raises on purpose."""


class Problem(NamedTuple):
    """One thing wrong in a scenario."""

    where: str
    """`file:line`, or `--set key` for an override; may be empty."""
    path: str
    """Dotted path in the scenario, such as `world.rule.beta`; may be empty."""
    message: str
    """What was met, what is known, and the nearest guess."""

    def __str__(self) -> str:
        """`file:line  path: message`, leaving out what is not known."""
        said = f"{self.path}: {self.message}" if self.path else self.message
        return f"{self.where}  {said}" if self.where else said


class ScenarioError(SimsocError):
    """A scenario that cannot be run as written. `problems` holds everything found, in file order."""

    def __init__(self, problems: list[Problem] | str) -> None:
        self.problems = [Problem("", "", problems)] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, path: str, message: str) -> ScenarioError:
        """One problem at a key of the scenario."""
        return cls([Problem("", path, message)])


class NotRun(SimsocError):
    """Would have run Python of the user's own, or of whoever packed it, where that is not to be."""


class BackendError(SimsocError):
    """The wire failed. `attempts` are the tries that were made, for the log."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    """Tokens and US dollars of completions that came before the failure (one that could not be read, say)."""

    def __init__(self, message: str, attempts: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.attempts = attempts


class MissingKey(BackendError):
    """No API key in the environment; the message names the variable."""


class BadRequest(BackendError):
    """The server understood the request and refused it."""


class RateLimited(BackendError):
    """Still 429 after ten minutes of waiting, or 429 for good."""


class Unreachable(BackendError):
    """No connection, a reset connection or 5xx after every retry."""


class TimedOut(BackendError):
    """No answer within the time limit after every retry."""


class OverBudget(SimsocError):
    """A cap of `budget:` is reached; the message says which. The run can be resumed with a larger budget."""


class WorldError(SimsocError):
    """A world, rule or mind broke its contract: a bug, never data."""


class RuleError(WorldError):
    """A mechanistic rule raised, or returned what the decision does not allow."""


class LogError(SimsocError):
    """A run log cannot be used."""


class LogExists(LogError):
    """There is a log at this path already."""


class OldSchema(LogError):
    """The log was written by a newer simsoc."""


class BrokenLog(LogError):
    """The file is damaged, incomplete or no run log."""


class Divergence(LogError):
    """A resumed run differs from its log: other code, libraries, files or answers. Names the first difference."""
