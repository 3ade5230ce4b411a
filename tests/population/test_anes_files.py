"""The official ANES files: made-up rows in their layout everywhere, and the survey extract where it lies beside."""

import csv
import json
import math
from collections import Counter
from pathlib import Path

import pytest

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.population.anes.files import YEARS, anes, book_of
from simsoc.population.anes.mixture import table
from simsoc.population.anes.synthetic import anes_synthetic
from simsoc.population.margins import lines
from simsoc.population.phrases import survey_words
from simsoc.population.raking import Raking
from simsoc.population.respondents import came_from

ROOT = Path(__file__).parents[2]
LAYOUT = Path(__file__).parents[1] / "data" / "anes"
FILES = {
    2016: LAYOUT / "synthetic_2016_layout.txt",
    2020: LAYOUT / "synthetic_2020_layout.csv",
    2024: LAYOUT / "synthetic_2024_layout.csv",
}
SHARED = ROOT.parent / "shared" / "data" / "anes"
EXTRACT = SHARED / "rcpa3_nes_2020_vcodes.csv"
beside = pytest.mark.skipif(not EXTRACT.exists(), reason="no survey extract in ../shared/data/anes")
each_year = pytest.mark.parametrize("year", YEARS)


def raw(year, path=None):
    """The rows of a file, as they stand."""
    with (path or FILES[year]).open(encoding="utf-8-sig", newline="") as cells:
        return list(csv.DictReader(cells, delimiter=book_of(year).delimiter))


