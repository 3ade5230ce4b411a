"""People who carry survey weights: what counts them by it, what refuses to count them at all, and what frames say."""

import csv

import networkx as nx
import pytest

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.core.words import Event
from simsoc.measures import opinion as of_opinion
from simsoc.measures.inequality import gini
from simsoc.society import Society
from simsoc.worlds.twitter.afterwards import exposures, feelings
from tests.worlds.by_hand import world

ROWS = [(3.0, "A", 0.9), (1.0, "B", 0.1), (1.0, "B", 0.2), (1.0, "B", 0.4), (2.0, "A", 0.8), (0.5, "A", 0.3)]


@pytest.fixture
def weighted(tmp_path):
    """A scenario on six respondents with weights."""
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("final", "side", "place"), *ROWS])

    def scenario(world, **more):
        population = {"source": "csv", "file": str(tmp_path / "rows.csv"), "weights": "final", "mode": "weighted"}
        return {
            "name": "w", "seed": 1, "steps": 1, "world": world, "population": {**population, **more.pop("people", {})},
            "network": {"kind": "ring", "k": 2}, **more,
        }  # fmt: skip

    return scenario


def twice(values, weights):
    """Everybody as often as it weighs, in halves: what weights stand for."""
    return [value for value, weight in zip(values, weights, strict=True) for _ in range(round(2 * weight))]


def test_weighted_is_as_if_there_were_more_of_them():
    weights, _, places = zip(*ROWS, strict=True)
    many = twice(places, weights)
    assert of_opinion.mean(places, weights) == pytest.approx(of_opinion.mean(many))
    assert of_opinion.variance(places, weights=weights) == pytest.approx(of_opinion.variance(many))
    assert of_opinion.mean(places, weights) != pytest.approx(of_opinion.mean(places))
    equal = [2.0] * len(places)
    for of in (of_opinion.mean, of_opinion.diversity, of_opinion.bimodality):
        assert of(places, equal) == pytest.approx(of(places))
        assert of(places, weights) != pytest.approx(of(places))
    assert of_opinion.fragmentation(places, 0.15, 0.4).major == 1
    assert of_opinion.fragmentation(places, 0.15, 0.4, weights).major == 2
    assert of_opinion.fragmentation(places, 0.15, 0.3, equal) == of_opinion.fragmentation(places, 0.15, 0.3)


def test_opinions_count_by_weight(weighted):
    start = {"kind": "opinion", "options": ["A", "B"], "start_trait": "side", "rule": "voter", "stop": "never"}
    society = Society(weighted(start))
    assert society.measured["magnetisation"] == pytest.approx((5.5 - 3) / 8.5)
    assert society.peopled["weighed"]["by_weight"][:2] == ["magnetisation", "abs_magnetisation"]
    society.close()
    scale = {"kind": "opinion_scale", "start_trait": "place", "rule": "degroot", "stop": "never"}
    society = Society(weighted(scale))
    assert society.measured["mean"] == pytest.approx(sum(w * x for w, _, x in ROWS) / 8.5)
    society.close()
    society = Society(weighted({"kind": "opinion_verbal", "topic": "Tea is good.", "rule": "keep"}))
    held = society.worlds[0].held
    assert society.measured["mean"] == pytest.approx(sum(w * x for (w, *_), x in zip(ROWS, held, strict=True)) / 8.5)
    society.close()


def test_what_a_feed_shows_counts_by_weight():
    folk = [
        {"party": party, "weight": weight}
        for party, weight in (("democrat", 3.0), ("republican", 1.0), ("democrat", 1.0))
    ]
    graph = nx.DiGraph()
    graph.add_nodes_from(range(3))
    made = {}
    for weighted in (False, True):
        found = world(
            "twitter", {"rule": "blind", "design": "growing", "feed": "timeline"}, graph.copy(), folk, weighted=weighted
        )
        for agent, text in ((0, "You idiots. Pathetic liars."), (1, "Lovely weather."), (2, "Lovely weather.")):
            found.fold(Event(1, agent, agent, "post", {"n": 0, "text": text}))
        found.fold(Event(2, 0, 1, "repost", {"n": 0, "of": [0, 1, 0]}))
        made[weighted] = {name: found.MEASURES[name].of(found) for name in ("toxicity", "gini_reposts")}
    assert made[True]["toxicity"] == pytest.approx(made[False]["toxicity"] * 3 * 3 / 5)
    assert made[False]["gini_reposts"] == pytest.approx(gini([0, 0, 1]))
    assert made[True]["gini_reposts"] == pytest.approx(gini([0, 0, 1, 1, 1]))


