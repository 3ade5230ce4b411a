"""The report as a file: every number is the comparison's, every text is data, nothing is loaded from anywhere."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simsoc
from simsoc.core.errors import LogError
from simsoc.report import svg
from simsoc.report.page import _as_json
from simsoc.report.plain import all_shown, shown

from .making import SCENARIO, experiment


class Page(HTMLParser):
    """Tags with their attributes, and the cells of tables by table id."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.tables, self.texts = [], {}, []
        self._table, self._open = None, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        self.tags.append((tag, own))
        if tag == "table":
            self._table = own.get("id")
        if self._table and tag == "tr":
            self.tables.setdefault(self._table, []).append({})
        if self._table and "data-value" in own:
            self.tables[self._table][-1][own["data-column"]] = own["data-value"]

    def handle_data(self, data):
        self.texts.append(data)

    def named(self, *names):
        return [(tag, own) for tag, own in self.tags if tag in names]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return experiment(tmp_path_factory.mktemp("report") / "hostile")


@pytest.fixture(scope="module")
def text(folder):
    return simsoc.write_report(folder).read_text(encoding="utf-8")


def test_every_number_of_the_effects_is_the_comparisons(folder, text):
    effects = simsoc.compare(folder).effects
    rows = [row for row in Page(text).tables["effects"] if row]
    assert len(rows) == len(effects) > 0
    for row, (_, told) in zip(rows, effects.iterrows(), strict=True):
        numbers = {k: v for k, v in told.items() if isinstance(v, int | float | np.number) and v == v}
        assert {k: float(v) for k, v in row.items() if v} == {k: float(v) for k, v in numbers.items()}


