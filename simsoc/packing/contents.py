"""What is in a package: its manifest, and where everything lies.

README.md            what this is, how to check and replay it, what is withheld
manifest.json        every file with size and hash, every run with its digest
requirements.lock    versions it ran with
scenario/            as-run.yaml, the files it names, replay-RUN.yaml for each run
runs/                the logs (and index.json of an experiment)
tables/              frames of all runs as CSV, with columns.csv
report.html          the report
figures/             pictures that lay beside the logs
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from simsoc.core.errors import BrokenLog, OldSchema

from .respondents import digest_of

MANIFEST = "manifest.json"
FORM = 1


class Packed(NamedTuple):
    """A run in a package."""

    log: str
    """Its path in the package."""
    told: str
    """Which run it is."""
    status: str
    digest: str | None
    steps: int | None
    replay: str
    """The scenario file that replays it; empty where that takes something that is withheld."""


class Manifest(NamedTuple):
    """What a package says of itself."""

    name: str
    kind: str
    """`run` or `experiment`."""
    simsoc: str
    files: Mapping[str, Mapping[str, Any]]
    """By path: bytes and blake2b (128 bits, hex)."""
    runs: Sequence[Packed]
    withheld: Sequence[Mapping[str, Any]]
    """Recipes of files that are held back."""


def hashed(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and hash of every file of a folder but the manifest."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "blake2b": digest_of(path)}
        for path in paths
    }


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder."""
    told = {"simsoc": "package", "form": FORM, "made_by": manifest.simsoc, "name": manifest.name}
    told |= {"kind": manifest.kind, "runs": [run._asdict() for run in manifest.runs]}
    told |= {"withheld": list(manifest.withheld), "files": manifest.files}
    text = json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read(folder: Path, name: str) -> Manifest:
    """The manifest of an unpacked package. Raises BrokenLog when there is none that can be read, OldSchema."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if told["simsoc"] != "package":
            raise KeyError("simsoc")
        if told["form"] > FORM:
            raise OldSchema(f"{name}: packed by a newer simsoc. Update simsoc to read it.")
        runs = [Packed(**run) for run in told["runs"]]
        files = {str(p): {"bytes": int(f["bytes"]), "blake2b": str(f["blake2b"])} for p, f in told["files"].items()}
        return Manifest(told["name"], told["kind"], told["made_by"], files, runs, told["withheld"])
    except FileNotFoundError:
        raise BrokenLog(f"{name}: no package; its {MANIFEST} is missing.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenLog(f"{name}: its {MANIFEST} cannot be read ({error!r}).") from None
