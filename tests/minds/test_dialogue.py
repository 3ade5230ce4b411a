"""Conversations: two sides in one generator, what each takes from it, and news that is passed on."""

import pytest

from simsoc.core.words import Turn
from simsoc.minds.dialogue import Side, converse, duration

from .by_hand import by_null, event, filled, me, mind, played, purposes, silence, think

NEWS = "Ada plans an election party at 17:00"


def sides(m, one=(), two=(), **more):
    ada = Side(me(now=500.0, step=3, turn=2), filled(m, *one, **more).view(), "baking")
    ben = Side(me(agent=7, name="Ben", persona="Ben paints.", now=0.0), filled(m, *two, **more).view(), "painting")
    return ada, ben


def lines(*texts, ends=-1):
    return [{"utterance": text, "ends": i == (ends % len(texts))} for i, text in enumerate(texts)]


def test_one_speaks_then_the_other_until_one_ends_it():
    m = mind()
    gist = [
        {"about": "chess", "to_plan": ["Play on day 2"], "notable": []},
        {"about": "chess", "to_plan": [], "notable": []},
    ]
    reply = played(
        {"talk/say": lines("Hi", "Hello", "Bye"), "talk/gist": gist, "importance": 4, "talk/relate": "friends"}
    )
    asks, out = think(converse(m, *sides(m, ["Ben waves"], ["Ada waves"])), reply)
    assert out.said == (("Ada", "Hi"), ("Ben", "Hello"), ("Ada", "Bye"))
    assert purposes(asks) == [
        *["talk/relate"] * 2,
        *["talk/say"] * 3,
        *("talk/gist", "importance", "importance"),
        *("talk/gist", "importance"),
    ]
    assert [ask.agent for ask in asks] == [0, 7, 0, 7, 0, 0, 0, 0, 7, 7]
    assert {ask.purpose for ask in asks if ask.agent == 0} == {
        "talk/relate/7",
        "talk/say/7",
        "talk/gist/7",
        "importance/7",
    }
    assert {ask.purpose for ask in asks if ask.agent == 7} == {
        "talk/relate/by 0", "talk/say/by 0", "talk/gist/by 0", "importance/by 0",
    }  # fmt: skip
    assert {(ask.step, ask.turn) for ask in asks} == {(3, 2)}
    assert len({ask.identity for ask in asks}) == len(asks)
    second = asks[3].facts
    assert (second["said"], second["relation"], second["doing_of_other"]) == (
        [{"who": "Ada", "words": "Hi"}],
        "friends",
        "baking",
    )
    assert second["now"] == "day 1, 08:20"
    assert (out.first.counts, out.second.counts) == ({}, {})
    assert out.first.recalled == out.second.recalled == (0,)


def test_each_side_remembers_the_chat_and_what_follows_from_it():
    m = mind()
    gist = {"about": "chess", "to_plan": ["Play chess on day 2"], "notable": ["Ben is ill", "Play chess on day 2"]}
    reply = played({"talk/say": lines("Hi", "Hello"), "talk/gist": gist, "importance": [4, 5, 8]})
    _, out = think(converse(m, *sides(m, ["Ben waves"])), reply)
    memory = filled(m, "Ben waves", "rain")
    chat, plan, notable = memory.store(out.first.drafts, 510.0)
    assert (chat.kind, chat.text, chat.importance, chat.depth) == ("chat", "Ada talked with Ben about chess", 4, 0)
    assert chat.said == out.said
    assert chat.keywords == ("ben",)
    assert (plan.text, plan.evidence, plan.depth) == ("Play chess on day 2", (chat.n,), 1)
    assert (notable.text, notable.evidence, notable.importance) == ("Ben is ill", (chat.n,), 8)
    assert memory.view().since == 10  # the two events; neither chat nor thoughts count
    assert out.second.drafts[0].text == "Ben talked with Ada about chess"


