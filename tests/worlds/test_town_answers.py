"""What people of a town claim, held against memories and talks: invented knowledge counts as none (methods.md 1.9)."""

from collections import Counter

import pytest

import simsoc
from simsoc.society import Society
from simsoc.worlds.town import answers, diffusion
from tests.virtual import RULES

SMALL = "scenarios/town_small.yaml"
NAMES = ["Mara", "Joost", "Bela", "Runa", "Ivo"]
SURVEYS = [
    {
        "name": "knowledge",
        "at": [0, 300, "end"],
        "rule": {"kind": "mentions", "words": {"concert": "sings on the Green"}},
        "questions": [
            {"name": "concert", "ask": "Is there a concert?", "choice": ["yes", "no"]},
            {"name": "weather", "ask": "Does it rain?", "choice": ["yes", "no"]},
        ],
    },
    {
        "name": "talks",
        "at": "end",
        "rule": "most_mentioned",
        "questions": [{"name": "closest", "ask": "With whom have you talked most?", "choice": NAMES}],
    },
]


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    log = tmp_path_factory.mktemp("town") / "run.db"
    society = Society(simsoc.load(SMALL, {"surveys": SURVEYS}), log=log)
    society.run_model()
    with simsoc.open_run(log) as run:
        yield society, run


def test_by_rules_everybody_says_what_is_remembered(town):
    society, run = town
    claimed = answers.claims(run, "knowledge")
    assert set(claimed["verdict"]) == {"confirmed", "unaware"}
    assert set(claimed["item"]) == {"concert"}, "the weather is no item of news"
    end = claimed[claimed["step"] == society.length]
    knowing = society.worlds[0].knows["concert"]
    assert set(end[end["verdict"] == "confirmed"]["agent"]) == set(knowing)
    assert dict(zip(end["agent"], end["told"], strict=True))[0] == 0, "Mara knew it by herself"
    waves = answers.counted(claimed).set_index("step")
    assert waves["confirmed"].is_monotonic_increasing
    assert waves.loc[0, "confirmed"] == 1
    assert waves.loc[society.length, "share"] == len(knowing) / 5


def boastful(ask):
    """Says yes to everything it is asked in a survey, but one says nothing."""
    return "yes" if ask.purpose == "survey/knowledge/concert" else RULES.now(ask).value


def test_claims_without_a_memory_are_invented(tmp_path):
    silent = {"model": "scripted/silent"}
    overrides = {"surveys": SURVEYS[:1], "minds.rules": {"kind": "everyday", "approach": 0.0}}
    Society(simsoc.load(SMALL, overrides), backend=boastful, log=tmp_path / "r.db").run_model()
    with simsoc.open_run(tmp_path / "r.db") as run:
        counted = answers.counted(answers.claims(run, "knowledge"))
    assert list(counted["confirmed"]) == [1, 1, 1], "nobody talks, so nobody but Mara is told"
    assert list(counted["invented"]) == [4, 4, 4]
    assert list(counted["share"]) == [0.2] * 3
    Society(simsoc.load(SMALL, {**overrides, "backend": silent}), log=tmp_path / "s.db").run_model()
    with simsoc.open_run(tmp_path / "s.db") as run:
        assert set(answers.claims(run, "knowledge")["verdict"]) == {"silent"}


def test_who_remembers_and_does_not_say_so(tmp_path):
    shy = lambda ask: "no" if ask.purpose.startswith("survey/knowledge") else RULES.now(ask).value  # noqa: E731
    Society(simsoc.load(SMALL, {"surveys": SURVEYS[:1]}), backend=shy, log=tmp_path / "r.db").run_model()
    with simsoc.open_run(tmp_path / "r.db") as run:
        claimed = answers.claims(run, "knowledge")
        assert set(claimed["verdict"]) == {"unclaimed", "unaware"}
        other = answers.claims(run, "knowledge", items={"concert": "concert"}, says="no")
        assert set(other["verdict"]) == {"confirmed", "invented"}


def test_density_before_and_after_is_that_of_the_measure(town):
    _, run = town
    before, after = answers.acquaintance(run)
    measured = run.measures["acquaintance"]
    assert (before, after) == pytest.approx((measured.iloc[0], measured.iloc[-1]))
    assert before < after


