"""A model behind a server: render, send, try again, parse, ask for a repair, reply.

One object per backend of a run, with one transport below it (`openai_sdk`, `lean`, `litellm`). What the wire did ends
in a BackendError after the retries; what the model gave ends in an Answer or a NoAnswer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from simsoc.core.calls import Signature
from simsoc.core.canonical import dumps
from simsoc.core.errors import BackendError, ScenarioError
from simsoc.core.words import Answer, Ask, Attempt, ChoiceMode, NoAnswer, Reply, Silence
from simsoc.scenario.spec import BackendSpec

from . import odds
from .failures import Failure, Filtered, Server
from .keys import Key
from .parse import Unreadable
from .prices import Price
from .prompts import Messages, Prompts, with_repair, with_schema
from .question import Question, Read, fixed_schema, mode_of
from .reasoning import joined, probabilities_of
from .retry import LONGEST, PATIENCE, Backoff
from .tries import Tally, Tries
from .wire import Lost, Said, Transport, completion

Sleep = Callable[[float], Awaitable[None]]


class Put(Struct, frozen=True):
    """An ask, ready to be sent."""

    ask: Ask
    mode: ChoiceMode
    question: Question
    messages: Messages
    brackets: bool


class Model:
    """A live backend.

    name: as in the scenario, ``provider/model``; model: what the server is told; price: of its tokens, where the
    transport knows none; sleep and backoff: replaced in tests.
    """

    def __init__(
        self,
        name: str,
        model: str,
        spec: BackendSpec,
        transport: Transport,
        key: Key,
        prompts: Prompts,
        *,
        price: Price | None = None,
        sleep: Sleep = asyncio.sleep,
        backoff: Backoff | None = None,
    ) -> None:
        self.name = name
        self.slots = spec.slots
        self.per_minute = spec.per_minute
        self._spec = spec
        self._transport = transport
        self._prompts = prompts
        self.price = price
        self.sleep = sleep
        self.backoff = backoff or Backoff()
        self.tries: Tries | None = None
        """The gate in front, which sets itself here; without one a call waits by itself."""
        self.where = (name, spec.base_url, key.origin)
        """Where the slots are: backends that agree in this may share a gate."""
        self._server = Server(name, key)
        self._in_prompt = spec.structured == "prompt"
        self._fixed = {"model": model, **_given(spec)}
        self._limit = {"max_tokens": spec.max_tokens} if spec.max_tokens is not None else {}
        self._settings: dict[Any, str] = {}
        self._modes: dict[str, bool] = {}

    async def open(self) -> None:
        """Connect; called once, in the loop that will be used."""
        await self._transport.open()
        if self._spec.structured == "auto" and not self._transport.takes_schemas:
            self._in_prompt = True

    async def close(self) -> None:
        """Let the connections go."""
        await self._transport.close()

    # -- what is asked ----------------------------------------------------------------------------------------------

    def put(self, ask: Ask) -> Put:
        """The ask as it would be sent. Raises ScenarioError when the template cannot be filled."""
        template = self._prompts.get(ask.decision.template)
        mode = mode_of(ask)
        asked = self._prompts.question(ask)
        if mode == "logprobs" and (why := odds.logprob_labels_ok(asked.labels, self._spec.top_logprobs)):
            raise ScenarioError(why)
        return Put(ask, mode, asked, self._prompts.messages(ask, asked), template.brackets)

    def signature(self, ask: Ask, like: str | None = None) -> Signature:
        """What a logged answer must agree in to stand in for this call, with the server as known so far.

        like: settings of the logged answer, for a server that is then taken to be as it was.
        """
        put = self.put(ask)
        in_prompt = self._in_prompt if like is None else self._was_in_prompt(like)
        told = self._messages(put, None, in_prompt)
        return Signature(self.name, dumps(told), self._told(put, in_prompt), partial(_read_again, put))

    def _was_in_prompt(self, settings: str) -> bool:
        """Whether a call with these settings could only have told its schema in the prompt."""
        if self._spec.structured != "auto":
            return self._in_prompt
        if settings not in self._modes:
            self._modes[settings] = msgspec.json.decode(settings).get("structured") == "prompt"
        return self._modes[settings]

    def adopt(self, settings: str) -> None:
        """Take over from a logged answer what was found out about the server: whether it takes schemas."""
        if self._spec.structured == "auto" and self._was_in_prompt(settings):
            self._in_prompt = True

    def _messages(self, put: Put, repair: tuple[str, str] | None, in_prompt: bool) -> Messages:
        messages = with_schema(put.messages, put.question) if in_prompt else put.messages
        return messages if repair is None else with_repair(messages, *repair, put.question)

    def _body(self, put: Put, repair: tuple[str, str] | None, in_prompt: bool) -> dict[str, Any]:
        body = {**self._fixed, **self._limit, "messages": self._messages(put, repair, in_prompt)}
        if put.mode == "logprobs":
            body["logprobs"] = True
            body["top_logprobs"] = self._spec.top_logprobs
            body[self._server.limit_name] = 1
        elif put.question.schema is not None and not in_prompt:
            form = {"name": "answer", "strict": True, "schema": put.question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return body

    def _told(self, put: Put, in_prompt: bool) -> str:
        """The settings of a call as canonical JSON; the same for all calls of a decision."""
        form = put.ask.decision.answer
        asked = put.question.first or put.question
        structured = "none" if asked.schema is None else "prompt" if in_prompt else "schema"
        key = (form, put.mode, put.brackets, put.question.reasons, structured)
        if key not in self._settings:
            spec = self._spec
            told: dict[str, Any] = {
                "model": self.name,
                "temperature": spec.temperature,
                "top_p": spec.top_p,
                "max_tokens": spec.max_tokens,
                "choice": put.mode,
                "structured": structured,
                "form": fixed_schema(form, put.mode, put.brackets),
                "extra": spec.extra,
            }
            if put.mode == "logprobs":
                told["top_logprobs"] = spec.top_logprobs
            if put.question.reasons:
                told["reasoning"] = True
            self._settings[key] = dumps(told)
        return self._settings[key]

    # -- asking -----------------------------------------------------------------------------------------------------

    async def __call__(self, ask: Ask, ready: Put | None = None) -> Reply:
        """The reply. Raises a BackendError, with every attempt, when the wire failed for good.

        ready: what `put` made of this ask beforehand.
        """
        tally = Tally()
        try:
            return await self._reply(ask, ready if ready is not None else self.put(ask), tally)
        except BackendError as error:
            error.tokens_in, error.tokens_out, error.cost = tally.tokens_in, tally.tokens_out, tally.cost
            raise

    async def _reply(self, ask: Ask, put: Put, tally: Tally) -> Reply:
        first = put.question.first
        if first is None:
            return await self._read(ask, put, tally)
        thought = await self._read(ask, replace(put, mode="sample", question=first), tally)
        how = {"prompt": thought.prompt, "settings": self._told(put, tally.in_prompt)}
        if isinstance(thought, NoAnswer):
            return replace(thought, **how)
        said = [{"role": "assistant", "content": thought.raw or ""}, {"role": "user", "content": put.question.ask_for}]
        then = replace(put, messages=[*put.messages, *said], question=replace(put.question, first=None))
        await self._rest(0.0)
        reply = await self._read(ask, then, tally)
        raw = reply.raw
        if isinstance(reply, Answer) and raw is not None:
            raw = joined(thought.value, raw)
        return replace(reply, raw=raw, flags=(*thought.flags, *reply.flags), **how)

    async def _read(self, ask: Ask, put: Put, tally: Tally) -> Answer | NoAnswer:
        """The reply to one question, however often it has to be put."""
        repairs = 0 if put.mode == "logprobs" else self._spec.repairs
        repair: tuple[str, str] | None = None
        while True:
            try:
                said = await self._exchange(put, repair, tally)
            except Filtered as filtered:
                return self._silence(put, tally, "refused", str(filtered), None)
            text = _text(said)
            if said.message.refusal or said.finish_reason == "content_filter":
                return self._silence(put, tally, "refused", said.message.refusal or "content filter", text)
            try:
                if put.mode == "logprobs":
                    return self._read_off(put, tally, said, text, ask)
                if said.finish_reason == "length":
                    return self._silence(put, tally, "truncated", "the reply was cut off at the token limit", text)
                return self._answer(put, tally, put.question.read(text), text, repair is not None)
            except Unreadable as error:
                if repairs == 0:
                    return self._silence(put, tally, "unparseable", str(error), text)
                repairs -= 1
                tally.trouble.append(Attempt("unparseable", str(error), text))
                repair = (text, str(error))
                await self._rest(0.0)

    def _read_off(self, put: Put, tally: Tally, said: Said, text: str, ask: Ask) -> Answer:
        found = odds.read_off(said, put.question.labels)
        if found is None:
            self._server.without_logprobs(tally.trouble)
        value = ask.decision.answer.of(ask.facts)[odds.drawn(ask, found.weights)]  # type: ignore[union-attr]
        return self._answer(put, tally, Read(value, found.flags), found.told(put.question.labels), False)

    def _how(self, put: Put, tally: Tally) -> dict[str, Any]:
        return {
            "source": "live",
            "by": self.name,
            "attempts": tally.sent,
            "tokens_in": tally.tokens_in,
            "tokens_out": tally.tokens_out,
            "cost": tally.cost,
            "latency": tally.last - tally.start,
            "prompt": dumps(self._messages(put, None, tally.in_prompt)),
            "settings": self._told(put, tally.in_prompt),
        }

    def _answer(self, put: Put, tally: Tally, read: Read, raw: str, repaired: bool) -> Answer:
        flags = (*self._flags(put, tally), *(("repaired",) if repaired else ()), *read.flags)
        how = self._how(put, tally)
        return Answer(value=read.value, flags=flags, raw=raw, trouble=tuple(tally.trouble), **how)

    def _silence(self, put: Put, tally: Tally, reason: Silence, detail: str, text: str | None) -> NoAnswer:
        tally.trouble.append(Attempt(reason, detail, text))
        flags, how = self._flags(put, tally), self._how(put, tally)
        return NoAnswer(reason=reason, detail=detail, flags=flags, raw=text, trouble=tuple(tally.trouble), **how)

    def _flags(self, put: Put, tally: Tally) -> tuple[str, ...]:
        fell_back = tally.in_prompt and self._spec.structured == "auto" and put.question.schema is not None
        return ("schema_in_prompt",) if fell_back else ()

    # -- the wire ---------------------------------------------------------------------------------------------------

    async def _exchange(self, put: Put, repair: tuple[str, str] | None, tally: Tally) -> Said:
        """One completion, however many tries it takes."""
        while True:
            tally.in_prompt = self._in_prompt
            body = self._body(put, repair, tally.in_prompt)
            outcome = await self._once(body, tally)
            if isinstance(outcome, Said):
                return outcome
            tally.trouble.append(Attempt(outcome.kind, outcome.detail))
            await self._rest(0.0 if self._adapt(outcome, body) else self._patience(put.ask, outcome, tally))

    async def _once(self, body: dict[str, Any], tally: Tally) -> Said | Failure:
        """One request and what became of it."""
        if self.tries is None:
            return await self._request(body, tally)
        sent = self.tries.sending()
        outcome = await self._request(body, tally)
        self.tries.tried(sent, outcome.kind if isinstance(outcome, Failure) else "answered")
        return outcome

    async def _request(self, body: dict[str, Any], tally: Tally) -> Said | Failure:
        tally.sent += 1
        try:
            async with asyncio.timeout(self._spec.timeout):
                wire = await self._transport.send(body)
        except TimeoutError:
            return self._server.timed_out(self._spec.timeout)
        except Lost as lost:
            return self._server.lost(str(lost))
        finally:
            tally.last = perf_counter()
        if not 200 <= wire.status < 300:
            return self._server.refused(wire)
        try:
            found = completion(wire)
        except ValueError as error:
            return self._server.malformed(str(error))
        tally.take(found, self.price.of(found.usage) if wire.cost is None and self.price is not None else wire.cost)
        return found.choices[0]

    def _adapt(self, failure: Failure, body: dict[str, Any]) -> bool:
        """Whether the server only wants the request written differently; then from now on it is."""
        if self._spec.structured == "auto" and "response_format" in body and failure.about_schema:
            self._in_prompt = True
            return True
        if "max_tokens" in body and failure.about_limit:
            self._server.limit_name = "max_completion_tokens"
            if "max_tokens" in self._limit:
                self._limit = {self._server.limit_name: self._limit["max_tokens"]}
            return True
        return False

    def _patience(self, ask: Ask, failure: Failure, tally: Tally) -> float:
        """Seconds before the next try. Raises what ends the call when there is to be none.

        A rate limit says later, not no: it is waited out, however often it takes, and uses up no retries.
        """
        trouble = tuple(tally.trouble)
        limited = failure.kind == "rate_limited" and self._spec.retries > 0
        over = tally.waited >= PATIENCE if limited else tally.failed >= self._spec.retries
        if not failure.again or over:
            raise failure.error(tally.sent, trouble, tally.waited)
        if failure.after is not None and failure.after > LONGEST:
            raise failure.too_long(trouble)
        if not limited:
            tally.failed += 1
            return self.backoff.wait(ask, tally.failed, failure.after)
        tally.limited += 1
        seconds = self.backoff.wait(ask, tally.limited, failure.after)
        tally.waited += seconds
        return seconds

    async def _rest(self, seconds: float) -> None:
        """Wait before the next request of a call."""
        if self.tries is not None:
            await self.tries.rest(seconds)
        elif seconds > 0:
            await self.sleep(seconds)


def _given(spec: BackendSpec) -> dict[str, Any]:
    """The settings that stand in every request."""
    named = {"temperature": spec.temperature, "top_p": spec.top_p}
    return {**{name: value for name, value in named.items() if value is not None}, **spec.extra}


def _read_again(put: Put, raw: str) -> Any:
    """The value of a logged reply under the facts of this call. Raises Unreadable."""
    if put.mode != "logprobs":
        return put.question.read(raw).value
    options = put.ask.decision.answer.of(put.ask.facts)  # type: ignore[union-attr]
    raw = probabilities_of(raw) if put.question.first is not None else raw
    return options[odds.drawn(put.ask, odds.logged(raw, put.question.labels))]


def _text(said: Said) -> str:
    """What the model said; parts are joined, anything else is nothing."""
    content = said.message.content
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))
