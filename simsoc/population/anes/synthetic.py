"""People made up from the margins of ANES 2020: the population that needs no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from simsoc.core.errors import ScenarioError
from simsoc.core.protocols import Gathered
from simsoc.core.shares import largest_remainder
from simsoc.core.shelf import nearest
from simsoc.population.drawing import Counted, Quotas, dealt
from simsoc.population.extending import Extend, Extended, extended
from simsoc.population.margins import CORE, compared
from simsoc.population.parties import PartyBy, sided
from simsoc.population.phrases import phrased, survey_words
from simsoc.population.tables import wrong
from simsoc.population.who import fits, problems
from simsoc.scenario.spec import BackendSpec, Who

from .mixture import Hits, Words, draws, keys_of, mixture, slots, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.int64]

AGES = {"75+": (75, 84)}
"""Years of the open age group: the survey stops at 80."""
LOW_AT_40K_70K = 0.60
"""Share of the incomes from 40,000 to 70,000 dollars that count as low: the class ends within the group."""
CARD = (15, 30, 40, 50, 60, 70, 85)
"""Points of the show card on which ratings between hate and love cluster."""
PATIENCE = 2_000
"""Draws of everybody by which somebody has to have come about who is as selected."""
MOST = 200_000
"""Draws of one person by which it has to have come about."""
USES: Mapping[str, Sequence[tuple[float, float]]] = {
    "not_used": [(0, 100)],
    "less_often": [(1, 30), (0.5, 70)],
    "weekly": [(5, 59), (2, 41)],
    "daily": [(14, 100)],
    "several_times_a_day": [(50, 50), (30, 50)],
}
"""Turns in two weeks by how often Twitter is used (values of Törnberg et al. 2023), with the weighted shares of the
answers that a level stands for."""


VOTED = {
    "vote": {
        "called": "vote in 2020",
        "values": {"biden": "Joe Biden", "trump": "Donald Trump"},
        "says": {
            "biden": "You voted for Joe Biden in 2020.",
            "trump": "You voted for Donald Trump in 2020.",
            "other": "You voted for another candidate in 2020.",
            "did_not_vote": "You did not vote in 2020.",
        },
    },
    "vote_before": {"called": "vote in 2016", "values": {"clinton": "Hillary Clinton", "trump": "Donald Trump"}},
    "ft_dem_candidate": {"called": "Joe Biden"},
    "ft_rep_candidate": {"called": "Donald Trump"},
}
"""How the votes of this election are told."""


def anes_synthetic(
    seed: int,
    *,
    n: Annotated[int, Field(ge=1)],
    quotas: Quotas | None = None,
    where: Annotated[Mapping[str, Any], Field(min_length=1)] | None = None,
    party: PartyBy = "warmth",
    traits: Annotated[Sequence[str], Field(min_length=1)] | None = None,
    extend: Extend = None,
    backend: BackendSpec | None = None,
) -> Gathered | Extended:
    """People made up from weighted margins of the American National Election Study 2020; needs no file.

    n: how many people.
    quotas: shares of cells, met exactly: `{party: {democrat: 45, republican: 46, none: 9}}`, or a list of cells.
    where: who can be picked at all, as `traits` of a `who`: `{twitter_use: {min: 1}}`.
    party: what `party` and `partisan` go by: warmth to the two parties, or party identification.
    traits: the traits to keep; all of them when not given.
    extend: further traits that a model makes up for everybody: `[occupation, hobbies, sports_team, personality, bio]`.
    backend: who makes these up; the run's own backend (without its groups) when not given.

    Citizens of the United States, 18 and older, autumn of 2020. Party, age, gender, race, education, income, religion,
    ideology, vote, ratings of parties and candidates and use of Twitter hang together pair by pair as in the survey; no
    row of it is in here, and nobody is anybody. Ratings of other groups, news sites, guns and hunting depend on party
    identification alone. One more person changes nobody else, except with `quotas`. Raises ScenarioError for traits and
    values that nobody has.
    """
    counted = None if quotas is None else Counted(quotas, n)
    _checked(seed, counted, where, party, traits)
    cells = dealt(seed, counted.counts) if counted else None
    found: list[dict[str, Any] | None] = [None] * n
    for left, hits, done in draws(keys_of(seed, n)):
        for agent, person in zip(hits.owners, _people(hits, party), strict=True):
            if found[agent] is not None or (where is not None and not fits(person, where)):
                continue
            if counted is None or cells is None or counted.of(person) == cells[agent]:
                found[agent] = person
        left[:] = [agent for agent in left if found[agent] is None]
        if left and (done > MOST or (done > PATIENCE and len(left) == n)):
            raise wrong("where" if counted is None else "quotas", f"nobody like that in {done} draws of each person")
    people = [person for person in found if person is not None]
    told = _told(people, n, counted, quotas, selected=where is not None)
    if traits is not None:
        people = [{trait: person[trait] for trait in traits if trait in person} for person in people]
    return extended(seed, Gathered(people, told, phrased(VOTED, survey_words())), extend, backend)


def _checked(
    seed: int, counted: Counted | None, where: Mapping[str, Any] | None, party: PartyBy, traits: Sequence[str] | None
) -> None:
    """Whether what is asked for can be had, looked up among some of the people. Raises ScenarioError."""
    if counted is None and where is None and traits is None:
        return
    some = _some(party)
    known = sorted({trait for person in some for trait in person})
    for trait in traits or ():
        if trait not in known:
            raise wrong("traits", f"no trait '{trait}'.{nearest(trait, known)} Known: {', '.join(known)}.")
    if where is not None:
        told = problems(Who(traits=dict(where)), some, "population.where")
        if told:
            raise ScenarioError([p._replace(path=p.path.replace(".where.traits", ".where")) for p in told])
    if counted is not None and (no := counted.problems(some)):
        raise ScenarioError(no)


@cache
def _some(party: PartyBy) -> list[dict[str, Any]]:
    """Two thousand people, to look traits and values up among."""
    found: dict[int, dict[str, Any]] = {}
    for left, hits, _ in draws(keys_of(0, 2_000)):
        for agent, person in zip(hits.owners, _people(hits, party), strict=True):
            found.setdefault(agent, person)
        left[:] = [agent for agent in left if agent not in found]
    return list(found.values())


def _told(
    people: list[dict[str, Any]], n: int, counted: Counted | None, quotas: Quotas | None, *, selected: bool
) -> dict[str, Any]:
    """What it took, for the log. selected: whether they are to be like some of the electorate alone."""
    source = table()
    wanted: dict[str, dict[str, float]] = {}
    if not selected and counted is None:
        wanted = {trait: {level: pct for level, (pct, _) in of.items()} for trait, of in source["margins"].items()}
    if isinstance(quotas, Mapping):
        wanted = {trait: {v: 100 * s / sum(of.values()) for v, s in of.items()} for trait, of in quotas.items()}
    said = f"{n} made up from weighted margins of {source['source']}; not respondents"
    told = {
        "mode": "made up",
        "said": said,
        "people": n,
        "model": "anes2020",
        "margins": compared(CORE, wanted, people),
    }
    if counted is not None:
        told["quotas"] = {counted.told(number): count for number, count in enumerate(counted.counts)}
    return told


# -- from levels to people --------------------------------------------------------------------------------------------


def _people(hits: Hits, party: PartyBy) -> list[dict[str, Any]]:
    """The people of these draws, with all their traits."""
    numbers = _Numbers(hits.words)
    names = mixture().levels
    columns: dict[str, Sequence[Any]] = {"age": _ages(hits, numbers)}
    for name, levels in hits.levels.items():
        if name in table()["ratings"]:
            columns[name] = _rated(name, levels, numbers)
        else:
            columns[name] = _named(name, names[name], levels)
    columns["income_class"] = _income(hits, numbers)
    columns["twitter_use"] = _uses(hits, numbers)
    party7 = hits.levels["party7"]
    columns |= {name: numbers.below(rates, party7) for name, rates in table()["rates"].items()}
    columns["talks_politics"] = _talks(hits, columns["talks_politics"])
    columns |= {name: numbers.of(_warmth(name), party7) for name in table()["warmth"]}
    sites = {site: numbers.below(rates, party7) for site, rates in table()["sites"].items()}
    outlets = [
        [site for site, reads in zip(sites, of, strict=True) if reads] for of in zip(*sites.values(), strict=True)
    ]
    columns["outlets"] = outlets
    order = list(columns)
    people = [dict(zip(order, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [{**person, **sided(person, party)} for person in people]


class _Numbers:
    """The numbers of each draw, taken one column after another."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._next = 0

    def slots(self, n: int) -> Column:
        """A whole number in [0, n) for each draw."""
        taken = slots(self._words[:, self._next], n)
        self._next += 1
        return taken

    def below(self, rates: Sequence[float], by: Column) -> list[bool]:
        """Whether something is so, with the rate of each draw's group."""
        import numpy as np

        found: list[bool] = (self.slots(1_000_000) < np.rint(np.array(rates)[by] * 1_000_000)).tolist()
        return found

    def of(self, values: Any, by: Column) -> list[Any]:
        """A value of each draw's group: groups x equally likely values."""
        found: list[Any] = values[by, self.slots(values.shape[1])].tolist()
        return found


