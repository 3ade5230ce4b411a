"""The columns of the frames of a comparison, with units and meanings: declared once, held to, printed in the docs.

Every frame begins with the keys of the grid, a column each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simsoc.runlog.documented import Col

if TYPE_CHECKING:
    import pandas as pd

_ARM = Col("arm", "", "the arm")
_MEASURE = Col("measure", "", "which measure")
_OVER = Col("over", "", "what of a run is compared: the mean over the window the scenario declares, or the last value")
_N = Col("n", "replicates", "pairs of finished runs in which both have a value", "int64")
_REPLICATE = Col("replicate", "", "from 0", "int64")
_PAIRED = (
    Col("difference", "of measure", "mean over replicates of the arm minus what it is held against", "float64"),
    Col("low", "of measure", "lower end of its 95% interval by Student's t; missing below two replicates", "float64"),
    Col("high", "of measure", "upper end", "float64"),
)

FRAMES: dict[str, tuple[Col, ...]] = {
    "effects": (
        _ARM,
        _MEASURE,
        _OVER,
        _N,
        Col("left_out", "replicates", "planned pairs that do not count: unfinished, or without a value", "int64"),
        Col("here", "of measure", "mean of the arm over these replicates", "float64"),
        Col("there", "of measure", "mean of the arm it is held against", "float64"),
        *_PAIRED,
        Col("sd", "of measure", "sample standard deviation (n - 1) of the differences", "float64"),
        Col("boot_low", "of measure", "lower end of the BCa bootstrap interval; from 20 replicates on", "float64"),
        Col("boot_high", "of measure", "upper end", "float64"),
        Col("p_t", "0..1", "two-sided p of Student's paired t test", "float64"),
        Col("p", "0..1", "two-sided p of the sign-flip test: exact up to 16 differences, drawn beyond", "float64"),
        Col("p_least", "0..1", "the smallest p that so many replicates can give", "float64"),
        Col("p_holm", "0..1", "p after Holm's correction over the family", "float64"),
        Col("family", "tests", "the family: every arm and measure of this grid point", "int64"),
        Col("found", "", "yes: interval without 0, p_holm below .05; unsure: one of them; no: not shown; same"),
        Col("detectable", "of measure", "smallest true difference found with 80% power, if any can be", "float64"),
        Col("further", "replicates", "how many more do to find one like this; missing: a million do not", "Int64"),
        Col("correlation", "-1..1", "of the two arms over replicates", "float64"),
        Col("saved", "share", "what twins save: 1 - var(difference) / (var(arm) + var(other))", "float64"),
        Col("lowest", "of measure", "if whatever has no answer had counted lowest here, highest there", "float64"),
        Col("highest", "of measure", "the other way round; missing where all was answered, or nobody knows", "float64"),
        Col("mind", "", "who answered in the arm"),
    ),
    "ladder": (
        _ARM,
        _MEASURE,
        Col("rung", "", "the null model it is held against"),
        Col("what", "", "value: of the measure in the arm; effect: of the arm against the arm compared to"),
        _N,
        Col("model", "of measure", "mean in the arm as written", "float64"),
        Col("null", "of measure", "mean on the rung", "float64"),
        *_PAIRED,
        Col("p_t", "0..1", "two-sided p of Student's paired t test", "float64"),
        Col("p_holm", "0..1", "p_t after Holm's correction over the rungs of one arm, measure and `what`", "float64"),
        Col("apart", "", "yes where p_holm is below .05; no; same in every run; one replicate; no value on the rung"),
    ),
    "wordings": (
        _ARM,
        _MEASURE,
        Col("wording", "", "the prompts this effect was found under: keys and values"),
        Col("differs", "", "whether anything is asked otherwise than in those above; else they are one", "bool"),
        _N,
        *_PAIRED,
        Col("p", "0..1", "two-sided p of the sign-flip test", "float64"),
        Col("p_holm", "0..1", "p after Holm's correction over the arms and measures under this wording", "float64"),
        Col("found", "", "as in effects"),
        Col("mind", "", "who answered in either arm"),
    ),
    "robust": (
        _ARM,
        _MEASURE,
        Col("wordings", "wordings", "how many there are that ask different things", "int64"),
        Col("agree", "", "whether all differences have one sign", "object"),
        Col("clear", "wordings", "of them under which it is found", "int64"),
        Col("verdict", "", "what may be said: robust, or why not"),
    ),
    "failures": (
        _ARM,
        Col("planned", "runs", "runs there are to be", "int64"),
        Col("finished", "runs", "runs that are, and count", "int64"),
        Col("decisions", "decisions", "asked in finished runs, surveys left out", "int64"),
        Col("no_answer", "decisions", "of them without an answer", "int64"),
        Col("share", "share", "no_answer by decisions", "float64"),
        Col("refused", "decisions", "no answer because the model refused", "int64"),
        Col("unparseable", "decisions", "because it could not be read", "int64"),
        Col("truncated", "decisions", "because it broke off", "int64"),
        Col("failed", "decisions", "because the wire failed (`on_failure: skip`)", "int64"),
        Col("mind", "", "who answered"),
    ),
    "published": (
        _ARM,
        _MEASURE,
        _OVER,
        _N,
        Col("simulated", "of measure", "mean over finished runs", "float64"),
        Col("low", "of measure", "lower end of its 95% interval by Student's t", "float64"),
        Col("high", "of measure", "upper end", "float64"),
        Col("published", "of measure", "what was measured elsewhere", "float64"),
        Col("from", "of measure", "lower end of its range or interval, as published", "float64"),
        Col("to", "of measure", "upper end", "float64"),
        Col("place", "", "inside from..to; overlaps by interval; outside; without range: covered by it, or apart"),
        Col("mind", "", "who answered here"),
        Col("source", "", "where the published value is from"),
    ),
    "standing": (
        _REPLICATE,
        _ARM,
        Col("status", "", "missing, running (also after a kill), stopped or failed"),
        Col("why", "", "what ended it, where that is known"),
    ),
    "values": (
        _REPLICATE,
        _ARM,
        _MEASURE,
        _OVER,
        Col("value", "of measure", "of a finished run; missing where it is not defined", "float64"),
    ),
}  # fmt: skip
"""Columns of each frame in order, after the keys of the grid."""


def columns() -> pd.DataFrame:
    """Every column of every frame of a comparison: table, column, unit, meaning."""
    import pandas as pd

    rows = [(frame, c.name, c.unit, c.meaning) for frame, given in FRAMES.items() for c in given]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning"])
