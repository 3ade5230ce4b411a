"""What a scenario would cost: exact where nothing is left to chance, an interval where a run ends by itself."""

import json

import pytest

import simsoc
from simsoc.planning import _predicted, plan
from tests.loopback import Loopback

DESIGN = {
    "name": "planned",
    "steps": 4,
    "world": {"kind": "opinion", "labels": ["k", "z"], "stop": "never", "rule": {"kind": "voter"}},
    "population": {"n": 12},
    "network": {"kind": "ring", "k": 4},
    "activation": "together",
    "backend": {"model": "openai/gpt-4o-mini", "slots": 4},
}


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def test_calls_are_those_of_the_run():
    found = plan(DESIGN)
    (line,) = found.lines
    assert line.calls == (48, 48, 48)
    with Loopback() as server:
        backend = {"model": "openai/test", "base_url": server.base_url}
        simsoc.run({**DESIGN, "backend": backend}, log=None).close()
        assert server.calls == 48


def test_tokens_and_dollars_by_the_price_map():
    (line,) = plan(DESIGN).lines
    assert 100 * 48 < line.tokens_in.mean < 400 * 48
    assert line.tokens_out.low <= line.tokens_out.mean <= line.tokens_out.high < 20 * 48
    dollars = line.tokens_in.mean * 0.15e-6 + line.tokens_out.mean * 0.60e-6
    assert line.dollars.mean == pytest.approx(dollars)


def test_a_server_of_ones_own_has_no_price():
    (line,) = plan({**DESIGN, "backend": {"model": "openai/qwen", "base_url": "http://127.0.0.1:9/v1"}}).lines
    assert line.dollars is None


def test_nothing_is_asked_where_no_model_is():
    found = plan({**DESIGN, "backend": "mechanistic"})
    assert found.lines == []
    assert found.seconds == (0, 0, 0)


def test_only_groups_with_a_model_are_counted():
    backend = {"model": "mechanistic", "groups": [{"who": {"ids": [0, 5]}, "model": "openai/gpt-4o-mini"}]}
    (line,) = plan({**DESIGN, "backend": backend}).lines
    assert line.calls.mean == 8


def test_time_follows_slots_and_order():
    together = plan(DESIGN, latency=2.0).seconds
    assert together.low == 48 / 4 * 2.0
    many = plan(DESIGN, {"backend.slots": 1000}, latency=2.0).seconds
    assert many.low == 4 * 2.0  # four steps, one after another
    serial = plan(DESIGN, {"network": "complete", "activation": {"kind": "one_by_one", "replacement": False},
                           "backend.slots": 1000}).seconds  # fmt: skip
    assert serial.low == 48


def test_twins_share_what_they_ask_alike():
    arms = {"control": {}, "same": {}, "other": {"world.wording": "strangers"}}
    found = plan({**DESIGN, "experiment": {"arms": arms, "replicates": 2}})
    assert found.runs == 6
    assert found.lines[0].calls.mean == 2 * 48 * 2
    assert found.reused == pytest.approx(1 / 3)


def test_a_run_that_ends_by_itself_has_an_interval():
    free = {**DESIGN, "steps": 200, "world": {"kind": "opinion", "labels": ["k", "z"], "rule": {"kind": "voter"}}}
    (line,) = plan(free, rehearse=4).lines
    assert 0 < line.calls.low < line.calls.mean < line.calls.high


def test_the_interval_covers():
    """95% prediction: of runs with lognormal costs, about 95 in 100 fall inside (a band of 4 standard errors)."""
    from simsoc.core.stream import Stream

    inside, number = 0, 300
    for one in range(number):
        stream = Stream(1, "cost", one)
        values = [2.718 ** (0.7 * stream.normal()) for _ in range(6)]
        low, _, high = _predicted(values[:5], 1)
        inside += low <= values[5] <= high
    assert abs(inside / number - 0.95) < 4 * (0.95 * 0.05 / number) ** 0.5


def test_the_command(tmp_path, capsys):
    from typer.testing import CliRunner

    from simsoc.cli import app

    (tmp_path / "a.yaml").write_text(json.dumps(DESIGN))
    said = CliRunner().invoke(app, ["plan", str(tmp_path / "a.yaml"), "--json"])
    assert said.exit_code == 0
    told = json.loads(said.stdout)
    assert told["lines"][0]["calls"] == {"low": 48, "mean": 48, "high": 48}
    said = CliRunner().invoke(app, ["plan", str(tmp_path / "a.yaml")])
    assert "openai/gpt-4o-mini" in said.stdout
    assert "4 slots" in said.stdout
    said = CliRunner().invoke(app, ["plan", str(tmp_path / "a.yaml"), "--set", "steps=-1"])
    assert said.exit_code == 2
