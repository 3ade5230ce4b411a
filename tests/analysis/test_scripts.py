"""Every worked analysis runs on tiny sizes, prints finite numbers and draws something."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest

import simsoc
from analysis import (
    audit_calibration,
    common,
    consensus_times,
    feed_experiment,
    feed_offpolicy,
    kernel,
    majority_force,
    planted_effect,
    readme_picture,
    silicon_sampling,
    town_diffusion,
)


def drawn(path: Path) -> bool:
    """Whether a picture is there and is not all of one colour."""
    from matplotlib.image import imread

    pixels = imread(path)
    return pixels.shape[0] > 200 and pixels.shape[1] > 200 and float(pixels[..., :3].std()) > 0.02


def finite(table, *columns):
    return bool(np.isfinite(table[list(columns)].to_numpy(dtype=float)).all())


def test_consensus_times(tmp_path, capsys):
    table = consensus_times.main(["--runs", "4", "--sizes", "6", "20", "--out", str(tmp_path)])
    assert list(table["N"]) == [6, 20]
    assert finite(table, "curie_weiss", "se", "reference", "N ln 2")
    assert finite(table[table["N"] == 20], "voter", "voter se")
    assert set(table["check"]) <= {"PASS", "FAIL"}
    assert drawn(tmp_path / "consensus_times.png")
    said = capsys.readouterr().out
    assert "curie_weiss (rule); voter (rule)" in said
    assert "GPT-4 Turbo" in said


def test_majority_force(tmp_path, capsys):
    fits, sizes, ends = majority_force.main(["--runs", "3", "--out", str(tmp_path)])
    assert finite(fits, "beta", "published", "R2")
    assert set(fits["check"]) == {"PASS", "-"}
    assert list(sizes["check"]).count("PASS") == 6
    assert finite(ends, "published", "curve", "curve se", "tanh", "tanh se", "stand-in", "curve agreed", "tanh agreed")
    assert drawn(tmp_path / "majority_force.png")
    assert "curie_weiss (rule); published (rule)" in capsys.readouterr().out


def test_audit_calibration(tmp_path, capsys):
    table = audit_calibration.main(["--runs", "12", "--out", str(tmp_path)]).set_index(["planted", "permuted over"])
    assert finite(table, "mean relative gap", "rejects", "se")
    assert table.loc[("5% less", "names"), "rejects"] > 0.6  # with .99 power fewer than 8 of 12 have a chance of 1e-8
    assert table.loc[("no gap", "names"), "rejects"] < 0.4  # at 5% more than 4 of 12 have a chance of 2e-4
    assert drawn(tmp_path / "audit_calibration.png")
    assert "priced (rule)" in capsys.readouterr().out


def test_silicon_sampling(tmp_path, capsys):
    table = silicon_sampling.main(["--people", "60", "--out", str(tmp_path)])
    ratios = table[table["measure"] == "variance ratio"].groupby("answered_by")["value"]
    assert ratios.min()["own answers"] == pytest.approx(1)
    assert ratios.max()["party mean"] == pytest.approx(0)
    assert ratios.min()["at random"] > 1
    assert drawn(tmp_path / "silicon_sampling.png")
    assert "by_group (rule)" in capsys.readouterr().out


def test_kernel(tmp_path, capsys):
    table = kernel.main(["--runs", "2", "--people", "60", "--out", str(tmp_path)])
    assert len(table) == 16
    assert finite(table, "alpha", "se", "gini", "top", "lowest", "highest")
    assert set(table["check"]) == {"-"}  # the reference is for a thousand people
    assert drawn(tmp_path / "kernel.png")
    assert "token_prior (rule) b 4" in capsys.readouterr().out


def test_feed_offpolicy(tmp_path, capsys):
    table = feed_offpolicy.main(["--people", "60", "--steps", "8", "--out", str(tmp_path)])
    assert list(table["feed"]) == list(feed_offpolicy.FEEDS)
    assert finite(table, "overlap", "overlap@3", "across", "gini")
    own = table.set_index("feed").loc["everyone"]
    assert (own["overlap"], own["order"]) == (1, 1)
    assert (table.set_index("feed").drop("everyone")["overlap"] < 1).all()
    assert drawn(tmp_path / "feed_offpolicy.png")
    assert "partisan.react (rule)" in capsys.readouterr().out


def test_feed_experiment(tmp_path, capsys):
    quick = ["--runs", "2", "--people", "150", "--steps", "60"]
    growing, fixed = feed_experiment.main([*quick, "--out", str(tmp_path)])
    assert len(growing) == 35
    assert len(fixed) == 9
    assert finite(growing, "simulated", "published", "from", "to")
    assert finite(fixed[fixed["measure"] == "ei_likes"], "simulated", "published")
    assert drawn(tmp_path / "feed_experiment.png")
    said = capsys.readouterr().out
    assert "Here answered the rules 'partisan'" in said
    assert "-0.84" in said


def test_readme_picture(tmp_path, capsys):
    readme_picture.main(["--runs", "2", "--people", "40", "--out", str(tmp_path)])
    assert drawn(tmp_path / "picture.png")
    said = capsys.readouterr().out
    assert "gpt-4-turbo: mean |m| 1.00, answered by published (rule)" in said
    assert "names redrawn: top share" in said


def test_town_diffusion(tmp_path, capsys):
    table = town_diffusion.main(["--runs", "1", "--days", "0.6", "--out", str(tmp_path)])
    assert list(table["arm"]) == [*town_diffusion.ARMS, "published"]
    assert finite(table, "party", "candidacy", "invented", "before", "after", "invited", "came")
    assert list(table["party"])[-1] == 0.52
    assert list(table["candidacy"])[-1] == 0.32
    assert drawn(tmp_path / "town_diffusion.png")
    said = capsys.readouterr().out
    assert "answered by: rules" in said
    assert "party: " in said


OPINION = ("--processes", "1", "--designs", "opinion, planted", "opinion, nothing")


def test_planted_effect(tmp_path, capsys):
    """Twelve experiments each way: every planted effect has the right sign, and few find what is not there."""
    found = planted_effect.main(["--runs", "12", "--nothing", "12", "--out", str(tmp_path), *OPINION]).set_index("")
    assert found.loc["right sign", "opinion, planted"] == 1.0
    assert found.loc["covered", "opinion, planted"] >= 10 / 12
    assert abs(found.loc["mean difference", "opinion, planted"] + 0.2) < 0.03
    assert found.loc["interval leaves out 0", "opinion, nothing"] <= 3 / 12
    assert drawn(tmp_path / "planted_effect.png")
    assert "opinion: curie_weiss (rule)" in capsys.readouterr().out


def test_planted_effect_under_a_feed():
    """Two experiments of the twitter world: its E-I index rises from -.2 towards .14, and that is covered."""
    import pandas as pd

    rows = pd.DataFrame(planted_effect.experiments("twitter, planted", range(2)))
    error = 0.114 / math.sqrt(20)  # of twenty differences
    assert abs(rows["difference"].mean() - 0.331) < 3.5 * error
    assert abs(rows["difference"].mean() - 0.331 / 2) > 3.5 * error, "twin: half the effect"
    assert planted_effect.verdicts("twitter, planted", rows, 0.331)["covered"] == 1.0
    assert planted_effect.verdicts("twitter, planted", rows, 0.331 / 2)["check"] == "FAIL"
    truth, se = planted_effect.truth_of("twitter, planted", 4, 1)
    assert truth > 0 < se


def test_a_wrong_truth_is_not_covered():
    """Twin: intervals that are held against an effect half as large fail the check."""
    import pandas as pd

    rows = pd.DataFrame(planted_effect.experiments("opinion, planted", range(12)))
    assert planted_effect.verdicts("opinion, planted", rows, -0.2)["covered"] >= 10 / 12
    assert planted_effect.verdicts("opinion, planted", rows, -0.1)["check"] == "FAIL"


@pytest.mark.long
def test_planted_effects_are_covered_and_nothing_is_found_where_nothing_is(tmp_path):
    """Those of the opinion world; under a feed it takes a quarter of an hour: `python -m analysis.planted_effect`."""
    found = planted_effect.main(["--out", str(tmp_path), *OPINION]).set_index("")
    assert set(found.loc["check"]) == {"PASS"}


# -- parts ------------------------------------------------------------------------------------------------------------


def test_choices_in_the_log_are_those_of_the_world(tmp_path):
    loaded = common.scenario("growth_newcomers", **{"population.n": 50, "world.design.m": 2})
    society = simsoc.Society(loaded, 4, log=tmp_path / "run.db")
    society.run_model()
    with simsoc.open_run(tmp_path / "run.db") as run:
        told = [(chosen, {k: n for k, n in among.items() if n}) for chosen, among in kernel.choices(run)]
        assert told == [(chosen, dict(among)) for chosen, among in society.worlds[0].choices]
        assert sorted(kernel.followers(run)) == sorted(k for _, k in society.graph.in_degree())


def test_checks_can_fail():
    assert common.verdict(4.39, 4.0, share=0.1) == "PASS"
    assert common.verdict(4.5, 4.0, share=0.1) == "FAIL"
    assert common.verdict(1.03, 1.0, within=0.02) == "FAIL"
    assert common.verdict(1.0, math.nan, share=0.1) == common.verdict(1.0, None) == "-"


def test_another_rule_does_not_pass_for_the_kernel():
    """Twin: a row with the wrong exponent fails."""
    row = {"alpha": 0.75, "gini": 0.84, "top": 0.069}
    assert kernel.beside(row, "alpha", 1.0, "fixed", 1000)["check"] == "FAIL"
    assert kernel.beside(row | {"alpha": 1.0}, "alpha", 1.0, "fixed", 1000)["check"] == "PASS"


def test_a_network_is_drawn_the_same_way_every_time():
    with common.logged(common.scenario("growth_token_prior", **{"population.n": 30})) as run:
        first, second = (readme_picture.layout(run.graph()) for _ in range(2))
    assert all(np.array_equal(first[node], second[node]) for node in first)
    assert max(np.hypot(*place) for place in first.values()) == pytest.approx(1.0)


def test_runs_must_be_asked_for():
    with pytest.raises(SystemExit):
        common.arguments("About.", runs=1).parse_args(["--runs", "0"])


READERS = ("simsoc.worlds.town", "simsoc.worlds.town.diffusion", "simsoc.worlds.town.times")
"""What a world offers for reading its logs."""
ALLOWED = ("simsoc", "simsoc.measures", "simsoc.worlds.opinion", *READERS)


@pytest.mark.parametrize("path", sorted(Path(common.__file__).parent.glob("*.py")), ids=lambda path: path.name)
def test_analyses_use_the_front_door(path):
    """`simsoc`, its measures, its published table and readers of logs; matplotlib only inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", None) or ""]
        for name in names:
            if name.split(".")[0] == "simsoc":
                assert name in ALLOWED or name.startswith("simsoc.measures."), name
    top = [a.name for node in tree.body if isinstance(node, ast.Import) for a in node.names]
    top += [node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert not any(name.startswith("matplotlib") for name in top)
