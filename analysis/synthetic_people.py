"""Makes the table of the population `anes-synthetic` from weighted aggregates of ANES 2020.

The aggregates (`--aggregates`, a folder) are proportions of the whole electorate and hold no respondent: a mixture with
two hidden classes, 146 tables of two traits each, and figures by party identification. The mixture alone reproduces a
pair of traits with a mean error of .030 (total variation); a factor for each cell of the 146 tables, found by iterative
proportional fitting on a large draw from the mixture, brings those to about .004. The package draws from the mixture
and accepts with those factors, so that it needs no pool and no fitting.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

CALLED = {
    "vote2020": "vote",
    "vote2016": "vote_before",
    "ft_biden": "ft_dem_candidate",
    "ft_trump": "ft_rep_candidate",
    "age": "age_group",
}
"""Variables that have another name in simsoc, where they are the same in every study."""
CAP = 10.0
"""Largest weight of a draw, in units of the mean: one in so many is accepted at most."""
WARMTH = {
    "muslims": "muslims",
    "christians": "christians",
    "jews": "jews",
    "police": "police",
    "transgender people": "transgender",
    "scientists": "scientists",
    "Black Lives Matter": "blm",
    "journalists": "journalists",
    "NATO": "nato",
    "the NRA": "nra",
    "socialists": "socialists",
    "capitalists": "capitalists",
    "#MeToo": "metoo",
    "rural Americans": "rural",
    "Planned Parenthood": "planned_parenthood",
    "Anthony Fauci": "fauci",
    "Christian fundamentalists": "fundamentalists",
    "feminists": "feminists",
    "liberals": "liberals",
    "labor unions": "unions",
    "big business": "business",
    "conservatives": "conservatives",
    "gay men and lesbians": "gays",
}
SITES = {
    "site_yahoo_news": "Yahoo News",
    "site_cnn": "CNN",
    "site_huffpost": "HuffPost",
    "site_nytimes": "The New York Times",
    "site_breitbart": "Breitbart",
    "site_fox_news": "Fox News",
    "site_washington_post": "The Washington Post",
    "site_guardian": "The Guardian",
    "site_usa_today": "USA Today",
    "site_bbc": "BBC",
    "site_npr": "NPR",
    "site_daily_caller": "Daily Caller",
    "site_bloomberg": "Bloomberg",
    "site_buzzfeed": "BuzzFeed",
    "site_nbc_news": "NBC News",
}
RATES = {
    "owns_a_gun": "owns_guns",
    "hunted_or_fished_past_year": "hunts_or_fishes",
    "violence_justified_moderate_or_more": "violence_justified",
    "discusses_politics_with_family_friends": "talks_politics",
}
Draws = dict[str, np.ndarray]


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Fit, print how well it went, write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--out", type=Path, default=Path("runs"), help="folder of the table")
    parser.add_argument("--aggregates", type=Path, required=True, help="folder of the weighted aggregates")
    parser.add_argument("--pool", type=int, default=1_000_000, help="draws from the mixture that are fitted")
    parser.add_argument("--rounds", type=int, default=12, help="rounds of fitting")
    given = parser.parse_args(argv)
    folder: Path = given.aggregates
    model = renamed(json.loads((folder / "anes2020_mixture.json").read_text(encoding="utf-8")))
    pairs = json.loads((folder / "anes2020_pair_tables.json").read_text(encoding="utf-8"))["pairs"]
    for pair in pairs:
        pair["a"], pair["b"] = CALLED.get(pair["a"], pair["a"]), CALLED.get(pair["b"], pair["b"])
    tilts, top = fitted(model, pairs, given.pool, given.rounds)
    table = {**model, "tilts": tilts, "top": top, **by_party(folder), "margins": margins(folder)}
    given.out.mkdir(parents=True, exist_ok=True)
    target = given.out / "people2020.json"
    target.write_text(json.dumps(table, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")
    return table


def renamed(model: Mapping[str, Any]) -> dict[str, Any]:
    """The mixture with simsoc's names."""
    made = {key: model[key] for key in ("source", "population", "n_respondents", "kish_effective_n", "weight")}
    for factor in ("factor1", "factor2"):
        made[factor] = [CALLED.get(name, name) for name in model[factor]]
    made["joint"] = model["joint"]
    for key in ("levels", "probs", "leaves"):
        made[key] = {CALLED.get(name, name): value for name, value in model[key].items()}
    return made


