"""World `twitter`: what is seen, what is asked, what may be done, and what is left out of the facts."""

import json
import math
from collections import Counter

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simsoc
from simsoc.backends.local import Mechanistic
from simsoc.backends.prompts import Prompts
from simsoc.backends.question import question
from simsoc.core.errors import ScenarioError
from simsoc.core.stream import Stream
from simsoc.core.words import Event
from simsoc.society import Society
from simsoc.worlds.twitter import reading, writing
from simsoc.worlds.twitter.afterwards import cascades, exposures, feelings, modularity

from .by_hand import answer, silence, take, think, turn, world

SIDES = ({"party": "democrat", "partisan": -0.8}, {"party": "republican", "partisan": 0.8}, {"party": "none"})


def people(n, **more):
    return [{**SIDES[agent % 3 if agent % 7 == 0 else agent % 2], **more} for agent in range(n)]


def growing(n=6, ties=(), begin=True, **spec):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(ties)
    return world("twitter", {"design": "growing", "rule": "blind", **spec}, graph, people(n), begin=begin)


def fixed(n=6, ties=(), **spec):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(ties)
    return world("twitter", {"rule": "blind", **spec}, graph, people(n))


def post(made, agent, text, step=1, n=0, **content):
    made.fold(Event(step, 0, agent, "post", {"n": n, "text": text, **content}))
    return (agent, step, n)


def playing(**by_purpose):
    """A mind that gives one answer for each purpose; a list is given in turn."""

    def reply(ask):
        given = by_purpose[ask.purpose]
        return given if hasattr(given, "source") else answer(given.pop(0) if isinstance(given, list) else given)

    return reply


def prompt(ask):
    template = Prompts().get(ask.decision.template)
    return template.messages(ask.facts, question(ask))[-1]["content"]


# -- the growing design ------------------------------------------------------------------------------------------------


def test_a_repost_leads_to_the_question_whom_to_follow():
    made = growing()
    id = post(made, 1, "Freedom comes first.")
    asks, events = take(made, turn(0, step=2), playing(act="repost 1", follow="yes"))
    assert [ask.purpose for ask in asks] == ["act", "follow"]
    assert [(e.kind, e.content) for e in events] == [
        ("repost", {"n": 0, "of": list(id)}),
        ("follow", {"whom": 1, "after": list(id)}),
    ]
    assert made.setting.ties.has(0, 1)
    assert not made.setting.ties.has(1, 0)
    assert made.items.column("reposts").tolist()[made.items.row(id)] == 1


def test_who_is_followed_already_is_not_asked_about():
    made = growing(ties=[(0, 1)])
    post(made, 1, "Freedom comes first.")
    asks, _ = take(made, turn(0, step=2), playing(act="repost 1"))
    assert [ask.purpose for ask in asks] == ["act"]


def test_a_headline_is_shared_with_a_comment_by_two_asks():
    made = growing()
    asks, events = take(made, turn(0), playing(act="share 3", comment="So it goes."))
    assert [ask.purpose for ask in asks] == ["act", "comment"]
    (event,) = events
    assert event.kind == "post"
    assert event.content["text"] == "So it goes."
    assert made.news.all[event.content["headline"]].headline == asks[1].facts["headline"]["headline"]
    assert "synthetic" not in event.content, "no rule wrote it"


def test_texts_of_the_grammar_are_marked():
    made = growing(rule={"kind": "blind", "post": 1.0, "repost": 0.0})
    _, (event,) = take(made, turn(0), Mechanistic().now)
    assert event.content["synthetic"] is True


def test_own_posts_and_what_was_reposted_are_not_on_the_timeline():
    made = growing(ties=[(0, 1), (0, 2)])
    first, _own = post(made, 1, "one"), post(made, 0, "mine")
    take(made, turn(0, step=2), playing(act="repost 1"))
    second = post(made, 2, "two", step=2)
    view = made.observe(turn(0, step=3))
    assert [p.original for p in view.posts] == [second]
    assert first in [p.original for p in made.observe(turn(3, step=3)).posts]


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        (("repost", {"of": (0, 1, 0)}), "own"),
        (("like", {"of": (0, 1, 0)}), "own"),
        (("repost", {"of": (5, 9, 9)}), "unknown"),
        (("reply", {"to": (5, 9, 9), "text": "hm"}), "unknown"),
        (("like", {"of": (2, 1, 0)}), "gone"),
        (("follow", {"whom": 0}), "own"),
        (("follow", {"whom": 1}), "repeat"),
        (("unfollow", {"whom": 2}), "repeat"),
        (("follow", {"whom": 99}), "gone"),
    ],
)
def test_what_cannot_be_done_is_a_failure_that_changes_nothing(deed, why):
    from simsoc.core.words import Action

    made = growing(ties=[(0, 1)])
    post(made, 0, "mine"), post(made, 1, "one"), post(made, 2, "two")
    made.items.unlist((2, 1, 0))
    before = (len(made.items), made.contacts.tables["follow"], sorted(made.setting.ties.graph.edges()))
    (event,) = made.apply(Action(turn(0, step=2), "act", {"deeds": (deed,)}))
    assert (event.kind, event.content["of"], event.content["why"]) == ("invalid", deed[0], why)
    assert before == (len(made.items), made.contacts.tables["follow"], sorted(made.setting.ties.graph.edges()))
    assert made.MEASURES["failed"].of(made) == 1


