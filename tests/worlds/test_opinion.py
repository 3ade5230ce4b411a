"""World `opinion`: what agents see, and what their answers change."""

from collections import Counter

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsoc.backends.question import question
from simsoc.core.errors import ScenarioError
from simsoc.core.words import Event
from simsoc.society import Society

from .by_hand import answer, asked, complete, silence, take, think, turn, world

VOTER = {"rule": "voter", "stop": "never"}


@st.composite
def peopled_graphs(draw, smallest=1, options=4):
    """A graph without loops, directed or not, and an opinion for each of its people."""
    n = draw(st.integers(smallest, 10))
    directed = draw(st.booleans())
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(n))
    pairs = [(a, b) for a in range(n) for b in range(n) if (a != b if directed else a < b)]
    graph.add_edges_from(pair for pair in pairs if draw(st.booleans()))
    options = list("ABCD"[: draw(st.integers(2, options))])
    return graph, options, [draw(st.sampled_from(options)) for _ in range(n)]


def holding(graph, options, held, **spec):
    people = [{"opinion": option} for option in held]
    return world("opinion", {**VOTER, "options": options, "start_trait": "opinion", **spec}, graph, people)


@settings(max_examples=150, deadline=None)
@given(peopled_graphs(), st.booleans())
def test_counts_are_those_of_the_people_one_is_tied_to(drawn, include_self):
    graph, options, held = drawn
    made = holding(graph, options, held, include_self=include_self)
    for agent in graph:
        seen = [held[b] for b in graph.adj[agent]] + ([held[agent]] if include_self else [])
        asks, action = think(made, turn(agent))
        if not seen:
            assert (asks, action.verb) == ([], "rest")
            continue
        facts = asks[0].facts
        assert facts["counts"] == [Counter(seen)[option] for option in options]
        assert facts["own"] == held[agent]
        assert facts["options"] == options
        assert Counter(friend["opinion"] for friend in facts["friends"]) == Counter(seen)


@settings(max_examples=100, deadline=None)
@given(peopled_graphs(options=2), st.data())
def test_whatever_is_answered_the_tally_stays_right(drawn, data):
    graph, options, held = drawn
    made = holding(graph, options, held)
    for step in range(1, 4):
        made.open_step(step)
        for agent in graph:
            take(made, turn(agent, step), lambda ask: data.draw(st.sampled_from([*map(answer, options), silence()])))
        now = [made.tell(value) for value in made.held]
        assert made.tally == [[now.count(option) for option in options]]
        assert made.MEASURES["largest_share"].of(made) == max(map(now.count, options)) / len(graph)


def test_an_answer_is_set_and_a_silence_changes_nothing_and_is_told():
    made = holding(complete(3), ["A", "B"], ["A", "A", "B"])
    made.open_step(1)
    _, events = take(made, turn(2), lambda ask: answer("A"))
    assert events == [Event(1, 0, 2, "set", {"to": "A"})]
    assert made.held == [0, 0, 0]
    _, events = take(made, turn(1), lambda ask: silence("truncated"))
    assert events == [Event(1, 0, 1, "silent", {"reason": "truncated"})]
    assert made.held == [0, 0, 0]
    assert made.turns == 2


def test_a_view_does_not_change_when_others_do():
    made = holding(complete(4), ["A", "B"], ["A", "A", "A", "B"])
    made.open_step(1)
    early = made.observe(turn(0))
    take(made, turn(3), lambda ask: answer("A"))
    assert early.values == (0, 0, 1)
    assert next(made.decide(early)).facts["counts"] == [2, 1]


def test_identity_of_a_call():
    made = holding(complete(3), ["A", "B"], ["A", "A", "B"])
    assert asked(made, turn(1, step=4, count=2, seed=1)).identity == (1, 1, 4, 2, "opinion", 0)


