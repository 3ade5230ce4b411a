"""People from a CSV file: as it stands, or as a survey with a codebook and weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from simsoc.core.protocols import Gathered
from simsoc.core.shelf import nearest
from simsoc.scenario.spec import BackendSpec

from .codebook import Codebook
from .codebook import codebook as read_codebook
from .coded import header, lacking, respondents, rows
from .drawing import Quotas
from .extending import Extend, Extended, extended
from .raking import Raking
from .respondents import File, Mode, Wanted, kept_of, numbers, peopled
from .tables import csv_file, told_apart, wrong


def csv_people(
    seed: int,
    *,
    file: str,
    n: Annotated[int, Field(ge=1)] | None = None,
    columns: Annotated[Sequence[str], Field(min_length=1)]
    | Annotated[Mapping[str, str], Field(min_length=1)]
    | None = None,
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None,
    codebook: str | None = None,
    weights: str | None = None,
    mode: Mode = "draw",
    quotas: Quotas | None = None,
    rake: Raking | None = None,
    where: Annotated[Mapping[str, Any], Field(min_length=1)] | None = None,
    require: Sequence[str] = (),
    sort: Sequence[str] = (),
    extend: Extend = None,
    backend: BackendSpec | None = None,
) -> list[dict[str, Any]] | Gathered | Extended:
    """People from a CSV file with a header row: a row is a person, a column a trait.

    file: path, relative to the scenario.
    n: size of a sample without replacement, kept in the order of the file; everybody when not given. With `weights`,
        `quotas` or `rake`: how many people are drawn, also more than there are rows.
    columns: the columns to keep, or a mapping from trait to column to rename them; with a codebook, its traits to keep.
    delimiter: what stands between the cells; a comma, or what the codebook says, when not given.
    codebook: file that says what the codes of the columns mean (docs/populations.md).
    weights: column, or name in the codebook, of a survey weight.
    mode: `draw` draws people by weight, so that each counts one; `weighted` keeps everybody, with its trait `weight`.
    quotas: shares of cells, met exactly: `{party: {red: 45, blue: 55}}`, or a list of cells.
    rake: margins that weights are made to meet first, `{margins: {gender: {male: 49, female: 51}}}`.
    where: who is used at all, as `traits` of a `who`.
    require: traits without which somebody is left out.
    sort: traits that rows are sorted by before people are drawn by weight, which stratifies the draw.
    extend: further traits that a model makes up for everybody: `[occupation, hobbies, sports_team, personality, bio]`.
    backend: who makes these up; the run's own backend (without its groups) when not given.

    Without a codebook a column in which every cell is a whole number, or a number, becomes one; empty cells and NA are
    left out. Raises ScenarioError when the file is missing, empty or broken, for unknown columns and traits (with the
    nearest name), for codes that the codebook does not know, and when it has fewer than n rows to sample from.
    """
    path = Path(file)
    book = None if codebook is None else read_codebook(Path(codebook))
    weighed = weights is not None or quotas is not None or rake is not None or mode == "weighted"
    if book is None and not (weighed or where or require or sort):
        rows_as_they_are = csv_file(seed, file=file, n=n, columns=columns, delimiter=delimiter or ",")
        return extended(seed, rows_as_they_are, extend, backend)
    if book is None:
        people, counted = _plain(path, columns, delimiter or ",", weights)
    else:
        people, counted = _coded(path, book, columns, delimiter, weights, [*require, *sort, *(where or ())])
    known = sorted({trait for person in people for trait in person})
    for key, traits in (("require", require), ("sort", sort)):
        for trait in traits:
            if trait not in known:
                raise wrong(key, f"nobody has '{trait}'.{nearest(trait, known)} Known: {', '.join(known)}.")
    order = [(trait, book.order(trait) if book else ()) for trait in sort]
    about = (book.study if book and book.study else path.name, {"file": path.name})
    of = File(people, counted, weights or "no weights", *about)
    wanted = Wanted(n, mode, quotas, rake, where, require, order)
    made = peopled(seed, of, wanted) if weighed else kept_of(seed, of, wanted)
    return extended(seed, made if book is None else made._replace(words=book.phrases()), extend, backend)


def _plain(
    path: Path, columns: Sequence[str] | Mapping[str, str] | None, delimiter: str, weights: str | None
) -> tuple[list[dict[str, Any]], list[float | None] | None]:
    """Rows as they stand, and their weights."""
    people = csv_file(0, file=str(path), columns=columns, delimiter=delimiter)
    if weights is None:
        return people, None
    found = header(path, delimiter)
    if weights not in found:
        raise wrong("weights", f"'{path.name}' has no column '{weights}'.{nearest(weights, found)}")
    counted = numbers(path, weights, rows(path, delimiter, [weights]).columns[weights])
    return [{trait: value for trait, value in person.items() if trait != weights} for person in people], counted


def _coded(
    path: Path,
    book: Codebook,
    columns: Sequence[str] | Mapping[str, str] | None,
    delimiter: str | None,
    weights: str | None,
    used: Sequence[str],
) -> tuple[list[dict[str, Any]], list[float | None] | None]:
    """Rows by their codebook, and their weights. Raises ScenarioError for what the book or the file does not have."""
    if isinstance(columns, Mapping):
        raise wrong("columns", "the codebook says what traits are called; list those to keep")
    for trait in columns or ():
        if trait not in book.traits:
            near = nearest(trait, list(book.traits))
            raise wrong("columns", f"no trait '{trait}' in the codebook.{near} Known: {', '.join(book.traits)}.")
    kept = [trait for trait in book.traits if columns is None or trait in {*columns, *used}]
    between = delimiter or book.delimiter
    found = header(path, between)
    told_apart(path, found, between)
    for trait in kept:
        needs = book.traits[trait].needs()
        if not any(column in found for column in needs):
            raise lacking(path, needs, found, book, f"which trait '{trait}' comes from")
    by = None if weights is None else book.weights.get(weights, weights)
    if by is not None and by not in found:
        known = [*book.weights, *found]
        raise wrong("weights", f"'{path.name}' has no weight '{weights}'.{nearest(str(weights), known)}")
    asked = [column for trait in kept for column in book.traits[trait].asks()]
    cells = rows(path, between, [*asked, *filter(None, (by, book.case))])
    read = respondents(path, book, cells, kept)
    cases = cells.columns.get(book.case or "")
    people = read.people if cases is None else [{"respondent": c, **p} for c, p in zip(cases, read.people, strict=True)]
    return people, None if by is None else numbers(path, by, cells.columns[by])
