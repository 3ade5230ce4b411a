"""Options of a closed choice under letters: A for the first that is listed."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

LETTERS = ascii_uppercase


def labels(shown: Sequence[int]) -> list[str]:
    """The letter of each option, in canonical order. shown: places of the options in the order in which they stand."""
    made = [""] * len(shown)
    for place, number in enumerate(shown):
        made[number] = LETTERS[place]
    return made


def listed(options: Sequence[str], shown: Sequence[int]) -> list[dict[str, str]]:
    """Letters with their options, as they stand."""
    return [{"letter": LETTERS[place], "option": options[number]} for place, number in enumerate(shown)]
