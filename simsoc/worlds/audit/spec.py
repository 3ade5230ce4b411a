"""Keys of the audit world in a scenario file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsoc.core.shelf import Strict
from simsoc.scenario.spec import Named, Part

ANSWERS = {"priced": "swap", "leaning": "compass"}
"""What each shipped rule knows how to answer."""


class AuditSpec(Strict):
    """World `audit`: an instrument is put to everybody, as often as `samples` says; nobody learns of anybody."""

    instrument: Annotated[Part, Named("audit_instruments")]
    """What is asked: `simsoc list audit_instruments`."""
    samples: Annotated[int, Field(ge=1, le=10_000)] = 6
    """How often everything is asked; each time is a step. Wordings take turns over the samples."""
    order: Literal["shuffled", "fixed"] = "shuffled"
    """Order in which options are listed: drawn anew for each call, or always the same."""
    letters: bool = False
    """Whether options are shown under letters, A for the first listed; with `choice: logprobs` they always are."""
    rule: Annotated[Part, Named("audit_rules")] | None = None
    """How it is answered when no model is asked: `simsoc list audit_rules`. Needed by all instruments but `surveys`."""

    @model_validator(mode="after")
    def _fits(self) -> AuditSpec:
        if self.rule is None:
            if self.instrument.kind != "surveys":
                fitting = ", ".join(rule for rule, of in ANSWERS.items() if of == self.instrument.kind)
                raise ValueError(f"say by which rule it is answered when no model is asked, e.g. rule: {fitting}")
            return self
        wanted = ANSWERS.get(self.rule.kind, self.instrument.kind)
        if wanted != self.instrument.kind:
            raise ValueError(f"rule {self.rule.kind} answers the instrument {wanted}, not {self.instrument.kind}")
        return self
