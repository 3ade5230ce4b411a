"""Reflection: from many events to a few insights that say what they rest on (methods.md 1.5).

1. It is due when the importance of events perceived since the last time sums up to the threshold (the published counter
   starts at the threshold and is reduced; the same). Thoughts and chats do not count.
2. From the most recent memories come the most salient questions, 3 by default.
3. For each question memories come to mind, earlier insights among them.
4. From these, numbered from 1, follow insights with the numbers of the statements they rest on, 5 by default.
5. Each becomes a thought with an importance of its own. A number that is not in the list is dropped and counted; an
   insight that cites nothing that is there is dropped and counted; nothing stands in for an answer that did not come.

Source: Park et al. 2023, arXiv 2304.03442; the released code shows only what came since the last reflection in step 2.
"""

from __future__ import annotations

from typing import Any

from .asking import Counts, Me, Page, Thinking
from .embedding import recollect
from .importance import weigh
from .memory import View
from .mind import Generative, Outcome
from .records import Draft, Record, Triple
from .retrieval import Recall

_QUESTION = 0.2  # share of a prompt that the question may fill


def due(mind: Generative, view: View) -> bool:
    """Whether enough has happened since the last reflection."""
    spec = mind.reflection
    return spec is not None and view.since >= spec.threshold


def reflect(mind: Generative, me: Me, view: View) -> Thinking[Outcome]:
    """Questions, what comes to mind for each, and insights. The world calls `Memory.reflected` when it is applied."""
    spec = mind.reflection
    counts = Counts()
    drafts: list[Draft] = []
    recalled: list[int] = []
    assert spec is not None
    for question in (yield from _questions(mind, me, view, spec.recent, spec.questions, counts)):
        page = mind.page(me)
        page.text("question", question, _QUESTION)
        recall = yield from recollect(mind, me, view, [question], page, counts=counts)
        counts.add("left out", recall.left_out)
        if not recall.found:
            counts.add("questions without a memory")
            continue
        recalled += recall.numbers
        drafts += yield from _insights(mind, me, page, recall, spec.insights, drafts, counts)
    return Outcome(drafts=tuple(drafts), recalled=tuple(dict.fromkeys(recalled)), counts=counts)


def _questions(mind: Generative, me: Me, view: View, recent: int, most: int, counts: Counts) -> Thinking[list[str]]:
    page = mind.page(me)
    records, left_out = mind.latest(view, page, recent)
    if not records:
        return []
    page.records(records, left_out)
    ask = me.ask(mind.decision("questions"), page.facts({"count": most}))
    answer = counts.heard(ask, (yield ask))
    return answer["questions"][:most] if answer is not None else []


def _insights(
    mind: Generative, me: Me, page: Page, recall: Recall, most: int, before: list[Draft], counts: Counts
) -> Thinking[list[Draft]]:
    """Insights from what came to mind for one question; those had already in this reflection are not had again."""
    statements = recall.records
    page.records(statements, recall.left_out, "statements")
    ask = me.ask(mind.decision("insights"), page.facts({"count": most}))
    answer = counts.heard(ask, (yield ask))
    made: list[Draft] = []
    for insight in (answer or {"insights": []})["insights"][:most]:
        evidence = cited(insight["because_of"], statements, counts)
        if not evidence:
            counts.add("insights without evidence")
            continue
        text = insight["insight"].strip()
        if any(draft.text == text for draft in (*before, *made)):
            counts.add("insights repeated")
            continue
        weighed = yield from weigh(mind, me, text, "thought", counts)
        triple, words = _about(me, text, statements, evidence)
        made.append(Draft("thought", text, weighed.importance, triple, words, evidence, ask=ask.identity))
    return made


def cited(numbers: list[int], statements: list[Record], counts: Counts) -> tuple[int, ...]:
    """Numbers of the records that valid citations point at, each once; others are counted as dropped."""
    found: dict[int, None] = {}
    for number in numbers:
        if 1 <= number <= len(statements):
            found[statements[number - 1].n] = None
        else:
            counts.add("citations dropped")
    return tuple(found)


def _about(
    me: Me, text: str, statements: list[Record], evidence: tuple[int, ...]
) -> tuple[Triple | None, tuple[str, ...]]:
    """Triple and keywords of an insight: those keywords of its evidence that it mentions."""
    said = text.lower()
    words: dict[str, Any] = {}
    for record in statements:
        if record.n in evidence:
            words.update((word, None) for word in record.keywords if word in said)
    return (me.name, "concludes", text), tuple(words) or (me.name,)
