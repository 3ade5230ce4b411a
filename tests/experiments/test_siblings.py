"""The gate in front of a server's gate: which calls are sent, which wait, and what becomes of those who waited."""

from types import SimpleNamespace

import pytest

from simsoc.core.answers import Choice
from simsoc.core.calls import Signature
from simsoc.core.errors import Unreachable
from simsoc.core.facts import Facts
from simsoc.core.words import Answer, Ask, Decision
from simsoc.engine.siblings import Siblings

DECISION = Decision("opinion", "opinion/friends", Choice(("A", "B")))


def ask(agent=0, step=1):
    return Ask(1, agent, step, 0, 0, DECISION, Facts({}), "opinion")


class Backend:
    """Sends the prompt it is given, whatever is asked."""

    name = "openai/x"

    def __init__(self, prompt="p"):
        self.prompt = prompt

    def signature(self, ask, like=None):
        return Signature(self.name, self.prompt, "{}", lambda text: text)


class Inner:
    """A server's gate that a test plays by hand."""

    def __init__(self):
        self.waiting = []
        self.flying = []

    def submit(self, order, ask, done, live=None, ready=None, owner=None, purse=None):
        self.waiting.append(SimpleNamespace(order=order, ask=ask, done=done, live=live, owner=owner, purse=purse))

    def clear(self, owner=None):
        dropped = [call for call in self.waiting if owner in (None, call.owner)]
        self.waiting = [call for call in self.waiting if call not in dropped]
        return len(dropped)

    def send(self):
        call = self.waiting.pop(0)
        call.purse.take()
        self.flying.append(call)
        return call

    def land(self, outcome):
        call = self.flying.pop(0)
        call.purse.book(outcome)
        if outcome is not None:
            call.done(outcome)


class Run:
    """A run that submits calls and hears what becomes of them."""

    def __init__(self, siblings, inner, prompt="p", purse=None):
        self.seat = siblings.join()
        self.gate = self.seat.gate(inner)
        self.backend = Backend(prompt)
        self.heard = []
        self.purse = purse

    def want(self, which=None):
        found = self.seat.find(which or ask(), self.backend)
        if found is not None:
            self.heard.append(found)
        else:
            self.gate.submit(0, which or ask(), self.heard.append, self.backend, None, self, self.purse)


def said(text="A", prompt="p"):
    told = {"source": "live", "by": "openai/x", "prompt": prompt, "settings": "{}", "tokens_in": 3}
    return Answer(value=text, raw=text, **told)


@pytest.fixture
def three():
    siblings, inner = Siblings(), Inner()
    return inner, [Run(siblings, inner) for _ in range(3)]


def test_a_call_that_several_want_is_sent_once(three):
    inner, runs = three
    for run in runs:
        run.want()
    assert len(inner.waiting) == 1
    inner.send()
    inner.land(said("B"))
    assert [[(reply.value, reply.source) for reply in run.heard] for run in runs] == [
        [("B", "live")],
        [("B", "replay")],
        [("B", "replay")],
    ]
    assert [(run.seat.paid, run.seat.reused) for run in runs] == [(1, 0), (0, 1), (0, 1)]
    again = runs[2].heard[0]
    assert (again.prompt, again.settings, again.raw, again.tokens_in) == ("p", "{}", "B", 3)
    assert not inner.waiting


def test_what_was_answered_before_is_found_at_once(three):
    inner, (one, two, _) = three
    one.want()
    inner.send()
    inner.land(said())
    two.want()
    assert [reply.source for reply in two.heard] == ["replay"]
    two.want(ask(agent=5))
    assert len(inner.waiting) == 1


def test_another_prompt_is_another_call():
    siblings, inner = Siblings(), Inner()
    one, two, three = (Run(siblings, inner, prompt) for prompt in "pqq")
    for run in (one, two, three):
        run.want()
    assert len(inner.waiting) == 2
    for prompt in "pq":
        inner.send()
        inner.land(said(prompt, prompt))
    assert [run.heard[0].value for run in (one, two, three)] == ["p", "q", "q"]


def test_when_the_first_fails_the_second_sends_its_own_and_the_third_waits_for_that(three):
    inner, (one, two, three_) = three
    for run in (one, two, three_):
        run.want()
    inner.send()
    inner.land(Unreachable("gone"))
    assert isinstance(one.heard[0], Unreachable)
    assert not two.heard
    assert [call.owner for call in inner.waiting] == [two]
    inner.send()
    inner.land(said())
    assert [reply.source for reply in two.heard + three_.heard] == ["live", "replay"]


def test_a_run_that_gives_up_releases_what_it_had_not_sent(three):
    inner, (one, two, _) = three
    one.want()
    two.want()
    assert one.gate.clear(one) == 1
    assert [call.owner for call in inner.waiting] == [two]


def test_what_is_on_its_way_when_a_run_gives_up_is_still_waited_for(three):
    inner, (one, two, _) = three
    one.want()
    two.want()
    inner.send()
    assert one.gate.clear(one) == 0
    assert not inner.waiting
    inner.land(said())
    assert [reply.source for reply in two.heard] == ["replay"]


def test_a_run_that_gives_up_waits_for_nobody(three):
    inner, (one, two, three_) = three
    for run in (one, two, three_):
        run.want()
    two.want(ask(agent=3))
    assert two.gate.clear(two) == 2  # one that waited for another run's, one of its own
    inner.send()
    inner.land(said())
    assert not two.heard
    assert one.heard
    assert three_.heard
    assert not inner.waiting


def test_a_call_that_is_dropped_between_two_tries_is_released(three):
    inner, (one, two, _) = three
    one.want()
    two.want()
    inner.send()
    inner.land(None)
    assert not one.heard
    assert [call.owner for call in inner.waiting] == [two]


def test_the_purse_of_the_one_who_sends_is_asked():
    siblings, inner = Siblings(), Inner()
    told = []
    purse = SimpleNamespace(take=lambda: told.append("taken"), book=lambda outcome: told.append(outcome))
    one, two = Run(siblings, inner, purse=purse), Run(siblings, inner, purse=None)
    one.want()
    two.want()
    inner.send()
    reply = said()
    inner.land(reply)
    assert told == ["taken", reply]


def test_a_prompt_that_cannot_be_filled_ends_the_call():
    siblings, inner = Siblings(), Inner()
    one, two = Run(siblings, inner), Run(siblings, inner)

    def signature(ask, like=None):
        raise ValueError("no such field")

    one.want()
    two.backend.signature = signature
    two.want()
    assert isinstance(two.heard[0], ValueError)


def test_one_gate_for_each_server():
    siblings = Siblings()
    seat, inner = siblings.join(), Inner()
    assert seat.gate(inner) is seat.gate(inner)
    assert seat.gate(inner) is not seat.gate(Inner())
