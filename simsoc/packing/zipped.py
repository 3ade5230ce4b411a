"""Zip files that come out the same every time, and that are opened without trusting them."""

from __future__ import annotations

import shutil
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from simsoc.core.errors import BrokenLog, LogError

MOST_BYTES = 8 << 30
"""Bytes a package may unpack to."""
MOST_FILES = 100_000
_DENSEST = 500  # times a file may grow
_TIME = (1980, 1, 1, 0, 0, 0)


def zip_folder(folder: Path, target: Path) -> None:
    """Everything in a folder as a zip: sorted, without times or owners, so that equal folders give equal files."""
    draft = target.with_name(f"{target.name}.new")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
                info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
                with path.open("rb") as source, out.open(info, "w", force_zip64=True) as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
        draft.replace(target)
    except OSError as error:
        raise LogError(f"{target}: {error.strerror or error}") from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip to read. Raises LogError when there is none, BrokenLog when it is damaged."""
    if not path.is_file():
        raise LogError(f"{path}: there is no such file.")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise BrokenLog(f"{path}: damaged, or no package ({error}).") from None
    except OSError as error:
        raise LogError(f"{path}: {error.strerror or error}") from None
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise BrokenLog(f"{path}: damaged ({error}).") from None
        raise


def unzip(path: Path, folder: Path, *, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> list[str]:
    """Unpack a zip into a folder and give the names of its files.

    Nothing is written outside the folder, over a file, or beyond what was promised. Raises BrokenLog for names that
    lead elsewhere, links, doubles, and for what is larger than it says or than the bounds.
    """
    with opened(path) as archive:
        members = archive.infolist()
        _look(path, members, most_bytes, most_files)
        folder.mkdir(parents=True, exist_ok=True)
        for member in members:
            if not member.is_dir():
                _write(path, archive, member, folder)
        return [member.filename for member in members if not member.is_dir()]


def _look(path: Path, members: list[zipfile.ZipInfo], most_bytes: int, most_files: int) -> None:
    if len(members) > most_files:
        raise BrokenLog(f"{path}: {len(members)} files; a package has {most_files} at most.")
    seen: set[str] = set()
    for member in members:
        name = member.filename
        if not _safe(name):
            raise BrokenLog(f"{path}: names a file that leads elsewhere ({name!r}).")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise BrokenLog(f"{path}: holds a link ({name!r}).")
        if name.casefold() in seen:
            raise BrokenLog(f"{path}: holds {name!r} twice.")
        seen.add(name.casefold())
        if member.file_size > _DENSEST * max(member.compress_size, 10_000):
            raise BrokenLog(f"{path}: {name!r} would grow {member.file_size} bytes from {member.compress_size}.")
    if sum(member.file_size for member in members) > most_bytes:
        raise BrokenLog(f"{path}: would take more than {most_bytes} bytes.")


def _safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    plain = name.isprintable() and not any(mark in name for mark in '\\:<>|"?*')
    return plain and bool(parts) and not name.startswith("/") and ".." not in parts and "" not in name.split("/")[:-1]


def _write(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / member.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    left = member.file_size
    with archive.open(member) as source, target.open("xb") as sink:
        while piece := source.read(min(1 << 20, left + 1)):
            left -= len(piece)
            if left < 0:
                raise BrokenLog(f"{path}: {member.filename!r} is larger than it says.")
            sink.write(piece)