def test_at_most_eight_rounds():
    m = mind()
    reply = played({"talk/say": {"utterance": "x" * 100, "ends": False}})
    asks, out = think(converse(m, *sides(m)), reply)
    assert len(out.said) == 16
    assert [ask.facts["left"] for ask in asks if ask.decision.purpose == "talk/say"] == list(range(16, 0, -1))
    assert out.minutes == -(-(1600 / 8) // 30) == 7
    assert purposes(asks)[0] == "talk/say"  # nothing is known of each other: nothing to sum up
    few = mind(dialogue={"rounds": 2})
    assert len(think(converse(few, *sides(few)), reply)[1].said) == 4


@pytest.mark.parametrize(("characters", "minutes"), [(0, 0), (1, 1), (240, 1), (241, 2), (2400, 10)])
def test_how_long_it_takes(characters, minutes):
    assert duration((("Ada", "x" * characters),)) == minutes


def test_silence_ends_a_conversation_and_is_counted():
    m = mind()
    asks, out = think(converse(m, *sides(m, ["Ben waves"], ["Ada waves"])), lambda ask: silence())
    assert purposes(asks) == ["talk/relate", "talk/relate", "talk/say"]
    assert (out.said, out.minutes, out.first.drafts, out.second.drafts) == ((), 0, (), ())
    assert out.first.counts == {"silent talk/relate": 1, "silent talk/say": 1}
    assert out.second.counts == {"silent talk/relate": 1}
    reply = played({"talk/say": [{"utterance": "Hi", "ends": False}, None], "talk/gist": None, "importance": None})
    _, out = think(converse(m, *sides(m)), reply)
    assert out.said == (("Ada", "Hi"),)
    (chat,) = out.second.drafts
    assert (chat.text, chat.importance) == ("Ben talked with Ada", None)
    assert out.second.counts == {"silent talk/say": 1, "silent talk/gist": 1, "silent importance": 1}


def test_a_long_conversation_is_shown_from_its_end():
    m = mind(tokens=1000)
    reply = played({"talk/say": {"utterance": "word " * 150, "ends": False}})
    asks, _ = think(converse(m, *sides(m)), reply)
    said = [ask for ask in asks if ask.decision.purpose == "talk/say"]
    for place, ask in enumerate(said):
        assert len(ask.facts["said"]) + ask.facts["unsaid"] == place
    assert said[-1].facts["unsaid"] > 10


def test_the_null_mind_talks():
    m = mind()
    for step in range(20):
        ada, ben = sides(m, ["Ben waves"], ["Ada waves"])
        ada = Side(me(step=step), ada.view, ada.doing)
        _, out = think(converse(m, ada, ben), by_null)
        assert len(out.said) <= 16
        for outcome in (out.first, out.second):
            filled(m, "x").store(outcome.drafts, 600.0)


# -- news ----------------------------------------------------------------------------------------------------------


def told(m, steps=1, seed=1):
    """How often Ada, who knows the news, tells Ben, who does not."""
    count = 0
    memory = m.memory()
    memory.store([event(NEWS, 8), event("Ada walks", 2)], 0.0)
    for step in range(steps):
        ada = Side(me(now=500.0, step=step, seed=seed), memory.view(), "baking")
        ben = Side(me(agent=7, name="Ben"), m.memory().view(), "painting")
        _, out = think(converse(m, ada, ben))
        count += any(draft.text == NEWS for draft in out.second.drafts)
        assert not any("Ada walks" in words for _, words in out.said)
    return count


def test_news_is_passed_on_with_the_stated_probability():
    for p in (0.0, 1.0):
        assert told(mind(rules={"kind": "everyday", "pass_on": p}), 20) == 20 * p
    se = (400 * 0.3 * 0.7) ** 0.5
    assert told(mind(rules={"kind": "everyday", "pass_on": 0.3}), 400) == pytest.approx(120, abs=3 * se)
    assert told(mind(rules={"kind": "everyday", "pass_on": 0.5}), 400) != pytest.approx(120, abs=3 * se)  # twin


def chain(pass_on, people=6):
    """Who knows the news after each has talked with the next, in a row; and with which chats."""
    m = mind(rules={"kind": "everyday", "pass_on": pass_on})
    memories = [m.memory() for _ in range(people)]
    memories[0].store([event(NEWS, 8)], 0.0)
    chats = []
    for step in range(people - 1):
        pair = (step, step + 1)
        parts = [
            Side(me(agent=a, name=f"P{a}", now=600.0 * step, step=step), memories[a].view(), "walking") for a in pair
        ]
        _, out = think(converse(m, *parts))
        for agent, outcome in zip(pair, (out.first, out.second), strict=True):
            memories[agent].touch(outcome.recalled, 600.0 * step)
            memories[agent].store(outcome.drafts, 600.0 * step)
        if any(NEWS in words for _, words in out.said):
            chats.append(pair)
    knows = [any(r.text == NEWS for r in memory.view().latest(None, 0.0)) for memory in memories]
    return knows, chats


def test_news_goes_from_mind_to_mind_word_by_word():
    knows, chats = chain(1.0)
    assert knows == [True] * 6
    assert chats == [(i, i + 1) for i in range(5)]
    knows, chats = chain(0.0)  # twin
    assert knows == [True] + [False] * 5
    assert chats == []


def test_what_was_told_is_not_told_again():
    m = mind(rules={"kind": "everyday", "pass_on": 1.0})
    ada, ben = m.memory(), m.memory()
    ada.store([event(NEWS, 8)], 0.0)
    said = []
    for step in range(2):
        now = 500.0 + 600 * step
        parts = (
            Side(me(now=now, step=step), ada.view(), "baking"),
            Side(me(agent=7, name="Ben", now=now), ben.view(), ""),
        )
        _, out = think(converse(m, *parts))
        ada.store(out.first.drafts, now)
        ben.store(out.second.drafts, now)
        said.append(NEWS in [words for _, words in out.said])
    assert said == [True, False]


def test_a_partner_is_asked_in_the_turn_of_the_one_who_began():
    ben = me(agent=7, name="Ben").met_by(me(now=500.0, step=3, turn=2))
    assert ben.at == Turn(1, 3, 7, 2)
    assert ben.now == 500.0
