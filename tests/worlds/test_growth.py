"""World `growth`: who may be chosen, what is shown, and what a choice does to the network."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

import simsoc
from simsoc.backends.question import question
from simsoc.core.errors import ScenarioError
from simsoc.shelves import SHELVES
from simsoc.society import Society
from simsoc.worlds.growth import rules

from .by_hand import answer, asked, silence, stream, take, think, turn, world

DIRECTED = {"kind": "empty", "directed": True}


def grown(design="newcomers", n=12, network=None, people=None, seed=1, **spec):
    """A society with a world `growth`, run to its end."""
    population = {"source": "inline", "people": people} if people else {"n": n}
    scenario = {
        "name": "x",
        "world": {"kind": "growth", "design": design, "rule": "random", **spec},
        "population": population,
        **({"network": network} if network is not None else {}),
    }
    society = Society(scenario, seed)
    society.run_model()
    return society


# -- newcomers -------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(1, 12),
    st.integers(0, 9999),
    st.sampled_from(["random", "kernel"]),
)
def test_each_newcomer_makes_m_different_links_to_earlier_people(m, more, arrivals, seed, rule):
    start = m + more
    society = grown({"kind": "newcomers", "m": m, "start": start}, n=start + arrivals, seed=seed, rule=rule)
    graph = society.graph
    assert graph.is_directed()
    assert sorted(graph) == list(range(start + arrivals))
    for agent in graph:
        followed = list(graph.adj[agent])
        assert len(followed) == (m if agent >= start else 0)
        assert all(other < agent for other in followed)
    assert society.measured["links"] == m * arrivals
    assert society.engine.clock == arrivals
    assert [p.unique_id for p in society.people] == list(range(start + arrivals))


def test_one_arrives_in_a_step():
    society = Society({"name": "x", "world": {"kind": "growth", "rule": "random"}, "population": {"n": 5}})
    seen = [len(society.graph)]
    while society.running:
        society.step()
        seen.append(len(society.graph))
    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("cap", [1, 3, 100])
def test_a_cap_limits_who_is_shown_and_is_told(cap, tmp_path):
    scenario = {"name": "x", "world": {"kind": "growth", "rule": "kernel", "cap": cap}, "population": {"n": 30}}
    with simsoc.run(scenario, log=tmp_path / "run.db") as run:
        asks = run.asks_with(facts=True)
        follows = run.events_of("follow")
    assert list(asks["facts.candidates"]) == [min(cap, n) for n in range(1, 30)]
    if cap < 29:
        capped = follows["among"].dropna()
        assert len(capped) == 29 - cap
        assert all(len(set(among)) == cap for among in capped)
        assert all(set(to) <= set(among) for to, among in zip(follows["to"][capped.index], capped, strict=True))
    else:
        assert "among" not in follows


def test_whom_a_cap_shows_is_drawn_uniformly():
    made = world("growth", {"rule": "random", "cap": 4}, nx.empty_graph(9, create_using=nx.DiGraph), [{}] * 10)
    shown = Counter(c for step in range(2000) for c in made.observe(turn(9, step)).slots[0].candidates)
    assert set(shown) == set(range(9))
    assert chisquare([shown[c] for c in range(9)]).pvalue > 1e-4


def test_links_are_in_order_of_choice_and_a_silence_makes_none():
    made = world("growth", {"rule": "random", "design": {"kind": "newcomers", "m": 2, "start": 4}},
                 nx.empty_graph(4, create_using=nx.DiGraph), [{} for _ in range(6)])  # fmt: skip
    made.open_step(1)
    _, events = take(made, turn(4), lambda ask: answer([3, 1]))
    assert [(e.kind, e.content) for e in events] == [("follow", {"to": [3, 1]})]
    made.open_step(2)
    _, events = take(made, turn(5, 2), lambda ask: silence("truncated"))
    assert [(e.kind, e.content) for e in events] == [("silent", {"reason": "truncated", "count": 2})]
    assert sorted(made.ties.graph.edges) == [(4, 1), (4, 3)]
    assert made.MEASURES["silent"].of(made) == 2
    assert made.MEASURES["people"].of(made) == 6
    assert made.degrees[0] == 4
    assert made.degrees[1] == 2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999), st.booleans())
def test_degrees_are_counted_along(seed, directed):
    network = {"kind": "empty", "directed": directed}
    made = grown({"kind": "newcomers", "m": 2, "start": 3}, n=14, network=network, seed=seed, rule="kernel").worlds[0]
    degree = made.ties.graph.in_degree if directed else made.ties.graph.degree
    counted = Counter(k for _, k in degree())
    assert {k: n for k, n in made.degrees.items() if n} == dict(counted)


def test_the_record_of_choices_is_what_there_was_to_choose_from():
    society = grown({"kind": "newcomers", "m": 2, "start": 3}, n=12, rule="kernel")
    made, graph = society.worlds[0], society.graph
    degree = Counter()
    at = iter(made.choices)
    for agent in range(3, 12):
        among = Counter(degree[other] for other in range(agent))
        for other in _in_order(society, agent):
            k, recorded = next(at)
            assert (k, recorded) == (degree[other], dict(+among))
            among[k] -= 1
        degree.update(list(graph.adj[agent]))
    assert next(at, None) is None


def _in_order(society, agent):
    """Whom a newcomer has chosen, first choice first (a graph keeps the order in which ties were made)."""
    return list(society.graph.adj[agent])


# -- what is shown, and what is hidden ---------------------------------------------------------------------------------


def star(n=6):
    """Everybody follows agent 0."""
    graph = nx.empty_graph(n, create_using=nx.DiGraph)
    graph.add_edges_from((a, 0) for a in range(1, n))
    return graph


def shown(**spec):
    people = [{"hobby": "chess" if a % 2 else "go", "age": a} for a in range(7)]
    made = world("growth", {"rule": "random", "design": {"kind": "newcomers", "start": 6}, **spec}, star(), people)
    made.open_step(1)
    return asked(made, turn(6)).facts


HIDDEN = {
    "degree": {"show_degree": False},
    "neighbours": {"show_neighbours": False},
    "common": {"show_neighbours": False},
    "attributes": {"attributes": []},
    "own": {"attributes": []},
    "shared": {"attributes": []},
}


@pytest.mark.parametrize("fact", HIDDEN)
def test_a_hidden_cue_is_hidden_from_prompt_and_rule(fact):
    everything = {"show_degree": True, "show_neighbours": True, "attributes": ["hobby"]}
    assert shown(**everything).has(fact)
    facts = shown(**{**everything, **HIDDEN[fact]})
    assert not facts.has(fact)
    with pytest.raises(KeyError, match=f"no fact '{fact}' here"):
        facts[fact]


@pytest.mark.parametrize(
    ("rule", "key"), [("kernel", "show_degree"), ("common_neighbours", "show_neighbours"), ("similar", "attributes")]
)
def test_a_rule_that_reads_what_is_hidden_is_refused_at_load(rule, key):
    spec = {"kind": "growth", "rule": rule, "show_degree": False, "show_neighbours": False}
    with pytest.raises(ScenarioError, match=f"reads what '{key}' would show"):
        simsoc.load({"name": "x", "world": spec, "population": {"n": 5}})


def test_candidates_show_names_and_what_is_to_be_shown():
    facts = shown(attributes=["hobby"], show_degree=True)
    assert facts["degree"] == [5, 0, 0, 0, 0, 0]
    assert facts["own"] == {"hobby": "go"}
    assert facts["shared"] == [1, 0, 1, 0, 1, 0]
    listing = facts["listing"]
    assert [list(line) for line in listing] == [["name", "followers", "hobby"]] * 6
    by_name = {line["name"]: line for line in listing}
    assert len(by_name) == 6
    names = facts["labels"]
    assert by_name[names[0]] == {"name": names[0], "followers": 5, "hobby": "go"}
    assert "age" not in listing[0]


def test_undirected_ties_are_called_ties():
    made = world("growth", {"rule": "random", "design": "closure"}, nx.path_graph(4))
    assert set(asked(made, turn(0)).facts["listing"][0]) == {"name", "ties"}


def test_neighbours_are_called_by_the_names_of_the_call():
    made = world("growth", {"rule": "random", "design": "closure", "show_neighbours": True}, nx.path_graph(5))
    facts = asked(made, turn(0)).facts
    assert facts["options"] == [2, 3, 4]
    two, three, four = facts["labels"]
    lists = facts["neighbours"]["candidates"]
    (common,) = facts["neighbours"]["own"]
    assert [set(names) for names in lists] == [{common, three}, {two, four}, {three}], "one person, one name"
    assert facts["common"] == [1, 0, 0]


def test_names_are_fresh_for_each_call_or_belong_to_people():
    made = world("growth", {"rule": "random", "design": "closure"}, nx.empty_graph(8))
    calls = [tuple(asked(made, turn(agent, step)).facts["labels"]) for agent in (0, 1) for step in (1, 2)]
    assert len(set(calls)) == 4
    assert all(len(set(names)) == 7 for names in calls)
    fixed = world("growth", {"rule": "random", "design": "closure", "names": "fixed"}, nx.empty_graph(8))
    one, two = (asked(fixed, turn(agent)).facts for agent in (0, 1))
    assert one["labels"][1:] == two["labels"][1:]
    society, larger = (grown(n=n, names="fixed") for n in (6, 20))
    assert [society.worlds[0]._names[a] for a in range(6)] == [larger.worlds[0]._names[a] for a in range(6)]


def test_places_in_the_list_are_uniform_or_fixed():
    made = world("growth", {"rule": "random", "design": "closure"}, nx.empty_graph(5))
    first = Counter(asked(made, turn(0, step)).facts["shown"][0] for step in range(1, 1001))
    assert chisquare([first[i] for i in range(4)]).pvalue > 1e-4
    fixed = world("growth", {"rule": "random", "design": "closure", "order": "fixed"}, nx.empty_graph(5))
    assert asked(fixed, turn(0)).facts["shown"] == [0, 1, 2, 3]


def test_a_name_in_a_reply_is_the_person_it_was_shown_for():
    made = world("growth", {"rule": "random", "design": {"kind": "closure", "links": 2}}, nx.empty_graph(6))
    for step in range(1, 20):
        ask = asked(made, turn(0, step))
        names = ask.facts["labels"]
        assert question(ask).read(f'{{"answer": ["{names[3]}", "{names[0]}"]}}').value == [4, 1]


# -- members choose --------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 3))
def test_closure_adds_ties_between_strangers(seed, links):
    design = {"kind": "closure", "links": links}
    network = {"kind": "erdos_renyi", "p": 0.3}
    before = Society({"name": "x", "world": {"kind": "growth", "design": design, "rule": "random"},
                      "population": {"n": 9}, "network": network}, seed)  # fmt: skip
    ties = set(before.graph.edges)
    before.run_model()
    assert ties <= set(before.graph.edges)
    strangers = 9 * 8 // 2 - len(ties)
    assert min(strangers, 9 * links // 2) <= before.graph.number_of_edges() - len(ties) <= min(strangers, 9 * links)


def test_an_agent_is_asked_for_as_many_as_there_are():
    made = world("growth", {"rule": "random", "design": {"kind": "closure", "links": 3}}, nx.path_graph(4))
    assert asked(made, turn(1)).facts["count"] == 1
    star = world("growth", {"rule": "random", "design": "closure"}, nx.star_graph(4))
    assert think(star, turn(0))[0] == []


def test_homophily_picks_the_similar_and_choices_may_be_mutual():
    people = [{"hobby": hobby} for hobby in ("chess", "chess", "go", "go")]
    rule = {"kind": "similar", "how": "most"}
    society = grown({"kind": "homophily", "links": 1}, people=people, network="empty", attributes=["hobby"], rule=rule)
    assert sorted(society.graph.edges) == [(0, 1), (2, 3)]
    assert grown({"kind": "homophily", "links": 1}, people=people, network=DIRECTED, attributes=["hobby"], rule=rule) \
        .graph.number_of_edges() == 4  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999), st.floats(0, 1), st.sampled_from([2, 4]), st.integers(6, 14))
def test_rewiring_keeps_the_number_of_ties(seed, beta, k, n):
    society = grown({"kind": "small_world", "beta": beta}, n=n, network={"kind": "ring", "k": k}, seed=seed)
    assert society.graph.number_of_edges() == n * k // 2
    assert not list(nx.selfloop_edges(society.graph))
    if beta == 0:
        assert nx.utils.graphs_equal(
            nx.Graph(society.graph.edges), nx.Graph(nx.circulant_graph(n, range(1, k // 2 + 1)).edges)
        )


def test_without_an_answer_a_tie_is_not_rewired():
    made = world("growth", {"rule": "random", "design": {"kind": "small_world", "beta": 1.0}}, nx.cycle_graph(6))
    asks, events = take(made, turn(0), lambda ask: silence())
    assert len(asks) == 1
    assert [e.kind for e in events] == ["silent"]
    assert sorted(made.ties.graph.edges) == sorted(nx.cycle_graph(6).edges)
    _, events = take(made, turn(1), lambda ask: answer([4]))
    assert events[0].content == {"to": [4], "drop": 2}
    assert made.ties.has(1, 4)
    assert not made.ties.has(1, 2)


def test_every_tie_is_rewired_by_its_own_lot():
    rewired = []
    for seed in range(200):
        made = world(
            "growth", {"rule": "random", "design": {"kind": "small_world", "beta": 0.3}}, nx.cycle_graph(10), seed=seed
        )
        rewired.append(sum(len(made.observe(turn(a, seed=seed)).slots) for a in range(10)))
    assert abs(np.mean(rewired) - 3) < 4 * (10 * 0.3 * 0.7 / 200) ** 0.5


def test_an_audit_ties_nobody_and_keeps_name_and_place():
    society = grown({"kind": "audit", "candidates": 4, "shows": 50}, n=5, names="fixed", network=DIRECTED)
    made = society.worlds[0]
    assert society.graph.number_of_edges() == 0
    assert len(made.picks) == 50
    assert {name for name, _ in made.picks} <= {made._names[a] for a in range(4)}
    assert {place for _, place in made.picks} == {0, 1, 2, 3}
    assert made.MEASURES["place_skew"].of(made) >= 1
    last = world("growth", {"rule": "random", "design": {"kind": "audit", "candidates": 3}}, nx.empty_graph(4))
    ask = asked(last, turn(3))
    first = ask.facts["options"][ask.facts["shown"][0]]
    _, events = take(last, turn(3), lambda ask: answer([first]))
    assert events[0].kind == "pick"
    assert events[0].content["place"] == 0


# -- rules -----------------------------------------------------------------------------------------------------------


def seen(count=1, **cues):
    n = len(next(iter(cues.values())))
    return {"options": [10 + i for i in range(n)], "count": count, **cues}


DEGREES = [0, 0, 1, 2, 4, 9]


@pytest.mark.parametrize("alpha", [-1.0, 0.0, 0.5, 1.0, 1.7])
def test_the_kernel_chooses_in_proportion_to_a_power(alpha):
    facts = seen(degree=DEGREES)
    found = Counter(rules.kernel(facts, stream(alpha, i), alpha=alpha)[0] for i in range(4000))
    counted = [found[10 + i] for i in range(6)]
    weights = (np.array(DEGREES) + 1.0) ** alpha
    assert chisquare(counted, 4000 * weights / weights.sum()).pvalue > 1e-4
    other = (np.array(DEGREES) + 1.0) ** (alpha + 0.4)
    assert chisquare(counted, 4000 * other / other.sum()).pvalue < 1e-6, "another exponent would be noticed"


def test_the_kernel_on_a_network():
    made = world("growth", {"rule": {"kind": "kernel", "alpha": 1.0}, "design": {"kind": "newcomers", "start": 6}},
                 star(), [{} for _ in range(7)])  # fmt: skip
    made.open_step(1)
    found = Counter(think(made, turn(6, step))[1].content["made"][0][2].value[0] for step in range(1, 3001))
    assert chisquare([found[a] for a in range(6)], [3000 * w / 11 for w in (6, 1, 1, 1, 1, 1)]).pvalue > 1e-4


def test_several_choices_are_one_after_another_without_the_chosen():
    facts = seen(2, degree=[0, 1, 3])
    found = Counter(tuple(rules.kernel(facts, stream("two", i), alpha=1.0)) for i in range(4000))
    weights = {10: 1, 11: 2, 12: 4}
    expected = {(a, b): weights[a] / 7 * weights[b] / (7 - weights[a]) for a in weights for b in weights if a != b}
    assert set(found) <= set(expected)
    assert chisquare([found[pair] for pair in expected], [4000 * p for p in expected.values()]).pvalue > 1e-4


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.data())
def test_every_rule_gives_as_many_different_candidates_as_are_asked_for(cues, data):
    count = data.draw(st.integers(1, len(cues)))
    facts = seen(count, degree=cues, common=cues, shared=cues, labels=[f"n{i}" for i in range(len(cues))])
    parameters = {"token_prior": {"b": 2.0}}
    for name in SHELVES["growth_rules"].names():
        rule = SHELVES["growth_rules"].get(name)
        for how in (
            [{"how": h} for h in ("most", "least", "proportional")]
            if name in ("similar", "common_neighbours")
            else [{}]
        ):
            given = {**parameters.get(name, {}), **how}
            chosen = rule(facts, stream(name, count), **given)
            assert len(set(chosen)) == len(chosen) == count
            assert set(chosen) <= set(facts["options"])
            assert chosen == rule(facts, stream(name, count), **given)


@pytest.mark.parametrize(("how", "first"), [("most", 12), ("least", 11)])
def test_the_most_and_the_least(how, first):
    assert rules.common_neighbours(seen(common=[2, 0, 5]), stream(), how=how) == [first]
    assert rules.similar(seen(shared=[2, 0, 5]), stream(), how=how) == [first]


def test_among_equals_the_lot_decides():
    found = Counter(rules.similar(seen(shared=[1, 1, 0]), stream(i), how="most")[0] for i in range(1000))
    assert abs(found[10] - 500) < 4 * 1000**0.5 / 2
    assert found[12] == 0


def test_nothing_in_common_with_anybody_is_a_toss():
    found = Counter(rules.common_neighbours(seen(common=[0, 0, 0]), stream(i))[0] for i in range(900))
    assert chisquare([found[10 + i] for i in range(3)]).pvalue > 1e-4


def test_a_token_prior_likes_names_and_not_people():
    facts = seen(labels=["abc", "xyz", "q1w"])
    z = np.array([rules.taste(name, 0) for name in facts["labels"]])
    found = Counter(rules.token_prior(facts, stream(i), b=1.5)[0] for i in range(4000))
    weights = np.exp(1.5 * z)
    assert chisquare([found[10 + i] for i in range(3)], 4000 * weights / weights.sum()).pvalue > 1e-4
    flat = Counter(rules.token_prior(facts, stream(i), b=0.0)[0] for i in range(3000))
    assert chisquare([flat[10 + i] for i in range(3)]).pvalue > 1e-4
    tastes = [rules.taste(f"n{i}", 0) for i in range(2000)]
    assert abs(np.mean(tastes)) < 4 / 2000**0.5
    assert abs(np.std(tastes) - 1) < 0.07
    assert rules.taste("abc", 0) != rules.taste("abc", 1)


# -- what cannot be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"world": {"kind": "growth", "rule": "random", "design": {"kind": "newcomers", "m": 5}}}, "nobody arrives"),
        (
            {"world": {"kind": "growth", "rule": "random", "design": {"kind": "newcomers", "m": 3, "start": 2}}},
            "m is 3",
        ),
        (
            {"world": {"kind": "growth", "rule": "random", "design": {"kind": "audit", "candidates": 5}}},
            "needs 6 people",
        ),
        ({"population": "blank"}, "how many people"),
    ],
)
def test_what_cannot_be_built_says_why(change, says):
    scenario = {"name": "x", "world": {"kind": "growth", "rule": "random"}, "population": {"n": 5}}
    with pytest.raises(ScenarioError, match=says):
        Society({**scenario, **change})
