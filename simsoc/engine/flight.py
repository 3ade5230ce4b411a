"""Calls on their way, and how what waits for them ends: shared by turns and by thoughts that only look."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .live import LiveLoop


class Flight:
    """Calls of one owner, which is this. Lives in the event loop."""

    def __init__(self, live: LiveLoop) -> None:
        self._live = live
        self._in_flight = 0
        self._failure: BaseException | None = None
        self._landed: asyncio.Future[None] | None = None

    def give_up(self, error: BaseException) -> None:
        """Start nothing more; what is under way ends with this error when the last call in flight is back."""
        self._fail(error)
        self._check()

    def landed(self) -> asyncio.Future[None]:
        """Done when no call is in flight any more."""
        self._landed = asyncio.get_running_loop().create_future()
        self._check()
        return self._landed

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
            self._drop()

    def _drop(self) -> None:
        """Forget the calls that have not been sent yet."""
        self._in_flight -= self._live.clear(self)

    def _check(self) -> None:
        """Has the last call in flight come back, and with it the end of what waits?"""
        if self._in_flight == 0 and self._landed is not None and not self._landed.done():
            self._landed.set_result(None)
        self._see()

    def _see(self) -> None:
        """Has what waits come to its end?"""
        raise NotImplementedError
