"""The lean transport: aiohttp alone, for a server of one's own with many slots. A tenth of the SDK's CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .keys import DUMMY, Key
from .wire import Lost, Wire

if TYPE_CHECKING:
    from aiohttp import ClientSession

_IDLE = 4.0  # seconds a connection is kept unused: below the five after which uvicorn hangs up
_encode = msgspec.json.Encoder().encode


class Lean:
    """One session, one connection pool as wide as there are slots, bytes in and bytes out."""

    def __init__(self, base_url: str, key: Key, slots: int) -> None:
        self.takes_schemas = True
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._key = key
        self._slots = slots
        self._session: ClientSession | None = None

    async def open(self) -> None:
        """Make the session."""
        from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
        from yarl import URL

        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key.value != DUMMY:
            headers["Authorization"] = f"Bearer {self._key.value}"
        self._target = URL(self._url)
        self._session = ClientSession(
            connector=TCPConnector(limit=self._slots, keepalive_timeout=_IDLE),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=None),  # the caller has one for the whole request
            headers=headers,
        )

    async def send(self, body: dict[str, Any]) -> Wire:
        """Post one request. Raises Lost when no whole answer came back."""
        from aiohttp import ClientError

        assert self._session is not None, "not open"
        try:
            async with self._session.post(self._target, data=_encode(body), allow_redirects=False) as response:
                return Wire(response.status, await response.read(), response.headers)
        except (ClientError, OSError) as error:
            raise Lost(f"{type(error).__name__}: {error}") from None

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()
            self._session = None