def drawn(model: Mapping[str, Any], n: int, rng: np.random.Generator) -> Draws:
    """Level numbers of n draws from the mixture."""
    joint = np.array(model["joint"], float)
    z = rng.choice(joint.size, n, p=joint.ravel() / joint.sum())
    classes = {"factor1": z // joint.shape[1], "factor2": z % joint.shape[1]}
    out: Draws = {}
    for factor, of in classes.items():
        for name in model[factor]:
            out[name] = _picked(np.array(model["probs"][name], float)[of], rng)
    for name, leaf in model["leaves"].items():
        a, b = (CALLED.get(parent, parent) for parent in leaf["parents"])
        out[name] = _picked(np.array(leaf["table"], float)[out[a], out[b]], rng)
    return out


def _picked(p: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    p = p / p.sum(1, keepdims=True)
    level = (rng.random(len(p))[:, None] > p.cumsum(1)).sum(1)
    return np.minimum(level, p.shape[1] - 1).astype(np.int16)


def fitted(
    model: Mapping[str, Any], pairs: Sequence[Mapping[str, Any]], pool: int, rounds: int
) -> tuple[list[dict[str, Any]], int]:
    """Log factors of each cell in thousandths, and the sum of them from which a draw is always accepted."""
    rng = np.random.Generator(np.random.Philox(key=2020))
    draws = drawn(model, pool, rng)
    cells = [_cells(draws, pair) for pair in pairs]
    wanted = [np.array(pair["p"], float).ravel() / np.sum(pair["p"]) for pair in pairs]
    factors = [np.zeros(want.size) for want in wanted]
    logs = np.zeros(pool)
    for _ in range(rounds):
        for number, (want, cell) in enumerate(zip(wanted, cells, strict=True)):
            have = np.bincount(cell, weights=_weights(logs), minlength=want.size)
            step = np.log(np.clip((want + 20 / pool) / (have / have.sum() + 20 / pool), 0.25, 4))
            factors[number] += step
            logs += step[cell]
    top = float(np.log(np.exp(logs).mean() * CAP))
    tilts = [
        {"a": p["a"], "b": p["b"], "t": np.rint(1000 * f).astype(int).reshape(np.shape(p["p"])).tolist()}
        for p, f in zip(pairs, factors, strict=True)
    ]
    fresh = drawn(model, pool, rng)
    logs = sum(f[_cells(fresh, p)] for p, f in zip(pairs, factors, strict=True))
    weights = np.minimum(np.exp(logs - top), 1)
    for told, w in (("mixture alone", np.ones(pool)), ("with factors", weights)):
        errors = [_error(w, _cells(fresh, p), want) for p, want in zip(pairs, wanted, strict=True)]
        print(f"{told}: total variation {np.mean(errors):.4f} mean, {np.max(errors):.4f} at most")
    print(f"accepted: {weights.mean():.4f} of draws")
    return tilts, round(1000 * top)


def _weights(logs: np.ndarray) -> np.ndarray:
    weights = np.exp(logs)
    return np.minimum(weights / weights.mean(), CAP)


def _cells(draws: Draws, pair: Mapping[str, Any]) -> np.ndarray:
    return draws[pair["a"]].astype(np.int32) * len(pair["p"][0]) + draws[pair["b"]]


def _error(weights: np.ndarray, cells: np.ndarray, want: np.ndarray) -> float:
    have = np.bincount(cells, weights=weights, minlength=want.size)
    return float(np.abs(have / have.sum() - want).sum() / 2)


def by_party(folder: Path) -> dict[str, Any]:
    """Figures by party identification: what the mixture does not hold; and the values within a bin of a rating."""
    found: dict[str, Any] = {"sites": {}, "rates": {}, "warmth": {}, "ratings": {}}
    for row in _rows(folder / "anes2020_traits_by_party7.csv"):
        of = [float(value) for value in list(row.values())[1:8]]
        for names, under in ((SITES, "sites"), (RATES, "rates")):
            if row["trait"] in names:
                found[under][names[row["trait"]]] = of
    for row in _rows(folder / "anes2020_warmth_by_party7.csv"):
        if row["target"] in WARMTH and row["party7"] != "all":
            figures = found["warmth"].setdefault(f"ft_{WARMTH[row['target']]}", [])
            figures.append([float(row[key]) for key in ("mean", "share_90_to_100", "share_0_to_10")])
    for row in _rows(folder / "anes2020_thermometer_bins.csv"):
        values = [pair.rstrip("%").split(":") for pair in row["most_common_values"].split("; ")]
        name = CALLED.get(row["thermometer"], row["thermometer"])
        found["ratings"].setdefault(name, []).append([[int(value), int(share)] for value, share in values])
    return found


def margins(folder: Path) -> dict[str, dict[str, float]]:
    """Weighted percentages of each level of each variable, with their standard errors."""
    found: dict[str, dict[str, Any]] = {}
    for row in _rows(folder / "anes2020_marginals.csv"):
        name = CALLED.get(row["variable"], row["variable"])
        found.setdefault(name, {})[row["level"]] = [float(row["pct"]), float(row["se"])]
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


if __name__ == "__main__":
    main()