def test_a_repeat_repost_is_a_failure():
    from simsoc.core.words import Action

    made = growing()
    id = post(made, 1, "one")
    twice = (("repost", {"of": id}), ("repost", {"of": id}))
    events = made.apply(Action(turn(0, step=2), "act", {"deeds": twice}))
    assert [e.kind for e in events] == ["repost", "invalid"]
    assert made.items.column("reposts")[made.items.row(id)] == 1


def test_slots_that_are_not_there_are_failures():
    made = fixed(ties=[(0, 1)], design={"kind": "fixed", "share": 0.0})
    post(made, 1, "one")
    _, events = take(made, turn(0, step=2), playing(react={"like": [1, 7], "reply": [9]}))
    assert [(e.kind, e.content.get("why")) for e in events] == [
        ("like", None),
        ("invalid", "unknown"),
        ("invalid", "unknown"),
    ]


@pytest.mark.parametrize("purpose", ["act", "follow", "comment"])
def test_silence_changes_nothing_and_is_told(purpose):
    made = growing()
    post(made, 1, "one")
    mind = {"act": "share 1" if purpose == "comment" else "repost 1", "follow": "yes", "comment": "hm"}
    _, events = take(made, turn(0, step=2), playing(**{**mind, purpose: silence()}))
    assert events[-1].kind == "silent"
    assert events[-1].content == {"of": purpose, "reason": "refused"}
    assert not made.setting.ties.has(0, 1)
    assert len(made.items) == (2 if purpose == "follow" else 1)


def test_the_published_fault_shows_the_oldest_posts_as_recent():
    texts = {}
    for which in ("newest", "oldest"):
        made = growing(design={"kind": "growing", "profile_shows": which, "profile": 2})
        for step in range(1, 6):
            post(made, 1, f"post {step}", step=step)
        asks, _ = take(made, turn(0, step=7), playing(act="repost 1", follow="no"))
        texts[which] = asks[1].facts["account"]["posts"]
    assert texts == {"newest": ["post 5", "post 4"], "oldest": ["post 1", "post 2"]}


def test_picks_are_uniform_and_one_more_user_moves_few():
    small, large = growing(n=20), growing(n=21)
    steps = range(1, 4001)
    picks = [(small.due(step)[0], large.due(step)[0]) for step in steps]
    counts = Counter(pick for pick, _ in picks)
    expected = len(steps) / 20
    assert sum((counts[a] - expected) ** 2 / expected for a in range(20)) < 43.8, "chi-square with 19 df, p = .001"
    moved = [pair for pair in picks if pair[0] != pair[1]]
    assert {b for _, b in moved} == {20}
    assert len(moved) / len(steps) == pytest.approx(1 / 21, abs=0.012)


def test_several_of_a_step_are_different_and_see_its_start():
    made = growing(n=20, design={"kind": "growing", "pick": 6})
    assert made.TOGETHER
    for step in range(1, 50):
        assert len(set(made.due(step))) == 6
    made.fold(Event(1, 0, -1, "suspend", {"who": 3}))
    assert all(3 not in made.due(step) for step in range(50, 200))


# -- the fixed design --------------------------------------------------------------------------------------------------


def test_likes_and_replies_go_to_the_posts_of_the_feed():
    made = fixed(ties=[(0, 1), (0, 3)], design={"kind": "fixed", "share": 0.0, "replies": 2})
    one, two = post(made, 1, "one"), post(made, 3, "two", step=2)
    seen = [p.original for p in made.observe(turn(0, step=3)).posts]
    asks, events = take(
        made, turn(0, step=3), playing(react={"like": [1], "reply": [1, 2]}, reply=["first words", "second words"])
    )
    assert [ask.purpose for ask in asks] == ["react", "reply", "reply"]
    assert [ask.draw for ask in asks] == [0, 0, 1]
    assert {one, two} == set(seen)
    assert [(e.kind, e.content.get("of") or e.content.get("to")) for e in events] == [
        ("like", list(seen[0])),
        ("reply", list(seen[0])),
        ("reply", list(seen[1])),
    ]
    assert [e.content["n"] for e in events[1:]] == [0, 1], "an author's items of a step are numbered"
    assert [p.original for p in made.observe(turn(3, step=4)).posts] == [], "replies are in no feed; nobody is followed"


