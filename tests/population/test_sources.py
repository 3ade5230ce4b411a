import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.core.errors import ScenarioError
from simsoc.population import POPULATIONS

HOMOPHILY = {
    "hobby": ["chess", "rugby", "knitting"],
    "colour": ["red", "green", "blue", "grey"],
    "place": ["N", "S", "W"],
}


def make(source, seed=1, **parameters):
    """People as the builder makes them: keys checked by the shelf's spec first."""
    spec = POPULATIONS.spec(source).model_validate(parameters)
    return POPULATIONS.get(source)(seed, **{name: getattr(spec, name) for name in type(spec).model_fields})


@pytest.fixture
def table(tmp_path):
    def to(text):
        path = tmp_path / "people.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return to


PEOPLE = "name,age,income,code,party\nAnn,30,1.5,007,red\nBob,,2,12,\nCy, 41 ,NA,3,blue\n"


def test_blank_and_inline():
    assert make("blank") == []
    assert make("blank", n=3) == [{}, {}, {}]
    assert make("inline", people=[{"name": "Ann"}, {}]) == [{"name": "Ann"}, {}]


def test_columns_become_numbers_where_every_cell_is_one(table):
    assert make("csv", file=table(PEOPLE)) == [
        {"name": "Ann", "age": 30, "income": 1.5, "code": "007", "party": "red"},
        {"name": "Bob", "income": 2.0, "code": "12"},
        {"name": "Cy", "age": 41, "code": "3", "party": "blue"},
    ]


def test_columns_are_chosen_and_renamed(table):
    assert make("csv", file=table(PEOPLE), columns=["age"]) == [{"age": 30}, {}, {"age": 41}]
    assert make("csv", file=table(PEOPLE), columns={"who": "name"})[2] == {"who": "Cy"}


def test_a_sample_is_without_replacement_in_file_order_and_stable(table):
    rows = [f"p{i}" for i in range(50)]
    path = table("name,x\n" + "\n".join(f"{name},1" for name in rows))
    sample = [person["name"] for person in make("csv", file=path, n=20)]
    assert sample == sorted(set(sample), key=rows.index)
    assert len(sample) == 20
    assert sample != [person["name"] for person in make("csv", seed=2, file=path, n=20)]
    assert set(sample) < {person["name"] for person in make("csv", file=path, n=21)}


@pytest.mark.parametrize(
    ("text", "parameters", "told"),
    [
        ("", {}, "no people"),
        ("name\n", {}, "no people"),
        ("name,name\n1,2\n", {}, "name of its own"),
        ("name,\n1,2\n", {}, "name of its own"),
        ("name,age\nAnn\n", {}, "line 2: 1 cells under 2 titles"),
        (PEOPLE, {"columns": ["agge"]}, "Did you mean 'age'"),
        (PEOPLE, {"n": 4}, "at most 3"),
        ('name,age\n"Ann,3\n', {}, "cannot be read"),
    ],
)
def test_tables_that_do_not_work(table, text, parameters, told):
    with pytest.raises(ScenarioError, match=told) as caught:
        make("csv", file=table(text), **parameters)
    assert caught.value.problems[0].path.startswith("population.")


def test_a_missing_table_is_guessed(table):
    with pytest.raises(ScenarioError, match=r"Did you mean 'people\.csv'"):
        make("csv", file=table(PEOPLE).replace("people", "peple"))


def test_drawn_traits_follow_their_weights():
    people = make("attributes", n=4000, traits={**HOMOPHILY, "party": {"left": 1, "right": 3, "none": 0}})
    for name, values in HOMOPHILY.items():
        for value in values:
            p = 1 / len(values)
            hits = sum(person[name] == value for person in people)
            assert abs(hits - 4000 * p) < 4 * (4000 * p * (1 - p)) ** 0.5
    right = sum(person["party"] == "right" for person in people)
    assert abs(right - 3000) < 4 * (4000 * 0.75 * 0.25) ** 0.5
    assert {person["party"] for person in people} == {"left", "right"}


@given(seed=st.integers(0, 2**40), n=st.integers(1, 30), more=st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_one_more_person_or_trait_changes_nobody_else(seed, n, more):
    few = make("attributes", seed=seed, n=n, traits=HOMOPHILY)
    many = make("attributes", seed=seed, n=n + more, traits={"extra": [1, 2], **HOMOPHILY})
    assert [{name: person[name] for name in HOMOPHILY} for person in many[:n]] == few


@pytest.mark.parametrize("values", [[], {}, {"left": 0.0}])
def test_a_trait_needs_values(values):
    with pytest.raises(ScenarioError) as caught:
        make("attributes", n=2, traits={"party": values})
    assert caught.value.problems[0].path == "population.traits.party"


def test_every_source_is_told():
    assert all(POPULATIONS.line(name) for name in POPULATIONS.names())


def test_every_key_is_told():
    for name in POPULATIONS.names():
        fields = POPULATIONS.spec(name).model_fields
        assert all(field.description for field in fields.values()), name