@pytest.fixture
def changed(tmp_path):
    """A copy of a year's file with something changed in its rows, or columns left out."""

    def to(year, change=lambda row: row, without=(), name=None):
        path = tmp_path / (name or FILES[year].name)
        rows = [change(dict(row)) for row in raw(year)]
        columns = [column for column in rows[0] if column not in without]
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.DictWriter(out, columns, delimiter=book_of(year).delimiter, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    return to


def told(path, **keys):
    with pytest.raises(ScenarioError) as caught:
        anes(1, file=str(path), **keys)
    return str(caught.value)


# -- the files as they are ---------------------------------------------------------------------------------------------


@each_year
def test_a_year_is_told_by_its_columns(year):
    made = anes(1, file=str(FILES[year]), n=50)
    assert made.told["study"] == f"ANES {year}"
    assert made.told["weights"] == book_of(year).weights["post"]
    assert anes(1, file=str(FILES[year]), n=50, year=year).people == made.people
    assert len(made.people) == 50


@each_year
def test_codes_mean_what_the_codebook_says(year):
    """Every respondent, by hand for what differs from year to year."""
    made = anes(1, file=str(FILES[year]), mode="weighted")
    by_case = {row[book_of(year).case]: row for row in raw(year)}
    party7, race, religion, ideology = {
        2016: ("V161158x", "V161310x", "V161265x", "V161126"),
        2020: ("V201231x", "V201549x", "V201458x", "V201200"),
        2024: ("V241227x", "V241501x", "V241445x", "V241177"),
    }[year]
    parties = ["strong_democrat", "weak_democrat", "lean_democrat", "independent"]
    parties += ["lean_republican", "weak_republican", "strong_republican"]
    hispanic, asian = ("5", "3") if year == 2016 else ("3", "4")
    catholic, none = ("5", "9") if year == 2020 else ("4", "8")
    for person in made.people:
        row = by_case[person["respondent"]]
        assert person.get("party7") == (parties[int(row[party7]) - 1] if int(row[party7]) > 0 else None)
        assert (person.get("race") == "hispanic") == (row[race] == hispanic)
        assert (person.get("race") == "asian_pi") == (row[race] == asian)
        assert (person.get("religion") == "roman_catholic") == (row[religion] == catholic)
        assert (person.get("religion") == "not_religious") == (row[religion] == none)
        assert (person.get("ideology") == "havent_thought") == (row[ideology] == "99")
        assert ("ideology" in person) == (int(row[ideology]) > 0)
        assert "-" not in str(person.get("age", ""))
        assert all(0 <= value <= 100 for trait, value in person.items() if trait.startswith("ft_"))
    assert len({person.get("religion") for person in made.people}) > 5


@each_year
def test_weights_are_carried_or_drawn_by_never_both(year):
    post = book_of(year).weights["post"]
    carried = anes(1, file=str(FILES[year]), mode="weighted")
    by_case = {row[book_of(year).case]: float(row[post]) for row in raw(year) if row[post].strip()}
    first = carried.people[0]
    scale = by_case[first["respondent"]] / first["weight"]
    assert all(abs(by_case[p["respondent"]] / p["weight"] / scale - 1) < 1e-3 for p in carried.people)
    assert abs(sum(person["weight"] for person in carried.people) / len(carried.people) - 1) < 1e-6
    assert len({person["respondent"] for person in carried.people}) == len(carried.people)
    drawn = anes(1, file=str(FILES[year]), n=400)
    assert carried.told["mode"] == "weighted"
    assert drawn.told["mode"] == "draw"
    assert not any("weight" in person for person in drawn.people)
    counts = Counter(person["respondent"] for person in drawn.people)
    total = sum(by_case[person["respondent"]] for person in carried.people)
    for person in carried.people:
        expected = 400 * by_case[person["respondent"]] / total
        assert math.floor(expected - 1e-9) <= counts[person["respondent"]] <= math.ceil(expected + 1e-9)


def test_what_came_from_respondents_is_known():
    made = anes(1, file=str(FILES[2020]), n=9, traits=["age", "party"])
    people = [{**person, "mood": "fine"} for person in made.people] + [{"age": 3}]
    assert set(came_from(made.told, people)) == set(range(9))
    assert all(set(traits) == {"respondent", "age", "party"} & set(person) for traits, person in zip(
        came_from(made.told, people).values(), people, strict=False))  # fmt: skip
    assert came_from(anes_synthetic(1, n=9).told, people) == {}


@each_year
def test_who_is_left_out_is_counted(year):
    rows, book = raw(year), book_of(year)
    made = anes(1, file=str(FILES[year]), mode="weighted")
    weights = [row[book.weights["post"]].strip() for row in rows]
    assert made.told["left_out"]["without weight"] == sum(not w or float(w) <= 0 for w in weights) > 0
    assert sum(made.told["left_out"].values()) + len(made.people) == len(rows)
    assert "left out: " in "\n".join(lines(made.told))
    squares = sum(float(p["weight"]) ** 2 for p in made.people)
    assert made.told["effective"] == pytest.approx(sum(p["weight"] for p in made.people) ** 2 / squares, rel=1e-3)


def test_the_weight_before_the_election_where_nothing_later_is_kept():
    made = anes(1, file=str(FILES[2020]), traits=["party7", "age"], n=20)
    assert made.told["weights"] == "V200010a"
    assert set().union(*made.people) <= {"party7", "age", "respondent"}
    assert anes(1, file=str(FILES[2020]), traits=["party7", "twitter"], n=20).told["weights"] == "V200010b"
    assert anes(1, file=str(FILES[2020]), weights="pre", n=20).told["weights"] == "V200010a"
    unweighted = anes(1, file=str(FILES[2020]), weights=False)
    assert set(Counter(person["respondent"] for person in unweighted.people).values()) == {1}


def test_what_one_column_leaves_open_another_says():
    """Non-voters, those who never attend, and those not on Twitter are asked elsewhere."""
    by_case = {row["V200001"]: row for row in raw(2020)}
    people = anes(1, file=str(FILES[2020]), mode="weighted").people
    seen = Counter()
    for person in people:
        row = by_case[person["respondent"]]
        if row["V202110x"] not in "12345" and row["V202109x"] == "0":
            assert person["vote"] == "did_not_vote"
            seen["vote"] += 1
        if row["V201452"] == "2":
            assert person["attendance"] == "never"
            seen["attendance"] += 1
        if row["V202541b"] == "0":
            assert (person["twitter"], person["twitter_use"]) == ("not_used", 0)
            seen["twitter"] += 1
        elif row["V202544"] in ("1", "2", "3"):
            assert person["twitter_use"] == {"1": 50, "2": 30, "3": 14}[row["V202544"]]
            seen["use"] += 1
    assert min(seen[key] for key in ("vote", "attendance", "twitter", "use")) > 3


def test_quotas_and_more_people_than_rows():
    made = anes(2, file=str(FILES[2020]), n=999, quotas={"party": {"democrat": 45, "republican": 46, "none": 9}})
    counts = Counter(person["party"] for person in made.people)
    assert counts == {"democrat": 450, "republican": 459, "none": 90}
    parties = [person["party"] for person in made.people]
    assert len(set(parties[:20])) > 1  # ids are no order of parties
    assert made.told["margins"]["party"]["none"] == (9.0, pytest.approx(9.01))


def test_raking_makes_the_margins():
    wanted = Raking(margins={"gender": {"male": 1, "female": 1}, "region": dict.fromkeys(
        ("northeast", "midwest", "south", "west"), 1)}, trim=20.0)  # fmt: skip
    made = anes(2, file=str(FILES[2020]), mode="weighted", rake=wanted)
    assert made.told["raked"]["settled"]
    assert made.told["margins"]["gender"]["male"] == pytest.approx((50, 50), abs=0.02)
    assert all(have == pytest.approx(25, abs=0.02) for _, have in made.told["margins"]["region"].values())
    assert made.told["effective"] < anes(2, file=str(FILES[2020]), mode="weighted").told["effective"] * 1.2


def test_stata_files_say_the_same(tmp_path):
    import pandas as pd

    frame = pd.DataFrame(raw(2020)).apply(lambda column: pd.to_numeric(column.str.strip(), errors="coerce"))
    frame["V203001"] = [row["V203001"] for row in raw(2020)]
    frame["version"] = "ANES2020"
    labels = {"V201231x": {1: "1. Strong Democrat", 7: "7. Strong Republican"}}
    frame.to_stata(tmp_path / "anes.dta", write_index=False, value_labels=labels, version=118)
    one, other = (anes(3, file=str(f), n=60) for f in (tmp_path / "anes.dta", FILES[2020]))
    assert one.people == other.people


def test_labels_that_begin_with_their_code(changed):
    path = changed(
        2020, lambda row: row | {"V201231x": {"7": "7. Strong Republican"}.get(row["V201231x"], row["V201231x"])}
    )
    assert anes(3, file=path, n=60).people == anes(3, file=str(FILES[2020]), n=60).people


def test_only_the_columns_that_are_needed_are_read(tmp_path):
    path = tmp_path / "wide.csv"
    rows = raw(2020)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([*rows[0], *(f"V999{i:03}" for i in range(900))])
        writer.writerows([*row.values(), *["-1"] * 900] for row in rows)
    assert anes(3, file=str(path), n=60).people == anes(3, file=str(FILES[2020]), n=60).people


# -- files that are not right ------------------------------------------------------------------------------------------


def test_another_file_is_told(tmp_path, changed):
    other = tmp_path / "other.csv"
    other.write_text("VCF0004,VCF0006\n1,2\n")
    assert "the cumulative file of all years" in told(other)
    other.write_text("a,b\n1,2\n")
    said = told(other)
    assert "begins with columns a, b" in said
    assert "electionstudies.org" in said
    assert "anes_timeseries_2024_csv_20250808.csv" in said
    assert "is the file of ANES 2020, not of 2016" in told(FILES[2020], year=2016)
    assert "no file" in told(tmp_path / "gone.csv")
    early = changed(2020, lambda row: row | {"version": "ANES2020TimeSeries_20210324"})
    assert "preliminary release of March 2021" in told(early)
    assert "February 10, 2022" in told(early)
    assert "religious groups are not coded" in told(changed(2020, lambda row: row | {"V201458x": "-2"}))


def test_columns_that_are_missing_are_told(changed):
    said = told(changed(2020, without=["V201156"]))
    assert "no column V201156, which trait 'ft_dem_party' comes from" in said
    assert "anes_timeseries_2020_csv_20220210.csv" in said
    assert "no column V200010b, the post-election weight" in told(changed(2020, without=["V200010b"]))
    made = anes(1, file=changed(2020, without=["V201200"]), n=9)
    assert "ideology" in made.told["not_there"]
    assert "not in the file: " in "\n".join(lines(made.told))
    assert "'ideology' comes from" in told(changed(2020, without=["V201200"]), traits=["ideology"])


def test_codes_that_are_unknown_are_told_all_at_once(changed):
    def odd(row):
        return row | {"V201231x": row["V201231x"].replace("7", "8"), "V201157": row["V201157"].replace("85", "850")}

    said = told(changed(2020, odd))
    assert "column V201231x: '8' (" in said
    assert "column V201157: '850' (" in said
    assert "the codebook of ANES 2020, which knows 1, 2, 3, 4, 5, 6, 7; below 0 is missing" in said


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"traits": ["partei7"]}, "Did you mean 'party7'"),
        ({"weights": "pots"}, "Did you mean 'post'"),
        ({"where": {"gendr": "male"}}, "Did you mean 'gender'"),
        ({"where": {"gender": "male", "age": {"min": 130}}}, "nobody is left"),
        ({"require": ["agee"]}, "Did you mean 'age'"),
        ({"quotas": {"party": {"democrats": 1}}}, "Did you mean 'democrat'"),
        ({"quotas": {"party": {"none": 1}, "gender": {"male": 1}}}, "how many are in both"),
        ({"mode": "weighted", "n": 5}, "everybody is kept"),
        ({"mode": "weighted", "quotas": {"party": {"democrat": 1}}}, "nobody is drawn"),
        ({"mode": "weighted", "weights": False}, "nobody has a weight"),
    ],
)
def test_what_does_not_fit_is_told(keys, said):
    assert said in told(FILES[2020], **keys)


