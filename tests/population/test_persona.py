import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.population.persona import persona


@pytest.mark.parametrize(
    ("person", "text"),
    [
        ({}, ""),
        ({"name": "Ada"}, "You are Ada."),
        (
            {"name": "Ada", "age": 36, "favourite_colour": "blue", "hobbies": ["chess", "hiking", "maths"]},
            "You are Ada. Your age is 36. Your favourite colour is blue. Your hobbies are chess, hiking and maths.",
        ),
        ({"hobbies": ["chess"], "income": 0.30000000000000004}, "Your hobbies are chess. Your income is 0.3."),
        ({"votes": True, "partner": None, "notes": "", "pets": []}, "Your votes: yes."),
        ({"age": 0, "label": "Pazzi", "block": 1}, "Your age is 0."),
        ({"name": "Ada", "persona": "You keep bees."}, "You keep bees."),
        ({"description": " You keep bees. ", "age": 3}, "You keep bees."),
        ({"persona": "  ", "age": 3}, "Your age is 3."),
    ],
)
def test_personas(person, text):
    assert persona(person) == text


def test_a_shown_name_wins():
    assert persona({"name": "Ada", "age": 3}, name="x7") == "You are x7. Your age is 3."


@given(
    st.dictionaries(
        st.text(min_size=1), st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
    )
)
def test_any_traits_give_a_text(person):
    assert isinstance(persona(person), str)
