"""Importance and what keeps coming up: rules for storing and reflecting.

The scale is that of the published prompt: 1 is purely mundane (brushing teeth, making the bed), 10 extremely moving (a
break-up, being accepted at college); tidying a room was a 2 and asking somebody out an 8 (Park et al. 2023, arXiv
2304.03442). The words below were placed between these anchors by us.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream
from simsoc.minds.embed import words_of

_SCALE: Mapping[int, str] = {
    1: "idle sleep asleep sleeping bed brush brushing teeth shower",
    2: "tidy tidying clean cleaning dishes laundry breakfast lunch dinner walk walking",
    3: "work working study studying read reading write writing shop shopping cook cooking",
    4: "talk talked talking meet meeting visit project exam class lesson",
    6: "friend invite invited invitation party festival trip help argue argued quarrel news",
    7: "election elected candidate mayor campaign promotion fired illness ill sick robbed fire",
    8: "date dating love crush engaged pregnant accident hospital",
    9: "wedding marry married marriage birth born arrested",
    10: "die died death dead divorce divorced breakup college accepted",
}
_WEIGHT = {word: weight for weight, words in _SCALE.items() for word in words.split()}
_LONGEST = 400  # characters of a sentence (forms.Sentence)
_USUAL = {"event": 2, "chat": 4, "thought": 4, "plan": 5, "seed": 5}


def weight_of(text: str, kind: str) -> int:
    """1 to 10: that of the weightiest known word, and where none is known, what is usual for the kind of memory."""
    return max((_WEIGHT[word] for word in words_of(text) if word in _WEIGHT), default=_USUAL[kind])


def importance(facts: Facts, stream: Stream) -> int:
    """How much a memory means, by its weightiest word."""
    return weight_of(facts["memory"], facts["kind"])


def _often(records: Sequence[Mapping[str, Any]], name: str, most: int) -> list[str]:
    """Keywords that occur in most of these records, other than the agent's own name; between equals the first there."""
    counted = Counter(word for record in records for word in record["keywords"] if word != name.lower())
    return [word for word, _ in counted.most_common(most)]


def questions(facts: Facts, stream: Stream) -> dict[str, Any]:
    """A question for each of the persons and things that occur most in the recent memories."""
    records = facts["records"]
    often = _often(records, facts["name"], facts["count"])
    asked = [f"What do I know about {_written(word, records)}?"[:_LONGEST] for word in often]
    return {"questions": asked or ["What have I been doing?"]}


def insights(facts: Facts, stream: Stream) -> dict[str, Any]:
    """That who or what the question is about keeps coming up, and with whom or what; each with its statements."""
    statements, asked = facts["statements"], facts["question"].lower()
    often = _often(statements, facts["name"], len(statements))
    about = next((word for word in often if word in asked), often[0] if often else None)
    if about is None:
        return {"insights": [{"insight": "My days are much alike", "because_of": _where(statements, None)}]}
    name = _written(about, statements)
    made = [
        {"insight": f"{name} keeps coming up in what I remember"[:_LONGEST], "because_of": _where(statements, about)}
    ]
    among = [record for record in statements if about in record["keywords"]]
    for word in _often(among, facts["name"], facts["count"]):
        if word != about and len(made) < facts["count"]:
            told = f"{name} often has to do with {_written(word, statements)}"
            made.append({"insight": told[:_LONGEST], "because_of": _where(statements, about, word)})
    return {"insights": made}


def _where(statements: Sequence[Mapping[str, Any]], *words: str | None) -> list[int]:
    """Numbers, from 1, of the statements in which all of these words occur."""
    wanted = [word for word in words if word is not None]
    return [n for n, one in enumerate(statements[:1000], start=1) if all(w in one["keywords"] for w in wanted)][:50]


def _written(word: str, records: Sequence[Mapping[str, Any]]) -> str:
    """A keyword as it is written in the first text that has it."""
    for record in records:
        at = record["text"].lower().find(word)
        if at >= 0:
            return str(record["text"][at : at + len(word)])
    return word


def status(facts: Facts, stream: Stream) -> str:
    """The plan remembered last, or the status as it was."""
    plans: list[str] = [record["text"] for record in facts["records"] if record["kind"] == "plan"]
    return (plans[-1] if plans else facts["status"].strip() or f"{facts['name']} goes about the usual things")[:1000]


def sum_up(facts: Facts, stream: Stream) -> str:
    """The old summary with the news behind it, and of that the last 2000 characters."""
    whole = " ".join([facts["summary"], *facts["news"]]).strip()
    return whole[-2000:].strip() or "Nothing so far"
