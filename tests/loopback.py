"""A small OpenAI-compatible server on 127.0.0.1, for tests (in a thread) and benchmarks (its own process).

    with Loopback(behave=in_turn(status(429, retry_after=2), HALF_JSON)) as server:
        ...  # server.base_url, server.calls, server.most_in_flight, server.bodies, server.keys

What it answers is a function of the request alone: something valid for the JSON schema (or for the brackets or letters
a prompt asks for), picked by a hash of the messages, whatever the order of arrival. `behave(body, count)` may say
otherwise for one request; count is the number of earlier requests with the same prompt (repairs belong to their first
prompt). A plain asyncio protocol, so that a request costs the server next to nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import msgspec


@dataclass(frozen=True)
class Act:
    """What the server does with one request; the default is a right answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    content: str | None = None
    """Said instead of a right answer; `{answer}` in it stands for the right one."""
    finish: str | None = "stop"
    refusal: str | None = None
    delay: float = 0.0
    wire: str = "whole"
    """whole, hang, reset, cut (body ends early), garbled (body is no JSON), empty (no choices), plain (no logprobs)"""


OK = Act()
HANG = Act(wire="hang")
RESET = Act(wire="reset")
CUT = Act(wire="cut")
GARBLED = Act(wire="garbled")
NO_CHOICES = Act(wire="empty")
NO_LOGPROBS = Act(wire="plain")
PROSE = Act(content="Sure! Here it is: {answer} I hope this helps.")
FENCED = Act(content="```json\n{answer}\n```")
HALF_JSON = Act(content='{"answer": "k')
WRONG = Act(content='{"answer": "no such option"}')
EMPTY = Act(content="")
LENGTH = Act(content='{"answer": "', finish="length")
REFUSAL = Act(content="", refusal="I cannot take part in this.")
FILTER = Act(content="", finish="content_filter")
TOO_OLD = Act(400, error={"message": "response_format json_schema is not supported", "type": "invalid_request_error"})

Behave = Callable[[dict[str, Any], int], Act | None]


def status(code: int, message: str = "no", retry_after: float | str | None = None, kind: str = "test") -> Act:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Act(code, headers, error={"message": message, "type": kind, "code": kind})


def say(text: str, finish: str = "stop") -> Act:
    return Act(content=text, finish=finish)


def slow(seconds: float) -> Act:
    return Act(delay=seconds)


def in_turn(*acts: Act) -> Behave:
    """The k-th request of a prompt gets the k-th act, later ones a right answer."""
    return lambda body, count: acts[count] if count < len(acts) else None


def always(act: Act) -> Behave:
    return lambda body, count: act


def no_schemas(body: dict[str, Any], count: int) -> Act | None:
    """A server that does not know structured output."""
    return TOO_OLD if "response_format" in body else None


# -- right answers -----------------------------------------------------------------------------------------------------


def lot(*path: object) -> float:
    digest = blake2b(repr(path).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") / 2**64


def lognormal(sigma: float, *path: object) -> float:
    """A factor with median 1, a function of its address."""
    u, v = lot("u", *path), lot("v", *path)
    return math.exp(sigma * math.sqrt(-2.0 * math.log(1.0 - u)) * math.cos(2.0 * math.pi * v))


def valid(schema: dict[str, Any], address: tuple[object, ...], root: dict[str, Any] | None = None) -> Any:
    """Something valid for a JSON schema, a function of the address."""
    root = root or schema
    if "$ref" in schema:
        return valid(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], address, root)
    for either in ("anyOf", "oneOf", "allOf"):
        if either in schema:
            return valid(schema[either][0], address, root)
    if "enum" in schema:
        return schema["enum"][int(lot(*address) * len(schema["enum"]))]
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, address, root)
    if kind == "array":
        return _array(schema, address, root)
    if kind in ("number", "integer"):
        return _number(schema, address)
    if kind == "boolean":
        return lot(*address) < 0.5
    return None if kind == "null" else f"words {int(lot(*address) * 1e6)}"


def _object(schema: dict[str, Any], address: tuple[object, ...], root: dict[str, Any]) -> dict[str, Any]:
    fields = schema.get("properties", {})
    if address and address[-1] == "probabilities":
        weights = {name: lot(*address, name) for name in fields}
        total = math.fsum(weights.values())
        return {name: round(weight / total, 6) for name, weight in weights.items()}
    return {name: valid(inner, (*address, name), root) for name, inner in fields.items()}


