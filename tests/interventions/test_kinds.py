"""What each kind does, in worlds of opinions and of growing networks, and that the log tells it."""

import pytest

from simsoc.society import Society

from .making import BASE, FOLLOWING, GROWTH, OPINION, SCALE, TWO, ended, happened, logged

D = {"traits": {"party": "D"}}


def holding(society, agents, world=0):
    made = society.worlds[world]
    return [made.tell(made.held[agent]) for agent in agents]


def stepped(*interventions, base=BASE, upto, **changed):
    society = Society({**base, "interventions": list(interventions)}, **changed)
    for _ in range(upto):
        society.step()
    return society


# -- set ---------------------------------------------------------------------------------------------------------------


def set_(at, keys, **more):
    return {"at": at, "do": {"kind": "set", "keys": keys}, **more}


def test_set_holds_from_its_step_to_the_end_of_until():
    society = stepped(set_(5, {"world.rule.beta": 9.0}, until=7), upto=0)
    seen = []
    while society.running:
        society.step()
        seen.append(society.worlds[0].decision.rule.parameters["beta"])
    assert seen == [1.0] * 4 + [9.0] * 3 + [1.0] * 5


def test_what_is_undone_are_its_keys_not_what_others_set_meanwhile():
    society = stepped(
        set_(2, {"world.rule.beta": 2.0}, until=6), set_(4, {"world.rule.beta": 4.0, "world.topic": "cats"}), upto=8
    )
    assert society.worlds[0].decision.rule.parameters["beta"] == 4.0
    society = stepped(
        set_(2, {"world.rule.beta": 2.0}), set_(4, {"world.rule.beta": 4.0, "world.topic": "cats"}, until=6), upto=8
    )
    assert society.worlds[0].decision.rule.parameters["beta"] == 2.0
    assert society.worlds[0].spec.topic == ""


def test_set_again_and_again_is_not_undone():
    society = stepped(set_(2, {"world.rule.beta": 2.0}, every=4, until=7), set_(3, {"world.rule.beta": 3.0}), upto=0)
    seen = []
    while society.running:
        society.step()
        seen.append(society.worlds[0].decision.rule.parameters["beta"])
    assert seen == [1, 2, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2]


def test_rules_are_changed_with_their_names(tmp_path):
    society, run = logged(tmp_path, set_(5, {"world.rule": "voter", "world.include_self": True}, until=8))
    by = run.asks.groupby("step")["by"].agg(set)
    assert all(by[step] == ({"voter"} if 5 <= step <= 8 else {"curie_weiss"}) for step in range(1, 13))
    facts = run.asks_with(facts=True)
    degrees = {agent: len(society.ties.neighbours(agent)) for agent in range(24)}
    for row in facts.itertuples():
        inside = 1 if 5 <= row.step <= 8 else 0
        assert sum(row[facts.columns.get_loc("facts.counts") + 1]) == degrees[row.agent] + inside
    run.close()


def test_agreement_may_become_the_end():
    society = ended({"at": 3, "who": {}, "do": {"kind": "inject", "item": "A"}}, set_(3, {"world.stop": "consensus"}))
    assert society.ended == "consensus"
    assert society.engine.clock == 3


def test_agreement_may_be_the_end_no_more():
    base = {**BASE, "world": {**OPINION, "stop": "consensus", "rule": {"kind": "curie_weiss", "beta": 9.0}}}
    everybody = {"at": 4, "who": {}, "do": {"kind": "inject", "item": "A"}}
    assert ended(everybody, base=base).ended == "consensus"
    assert ended(everybody, set_(4, {"world.stop": "never"}), base=base).ended == "all steps done"


def test_activation_may_change():
    society = stepped(set_(3, {"activation": "together"}), set_(6, {"activation.kind": "one_by_one"}), upto=2)
    turns = society.engine.turns
    society.step()
    assert society.engine.turns == turns + 24
    twins = [ended(set_(3, {"activation": "together"}, until=3)), ended()]
    assert twins[0].digest != twins[1].digest


def test_meetings_may_begin(tmp_path):
    _, run = logged(tmp_path, set_(4, {"world.group": 3}, until=6))
    assert set(run.asks[run.asks.purpose.str.contains("/met")].step) == {4, 5, 6}
    run.close()


