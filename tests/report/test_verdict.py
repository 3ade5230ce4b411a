"""What a report says of an effect is what `found` says."""

import pandas as pd
import pytest

import simsoc
from simsoc.reporting.gather import in_words


def said(here, there):
    rows = [{"arm": "a", "replicate": r, "measure": "m", "value": v} for r, v in enumerate(here)]
    rows += [{"arm": "b", "replicate": r, "measure": "m", "value": v} for r, v in enumerate(there)]
    (row,) = simsoc.effects(pd.DataFrame(rows), "b").to_dict("records")
    return row["found"], in_words(row)


@pytest.mark.parametrize(
    ("here", "there", "found", "words"),
    [
        ([5.0, 5.1, 5.2, 5.1, 5.0], [1.0, 1.2, 1.1, 1.0, 1.3], "unsure", "with so few pairs no test can show it"),
        ([5.0, 5.1, 5.2, 5.1, 5.0, 5.1, 5.2, 5.0], [1.0, 1.2, 1.1, 1.0, 1.3, 1.2, 1.1, 1.0], "yes", "a difference"),
        ([1.0, 3.0, 2.0, 0.0, 5.0, 1.0], [2.0, 1.0, 3.0, 1.0, 4.0, 2.0], "no", "not shown"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], "same", "the same in every pair"),
    ],
)
def test_a_verdict_says_what_was_found(here, there, found, words):
    got, told = said(here, there)
    assert got == found
    assert words in told