def test_people_may_be_asked_whether_they_share():
    made = fixed(ties=[(0, 1)], design={"kind": "fixed", "share": None})
    asks, _ = take(made, turn(0), playing(mode="browse", headline="1", comment="hm"))
    assert [ask.purpose for ask in asks] == ["headline", "comment"], "with nothing to read there is no choice"
    post(made, 1, "one")
    asks, _ = take(made, turn(0, step=2), playing(mode="browse", react={"like": [], "reply": []}))
    assert [ask.purpose for ask in asks] == ["mode", "react"]


def test_what_one_has_reacted_to_is_told():
    made = fixed(ties=[(0, 1)], design={"kind": "fixed", "share": 0.0})
    post(made, 1, "one")
    take(made, turn(0, step=2), playing(react={"like": [1], "reply": []}))
    (ask,), _ = think(made, turn(0, step=3), playing(react={"like": [], "reply": []}))
    assert ask.facts["done"] == [[True, False]]
    assert '"you have": "liked it"' in prompt(ask)


# -- cues --------------------------------------------------------------------------------------------------------------

MARKS = {"counts": 'followers"', "names": '"@', "bios": '"bio": ', "party": '"party": "republican"'}


@pytest.mark.parametrize("cue", MARKS)
def test_a_cue_that_is_off_is_gone_from_facts_and_prompts(cue):
    seen = {}
    for on in (True, False):
        show = {"counts": False, "names": False, "bios": False, "party": False, cue: on}
        made = growing(n=4, show=show)
        post(made, 1, "Hello.")
        asks, _ = take(made, turn(0, step=2), playing(act="repost 1", follow="yes"))
        told = [{k: v for k, v in ask.facts.full().items() if k not in ("own", "persona")} for ask in asks]
        seen[on] = (json.dumps(told), "\n".join(prompt(ask) for ask in asks))
    assert MARKS[cue] in seen[True][1]
    assert all(MARKS[cue] not in text for text in seen[False])
    with pytest.raises(KeyError, match="no fact"):
        growing_facts(**{cue: False})[{"counts": "reposts", "party": "parties"}.get(cue, cue)]


def growing_facts(**show):
    made = growing(n=4, show=show)
    post(made, 1, "Hello.")
    (ask, *_), _ = think(made, turn(0, step=2), playing(act="nothing"))
    return ask.facts


def test_a_rule_that_matches_labels_reads_party_from_a_cue_alone():
    """With the label it tells sides apart; without it goes by the bio, then by the words, and else it cannot tell."""
    rule = {"kind": "partisan", "follow": 1.0, "other": 0.0, "unknown": 0.0, "repost": 1.0, "post": 0.0}

    def follows(text, bio, **show):
        graph = nx.DiGraph()
        graph.add_nodes_from(range(2))
        folk = [{"party": "democrat", "partisan": -0.8}, {"party": "democrat", "partisan": -0.8, "bio": bio}]
        made = world("twitter", {"design": "growing", "rule": rule, "show": show}, graph, folk)
        post(made, 1, text)
        _, events = take(made, turn(0, step=2))
        return "follow" in [event.kind for event in events]

    assert follows("Hm.", "Coffee first.", party=True)
    assert not follows("Hm.", "Coffee first.", party=False)
    assert follows("Hm.", "Proud democrat.", party=False)
    assert not follows("Hm.", "Proud democrat.", party=False, bios=False)
    assert follows("Unions built this country.", "Coffee first.", party=False, bios=False)
    assert not follows("Faith is not a slogan.", "Coffee first.", party=False, bios=False)


def test_counts_that_are_hidden_move_no_rule():
    rule = {"kind": "partisan", "popular": 3.0, "repost": 1.0, "post": 0.0, "taste": 1.0}
    chosen = {}
    for counts in (True, False):
        made = growing(n=6, rule=rule, show={"counts": counts})
        low, high = post(made, 1, "one"), post(made, 2, "two")
        for agent in (3, 4, 5):
            made.fold(Event(2, 0, agent, "repost", {"n": 0, "of": list(high)}))
        picks = []
        for step in range(3, 203):
            _, action = think(made, turn(0, step=step))
            picks.append(action.content["deeds"][0][1]["of"] == high)
        chosen[counts] = sum(picks) / len(picks)
        assert low != high
    assert chosen[True] > 0.95
    assert chosen[False] < 0.65


# -- texts are data ----------------------------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_no_text_can_leave_its_place(text):
    made = growing(n=4, show={"names": True})
    post(made, 1, text)
    made.fold(Event(1, 0, -1, "note", {"of": [1, 1, 0], "text": text}))
    asks, _ = take(made, turn(0, step=2), playing(act="repost 1", follow="yes"))
    for ask in asks:
        lines = prompt(ask).splitlines()
        assert sum(line in ("</posts>", "</post>") for line in lines) == 1
        assert sum(line == "</headlines>" for line in lines) <= 1
        assert all(line.startswith(("{", "<", '"')) or "@" not in line for line in lines)


