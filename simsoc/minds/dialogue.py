"""A conversation of two agents, as one activity (methods.md 1.8).

One speaks, then the other, for at most eight rounds of two utterances. Before it begins, each sums up in a sentence
what the other is to it, from fifty memories of the other; before each utterance, fifteen memories come to mind for that
sentence, for what the other is doing and for the last four utterances. (The released code sums up anew before each
utterance, from memories that do not change while the two talk; once is the same.) Afterwards each remembers the chat
and, with the chat as evidence, what matters for its plans and what was notable.

The generator speaks for both sides: asks carry the id of the agent who speaks, and purposes name the partner.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from .asking import Counts, Me, Page, Thinking
from .embedding import caught_up, recollect
from .importance import weigh
from .memory import View
from .mind import Generative, Outcome
from .records import Draft

_RELATION = 0.15  # shares of a prompt
_DOING = 0.1
_TALK = 0.4
_RECENT = 4  # utterances that memories are looked for with
_EARLIER = 60  # utterances of earlier talks with the partner that a rule may look at


class Side(Struct, frozen=True):
    """One of two who talk."""

    me: Me
    view: View
    doing: str
    """What it is busy with when the conversation begins."""


class Talked(Struct, frozen=True):
    """A conversation, and what each side takes from it."""

    said: tuple[tuple[str, str], ...]
    """Who said what, in order."""
    minutes: int
    """How long it took: ceil((characters / 8) / 30)."""
    first: Outcome
    """Of the one who began it."""
    second: Outcome
    """Of the other one."""


class _Speaker:
    """A side while the conversation goes on."""

    def __init__(self, side: Side, other: Side, me: Me) -> None:
        self.me, self.view, self.doing = me, side.view, side.doing
        self.partner, self.partner_id, self.partner_doing = other.me.name, other.me.at.agent, other.doing
        self.relation: str | None = None
        self.earlier: list[str] = []
        """What was said in talks with the partner that come to mind."""
        self.recalled: dict[int, None] = {}
        self.counts = Counts()

    def page(self, mind: Generative) -> Page:
        """An empty page that tells who the partner is."""
        page = mind.page(self.me)
        page.shown["partner"] = self.partner
        return page


def duration(said: tuple[tuple[str, str], ...]) -> int:
    """Minutes a conversation takes: ceil((characters / 8) / 30), as in the released code."""
    return ceil(sum(len(words) for _, words in said) / 8 / 30)


def converse(mind: Generative, one: Side, two: Side) -> Thinking[Talked]:
    """A conversation that the first begins, in its turn.

    It ends where somebody ends it, gives no answer (which is counted), or all rounds are over.
    """
    spec = mind.dialogue
    assert spec is not None
    sides = (
        _Speaker(one, two, one.me.with_partner(two.me)),
        _Speaker(two, one, two.me.met_by(one.me)),
    )
    before = []
    for speaker in sides:
        speaker.view, vectors = yield from caught_up(mind, speaker.me, speaker.view)
        before.append(vectors)
        yield from _relate(mind, speaker, spec.about_partner)
    said: tuple[tuple[str, str], ...] = ()
    for number in range(2 * spec.rounds):
        speaker = sides[number % 2]
        utterance = yield from _say(mind, speaker, said, spec.per_utterance, 2 * spec.rounds - number)
        if utterance is None:
            break
        said = (*said, (speaker.me.name, utterance["utterance"].strip()))
        if utterance["ends"]:
            break
    outcomes = []
    for speaker in sides:
        outcomes.append((yield from _remember(mind, speaker, said)))
    first, second = (_with_vectors(outcome, more) for outcome, more in zip(outcomes, before, strict=True))
    return Talked(said, duration(said), first, second)


def _with_vectors(outcome: Outcome, before: Outcome) -> Outcome:
    """What a side takes from a talk, and the vectors that it asked for at its beginning."""
    counts = Counts(outcome.counts)
    counts.join(before.counts)
    return replace(outcome, vectors=before.vectors, counts=counts)


def _relate(mind: Generative, speaker: _Speaker, top: int) -> Thinking[None]:
    """What the partner is to the speaker, in a sentence; unknown where nothing comes to mind or no answer came."""
    page = speaker.page(mind)
    recall = yield from recollect(
        mind, speaker.me, speaker.view, [speaker.partner], page, top=top, counts=speaker.counts
    )
    speaker.recalled.update(dict.fromkeys(recall.numbers))
    speaker.counts.add("left out", recall.left_out)
    if not recall.found:
        return
    chats = [r for r in recall.records if r.triple is not None and r.triple[2] == speaker.partner]
    speaker.earlier = [words for chat in chats for _, words in chat.said][-_EARLIER:]
    page.records(recall.records, recall.left_out)
    ask = speaker.me.ask(mind.decision("relate"), page.facts({"other": speaker.partner_id}))
    speaker.relation = speaker.counts.heard(ask, (yield ask))


def _say(
    mind: Generative, speaker: _Speaker, said: tuple[tuple[str, str], ...], top: int, left: int
) -> Thinking[dict[str, Any] | None]:
    """The next utterance and whether it ends the conversation; None where no answer came."""
    page = speaker.page(mind)
    page.text("relation", speaker.relation or "", _RELATION)
    page.text("doing", speaker.doing, _DOING)
    page.text("doing_of_other", speaker.partner_doing, _DOING)
    missing = _conversation(page, said)
    recent = " ".join(words for _, words in said[-_RECENT:])
    queries = [q for q in (speaker.relation or speaker.partner, speaker.partner_doing, recent) if q]
    recall = yield from recollect(mind, speaker.me, speaker.view, queries, page, top=top, counts=speaker.counts)
    speaker.recalled.update(dict.fromkeys(recall.numbers))
    speaker.counts.add("left out", recall.left_out)
    page.records(recall.records, recall.left_out)
    given = {"other": speaker.partner_id, "place": len(said), "left": left, "unsaid": missing}
    ask = speaker.me.ask(mind.decision("say"), page.facts(given, earlier=speaker.earlier))
    answer: dict[str, Any] | None = speaker.counts.heard(ask, (yield ask))
    return answer


def _conversation(page: Page, said: tuple[tuple[str, str], ...]) -> int:
    """Puts what was said on a page, the last as far as it fits; how many utterances before are left out."""
    kept = page.space.last([f"{who} {words}" for who, words in said], _TALK)
    page.shown["said"] = [{"who": said[i][0], "words": said[i][1]} for i in kept]
    return len(said) - len(kept)


def _remember(mind: Generative, speaker: _Speaker, said: tuple[tuple[str, str], ...]) -> Thinking[Outcome]:
    """The chat as a memory, and what follows from it as thoughts that rest on it."""
    me, counts = speaker.me, speaker.counts
    recalled = tuple(speaker.recalled)
    if not said:
        return Outcome(recalled=recalled, counts=counts)
    page = speaker.page(mind)
    missing = _conversation(page, said)
    ask = me.ask(mind.decision("gist"), page.facts({"other": speaker.partner_id, "unsaid": missing}))
    gist = counts.heard(ask, (yield ask)) or {"about": "", "to_plan": [], "notable": []}
    about = f" about {gist['about'].strip()}" if gist["about"] else ""
    text = f"{me.name} talked with {speaker.partner}{about}"
    weighed = yield from weigh(mind, me, text, "chat", counts)
    triple = (me.name, "talked with", speaker.partner)
    drafts = [Draft("chat", text, weighed.importance, triple, (speaker.partner,), said=said, ask=ask.identity)]
    for sentence in dict.fromkeys((*gist["to_plan"], *gist["notable"])):
        thought = sentence.strip()
        weighed = yield from weigh(mind, me, thought, "thought", counts)
        triple = (me.name, "learned from", speaker.partner)
        evidence = (-len(drafts),)
        drafts.append(
            Draft("thought", thought, weighed.importance, triple, (speaker.partner,), evidence, ask=ask.identity)
        )
    return Outcome(drafts=tuple(drafts), recalled=recalled, counts=counts)