def test_keys_of_a_growing_network_may_change(tmp_path):
    _, run = logged(tmp_path, set_(6, {"world.rule": "random", "world.cap": 3}, until=9), base=GROWTH)
    by = run.asks.groupby("step")["by"].agg(set)
    assert all(by[step] == ({"random"} if 6 <= step <= 9 else {"kernel"}) for step in by.index)
    among = {step for step, _, content in happened(run, "follow") if "among" in content}
    assert among == {6, 7, 8, 9}
    run.close()


def test_what_candidates_show_may_change(tmp_path):
    changed = set_(6, {"world.show_degree": False, "world.rule": "random", "world.attributes": []})
    society, run = logged(tmp_path, changed, base=GROWTH)
    assert not {"degree", "attributes"} & set(society.worlds[0].design.later)
    run.close()


# -- inject ------------------------------------------------------------------------------------------------------------


def test_opinions_are_put_in(tmp_path):
    society = stepped({"at": 4, "who": {"ids": [0, 1, 2, 3]}, "do": {"kind": "inject", "item": "A"}}, upto=3)
    before = holding(society, range(4))
    society.timeline.apply(4)
    assert holding(society, range(4)) == ["A"] * 4
    assert before != ["A"] * 4, "or the test says nothing"
    _, run = logged(tmp_path, {"at": 4, "who": {"ids": [0, 1, 2, 3]}, "do": {"kind": "inject", "item": "A"}})
    put = [(step, content["who"]) for step, agent, content in happened(run, "set") if agent == -1]
    assert put == [(4, agent) for agent in range(4) if before[agent] == "B"], "whoever holds it already is passed over"
    run.close()


def test_they_are_seen_at_once(tmp_path):
    everybody = {"at": 4, "who": {}, "do": {"kind": "inject", "item": "A"}}
    _, run = logged(tmp_path, everybody, activation="together")
    facts = run.asks_with(facts=True).query("step == 4")
    assert all(counts[1] == 0 for counts in facts["facts.counts"])
    run.close()


def test_positions_are_put_in():
    society = ended({"at": 4, "who": {}, "do": {"kind": "inject", "item": 1}}, base=SCALE)
    assert holding(society, range(24)) == [1.0] * 24


def test_the_committed_keep_what_they_hold():
    world = {**OPINION, "committed": {"who": {"ids": [0, 1]}, "to": "A", "start": 2}}
    society = stepped(
        {"at": 4, "who": {}, "do": {"kind": "inject", "item": "B"}}, base={**BASE, "world": world}, upto=3
    )
    society.timeline.apply(4)
    assert holding(society, range(24)) == ["A", "A"] + ["B"] * 22


# -- ties --------------------------------------------------------------------------------------------------------------


def test_ties_by_pairs(tmp_path):
    pairs = {"kind": "ties", "add": [[0, 20], [20, 0], [1, 21]], "weight": 0.5}
    society, run = logged(tmp_path, {"at": 4, "do": pairs}, {"at": 7, "do": {"kind": "ties", "cut": [[20, 0]]}})
    assert society.ties.has(1, 21)
    assert society.ties.weight(1, 21) == 0.5
    assert not society.ties.has(0, 20)
    assert [run.graph(step).has_edge(0, 20) for step in (3, 4, 6, 7)] == [False, True, True, False]
    assert run.graph(5).edges[1, 21]["weight"] == 0.5
    assert set(map(frozenset, run.graph().edges)) == set(map(frozenset, society.graph.edges))
    run.close()


def test_ties_of_each_to_some(tmp_path):
    new = {"at": 4, "who": D, "do": {"kind": "ties", "to": {"traits": {"party": "R"}}, "m": 2}}
    society, run = logged(tmp_path, new, base=FOLLOWING)
    made = [(c["a"], c["b"]) for _, _, c in happened(run, "society.tie")]
    before = run.graph(3)
    people = [person.traits["party"] for person in society.people]
    assert {a for a, _ in made} == {a for a in range(24) if people[a] == "D"}
    assert all(people[b] == "R" and not before.has_edge(a, b) for a, b in made)
    assert len(made) == 2 * people.count("D")
    run.close()


