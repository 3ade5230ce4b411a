"""What agents are told about themselves: the sentences of a survey, and what is left out, exchanged or renamed."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc import Society
from simsoc.core.errors import ScenarioError
from simsoc.population.anes.synthetic import VOTED, anes_synthetic
from simsoc.population.nonce import MADE_UP, Worded
from simsoc.population.parties import sided
from simsoc.population.personas import Personas
from simsoc.population.phrases import phrased, survey_words
from simsoc.scenario.prompting import Persona

PHRASES = phrased(VOTED, survey_words())
MADE = anes_synthetic(5, n=60)
PEOPLE = MADE.people
PARTY_WORDS = re.compile(r"democrat|republican|\bgop\b", re.IGNORECASE)
NAMES = re.compile(r"biden|trump|clinton|obama|romney|harris", re.IGNORECASE)


def told(person, **spec):
    """A person in words, as a persona has it."""
    return Personas(1, 1, PHRASES).tell([person], 0, Persona(**spec))


def test_the_published_example():
    person = {
        "age": 45, "religion": "evangelical_protestant", "gender": "male", "income_class": "middle",
        "orientation": "heterosexual", "vote": "trump", "ft_dem_party": 15, "ft_rep_party": 85,
    }  # fmt: skip
    person |= sided(person, "warmth")
    assert told(person) == (
        "You are male. You are middle income. Age: 45. You are Evangelical Protestant. You are heterosexual. "
        "You voted for Donald Trump in 2020. You are a strong Republican."
    )
    assert told(person, style="first_person") == (
        "I am male. I am middle income. Age: 45. I am Evangelical Protestant. I am heterosexual. "
        "I voted for Donald Trump in 2020. I am a strong Republican."
    )


@pytest.mark.parametrize(
    ("democrats", "republicans", "sentence"),
    [
        (50, 50, "You prefer neither party."),
        (69, 50, "You prefer the Democrats."),
        (50, 69, "You prefer the Republicans."),
        (70, 50, "You are a Democrat."),
        (50, 99, "You are a Republican."),
        (100, 50, "You are a strong Democrat."),
        (0, 50, "You are a strong Republican."),
    ],
)
def test_thresholds_of_partisanship(democrats, republicans, sentence):
    """|x| below .2 prefers, below .5 is, from .5 on strongly (arXiv 2310.05984)."""
    person = sided({"ft_dem_party": democrats, "ft_rep_party": republicans}, "warmth")
    assert told(person) == sentence


def test_love_and_hate():
    person = {"ft_muslims": 90, "ft_police": 89, "ft_nra": 10, "ft_fauci": 11, "ft_jews": 100, "ft_nato": 0}
    assert told(person) == "You love Muslims and Jews. You hate the NRA and NATO."


def test_of_two_traits_that_say_the_same_one_is_told():
    assert told({"income": "20k_40k", "income_class": "low", "age": 30, "age_group": "25-34"}) == (
        "You are low income. Age: 30."
    )
    assert told({"party7": "weak_democrat"}) == "You are a not very strong Democrat."
    assert told({"state": "OH", "region": "midwest"}) == "You live in Ohio."


def test_what_is_not_of_the_survey_is_told_after_it():
    assert told({"hobbies": ["chess"], "gender": "female", "text": "Bakes bread."}) == (
        "You are female. Your hobbies are chess. Bakes bread."
    )


@pytest.mark.parametrize("style", ["survey", "first_person", "plain", "interview"])
def test_every_wording_says_the_same_things(style):
    """Take a trait away and every wording loses it: as many things are said in each."""
    for person in PEOPLE[:20]:
        base = told(person, style="survey").count(". ") + 1
        text = told(person, style=style)
        said = text.count("Interviewer:") if style == "interview" else len(re.findall(r"\.(?= |$)", text))
        assert said == base, text


FAMILIES = [
    ("party", "party party7 partisan ft_dem_party ft_rep_party", r"Democrat|Republican|neither party"),
    ("party7", "party party7 partisan ft_dem_party ft_rep_party", r"Democrat|Republican|neither party"),
    ("vote", "vote", r"[Vv]ote"),
    ("age", "age age_group", r"\b(age|Age)\b"),
    ("income", "income income_class", "income"),
    ("warmth", "ft_dem_party ft_rep_candidate ft_muslims ft_nra", r"\b(love|hate)\b"),
    ("gender", "gender", r"\b(male|female)\b"),
]


@pytest.mark.parametrize(("name", "traits", "words"), FAMILIES)
@pytest.mark.parametrize("style", ["survey", "first_person", "plain", "interview"])
def test_what_is_left_out_is_lost_to_words_and_facts(name, traits, words, style):
    spec = Persona(style=style, without=(name,))
    all_of_them = Personas(1, len(PEOPLE), PHRASES)
    seen = 0
    for agent in range(len(PEOPLE)):
        facts = all_of_them.told(PEOPLE, agent, spec)
        assert not set(traits.split()) & set(facts)
        assert not re.search(words, all_of_them.tell(PEOPLE, agent, spec))
        seen += bool(re.search(words, all_of_them.tell(PEOPLE, agent, Persona(style=style))))
    assert seen > len(PEOPLE) / 2  # else there was nothing to lose


def test_only_what_is_asked_for():
    assert told(PEOPLE[0], only=("gender", "abortion")).count(".") == 2
    assert set(Personas(1, 1, PHRASES).told(PEOPLE, 0, Persona(only=("age",)))) == {"age", "age_group"}
    assert "trust in the news media" not in told(PEOPLE[0])
    assert "trust in the news media" in told(PEOPLE[0], also=("trust_media",))


def test_politics_of_those_who_never_talk_about_it():
    spec = Persona(politics="talkers")
    of = Personas(1, len(PEOPLE), PHRASES)
    silent = [a for a, person in enumerate(PEOPLE) if person["talks_politics"] == "never"]
    assert 0 < len(silent) < len(PEOPLE)
    for agent, person in enumerate(PEOPLE):
        facts, text = of.told(PEOPLE, agent, spec), of.tell(PEOPLE, agent, spec)
        if agent in silent:
            assert not {"party", "partisan", "vote", "ideology", "ft_nra", "guns"} & set(facts)
            assert not PARTY_WORDS.search(text)
            assert "You never talk about politics." in text
            assert facts["gender"] == person["gender"]
        else:
            assert facts == person


def test_none_is_nothing():
    assert told(PEOPLE[0], style="none") == ""
    assert Personas(1, 1, PHRASES).told(PEOPLE, 0, Persona(style="none")) == {}


# -- made-up words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["survey", "first_person", "plain", "interview"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_made_up_words_leave_no_label(style, seed):
    of, spec = Personas(seed, len(PEOPLE), PHRASES), Persona(style=style, nonce=True)
    real = [PARTY_WORDS.search(of.tell(PEOPLE, a, Persona(style=style))) for a in range(len(PEOPLE))]
    assert sum(map(bool, real)) > len(PEOPLE) / 2
    for agent in range(len(PEOPLE)):
        values = " ".join(map(str, of.told(PEOPLE, agent, spec).values()))
        for text in (of.tell(PEOPLE, agent, spec), values):
            assert not PARTY_WORDS.search(text)
            assert not NAMES.search(text)


def test_made_up_words_keep_who_is_on_whose_side():
    of, spec = Personas(3, len(PEOPLE), PHRASES), Persona(nonce=True)
    pairs = {(person["party"], of.told(PEOPLE, a, spec)["party"]) for a, person in enumerate(PEOPLE)}
    made = dict(pairs)
    assert len(pairs) == len(made) == len(set(made.values())) == 3
    assert made["none"] == "none"
    assert {made["democrat"].title(), made["republican"].title()} <= set(MADE_UP)
    assert of.worded("A Republican bio; vote Trump!", spec) == (
        f"A {made['republican'].title()} bio; vote the {made['republican'].title()} candidate!"
    )
    assert of.worded("A Republican bio", Persona()) == "A Republican bio"
    drawn = {Personas(seed, 1, PHRASES).worded("Democrat", spec) for seed in range(40)}
    assert drawn == set(MADE_UP)


def test_words_of_ones_own():
    assert told({"party": "democrat", "partisan": -1.0}, nonce={"Democrat": "Blue"}) == "You are a strong Blue."
    assert Worded({"a": "b"}).text("a aa a_a A") == "b aa b_b b"


# -- shuffled ----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 2**40), st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_shuffling_is_a_permutation_and_a_newcomer_moves_one_other(seed, n):
    few, many = Personas(seed, n).cast, Personas(seed, n + 1).cast
    assert sorted(few) == list(range(n))
    assert sum(a != b for a, b in zip(few, many, strict=False)) <= 1


def test_every_place_is_as_likely():
    """Each of 5 personas comes to agent 2 equally often, within 4 standard errors."""
    counts = [0] * 5
    for seed in range(2_000):
        counts[Personas(seed, 5).cast[2]] += 1
    assert all(abs(count - 400) < 4 * (2_000 * 0.2 * 0.8) ** 0.5 for count in counts)


def test_shuffled_facts_and_words_are_of_the_same_other():
    people = [{**person, "name": f"N{agent}"} for agent, person in enumerate(PEOPLE)]
    of, spec = Personas(4, len(people), PHRASES), Persona(shuffled=True)
    moved = 0
    for agent in range(len(people)):
        other = people[of.cast[agent]]
        assert of.told(people, agent, spec) == {**other, "name": f"N{agent}"}
        assert of.tell(people, agent, spec) == told({**other, "name": f"N{agent}"})
        moved += of.cast[agent] != agent
    assert moved > len(people) / 2
    newcomer = {"gender": "female"}
    assert of.told([*people, newcomer], len(people), spec) == newcomer


# -- in a society ------------------------------------------------------------------------------------------------------

SURVEY = {
    "name": "party", "at": 0, "rule": {"kind": "trait", "trait": "party", "marginals": {"party": {"unknown": 1}}},
    "questions": [{"name": "party", "ask": "Which party?", "choice": ["democrat", "republican", "none", "unknown"]}],
}  # fmt: skip
BASE = {
    "name": "p", "steps": 1, "world": {"kind": "opinion", "rule": "voter"}, "surveys": [SURVEY],
    "population": {"source": "anes-synthetic", "n": 40},
}  # fmt: skip


def answers(tmp_path, persona):
    import simsoc

    scenario = {**BASE, "prompting": {"persona": persona}}
    with simsoc.run(scenario, log=tmp_path / "run.db", overwrite=True) as run:
        return list(run.survey("party")["answer"]), [person["party"] for person in run.agents.to_dict("records")]


def test_a_rule_knows_what_the_persona_tells(tmp_path):
    said, true = answers(tmp_path, "survey")
    assert said == true
    for hidden in ("none", {"without": "party"}, {"only": "age"}):
        assert set(answers(tmp_path, hidden)[0]) == {"unknown"}
    said, true = answers(tmp_path, {"shuffled": True})
    assert said != true
    assert sorted(said) == sorted(true)


@pytest.mark.parametrize(
    ("persona", "path", "told"),
    [
        ({"without": ["partey"]}, "prompting.persona.without", "Did you mean 'party'"),
        ({"only": "gendr"}, "prompting.persona.only", "Did you mean 'gender'"),
        ({"style": "survy"}, "prompting.persona.style", "Did you mean 'survey'"),
        ("survy", "prompting.persona", "Did you mean 'survey'"),
    ],
)
def test_mistakes_are_told(persona, path, told):
    with pytest.raises(ScenarioError, match=told) as caught:
        Society({**BASE, "prompting": {"persona": persona}})
    assert caught.value.problems[0].path == path


def follows(persona):
    """Who follows whom at the end of a small Twitter, by rules, and how much parties keep to themselves."""
    import simsoc

    file = Path(__file__).parents[2] / "scenarios" / "feed_interventions.yaml"
    society = Society(simsoc.load(file, {"population.n": 60, "steps": 500, "prompting.persona": persona}))
    society.run_model()
    return sorted(society.graph.edges()), society.measured["ei_follows"]


def test_without_labels_the_rule_still_knows_its_own_and_without_persona_it_does_not():
    """Made-up words change no follow; people who do not know their own party follow as by chance."""
    ties, alike = follows("survey")
    assert follows({"nonce": True}) == (ties, alike)
    assert alike < -0.6
    for lost in ("none", {"without": "party"}, {"shuffled": True}):
        assert follows(lost)[1] > alike + 0.5
