"""What cannot be done is told before anything is: where, what is known, and the nearest guess."""

import pytest

import simsoc
from simsoc.core.errors import ScenarioError

HEAD = """\
name: x
steps: 20
world: {kind: opinion, rule: {kind: curie_weiss, beta: 1.0}, stop: never}
population: {source: attributes, n: 20, traits: {party: [D, R], age: [20, 40]}}
network: {kind: erdos_renyi, degree: 4}
interventions:
"""
GROWTH = """\
name: x
world: {kind: growth, rule: kernel}
population: {source: attributes, n: 20, traits: {party: [D, R]}}
interventions:
"""
SCALE = """\
name: x
steps: 20
world: {kind: opinion_scale, rule: degroot, start_trait: trust, stop: never}
population: {source: attributes, n: 20, traits: {trust: [0.2, 0.4]}}
interventions:
"""
TWO = """\
name: x
steps: 20
world: [{kind: opinion, rule: voter, stop: never}, {kind: opinion_scale, rule: degroot, stop: never}]
population: {n: 20}
interventions:
"""


@pytest.fixture
def said(tmp_path):
    def told(*lines, head=HEAD):
        file = tmp_path / "s.yaml"
        file.write_text(head + "".join(f"  - {line}\n" for line in lines), encoding="utf-8")
        try:
            simsoc.check(file)
        except ScenarioError as error:
            return [str(problem).replace(f"{tmp_path}/", "") for problem in error.problems]
        return []

    return told


def set_(keys, at=3):
    return f"{{at: {at}, do: {{kind: set, keys: {{{keys}}}}}}}"


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("population.n: 3", "'population.n': used only when a run begins. A `set` can change world, activation"),
        ("network.degree: 3", "'network.degree': used only when a run begins"),
        ("steps: 30", "steps: used only when a run begins"),
        ("seed: 3", "keys.seed: a seed is changed by `do: {kind: seed, to: ...}`"),
        ("name: y", "name: used only when a run begins"),
        ("interventions: []", "used only when a run begins"),
        ("backnd.model: x", "unknown key. Did you mean 'backend'?"),
        ("world.start: random", "'world.start': used only when a run begins. World 'opinion' can change group, "),
        ("world.options: [C, D]", "used only when a run begins"),
        ("world.committed: null", "used only when a run begins"),
        ("world.kind: growth", "used only when a run begins"),
        ("world: voter", "a world is not replaced while a run goes on"),
        ("world.0.rul: voter", "unknown key. Did you mean 'rule'?"),
        ("world.3.rule: voter", "there is no world 3: there are 1, counted from 0"),
        ("world.rule.beta: x", "'world.rule.beta': should be a number (got 'x')"),
        ("world__rule__betta: 2", "keys.world__rule__betta: unknown key. Did you mean 'beta'?"),
        ("world.rule: {kind: published, curve: gpt-5}", "rule"),
        ("world.wording: freinds", "Did you mean 'friends'?"),
        ("world.labels: [a, a]", "labels must be 2 different strings"),
        ("activation: often", "no 'often'"),
        ("activation: {kind: poisson, by: incme}", "keys.activation: activation.by: agent 0 has incme=None"),
        ("choice: pick", "choice: no 'pick'"),
        ("backend: gpt-4", "write openai/gpt-4"),
        ("backend.groups: [{model: 'null', who: {traits: {parti: D}}}]", "Did you mean 'party'?"),
        ("prompts: {opinion/friend: a.j2}", "Did you mean 'opinion/friends'?"),
        ("prompts: {opinion/friends: nowhere.j2}", "the template cannot be read"),
        ("world.group: 2, activation: together", "people who meet change each other's opinions"),
    ],
)
def test_keys_that_cannot_be_set(said, keys, says):
    (problem,) = said(set_(keys))
    assert says in problem
    assert problem.startswith("s.yaml:7  interventions.0.do")