def test_no_id_is_ever_told():
    made = growing(n=40)
    post(made, 37, "one", step=4711)
    asks, _ = take(made, turn(0, step=4712), playing(act="repost 1", follow="yes"))
    for ask in asks:
        assert "4711" not in prompt(ask)
        assert "37" not in prompt(ask)


def test_the_slots_of_a_twin_do_not_depend_on_what_others_posted_elsewhere():
    """Items are named by slot: a post that is not shown changes no prompt."""
    prompts = []
    for extra in (False, True):
        made = fixed(ties=[(0, 1)], design={"kind": "fixed", "share": 0.0})
        if extra:
            post(made, 4, "not seen")
        post(made, 1, "one")
        (ask,), _ = think(made, turn(0, step=2), playing(react={"like": [], "reply": []}))
        prompts.append(prompt(ask))
    assert prompts[0] == prompts[1]


# -- the grammar and how it is read ------------------------------------------------------------------------------------


@given(st.floats(-1, 1), st.booleans(), st.integers(0, 10**6))
def test_what_the_grammar_writes_can_be_read(side, hostile, number):
    lots = Stream(1, "text", number)
    for text in (writing.comment("A quiet day", side, hostile, lots), writing.reply(True, side, hostile, lots)):
        wanted = math.copysign(round(abs(side) * 3) / 3, side)
        assert reading.leaning(text) == pytest.approx(wanted)


def test_hostile_texts_are_seen_by_the_scorer():
    from simsoc.shelves import SHELVES

    scorer = SHELVES["scorers"].get("lexicon")()
    lots = [Stream(2, "text", number) for number in range(200)]
    civil = scorer([writing.reply(True, 0.5, False, stream) for stream in lots])
    hostile = scorer([writing.reply(True, 0.5, True, stream) for stream in lots])
    assert max(civil) < min(hostile)


def test_a_bio_is_short_and_names_a_party_as_often_as_one_is_partisan():
    bios = [writing.bio({}, "democrat", -0.9, Stream(1, "bio", agent)) for agent in range(300)]
    assert all(len(bio) <= 140 for bio in bios)
    named = sum(reading.party_named(bio, ("democrat", "republican")) == "democrat" for bio in bios) / len(bios)
    assert named == pytest.approx(0.95, abs=0.04)
    assert reading.party_named("Ask democrats and republicans.", ("democrat", "republican")) is None


# -- headlines ---------------------------------------------------------------------------------------------------------

ROWS = [
    {"headline": "One", "category": "POLITICS", "short_description": "First.", "date": "2020-07-01", "outlet": "A"},
    {"headline": "Two", "category": "SPORTS", "short_description": "Second.", "date": "2020-07-03", "outlet": "B"},
    {"headline": "Three", "date": None},
]


@pytest.mark.parametrize("ending", ["json", "jsonl", "csv"])
def test_headlines_come_from_files(ending, tmp_path):
    from simsoc.worlds.twitter.news import pool
    from simsoc.worlds.twitter.spec import News

    file = tmp_path / f"news.{ending}"
    if ending == "csv":
        lines = ["headline,category,short_description,date,outlet"]
        lines += [",".join(str(row.get(k) or "") for k in lines[0].split(",")) for row in ROWS]
        file.write_text("\n".join(lines))
    else:
        text = [json.dumps(row) for row in ROWS]
        file.write_text("\n".join(text) if ending == "jsonl" else f"[{','.join(text)}]")
    made = pool(News(file=file.name), tmp_path)
    assert [(h.headline, h.outlet, h.description) for h in made.all] == [
        ("One", "A", "First."),
        ("Two", "B", "Second."),
        ("Three", "", ""),
    ]
    by_date = pool(News(file=file.name, by_date=True, count=3, kept=2), tmp_path)
    seen = {step: {h.headline for h in by_date.drawn(Stream(1, step), step, None)} for step in (1, 2, 3, 9)}
    assert seen == {1: {"One", "Three"}, 2: {"One", "Three"}, 3: {"Two", "Three"}, 9: {"Three"}}
    assert {h.headline for h in made.drawn(Stream(1), 1, ["B"])} == {"Two", "Three"}
    assert [h.headline for h in made.drawn(Stream(1), 1, [])] == ["Three"]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("[]", "news.json", "no headlines"),
        ('[{"title": "x"}]', "news.json", "headline 1: no text under 'headline'"),
        ("title\nx", "news.csv", "no column 'headline'"),
        ('{"headline": "x"}\n{"headline"', "news.jsonl", "line 2 is no JSON"),
        ('[{"headline": "x", "date": "1st of July"}]', "news.json", "is not like 2020-07-01"),
        ("headline\n" + "x" * 200_000, "news.csv", "news.csv, after line 1: field larger"),
        (r'[{"headline": "\ud800"}]', "news.json", "headline 1: half of a character pair"),
    ],
)
def test_a_file_of_headlines_that_cannot_be_used_says_why(text, name, said, tmp_path):
    (tmp_path / name).write_text(text)
    (tmp_path / "x.yaml").write_text(
        f"name: x\nsteps: 1\nworld: {{kind: twitter, design: growing, news: {{file: {name}}}}}\npopulation: {{n: 3}}\n"
    )
    with pytest.raises(ScenarioError, match=said):
        simsoc.run(tmp_path / "x.yaml", log=tmp_path / "run.db")


