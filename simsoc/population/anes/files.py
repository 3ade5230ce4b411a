"""Respondents of the official ANES Time Series files of 2016, 2020 and 2024."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from simsoc.core.protocols import Gathered
from simsoc.core.shelf import nearest
from simsoc.population.codebook import Codebook, codebook
from simsoc.population.coded import Rows, header, lacking, respondents, rows
from simsoc.population.crossed import traits_of
from simsoc.population.drawing import Quotas
from simsoc.population.extending import Extend, Extended, extended
from simsoc.population.margins import CORE
from simsoc.population.parties import PartyBy, needed, sided
from simsoc.population.phrases import survey_words
from simsoc.population.raking import Raking
from simsoc.population.respondents import File, Mode, Wanted, numbers, peopled
from simsoc.population.tables import separated, wrong
from simsoc.scenario.spec import BackendSpec

YEARS = (2016, 2020, 2024)
SORTED_BY = ("party7", "age", "education")
"""What respondents are sorted by before they are drawn, so that a draw is stratified by it."""
OTHERS = {
    "VCF0004": "the cumulative file of all years",
    "VCF0006": "the cumulative file of all years",
    "V080001": "the study of 2008",
    "V000001": "the study of 2000",
    "caseid": "the study of 2012, or a file prepared by somebody else",
}
"""Columns by which other files of ANES are known."""


@cache
def book_of(year: int) -> Codebook:
    """The codebook of a study."""
    name = f"anes{year}.yaml"
    return codebook(text=files(__package__).joinpath(name).read_text(encoding="utf-8"), name=name)


def anes(
    seed: int,
    *,
    file: str,
    year: Literal[2016, 2020, 2024] | None = None,
    n: Annotated[int, Field(ge=1)] | None = None,
    weights: bool | str = True,
    mode: Mode = "draw",
    quotas: Quotas | None = None,
    rake: Raking | None = None,
    where: Annotated[Mapping[str, Any], Field(min_length=1)] | None = None,
    require: Sequence[str] | None = None,
    party: PartyBy = "warmth",
    traits: Annotated[Sequence[str], Field(min_length=1)] | None = None,
    extend: Extend = None,
    backend: BackendSpec | None = None,
) -> Gathered | Extended:
    """Respondents of an official ANES Time Series file, 2016, 2020 or 2024; you download the file yourself.

    file: path, relative to the scenario: CSV (2016: the raw data, with bars) or Stata (.dta).
    year: of the study; told by the columns when not given.
    n: how many people are drawn, also more than there are respondents; as many as these when not given.
    weights: whether survey weights count (the post-election one where a trait was asked after the election); or `pre`,
        `post`, or the column.
    mode: `draw` draws people by weight, so that each counts one; `weighted` keeps everybody, with its trait `weight`.
    quotas: shares of cells, met exactly: `{party: {democrat: 45, republican: 46, none: 9}}`, or a list of cells.
    rake: margins that weights are made to meet first, `{margins: {gender: {male: 49, female: 51}}}`.
    where: who is used at all, as `traits` of a `who`: `{twitter_use: {min: 1}}`.
    require: traits without which a respondent is left out; those that `party` goes by when not given.
    party: what `party` and `partisan` go by: warmth to the two parties, or party identification.
    traits: the traits to keep; all that the file has when not given.
    extend: further traits that a model makes up for everybody: `[occupation, hobbies, sports_team, personality, bio]`.
    backend: who makes these up; the run's own backend (without its groups) when not given.

    People are drawn by systematic resampling, sorted by party, age and education: nobody is drawn more than once too
    often or too seldom. Whom this leaves out is counted, and printed. Raises ScenarioError for another file than these,
    an older release, columns that are missing and codes that the codebook does not know.
    """
    path = Path(file)
    book, found = _recognised(path, year)
    kept = _kept(book, traits)
    used = dict.fromkeys([*kept, *needed(party), *SORTED_BY, *CORE, *_asked(quotas, rake, where, require)])
    known = [trait for trait in book.traits if trait in used]
    by = _weighed_by(path, book, found, weights, [trait for trait in known if trait in kept])
    for trait in known:
        if trait in (traits or ()) or trait in needed(party):
            _there(path, book, found, trait)
    stat = path.stat()
    read = _read(path, (stat.st_mtime_ns, stat.st_size), book.study, tuple(known), by)
    people = [{"respondent": case, **p, **sided(p, party)} for case, p in zip(read.cases, read.people, strict=True)]
    must = needed(party) if require is None else _asked_for(people, require)
    order = [(trait, book.order(trait)) for trait in SORTED_BY]
    more = {"study": book.study, "file": path.name, "not_there": read.absent}
    respondents_of = File(people, read.weights, by or "no weights", book.study, more)
    made = peopled(seed, respondents_of, Wanted(n, mode, quotas, rake, where, must, order))
    keep = {"respondent", "weight", *(traits or (*kept, "party", "partisan"))}
    people = [{trait: value for trait, value in person.items() if trait in keep} for person in made.people]
    made.told["of_respondents"] = [trait for trait in made.told["of_respondents"] if trait in keep]
    return extended(seed, Gathered(people, made.told, book.phrases(survey_words())), extend, backend)


class _Read(NamedTuple):
    """What was read of a file. Not to be changed: it is kept."""

    people: list[dict[str, Any]]
    absent: list[str]
    cases: Sequence[str]
    weights: list[float | None] | None


@lru_cache(maxsize=2)
def _read(path: Path, stamp: tuple[int, int], study: str, traits: tuple[str, ...], by: str | None) -> _Read:
    """The respondents of a file with these traits; once for all runs of a process, while the file stays as it is."""
    book = next(book for book in map(book_of, YEARS) if book.study == study)
    cells = rows(path, book.delimiter, _columns(book, traits, by))
    _not_refused(path, book, cells)
    found = respondents(path, book, cells, traits)
    cases = cells.columns.get(book.case or "", [str(row + 1) for row in range(cells.length)])
    return _Read(found.people, found.absent, cases, None if by is None else numbers(path, by, cells.columns[by]))


def _recognised(path: Path, year: int | None) -> tuple[Codebook, list[str]]:
    """The study that a file is of, and its columns. Raises ScenarioError for any other file."""
    books = [book_of(one) for one in YEARS]
    tried: list[str] = []
    for delimiter in dict.fromkeys(book.delimiter for book in (*books[1:], books[0])):
        columns = header(path, delimiter)
        tried = max(tried, columns, key=len)
        fitting = [book for book in books if set(book.knows) <= set(columns)]
        if fitting and year is not None and book_of(year) not in fitting:
            raise wrong("year", f"'{path.name}' is the file of {fitting[0].study}, not of {year}")
        if fitting:
            return fitting[0], columns
    _nearly(path, books, tried)
    wanted = book_of(year) if year is not None else None
    other = next((said for column, said in OTHERS.items() if column in tried), None)
    told = f"'{path.name}' is none of the ANES Time Series files of 2016, 2020 and 2024"
    told += f": it looks like {other}." if other else f". It begins with columns {', '.join(tried[:6])[:120]}."
    for book in [wanted] if wanted is not None else books[1:]:
        told += f" {book.study} has {' and '.join(book.knows)}; its file is {book.file}: {book.get}."
    raise wrong("file", told)


def _nearly(path: Path, books: Sequence[Codebook], found: Sequence[str]) -> None:
    """Raises ScenarioError for a file of the studies that was saved otherwise: other separators, other case."""
    mark = separated(path, found, ",")
    columns = [name.strip().strip('"') for name in found[0].split(mark)] if mark is not None else list(found)
    capitals = {name.lower() for name in columns}
    book = next((book for book in books if {name.lower() for name in book.knows} <= capitals), None)
    if book is None:
        return
    why = (
        f"its cells stand between {mark!r}, not {book.delimiter!r}" if mark is not None else "columns are in lower case"
    )
    told = f"'{path.name}' seems to be {book.study}, saved otherwise: {why}. Save it as it was, or"
    raise wrong("file", f"{told} take {book.file} as it is handed out: {book.get}.")


def _kept(book: Codebook, traits: Sequence[str] | None) -> list[str]:
    """Traits of the book that are kept. Raises ScenarioError for others, with the nearest name."""
    if traits is None:
        return list(book.traits)
    known = [*book.traits, "party", "partisan"]
    for trait in traits:
        if trait not in known:
            said = f"no trait '{trait}' in {book.study}.{nearest(trait, known)} Known: {', '.join(known)}."
            raise wrong("traits", said)
    return [trait for trait in traits if trait in book.traits]


def _asked(
    quotas: Any, rake: Raking | None, where: Mapping[str, Any] | None, require: Sequence[str] | None
) -> list[str]:
    """Traits that a selection goes by."""
    cells = (
        [] if quotas is None else quotas if isinstance(quotas, Mapping) else [t for one in quotas for t in one.traits]
    )
    return [
        *cells,
        *(trait for name in (rake.margins if rake is not None else ()) for trait in traits_of(name)),
        *(where or ()),
        *(require or ()),
    ]


def _weighed_by(
    path: Path, book: Codebook, found: Sequence[str], weights: bool | str, kept: Sequence[str]
) -> str | None:
    """The column of the weight; None for no weights. Raises ScenarioError where it is not there."""
    if weights is False:
        return None
    post = any(book.traits[trait].wave == "post" and _any(book, found, trait) for trait in kept)
    name = ("post" if post else "pre") if weights is True else weights
    column = book.weights.get(name, name)
    if column not in found:
        if name not in book.weights:
            near = nearest(name, [*book.weights, *found])
            raise wrong("weights", f"'{path.name}' has no weight '{name}'.{near} Known: {', '.join(book.weights)}.")
        raise lacking(path, [column], found, book, f"the {name}-election weight")
    return column


def _any(book: Codebook, found: Sequence[str], trait: str) -> bool:
    return any(column in found for column in book.traits[trait].needs())


def _there(path: Path, book: Codebook, found: Sequence[str], trait: str) -> None:
    if not _any(book, found, trait):
        raise lacking(path, book.traits[trait].needs(), found, book, f"which trait '{trait}' comes from")


def _columns(book: Codebook, traits: Sequence[str], by: str | None) -> list[str]:
    """Every column that is looked at."""
    of_traits = [column for trait in traits for column in book.traits[trait].asks()]
    return [*of_traits, *(one.column for one in book.refuse), *filter(None, (by, book.case))]


def _not_refused(path: Path, book: Codebook, cells: Rows) -> None:
    """Raises ScenarioError for a file that only looks like the study's."""
    for one in book.refuse:
        column = cells.columns.get(one.column, ())
        has = one.has is not None and any(one.has in cell for cell in column)
        if column and (has or (one.all is not None and set(column) == {str(one.all)})):
            told = f"'{path.name}' is not {book.title}: {one.says} (column {one.column})."
            raise wrong("file", f"{told} Expected is {book.file}: {book.get}.")


def _asked_for(people: Sequence[Mapping[str, Any]], require: Sequence[str]) -> Sequence[str]:
    """The traits that respondents must have, if somebody has each."""
    known = sorted({trait for person in people for trait in person})
    for trait in require:
        if trait not in known:
            raise wrong("require", f"nobody has '{trait}'.{nearest(trait, known)} Known: {', '.join(known)}.")
    return require
