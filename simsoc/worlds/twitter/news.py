"""Headlines: read from a file or made up, by whom they are seen, and when."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

from msgspec import Struct

from simsoc.core.errors import ScenarioError
from simsoc.core.shelf import nearest
from simsoc.core.stream import Stream

from .spec import News

_LARGEST = 500_000_000  # bytes


class Headline(Struct, frozen=True):
    """A piece of news."""

    number: int
    """Its place in the pool."""
    headline: str
    category: str = ""
    description: str = ""
    outlet: str = ""
    day: date | None = None

    def told(self) -> dict[str, str]:
        """What people are shown of it."""
        shown = {"headline": self.headline, "category": self.category, "summary": self.description}
        return {name: text for name, text in shown.items() if text}


class Pool:
    """All the headlines there are. Those put in from outside come after those of the file."""

    def __init__(self, spec: News, headlines: Sequence[Headline]) -> None:
        self.spec = spec
        self.all = list(headlines)
        days = [h.day for h in self.all if h.day is not None]
        self._first = min(days) if days else None
        self._lists: dict[Any, list[int]] = {}

    @property
    def outlets(self) -> list[str]:
        """Every outlet, sorted."""
        return sorted({h.outlet for h in self.all if h.outlet})

    def add(self, given: Mapping[str, Any]) -> Headline:
        """One more, put in from outside; everybody may see it from now on."""
        made = Headline(len(self.all), given["headline"], given.get("category", ""), given.get("description", ""))
        self.all.append(made)
        self._lists.clear()
        return made

    def drawn(self, stream: Stream, step: int, outlets: Sequence[str] | None) -> list[Headline]:
        """So many headlines as are shown at once, each equally likely. outlets: those the reader uses; None for all."""
        numbers = self._open_to(step, None if outlets is None else tuple(outlets))
        return [self.all[numbers[i]] for i in stream.sample(len(numbers), min(self.spec.count, len(numbers)))]

    def _open_to(self, step: int, outlets: tuple[str, ...] | None) -> list[int]:
        today = self._today(step)
        key = (outlets, today)
        found = self._lists.get(key)
        if found is None:
            if len(self._lists) > 10_000:
                self._lists.clear()
            found = [h.number for h in self.all if self._out(h, today) and _used(h, outlets)]
            self._lists[key] = found
        return found

    def _today(self, step: int) -> date | None:
        if not self.spec.by_date or self._first is None:
            return None
        return self._first + timedelta(days=int((step - 1) * self.spec.days + 1e-9))

    def _out(self, headline: Headline, today: date | None) -> bool:
        if today is None or headline.day is None:
            return True
        kept = self.spec.kept
        return headline.day <= today and (kept is None or (today - headline.day).days < kept)

    def apart(self) -> Pool:
        """A copy to which headlines can be added."""
        return Pool(self.spec, self.all)


def _used(headline: Headline, outlets: tuple[str, ...] | None) -> bool:
    return outlets is None or not headline.outlet or headline.outlet in outlets


def pool(spec: News, folder: Path | None = None) -> Pool:
    """The headlines of a scenario. Raises ScenarioError, naming file and row, for a file that cannot be used."""
    if spec.file is None:
        text = files(__package__).joinpath("headlines.json").read_text(encoding="utf-8")
        return Pool(spec, [_headline(n, row, "headlines") for n, row in enumerate(json.loads(text))])
    path = Path(spec.file) if folder is None else folder / spec.file
    found = [_headline(n, row, where) for n, (where, row) in enumerate(_rows(path))]
    if not found:
        raise _wrong(f"'{path.name}' has no headlines")
    return Pool(spec, found)


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each headline of a file with its place."""
    try:
        if path.stat().st_size > _LARGEST:
            raise _wrong(f"'{path.name}' is larger than {_LARGEST // 1_000_000} MB")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _wrong(f"no file '{path}'") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(f"'{path.name}' cannot be read: {type(error).__name__}: {error}") from error
    if path.suffix.lower() == ".csv":
        reader = csv.DictReader(StringIO(text))
        if "headline" not in (reader.fieldnames or ()):
            known = ", ".join(reader.fieldnames or ()) or "none"
            raise _wrong(
                f"'{path.name}' has no column 'headline'.{nearest('headline', known.split(', '))} It has: {known}."
            )
        try:
            yield from ((f"{path.name}, line {reader.line_num}", row) for row in reader)
        except csv.Error as error:
            raise _wrong(f"{path.name}, after line {reader.line_num}: {error}") from None
    elif text.lstrip().startswith("["):
        yield from ((f"{path.name}, headline {n}", row) for n, row in enumerate(_parsed(text, path.name, 1), start=1))
    else:
        for n, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield f"{path.name}, line {n}", _parsed(line, path.name, n)


def _parsed(text: str, name: str, line: int) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        at = line + error.lineno - 1 if isinstance(error, json.JSONDecodeError) else line
        raise _wrong(f"'{name}' line {at} is no JSON: {error}") from None


def _headline(number: int, row: Any, where: str) -> Headline:
    if not isinstance(row, Mapping) or not isinstance(row.get("headline"), str) or not row["headline"].strip():
        raise _wrong(f"{where}: no text under 'headline'")
    if not _writable(row.values()):
        raise _wrong(f"{where}: half of a character pair (a surrogate), which is no text")
    text = {name: str(row.get(name) or "").strip() for name in ("headline", "category", "outlet")}
    description = str(row.get("short_description") or row.get("description") or "").strip()
    return Headline(
        number, text["headline"], text["category"], description, text["outlet"], _day(row.get("date"), where)
    )


def _writable(values: Iterable[Any]) -> bool:
    """Whether texts can be written in UTF-8."""
    try:
        "".join(map(str, values)).encode()
    except UnicodeEncodeError:
        return False
    return True


def _day(value: Any, where: str) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise _wrong(f"{where}: date {str(value)!r} is not like 2020-07-01") from None


def _wrong(message: str) -> ScenarioError:
    return ScenarioError.at("world.news.file", message)