def test_people_see_the_outlets_they_use(tmp_path):
    folk = [{"party": "none", "reads": ["Union Dispatch"]}, {"party": "none"}]
    graph = nx.DiGraph()
    graph.add_nodes_from(range(2))
    made = world("twitter", {"design": "growing", "rule": "blind", "news": {"outlets": "reads"}}, graph, folk)
    assert {h.outlet for h in made.headlines(turn(0))} == {"Union Dispatch"}
    assert len({h.outlet for h in made.headlines(turn(1))}) > 1, "nothing is known of what it reads"
    with pytest.raises(ScenarioError, match="nobody has 'read'"):
        world("twitter", {"design": "growing", "news": {"outlets": "read"}}, graph, folk)


# -- from outside ------------------------------------------------------------------------------------------------------

BASE = {
    "name": "x",
    "seed": 4,
    "steps": 12,
    "world": {
        "kind": "twitter",
        "rule": {"kind": "partisan", "reply": 0.4, "reply_mild": 1.0, "reply_opposed": 0.5},
        "design": {"kind": "fixed", "share": 0.4},
        "show": {"party": True},
    },
    "population": {"source": "inline", "people": people(24)},
    "network": {"kind": "partisan", "degree": 5, "homophily": 0.8},
    "activation": {"kind": "rate", "activity": 0.5},
}


def logged(tmp_path, *interventions, name="run", **changed):
    log = tmp_path / f"{name}.db"
    society = Society({**BASE, "interventions": list(interventions), **changed}, log=log)
    society.run_model()
    assert simsoc.verify(log) == []
    return society, simsoc.open_run(log)


def test_a_rumour_is_put_in_noted_and_followed(tmp_path):
    rumour = {
        "at": 2,
        "who": {"ids": [3, 5]},
        "do": {"kind": "inject", "item": {"post": "Bridge falls.", "mark": "bridge"}},
    }
    note = {"at": 4, "do": {"kind": "inject", "item": {"note": "It stands.", "on": "bridge"}}}
    society, run = logged(tmp_path, rumour, note)
    made = society.worlds[0]
    assert made.marked == {"bridge": [(3, 2, 0), (5, 2, 0)]}
    assert set(made.notes.values()) == {"It stands."}
    shapes = cascades(run)
    assert list(shapes["mark"].dropna()) == ["bridge", "bridge"]
    with run:
        assert (run.exposures["author"] >= 0).all()


def test_news_and_posts_of_nobody_are_put_in(tmp_path):
    news = {"at": 2, "do": {"kind": "inject", "item": {"news": {"headline": "Flood in the valley"}}}}
    desk = {"at": 2, "do": {"kind": "inject", "item": {"post": "We are hiring."}}}
    society, run = logged(tmp_path, news, desk, world={**BASE["world"], "feed": "everyone"})
    assert society.worlds[0].news.all[-1].headline == "Flood in the valley"
    with run:
        assert -1 in set(run.exposures["author"])
    wrong = {"at": 2, "do": {"kind": "inject", "item": {"pots": "x"}}}
    with pytest.raises(ScenarioError, match="should be one of"):
        logged(tmp_path, wrong, name="wrong")


def test_who_is_suspended_does_nothing_and_is_not_shown(tmp_path):
    ban = {"at": 4, "until": 8, "who": {"ids": [0, 1, 2, 3]}, "do": "suspend"}
    society, run = logged(tmp_path, ban)
    with run:
        acted = run.events[run.events["agent"].between(0, 3)]
        assert not acted["step"].between(4, 8).any()
        assert (acted["step"] > 8).any()
        assert (acted["step"] < 4).any()
        seen = run.exposures[run.exposures["author"].between(0, 3)]
        assert not seen["step"].between(4, 8).any()
        assert (seen["step"] > 8).any()
    assert society.worlds[0].suspended == set()