# -- meetings of a few ---------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(peopled_graphs(smallest=3), st.integers(2, 4), st.booleans(), st.integers(1, 5))
def test_a_group_meets_and_all_its_members_decide_on_what_it_held(drawn, size, include_self, step):
    graph, options, held = drawn
    made = holding(graph, options, held, group=size, include_self=include_self, rule="majority")
    for agent in (a for a in graph if graph.adj[a]):
        asks, action = think(made, turn(agent, step), lambda ask: answer(options[0]))
        members = [ask.agent for ask in asks]
        assert agent in members
        assert members == sorted(set(members))
        assert len(members) == min(size, 1 + len(graph.adj[agent]))
        assert set(members) <= {agent, *graph.adj[agent]}
        for ask in asks:
            inside = [held[m] for m in members if include_self or m != ask.agent]
            assert ask.facts["counts"] == [Counter(inside)[option] for option in options]
            assert ask.facts["own"] == held[ask.agent]
            assert ask.purpose == ("opinion" if ask.agent == agent else f"opinion/met {agent}")
        assert len({ask.identity for ask in asks}) == len(asks)
        assert [a for a, _ in action.content["replies"]] == members


def test_members_of_a_group_are_drawn_uniformly():
    made = holding(complete(9), ["A", "B"], list("AAAABBBBB"), group=3, rule="majority")
    met = Counter(b for step in range(1, 801) for b in made.observe(turn(4, step)).seen if b != 4)
    expected = 1600 / 8
    assert sum((met[b] - expected) ** 2 / expected for b in range(9) if b != 4) < 26  # chi-square, 7 df, p = 5e-4
    assert len(met) == 8


def test_in_a_group_each_is_named_and_a_silent_one_keeps_its_opinion():
    made = holding(complete(3), ["A", "B"], ["A", "A", "B"], group=3, include_self=True, rule="majority")
    made.open_step(1)
    _, events = take(made, turn(1), lambda ask: silence() if ask.agent == 2 else answer("B"))
    assert [(e.kind, e.agent, e.content) for e in events] == [
        ("set", 1, {"who": 0, "to": "B"}),
        ("set", 1, {"to": "B"}),
        ("silent", 1, {"who": 2, "reason": "refused"}),
    ]
    assert made.held == [1, 1, 1]
    assert made.turns == 1


# -- the start -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 60),
    st.lists(st.floats(0, 5), min_size=2, max_size=4).filter(lambda shares: sum(shares) > 0.01),
    st.integers(0, 99),
)
def test_shares_at_the_start_are_kept_to_one_person(n, shares, seed):
    options = list("ABCD"[: len(shares)])
    spec = {**VOTER, "options": options, "start": dict(zip(options, shares, strict=True))}
    made = world("opinion", spec, complete(n), seed=seed)
    for share, count in zip(shares, made.tally[0], strict=True):
        assert abs(count - n * share / sum(shares)) < 1
    assert sum(made.tally[0]) == n


