"""The litellm transport: any provider litellm knows, at some milliseconds of CPU a call.

litellm takes seconds to import and would fetch its price map from the network; so it is imported when the backend is
opened, with its own copy of the map, and its loggers, callbacks and retries are switched off.
"""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from typing import TYPE_CHECKING, Any

import msgspec

from simsoc.core.errors import MissingKey

from .keys import Key
from .wire import Completion, Wire

if TYPE_CHECKING:
    from aiohttp import ClientSession

_IDLE = 4.0  # seconds a connection is kept unused: below the five after which uvicorn hangs up
_CALLBACKS = (
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "service_callback",
    "_async_input_callback",
    "_async_success_callback",
    "_async_failure_callback",
)


def package() -> Any:
    """The litellm module, quiet and offline."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ.setdefault("LITELLM_LOG", "CRITICAL")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of litellm's own imports and of models it builds at first use
        import litellm

        litellm.ModelResponse()
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.turn_off_message_logging = True
    for name in _CALLBACKS:
        setattr(litellm, name, [])
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return litellm


def need_key(model: str) -> None:
    """Raise MissingKey, naming the variables, when litellm would find no key for this model."""
    known = package().validate_environment(model)
    if missing := [name for name in known["missing_keys"] if name.endswith("_KEY")]:
        raise MissingKey(
            f"no API key: set the environment variable {' and '.join(missing)} (or name one with `key_from`)"
        )


class LiteLlm:
    """`litellm.acompletion` on an aiohttp session of our own, as wide as there are slots."""

    def __init__(self, model: str, base_url: str | None, key: Key, slots: int, timeout: float) -> None:
        self.takes_schemas = True
        self._model = model
        # The caller has a time limit for the whole request, which is to strike first.
        self._given: dict[str, Any] = {"num_retries": 0, "max_retries": 0, "drop_params": True, "timeout": 2 * timeout}
        if base_url is not None:
            self._given["api_base"] = base_url
        if key.value:
            self._given["api_key"] = key.value
        self._slots = slots
        self._session: ClientSession | None = None

    async def open(self) -> None:
        """Import litellm and make the session it is to use."""
        from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

        self._litellm = package()
        self._forget()
        known = self._litellm.get_supported_openai_params(self._model)
        self.takes_schemas = known is None or "response_format" in known
        self._session = ClientSession(
            connector=TCPConnector(limit=self._slots, keepalive_timeout=_IDLE),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=None),
        )

    async def send(self, body: dict[str, Any]) -> Wire:
        """One completion; what litellm raises comes back as the status it stands for."""
        try:
            answer = await self._litellm.acompletion(**body, **self._given, shared_session=self._session)
        except Exception as error:
            return _refused(error)
        try:
            found = _completion(answer.model_dump(warnings="none"))
        except msgspec.ValidationError:
            return Wire(200, b"", {})
        return Wire(200, b"", {}, found, self._cost(answer, body["model"]))

    def _cost(self, answer: Any, model: str) -> float | None:
        try:
            return float(self._litellm.completion_cost(answer, model=model))
        except Exception:  # not in the price map
            return None

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is None:
            return
        await _quieten()
        self._forget()
        await self._session.close()
        self._session = None

    def _forget(self) -> None:
        """Drop the clients litellm keeps by key and address: one around another session is of no use."""
        self._litellm.in_memory_llm_clients_cache.flush_cache()


def _completion(dumped: dict[str, Any]) -> Completion:
    """A dumped response; litellm files a refusal under the provider's own fields."""
    for choice in dumped.get("choices", ()):
        message = choice["message"]
        message.setdefault("refusal", (message.get("provider_specific_fields") or {}).get("refusal"))
    return msgspec.convert(dumped, Completion)


async def _quieten() -> None:
    """End litellm's logging tasks, which would otherwise outlive the loop."""
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER as worker

    await asyncio.sleep(0)  # the last calls have only just queued theirs
    try:
        async with asyncio.timeout(1.0):
            await worker.flush()
    except TimeoutError:
        pass
    await worker.stop()


def _refused(error: Exception) -> Wire:
    """An exception of litellm as the HTTP answer it came from; any other is raised again."""
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        raise error
    headers = getattr(error, "litellm_response_headers", None) or {}
    code = getattr(error, "code", None) or type(error).__name__
    body = msgspec.json.encode({"error": {"message": str(error), "code": str(code)}})
    return Wire(status, body, {str(name).lower(): str(value) for name, value in headers.items()})
