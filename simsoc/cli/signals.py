"""Ctrl-C and SIGTERM while something runs."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any


class Signals:
    """Ctrl-C, and SIGTERM, by which batch systems end a job: while one of them is wanted, a run ends as stopped.

    After the step it is in; where models are asked, as soon as the answers on their way are here. Twice: at once.
    """

    def __init__(self) -> None:
        self.at_once = True
        self.waits = False
        """Whether the engine waits for answers on their way."""
        self._told = False

    def __enter__(self) -> Signals:
        self._before: dict[int, Any] = {}
        with suppress(ValueError):  # not in the main thread
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, frame: Any) -> None:
        again, self._told = self._told, True
        if self.waits and not again:
            os.write(2, b"ending when the answers on their way are here; once more ends at once\n")
        if self.at_once or again:
            raise KeyboardInterrupt

    def look(self) -> None:
        """End here, if that is wanted."""
        if self._told:
            raise KeyboardInterrupt