def test_a_share_of_ties_is_cut(tmp_path):
    cut = {"at": 4, "who": {}, "do": {"kind": "ties", "to": {}, "how": "cut", "share": 0.5}}
    _, run = logged(tmp_path, cut, base={**BASE, "network": "complete"})
    left = run.graph().number_of_edges()
    assert abs(left - 138) < 4 * (276 / 4) ** 0.5
    run.close()
    society, run = logged(tmp_path, {**cut, "do": {**cut["do"], "share": 1.0}}, name="all")
    assert society.graph.number_of_edges() == 0
    run.close()


def test_a_larger_share_of_pairs_contains_a_smaller_one():
    def ties(share):
        society = ended({"at": 2, "who": D, "do": {"kind": "ties", "to": {}, "share": share}})
        return set(society.graph.edges)

    assert ties(0.1) < ties(0.5) < ties(1.0)


def test_growth_counts_ties_made_from_outside():
    tie = {"at": 4, "do": {"kind": "ties", "add": [[0, 4], [1, 3], [2, 0]]}}
    cut = {"at": 8, "every": 2, "who": {"degree": {"top": 3}}, "do": {"kind": "ties", "to": {}, "how": "cut", "m": 1}}
    society = ended(tie, cut, base=GROWTH)
    found = sorted(society.worlds[0].degree(agent) for agent in society.graph)
    assert [k for k, n in sorted(society.worlds[0].degrees.items()) for _ in range(n)] == found


# -- join and leave ----------------------------------------------------------------------------------------------------


def test_people_join(tmp_path):
    join = {"kind": "join", "n": 2, "m": 3, "traits": {"party": "X"}}
    society, run = logged(tmp_path, {"at": 5, "every": 3, "until": 8, "who": D, "do": join})
    assert len(society.people) == len(society.agents) == len(society.worlds[0].held) == 28
    assert society.people[24].traits == {"party": "X"}
    assert list(run.agents.born_step)[24:] == [5, 5, 8, 8]
    assert set(run.asks[run.asks.agent >= 24].step) <= set(range(5, 13))
    for agent, step in ((24, 5), (27, 8)):
        graph = run.graph(step)
        assert len(graph[agent]) == 3
        assert all(society.people[b].traits["party"] == "D" for b in graph[agent])
        assert agent not in run.graph(step - 1)
    assert sum(map(sum, society.worlds[0].tally)) == 28
    assert society.measured["sweeps"] == society.engine.turns / 28
    assert len(run.opinions.query("step == 12")) == 28
    assert len(society.datacollector.get_model_vars_dataframe()) == 12
    run.close()


def test_newcomers_start_where_their_traits_say():
    world = {**OPINION, "options": ["D", "R"], "start_trait": "party"}
    society = stepped(
        {"at": 2, "do": {"kind": "join", "traits": {"party": "R"}}}, base={**BASE, "world": world}, upto=1
    )
    society.timeline.apply(2)
    assert holding(society, [24]) == ["R"]


def test_people_leave(tmp_path):
    leave = {"at": 5, "who": {"ids": [0, 3, 23]}, "do": "leave"}
    society, run = logged(tmp_path, leave)
    assert [person.left for person in society.people] == [5 if a in (0, 3, 23) else None for a in range(24)]
    assert {person.unique_id for person in society.agents} == set(society.graph) == set(range(24)) - {0, 3, 23}
    assert society.people[3].neighbours == []
    assert run.asks[run.asks.agent.isin([0, 3, 23])].step.max() <= 4
    assert [3 in run.graph(step) for step in (4, 5, 12)] == [True, False, False]
    assert set(run.opinions[run.opinions.agent == 3].step) == set(range(5))
    made = society.worlds[0]
    assert sum(made.tally[0]) == 21
    held = [made.held[a] for a in society.graph]
    assert society.measured["magnetisation"] == pytest.approx((held.count(0) - held.count(1)) / 21)
    assert society.measured["sweeps"] == society.engine.turns / 21
    assert set(map(frozenset, run.graph().edges)) == set(map(frozenset, society.graph.edges))
    run.close()


@pytest.mark.parametrize("base", [BASE, SCALE, TWO])
def test_everybody_may_leave(base):
    measures = None if base is TWO else ["sweeps", *(["local_agreement", "clusters"] if base is BASE else ["spread"])]
    society = ended({"at": 3, "who": {}, "do": "leave"}, base={**base, "measures": measures})
    assert society.ended == "all steps done"
    assert len(society.graph) == 0
    assert society.measured["sweeps"] is None


