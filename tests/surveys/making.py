"""Small societies that are surveyed, and a world whose people remember being asked."""

import simsoc
from simsoc.core.words import Event
from simsoc.society import Society
from simsoc.worlds import WORLDS
from simsoc.worlds.opinion.choices import Opinion

WORLD = {"kind": "opinion", "labels": ["k", "z"], "stop": "never", "rule": {"kind": "curie_weiss", "beta": 1.0}}
VOTE = {"name": "vote", "ask": "Whom would you vote for?", "choice": ["A", "B", "nobody"]}
HEAT = {"name": "heat", "ask": "How warm do you feel towards B?", "scale": [0, 100]}
CHANCE = {"name": "chance", "ask": "How likely will B win?", "number": [0, 1]}
WHY = {"name": "why", "ask": "Why?", "text": 80}
QUESTIONS = [VOTE, HEAT, CHANCE, WHY]
SURVEY = {"name": "approval", "at": [0, 2, "end"], "questions": QUESTIONS}
BASE = {
    "name": "asked",
    "seed": 3,
    "steps": 4,
    "world": WORLD,
    "population": {"n": 10},
    "network": {"kind": "ring", "k": 4},
    "activation": "together",
}
PEOPLE = {"source": "attributes", "n": 10, "traits": {"party": ["A", "B", "C"], "age": [20, 40, 60]}}
TWO = {**BASE, "world": [WORLD, {"kind": "opinion_scale", "rule": "degroot", "stop": "never"}]}
GROWTH = {
    "name": "asked",
    "seed": 3,
    "world": {"kind": "growth", "design": {"kind": "newcomers", "m": 2, "start": 4}, "rule": "kernel"},
    "population": {"n": 8},
}
REGIMES = ["together", "one_by_one", {"kind": "one_by_one", "replacement": False}]


def surveyed(base=BASE, *surveys, **changed):
    """The design with these surveys, or with the usual one."""
    return {**base, "surveys": list(surveys or [{**SURVEY, **changed}])}


def served(server, **settings):
    return {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 5, **settings}


def ran(path, design, **more):
    """A finished run whose log holds together."""
    run = simsoc.run(design, log=path, **more)
    assert simsoc.verify(path) == []
    return run


def others(run):
    """Everything that was asked beside the surveys: what, by whom, with which prompt, and what came back."""
    asks = run.asks_with(texts=True, facts=True)
    asks = asks[~asks["purpose"].str.startswith("survey/")]
    columns = ["step", "agent", "turn", "purpose", "draw", "value", "status", "by", "prompt", "reply", "settings"]
    made = asks[columns].sort_values(["step", "agent", "turn", "purpose", "draw"]).astype(object)
    return made.where(made.notna(), None).to_dict("records")


class Diary(Opinion):
    """Opinions, and a diary of what people were asked."""

    kind = "diary"

    def __init__(self, spec, setting):
        super().__init__(spec, setting)
        self.diary = {}

    def standing(self, agent, about):
        return {**super().standing(agent, about), "memories": list(self.diary.get(agent, ()))}

    def remember(self, step, agent, heard):
        event = Event(step, 0, agent, "asked", {"heard": [[one.ask, one.answer] for one in heard]})
        self.fold(event)
        return [event]

    def fold(self, event):
        if event.kind == "asked":
            told = [f"{ask} {answer}" for ask, answer in event.content["heard"]]
            self.diary.setdefault(event.agent, []).extend(told)
        else:
            super().fold(event)

    def persona(self, agent):
        """What is remembered is told in every prompt, so that a turn thought of too early shows."""
        return f"You have been asked {len(self.diary.get(agent, ()))} questions."

    def apart(self):
        other = super().apart()
        other.diary = {agent: list(told) for agent, told in self.diary.items()}
        return other


def with_diary(monkeypatch):
    """The diary on the shelf of worlds."""
    monkeypatch.setitem(WORLDS._parts, "diary", "tests.surveys.making:Diary")
    return {**BASE, "world": {**WORLD, "kind": "diary"}, "activation": "one_by_one"}


def society(design, **more):
    made = Society(design, **more)
    made.run_model()
    return made
