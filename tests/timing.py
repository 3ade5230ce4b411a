"""What of a check is looked at every time, and what where there is time."""

from collections.abc import Iterable
from typing import Any

import pytest


def often(values: Iterable[Any], *kept: Any) -> list[Any]:
    """Values for `parametrize`: those that are kept, and the others with the mark `long`."""
    values = list(values)
    unknown = [value for value in kept if value not in values]
    assert not unknown, f"not among the values: {unknown}"
    return [value if value in kept else _long(value) for value in values]


def _long(value: Any) -> Any:
    return pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.long)
