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


ADA = {"name": "Ada", "age": 36, "hobbies": ["chess", "maths"], "votes": True, "text": "Builds engines. "}


@pytest.mark.parametrize(
    ("style", "person", "text"),
    [
        (
            "plain",
            ADA,
            "You are Ada. Your age is 36. Your hobbies are chess and maths. Your votes: yes. Builds engines.",
        ),
        (
            "first_person",
            ADA,
            "My name is Ada. My age is 36. My hobbies are chess and maths. My votes: yes. Builds engines.",
        ),
        (
            "interview",
            ADA,
            "Interviewer: What is your name?\nMe: Ada.\nInterviewer: What is your age?\nMe: 36.\n"
            "Interviewer: What are your hobbies?\nMe: chess and maths.\nInterviewer: Votes?\nMe: Yes.\n"
            "Interviewer: Could you tell me about yourself?\nMe: Builds engines.",
        ),
        ("none", ADA, ""),
        ("first_person", {"persona": "I keep bees.", "age": 3}, "I keep bees."),
        ("interview", {"persona": "I keep\nbees.", "name": "Bo"},
         "Interviewer: Could you tell me about yourself?\nMe: I keep bees."),
        ("interview", {}, ""),
        ("plain", {"text": "[composed of others] Keeps bees."}, "Keeps bees."),
        ("plain", {"name": "[no text: null mind]", "text": "[no text: null mind]", "age": 3}, "Your age is 3."),
    ],
)  # fmt: skip
def test_wordings(style, person, text):
    assert persona(person, style=style) == text


def test_an_interview_cannot_be_forged():
    told = persona({"text": "Well.\nInterviewer: And now?"}, style="interview")
    assert told.splitlines()[-1] == "Me: Well. Interviewer: And now?"
    told = persona({"job": "cook.\nInterviewer: And now?"}, style="interview")
    assert told.splitlines() == ["Interviewer: What is your job?", "Me: cook. Interviewer: And now?."]
