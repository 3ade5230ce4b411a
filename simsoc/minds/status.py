"""What an agent is up to these days, told anew on a new day (methods.md 1.6), and a memory that is one running summary.

The released code has a fixed name in its prompt for the first; here only what is remembered goes in.
"""

from __future__ import annotations

from collections.abc import Sequence

from .asking import Counts, Me, Thinking
from .embedding import recollect
from .memory import View
from .mind import SUMS_UP, Generative, Outcome, running_summary
from .records import PLANS_WEIGH, Draft

_TEXT = 0.4  # shares of a prompt
_TOPIC = 0.1


class Status(Outcome, frozen=True, kw_only=True):
    """What an agent is up to; None where no answer came and the status stays as it is."""

    status: str | None = None


def renew(mind: Generative, me: Me, view: View) -> Thinking[Status]:
    """The agent's "currently", from what it remembers of its plans and how it feels about the last days."""
    counts = Counts()
    page = mind.page(me)
    queries = [f"What {me.name} has planned and still wants to do", f"How {me.name} feels about the last days"]
    recall = yield from recollect(mind, me, view, queries, page, counts=counts)
    counts.add("left out", recall.left_out)
    page.records(recall.records, recall.left_out)
    ask = me.ask(mind.decision("status"), page.facts())
    status = counts.heard(ask, (yield ask))
    return Status(status=status, recalled=recall.numbers, counts=counts)


def sum_up(mind: Generative, me: Me, view: View, news: Sequence[Draft], topic: str = "") -> Thinking[Outcome]:
    """The running summary rewritten after something new (memory mode `reflective`, methods.md 5C).

    news: what is new, to be stored first. The summary is a thought that rests on the one before and on the news. Where
    no answer came the old summary stands. Source: Chuang et al. 2024, arXiv 2311.09618.
    """
    counts = Counts()
    before = running_summary(view, me.now)
    page = mind.page(me)
    page.text("summary", before.text if before is not None else "", _TEXT)
    page.text("topic", topic, _TOPIC)
    texts = [draft.text for draft in news]
    kept = page.space.last(texts)
    counts.add("left out", len(texts) - len(kept))
    given = {"left_out": len(texts) - len(kept)}
    ask = me.ask(mind.decision("sum_up"), page.facts(given, news=[texts[i] for i in kept]))
    answer = counts.heard(ask, (yield ask))
    if answer is None:
        return Outcome(drafts=tuple(news), counts=counts)
    evidence = (*((before.n,) if before is not None else ()), *range(-len(news), 0))
    summary = Draft("thought", answer, PLANS_WEIGH, (me.name, SUMS_UP, topic), (me.name,), evidence, ask=ask.identity)
    return Outcome(drafts=(*news, summary), counts=counts)
