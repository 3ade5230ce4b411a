"""The everyday rules: legal whatever the facts are, on the published scale, and swapped from outside."""

import pytest

from simsoc.core.answers import PLACEHOLDER
from simsoc.core.shelf import Shelf
from simsoc.core.stream import Stream
from simsoc.minds.forms import FORMS
from simsoc.minds.importance import weigh
from simsoc.minds.mind import Generative
from simsoc.minds.reflection import reflect
from simsoc.minds.rules.everyday import Everyday
from simsoc.minds.rules.weighing import weight_of
from simsoc.shelves import SHELVES

from .by_hand import by_rule, event, me, mind, think


@pytest.mark.parametrize(
    ("text", "kind", "weight"),
    [
        ("Ada brushes her teeth", "event", 1),
        ("Ada makes the bed", "event", 1),
        ("Ada is tidying her room", "event", 2),
        ("Ada asks Ben out on a date", "event", 8),
        ("a break-up: Ada and Ben got divorced", "event", 10),
        ("Ada is accepted at college", "event", 10),
        ("Sam runs for mayor, and there will be a party", "chat", 7),
        ("zyx", "event", 2),
        ("zyx", "thought", 4),
        ("", "plan", 5),
    ],
)
def test_importance_is_anchored_at_the_published_examples(text, kind, weight):
    assert weight_of(text, kind) == weight


def test_every_decision_has_a_rule():
    m = mind(planning="day")
    for name in FORMS:
        rule = m.decision(name).rule
        assert rule.name == f"everyday.{name}"
        assert rule.function is getattr(Everyday, name)
    assert m.decision("say").rule.parameters == {"pass_on": 0.5, "worth": 6}
    assert m.decision("importance").rule.parameters == {}


def test_reflection_is_about_what_keeps_coming_up():
    m = mind()
    memory = m.memory()
    for i in range(6):
        memory.store([event(f"Ben is at the cafe, time {i}", 2, ("Ben", "is at", "cafe"))], float(i))
    memory.store([event("Cy is at the park", 2, ("Cy", "is at", "park"))], 9.0)
    asks, out = think(reflect(m, me(), memory.view()), by_rule)
    assert asks[0].facts["count"] == 3
    first = out.drafts[0]
    assert first.text == "Ben keeps coming up in what I remember"
    assert first.evidence == (0, 1, 2, 3, 4, 5)
    assert out.drafts[1].text == "Ben often has to do with cafe"
    assert next(d.text for d in out.drafts if "Cy" in d.text) == "Cy keeps coming up in what I remember"


def test_a_rule_from_outside_replaces_one():
    class Blunt(Everyday):
        """Everything matters."""

        @staticmethod
        def importance(facts, stream: Stream) -> int:
            """Ten."""
            return 10

    shelf = Shelf("mind_rules", {"blunt": f"{__name__}:Everyday"})
    shelf._loaded["blunt"] = Blunt
    shelves = {**SHELVES, "mind_rules": shelf}
    spec = SHELVES["minds"].spec("generative").model_validate({"rules": "blunt"}, context={"shelves": shelves})
    m = Generative(spec, shelves)
    from simsoc.minds.asking import Counts

    assert think(weigh(m, me(), "Ada sleeps", "event", Counts()))[1].importance == 10


def test_the_null_mind_answers_lists_and_nested_fields():
    seen = set()
    for seed in range(200):
        value = FORMS["insights"][1].null({}, Stream(seed, "x"))
        seen.add(len(value["insights"]))
        assert FORMS["insights"][1].check(value, {}) == value
        assert {one["insight"] for one in value["insights"]} == {PLACEHOLDER}
    assert seen == set(range(1, 21))