@pytest.mark.parametrize("n", [1, 2, 7, 50])
def test_an_even_start_is_as_even_as_can_be(n):
    tally = world("opinion", VOTER, complete(n)).tally[0]
    assert tally == [(n + 1) // 2, n // 2]


def test_who_starts_with_what_depends_on_the_seed():
    starts = {tuple(world("opinion", VOTER, complete(20), seed=seed).held) for seed in range(10)}
    assert len(starts) == 10


def test_a_random_start_tosses_for_each():
    made = world("opinion", {**VOTER, "start": "random"}, nx.empty_graph(4000))
    assert abs(made.tally[0][0] - 2000) < 4 * 4000**0.5 / 2
    assert world("opinion", {**VOTER, "start": "random"}, nx.empty_graph(100)).held == made.held[:100]


def test_a_start_by_trait_and_traits_that_are_no_option():
    assert holding(complete(3), ["A", "B"], ["B", "A", "B"]).held == [1, 0, 1]
    with pytest.raises(ScenarioError, match="agent 1 has opinion='C'"):
        holding(complete(2), ["A", "B"], ["A", "C"])


def test_it_begins_with_an_event_for_each():
    made = world("opinion", VOTER, complete(5), begin=False)
    events = made.begin()
    assert [(e.step, e.agent, e.kind) for e in events] == [(0, agent, "start") for agent in range(5)]
    assert [made.options.index(e.content["to"]) for e in events] == made.held


def test_somebody_added_by_hand_starts_with_an_opinion():
    society = Society({"name": "x", "steps": 2, "world": {"kind": "opinion", **VOTER}, "population": {"n": 4}})
    society.add_person()
    made = society.worlds[0]
    assert made.n == 5
    assert sum(made.tally[0]) == 5
    assert made.group == [0] * 5


# -- what is shown -----------------------------------------------------------------------------------------------------


def labelled(**spec):
    return world("opinion", {**VOTER, "labels": ["k", "z"], **spec}, complete(6))


def test_it_is_tossed_for_each_call_which_label_stands_for_which_option():
    made = labelled()
    asks = [asked(made, turn(agent, step)) for step in range(1, 401) for agent in range(6)]
    straight = sum(ask.facts["labels"] == ["k", "z"] for ask in asks)
    assert abs(straight - 1200) < 4 * 2400**0.5 / 2
    assert {tuple(ask.facts["labels"]) for ask in asks} == {("k", "z"), ("z", "k")}


def test_without_a_toss_labels_stay():
    asks = [asked(labelled(toss=False), turn(agent, step)) for step in range(1, 20) for agent in range(6)]
    assert all(ask.facts["labels"] == ["k", "z"] for ask in asks)


def test_what_is_shown_is_read_back_as_what_is_meant():
    """Whatever the toss: friends show the label of what they hold, and a label in the reply is the option it names."""
    made = labelled()
    for step in range(1, 50):
        for agent in range(6):
            ask = asked(made, turn(agent, step))
            labels = ask.facts["labels"]
            others = [made.options[made.held[b]] for b in range(6) if b != agent]
            shown = Counter(friend["opinion"] for friend in ask.facts["friends"])
            assert shown == Counter(labels[made.options.index(option)] for option in others)
            for number, option in enumerate(made.options):
                assert question(ask).read(f'{{"answer": "{labels[number]}"}}').value == option


def test_options_are_listed_in_every_order():
    made = world("opinion", {**VOTER, "options": ["A", "B", "C"]}, complete(4))
    orders = Counter(tuple(asked(made, turn(a, step)).facts["shown"]) for step in range(1, 301) for a in range(4))
    assert len(orders) == 6
    assert sum((n - 200) ** 2 / 200 for n in orders.values()) < 22  # chi-square, 5 df, p = 5e-4
    fixed = world("opinion", {**VOTER, "options": ["A", "B", "C"], "order": "fixed"}, complete(4))
    assert {tuple(asked(fixed, turn(0, step)).facts["shown"]) for step in range(1, 30)} == {(0, 1, 2)}


def test_names_are_different_within_a_call_and_drawn_afresh_for_the_next():
    made = world("opinion", {**VOTER, "name_length": 1}, complete(30))
    calls = [
        [f["name"] for f in asked(made, turn(agent, step)).facts["friends"]] for step in (1, 2) for agent in (0, 1)
    ]
    assert all(len(set(names)) == 29 for names in calls)
    assert len({tuple(names) for names in calls}) == 4
    again = [f["name"] for f in asked(made, turn(0, 1)).facts["friends"]]
    assert again == calls[0]


def test_fixed_names_belong_to_people():
    spec = {**VOTER, "names": "fixed", "order": "fixed"}
    made = world("opinion", spec, complete(5))
    first = {b: f["name"] for b, f in zip(range(1, 5), asked(made, turn(0)).facts["friends"], strict=True)}
    other = {b: f["name"] for b, f in zip((0, 1, 2, 4), asked(made, turn(3, 7)).facts["friends"], strict=True)}
    assert all(first[b] == other[b] for b in (1, 2, 4))
    larger = world("opinion", spec, complete(40))
    assert [f["name"] for f in asked(larger, turn(0)).facts["friends"]][:4] == list(first.values())


def test_personas_are_told_only_where_that_is_wished():
    people = [{"hobby": "chess"}, {"hobby": "go"}]
    told = world("opinion", {**VOTER, "personas": True}, complete(2), people)
    assert "chess" in asked(told, turn(0)).facts["persona"]
    assert asked(world("opinion", VOTER, complete(2), people), turn(0)).facts["persona"] == ""


# -- committed agents ------------------------------------------------------------------------------------------------


def test_added_committed_agents_come_and_go():
    spec = {**VOTER, "start": {"A": 1}, "committed": {"n": 3, "to": "B", "start": 2, "until": 3}}
    made = world("opinion", spec, complete(4))
    assert made.joined == [(4, 0), (5, 0), (6, 0)]
    assert made.n == 4
    counts = {}
    for step in range(1, 6):
        made.open_step(step)
        assert list(made.active()) == [0, 1, 2, 3]
        counts[step] = asked(made, turn(0, step)).facts["counts"]
        assert made.MEASURES["magnetisation"].of(made) == 1.0
        assert made.MEASURES["clusters"].of(made) == 1
    assert counts == {1: [3, 0], 2: [3, 3], 3: [3, 3], 4: [3, 0], 5: [3, 0]}
    graph = made.setting.ties.graph
    assert all(not graph.adj[agent] for agent in (4, 5, 6))
    assert graph.number_of_edges() == 6


def test_committed_agents_do_not_see_each_other_nor_follow():
    graph = nx.DiGraph([(0, 1), (1, 2), (2, 0)])
    made = world("opinion", {**VOTER, "committed": {"n": 2, "to": "B"}}, graph)
    made.open_step(1)
    assert set(made.setting.ties.graph.adj[0]) == {1, 3, 4}
    assert not made.setting.ties.graph.adj[3]


def test_people_can_be_committed_for_a_while():
    spec = {**VOTER, "start": {"A": 1}, "committed": {"who": {"ids": [1, 3]}, "to": "B", "start": 2, "until": 2}}
    made = world("opinion", spec, complete(4))
    made.open_step(1)
    assert list(made.active()) == [0, 1, 2, 3]
    events = made.open_step(2)
    assert [(e.kind, e.content["who"]) for e in events] == [("commit", 1), ("commit", 3), ("set", 1), ("set", 3)]
    assert list(made.active()) == [0, 2]
    assert made.tally == [[2, 2]]
    assert made.turns == 0, "commitments are no turns"
    made.open_step(3)
    assert list(made.active()) == [0, 1, 2, 3]
    assert made.tally == [[2, 2]], "free again, they hold what they held"


def test_a_committed_member_of_a_group_is_not_moved():
    spec = {**VOTER, "group": 3, "committed": {"who": {"ids": [0]}, "to": "B"}, "start": {"A": 1}}
    made = world("opinion", spec, complete(3))
    made.open_step(1)
    take(made, turn(1), lambda ask: answer("A"))
    assert made.held == [1, 0, 0]


@pytest.mark.parametrize(
    ("committed", "says"),
    [
        ({"to": "B"}, "either 'n'"),
        ({"to": "B", "n": 1, "who": {"ids": [0]}}, "either 'n'"),
        ({"to": "C", "n": 1}, "committed.to"),
    ],
)
def test_commitments_that_make_no_sense(committed, says):
    with pytest.raises(ScenarioError, match=says):
        Society(
            {
                "name": "x",
                "steps": 1,
                "population": {"n": 3},
                "world": {"kind": "opinion", **VOTER, "committed": committed},
            }
        )


# -- groups that split -------------------------------------------------------------------------------------------------


def split_world(restart):
    spec = {"rule": "voter", "split_after": 2, "restart": restart, "options": ["A", "B", "C"], "start_trait": "o"}
    people = [{"o": option} for option in "AAABBC"]
    return world("opinion", spec, complete(6), people)


def test_a_group_that_disagrees_splits_by_opinion():
    made = split_world(restart=False)
    made.open_step(1)
    assert made.close_step(1) == []
    made.open_step(2)
    events = made.close_step(2)
    assert [e.content for e in events if e.kind == "split"] == [
        {"group": 1, "members": [3, 4]},
        {"group": 2, "members": [5]},
    ]
    assert made.group == [0, 0, 0, 1, 1, 2]
    assert made.tally == [[3, 0, 0], [0, 2, 0], [0, 0, 1]]
    assert sorted(made.setting.ties.graph.edges) == [(0, 1), (0, 2), (1, 2), (3, 4)]
    assert made.stopped == "every group agrees"
    assert made.MEASURES["groups"].of(made) == 3


def test_after_a_split_parts_start_again_half_and_half():
    made = split_world(restart=True)
    for step in (1, 2):
        made.open_step(step)
        made.close_step(step)
    assert made.group == [0, 0, 0, 1, 1, 2]
    assert [sorted(tally, reverse=True) for tally in made.tally] == [[1, 1, 1], [1, 1, 0], [1, 0, 0]]
    assert made.stopped is None
    assert made.rests(5)
    assert not made.rests(0)
    asks, action = think(made, turn(5, 3))
    assert (asks, action.verb) == ([], "rest")
    made.open_step(3)
    assert made.close_step(3) == [], "a new part has its own time"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.booleans())