def _named(trait: str, levels: Sequence[str], numbers: Column) -> list[Any]:
    """Levels by name; those that are points of a scale as whole numbers."""
    named: list[Any] = [int(level) if level.isdigit() else level for level in levels]
    return [named[number] for number in numbers.tolist()]


def _ages(hits: Hits, numbers: _Numbers) -> list[int]:
    """Years, even within a group."""
    import numpy as np

    groups = [AGES.get(level) or tuple(map(int, level.split("-"))) for level in mixture().levels["age_group"]]
    spans = np.array([[low, high - low + 1] for low, high in groups])[hits.levels["age_group"]]
    found: list[int] = (spans[:, 0] + numbers.slots(2_520) * spans[:, 1] // 2_520).tolist()
    return found


def _income(hits: Hits, numbers: _Numbers) -> list[str]:
    """Low, middle or high, as in Törnberg et al. 2023."""
    found = []
    for level, lot in zip(hits.levels["income"].tolist(), numbers.slots(100).tolist(), strict=True):
        low = level < 2 or (level == 2 and lot < 100 * LOW_AT_40K_70K)
        found.append("low" if low else "high" if level == 5 else "middle")
    return found


def _uses(hits: Hits, numbers: _Numbers) -> list[float]:
    """Turns in two weeks."""
    import numpy as np

    values = np.array([_spread(USES[level]) for level in mixture().levels["twitter"]])
    found = numbers.of(values, hits.levels["twitter"])
    return [int(use) if use == int(use) else use for use in found]


def _talks(hits: Hits, elsewhere: Sequence[bool]) -> list[str]:
    """Whether somebody talks about politics: by posts where Twitter is used, else with family and friends."""
    posts = [mixture().levels["twitter_posts"][level] for level in hits.levels["twitter_posts"].tolist()]
    said = {"never": "never", "sometimes": "sometimes", "half_time_or_more": "argues"}
    return [said.get(post) or ("sometimes" if talks else "never") for post, talks in zip(posts, elsewhere, strict=True)]


def _rated(name: str, bins: Column, numbers: _Numbers) -> list[int]:
    """A rating: one of the common values of its bin."""
    return numbers.of(_ratings(name), bins)


@cache
def _ratings(name: str) -> Any:
    import numpy as np

    return np.array([_spread(values) for values in table()["ratings"][name]])


@cache
def _warmth(name: str) -> Any:
    """Ratings of a group by party identification.

    So many love it (90 to 100) and hate it (0 to 10) as in the survey, and others are on the two points of the card
    between which the mean comes out.
    """
    import numpy as np

    rows = []
    for mean, love, hate in table()["warmth"][name]:
        between = min(max((mean - 97 * love - 2 * hate) / (1 - love - hate), CARD[0]), CARD[-1])
        above = next(i for i, point in enumerate(CARD) if i and point >= between)
        low, high = CARD[above - 1], CARD[above]
        up = (between - low) / (high - low) * (1 - love - hate)
        parts = [(100, 0.7 * love), (90, 0.3 * love), (0, 0.8 * hate), (10, 0.2 * hate)]
        rows.append(_spread([*parts, (high, up), (low, 1 - love - hate - up)]))
    return np.array(rows)


def _spread(parts: Sequence[Sequence[float]]) -> list[float]:
    """A thousand equally likely values with these shares."""
    counts = largest_remainder(1_000, [share for _, share in parts])
    return [value for (value, _), count in zip(parts, counts, strict=True) for _ in range(count)]