def _array(schema: dict[str, Any], address: tuple[object, ...], root: dict[str, Any]) -> list[Any]:
    items, count = schema.get("items", {}), schema.get("minItems", 1)
    if "enum" in items:
        return sorted(items["enum"], key=lambda item: lot(*address, item))[:count]
    return [valid(items, (*address, i), root) for i in range(count)]


def _number(schema: dict[str, Any], address: tuple[object, ...]) -> float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 100))
    value = low + lot(*address) * (high - low)
    return round(value) if schema.get("type") == "integer" else round(value, 6)


def right(body: dict[str, Any]) -> str:
    """The answer to a request: by its schema, by a schema in the prompt, or by what the prompt asks for."""
    messages = body["messages"]
    told = [message["content"] for message in messages if message["role"] != "assistant"]
    prompt = told[-1]
    address = (json.dumps(messages, sort_keys=True),)
    if "response_format" in body:
        return json.dumps(valid(body["response_format"]["json_schema"]["schema"], address))
    in_prompt = [line for text in told for line in text.splitlines() if line.startswith("{") and '"properties"' in line]
    if in_prompt:
        return json.dumps(valid(json.loads(in_prompt[-1]), address))
    if options := letters(prompt):
        return options[int(lot(*address) * len(options))]
    groups = re.findall(r"\[[^\[\]]+\]", prompt)
    count = int((re.findall(r"exactly (\d+) different", prompt) or ["1"])[-1])
    return ", ".join(sorted(dict.fromkeys(groups), key=lambda group: lot(*address, group))[:count])


def letters(prompt: str) -> list[str]:
    """The options of a question answered with a single character."""
    asked = re.findall(r"a single character and nothing else: (.*)\.", prompt)
    return asked[-1].split(" or ") if asked else []


def likeliest(body: dict[str, Any], options: list[str]) -> dict[str, Any]:
    """Log-probabilities of the first token: the options, one of them with a space, and other words."""
    address = json.dumps(body["messages"])
    weights = {option if i else f" {option}": 0.1 + lot(address, option) for i, option in enumerate(options)}
    weights["The"] = 0.05
    total = math.fsum(weights.values())
    listed = [{"token": t, "logprob": math.log(w / total), "bytes": None} for t, w in weights.items()]
    listed = sorted(listed, key=lambda token: -token["logprob"])[: body.get("top_logprobs", 0)]
    return {"content": [{**listed[0], "top_logprobs": listed}], "refusal": None}


def moderated(body: dict[str, Any]) -> dict[str, Any]:
    """What a moderation service says of a text: scores of three categories, by a hash of the text."""
    scores = {name: round(lot(name, body["input"]), 6) for name in ("harassment", "hate", "violence/graphic")}
    flags = {name: score > 0.5 for name, score in scores.items()}
    result = {"flagged": any(flags.values()), "categories": flags, "category_scores": scores}
    return {"id": "modr-loopback", "model": body["model"], "results": [result]}


def embedded(body: dict[str, Any]) -> dict[str, Any]:
    """Vectors of texts, each a function of the text: alike where words are shared, and in any order."""
    dim = body.get("dimensions", 24)
    listed = []
    for index, text in enumerate(body["input"]):
        vector = [1e-3 * (lot(text, i) - 0.5) for i in range(dim)]
        for word in re.findall(r"[a-z]+", text.lower()):
            vector[int(lot(word) * dim)] += 1.0
        listed.append({"object": "embedding", "index": index, "embedding": vector})
    used = sum(map(len, body["input"])) // 4 + 1
    usage = {"prompt_tokens": used, "total_tokens": used}
    return {"object": "list", "data": listed[::-1], "model": body["model"], "usage": usage}


# -- the server --------------------------------------------------------------------------------------------------------