# -- codebooks ---------------------------------------------------------------------------------------------------------


def test_levels_are_called_alike_in_all_years_and_in_people_made_up():
    made_up = {trait for person in anes_synthetic(1, n=50).people for trait in person}
    levels = table()["levels"]
    for year in YEARS:
        book = book_of(year)
        assert set(book.traits) <= {*survey_words()}, year
        for trait, of in book.traits.items():
            assert trait in made_up or trait in ("state", "jobs_income", "problems", "ft_maga")
            if trait in levels and of.levels and trait not in ("vote", "vote_before"):
                assert {str(value) for value in book.order(trait)} <= {*levels[trait], "other"}, (year, trait)


@pytest.mark.skipif(not (SHARED / "codebook_crosswalk.csv").exists(), reason="no crosswalk in ../shared/data/anes")
def test_codes_agree_with_the_independent_crosswalk():
    called = {"vote_current": "vote", "vote_previous": "vote_before"}
    renamed = {"undifferentiated_christian": "other_christian", "strong": "strong"}
    checked = 0
    with (SHARED / "codebook_crosswalk.csv").open(encoding="utf-8", newline="") as cells:
        for row in csv.DictReader(cells):
            book, trait = book_of(int(row["year"])), called.get(row["concept"], row["concept"])
            of = book.traits.get(trait)
            if (
                of is None
                or of.column != row["variable"]
                or not row["code"].lstrip("-").isdigit()
                or of.kind != "words"
            ):
                continue
            meant = of.decoded(row["code"], book.missing_below)
            assert str(meant) == renamed.get(row["level_or_range"], row["level_or_range"]), row
            checked += 1
    assert checked > 350


