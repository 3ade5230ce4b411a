"""Margins of one trait and of several crossed: met, and told where they cannot be."""

import pytest

from simsoc.core.errors import ScenarioError
from simsoc.population.crossed import located
from simsoc.population.raking import Raking
from simsoc.population.respondents import File, Wanted, peopled
from simsoc.scenario.plain import plain

PARTIES, GENDERS = ("red", "blue"), ("male", "female", "other")
FOLK = [
    {"party": PARTIES[(i // 3) % 2], "gender": GENDERS[0 if i % 5 < 2 else 1 if i % 5 < 4 else 2]} for i in range(300)
]
JOINT = {"red": {"male": 20, "female": 25, "other": 5}, "blue": {"male": 30, "female": 15, "other": 5}}


def raked(margins, people=FOLK, mode="weighted", n=None, **keys):
    raking = Raking.model_validate(plain({"margins": margins, **keys}))
    file = File([dict(person) for person in people], [1.0] * len(people), "w", "a test", {})
    return peopled(1, file, Wanted(n=n, mode=mode, rake=raking))


def share(made, **traits):
    weights = [p["weight"] for p in made.people if all(p.get(t) == v for t, v in traits.items())]
    return sum(weights) / sum(p["weight"] for p in made.people)


def test_a_crossed_margin_is_met_cell_by_cell():
    made = raked({"party x gender": JOINT})
    for party, of in JOINT.items():
        for gender, wanted in of.items():
            assert share(made, party=party, gender=gender) == pytest.approx(wanted / 100, abs=1e-5)
    assert made.told["margins"]["party x gender"]["red, male"] == (20.0, pytest.approx(20.0, abs=0.01))
    assert made.told["raked"]["margins"] == ["party x gender"]
    alone = raked({"party": {"red": 50, "blue": 50}, "gender": {"male": 50, "female": 40, "other": 10}})
    assert share(alone, party="red", gender="male") != pytest.approx(0.2, abs=0.02), "margins alone leave cells open"


def test_crossed_and_single_margins_together_and_three_traits_at_once():
    homes = [{**person, "home": "town" if i % 7 < 3 else "country"} for i, person in enumerate(FOLK)]
    made = raked({"party x gender": JOINT, "home": {"town": 0.7, "country": 0.3}}, homes)
    assert share(made, home="town") == pytest.approx(0.7, abs=1e-4)
    assert share(made, party="blue", gender="male") == pytest.approx(0.3, abs=1e-4)
    people = [{**person, "old": i % 2 == 0} for i, person in enumerate(FOLK)]
    eighths = {g: {"True": 1, "False": 1} for g in GENDERS}
    three = raked({"party x gender x old": {"red": eighths, "blue": eighths}}, people)
    assert share(three, party="red", gender="other", old=True) == pytest.approx(1 / 12, abs=1e-4)


def test_drawn_people_meet_a_crossed_margin_to_one_in_each_cell():
    made = raked({"party x gender": JOINT}, mode="draw", n=400)
    sort = [(p["party"], p["gender"]) for p in made.people]
    assert abs(sort.count(("blue", "male")) - 120) <= 6


def test_a_column_whose_name_has_a_cross_is_a_trait():
    people = [{"a x b": "u" if i % 3 else "v", "a": "1"} for i in range(30)]
    made = raked({"a x b": {"u": 50, "v": 50}}, people)
    assert share(made, **{"a x b": "u"}) == pytest.approx(0.5, abs=1e-4)


def test_who_lacks_a_trait_of_a_crossed_margin_keeps_its_weight():
    people = [*FOLK, *({"party": "red"} for _ in range(20))]
    made = raked({"party x gender": JOINT}, people)
    assert all(p["weight"] == pytest.approx(1.0, abs=1e-3) for p in made.people[-20:])


@pytest.mark.parametrize(
    ("margins", "told"),
    [
        ({"party x gendre": JOINT}, "nobody has 'gendre'. Did you mean 'gender'?"),
        ({"party x gender": {**JOINT, "bleu": {"male": 1}}}, "nobody has party 'bleu'. Did you mean 'blue'?"),
        ({"party x gender": {"red": {"male": 20, "femal": 25, "other": 5}, "blue": JOINT["blue"]}},
         "nobody has gender 'femal'. Did you mean 'female'?"),
        ({"party x gender": {"red": {"male": 20, "female": 25}, "blue": JOINT["blue"]}},
         "no share is said for 'red, other', which 30 people have"),
        ({"party x gender": {"red": 50, "blue": 50}}, "shares of gender within each party"),
        ({"gender": {"male": {"red": 1}, "female": 1, "other": 1}}, "needs one share for each value"),
        ({"gender": {"male": 0.5, "female": 0.4, "other": 0.2}}, "shares add up to 1.1, not to 1"),
        ({"gender": {"male": 45, "female": 40, "other": 10}}, "shares add up to 95, not to 100"),
        ({"gender": {"male": 0, "female": 0, "other": 0}}, "no value has a positive share"),
    ],
)  # fmt: skip
def test_margins_that_do_not_fit_are_told(margins, told):
    with pytest.raises(ScenarioError) as caught:
        raked(margins)
    assert told in str(caught.value)
    assert str(caught.value).startswith("population.rake.margins.")


def test_a_cell_with_nobody_in_it_is_told():
    people = [person for person in FOLK if (person["party"], person["gender"]) != ("red", "other")]
    with pytest.raises(
        ScenarioError, match=r"nobody is in the cell red, other: nobody can stand for a share of 5; merge it, or say 0"
    ):
        raked({"party x gender": JOINT}, people)
    none = {**JOINT, "red": {"male": 20, "female": 30, "other": 0}}
    assert share(raked({"party x gender": none}, people), party="red") == pytest.approx(0.5, abs=1e-4)


def test_shares_may_be_counts_and_rounded():
    counts = {"male": 1_204, "female": 1_190, "other": 160}
    assert share(raked({"gender": counts}), gender="male") == pytest.approx(1_204 / 2_554, abs=1e-4)
    rounded = {"male": 33.3, "female": 33.3, "other": 33.3}
    assert share(raked({"gender": rounded}), gender="male") == pytest.approx(1 / 3, abs=1e-4)


def test_margins_that_contradict_each_other_are_told():
    with pytest.raises(ScenarioError) as caught:
        raked({"gender": {"male": 60, "female": 30, "other": 10}, "party x gender": JOINT})
    told = str(caught.value)
    assert "'gender' makes male 60 %, 'party x gender' 50 %" in told
    assert "not met after 200 rounds" in told
    assert "Make them agree" in told


def test_bounds_that_keep_margins_from_being_met_are_told_with_what_to_do():
    hard = {"male": 3, "female": 2, "other": 95}
    with pytest.raises(ScenarioError) as caught:
        raked({"gender": hard}, trim=2)
    told = str(caught.value)
    assert "gender 'other' has" in told
    assert "95 % are wanted" in told
    assert "weights are at the bounds that `trim: 2` sets" in told
    tolerance = float(told.rsplit("tolerance: ", 1)[1].split("`")[0])
    made = raked({"gender": hard}, trim=2, tolerance=tolerance)
    assert made.told["raked"]["settled"]
    assert made.told["raked"]["off"] > 1


def test_everybody_is_in_the_cell_of_its_values():
    (one,) = located(FOLK, {"party x gender": JOINT})
    assert one.traits == ("party", "gender")
    assert one.levels[:3] == [0, 0, 1]