def test_nothing_is_loaded_and_no_other_script_may_run(text):
    page = Page(text)
    assert not page.named("link", "img", "iframe", "object", "embed", "base", "audio", "video")
    assert not [own for _, own in page.tags if any(name.startswith("on") or name == "style" for name in own)]
    assert not [own for _, own in page.tags if re.match(r"\s*(https?:|//|javascript:)", own.get("href", "") or "")]
    (policy,) = (own["content"] for _, own in page.named("meta") if own.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy
    scripts = page.named("script")
    assert [own for _, own in scripts] == [{"type": "application/json", "id": "data"}, {}]


def test_texts_are_data(text):
    assert "window.hit=1</script>" not in text
    assert "<img" not in text
    assert "\u202e" not in text
    assert "\\u202eevil" in text
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert any("window.hit=1" in one for one in data["decisions"]["texts"])
    assert "</style><style>body" not in text
    assert "&lt;/style&gt;&lt;style&gt;body{display:none}" in text


def test_decisions_lead_to_prompt_and_answer(folder, text):
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    told = data["decisions"]
    runs = simsoc.open_runs(folder)
    assert told["there"] == len(told["rows"]) == len(runs.asks)
    at = {name: place for place, name in enumerate(told["columns"])}
    for number, (_, run) in enumerate(runs):
        asks = run.asks_with(texts=True).set_index(["step", "agent", "turn", "purpose", "draw"])
        for row in (row for row in told["rows"] if row[at["run"]] == number):
            ask = asks.loc[tuple(row[at[n]] for n in ("step", "agent", "turn", "purpose", "draw"))]
            assert told["texts"][row[at["prompt"]]] == shown(ask["prompt"])
            assert told["texts"][row[at["reply"]]] == shown(ask["reply"])
            assert row[at["status"]] == ask["status"]
    assert {row[at["status"]] for row in told["rows"]} == {"ok", "refused"}
    values = simsoc.compare(folder).values
    assert sum(len(own) for own in data["values"].values()) == len(values)


def test_it_is_sampled_and_says_so(folder, tmp_path):
    text = simsoc.write_report(folder, tmp_path / "few.html", decisions=24).read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    rows = data["decisions"]["rows"]
    assert len(rows) < data["decisions"]["there"]
    assert f"{len(rows)} of {data['decisions']['there']} decisions, spread evenly" in text
    assert {row[0] for row in rows} == set(range(6))
    assert {row[1] for row in rows} >= {1, 2, 3}


def test_the_same_runs_give_the_same_page(folder, text, tmp_path):
    assert simsoc.write_report(folder, tmp_path / "again.html").read_text(encoding="utf-8") == text


def test_headings_in_order_labels_and_alternatives(text):
    page = Page(text)
    levels = [int(tag[1]) for tag, _ in page.named("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert all(own.get("aria-label") or own.get("aria-hidden") for _, own in page.named("svg"))
    assert all(own.get("scope") in ("col", "row") for _, own in page.named("th"))
    ids = [own["id"] for _, own in page.tags if "id" in own]
    assert len(ids) == len(set(ids))
    targets = [own[k] for _, own in page.tags for k in ("aria-controls", "aria-labelledby") if k in own]
    assert set(targets) <= set(ids)


def test_the_protocol_has_its_seven_elements(text):
    for heading in ("1. Purpose and patterns", "2. Entities, state variables and scales",
                    "3. Process overview and scheduling", "4. Design concepts", "5. Initialisation", "6. Input data",
                    "7. Submodels"):  # fmt: skip
        assert f"<h3>{heading}</h3>" in text
    assert "Agents see what those they are tied to hold, and pick one of a few options." in text
    assert "coupling" in text or "beta" in text


def test_one_run_one_stopped_run_and_nothing_at_all(tmp_path):
    single = {**SCENARIO, "name": "one", "steps": 2, "backend": "mechanistic"}
    simsoc.run(single, log=tmp_path / "one.db").close()
    text = simsoc.write_report(tmp_path / "one.db").read_text(encoding="utf-8")
    assert "One run shows what can happen" in text
    assert "a rule decided" in text
    society = simsoc.Society(single, log=tmp_path / "half.db")
    society.step()
    society.close("interrupted")
    assert "has not finished" in simsoc.write_report(tmp_path / "half.db").read_text(encoding="utf-8")
    with pytest.raises(LogError, match="no such file"):
        simsoc.write_report(tmp_path / "gone.db")
    with pytest.raises(LogError):
        simsoc.write_report(tmp_path)


@given(st.text())
def test_json_in_the_page_ends_nowhere(text):
    made = _as_json({"a": [text]})
    assert "<" not in made
    assert ">" not in made
    assert json.loads(made) == {"a": [text]}


@given(st.text())
def test_shown_text_hides_nothing(text):
    made = shown(text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x00\x1b]", made)
    assert shown(made) == made
    assert all_shown({"k": [text, None, 1]}) == {"k": [made, None, 1]}


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_ticks_are_few_and_inside(low, span):
    made = svg.ticks(low, low + span)
    assert 1 <= len(made) <= 12
    assert all(low - span * 1e-6 - 1e-6 <= t <= low + span * (1 + 1e-6) + 1e-6 for t in made)
    assert made == sorted(made)


def test_a_feed_as_somebody_saw_it_names_ranker_and_parts_of_the_score(tmp_path):
    scenario = {
        "name": "fed",
        "steps": 3,
        "world": {"kind": "twitter", "feed": {"kind": "everyone", "size": 4}},
        "population": {"source": "anes-synthetic", "n": 12},
        "network": {"kind": "erdos_renyi", "p": 0.3, "directed": True},
        "activation": {"kind": "rate", "activity": 0.9},
    }
    with simsoc.run(scenario, log=tmp_path / "fed.db") as run:
        parts = run.exposures["parts"]
        assert {"likes", "replies"} <= set(parts.iloc[0])
    said = simsoc.write_report(tmp_path / "fed.db").read_text(encoding="utf-8")
    assert re.search(r"by everyone, score [\d.]+, likes \d+, replies \d+", said)
