"""The status of a new day, and memory without retrieval: all of it in order, or a running summary (methods.md 5C)."""

import pytest

from simsoc.minds.mind import running_summary
from simsoc.minds.status import renew, sum_up

from .by_hand import by_rule, event, filled, me, mind, played, silence, think


def test_the_status_is_told_anew():
    m = mind()
    memory = filled(m, "Ben paints", "rain")
    asks, out = think(renew(m, me(status="Ada bakes"), memory.view()), played({"plan/status": "Ada plans a party"}))
    assert (out.status, sorted(out.recalled), out.counts) == ("Ada plans a party", [0, 1], {})
    assert asks[0].facts["status"] == "Ada bakes"
    _, out = think(renew(m, me(status="Ada bakes"), memory.view()), lambda ask: silence())
    assert (out.status, out.counts) == (None, {"silent plan/status": 1})


def test_a_running_summary_rests_on_the_one_before_and_the_news():
    m = mind(memory={"mode": "reflective"})
    memory = m.memory()
    for step, evidence in enumerate([(0,), (1, 2)]):
        rewriting = sum_up(m, me(step=step), memory.view(), [event(f"message {step}")], "XYZ")
        asks, out = think(rewriting, played({"sum_up": f"sum {step}"}))
        _, summary = memory.store(out.drafts, float(step))
        assert (summary.text, summary.evidence, summary.depth) == (f"sum {step}", evidence, step + 1)
        assert asks[0].facts["summary"] == ("" if step == 0 else "sum 0")
        assert asks[0].facts["news"] == [f"message {step}"]
    assert running_summary(memory.view(), 5.0).text == "sum 1"
    page = m.page(me())
    recall = m.recall(memory.view(), ["anything"], page)
    assert [f.record.text for f in recall.found] == ["sum 1"]
    _, out = think(sum_up(m, me(), memory.view(), [event("message 2")]), lambda ask: silence())
    memory.store(out.drafts, 9.0)
    assert [d.text for d in out.drafts] == ["message 2"]
    assert out.counts == {"silent sum_up": 1}
    assert running_summary(memory.view(), 9.0).text == "sum 1"


def test_the_summary_by_its_rule():
    m = mind(memory={"mode": "reflective"})
    memory = m.memory()
    for step in range(300):
        _, out = think(sum_up(m, me(step=step), memory.view(), [event(f"message {step}.")]), by_rule)
        memory.store(out.drafts, float(step))
    text = running_summary(memory.view(), 300.0).text
    assert text.endswith("message 298. message 299.")
    assert len(text) <= 2000


def test_a_cumulative_memory_is_read_in_order_from_its_end():
    m = mind(memory={"mode": "cumulative"}, tokens=1000)
    memory = filled(m, *[f"message {i} " + "x" * 100 for i in range(100)])
    page = m.page(me())
    recall = m.recall(memory.view(), ["anything"], page)
    numbers = [record.n for record in recall.records]
    assert numbers == list(range(100 - len(numbers), 100))
    assert recall.left_out == 100 - len(numbers) > 50
    small = filled(m, "Ben paints", "rain")
    assert [r.text for r in m.recall(small.view(), ["x"], m.page(me())).records] == ["Ben paints", "rain"]


@pytest.mark.parametrize("mode", ["stream", "cumulative", "reflective"])
def test_nothing_comes_to_an_empty_mind_or_one_without_memory(mode):
    m = mind(memory={"mode": mode})
    recall = m.recall(m.memory().view(), ["x"], m.page(me()))
    assert (recall.found, recall.left_out) == ((), 0)
    off = mind(memory=False)
    assert off.recall(filled(off, "Ben paints").view(), ["x"], off.page(me())).found == ()
    assert off.latest(filled(off, "Ben paints").view(), off.page(me())) == ([], 0)
