"""From respondents with weights to the people of a society: who is left out, what they count, who is drawn.

Weights are honoured once. Either people are drawn by weight, and each counts one; or every respondent is kept, and its
weight is its trait `weight`. Which it was, whom it left out, the effective sample size and the margins are in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor, log10
from pathlib import Path
from typing import Any, Literal, NamedTuple

from simsoc.core.errors import ScenarioError
from simsoc.core.protocols import Gathered, People
from simsoc.core.stream import Stream
from simsoc.scenario.spec import Who

from .crossed import Cells, disagreeing, located, percent
from .crossed import told as in_words
from .drawing import Counted, Quotas, effective, placed, systematic
from .margins import CORE, compared, margin
from .raking import Raked, Raking, rake
from .tables import MISSING, sampled, wrong
from .who import fits, problems

Mode = Literal["draw", "weighted"]
_WHY = "Is it another column, a decimal comma, or a code for missing (which is left blank)?"
_LARGEST = 1e100  # what is more is no weight, and its square no number


class Wanted(NamedTuple):
    """What people are wanted of a file of respondents."""

    n: int | None = None
    mode: Mode = "draw"
    quotas: Quotas | None = None
    rake: Raking | None = None
    where: Mapping[str, Any] | None = None
    require: Sequence[str] = ()
    sort: Sequence[tuple[str, Sequence[Any]]] = ()
    """Traits that respondents are sorted by before they are drawn, each with the order of its values."""


class File(NamedTuple):
    """Respondents as they were read."""

    people: list[dict[str, Any]]
    weights: Sequence[float | None] | None
    """None for a respondent without one; None altogether where everybody counts alike."""
    weighed_by: str
    """The column, or the like, for the log."""
    source: str
    """What the respondents are of, for the log."""
    more: Mapping[str, Any]
    """Further particulars for the log."""


class _Sample(NamedTuple):
    people: list[dict[str, Any]]
    weights: list[float]


def peopled(seed: int, file: File, wanted: Wanted) -> Gathered:
    """The people. Raises ScenarioError for what does not fit the respondents."""
    _allowed(file, wanted)
    kept, out = _usable(file, wanted)
    told: dict[str, Any] = {"left_out": out} if out else {}
    targets = {trait: margin(kept.people, trait, kept.weights) for trait in CORE}
    if wanted.rake is not None:
        kept, told["raked"] = _raked(kept, wanted.rake)
        targets |= {name: percent(shares) for name, shares in wanted.rake.margins.items()}
    told |= {"mode": wanted.mode, "respondents": len(kept.people), "weights": file.weighed_by, **file.more}
    told["effective"] = round(effective(kept.weights), 1)
    traits = list(dict.fromkeys([*targets, *_traits_of(wanted)]))
    if wanted.mode == "weighted":
        mean = sum(kept.weights) / len(kept.weights)
        people = [{**p, "weight": round(w / mean, 6)} for p, w in zip(kept.people, kept.weights, strict=True)]
        told["said"] = (
            f"{len(people)} respondents of {file.source}, all kept, each with its weight ({file.weighed_by}): "
            f"they say as much as {told['effective']:,.0f} that count alike"
        )
        shown = [person["weight"] for person in people]
        return Gathered(
            people,
            told
            | {
                "people": len(people),
                "of_respondents": _traits(people),
                "margins": compared(traits, targets, people, shown),
            },
        )
    rows = _drawn(seed, kept, wanted, told)
    people = [dict(kept.people[row]) for row in placed(seed, rows)]
    different = len(set(rows))
    told["said"] = (
        f"{len(people)} drawn from {len(kept.people):,} respondents of {file.source} by weight ({file.weighed_by}): "
        f"{different} different ones; all of them say as much as {told['effective']:,.0f} that count alike"
    )
    if wanted.quotas is not None:
        targets = {trait: of for trait, of in targets.items() if wanted.rake and trait in wanted.rake.margins}
        if isinstance(wanted.quotas, Mapping):
            targets |= {trait: percent(shares) for trait, shares in wanted.quotas.items()}
    return Gathered(
        people,
        told
        | {
            "people": len(people),
            "different": different,
            "of_respondents": _traits(people),
            "margins": compared(traits, targets, people),
        },
    )


def kept_of(seed: int, file: File, wanted: Wanted) -> Gathered:
    """Those who can be used, each once: all of them, or a sample without replacement in the order of the file."""
    sample, out = _usable(file, wanted)
    rows = range(len(sample.people)) if wanted.n is None else sampled(seed, len(sample.people), wanted.n)
    people = [sample.people[row] for row in rows]
    said = f"{len(people)} of {len(sample.people):,} respondents of {file.source}, each once"
    told = {"mode": "once", "said": said, "respondents": len(sample.people), "people": len(people), **file.more}
    told["of_respondents"] = _traits(people)
    told |= {"left_out": out} if out else {}
    return Gathered(people, told | {"margins": compared(CORE, {}, people)})


def numbers(path: Path, name: str, cells: Sequence[str]) -> list[float | None]:
    """Weights of a column; None for those without one: 0, or missing. Raises ScenarioError for what is no weight."""
    found: list[float | None] = []
    for row, cell in enumerate(cells, start=1):
        try:
            number = 0.0 if cell in MISSING else float(cell)
        except ValueError:
            number = -1.0
        if not 0 <= number < _LARGEST:
            told = f"'{path.name}', column {name}, row {row}: '{cell}' is no weight, which is a number from 0"
            raise wrong("weights", f"{told}. {_WHY}")
        found.append(number or None)
    if not any(found):
        told = f"'{path.name}', column {name}: nobody has a weight above 0"
        raise wrong("weights", f"{told}. Name another column, or count everybody alike by leaving weights out.")
    return found


def came_from(told: Mapping[str, Any], people: People) -> dict[int, list[str]]:
    """By agent, the traits that came from a respondent file: what must not be passed on with them.

    told: the population's note (`society.peopled`, `run.population()`). people: traits by agent, as they are or were at
    the start. Empty for people who are nobody's answers: made up, inline, drawn.
    """
    names = set(told.get("of_respondents", ()))
    born = people[: told.get("people", 0)] if names else ()
    return {agent: [trait for trait in person if trait in names] for agent, person in enumerate(born)}


def _traits(people: People) -> list[str]:
    """Every trait that somebody has, in the order met."""
    return list(dict.fromkeys(trait for person in people for trait in person))


def _allowed(file: File, wanted: Wanted) -> None:
    """What excludes each other."""
    if wanted.mode == "draw":
        return
    if file.weights is None and wanted.rake is None:
        raise wrong("mode", "nobody has a weight to be carried along: say 'weights', or draw")
    if wanted.n is not None:
        raise wrong("n", "with `mode: weighted` everybody is kept; leave n out, or draw")
    if wanted.quotas is not None:
        raise wrong("quotas", "with `mode: weighted` nobody is drawn; `rake` makes margins what they are to be")
    if any("weight" in person for person in file.people):
        told = "with `mode: weighted` the trait `weight` is the survey weight, and there is another one called so"
        raise wrong("columns", f"{told}: give that column another name, `columns: {{...}}`, or leave it out")


def _usable(file: File, wanted: Wanted) -> tuple[_Sample, dict[str, int]]:
    """Those who can be used, and by reason how many cannot: openly, and counted."""
    out: dict[str, int] = {}
    weights = [1.0] * len(file.people) if file.weights is None else file.weights
    left = list(zip(file.people, weights, strict=True))
    if wanted.where is not None:
        _known(wanted.where, file.people)
    tests: list[tuple[str, Callable[[Mapping[str, Any], float | None], bool]]] = [
        ("without weight", lambda person, weight: weight is not None and weight > 0),
        *((f"without {trait}", _having(trait)) for trait in wanted.require),
        ("not as in `where`", lambda person, weight: wanted.where is None or fits(person, wanted.where)),
    ]
    for why, fine in tests:
        kept = [(person, weight) for person, weight in left if fine(person, weight)]
        if len(kept) < len(left):
            out[why] = len(left) - len(kept)
        left = kept
    if not left:
        said = ", ".join(f"{count} {why}" for why, count in out.items())
        raise wrong("where" if wanted.where else "file", f"nobody is left of {len(file.people)}: {said}")
    return _Sample([person for person, _ in left], [float(weight or 0) for _, weight in left]), out


def _having(trait: str) -> Callable[[Mapping[str, Any], float | None], bool]:
    return lambda person, weight: trait in person


def _known(where: Mapping[str, Any], people: People) -> None:
    told = problems(Who(traits=dict(where)), people, "population.where")
    if told:
        raise ScenarioError([p._replace(path=p.path.replace(".where.traits", ".where")) for p in told])


def _raked(sample: _Sample, raking: Raking) -> tuple[_Sample, dict[str, Any]]:
    margins = located(sample.people, raking.margins)
    cells = [(one.levels, list(one.cells.values())) for one in margins]
    raked = rake(sample.weights, cells, trim=raking.trim, rounds=raking.rounds, tolerance=raking.tolerance)
    if raked.off > raking.tolerance:
        raise wrong("rake", _unsettled(raked, margins, raking))
    return sample._replace(weights=raked.weights), raked.told(list(raking.margins), raking.tolerance)


def _unsettled(raked: Raked, margins: Sequence[Cells], raking: Raking) -> str:
    """What is furthest off, why, and what to do."""
    one, cell = margins[raked.worst[0]], list(margins[raked.worst[0]].cells)[raked.worst[1]]
    share = one.cells[cell] / sum(one.cells.values())
    said = (
        f"the margins are not met after {raked.rounds} rounds: {one.name} '{in_words(cell)}' has "
        f"{100 * raked.has:.4g} % of the weight, {100 * share:.4g} % are wanted"
    )
    if against := disagreeing(margins, raking.tolerance):
        return f"{said}. Margins contradict each other: {'; '.join(against)}. Make them agree, or say `tolerance`."
    bound = f"; {raked.trimmed} of {len(raked.weights)} weights are at the bounds that `trim: {raking.trim:g}` sets"
    instead = (
        f"a larger `trim`, more `rounds`, coarser margins, or `tolerance: {_coarser(raked.off):g}` if that will do"
    )
    return f"{said}{bound if raked.trimmed else ''}. Try {instead}."


def _coarser(off: float) -> float:
    """The difference with one digit, rounded up."""
    step = 10.0 ** floor(log10(off))
    return float(f"{ceil(off / step) * step:.1g}")


def _traits_of(wanted: Wanted) -> list[str]:
    """Traits that are asked for by quotas."""
    if wanted.quotas is None:
        return []
    return list(wanted.quotas) if isinstance(wanted.quotas, Mapping) else [t for c in wanted.quotas for t in c.traits]


def _drawn(seed: int, sample: _Sample, wanted: Wanted, told: dict[str, Any]) -> list[int]:
    """Rows, each as often as it is drawn."""
    n = len(sample.people) if wanted.n is None else wanted.n
    order = _sorted(sample.people, wanted.sort)
    if wanted.quotas is None:
        return _systematic(sample, order, n, Stream(seed, "population", "systematic"))
    counted = Counted(wanted.quotas, n)
    if no := counted.problems(sample.people):
        raise ScenarioError(no)
    cells = [counted.of(person) for person in sample.people]
    outside = cells.count(None)
    if outside:
        told.setdefault("left_out", {})["in no cell"] = outside
    told["quotas"] = {counted.told(number): count for number, count in enumerate(counted.counts)}
    rows: list[int] = []
    for number, count in enumerate(counted.counts):
        of = [row for row in order if cells[row] == number]
        if count:
            rows += _systematic(sample, of, count, Stream(seed, "population", "systematic", number))
    return rows


def _systematic(sample: _Sample, order: Sequence[int], n: int, stream: Stream) -> list[int]:
    taken = systematic([sample.weights[row] for row in order], n, stream)
    return [row for row, count in zip(order, taken, strict=True) for _ in range(count)]


def _sorted(people: People, sort: Sequence[tuple[str, Sequence[Any]]]) -> list[int]:
    """Rows in the order of these traits; who lacks one comes last; ties stay as in the file."""
    ranks = [(trait, {value: place for place, value in enumerate(order)}) for trait, order in sort]

    def key(row: int) -> list[tuple[bool, float, str]]:
        person = people[row]
        return [_rank(person.get(trait), places) for trait, places in ranks]

    return sorted(range(len(people)), key=key)


def _rank(value: Any, places: Mapping[Any, int]) -> tuple[bool, float, str]:
    if isinstance(value, str | bool):
        return False, float(places.get(value, len(places))), str(value)
    return (False, float(value), "") if isinstance(value, int | float) else (True, 0.0, "")
