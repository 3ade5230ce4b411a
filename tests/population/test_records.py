"""People from JSON files."""

import pytest

from simsoc.core.errors import ScenarioError
from simsoc.population import POPULATIONS

PEOPLE = '[{"name": "Ann", "age": 30, "likes": ["tea"], "pet": null}, {"name": "Bob"}, {"age": 41.5}]'
LINES = '{"name": "Ann", "age": 30, "likes": ["tea"]}\n\n{"name": "Bob"}\n{"age": 41.5}\n'
READ = [{"name": "Ann", "age": 30, "likes": ["tea"]}, {"name": "Bob"}, {"age": 41.5}]


def make(file, seed=1, **parameters):
    spec = POPULATIONS.spec("json").model_validate({"file": str(file), **parameters})
    return POPULATIONS.get("json")(seed, **{name: getattr(spec, name) for name in type(spec).model_fields})


@pytest.fixture
def people(tmp_path):
    def to(text, name="people.json"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return to


@pytest.mark.parametrize("text", [PEOPLE, LINES, f"\ufeff{PEOPLE}"])
def test_a_list_or_an_object_on_each_line(people, text):
    assert make(people(text)) == READ


def test_keys_are_chosen_and_renamed(people):
    assert make(people(PEOPLE), keys=["age"]) == [{"age": 30}, {}, {"age": 41.5}]
    assert make(people(LINES), keys={"who": "name"}) == [{"who": "Ann"}, {"who": "Bob"}, {}]


def test_a_sample_is_in_file_order(people):
    many = people("".join(f'{{"name": "p{i}"}}\n' for i in range(50)))
    sample = [person["name"] for person in make(many, n=20)]
    assert sample == sorted(sample, key=lambda name: int(name[1:]))
    assert len(set(sample)) == 20
    assert sample != [person["name"] for person in make(many, seed=2, n=20)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no people"),
        ("[]", "holds no people"),
        ('[{"a": 1}, 2]', "person 1: an object of traits is expected"),
        ('{"a": 1}\n3\n', "line 2: an object of traits is expected"),
        ('{"a": 1}\n{"a": }\n', "line 2: Expecting value, column 7"),
        ('[\n{"a": 1},\n{"b": ]', "line 3: Expecting value"),
        ('{"a": 1, "a": 2}', "'a' appears twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": 1e999}', "not JSON compliant"),
        ('{"a": "\\ud800"}', "half of a character"),
        (b"\xff\xfe", "cannot be read"),
        ("[" * 100_000, "'people.json'"),
    ],
)
def test_files_that_do_not_work(people, text, told):
    with pytest.raises(ScenarioError) as caught:
        make(people(text))
    (problem,) = caught.value.problems
    assert problem.path == "population.file"
    assert told in problem.message


def test_a_missing_file_and_an_unknown_key_are_guessed(people):
    file = people(PEOPLE)
    with pytest.raises(ScenarioError, match=r"Did you mean 'people\.json'"):
        make(file.with_name("peple.json"))
    with pytest.raises(ScenarioError, match=r"nobody has 'agge'\. Did you mean 'age'"):
        make(file, keys=["agge"])
    with pytest.raises(ScenarioError, match="at most 3"):
        make(file, n=4)
