"""Whether an effect holds under more than one wording of the prompts (methods.md 9: no model effect rests on one).

Keys under `prompts` and `prompting` are wording. Grid points, or arms, that differ in nothing else are the same
comparison put in other words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simsoc.core.canonical import dumps
from simsoc.measures.paired import holm

from .effects import by_arm, by_point, difference, framed, key_of, pair_of, sign_flips_of, verdict_of

if TYPE_CHECKING:
    import pandas as pd

_WORDING = ("prompts", "prompting")
AS_WRITTEN = "as written"


def is_wording(key: str) -> bool:
    """Whether a dotted key says how something is put, not what."""
    return key.replace("__", ".").split(".", 1)[0] in _WORDING or key.endswith((".wording", "__wording"))


class Design:
    """An experiment's arms and grid, taken apart into what is done and how it is worded.

    arms: what each arm changes, by dotted key. grid: its keys. to: the arm the others are held against.
    """

    def __init__(self, arms: Mapping[str, Mapping[str, Any] | None], grid: Sequence[str], to: str) -> None:
        self._arms = {arm: dict(changes or {}) for arm, changes in arms.items()}
        self.plain_grid = [key for key in grid if not is_wording(key)]
        """The keys of the grid that are no wording."""
        self._worded_grid = [(place, key) for place, key in enumerate(grid) if is_wording(key)]
        self._plain_places = [place for place, key in enumerate(grid) if not is_wording(key)]
        self.to = to

    def plain(self, point: Sequence[Any]) -> tuple[Any, ...]:
        """The values of a grid point that are no wording."""
        return tuple(point[place] for place in self._plain_places)

    def worded(self, point: Sequence[Any], arm: str) -> str:
        """The wording of an arm at a grid point, for people."""
        changes = {key: point[place] for place, key in self._worded_grid}
        changes |= {key: value for key, value in self._arms[arm].items() if is_wording(key)}
        return ", ".join(f"{key}={_shown(value)}" for key, value in changes.items()) or AS_WRITTEN

    @property
    def worded_at_all(self) -> bool:
        """Whether there is more than one wording by name."""
        return bool(self._worded_grid) or any(is_wording(key) for arm in self._arms.values() for key in arm)

    def treatments(self) -> dict[str, list[tuple[str, str]]]:
        """By the first arm that does something, (arm, the arm it is held against) for every wording of it.

        An arm that differs from the arm compared to in wording alone is a treatment of its own: its effect is what the
        wording does.
        """
        found: dict[str, list[tuple[str, str]]] = {}
        first: dict[str, str] = {}
        for arm in self._arms:
            if arm == self.to:
                continue
            other = self._twin(arm)
            done = self._done(arm) if other is not None else f"{arm}:"
            name = first.setdefault(done, arm)
            found.setdefault(name, []).append((arm, other or self.to))
        return found

    def _done(self, arm: str) -> str:
        return dumps({key: value for key, value in self._arms[arm].items() if not is_wording(key)})

    def _words(self, arm: str) -> str:
        return dumps({key: value for key, value in self._arms[arm].items() if is_wording(key)})

    def _twin(self, arm: str) -> str | None:
        """The arm that does what the one compared to does, in the words of this one; None for a wording of that one."""
        if self._done(arm) == self._done(self.to):
            return None
        alike = [other for other in self._arms if self._done(other) == self._done(self.to)]
        return next((other for other in alike if self._words(other) == self._words(arm)), None)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value).replace('"', "")


def wordings(
    values: pd.DataFrame,
    design: Design,
    grid: Sequence[str],
    minds: Mapping[Any, str],
    *,
    asked: Mapping[Any, Mapping[Any, str]] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """The effect of every arm under every wording there is: a row for each.

    asked: by grid point and arm and then by replicate, what was asked there, in a word that is equal where every prompt
    is. Wordings that ask the same are one, however many names they have. seed: of drawn sign patterns. Holm's
    correction is taken over the arms and measures of one grid point, wording by wording.
    """
    rows: list[dict[str, Any]] = []
    for point, part in by_point(values, grid):
        table = by_arm(part)
        measures = dict.fromkeys(measure for _, measure in table)
        families: dict[str, list[dict[str, Any]]] = {}
        for name, worded in design.treatments().items():
            for measure in measures:
                for arm, other in worded:
                    if (arm, measure) not in table:
                        continue
                    places = [key_of((*point, one)) for one in (arm, other)]
                    differences = pair_of(table, arm, other, measure).differences
                    row: dict[str, Any] = {"point": design.plain(point), "arm": name, "measure": measure}
                    row |= {"wording": design.worded(point, arm), "mind": _either(minds.get(p, "") for p in places)}
                    row |= difference(differences)
                    row["p"] = sign_flips_of(point, name, measure, differences, seed)
                    row["asked"] = None if asked is None else [asked.get(place, {}) for place in places]
                    families.setdefault(row["wording"], []).append(row)
        for family in families.values():
            for row, p in zip(family, holm([row["p"] for row in family]), strict=True):
                row["p_holm"] = p
                row["found"] = verdict_of(row)
            rows += family
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(_group(row), []).append(row)
    for several in groups.values():
        _tell_apart(several)
    return framed("wordings", [row for several in groups.values() for row in several], design.plain_grid)


def _either(minds: Iterable[str]) -> str:
    """Who answered in one arm or the other."""
    return ", ".join(dict.fromkeys(name for mind in minds for name in mind.split(", ") if name))


def _tell_apart(several: Sequence[dict[str, Any]]) -> None:
    """Which wordings of one effect ask anything that those before them do not."""
    for number, row in enumerate(several):
        row["differs"] = not any(_same(row["asked"], before["asked"]) for before in several[:number])


def _same(here: Any, there: Any) -> bool:
    """Whether two wordings have asked the same, in both arms, of every replicate that both have."""
    if here is None or there is None:
        return False
    both = [(a, b, a.keys() & b.keys()) for a, b in zip(here, there, strict=True)]
    return all(replicates and all(a[r] == b[r] for r in replicates) for a, b, replicates in both)


def _group(row: Mapping[str, Any]) -> str:
    return dumps([repr(row["point"]), row["arm"], row["measure"]])


def robust(found: pd.DataFrame, models: set[str], keys: Sequence[str]) -> pd.DataFrame:
    """For every arm and measure, whether its effect may be called robust over wordings. models: names of models."""
    rows: list[dict[str, Any]] = []
    for point, part in by_point(found, keys):
        for (arm, measure), own in part.groupby(["arm", "measure"], sort=False):
            several = own[own["differs"]]
            row = {"point": point, "arm": arm, "measure": measure, "wordings": int(several["wording"].nunique())}
            rows.append({**row, **_verdict(several, models, named=int(own["wording"].nunique()))})
    return framed("robust", rows, keys)


def _verdict(own: pd.DataFrame, models: set[str], named: int) -> dict[str, Any]:
    """What may be said of an effect under these wordings. named: how many there are, with those that ask the same."""
    known = own[own["n"] > 0]
    signs = {(d > 0) - (d < 0) for d in known["difference"]}
    clear = int((known["found"] == "yes").sum())
    many = int(known["wording"].nunique())
    agree = len(signs) == 1 and signs != {0}
    if not any(model in mind.split(", ") for mind in own["mind"] for model in models):
        said = "no model answered: there is no wording to depend on"
    elif many < 2 and named > len(own):
        said = f"{named} wordings that ask the same are one: not called robust"
    elif many < 2:
        said = "one wording only: not called robust"
    elif not agree:
        said = f"sign differs between {many} wordings: not robust"
    elif clear < len(known):
        said = f"same sign under {many} wordings, found under {clear} of {len(known)}: not called robust"
    else:
        said = f"robust over {many} wordings"
    return {"agree": agree if many > 1 else None, "clear": clear, "verdict": said}