@pytest.mark.parametrize(
    ("hides", "until"), [((True, True), 9), ((True, False), 9), ((False, True), 5), ((True, True), 6)]
)
def test_who_is_suspended_twice_is_so_until_both_are_over(hides, until, tmp_path):
    """The one that ends first lets nobody act whom the other still holds, and nothing stays hidden for ever."""
    bans = [
        {"at": 3, "until": until, "who": {"ids": [1, 2]}, "do": {"kind": "suspend", "hide": hides[0]}},
        {"at": 4, "until": 7, "who": {"ids": [1]}, "do": {"kind": "suspend", "hide": hides[1]}},
    ]
    society, run = logged(tmp_path, *bans, activation="together", steps=12)
    acted = [{event.step for event in run.stored_events() if event.agent == agent} for agent in (1, 2)]
    assert min(step for step in acted[0] if step >= 3) == max(until, 7) + 1
    assert min(step for step in acted[1] if step >= 3) == until + 1
    assert not society.worlds[0].suspended
    items = society.worlds[0].items
    posts = [row for row in items.by_author[1] if items.texts[row] and items.column("parent")[row] < 0]
    assert posts
    assert not items.hidden.intersection(posts)


@pytest.mark.parametrize("hide", [True, False])
def test_a_post_put_in_in_the_name_of_a_hidden_account_is_hidden_as_long(hide, tmp_path):
    ban = {"at": 3, "until": 6, "who": {"ids": [1]}, "do": {"kind": "suspend", "hide": hide}}
    post = {"at": 4, "who": {"ids": [1]}, "do": {"kind": "inject", "item": {"post": "Put in."}}}
    _, run = logged(tmp_path, ban, post, steps=12)
    with run:
        seen = run.exposures[(run.exposures["author"] == 1) & (run.exposures["made_step"] == 4)]
        assert (seen["step"].min() > 6) == hide
        assert seen["step"].max() > 6


def test_a_ban_of_nobody_moves_nobody(tmp_path):
    plain, _ = logged(tmp_path)
    none, _ = logged(tmp_path, {"at": 3, "who": {"ids": []}, "do": "suspend"}, name="none")
    assert plain.digest == none.digest


@pytest.mark.parametrize(
    "keys",
    [
        {"world.feed": "everyone"},
        {"world.show.party": False},
        {"world.friction": "accuracy"},
        {"world.rule.like": 0.9},
        {"world.unfollow": True},
    ],
)
def test_keys_change_in_the_course_of_a_run(keys, tmp_path):
    plain, one = logged(tmp_path)
    changed, other = logged(tmp_path, {"at": 6, "do": {"kind": "set", "keys": keys}}, name="changed")
    with one, other:
        before = [list(e.content.items()) for e in one.stored_events() if e.step < 6]
        assert before == [list(e.content.items()) for e in other.stored_events() if e.step < 6]
    assert (plain.digest != changed.digest) or keys == {"world.unfollow": True}


def test_design_and_parties_do_not_change():
    with pytest.raises(ScenarioError, match="design"):
        Society({**BASE, "interventions": [{"at": 2, "do": {"kind": "set", "keys": {"world.design.share": 1.0}}}]})


def test_friction_is_an_extra_question():
    made = growing(friction="accuracy")
    asks, events = take(made, turn(0), playing(act="share 1", confirm="no"))
    assert [ask.purpose for ask in asks] == ["act", "confirm"]
    assert [event.kind for event in events] == ["refrain"]
    assert "accurate" in prompt(asks[1])
    asks, events = take(made, turn(1), playing(act="share 1", confirm="yes", comment="hm"))
    assert [event.kind for event in events] == ["post"]


@pytest.mark.parametrize("names", [True, False])
def test_nobody_remembers_names_that_are_not_shown(names, tmp_path):
    world = {"kind": "twitter", "design": "growing", "suggest": "popular", "show": {"names": names}}
    _, run = logged(tmp_path, world=world, minds="generative", steps=60)
    told = [text for text in run.memories["text"] if "follow" in text]
    assert told
    assert all(("@" in text) == names for text in told)


def test_people_come_and_go(tmp_path):
    join = {"at": 3, "do": {"kind": "join", "n": 2, "m": 3, "traits": {"party": "democrat", "partisan": -1.0}}}
    leave = {"at": 6, "who": {"ids": [0]}, "do": "leave"}
    society, run = logged(tmp_path, join, leave)
    made = society.worlds[0]
    assert made.n == 26
    assert made.contacts.followers == [
        society.graph.in_degree(agent) if agent in society.graph else 0 for agent in range(26)
    ]
    with run:
        assert not ((run.events["agent"] == 0) & (run.events["step"] >= 6)).any()