def test_those_who_remain_may_agree():
    base = {
        **BASE,
        "world": {**OPINION, "stop": "consensus", "rule": "voter", "options": ["D", "R"], "start_trait": "party"},
    }
    assert ended({"at": 1, "who": D, "do": "leave"}, base=base).ended == "consensus"


def test_committed_people_and_those_added_may_leave(tmp_path):
    for committed in (
        {"who": {"share": 0.5}, "to": "A", "start": 2, "until": 6},
        {"n": 4, "to": "A", "start": 2, "until": 6},
    ):
        base = {**BASE, "world": {**OPINION, "committed": committed}}
        leaves = {"at": 4, "who": {"ids": [*range(8), *([25] if "n" in committed else [])]}, "do": "leave"}
        society, run = logged(tmp_path, leaves, base=base, name=next(iter(committed)))
        assert society.worlds[0].frozen == set()
        assert set(range(8)).isdisjoint(society.graph)
        run.close()


def test_people_leave_a_growing_network(tmp_path):
    leave = {"at": 6, "every": 4, "who": {"degree": {"top": 1}}, "do": "leave"}
    society, run = logged(tmp_path, leave, base=GROWTH)
    made = society.worlds[0]
    assert len(made.gone) == 4
    assert made.gone.isdisjoint(society.graph)
    assert society.measured["people"] == 20
    assert sorted(made.degree(a) for a in society.graph) == [
        k for k, n in sorted(made.degrees.items()) for _ in range(n)
    ]
    for step, _, content in happened(run, "follow"):
        assert made.gone.isdisjoint(content["to"]) or step < 18
    run.close()


@pytest.mark.parametrize(
    "world",
    [
        {"design": {"kind": "closure", "links": 2}, "rule": "random"},
        {"design": "homophily", "rule": "similar", "attributes": ["party"]},
        {"design": {"kind": "small_world", "beta": 0.9}, "rule": "random"},
        {"design": {"kind": "audit", "candidates": 5, "shows": 10}, "rule": "random"},
    ],
)
def test_people_leave_every_design(world, tmp_path):
    network = {"kind": "ring", "k": 4} if "small_world" in str(world) else {"kind": "erdos_renyi", "degree": 3}
    base = {"name": "x", "world": {"kind": "growth", **world}, "population": BASE["population"], "network": network}
    society, run = logged(tmp_path, {"at": 1, "who": {"ids": [2, 4, 11]}, "do": "leave"}, base=base)
    assert {2, 4, 11}.isdisjoint(run.asks.agent)
    for _, _, content in happened(run, "follow"):
        assert {2, 4, 11}.isdisjoint(content["to"])
    run.close()
    assert society.ended == "all steps done"


# -- traits ------------------------------------------------------------------------------------------------------------


def test_traits_change(tmp_path):
    changes = {"at": 5, "who": D, "do": {"kind": "traits", "to": {"party": "R", "age": None, "job": "cook"}}}
    society, run = logged(tmp_path, changes)
    were = list(run.agents.party)
    assert all(person.traits["party"] == "R" for person in society.people)
    cooks = [agent for agent in range(24) if were[agent] == "D"]
    assert [a for a in range(24) if society.people[a].traits.get("job") == "cook"] == cooks
    assert all("age" not in society.people[a].traits for a in cooks)
    for step, now in ((4, False), (5, True), (12, True)):
        nodes = run.graph(step).nodes
        assert [a for a in nodes if nodes[a].get("job") == "cook"] == (cooks if now else [])
        assert all(("age" not in nodes[a]) == now for a in cooks)
    run.close()


def test_personas_tell_the_new_traits():
    told = {}

    def mind(ask):
        told[ask.step, ask.agent] = ask.facts["persona"]
        return "A"

    ended({"at": 5, "who": {}, "do": {"kind": "traits", "to": {"party": "X"}}}, backend=mind)
    assert all(("party is X" in text) == (step >= 5) for (step, _), text in told.items())


# -- who answers, and the seed -----------------------------------------------------------------------------------------