def test_parts_are_always_a_partition_without_ties_between_them(seed, after, restart):
    design = {"kind": "opinion", "rule": "voter", "split_after": after, "restart": restart, "stop": "never"}
    society = Society({"name": "x", "steps": 8, "world": design, "population": {"n": 14}}, seed)
    society.run_model()
    made = society.worlds[0]
    for group, tally in enumerate(made.tally):
        members = [a for a in range(14) if made.group[a] == group]
        assert members, "no part is empty"
        assert tally == [sum(made.held[a] == number for a in members) for number in range(2)]
        inside = society.graph.subgraph(members)
        assert inside.number_of_edges() == len(members) * (len(members) - 1) // 2
    assert all(made.group[a] == made.group[b] for a, b in society.graph.edges)


# -- the end ---------------------------------------------------------------------------------------------------------


def test_it_ends_at_the_turn_at_which_all_agree():
    made = holding(complete(3), ["A", "B"], ["A", "A", "B"], stop="consensus")
    made.open_step(1)
    assert made.stopped is None
    take(made, turn(2), lambda ask: answer("A"))
    assert made.stopped == "consensus"


def test_one_that_never_stops_does_not():
    made = holding(complete(2), ["A", "B"], ["A", "B"])
    made.open_step(1)
    take(made, turn(1), lambda ask: answer("A"))
    assert made.stopped is None


# -- on networks from files --------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=peopled_graphs(smallest=3))
def test_counts_on_a_network_from_a_file(drawn, tmp_path):
    graph, options, held = drawn
    file = tmp_path / "ties.graphml"
    nx.write_graphml(graph, file)
    society = Society(
        {
            "name": "x",
            "steps": 1,
            "world": {"kind": "opinion", **VOTER, "options": options, "start_trait": "opinion"},
            "population": {"source": "inline", "people": [{"opinion": option} for option in held]},
            "network": {"kind": "file", "file": str(file)},
        }
    )
    assert society.graph.is_directed() == graph.is_directed()
    for agent in (agent for agent in graph if graph.adj[agent]):
        counts = asked(society.worlds[0], turn(agent)).facts["counts"]
        assert counts == [sum(held[b] == option for b in graph.adj[agent]) for option in options]