def test_other_traits_are_counted_anew(tmp_path):
    turned = {"at": 5, "who": {"ids": [1, 3]}, "do": {"kind": "traits", "to": {"party": "democrat", "partisan": -0.5}}}
    society, run = logged(tmp_path, turned)
    run.close()
    made = society.worlds[0]
    groups = [{0: "d", 1: "r", -1: "n"}[code] for code in made.party]
    from simsoc.measures.ties import ei_index

    assert society.measured["ei_follows"] == pytest.approx(ei_index(society.graph.edges(), groups))


def test_accounts_are_suggested_and_followed(tmp_path):
    world = {**BASE["world"], "suggest": {"kind": "out_party", "size": 3}, "rule": {"kind": "blind", "follow": 0.9}}
    society, run = logged(tmp_path, world=world)
    with run:
        asks = run.asks[run.asks["purpose"] == "suggest"]
        assert len(asks) > 10
        followed = run.events_of("follow")
        assert len(followed) == (asks["value"] != "none").sum()
        party = dict(enumerate(society.worlds[0].party))
        partisans = [(a, b) for a, b in zip(followed["agent"], followed["whom"], strict=True) if party[a] >= 0]
        assert sum(party[a] != party[b] for a, b in partisans) > 0.8 * len(partisans)
        told = run.suggestions
        offered = {}
        for row in told.itertuples():
            offered.setdefault((row.step, row.viewer, row.turn), []).append((row.slot, row.account, row.score))
        assert len(offered) == len(asks)
        assert set(told["ranker"]) == {"out_party"}
        for ask in asks[asks["value"] != "none"].itertuples():
            slots = offered[ask.step, ask.agent, ask.turn]
            assert [slot for slot, *_ in slots] == list(range(len(slots)))
            _, account, score = slots[int(ask.value) - 1]
            assert score >= 1, "followers + 1"
            assert ((followed["agent"] == ask.agent) & (followed["whom"] == account)).any()
        assert set(run.exposures["ranker"]) == {"following"}, "accounts are no items"
        shows = simsoc.reranked(run, "following")
        same = ["step", "viewer", "turn", "slot", "author", "made_step", "n"]
        assert shows[same].equals(run.exposures[same])
    made = growing(n=5, suggest="popular")
    made.fold(Event(1, 0, -1, "suspend", {"who": 3}))
    _, action = think(made, turn(0), playing(act="nothing", suggest="none"))
    assert action.suggested.agents == [1, 2, 4], "who is suspended is suggested to nobody"
    made = growing(n=12, suggest="popular", show={"counts": False})
    (ask, *_), _ = think(made, turn(0), playing(act="nothing", suggest="none"))
    assert ask.purpose == "act"


@pytest.mark.parametrize(
    ("feed", "most"),
    [
        ({"kind": "stack", "of": [{"kind": "following", "size": 3}, {"kind": "random", "size": 2}]}, 5),
        ({"kind": "diverse", "of": "everyone", "size": 4}, 4),
        ({"kind": "affinity", "size": 6}, 6),
    ],
)
def test_any_feed_of_the_shelf_can_be_read(feed, most, tmp_path):
    from simsoc.worlds.twitter.outside import slots

    society, run = logged(tmp_path, world={**BASE["world"], "feed": feed}, steps=6)
    assert slots(society.worlds[0].spec.feed) == most
    with run:
        assert 0 < run.exposures.groupby(["step", "viewer", "turn"]).size().max() <= most
        assert "invalid" not in set(run.events["kind"])


def test_whoever_asks_is_told_what_one_wrote_liked_and_remembers(tmp_path):
    society, run = logged(tmp_path, minds={"kind": "generative", "reflection": {"threshold": 10}})
    made = society.worlds[0]
    told = [made.standing(agent, "What do you think of the border?") for agent in range(24)]
    assert {name for one in told for name in one} == {"latest_posts", "posts_liked_last", "memories"}
    writer = next(agent for agent, one in enumerate(told) if "latest_posts" in one)
    with run:
        written = run.events[(run.events["agent"] == writer) & run.events["kind"].isin(["post", "reply"])]
        assert told[writer]["latest_posts"] == [content["text"] for content in written["content"]][-5:]
        kept = run.memories
        assert set(kept["kind"]) == {"event", "thought"}, "and they reflect"
        assert kept["event"].notna().all()
    assert made.standing(99, "") == {}


# -- measures ----------------------------------------------------------------------------------------------------------


