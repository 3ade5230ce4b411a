"""The whole path over HTTP with the real clients: one suite for all three transports."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from simsoc.backends.prompts import Prompts
from simsoc.backends.retry import PATIENCE
from simsoc.core.answers import Choice, Number, Pick, Record, Words
from simsoc.core.errors import BackendError, BadRequest, RateLimited, TimedOut, Unreachable
from simsoc.core.words import Answer, NoAnswer
from tests import loopback
from tests.loopback import Act, Loopback, always, in_turn, say, status

from .helpers import KEY, ask, model_for, outcomes


class Person(BaseModel):
    mood: Literal["good", "bad"]
    age: int = Field(ge=0, le=99)
    note: str = "none"


def one(transport: str, server: Loopback, templates: Prompts, asked: Any = None, **settings: Any) -> Any:
    (found,), _ = outcomes(transport, server, templates, asked or ask(), **settings)
    return found


# -- what goes well ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [Choice(("A", "B")), Pick(2), Number(0, 1), Number(1, 7, integer=True), Words(), Record(Person)],
    ids=lambda form: type(form).__name__,
)
@pytest.mark.parametrize("structured", ["auto", "prompt"])
def test_every_form_is_answered(transport: str, templates: Prompts, form: Any, structured: str) -> None:
    asked = (
        ask(form, options=["A", "B", "C"], labels=["k", "z", "q"], shown=[2, 0, 1])
        if isinstance(form, Pick)
        else ask(form)
    )
    with Loopback() as server:
        reply = one(transport, server, templates, asked, structured=structured, temperature=0.5, max_tokens=50)
    assert isinstance(reply, Answer), reply
    assert form.check(reply.value, asked.facts) == reply.value
    assert (reply.source, reply.attempts, reply.flags, reply.trouble) == ("live", 1, (), ())
    assert reply.tokens_out == 7
    assert reply.latency is not None
    body = server.bodies[0]
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("test", 0.5, 50)
    assert ("response_format" in body) == (structured == "auto")
    assert json.loads(reply.prompt or "") == body["messages"]
    settings = json.loads(reply.settings or "")
    assert settings["structured"] == ("schema" if structured == "auto" else "prompt")
    assert server.base_url not in (reply.settings or "")


def test_a_label_stands_for_its_option(transport: str, templates: Prompts) -> None:
    with Loopback(always(say('{"answer": "z"}'))) as server:
        assert one(transport, server, templates).value == "B"
        assert one(transport, server, templates, ask(labels=["z", "k"])).value == "A"
    enum = server.bodies[0]["response_format"]["json_schema"]["schema"]["properties"]["answer"]["enum"]
    assert enum == ["z", "k"]  # as shown


def test_answers_depend_on_the_request_alone(transport: str, templates: Prompts) -> None:
    asks = [ask(agent=agent) for agent in range(20)]
    with Loopback() as plain, Loopback(spread=0.05) as shuffled:
        first, _ = outcomes(transport, plain, templates, *asks)
        second, _ = outcomes(transport, shuffled, templates, *asks)
    assert [r.value for r in first] == [r.value for r in second]  # type: ignore[union-attr]


def test_brackets(transport: str, tmp_path: Any) -> None:
    from .helpers import prompts

    templates = prompts(tmp_path, "{# answer: brackets #}\nWhich? {{ ask_for }}")
    with Loopback() as server:
        reply = one(transport, server, templates)
        several = one(transport, server, templates, ask(Pick(2)))
    assert reply.value in ("A", "B")
    assert "response_format" not in server.bodies[0]
    assert sorted(several.value) == ["A", "B"]


def test_a_fence_is_forgiven(transport: str, templates: Prompts) -> None:
    with Loopback(always(loopback.FENCED)) as server:
        assert isinstance(one(transport, server, templates), Answer)


# -- closed choices drawn on the host ----------------------------------------------------------------------------------


def test_elicit_draws_by_inverse_cdf(transport: str, templates: Prompts) -> None:
    said = say('{"probabilities": {"z": 0.25, "k": 0.75}}')
    asks = [ask(agent=agent, choice="elicit") for agent in range(60)]
    with Loopback(always(said)) as server:
        replies, _ = outcomes(transport, server, templates, *asks)
    values = [r.value for r in replies]  # type: ignore[union-attr]
    assert 30 <= values.count("A") <= 57
    assert json.loads(replies[0].raw)["probabilities"] == {"z": 0.25, "k": 0.75}  # type: ignore[union-attr, arg-type]
    assert replies[0].flags == ()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ('{"probabilities": {"z": 0.5, "k": 0.48}}', ("rescaled",)),
        ('{"probabilities": {"z": 0.55, "k": 0.5}}', ("rescaled",)),
        ('{"probabilities": {"z": 0.333333, "k": 0.666667}}', ()),
        ('{"probabilities": {"z": 0.5, "k": 0.4}}', None),
        ('{"probabilities": {"z": -0.1, "k": 1.1}}', None),
        ('{"probabilities": {"z": 1}}', None),
        ('{"probabilities": {"z": 0.5, "k": 0.5, "q": 0}}', None),
        ('{"probabilities": {"z": true, "k": 0}}', None),
        ('{"probabilities": {"z": NaN, "k": 1}}', None),
    ],
)
def test_elicited_probabilities_are_checked(templates: Prompts, text: str, flags: tuple[str, ...] | None) -> None:
    with Loopback(always(say(text))) as server:
        reply = one("lean", server, templates, ask(choice="elicit"), repairs=0)
    if flags is None:
        assert isinstance(reply, NoAnswer)
        assert reply.reason == "unparseable"
    else:
        assert reply.flags == flags


def test_logprobs(transport: str, templates: Prompts) -> None:
    with Loopback() as server:
        reply = one(transport, server, templates, ask(choice="logprobs"))
    assert reply.value in ("A", "B")
    told = json.loads(reply.raw)
    assert list(told) == ["k", "z"]  # canonical order
    assert sum(told.values()) == pytest.approx(1)
    body = server.bodies[0]
    assert (body["logprobs"], body["top_logprobs"], body["max_tokens"]) == (True, 20, 1)
    assert "response_format" not in body
    assert json.loads(reply.settings)["choice"] == "logprobs"


def test_a_server_without_logprobs_stops_the_run(transport: str, templates: Prompts) -> None:
    with Loopback(always(loopback.NO_LOGPROBS)) as server:
        assert isinstance(one(transport, server, templates, ask(choice="logprobs")), BadRequest)


# -- what the model gave -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (loopback.PROSE, "unparseable"),
        (loopback.HALF_JSON, "unparseable"),
        (loopback.WRONG, "unparseable"),
        (loopback.EMPTY, "unparseable"),
        (say('{"answer": "K"}'), "unparseable"),
        (say('{"answer": "k", "answer": "z"}'), "unparseable"),
        (say('{"answer": "k", "why": "so"}'), "unparseable"),
        (loopback.LENGTH, "truncated"),
        (loopback.REFUSAL, "refused"),
        (loopback.FILTER, "refused"),
        (status(400, "prompt was filtered", kind="content_filter"), "refused"),
    ],
)
def test_silence_has_a_reason(transport: str, templates: Prompts, act: Act, reason: str) -> None:
    with Loopback(always(act)) as server:
        reply = one(transport, server, templates)
    assert isinstance(reply, NoAnswer)
    assert reply.reason == reason
    asked = 2 if reason == "unparseable" else 1  # refusals and cut replies are not asked again
    assert (server.calls, reply.attempts, len(reply.trouble)) == (asked, asked, asked)


@pytest.mark.parametrize("act", [loopback.PROSE, loopback.WRONG, loopback.EMPTY], ids=["prose", "wrong", "empty"])
def test_a_repair_ask_is_made_once(transport: str, templates: Prompts, act: Act) -> None:
    with Loopback(in_turn(act)) as server:
        reply = one(transport, server, templates)
    assert isinstance(reply, Answer)
    assert (server.calls, reply.attempts, reply.flags) == (2, 2, ("repaired",))
    assert reply.trouble[0].kind == "unparseable"
    first, second = (body["messages"] for body in server.bodies)
    assert json.loads(reply.prompt or "") == first
    assert second[: len(first)] == first
    assert "could not be read" in second[-1]["content"]
    assert (reply.tokens_out, reply.raw) == (14, server_text(server, 1))


def server_text(server: Loopback, at: int) -> str:
    return loopback.right(server.bodies[at])


def test_no_repairs_when_none_are_wanted(transport: str, templates: Prompts) -> None:
    with Loopback(always(loopback.PROSE)) as server:
        reply = one(transport, server, templates, repairs=0)
    assert (server.calls, reply.reason) == (1, "unparseable")


# -- what the wire did -------------------------------------------------------------------------------------------------

PASSING = {
    "429": (status(429), "rate_limited"),
    "500": (status(500), "server_error"),
    "503 html": (Act(503, error={}), "server_error"),
    "408": (status(408), "timed_out"),
    "409": (status(409), "not_now"),
    "reset": (loopback.RESET, "unreachable"),
    "cut": (loopback.CUT, "unreachable"),
    "garbled": (loopback.GARBLED, "malformed"),
    "no choices": (loopback.NO_CHOICES, "malformed"),
    "hang": (loopback.HANG, "timed_out"),
}


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_tried_again(transport: str, templates: Prompts, fault: str) -> None:
    act, kind = PASSING[fault]
    with Loopback(in_turn(act)) as server:
        (reply,), waits = outcomes(transport, server, templates, ask(), timeout=0.5 if fault == "hang" else 20.0)
    assert isinstance(reply, Answer)
    assert (reply.attempts, reply.flags, len(waits)) == (2, (), 1)
    if transport != "litellm":  # which tells resets and bad bodies as 500
        assert [attempt.kind for attempt in reply.trouble] == [kind]
    assert 0.25 <= waits[0] <= 0.75


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (status(500, "oh no"), Unreachable),
        (status(408), TimedOut),
        (loopback.RESET, Unreachable),
        (loopback.GARBLED, Unreachable),
        (loopback.HANG, TimedOut),
    ],
    ids=["500", "408", "reset", "garbled", "hang"],
)
def test_a_lasting_fault_stops_the_run(transport: str, templates: Prompts, act: Act, error: type[BackendError]) -> None:
    with Loopback(always(act)) as server:
        (found,), waits = outcomes(
            transport, server, templates, ask(), retries=3, timeout=0.3 if act.wire == "hang" else 20.0
        )
    assert type(found) is error
    assert (server.calls, len(waits), len(found.attempts)) == (4, 3, 4)
    assert waits == sorted(waits) or waits[2] > waits[0]  # grows


@pytest.mark.parametrize(("retry_after", "most_tries"), [(None, 20), (60, 12), (0, 40)])
def test_a_rate_limit_is_waited_out(
    transport: str, templates: Prompts, retry_after: float | None, most_tries: int
) -> None:
    with Loopback(always(status(429, "slow down", retry_after))) as server:
        (found,), waits = outcomes(transport, server, templates, ask(), retries=1)
    assert type(found) is RateLimited
    assert sum(waits[:-1]) < PATIENCE <= sum(waits)
    assert server.calls == len(found.attempts) == len(waits) + 1 <= most_tries
    assert "slow down" in str(found)
    assert f"after {server.calls} tries and {sum(waits):.0f} s" in str(found)


def test_rate_limits_use_up_no_retries(transport: str, templates: Prompts) -> None:
    trouble = [status(429), status(500), status(429, retry_after=2), status(429), status(500), status(429)]
    with Loopback(in_turn(*trouble)) as server:
        (reply,), waits = outcomes(transport, server, templates, ask(), retries=2)
        assert isinstance(reply, Answer)
        assert (reply.attempts, len(waits)) == (7, 6)
    with Loopback(in_turn(*trouble, status(500))) as server:
        (found,), _ = outcomes(transport, server, templates, ask(), retries=2)
        assert type(found) is Unreachable
        assert server.calls == 7


def test_no_retries_means_none(transport: str, templates: Prompts) -> None:
    with Loopback(always(status(429))) as server:
        (found,), waits = outcomes(transport, server, templates, ask(), retries=0)
    assert type(found) is RateLimited
    assert (server.calls, waits) == (1, [])


def test_a_failure_says_what_it_has_cost(transport: str, templates: Prompts) -> None:
    with Loopback(in_turn(loopback.PROSE, *[status(500)] * 9)) as server:
        found = one(transport, server, templates)
    assert type(found) is Unreachable
    assert found.tokens_out == 7
    assert found.tokens_in > 0


def test_nobody_listens(transport: str, templates: Prompts) -> None:
    with Loopback() as server:
        pass
    (found,), waits = outcomes(transport, server, templates, ask(), retries=1)
    assert type(found) is Unreachable
    assert len(waits) == 1


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422])
def test_a_refused_request_stops_at_once(transport: str, templates: Prompts, code: int) -> None:
    with Loopback(always(status(code, "the reason why"))) as server:
        found = one(transport, server, templates)
    assert type(found) is BadRequest
    assert "the reason why" in str(found)
    assert server.calls == 1


def test_retry_after_in_seconds(transport: str, templates: Prompts) -> None:
    with Loopback(in_turn(status(429, retry_after=7), status(503, retry_after=3))) as server:
        (reply,), waits = outcomes(transport, server, templates, ask())
    assert isinstance(reply, Answer)
    assert 7 <= waits[0] <= 7.5
    assert 3 <= waits[1] <= 3.5


def test_retry_after_as_a_date(transport: str, templates: Prompts) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    with Loopback(in_turn(status(429, retry_after=until))) as server:
        (_,), waits = outcomes(transport, server, templates, ask())
    assert 80 <= waits[0] <= 91


def test_too_long_a_wait_stops_at_once(transport: str, templates: Prompts) -> None:
    with Loopback(always(status(429, retry_after=3600))) as server:
        (found,), waits = outcomes(transport, server, templates, ask())
    assert type(found) is RateLimited
    assert "3600 s" in str(found)
    assert waits == []


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("insufficient_quota: you have no credit", "insufficient_quota"),
        ("Request too large for x on tokens per min (TPM): Limit 10000, Requested 12000", "rate_limit_exceeded"),
    ],
)
def test_a_429_for_good_is_not_tried_again(transport: str, templates: Prompts, message: str, kind: str) -> None:
    with Loopback(always(status(429, message, kind=kind))) as server:
        (found,), waits = outcomes(transport, server, templates, ask())
    assert type(found) is RateLimited
    assert waits == []


def test_jitter_is_addressed(templates: Prompts) -> None:
    asks = [ask(agent=agent) for agent in range(5)]
    with Loopback(in_turn(status(500))) as server:
        _, first = outcomes("lean", server, templates, *asks)
    with Loopback(in_turn(status(500)), spread=0.05) as server:
        _, second = outcomes("lean", server, templates, *asks)
    assert sorted(first) == sorted(second)
    assert len(set(first)) == 5


def test_a_server_without_schemas_is_told_in_the_prompt_for_good(transport: str, templates: Prompts) -> None:
    with Loopback(loopback.no_schemas) as server:
        replies, waits = outcomes(transport, server, templates, ask(agent=1), ask(agent=2))
        assert all(isinstance(reply, Answer) for reply in replies)
        assert server.calls == 4
        assert waits == []
    assert all(reply.flags == ("schema_in_prompt",) for reply in replies)  # type: ignore[union-attr]
    assert json.loads(replies[0].settings)["structured"] == "prompt"  # type: ignore[union-attr, arg-type]
    assert "JSON schema" in server.bodies[-1]["messages"][-1]["content"]


def test_what_was_found_out_is_taken_over(templates: Prompts) -> None:
    asked = ask()
    with Loopback(loopback.no_schemas) as server:
        first = one("lean", server, templates, asked)
        later = model_for("lean", server.base_url, templates)
        assert later.signature(asked)[:3] != (first.by, first.prompt, first.settings)
        later.adopt(first.settings)
        assert later.signature(asked)[:3] == (first.by, first.prompt, first.settings)


def test_schema_is_insisted_on_when_asked_for(transport: str, templates: Prompts) -> None:
    with Loopback(loopback.no_schemas) as server:
        assert type(one(transport, server, templates, structured="schema")) is BadRequest


def test_the_newer_name_of_the_token_limit(templates: Prompts) -> None:
    def picky(body: dict[str, Any], count: int) -> Act | None:
        return status(400, "use 'max_completion_tokens' instead") if "max_tokens" in body else None

    with Loopback(picky) as server:
        reply = one("lean", server, templates, max_tokens=50)
    assert isinstance(reply, Answer)
    assert server.bodies[-1]["max_completion_tokens"] == 50


# -- keys --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [401, 429, 500])
def test_a_key_never_shows(
    transport: str, templates: Prompts, code: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    leak = status(code, f"Incorrect API key provided: {KEY}; header was Authorization: Bearer {KEY}", retry_after=1)
    with Loopback(always(leak)) as server:
        found = one(transport, server, templates, retries=1)
    assert server.keys == {f"Bearer {KEY}"}
    assert isinstance(found, BackendError)
    shown = [repr(found), str(found), repr(found.attempts), repr(found.__cause__), repr(vars(found))]
    logged = [record.getMessage() for record in caplog.records]
    assert KEY not in "".join([*shown, *logged, *capfd.readouterr()])
    assert "[key]" in str(found)


def test_no_key_is_sent_when_there_is_none(templates: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback() as server:
        reply = one("lean", server, templates, key_from=None)
    assert isinstance(reply, Answer)
    assert server.keys == set()