def test_what_two_sets_make_together_is_looked_at_when_they_do(said):
    lines = ["{at: 3, until: 9, do: {kind: set, keys: {activation: together}}}", set_("world.group: 3", at=5)]
    (problem,) = said(*lines)
    assert problem.startswith("s.yaml:8  interventions.1.do.keys.'world.group'")
    assert said(lines[0], set_("world.group: 3", at=10)) == []


def test_everything_is_told_at_once(said):
    problems = said(
        set_("population.n: 3, world.wrding: friends"),
        "{at: 4, until: 5, do: {kind: join}}",
        "{at: 4, do: leave}",
        "{at: 4, who: {}, do: {kind: seed, to: 3}}",
    )
    assert [problem.split("  ")[0] for problem in problems] == [
        "s.yaml:7",
        "s.yaml:7",
        "s.yaml:8",
        "s.yaml:9",
        "s.yaml:10",
    ]
    assert "'join' takes place once and is not undone; `until` goes with `every`" in problems[2]
    assert "'leave' needs a `who`; `who: {}` is everybody" in problems[3]
    assert "'seed' is about nobody in particular; leave `who` out" in problems[4]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{at: 0, do: leave}", "at: should be at least 1"),
        ("{at: 5, until: 4, who: {}, do: leave}", "until must not be before at (4 and 5)"),
        ("{at: 5, who: {}, do: leaf}", "no 'leaf'. Did you mean 'leave'?"),
        ("{at: 5, who: {}, do: leave, evry: 2}", "Did you mean 'every'?"),
        ("{at: 5, who: {trait: {}}, do: leave}", "who.trait: unknown key. Did you mean 'traits'?"),
        ("{at: 5, who: {degree: {min: 5, max: 2}}, do: leave}", "min must not be above max (5 and 2)"),
        ("{at: 5, who: {degree: {most: 2}}, do: leave}", "who.degree.most: unknown key"),
        ("{at: 5, who: {any: []}, do: leave}", "any: should be a list of 1 or more"),
        ("{at: 5, who: {ids: [3, 20]}, do: leave}", "who.ids: no agent 20: ids run from 0 to 19. Did you mean 19?"),
        ("{at: 5, who: {traits: {pary: D}}, do: leave}", "who.traits.pary: nobody has it. Did you mean 'party'?"),
        ("{at: 5, who: {traits: {age: {mn: 3}}}, do: leave}", "age.mn: no comparison 'mn'. Did you mean 'min'?"),
        ("{at: 5, who: {traits: {age: {max: old}}}, do: leave}", "age.max: 'old' cannot be compared"),
        ("{at: 5, who: {not: {any: [{ids: [30]}]}}, do: leave}", "who.not.any.0.ids: no agent 30"),
        ("{at: 5, do: {kind: ties}}", "which ties? Say 'add', 'cut' or 'to'"),
        ("{at: 5, do: {kind: ties, add: [[1, 1]]}}", "nobody can be tied to itself"),
        ("{at: 5, do: {kind: ties, add: [[1, 25]]}}", "no agent 25"),
        ("{at: 5, do: {kind: ties, add: [[1, 2, 3]]}}", "interventions.0.do.add.0"),
        ("{at: 5, do: {kind: ties, add: [[1, 2]], m: 2}}", "which is missing"),
        ("{at: 5, do: {kind: ties, to: {}}}", "from whom? Say it in `who`"),
        ("{at: 5, who: {}, do: {kind: ties, cut: [[1, 2]]}}", "to whom?"),
        ("{at: 5, who: {}, do: {kind: ties, to: {}, m: 1, share: 0.5}}", "say either 'm' (ties of each) or 'share'"),
        ("{at: 5, who: {}, do: {kind: ties, to: {ids: [21]}, m: 1}}", "do.to.ids: no agent 21"),
        ("{at: 5, who: {}, do: {kind: traits, to: {}}}", "do.to"),
        ("{at: 5, who: {}, do: {kind: inject, item: C}}", "do.item: no option 'C'. Known: A, B."),
        ("{at: 5, who: {}, do: {kind: inject, item: [A]}}", "do.item: no option a list"),
        ("{at: 5, do: {kind: inject, item: A}}", "say whose in `who`"),
        (
            "{at: 5, who: {}, do: {kind: inject, item: A, world: opinio}}",
            "no world 'opinio' here. Did you mean 'opinion'?",
        ),
        (
            "{at: 5, who: {}, do: {kind: backend, to: opnai/x}}",
            "do.to.model: no provider 'opnai'. Did you mean 'openai'?",
        ),
        ("{at: 5, who: {}, do: {kind: backend, to: {modl: x}}}", "do.to.modl: unknown key. Did you mean 'model'?"),
        ("{at: 5, do: {kind: seed, to: -1}}", "do.to: should be at least 0"),
        ("{at: 5, do: {kind: join, m: -1}}", "do.m: should be at least 0"),
    ],
)
def test_other_mistakes(said, line, says):
    (problem,) = said(line)
    assert says in problem
    assert problem.startswith("s.yaml:7  interventions.0")


