"""A disk that is full, or a folder that may not be written: a clear error, and a log to go on with."""

import os
import threading

import pytest

import simsoc
from simsoc.core.errors import LogError
from simsoc.society import Society
from tests.killing import REGIMES, design
from tests.loopback import Loopback


@pytest.mark.parametrize("regime", REGIMES[:2])
@pytest.mark.parametrize("live", [True, False])
def test_a_full_disk_stops_the_run_and_it_goes_on_later(tmp_path, regime, live):
    with Loopback() as server:
        served = {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 4}
        scenario = {**design(regime), "backend": served if live else "mechanistic", "population": {"n": 40}}
        with simsoc.run(scenario, log=tmp_path / "whole.db") as run:
            digest, calls = run.info["digest"], len(run.asks)
        server.bodies.clear()
        society = Society(scenario, log=tmp_path / "r.db")
        society.step()
        society.step()
        society._writer._write(society._writer._mark)
        with society._writer._door:
            pages = society._writer._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            society._writer._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 3}")
            society._writer._connection.rollback()
        with pytest.raises(LogError, match="no space left"):
            society.run_model()
        assert not society.running
        assert [t.name for t in threading.enumerate() if t.name.startswith("simsoc-engine")] == []
        with simsoc.open_run(tmp_path / "r.db") as run:
            assert run.info["steps"] >= 2
            assert run.info["status"] in ("running", "stopped")
        with simsoc.resume(tmp_path / "r.db") as run:
            assert run.info["digest"] == digest
            assert len(run.asks) == calls
    assert simsoc.verify(tmp_path / "r.db") == []


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_a_folder_that_may_not_be_written(tmp_path):
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked").chmod(0o555)
    was_root = os.geteuid() == 0
    try:
        tmp_path.chmod(0o755)
        if was_root:
            for above in (tmp_path, *tmp_path.parents):
                if above.stat().st_uid == 0 and not above.stat().st_mode & 0o005 and str(above).startswith("/tmp/"):
                    above.chmod(0o755)
            os.seteuid(65534)
        with pytest.raises(LogError, match=r"[Pp]ermission"):
            simsoc.run(design("together"), log=tmp_path / "locked" / "r.db")
    finally:
        if was_root:
            os.seteuid(0)
        (tmp_path / "locked").chmod(0o755)
