"""`simsoc report`, `simsoc pack` and `simsoc verify` of a package."""

import pytest


@pytest.fixture
def log(folder, simsoc):
    assert simsoc("run", "first.yaml", "--log", "a.db").code == 0
    return folder / "a.db"


def test_report(log, simsoc):
    said = simsoc("report", "a.db", "--json")
    assert said.code == 0, said.err
    assert said.json["report"] == "a.html"
    assert said.json["bytes"] == (log.parent / "a.html").stat().st_size
    assert simsoc("report", "b.db").code == 2


def test_pack_and_verify(log, simsoc):
    said = simsoc("pack", "a.db")
    assert said.code == 0, said.err
    assert "simsoc verify a.zip --replay" in said.out
    assert simsoc("pack", "a.db").code == 2
    assert simsoc("pack", "a.db", "--overwrite", "--no-report", "--json").json["package"] == "a.zip"
    said = simsoc("verify", "a.zip", "--replay", "--json")
    assert (said.code, said.json["findings"]) == (0, [])
    assert "verified" in simsoc("verify", "a.db", "--replay").out
    data = bytearray((log.parent / "a.zip").read_bytes())
    data[len(data) // 2] ^= 1
    (log.parent / "a.zip").write_bytes(data)
    said = simsoc("verify", "a.zip")
    assert said.code == 1
    assert "package" in said.out or "files" in said.out


def test_terms_are_told_with_respondents(log, simsoc):
    said = simsoc("pack", "a.db", "--with-respondents")
    assert said.code == 0
    assert "www.electionstudies.org" in said.err