def test_another_backend_answers(tmp_path):
    lent = {"at": 4, "until": 7, "who": D, "do": {"kind": "backend", "to": "null"}}
    society, run = logged(tmp_path, lent)
    for row in run.asks.itertuples():
        party = society.people[row.agent].traits["party"]
        assert row.by == ("null" if party == "D" and 4 <= row.step <= 7 else "curie_weiss")
    run.close()


def test_the_backend_of_everybody_and_of_groups_may_change(tmp_path):
    groups = [{"model": "null", "who": {"traits": {"party": "X"}}}]
    society, run = logged(
        tmp_path,
        set_(4, {"backend": {"groups": groups}}),
        {"at": 3, "do": {"kind": "join", "traits": {"party": "X"}}},
        {"at": 6, "do": {"kind": "join", "traits": {"party": "X"}}},
        {"at": 8, "who": {"ids": [0, 1]}, "do": {"kind": "traits", "to": {"party": "X"}}},
        set_(10, {"backend": None}),
    )
    by = {(row.step, row.agent): row.by for row in run.asks.itertuples()}
    for (step, agent), name in by.items():
        new = agent in (24, 25) and 4 <= step < 10
        assert name == ("null" if new or step >= 10 else "curie_weiss"), (step, agent)
    run.close()
    assert society.people[25].unique_id == 25


def test_a_universe_has_the_same_past(tmp_path):
    _, run = logged(tmp_path, {"at": 6, "do": {"kind": "seed", "to": 99}})
    _, plain = logged(tmp_path, name="plain")
    past = [list(r.events[r.events.step < 6].content) for r in (run, plain)]
    assert past[0] == past[1]
    assert list(run.events[run.events.step == 6].agent) != list(plain.events[plain.events.step == 6].agent)
    seeds = run.rows("SELECT step, seed FROM ask")
    assert all(seed == (None if step < 6 else 99) for step, seed in seeds)
    run.close(), plain.close()


def test_a_universe_of_a_growing_network():
    runs = [ended({"at": 6, "do": {"kind": "seed", "to": seed}}, base=GROWTH) for seed in (3, 99)]
    plain = ended(base=GROWTH)
    assert runs[0].digest == plain.digest != runs[1].digest


# -- several -----------------------------------------------------------------------------------------------------------


def test_two_worlds_on_the_same_people(tmp_path):
    society, run = logged(
        tmp_path,
        set_(3, {"world.1.rule": {"kind": "hegselmann_krause", "eps": 0.2}, "world.0.rule.beta": 3.0}),
        {"at": 4, "who": D, "do": {"kind": "inject", "item": 1.0, "world": "opinion_scale"}},
        {"at": 5, "who": {"ids": [0, 1]}, "do": "leave"},
        {"at": 5, "do": {"kind": "join", "m": 2}},
        {"at": 7, "who": {}, "do": {"kind": "inject", "item": "A", "world": "opinion"}},
        base=TWO,
    )
    assert [len(world.held) for world in society.worlds] == [25, 25]
    assert [len(world.folk()) for world in society.worlds] == [23, 23]
    assert {kind for kind in run.events.kind if kind.startswith("society.")} >= {"society.join", "society.leave"}
    assert "opinion_scale.set" in set(run.events[run.events.agent == -1].kind)
    run.close()


def test_it_is_noted_what_was_done_to_whom(tmp_path):
    _, run = logged(
        tmp_path,
        set_(5, {"world.rule.beta": 9.0}, until=6),
        {"at": 5, "who": {"n": 2}, "do": {"kind": "traits", "to": {"party": "X"}}},
    )
    notes = run.notes[run.notes.kind == "intervention"]
    assert list(notes.step) == [5, 5, 7]
    first, second, third = notes.content
    assert first == {"index": 0, "do": {"kind": "set", "keys": {"world.rule.beta": 9.0}}}
    assert second["index"] == 1
    assert len(second["who"]) == 2
    assert third == {**first, "undone": True}
    run.close()


def test_in_file_order():
    renamed = {"at": 4, "who": D, "do": {"kind": "traits", "to": {"party": "X"}}}
    leave = {"at": 4, "who": D, "do": "leave"}
    assert len(ended(renamed, leave).agents) == 24
    assert len(ended(leave, renamed).agents) < 24