@pytest.mark.parametrize("kind", [
    {"kind": "growth", "design": {"kind": "newcomers", "m": 1, "start": 2}, "rule": "kernel"},
    {"kind": "reddit", "goal": "Tea", "rules": {"do": [{"name": "kind", "text": "Be kind."}]}},
])  # fmt: skip
def test_worlds_that_cannot_weigh_refuse(weighted, kind):
    scenario = {key: value for key, value in weighted(kind).items() if key != "network"}
    with pytest.raises(ScenarioError, match=rf"world '{kind['kind']}' has no measures that count by weight"):
        simsoc.check(scenario)


OPINION = {"kind": "opinion", "options": ["A", "B"], "start_trait": "side", "rule": "voter", "stop": "never"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"measures": ["mean_magnetisation"]}, "measures: 'mean_magnetisation' counts everybody alike"),
        ({"interventions": [{"at": 1, "who": {"ids": [0]}, "do": {"kind": "traits", "to": {"weight": 2}}}]},
         r"do\.to\.weight: people carry survey weights"),
        ({"interventions": [{"at": 1, "do": {"kind": "join", "traits": {"side": "A", "weight": "two"}}}]},
         r"do\.traits\.weight: a survey weight is a number above 0"),
        ({"people": {"columns": {"weight": "place", "side": "side"}}}, "there is another one called so"),
    ],
)  # fmt: skip
def test_what_would_count_twice_or_not_at_all_is_refused(weighted, more, told):
    with pytest.raises(ScenarioError, match=told):
        simsoc.check(weighted(OPINION, **more))


def test_answers_to_surveys_bear_the_weight(weighted, tmp_path):
    survey = {"name": "side", "at": [0, "end"], "questions": [{"name": "side", "ask": "Which?", "choice": ["A", "B"]}],
              "rule": {"kind": "trait", "trait": "side"}}  # fmt: skip
    newcomer = {"at": 1, "do": {"kind": "join", "traits": {"side": "B"}}}
    with simsoc.run(weighted(OPINION, surveys=[survey], interventions=[newcomer]), log=tmp_path / "run.db") as run:
        wide = run.survey("side", wide=True)
        first = wide[wide.step == 0]
        assert first["weight"].tolist() == pytest.approx([w * 6 / 8.5 for w, *_ in ROWS], abs=1e-6)
        assert wide[(wide.step == 1) & (wide.agent == 6)]["weight"].tolist() == [1.0]
        agree = (first["side"] == "A") * first["weight"]
        assert agree.sum() / first["weight"].sum() == pytest.approx(5.5 / 8.5)
        assert run.survey("side")["weight"].sum() == pytest.approx(wide["weight"].sum())
    alike = weighted(OPINION, surveys=[survey], people={"mode": "draw"})
    with simsoc.run(alike, log=tmp_path / "drawn.db") as run:
        assert set(run.survey("side")["weight"]) == {1.0}
    with pytest.raises(ScenarioError, match="'weight' is a column of the answers"):
        simsoc.check(
            weighted(OPINION, surveys=[{**survey, "questions": [{**survey["questions"][0], "name": "weight"}]}])
        )


def test_feelings_and_exposures_go_by_weight(tmp_path):
    lines = ["final,party,own,other", "3,democrat,90,10", "1,democrat,60,50", "1,republican,70,70", "1,republican,50,0"]
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    asked = [{"name": name, "ask": f"{name}?", "scale": [0, 100]} for name in ("own", "other")]
    scenario = {
        "name": "feelings", "seed": 1, "steps": 2, "world": {"kind": "twitter", "feed": "everyone"},
        "population": {"source": "csv", "file": str(tmp_path / "rows.csv"), "weights": "final", "mode": "weighted"},
        "network": {"kind": "partisan", "degree": 2},
        "surveys": [{"name": "w", "at": [0], "questions": asked,
                     "rule": {"kind": "trait", "trait": {"own": "own", "other": "other"}}}],
    }  # fmt: skip
    with simsoc.run(scenario, log=tmp_path / "run.db") as run:
        found = feelings(run, "w", {"democrat": "own", "republican": "other"})
        assert found[0] == pytest.approx((3 * 80 + 10 - 0 - 50) / 6)
        weight, across = {0: 2.0, 1: 2 / 3, 2: 2 / 3, 3: 2 / 3}, {}
        party = dict(zip(run.agents["agent"], run.agents["party"], strict=True))
        seen = run.exposures[run.exposures["author"] >= 0]
        for viewer, of in seen.groupby("viewer")["author"]:
            across[viewer] = (of.map(party) != party[viewer]).mean()
        wanted = sum(weight[v] * share for v, share in across.items()) / sum(weight[v] for v in across)
        assert exposures(run).across == pytest.approx(wanted, abs=1e-5)
