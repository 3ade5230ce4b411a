"""Feeds and threads in a report: what was shown, with the parts of its score, and what people wrote to each other."""

import re
from html import unescape
from pathlib import Path

import simsoc
from simsoc.runlog import behind

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_feeds_as_they_were_seen(tmp_path):
    small = {"steps": 3, "population.n": 150}
    with simsoc.run(
        SCENARIOS / "three_feeds.yaml", log=tmp_path / "a.db", **{k.replace(".", "__"): v for k, v in small.items()}
    ) as run:
        views = behind.views(run, 6)
        shown = run.exposures
        assert 1 <= len(views) <= 6
        for view in views:
            own = shown[(shown["step"] == view.step) & (shown["viewer"] == view.viewer) & (shown["turn"] == view.turn)]
            assert [(s[0], *s[1]) for s in view.slots] == list(
                own[["slot", "author", "made_step", "n"]].itertuples(index=False, name=None)
            )
        texts = [
            c["text"] for _, c in behind.items(run, [s[1] for v in views for s in v.slots]).values() if c.get("text")
        ]
        assert texts
    page = unescape(simsoc.write_report(tmp_path / "a.db").read_text(encoding="utf-8"))
    assert all(text in page for text in texts)
    assert page.count('<article class="feed">') == len(views)


def test_threads_as_they_are_read(tmp_path):
    with simsoc.run(SCENARIOS / "reddit_finance.yaml", log=tmp_path / "a.db") as run:
        texts = list(run.events_of("reply")["text"])
    page = unescape(simsoc.write_report(tmp_path / "a.db").read_text(encoding="utf-8"))
    threads = re.findall(r'<article class="thread">.*?</article>', page, re.DOTALL)
    assert 1 <= len(threads) <= 3
    plain = " ".join(re.sub(r"[│\s]+", " ", thread) for thread in threads)
    assert any(" ".join(text.split()) in plain for text in texts)
