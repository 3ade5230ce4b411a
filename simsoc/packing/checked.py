"""Checking a package or a log: hashes, digests from the events, and everything again from its answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from simsoc.core import userfile
from simsoc.core.errors import LogError, NotRun, SimsocError
from simsoc.runlog.copying import WITHHELD
from simsoc.runlog.reader import open_run
from simsoc.runlog.verify import Finding
from simsoc.runlog.verify import verify as verify_log

from . import contents
from .contents import MANIFEST, Manifest
from .respondents import digest_of
from .zipped import unzip


def verify(path: str | Path, *, replay: bool = False, run_files: bool = False) -> list[Finding]:
    """Everything wrong with a run log, or with a package of `simsoc pack`; empty when all agrees.

    replay: also do every run again from its answers, which needs no key; it has to come to the same digest. run_files:
    also where that takes running Python that the scenario names (a feed in a file): somebody else's code, if the
    package is; without it such a run is not replayed, and a finding says which file that is. Raises LogError when there
    is no such file; what is damaged is a finding.
    """
    where = Path(path)
    if where.is_file() and _zipped(where):
        return _package(where, replay=replay, run_files=run_files)
    found = verify_log(where)
    if replay and not any(finding.serious for finding in found):
        found += _again(where, run_files)
    return found


def unpack(path: str | Path, folder: str | Path) -> Path:
    """Unpack a package into a folder that is empty or not there, after its hashes were checked. Raises LogError."""
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise LogError(f"{target}: not empty; a package is unpacked into a folder of its own.")
    with tempfile.TemporaryDirectory(prefix="simsoc-unpack-") as made:
        unzip(Path(path), Path(made))
        wrong = [*_hashes(Path(made), contents.read(Path(made), str(path)))]
    if wrong:
        raise LogError(f"{path}: {wrong[0].message}")
    unzip(Path(path), target)
    return target


def _zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _package(path: Path, *, replay: bool, run_files: bool) -> list[Finding]:
    with tempfile.TemporaryDirectory(prefix="simsoc-verify-") as made:
        folder = Path(made)
        try:
            unzip(path, folder)
            manifest = contents.read(folder, str(path))
        except LogError as error:
            return [Finding(True, "package", str(error).removeprefix(f"{path}: "))]
        found = [*_hashes(folder, manifest)]
        if not found:
            for run in manifest.runs:
                found += _log(folder, run, manifest)
                if replay:
                    found += _replayed(folder, run, manifest, run_files)
    return found


def _hashes(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    """Every file is there, is what the manifest says, and no other is."""
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    for name in sorted(there - manifest.files.keys()):
        yield Finding(True, "files", f"{name} is not in the manifest.")
    for name, told in manifest.files.items():
        if name not in there:
            yield Finding(True, "files", f"{name} is missing.")
        elif (folder / name).stat().st_size != told["bytes"] or digest_of(folder / name) != told["blake2b"]:
            yield Finding(True, "files", f"{name} is not what was packed.")


def _log(folder: Path, run: contents.Packed, manifest: Manifest) -> Iterator[Finding]:
    log = folder / run.log
    if run.log not in manifest.files:
        yield Finding(True, "files", f"{run.log} is not in the manifest.")
        return
    for finding in verify_log(log):
        yield finding._replace(message=f"{run.told}: {finding.message}")
    with open_run(log) as opened:
        if opened.info["digest"] != run.digest:
            told = f"{run.told}: the log says {opened.info['digest']}, the manifest {run.digest}."
            yield Finding(True, "digest", told)
        withheld = opened.rows("SELECT count(*) FROM text WHERE text = ?", (WITHHELD,))[0][0]
    if withheld:
        yield Finding(False, "withheld", f"{run.told}: {withheld} texts that tell of respondents are not here.")


def _replayed(folder: Path, run: contents.Packed, manifest: Manifest, run_files: bool) -> Iterator[Finding]:
    if run.log not in manifest.files:
        return
    lacking = [one["put_it_at"] for one in manifest.withheld if not (folder / one["put_it_at"]).exists()]
    if lacking:
        told = f"{run.told}: cannot be replayed without {', '.join(lacking)}, which is withheld (see README.md)."
        yield Finding(False, "replay", told)
        return
    for finding in _again(folder / run.log, run_files):
        yield finding._replace(message=f"{run.told}: {finding.message}")


def _own_files(log: Path) -> str:
    """The Python files that a run's scenario names."""
    from simsoc.scenario.userfiles import user_files
    from simsoc.society.sitting import scenario_of

    found = user_files(scenario_of(log, finished=True))
    return "Python of whoever wrote the scenario: " + ", ".join(f"{f.name} (BLAKE2b {f.hash[:16]})" for f in found)


def _again(log: Path, run_files: bool) -> list[Finding]:
    """A run again from its answers: every event is compared with the logged one, and the digests in the end."""
    from simsoc.society.rebuilding import rebuilt

    with open_run(log) as run:
        steps, digest = run.info["steps"], run.info["digest"]
    if steps is None:
        return [Finding(False, "replay", "there is nothing to replay: not even the start is in the log.")]
    try:
        with nullcontext() if run_files else userfile.unrun():
            society = rebuilt(log)
    except NotRun:
        return [Finding(False, "replay", f"not replayed, as that runs {_own_files(log)}. Read it, then --run-files.")]
    except SimsocError as error:
        return [Finding(True, "replay", str(error))]
    try:
        found = society.digest
    finally:
        society.close()
    if digest and found != digest:
        return [Finding(True, "replay", f"came to the digest {found}, not {digest}.")]
    return []
