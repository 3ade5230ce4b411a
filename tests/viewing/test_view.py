"""A society in SolaraViz: what is drawn, and the page itself, stepped and reset in a browser."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simsoc import Society
from simsoc.cli import app
from simsoc.core.errors import ScenarioError
from simsoc.viewing import pictures
from tests.browser import chromium

ROOT = Path(__file__).parents[2]
SCENARIO = {
    "name": "looked-at",
    "steps": 6,
    "world": {"kind": "opinion", "rule": {"kind": "curie_weiss", "beta": 1.5}},
    "population": {"n": 20},
    "network": {"kind": "watts_strogatz", "k": 4, "p": 0.1},
}
GROWTH = {
    "name": "grows",
    "world": {"kind": "growth", "design": {"kind": "newcomers", "m": 1}, "rule": {"kind": "random"}},
    "population": {"n": 12},
}


def test_everybody_stays_in_place_and_newcomers_find_one():
    society = Society(GROWTH, seed=1)
    where = pictures.places(society)
    assert set(where) == set(society.graph)
    for _ in range(3):
        society.step()
        later = pictures.places(society, where)
        assert {a: later[a] for a in where} == where
        assert set(later) == set(society.graph) > set(where)
        where = later
    society.close()
    assert pictures.places(society, where) is where


def test_what_people_hold_is_seen():
    society = Society(SCENARIO, seed=2)
    society.step()
    figure = pictures.network(society, pictures.places(society))
    (axes,) = figure.axes
    dots = axes.collections[-1]
    held = [pictures.held(society, agent) for agent in range(20)]
    colours = pictures.coloured(held)
    assert set(held) == {"A", "B"}
    from matplotlib.colors import to_rgba

    assert [tuple(c) for c in dots.get_facecolors()] == [to_rgba(colours[v]) for v in held]
    assert {text.get_text() for text in axes.get_legend().get_texts()} == {"A", "B"}
    assert "step 1: 20 people, 40 ties" in axes.get_title()
    society.close()


def test_numbers_have_a_scale_and_measures_their_panels():
    rule = {"kind": "deffuant", "eps": 0.4}
    scale = Society(
        {**SCENARIO, "network": "complete", "world": {"kind": "opinion_scale", "group": 2, "rule": rule}}, seed=2
    )
    scale.step()
    figure = pictures.network(scale, pictures.places(scale))
    assert len(figure.axes) == 2, "the picture and its colour bar"
    names = list(scale.measured)[:2]
    panels = pictures.over_time(scale, names).axes
    assert [axes.get_title(loc="left") for axes in panels] == names
    assert panels[0].lines[0].get_ydata()[-1] == scale.measured[names[0]]
    scale.close()


def test_sliders_and_measures_have_to_be_there(tmp_path):
    pytest.importorskip("solara")
    from simsoc.viewing.page import view

    with pytest.raises(ScenarioError, match="no measure 'hope'"):
        view(SCENARIO, measures=["hope"])
    with pytest.raises(ScenarioError, match="needs a number"):
        view(SCENARIO, sliders={"world.kind": (0, 1, 0.1)})
    with pytest.raises(ScenarioError, match="not a key"):
        view(SCENARIO, sliders={"world.rule.gamma": (0, 1, 0.1)})


@pytest.mark.parametrize("span", ["world.rule.beta", "b=1:2", "b=2:1:0.1", "b=0:1:0", "b=x:1:1"])
def test_a_slider_is_a_key_and_a_span(span):
    said = CliRunner().invoke(app, ["view", str(ROOT / "scenarios" / "opinion_voter.yaml"), "--slider", span])
    assert said.exit_code == 2
    assert "LOW" in said.stderr


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def page():
    """The page of a shipped scenario, served; its address."""
    pytest.importorskip("solara")
    port = _free_port()
    words = ["view", str(ROOT / "scenarios" / "opinion_curie_weiss.yaml"), "--slider", "world.rule.beta=0:4:0.25"]
    server = subprocess.Popen(
        [sys.executable, "-m", "simsoc", *words, "--no-open", "--port", str(port)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield f"http://localhost:{port}/"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def _until(what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = what()
        except Exception:  # the page is being made
            found = None
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"not seen within {seconds} s")


def test_it_steps_and_resets_in_a_browser(page, tmp_path):
    with chromium() as browser:
        _until(lambda: browser.get(page) or True)

        def button(word):
            return _until(
                lambda: [b for b in browser.find_elements("tag name", "button") if b.text.strip().upper() == word]
            )[0]

        def step():
            return int(re.search(r"Step: (\d+)", browser.find_element("tag name", "body").text)[1])

        def pictures_seen():
            return [i.get_attribute("src") for i in browser.find_elements("tag name", "img")]

        button("STEP")
        _until(lambda: step() == 0 and len(pictures_seen()) >= 2)
        start = pictures_seen()
        button("STEP").click()
        _until(lambda: step() == 1)
        button("STEP").click()
        _until(lambda: step() == 2 and pictures_seen() != start)
        browser.save_screenshot(str(tmp_path / "two.png"))
        assert (tmp_path / "two.png").stat().st_size > 20_000
        two = pictures_seen()
        button("RESET").click()
        _until(lambda: step() == 0 and pictures_seen() != two)
        button("STEP").click()
        _until(lambda: step() == 1)
