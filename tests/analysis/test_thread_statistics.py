"""The analysis of thread statistics runs on a small size, and tells the published process from a common bug."""

from analysis import thread_statistics
from simsoc.measures.threads import published

from .test_scripts import drawn, finite


def test_thread_statistics(tmp_path, capsys):
    table, ends, spread = thread_statistics.main(["--runs", "3", "--threads", "300", "--out", str(tmp_path)])
    assert finite(table, "share", "exact", "reference", "one p")
    assert set(table["check"]) == {"PASS"}
    assert set(ends["check"]) == {"PASS"}
    assert finite(spread, "mean", "sd", "low", "high")
    assert drawn(tmp_path / "thread_statistics.png")
    said = capsys.readouterr().out
    assert "community.reply (rule)" in said
    assert "threads that differ from universe 0: 100% or more" in said


def test_one_p_for_all_threads_does_not_pass_for_the_published_process():
    """Twin: lengths of the bug fail where those of the process pass."""
    laws = {sd: published(sd=sd) for sd in (0, 0.15)}
    counts = {sd: [k for k in range(9) for _ in range(round(5000 * law[k]))] for sd, law in laws.items()}
    for table in (thread_statistics.held_against, thread_statistics.totals):
        assert "FAIL" in set(table(counts[0])["check"])
        assert "FAIL" not in set(table(counts[0.15])["check"])