def test_measures_are_those_of_the_log(tmp_path):
    society, run = logged(tmp_path, steps=20)
    from simsoc.measures.ties import ei_index

    groups = dict(enumerate({0: "d", 1: "r", -1: "n"}[code] for code in society.worlds[0].party))
    with run:
        events = list(run.stored_events())
        likes = [(e.agent, e.content["of"][0]) for e in events if e.kind == "like"]
        replies = [(e.agent, e.content["to"][0]) for e in events if e.kind == "reply"]
        assert len(likes) > 20
        assert society.measured["ei_likes"] == pytest.approx(ei_index(likes, groups))
        assert society.measured["ei_replies"] == pytest.approx(ei_index(replies, groups))
        partisans = {agent: None if group == "n" else group for agent, group in groups.items()}
        left_out, other = logged(tmp_path, steps=20, world={**BASE["world"], "nonpartisans": "left_out"}, name="out")
        assert left_out.measured["ei_likes"] == pytest.approx(ei_index(likes, partisans))
        other.close()
        scorer = society.worlds[0].scorer
        texts = [e.content["text"] for e in events if e.kind in ("post", "reply")]
        scores = [score for score in scorer(texts) if score is not None]
        assert society.measured["toxicity"] == pytest.approx(sum(scores) / len(scores))
        slots = run.exposures.groupby(["step", "viewer", "turn"])["slot"].apply(list)
        assert all(found == list(range(len(found))) for found in slots)


def test_contacts_count_as_much_as_whoever_makes_them():
    light, heavy = people(6), people(6)
    heavy[0]["weight"] = 3.0
    found = []
    for folk in (light, heavy):
        graph = nx.DiGraph()
        graph.add_nodes_from(range(6))
        graph.add_edges_from([(1, 3), (2, 1), (1, 2)])
        folk[0] = {**folk[0], "party": "democrat"}
        made = world("twitter", {"rule": "blind"}, graph, folk, weighted=folk is heavy)
        id = post(made, 2, "one")
        made.fold(Event(2, 0, 0, "like", {"of": list(id)}))
        made.fold(Event(2, 0, 1, "like", {"of": list(id)}))
        found.append((made.MEASURES["ei_likes"].of(made), made.MEASURES["gini_followers"].of(made)))
    assert found[0][0] == pytest.approx(0.0), "one inside, one across"
    assert found[1][0] == pytest.approx(-0.5), "three inside, one across"
    assert found[1][1] > found[0][1], "one who has no followers counts three times"


def test_feelings_are_taken_by_wave(tmp_path):
    thermometers = [{"name": f"ft_{party}", "ask": f"{party}?", "scale": [0, 100]} for party in ("dem", "rep")]
    folk = [
        {
            **person,
            "ft_dem": 90 if person["party"] == "democrat" else 20,
            "ft_rep": 70 if person["party"] == "republican" else 10,
        }
        for person in people(24)
    ]
    survey = {
        "name": "warmth",
        "at": [0, "end"],
        "questions": thermometers,
        "rule": {"kind": "trait", "trait": {"ft_dem": "ft_dem", "ft_rep": "ft_rep"}},
    }
    _, run = logged(tmp_path, surveys=[survey], population={"source": "inline", "people": folk}, steps=3)
    with run:
        found = feelings(run, "warmth", {"democrat": "ft_dem", "republican": "ft_rep"})
        democrats = sum(person["party"] == "democrat" for person in folk)
        republicans = sum(person["party"] == "republican" for person in folk)
        wanted = (80 * democrats + 50 * republicans) / (democrats + republicans)
        assert found.to_dict() == {0: pytest.approx(wanted), 3: pytest.approx(wanted)}


def test_feeds_differ_in_what_they_expose_to(tmp_path):
    _, following = logged(tmp_path, network={**BASE["network"], "homophily": 0.97}, name="f")
    _, everyone = logged(tmp_path, world={**BASE["world"], "feed": "everyone"}, name="e")
    with following, everyone:
        assert exposures(following).across < 0.25 < exposures(everyone).across
        assert modularity(following, nulls=4).p <= 0.2


def test_what_an_account_shows_of_itself_was_in_no_feed(tmp_path):
    _, run = logged(tmp_path, world={"kind": "twitter", "design": "growing"}, steps=80)
    seen = run.exposures
    feeds = seen[seen["ranker"] != "profile"]
    assert 0 < len(feeds) < len(seen)
    party = dict(zip(run.agents["agent"], run.agents["party"], strict=True))
    of = {agent: side for agent, side in party.items() if side != "none"}
    across = [
        (rows["author"].map(of).dropna() != of[viewer]).mean()
        for viewer, rows in feeds[feeds["author"].isin(of)].groupby("viewer")
        if viewer in of
    ]
    assert exposures(run).across == pytest.approx(sum(across) / len(across))


def test_a_feed_of_all_time_locks_in_and_one_that_forgets_does_not(tmp_path):
    seen = {}
    for name, keys in {"all_time": {}, "young": {"max_age": 5}, "newest": {"newest": 60}}.items():
        feed = {"kind": "everyone", "size": 5, **keys}
        _, run = logged(tmp_path, world={**BASE["world"], "feed": feed}, steps=30, name=name)
        with run:
            seen[name] = len(run.exposures[["author", "made_step", "n"]].drop_duplicates())
    assert 2 * seen["all_time"] < min(seen["young"], seen["newest"]), seen
