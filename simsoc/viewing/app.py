"""What ``simsoc view`` serves: solara looks for `Page` here; which scenario it is, the environment says."""

from __future__ import annotations

import json
import os
from typing import Any

import solara

from .page import view

VARIABLE = "SIMSOC_VIEW"
"""Environment variable with the arguments of `view`, as JSON."""


@solara.component  # type: ignore[untyped-decorator]
def Page() -> Any:
    """The page of the scenario named in the environment; made once for every browser tab that looks."""
    return view(**json.loads(os.environ[VARIABLE]))
