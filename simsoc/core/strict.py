"""The base of every piece of a scenario, and what is read from docstrings for it."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Base of every piece of a scenario: frozen, and unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def meanings_in(doc: str) -> dict[str, str]:
    """What a docstring says of parameters: lines `name: meaning`, each with the lines that continue it."""
    found: dict[str, str] = {}
    name = None
    for line in doc.splitlines():
        begins = re.match(r"\s*(\w+): +(\S.*)", line)
        if begins:
            name = begins[1]
            found[name] = begins[2].strip()
        elif not line.strip():
            name = None
        elif name is not None:
            found[name] += " " + line.strip()
    return found
