"""People from a JSON file: a list of objects, or one object a line; a key is a trait."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

from pydantic import Field

from simsoc.core.shelf import nearest
from simsoc.scenario.spec import BackendSpec

from .extending import Extend, Extended, extended
from .tables import missing, sampled, wrong

_LARGEST = 100_000_000  # bytes; more is no list of people


def json_file(
    seed: int,
    *,
    file: str,
    n: Annotated[int, Field(ge=1)] | None = None,
    keys: Annotated[Sequence[str], Field(min_length=1)]
    | Annotated[Mapping[str, str], Field(min_length=1)]
    | None = None,
    extend: Extend = None,
    backend: BackendSpec | None = None,
) -> list[dict[str, Any]] | Extended:
    """People from a JSON file, a list of objects, or from JSON lines, an object on each: keys are traits.

    file: path, relative to the scenario.
    n: size of a sample without replacement, kept in the order of the file; everybody when not given.
    keys: the keys to keep, or a mapping from trait to key, to rename them.
    extend: further traits that a model makes up for everybody: `[occupation, hobbies, sports_team, personality, bio]`.
    backend: who makes these up; the run's own backend (without its groups) when not given.

    The sample takes one addressed draw for each person. What is null is left out. Raises ScenarioError when the file is
    missing, empty or broken, with the line, for keys nobody has (with the nearest name), and when it has fewer than n
    people.
    """
    everybody = _kept(read(Path(file)), keys)
    people = everybody if n is None else [everybody[i] for i in sampled(seed, len(everybody), n)]
    return extended(seed, people, extend, backend)


def read(path: Path) -> list[dict[str, Any]]:
    """Everybody in a file, with all traits that are not null. Raises ScenarioError as `json_file`."""
    return _people(path, _read(path))


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise wrong("file", f"'{path.name}' is larger than {_LARGEST // 1_000_000} MB")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise missing(path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise wrong("file", f"'{path.name}' cannot be read: {type(error).__name__}: {error}") from error


def _people(path: Path, text: str) -> list[dict[str, Any]]:
    if text.lstrip().startswith("["):
        found = [(f"person {number}", one) for number, one in enumerate(_parsed(path, text, 1))]
    else:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
        found = [(f"line {number}", _parsed(path, line, number)) for number, line in lines]
    for where, one in found:
        if not isinstance(one, dict):
            raise wrong("file", f"'{path.name}' {where}: an object of traits is expected, such as {{\"age\": 34}}")
    if not found:
        raise wrong("file", f"'{path.name}' holds no people: a list of objects, or an object on each line, is needed")
    return [{trait: value for trait, value in one.items() if value is not None} for _, one in found]


def _parsed(path: Path, text: str, first: int) -> Any:
    """JSON without doubled keys, numbers that are none, and halves of characters. `first`: line the text begins in."""
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        line = first + error.lineno - 1
        raise wrong("file", f"'{path.name}' line {line}: {error.msg}, column {error.colno}") from None
    except UnicodeEncodeError:
        raise wrong("file", f"'{path.name}': a \\u escape is half of a character") from None
    except (ValueError, RecursionError) as error:
        raise wrong("file", f"'{path.name}': {error}") from None
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        doubled = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"the key {doubled!r} appears twice in one object")
    return made


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _kept(people: list[dict[str, Any]], keys: Sequence[str] | Mapping[str, str] | None) -> list[dict[str, Any]]:
    if keys is None:
        return people
    wanted = dict(keys) if isinstance(keys, Mapping) else {key: key for key in keys}
    known = list(dict.fromkeys(key for person in people for key in person))
    for key in wanted.values():
        if key not in known:
            listed = ", ".join(known[:20]) + (" ..." if len(known) > 20 else "")
            raise wrong("keys", f"nobody has '{key}'.{nearest(key, known)} Known: {listed}.")
    return [{trait: person[key] for trait, key in wanted.items() if key in person} for person in people]