# -- the survey extract ------------------------------------------------------------------------------------------------


BLANK = ("havent_thought", "not_used", "not_christian")
"""Answers that are blank in the extract, and cannot be told from missing ones there."""


def off_targets(people, more=0.0):
    """Levels of the survey's margins that a draw misses by more than 3.5 standard errors."""
    found = []
    for trait, levels in table()["margins"].items():
        names = [str(person[trait]) for person in people if trait in person]
        if trait.startswith("ft_") or not names:
            continue
        whole = sum(percent for level, (percent, _) in levels.items() if level not in BLANK)
        for level, (percent, _) in levels.items():
            p = percent / whole if level not in BLANK else 0
            share = names.count(level) / len(names)
            if abs(share - p) > 3.5 * math.sqrt(p * (1 - p) / len(names)) + more:
                found.append((trait, level, share, p))
    return found


@beside
def test_the_extract_loads_and_its_margins_are_the_survey_s():
    """5,000 drawn by weight from 8,280 are within 3.5 standard errors of every published margin; unweighted not."""
    made = anes(1, file=str(EXTRACT), n=5_000)
    assert made.told["respondents"] == 7_307  # of 7,453 with a weight, those who rated both parties
    assert made.told["left_out"]["without weight"] == 827
    assert off_targets(made.people) == []
    unweighted = anes(1, file=str(EXTRACT), n=5_000, weights=False)
    assert len(off_targets(unweighted.people)) > 10


@beside
def test_warmth_and_party_of_the_extract_hang_together():
    """Published of strong Democrats: warmth to the two parties 79.3 and 15.2, vote for Biden 84.7 %."""
    people = anes(2, file=str(EXTRACT), n=5_000).people
    strong = [person for person in people if person.get("party7") == "strong_democrat"]
    for rating, mean in (("ft_dem_party", 79.3), ("ft_rep_party", 15.2)):
        values = [person[rating] for person in strong]
        error = (sum((v - mean) ** 2 for v in values) / len(values) ** 2) ** 0.5
        assert abs(sum(values) / len(values) - mean) < 3.5 * error
    votes = Counter(person["vote"] for person in strong if "vote" in person)
    assert abs(votes["biden"] / sum(votes.values()) - 0.847) < 3.5 * (0.847 * 0.153 / len(strong)) ** 0.5


