"""People made up from the margins of ANES 2020, beside the weighted survey."""

import json
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.core.errors import ScenarioError
from simsoc.population.anes.mixture import mixture, table
from simsoc.population.anes.synthetic import anes_synthetic

CALLED = {"age": "age_group", "vote2020": "vote", "vote2016": "vote_before", "ft_biden": "ft_dem_candidate"}
CALLED["ft_trump"] = "ft_rep_candidate"
PAIRS = json.loads((Path(__file__).parents[1] / "data" / "anes2020_pair_tables.json").read_text(encoding="utf-8"))
CORE = ("age_group", "gender", "race", "education", "income", "religion", "party7", "ideology", "vote")


@pytest.fixture(scope="module")
def many():
    return anes_synthetic(2020, n=20_000).people


def level(person, trait):
    """The number of the level, as the tables count them."""
    names = mixture().levels[trait]
    if not trait.startswith("ft_"):
        return names.index(str(person[trait]))
    spans = [tuple(map(int, name.split("-"))) if "-" in name else (int(name), int(name)) for name in names]
    return next(number for number, (low, high) in enumerate(spans) if low <= person[trait] <= high)


def columns(people):
    """The level of everybody, by trait."""
    kinds = {trait: {} for trait in mixture().levels}
    found = {trait: [] for trait in kinds}
    for trait, known in kinds.items():
        for person in people:
            if person[trait] not in known:
                known[person[trait]] = level(person, trait)
            found[trait].append(known[person[trait]])
    return {trait: np.array(levels) for trait, levels in found.items()}


def distance(levels, pair, order=slice(None)):
    """Total variation between the joint table of two traits and that of the survey; one of them in another order."""
    a, b = CALLED.get(pair["a"], pair["a"]), CALLED.get(pair["b"], pair["b"])
    want = np.array(pair["p"], float) / np.sum(pair["p"])
    have = np.bincount(levels[a] * want.shape[1] + levels[b][order], minlength=want.size) / len(levels[a])
    return float(np.abs(have - want.ravel()).sum() / 2)


def noise(pair, n):
    """Mean total variation of a sample of n from the survey's own table."""
    p = np.array(pair["p"], float).ravel() / np.sum(pair["p"])
    return float(np.sqrt(2 * p * (1 - p) / (math.pi * n)).sum() / 2)


def test_pairs_hang_together_as_in_the_survey(many):
    """Each of the 146 tables is within what sampling explains and .012; with the tie of two traits cut, few are."""
    levels = columns(many)
    excess = [distance(levels, pair) - noise(pair, len(many)) for pair in PAIRS["pairs"]]
    assert max(excess) < 0.012
    assert np.mean(excess) < 0.004
    order = np.random.Generator(np.random.Philox(key=1)).permutation(len(many))
    cut = [distance(levels, pair, order) - noise(pair, len(many)) for pair in PAIRS["pairs"]]
    assert np.mean(np.array(cut) > 0.012) > 0.9


def test_every_pair_of_the_core_is_among_the_tables():
    known = {frozenset(CALLED.get(pair[k], pair[k]) for k in "ab") for pair in PAIRS["pairs"]}
    assert {frozenset(pair) for pair in combinations(CORE, 2)} <= known


def test_margins_of_five_thousand_are_those_of_the_survey():
    """3.5 standard errors of the draw and 0.8 points."""
    people = anes_synthetic(7, n=5_000).people
    off = outside(people)
    assert off == []
    women = [person for person in people if person["gender"] == "female"]
    assert outside(women) != []


def outside(people):
    """Levels whose share is not within the band."""
    found = []
    for trait, levels in table()["margins"].items():
        names = [str(person[trait]) for person in people] if not trait.startswith("ft_") else None
        for name, (percent, _) in levels.items():
            p = percent / 100
            number = mixture().levels[trait].index(name) if names is None else None
            hits = sum(level(one, trait) == number for one in people) if names is None else names.count(name)
            if abs(hits / len(people) - p) > 3.5 * math.sqrt(p * (1 - p) / len(people)) + 0.008:
                found.append((trait, name, hits / len(people), p))
    return found


def test_what_depends_on_party_alone_has_its_rates(many):
    party7 = mixture().levels["party7"]
    for number, party in enumerate(party7):
        of = [person for person in many if person["party7"] == party]
        band = 4 / (2 * math.sqrt(len(of)))
        for site, rates in table()["sites"].items():
            assert abs(sum(site in p["outlets"] for p in of) / len(of) - rates[number]) < band
        for group, figures in table()["warmth"].items():
            mean = sum(p[group] for p in of) / len(of)
            assert abs(mean - figures[number][0]) < 4 * 32 / math.sqrt(len(of)) + 0.5, (group, party)


def test_classes_of_income_are_those_of_the_survey(many):
    for name, share in (("low", 0.368), ("middle", 0.491), ("high", 0.142)):
        assert abs(sum(p["income_class"] == name for p in many) / len(many) - share) < 0.02


@given(st.integers(0, 2**40), st.integers(1, 12), st.integers(1, 12))
@settings(max_examples=15, deadline=None)
def test_one_more_person_changes_nobody_else(seed, n, more):
    assert anes_synthetic(seed, n=n + more).people[:n] == anes_synthetic(seed, n=n).people


def test_another_seed_gives_others():
    assert anes_synthetic(1, n=5).people != anes_synthetic(2, n=5).people


def test_quotas_are_met_exactly_and_a_selection_holds():
    made = anes_synthetic(
        3, n=111, quotas={"party": {"democrat": 45, "republican": 46, "none": 9}}, where={"twitter_use": {"min": 1}}
    )
    parties = [person["party"] for person in made.people]
    assert [parties.count(p) for p in ("democrat", "republican", "none")] == [50, 51, 10]
    assert parties != sorted(parties)
    assert all(person["twitter_use"] >= 1 for person in made.people)
    assert made.told["quotas"] == {"party: democrat": 50, "party: republican": 51, "party: none": 10}


def test_sides_agree_with_what_they_go_by(many):
    for person in many[:2_000]:
        assert person["partisan"] == round((person["ft_rep_party"] - person["ft_dem_party"]) / 100, 2)
        assert (person["partisan"] > 0) == (person["party"] == "republican")
        assert (person["partisan"] < 0) == (person["party"] == "democrat")
    by = anes_synthetic(1, n=300, party="identification").people
    assert all((person["party"] == "democrat") == ("democrat" in person["party7"]) for person in by)


def test_traits_are_chosen():
    assert all(set(person) == {"age", "party"} for person in anes_synthetic(1, n=9, traits=["age", "party"]).people)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"traits": ["agee"]}, "Did you mean 'age'"),
        ({"where": {"genders": "male"}}, "Did you mean 'gender'"),
        ({"where": {"gender": "male", "vote": "nobody"}}, "nobody like that"),
        ({"quotas": {"partei": {"a": 1}}}, "Did you mean 'party'"),
        ({"quotas": {"party": {"democrats": 1}}}, "Did you mean 'democrat'"),
        ({"quotas": {"party": {"democrat": 0}}}, "no cell has a positive share"),
        ({"quotas": [{"traits": {"party": "none"}, "share": 1.0}, {"traits": {"age": {"min": 18}}, "share": 1.0}]},
         "cells overlap"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_told(keys, told):
    with pytest.raises(ScenarioError, match=told):
        anes_synthetic(1, n=40, **keys)
