"""Small logs to test with."""

from simsoc.core.answers import Choice
from simsoc.core.canonical import Digest
from simsoc.core.facts import Facts
from simsoc.core.words import Answer, Ask, Attempt, Decision, Event, NoAnswer
from simsoc.runlog import AgentRow, ExposureRow, MemoryRow, RunInfo, Writer

DECISION = Decision("choose", "opinion/choose", Choice(("a", "b")), None, "elicit")
INFO = RunInfo(
    name="small", scenario={"name": "small", "steps": 3}, seed=7, yaml="name: small\n", versions={"python": "3"}
)
RULE = Answer(value="a", source="rule", by="voter", attempts=0)
LIVE = Answer(
    value="b",
    source="live",
    by="openai/gpt-x",
    attempts=2,
    tokens_in=120,
    tokens_out=3,
    cost=0.001,
    latency=0.25,
    flags=("rescaled", "repaired"),
    prompt='[{"role":"user","content":"a or b?"}]',
    raw="b, of course",
    settings='{"temperature":1}',
    trouble=(Attempt("timed_out", "after 1 s"), Attempt("unparseable", "no JSON", "well, b?")),
)
REFUSED = NoAnswer(
    source="live",
    by="openai/gpt-x",
    reason="refused",
    detail="no comment",
    prompt="?",
    raw="I will not.",
    settings="{}",
)


def ask(agent=0, step=1, turn=0, draw=0, seed=7, facts=None):
    given = Facts({"own": "a", "n": [1, 2]} if facts is None else facts, {"later": lambda f: f["own"] * 3})
    return Ask(seed, agent, step, turn, draw, DECISION, given, "choose")


class Logging:
    """A writer with its digest, as the engine holds them."""

    def __init__(self, path, info=INFO, **options):
        self.writer = Writer.create(path, info, **options)
        self.digest = Digest()

    def event(self, step, agent, kind, **content):
        made = Event(step, 0, agent, kind, content)
        self.writer.event(made, self.digest.add(made))

    def finish(self, status="finished", reason="all steps done", turns=None):
        self.writer.finish(status, reason, digest=self.digest.hex(), turns=turns)
        self.writer.close()


def small(path, *, end=True, **options):
    """Three people (a fourth comes in step 2), three steps, something in every table."""
    log = Logging(path, **options)
    w = log.writer
    w.agents(AgentRow(i, {"age": 30 + i, "label": "x"}, f"P{i}", backend="rules") for i in range(3))
    w.tie_from(0, 1, 0, {"weight": 2.0})
    w.tie_from(2, 1, 0)
    for i, to in enumerate("aab"):
        log.event(0, i, "start", to=to)
    w.measure(0, "share", 2 / 3)
    w.commit(0)
    w.ask(ask(0, 1), RULE)
    w.ask(ask(1, 1), LIVE)
    log.event(1, 0, "set", to="a")
    log.event(1, -1, "set", to="b", who=1)
    w.exposures([ExposureRow(1, 0, 0, 0, 2, 0, 0, 1.5, "following", {"fresh": 1.0, "close": 0.5})])
    w.suggested([(1, 0, 0, 0, 2, 1.0, None, "popular")])
    w.memories([MemoryRow(0, 0, 1, "event", "saw a post of P2", importance=3, event=w.last_event, ask=w.last_ask)])
    w.measure(1, "share", 1 / 3)
    w.measure(1, "gap", None)
    w.commit(1, turns=2)
    w.ask(ask(2, 2), REFUSED)
    w.agent(3, 2, {"age": 5, "shoe": 44}, label="new")
    w.tie_to(1, 2, 2)
    w.tie_from(0, 3, 2)
    log.event(2, 3, "start", to="b")
    log.event(2, 3, "rest")
    w.remembered(0, [0], 2)
    w.memories([MemoryRow(0, 1, 2, "thought", "P2 writes", 1, evidence=[0], triple=("P2", "writes", "posts"))])
    w.note(2, "resumed", {"from": 1})
    w.measure(2, "share", 0.25)
    w.measure(2, "gap", 2)
    w.commit(2, turns=3)
    log.event(3, 0, "set", to="b")
    w.measure(3, "share", 0.0)
    w.commit(3, turns=4)
    if end:
        log.finish()
    return log