def opening(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first prompt of a conversation: everything up to the first user message."""
    first = next((i for i, message in enumerate(messages) if message["role"] == "user"), len(messages))
    return messages[: first + 1]


class Loopback:
    """The server as a context manager, in a thread of its own.

    behave: what to do with a request, a right answer when it says None; latency: seconds each answer takes; spread: up
    to so many more, drawn by a hash of seed and prompt, so that answers overtake each other the same way every time;
    keep: whether request bodies are kept.
    """

    def __init__(
        self,
        behave: Behave | None = None,
        latency: float = 0.0,
        spread: float = 0.0,
        sigma: float = 0.0,
        seed: int = 0,
        keep: bool = True,
    ) -> None:
        self.behave = behave
        self.latency = latency
        self.spread = spread
        self.sigma = sigma
        self.seed = seed
        self.keep = keep
        self.calls = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.bodies: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.paths: Counter[str] = Counter()
        self.open: set[Connection] = set()
        self._seen: Counter[bytes] = Counter()
        self._port = 0
        self._ready = threading.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> Loopback:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="loopback", daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *error: object) -> None:
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        self.loop.run_until_complete(self.serve(0, lambda port: self._ready.set()))
        self.loop.close()

    async def serve(self, port: int, ready: Callable[[int], None]) -> None:
        """Until told to stop."""
        self.loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await self.loop.create_server(lambda: Connection(self), "127.0.0.1", port, backlog=4096)
        self._port = server.sockets[0].getsockname()[1]
        ready(self._port)
        await self._stop.wait()
        server.close()
        for connection in list(self.open):
            connection.transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)

    def take(self, connection: Connection, head: str, raw: bytes) -> None:
        """One request."""
        self.calls += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        body = msgspec.json.decode(raw)
        delay, act = self.latency, OK
        if self.keep:
            self.bodies.append(body)
            self.paths[head.split(" ", 2)[1]] += 1
            self.keys.update(re.findall(r"(?im)^authorization: *(.*?)\r?$", head))
        if self.behave is not None or self.spread or self.sigma:
            asked = opening(body["messages"]) if "messages" in body else body["input"]
            prompt = msgspec.json.encode(asked, order="sorted")
            if self.behave is not None:
                act = self.behave(body, self._seen[prompt]) or OK
                self._seen[prompt] += 1
            if self.sigma:
                delay *= lognormal(self.sigma, self.seed, prompt)
            delay += self.spread * lot(self.seed, prompt)
        delay += act.delay
        if delay:
            self.loop.call_later(delay, self._finish, connection, act, body)
        else:
            self._finish(connection, act, body)

    def _finish(self, connection: Connection, act: Act, body: dict[str, Any]) -> None:
        if act.wire == "hang":
            return  # in flight until the client hangs up
        self.in_flight -= 1
        if connection.transport.is_closing():
            return
        if act.wire == "reset":
            connection.transport.abort()
            return
        data = self._body(act, body)
        more = "".join(f"{name}: {value}\r\n" for name, value in act.headers.items())
        head = f"HTTP/1.1 {act.status} X\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n{more}\r\n"
        if act.wire == "cut":
            connection.transport.write(head.encode() + data[: len(data) // 2])
            connection.transport.close()
        else:
            connection.transport.write(head.encode() + data)

    def _body(self, act: Act, body: dict[str, Any]) -> bytes:
        if act.error is not None:
            return json.dumps({"error": act.error}).encode()
        if "messages" not in body:
            data = msgspec.json.encode(embedded(body) if "encoding_format" in body else moderated(body))
            return data[: len(data) // 2] if act.wire == "garbled" else data
        answer = right(body)
        said = answer if act.content is None else act.content.replace("{answer}", answer)
        logprobs = None
        if body.get("logprobs") and act.wire != "plain":
            logprobs = likeliest(body, letters(body["messages"][-1]["content"]) or ["A", "B"])
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": said, "refusal": act.refusal},
            "finish_reason": act.finish,
            "logprobs": logprobs,
        }
        words = sum(len(m["content"]) for m in body["messages"]) // 4
        whole = {
            "id": "chatcmpl-loopback",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [] if act.wire == "empty" else [choice],
            "usage": {"prompt_tokens": words, "completion_tokens": 7, "total_tokens": words + 7},
        }
        data = msgspec.json.encode(whole)
        return data[: len(data) // 2] if act.wire == "garbled" else data


class Connection(asyncio.Protocol):
    """One client connection: heads, lengths and bodies, nothing else of HTTP."""

    transport: asyncio.Transport

    def __init__(self, server: Loopback) -> None:
        self._server = server
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._server.open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._server.open.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1")
            length = re.search(r"(?i)\ncontent-length: *(\d+)", head)
            until = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < until:
                return
            body, self._buffer = self._buffer[end + 4 : until], self._buffer[until:]
            self._server.take(self, head, body)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--latency", type=float, default=0.0)
    options.add_argument("--spread", type=float, default=0.0)
    options.add_argument("--sigma", type=float, default=0.0)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    server = Loopback(latency=given.latency, spread=given.spread, sigma=given.sigma, seed=given.seed, keep=False)
    asyncio.run(server.serve(given.port, lambda port: print(port, flush=True)))


if __name__ == "__main__":
    main()
