import subprocess
import sys
from math import nan

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.measures.summary import window


def test_windows_of_a_sequence():
    values = [None, 1, 2, 3, nan, 4]
    assert window(values) == 2.5
    assert window(values, from_=3) == 3.5
    assert window(values, last=2) == 4
    assert window(values, from_=5, last=3) == 4
    assert window(values, from_=6) is None
    assert window([None]) is None
    for wrong in ({"from_": -1}, {"last": 0}):
        with pytest.raises(ValueError, match="window"):
            window(values, **wrong)


def test_windows_of_frames_go_by_step():
    frame = pd.DataFrame({"m": [3.0, 1.0, 2.0], "c": [None, None, None]}, index=[12, 10, 11])
    means = window(frame, from_=11)
    assert means["m"] == 2.5
    assert pd.isna(means["c"])
    assert window(frame["m"], last=2) == 2.5
    assert window(frame["m"], last=1) == 3
    assert window(frame["c"]) is None


@given(st.lists(st.none() | st.floats(-5, 5), max_size=20), st.integers(0, 25), st.none() | st.integers(1, 25))
def test_sequences_and_series_agree(values, from_, last):
    series = pd.Series(values, dtype=float)
    by_list, by_series = window(values, from_, last), window(series, from_, last)
    assert by_list == pytest.approx(by_series, abs=1e-9) if by_list is not None else by_series is None


def test_rooms_are_cheap_to_open():
    heavy = "{'pandas', 'scipy', 'powerlaw', 'networkx', 'numpy', 'matplotlib'}"
    modules = "simsoc.measures, simsoc.networks, simsoc.population, simsoc.population.who, simsoc.measures.force"
    more = "simsoc.measures.opinion, simsoc.measures.ties, simsoc.measures.kernel, simsoc.measures.inequality"
    code = f"import sys, {modules}, {more}, simsoc.measures.prior\nprint({heavy} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