def test_people_who_will_have_come_can_be_named(said):
    join = "{at: 3, every: 2, until: 7, do: {kind: join, traits: {job: cook}}}"
    fine = "{at: 5, who: {ids: [21], traits: {job: cook}}, do: leave}"
    assert said(join, fine) == []
    assert said(fine, join) == [
        "s.yaml:7  interventions.0.who.ids: no agent 21: ids run from 0 to 20. Did you mean 20?"
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{at: 3, do: join}", "world 'growth' does not take newcomers from outside"),
        ("{at: 3, who: {}, do: {kind: inject, item: B}}", "world 'growth' takes no items"),
        (set_("world.design.m: 3"), "World 'growth' can change attributes, cap, context"),
        (set_("world.attributes: [parti]"), "nobody has 'parti'. Did you mean 'party'? Known traits: party."),
        (set_("world.show_degree: false"), "rule kernel reads what 'show_degree' would show"),
    ],
)
def test_what_a_growing_network_refuses(said, line, says):
    (problem,) = said(line, head=GROWTH)
    assert says in problem
    assert problem.startswith("s.yaml:5  interventions.0.do")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{at: 3, who: {}, do: {kind: inject, item: 2}}", "should be a number between 0 and 1 (got 2)"),
        ("{at: 3, who: {}, do: {kind: inject, item: A}}", "should be a number between 0 and 1 (got 'A')"),
        ("{at: 3, do: {kind: join, traits: {trust: 3}}}", "'trust' has to be a number between 0 and 1"),
        (set_("world.high: 2.0"), "used only when a run begins"),
        (set_("world.rule: {kind: deffuant, eps: 0.2}"), "rule deffuant is for meetings of two: say group: 2"),
    ],
)
def test_what_a_scale_refuses(said, line, says):
    (problem,) = said(line, head=SCALE)
    assert says in problem


def test_newcomers_need_what_turns_go_by(said):
    head = SCALE.replace("interventions:", "activation: {kind: poisson, by: trust}\ninterventions:").replace(
        "start_trait: trust, ", ""
    )
    (problem,) = said("{at: 3, do: join}", head=head)
    assert "interventions.0.do: activation.by: agent 20 has trust=None" in problem
    assert said("{at: 3, do: {kind: join, traits: {trust: 1}}}", head=head) == []


def test_nobody_joins_beside_added_committed_agents(said):
    head = HEAD.replace("stop: never", "stop: never, committed: {n: 3, to: A}")
    (problem,) = said("{at: 3, do: join}", head=head)
    assert "people cannot be added beside added committed agents" in problem


def test_which_of_two_worlds(said):
    (problem,) = said("{at: 3, who: {}, do: {kind: inject, item: A}}", head=TWO)
    assert problem.endswith("do.world: which one? Say opinion or opinion_scale")
    (problem,) = said(set_("world.rule: voter"), head=TWO)
    assert "should be the number of an item: there are 2" in problem


def test_a_scenario_that_is_wrong_anyway_is_not_told_twice(said):
    (problem,) = said(
        set_("world.rule.beta: 3"), head=HEAD.replace("interventions:", "measures: [nothing]\ninterventions:")
    )
    assert problem.startswith("s.yaml:6  measures.0")
