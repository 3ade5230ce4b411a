"""The SDK transport: the openai package on aiohttp, by its cheap path (no typed responses, no retries of its own)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .keys import Key
from .wire import Lost, Wire

if TYPE_CHECKING:
    from httpx import Response
    from openai import AsyncOpenAI

_IDLE = 4.0  # seconds a connection is kept unused: below the five after which uvicorn hangs up
_encode = msgspec.json.Encoder().encode


class Sdk:
    """One `AsyncOpenAI` on aiohttp with a pool as wide as there are slots."""

    _path = "/chat/completions"

    def __init__(self, base_url: str | None, key: Key, slots: int) -> None:
        self.takes_schemas = True
        self._base_url = base_url
        self._key = key
        self._slots = slots
        self._client: AsyncOpenAI | None = None

    async def open(self) -> None:
        """Make the client; the package is imported here."""
        from httpx import Limits, Response
        from openai import APIConnectionError, APIError, APIStatusError, AsyncOpenAI, DefaultAioHttpClient

        self._raw: type[Response] = Response
        self._status_error = APIStatusError
        self._errors = (APIConnectionError, APIError)
        limits = Limits(max_connections=self._slots, max_keepalive_connections=self._slots, keepalive_expiry=_IDLE)
        self._client = AsyncOpenAI(
            api_key=self._key.value,
            base_url=self._base_url,
            max_retries=0,
            timeout=None,  # the caller has one for the whole request
            http_client=DefaultAioHttpClient(limits=limits, timeout=None),
        )

    async def send(self, body: dict[str, Any]) -> Wire:
        """Post one request. Raises Lost when no whole answer came back."""
        assert self._client is not None, "not open"
        try:
            response = await self._client.post(self._path, cast_to=self._raw, content=_encode(body))
        except self._status_error as error:
            response = error.response
        except self._errors as error:
            cause = error.__cause__ or error
            raise Lost(f"{type(cause).__name__}: {cause}") from None
        return Wire(response.status_code, response.content, response.headers)

    async def close(self) -> None:
        """Let the connections go."""
        if self._client is not None:
            await self._client.close()
            self._client = None
