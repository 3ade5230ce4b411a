"""The mechanistic rules beside the prompts for further traits: draws from short lists, by what is told of a person.

Which occupations go with which education, who is retired or studies, which pastimes go with age, region and church are
simsoc's own coarse choices, made so that no profession or team tells a party. They are stand-ins, not statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simsoc.core.stream import Stream

BIO = "bio"
STUDENT_UP_TO, RETIRED_FROM = 22, 67
"""Years of age up to which somebody may study, and from which it may have retired."""
_WORK: Mapping[str, Sequence[str]] = {
    "little": (
        "warehouse worker", "cook", "house painter", "cleaner", "delivery driver", "farm worker", "cashier", "roofer",
    ),
    "school": (
        "electrician", "truck driver", "office clerk", "nursing assistant", "mechanic", "shop manager", "hairdresser",
        "police officer", "carpenter", "receptionist", "bus driver", "dental assistant",
    ),
    "college": (
        "accountant", "teacher", "nurse", "software developer", "sales manager", "engineer", "social worker",
        "graphic designer", "insurance agent", "project manager",
    ),
    "graduate": (
        "lawyer", "physician", "school principal", "researcher", "psychologist", "architect", "pharmacist", "professor",
    ),
}  # fmt: skip
_LEVEL = {
    "less_than_hs": "little", "high_school": "school", "some_college": "school", "bachelors": "college",
    "graduate": "graduate",
}  # fmt: skip
_PASTIMES: Mapping[str, Sequence[str]] = {
    "young": ("video games", "hiking", "concerts", "cooking", "running", "climbing", "board games", "photography"),
    "middle": ("cooking", "gardening", "hiking", "cycling", "reading", "coaching a youth team", "woodwork", "camping"),
    "old": ("gardening", "reading", "crosswords", "birdwatching", "grandchildren", "quilting", "walking", "bowling"),
}
_TEAMS: Mapping[str, Sequence[str]] = {
    "northeast": ("the New York Mets", "the Boston Celtics", "the Pittsburgh Steelers", "the Buffalo Bills"),
    "midwest": ("the Green Bay Packers", "the Chicago Cubs", "the Detroit Lions", "the Kansas City Royals"),
    "south": ("the Dallas Cowboys", "the Atlanta Braves", "the Miami Heat", "the Tennessee Titans"),
    "west": ("the Seattle Seahawks", "the Denver Broncos", "the San Diego Padres", "the Utah Jazz"),
}
_FOLLOWS = 0.6
"""Chance of following a team."""
_OPEN = ("curious", "down to earth", "inventive", "practical", "dreamy", "set in old ways")
_WITH_OTHERS = ("outgoing", "reserved", "warm", "blunt", "patient", "quick to laugh", "a good listener", "stubborn")
_HOME = {"married": "Married", "widowed": "Widowed", "divorced_separated": "Starting over"}


def life(facts: Mapping[str, Any], stream: Stream) -> dict[str, Any]:
    """So many lives (`facts["options"]`) with the traits wanted (`facts["wanted"]`), by `facts["traits"]`."""
    person = facts["traits"]
    makers: Mapping[str, Callable[[Mapping[str, Any], Stream], Any]] = {
        "occupation": _occupation,
        "hobbies": _hobbies,
        "sports_team": _team,
        "personality": _personality,
    }
    return {
        "options": [
            {trait: makers[trait](person, stream) for trait in facts["wanted"]} for _ in range(facts["options"])
        ]
    }


def bio(facts: Mapping[str, Any], stream: Stream) -> dict[str, Any]:
    """What somebody says of itself: work, home, a pastime, a team, and its party the likelier, the stronger it is."""
    person = facts["traits"]
    said = [str(person["occupation"]).capitalize()] if person.get("occupation") else []
    said += [_HOME[person["marital"]]] if person.get("marital") in _HOME and stream.random() < 0.3 else []
    hobbies = person.get("hobbies")
    said += [f"Into {stream.choose(hobbies)}"] if isinstance(hobbies, list) and hobbies else []
    said += [f"Fan of {person['sports_team']}"] if person.get("sports_team") and stream.random() < 0.5 else []
    said = said or [stream.choose(("Early riser", "Coffee first", "Dog person", "Weekend cook", "Just looking around"))]
    party, lean = person.get("party"), person.get("partisan")
    strength = abs(lean) if isinstance(lean, int | float) else 0.5
    if isinstance(party, str) and party not in ("", "none") and stream.random() < 0.5 + 0.5 * min(strength, 1.0):
        named = party.replace("_", " ").capitalize()
        said.insert(1, f"Proud {named}" if strength >= 0.5 else named)
    return {BIO: _fitting(said, facts["longest"])}


def _fitting(said: Sequence[str], longest: int) -> str:
    """As many of the sentences, from the first, as there is room for."""
    text = ""
    for one in said:
        more = f"{text} {' '.join(one.split())}.".strip()
        if len(more) > longest:
            break
        text = more
    return text or f"{said[0][: longest - 1].strip()}."


def _age(person: Mapping[str, Any]) -> float:
    """Years; 45 where they are not told."""
    age = person.get("age")
    if isinstance(age, int | float) and not isinstance(age, bool):
        return age
    first = str(person.get("age_group", "")).split("-")[0].rstrip("+")
    return float(first) if first.isdigit() else 45.0


def _occupation(person: Mapping[str, Any], stream: Stream) -> str:
    age, level = _age(person), _LEVEL.get(str(person.get("education")), "school")
    work = stream.choose(_WORK[level])
    if age >= RETIRED_FROM and stream.random() < 0.8:
        return f"retired {work}"
    studies = level != "graduate" and age <= STUDENT_UP_TO
    return "student" if studies and stream.random() < 0.5 else work


def _hobbies(person: Mapping[str, Any], stream: Stream) -> list[str]:
    """Two or three, what the survey tells first."""
    age = _age(person)
    known = _PASTIMES["young" if age < 35 else "middle" if age < 60 else "old"]
    own = ["hunting and fishing"] if person.get("hunts_or_fishes") is True else []
    own += ["the church choir"] if person.get("attendance") == "weekly" and stream.random() < 0.2 else []
    return [*own, *(known[place] for place in stream.sample(len(known), 2))]


def _personality(person: Mapping[str, Any], stream: Stream) -> str:
    """Two words, whatever is told of somebody."""
    return f"{stream.choose(_OPEN)}, {stream.choose(_WITH_OTHERS)}"


def _team(person: Mapping[str, Any], stream: Stream) -> str:
    """A team of the region, or `none`."""
    if stream.random() >= _FOLLOWS:
        return "none"
    teams = _TEAMS.get(str(person.get("region")))
    return stream.choose(teams or [team for of in _TEAMS.values() for team in of])
