"""Tables on the command line, as a window of eighty characters shows them."""

import pandas as pd
import pytest

from simsoc.cli.tables import show

ARMS = ["base", "chronological", "bridging_attributes"]


@pytest.fixture
def window(monkeypatch, capsys):
    def lines(width, frame, **how):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TTY_COMPATIBLE", "1")  # as in a terminal
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
        show(frame, "Title:", **how)
        return [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in capsys.readouterr().out.splitlines()]

    return lines


@pytest.mark.parametrize("width", [80, 60, 30])
def test_no_name_is_lost_or_broken_where_numbers_need_the_room(window, width):
    measures = ["ei_follows", "gini_followers", "gini_reposts", "corr_followers", "corr_reposts"]
    frame = pd.DataFrame({"arm": ARMS, "runs": 2, **dict.fromkeys(measures, -0.01234)})
    said = window(width, frame)
    for arm in ARMS:
        (line,) = [line for line in said if arm in line.split()]
        assert line.count("-0.01234") == 5
    if width == 80:
        assert max(map(len, said)) <= 80


def test_long_texts_take_several_lines(window):
    frame = pd.DataFrame(
        {"arm": ARMS, "mind": "partisan.act (rule), partisan.comment (rule), partisan.follow (rule), x"}
    )
    said = window(60, frame, wide=("mind",))
    assert max(map(len, said)) <= 60
    assert all(any(arm in line.split() for line in said) for arm in ARMS)
