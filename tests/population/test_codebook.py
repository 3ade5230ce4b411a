"""A CSV file of one's own with a codebook: codes, weights, quotas, raking, and the persona its words make."""

from collections import Counter

import pytest

from simsoc import Society
from simsoc.core.errors import ScenarioError

BOOK = """\
study: Village survey
case: id
weights: {final: w}
missing_below: 0
traits:
  party: {column: Q1, levels: {red: 1, blue: [2, 3]}, silent: [9]}
  age: {column: Q2, number: {min: 18, max: 99}}
  votes: {column: Q3, kind: yes_no, levels: {"yes": 1, "no": 2}}
  visits: {column: Q4, kind: number, levels: {"10": 1, "0.5": 2}}
  likes: {columns: [Q5, Q6], levels: {tea: 1, cake: 2}}
  reads: {each: {Herald: Q7, Times: Q8}}
  town: {column: Q9, kind: text}
words:
  party: {called: party, says: "You vote {}."}
  votes: {says: {"yes": "You go to the polls.", "no": "You stay at home."}}
"""
ROWS = """\
id,w,Q1,Q2,Q3,Q4,Q5,Q6,Q7,Q8,Q9
a,1.5,1,30,1,1,1,2,1,0,Ham
b,0.5,2,40,2,2,1,1,0,0,Eye
c,2,3,-8,-9,-1,-1,2,-9,-9,
d,0,9,50,1,1,-1,-1,1,1,Ham
e, ,1,51,1,1,1,1,1,1,Ham
"""


@pytest.fixture
def survey(tmp_path):
    """The people of a scenario with this survey; `rows` and `book` in the place of its own."""

    def people(rows=ROWS, book=BOOK, tell=None, **keys):
        (tmp_path / "rows.csv").write_text(rows, encoding="utf-8")
        (tmp_path / "book.yaml").write_text(book or "", encoding="utf-8")
        scenario = {
            "name": "v", "steps": 1, "world": {"kind": "opinion", "rule": "voter"},
            "population": {"source": "csv", "file": "rows.csv", **({"codebook": "book.yaml"} if book else {}), **keys},
        }  # fmt: skip
        society = Society(simsoc_load(scenario, tmp_path))
        society.close()
        return [society.setting.tell(a) for a in range(len(society.people))] if tell else society

    return people


def simsoc_load(scenario, folder):
    from simsoc.loading import load

    return load(scenario, folder=folder)


def traits(society):
    return [dict(person.traits) for person in society.people]


def test_codes_become_what_they_mean(survey):
    people = traits(survey())
    assert people[:3] == [
        {"respondent": "a", "party": "red", "age": 30, "votes": True, "visits": 10, "likes": ["tea", "cake"],
         "reads": ["Herald"], "town": "Ham"},
        {"respondent": "b", "party": "blue", "age": 40, "votes": False, "visits": 0.5, "likes": ["tea"], "reads": [],
         "town": "Eye"},
        {"respondent": "c", "party": "blue", "likes": ["cake"]},
    ]  # fmt: skip
    assert "party" not in people[3]
    assert survey().peopled["mode"] == "once"


def test_words_of_a_codebook_make_the_persona(survey):
    assert survey(tell=True)[:2] == [
        "You vote red. You go to the polls. Your age is 30. Your visits are 10. Your likes are tea and cake. "
        "Your reads are Herald. Your town is Ham.".replace("visits are", "visits is"),
        "You vote blue. You stay at home. Your age is 40. Your visits is 0.5. Your likes are tea. Your town is Eye.",
    ]


def test_weights_draw_or_are_carried(survey):
    carried = survey(weights="final", mode="weighted")
    assert [(p["respondent"], p["weight"]) for p in traits(carried)] == [("a", 1.125), ("b", 0.375), ("c", 1.5)]
    assert carried.peopled["left_out"] == {"without weight": 2}
    drawn = survey(weights="w", n=400)
    assert Counter(p["respondent"] for p in traits(drawn)) == {"a": 150, "b": 50, "c": 200}
    assert survey(n=2).peopled["people"] == 2


def test_without_a_codebook(survey):
    drawn = survey(book=None, weights="w", n=40, columns=["Q1", "Q9"])
    assert Counter(p["Q1"] for p in traits(drawn)) == {1: 15, 2: 5, 3: 20}
    assert all(set(p) <= {"Q1", "Q9"} for p in traits(drawn))
    kept = survey(book=None, where={"Q9": "Ham"})
    assert len(kept.people) == 3
    assert kept.peopled["left_out"] == {"not as in `where`": 2}
    raked = survey(book=None, mode="weighted", rake={"margins": {"Q9": {"Ham": 1, "Eye": 1}}, "trim": 9.0})
    ham, eye = (sum(p["weight"] for p in traits(raked) if p.get("Q9") == town) for town in ("Ham", "Eye"))
    assert ham == pytest.approx(eye, rel=1e-3)


def test_quotas_by_cells(survey):
    cells = [
        {"traits": {"party": "red"}, "share": 1},
        {"traits": {"party": "blue", "age": {"min": 18}}, "share": 3},
    ]
    society = survey(quotas=cells, n=8)
    assert Counter(p["respondent"] for p in traits(society) if p["party"] == "blue") == {"b": 6}
    assert society.peopled["left_out"] == {"in no cell": 2}


@pytest.mark.parametrize(
    ("keys", "where", "said"),
    [
        ({"rows": ROWS.replace("b,0.5,2", "b,0.5,7")}, "population.file", "column Q1: '7' (1 rows, first row 2)"),
        ({"rows": ROWS.replace("Q4", "Qx")}, "population.file", "no column Q4, which trait 'visits' comes from"),
        ({"rows": ROWS.replace("b,0.5", "b,much"), "weights": "w"}, "population.weights", "'much' is no weight"),
        ({"weights": "finel"}, "population.weights", "Did you mean 'final'"),
        ({"columns": ["partie"]}, "population.columns", "Did you mean 'party'"),
        ({"sort": ["aje"], "weights": "w"}, "population.sort", "Did you mean 'age'"),
        ({"require": ["tone"]}, "population.require", "Did you mean 'town'"),
        ({"where": {"party": "red", "age": {"mn": 1}}}, "population.where.age.mn", "Did you mean 'min'"),
        ({"mode": "weighted"}, "population.mode", "nobody has a weight"),
        ({"n": 6}, "population.n", "at most 5"),
        ({"rake": {"margins": {"party": {"red": 1}}}}, "population.rake.margins.party", "no share is said for 'blue'"),
    ],
)
def test_what_is_wrong_with_the_data_is_told(survey, keys, where, said):
    with pytest.raises(ScenarioError) as caught:
        survey(**keys)
    assert said in str(caught.value)
    assert caught.value.problems[0].path == where


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("party: {column: Q1", "party: {colum: Q1"), "book.yaml:6  traits.party.colum: unknown key"),
        (("kind: yes_no, levels: {\"yes\": 1", "kind: yes_no, levels: {\"maybe\": 1"), "levels of kind yes_no"),
        (("{column: Q9, kind: text}", "{column: Q9}"), "traits.town: say what its codes mean"),
        (("{column: Q9, kind: text}", "{column: Q9, columns: [Q8], kind: text}"), "say one of"),
        (("study: Village survey", "study: [a"), "book.yaml"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_codebook_is_told_with_its_line(survey, change, said):
    with pytest.raises(ScenarioError) as caught:
        survey(book=BOOK.replace(*change))
    assert said in str(caught.value)
