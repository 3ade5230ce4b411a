"""Where all parts meet: the one mesa.Model, who answers for whom, its log, and what is done to it from outside.

Loaded when used: Mesa takes seconds to import, and reading a scenario or a log needs none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import Person, Society, loaded, new_hub

__all__ = ["Person", "Society", "loaded", "new_hub"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import model

    return getattr(model, name)