@beside
def test_carrying_weights_gives_the_survey_s_shares():
    made = anes(1, file=str(EXTRACT), mode="weighted")
    targets = json.loads((SHARED / "aggregates" / "anes2020_targets.json").read_text(encoding="utf-8"))["party7"]
    for level, (_, have) in made.told["margins"]["party7"].items():
        assert abs(have - targets[level]["pct"]) < 3.5 * targets[level]["se"]
    assert 3_400 < made.told["effective"] < 3_700  # Kish, 3,639 for all 7,453


@beside
def test_a_society_of_the_extract_runs_and_says_so(tmp_path):
    scenario = {
        "name": "extract", "steps": 1, "world": {"kind": "opinion", "rule": "voter"},
        "population": {"source": "anes", "file": str(EXTRACT), "n": 60, "traits": ["party", "age", "gender", "vote"]},
    }  # fmt: skip
    with simsoc.run(scenario, log=tmp_path / "run.db") as run:
        note = run.population()
        assert note["mode"] == "draw"
        assert note["effective"] > 3_000
        assert any("60 drawn from" in line for line in lines(note))
        assert set(run.agents["party"]) <= {"democrat", "republican", "none"}


@beside
@pytest.mark.parametrize(
    "traits", [("race", "education", "party7"), ("religion", "race", "party7"), ("age_group", "gender", "party7")]
)
def test_three_traits_of_people_made_up_are_those_of_the_extract(traits, many):
    """No triple was fitted. Its distance to the survey is what sampling explains (3,639 people); with one trait cut off
    from the two others it is at least half as much again.
    """
    real = joint(anes(1, file=str(EXTRACT), mode="weighted", require=[]).people, traits)
    made = joint(many, traits)
    noise = sum((2 * p * (1 - p) / (math.pi * 3_639)) ** 0.5 for p in made.values()) / 2
    assert apart(made, real) < noise
    pair, third = joint(many, traits[:2]), joint(many, traits[2:])
    cut = {(*a, *b): p * q for a, p in pair.items() for b, q in third.items()}
    assert apart(cut, real) > 1.5 * noise


@pytest.fixture(scope="module")
def many():
    return anes_synthetic(1, n=20_000).people


def joint(people, traits):
    counts = Counter()
    for person in people:
        if all(trait in person for trait in traits):
            counts[tuple(person[trait] for trait in traits)] += person.get("weight", 1)
    return {cell: count / counts.total() for cell, count in counts.items()}


def apart(one, other):
    return sum(abs(one.get(cell, 0) - other.get(cell, 0)) for cell in {*one, *other}) / 2


# -- weights in measures -----------------------------------------------------------------------------------------------


def test_carried_weights_count_in_measures(tmp_path):
    """Opinions are the party; the share of either side is that of the weighted survey, and is not that of the rows."""
    scenario = {
        "name": "w", "steps": 1, "network": "complete",
        "world": {"kind": "opinion", "rule": "voter", "options": ["male", "female"], "start_trait": "gender",
                  "stop": "never"},
        "population": {"source": "anes", "file": str(FILES[2020]), "mode": "weighted", "require":
                       ["gender", "ft_dem_party", "ft_rep_party"]},
        "measures": ["magnetisation", "largest_share", "local_agreement"],
    }  # fmt: skip
    with simsoc.run(scenario, log=tmp_path / "run.db") as run:
        people = run.agents
        first = run.measures.iloc[0]
        assert run.population()["weighed"] == {
            "by_weight": ["magnetisation", "largest_share"],
            "all_alike": ["local_agreement"],
        }
    men = people[people["gender"] == "male"]["weight"].sum() / people["weight"].sum()
    assert first["magnetisation"] == pytest.approx(2 * men - 1)
    assert first["largest_share"] == pytest.approx(max(men, 1 - men))
    unweighted = (people["gender"] == "male").mean()
    assert abs(men - unweighted) > 1e-3


def test_a_world_without_weighted_measures_refuses_them():
    weighted = {"source": "anes", "file": str(FILES[2020]), "mode": "weighted"}
    scenario = simsoc.load(ROOT / "scenarios" / "reddit_published.yaml", {"population": weighted})
    with pytest.raises(ScenarioError, match="no measures that count by weight") as caught:
        simsoc.Society(scenario)
    assert caught.value.problems[0].path == "population.mode"
