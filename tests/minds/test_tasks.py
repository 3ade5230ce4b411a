"""The list of tasks: checks M 7.1 to 7.3, and the faults of the published loop that are mended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.minds.asking import Counts
from simsoc.minds.tasks import Task, Tasks, begin, over, reordered, work

from .by_hand import by_null, by_rule, filled, me, mind, played, purposes, silence, think

QUEUE = tuple(Task(i, text) for i, text in enumerate(["bake", "paint the hall", "invite Ben", "buy wine"], start=1))
DONE = {"result": "well done", "objective_met": False}


def tasks_mind(**options):
    return mind(planning={"planner": "tasks", "objective": "a party", **options})


def worked(reply, tasks=None, m=None, step=1):
    m = m or tasks_mind()
    tasks = tasks or Tasks("a party", QUEUE, next_id=5)
    asks, out = think(work(m, me(step=step), filled(m, "Ben likes wine", "rain").view(), tasks), reply)
    return asks, out


# -- check M 7.1 ---------------------------------------------------------------------------------------------------


def test_an_echo_leaves_the_order_and_loses_nothing():
    echo = played({"tasks/do": DONE, "tasks/create": {"tasks": []}, "tasks/order": lambda ask: {"order": [1, 2, 3]}})
    _, out = worked(echo)
    assert out.tasks.queue == QUEUE[1:]
    ids = [task.id for task in out.tasks.queue]
    assert ids == sorted(set(ids))
    assert out.counts == {}


def test_a_new_order_is_taken():
    """Twin: not the echo."""
    _, out = worked(played({"tasks/do": DONE, "tasks/create": {"tasks": []}, "tasks/order": {"order": [3, 1, 2]}}))
    assert [task.id for task in out.tasks.queue] == [4, 2, 3]


@given(st.lists(st.integers(-3, 30), max_size=30), st.integers(0, 20))
def test_no_order_loses_a_task(numbers, count):
    made = reordered(numbers, count, Counts())
    assert sorted(made) == list(range(count))
    named = list(dict.fromkeys(n - 1 for n in numbers if 1 <= n <= count))
    assert made[: len(named)] == named
    rest = made[len(named) :]
    assert rest == sorted(rest)


# -- check M 7.2 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("garbled", [None, {"order": [0]}, {"order": [77, 99]}])
def test_garbled_priorities_leave_the_queue_as_it_was(garbled):
    _, out = worked(played({"tasks/do": DONE, "tasks/create": {"tasks": []}, "tasks/order": garbled}))
    assert out.tasks.queue == QUEUE[1:]
    assert out.counts


def test_half_an_order_keeps_the_other_half():
    _, out = worked(played({"tasks/do": DONE, "tasks/create": {"tasks": []}, "tasks/order": {"order": [3, 3, 9]}}))
    assert [task.id for task in out.tasks.queue] == [4, 2, 3]
    assert out.counts == {"numbers dropped": 2, "tasks not named": 2}


# -- check M 7.3 ---------------------------------------------------------------------------------------------------


def run(m, reply):
    """Rounds until there is nothing more to do: tasks done, asks, the last list."""
    tasks, asked, rounds = begin(m.tasks), 0, 0
    while over(m.tasks, tasks) is None:
        asks, out = worked(reply, tasks, m, step=rounds)
        tasks, asked, rounds = out.tasks, asked + len(asks), rounds + 1
        assert len(tasks.queue) <= m.tasks.queue
        assert rounds < 1000
    return rounds, asked, tasks


def two_more(ask):
    return {"tasks": [f"{word}{len(ask.facts['tasks'])} {word}{ask.step}" for word in ("fetch", "bring")]}


def test_endless_tasks_stop_at_the_budget():
    m = tasks_mind(calls=30)
    rounds, asked, tasks = run(m, played({"tasks/do": DONE, "tasks/create": two_more}))
    assert (rounds, asked, tasks.calls) == (10, 30, 30)
    assert over(m.tasks, tasks) == "calls"
    assert len(tasks.done) == rounds
    ids = [task.id for task in tasks.queue]
    assert len(set(ids)) == len(ids) <= 20
    other = tasks_mind(calls=60)
    assert run(other, played({"tasks/do": DONE, "tasks/create": two_more}))[:2] == (20, 60)  # twin


def test_the_rules_do_what_there_is_and_stop():
    m = tasks_mind()
    assert run(m, by_rule)[::2] == (1, Tasks("a party", (), ("Make a list of what has to be done",), 2, 2))
    m = mind(planning={"planner": "tasks", "calls": 12}, rules={"kind": "everyday", "tasks": 2})
    rounds, asked, _ = run(m, by_rule)
    assert asked <= 12 < 3 * (rounds + 1) + 3


# -- what else was mended ------------------------------------------------------------------------------------------


def test_it_stops_when_the_objective_is_met():
    m = tasks_mind()
    asks, out = worked(played({"tasks/do": {"result": "everybody came", "objective_met": True}}), m=m)
    assert purposes(asks) == ["tasks/do"]
    assert over(m.tasks, out.tasks) == "met"
    assert out.tasks.queue == QUEUE[1:]
    assert worked(by_rule, out.tasks, m)[0] == []


def test_what_comes_to_mind_is_in_the_prompt():
    asks, out = worked(played({"tasks/do": DONE, "tasks/create": {"tasks": []}}))
    assert {record["text"] for record in asks[0].facts["records"]} == {"Ben likes wine", "rain"}
    assert sorted(out.recalled) == [0, 1]
    (draft,) = out.drafts
    assert draft.text == "Ada did: bake. Result: well done"
    assert (draft.kind, draft.importance, draft.ask) == ("thought", 5, asks[0].identity)


def test_near_duplicates_and_what_is_too_much_are_dropped():
    m = tasks_mind(queue=5)
    new = ["paint the hall", "Paint the hall!", "bake", "call Cy", "write a song", "dance"]
    _, out = worked(played({"tasks/do": DONE, "tasks/create": {"tasks": new}, "tasks/order": None}), m=m)
    assert [(t.id, t.text) for t in out.tasks.queue[3:]] == [(5, "call Cy"), (6, "write a song")]
    assert out.counts == {"tasks repeated": 3, "tasks beyond the queue": 1, "silent tasks/order": 1}
    lax = tasks_mind(alike=1.0)
    _, out = worked(played({"tasks/do": DONE, "tasks/create": {"tasks": new}}), m=lax)
    assert "Paint the hall!" in [t.text for t in out.tasks.queue]  # twin: only the very same is dropped


def test_a_task_without_a_result_waits_at_the_end():
    asks, out = worked(lambda ask: silence())
    assert purposes(asks) == ["tasks/do"]
    assert out.tasks.queue == (*QUEUE[1:], QUEUE[0])
    assert (out.tasks.calls, out.drafts, out.counts) == (1, (), {"silent tasks/do": 1})


def test_no_new_tasks_where_none_were_answered():
    _, out = worked(played({"tasks/do": DONE, "tasks/create": None}))
    assert out.tasks.queue == QUEUE[1:]
    assert out.counts == {"silent tasks/create": 1}


def test_the_null_mind_works_to_its_end():
    m = tasks_mind(calls=90)
    rounds, asked, tasks = run(m, by_null)
    assert tasks.calls == asked <= 90
    assert Tasks.of(tasks.plain()) == tasks
    assert rounds >= 1