def test_whom_one_has_talked_with_most(town):
    _, run = town
    talked = {agent: Counter() for agent in range(5)}
    for event in run.stored_events():
        if event.kind == "talk":
            talked[event.agent][event.content["with"]] += 1
            talked[event.content["with"]][event.agent] += 1
    assert answers.partners(run) == {agent: counts for agent, counts in talked.items() if counts}
    found = answers.closest(run, "talks", "closest").set_index("agent")
    for agent, counts in talked.items():
        most = {NAMES[o] for o, times in counts.items() if times == max(counts.values())}
        said = found.loc[agent, "answer"]
        assert bool(found.loc[agent, "right"]) == (said in most)
        assert found.loc[agent, "chance"] == len(most) / 5


def test_the_report_says_everything_once(town):
    _, run = town
    told = diffusion.told_of(run)
    assert told.startswith("answered by rules (")
    for part in ("concert: known to", "were told in time", "mutual knowledge: density", "survey knowledge, step 300"):
        assert part in told
    assert diffusion.report(run) in told
    frame, found = diffusion.spread(run), diffusion.as_data(run)
    assert len(frame) == len(found["knowers"]) == run.measures["knowers"].iloc[-1]
    assert list(frame["agent"]) == [one["agent"] for one in found["knowers"]]
    assert found["density"]["end"] == pytest.approx(run.measures["acquaintance"].iloc[-1])


def test_ablated_minds_know_nothing(tmp_path):
    parts = {"minds.memory": False, "minds.reflection": False, "minds.planning": False}
    Society(simsoc.load(SMALL, {**parts, "surveys": SURVEYS}), log=tmp_path / "r.db").run_model()
    with simsoc.open_run(tmp_path / "r.db") as run:
        claimed = answers.claims(run, "knowledge")
        assert set(claimed["answer"]) == {"no"}, "what is stored does not come to mind"
        assert set(claimed["verdict"]) <= {"unaware", "unclaimed"}


def test_a_run_without_a_town_is_told(tmp_path):
    simsoc.run("scenarios/opinion_survey.yaml", log=tmp_path / "o.db").close()
    with simsoc.open_run(tmp_path / "o.db") as run:
        with pytest.raises(ValueError, match="no town"):
            diffusion.told_of(run)


def everybody():
    """A survey that asks everybody about everybody."""
    asked = [{"name": name, "ask": f"Do you know of {name}?", "choice": ["yes", "no"]} for name in NAMES]
    words = {name: name for name in NAMES}
    return {"name": "all", "at": [0, "end"], "rule": {"kind": "mentions", "words": words}, "questions": asked}


def test_everybody_asked_about_everybody(tmp_path):
    """By rules people know those whom their memories name; nothing is invented. A model that says yes invents."""
    society = Society(simsoc.load(SMALL, {"surveys": [everybody()]}), log=tmp_path / "r.db")
    society.run_model()
    with simsoc.open_run(tmp_path / "r.db") as run:
        found = answers.relations(run, "all").set_index("step")
        assert list(found["invented"]) == [0, 0]
        assert found["density"].is_monotonic_increasing
        assert set(found["answers"]) == {25}
        texts = [" ".join(r.text for r in m.view().latest(None, 0.0)) for m in society.worlds[0].memories]
        pairs = sum(NAMES[b] in texts[a] and NAMES[a] in texts[b] for a in range(5) for b in range(a))
        assert found.loc[society.length, "density"] == pytest.approx(pairs / 10)
    boast = lambda ask: "yes" if ask.purpose.startswith("survey/all") else RULES.now(ask).value  # noqa: E731
    Society(simsoc.load(SMALL, {"surveys": [everybody()]}), backend=boast, log=tmp_path / "b.db").run_model()
    with simsoc.open_run(tmp_path / "b.db") as run:
        first = answers.relations(run, "all").iloc[0]
        assert first["claims"] == 20
        assert first["invented"] > 10
        assert first["density"] == answers.acquaintance(run)[0] == 0.1
