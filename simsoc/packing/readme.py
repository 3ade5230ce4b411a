"""The README of a package."""

from __future__ import annotations

import json

from .contents import Manifest
from .respondents import terms


def readme(manifest: Manifest, *, with_respondents: bool) -> str:
    """What the package is, how to check and replay it, and what is not in it."""
    one = manifest.runs[0]
    made_of = f"{len(manifest.runs)} {'runs' if len(manifest.runs) > 1 else 'run'}"
    parts = [
        f"# {manifest.name}",
        f"{'An experiment' if manifest.kind == 'experiment' else 'A run'} of simsoc {manifest.simsoc}: {made_of}, with "
        "everything that it takes to check and to repeat it. No key and no network is needed.",
        _CONTENTS,
        _CHECK,
        "## Replay by hand",
        f"```bash\nunzip THIS.zip -d package && cd package\nsimsoc run {one.replay} --log again.db\n```",
        f"The digest has to be `{one.digest or '(the run has not finished)'}`. Every prompt is made again and compared "
        "with the one that was sent; the answers come from the log.",
    ]
    if manifest.withheld:
        recipes = json.dumps(list(manifest.withheld), indent=1, ensure_ascii=False)
        parts += [_WITHHELD, f"```json\n{recipes}\n```"]
    if with_respondents:
        parts += ["## Terms of the survey", terms()]
    return "\n\n".join(parts) + "\n"


_CONTENTS = """\
- `report.html` shows it, in a browser
- `tables/` has the numbers as CSV; `columns.csv` says what they mean
- `runs/` has the logs, each a SQLite file with every prompt and answer
- `scenario/` has the scenario and the files it names
- `manifest.json` has the hash of every file and the digest of every run
- `requirements.lock` has the versions it ran with"""
_CHECK = """\
## Check

```bash
pip install -r requirements.lock     # simsoc itself may come from its sources
simsoc verify THIS.zip               # every hash, and every digest from the events again
simsoc verify THIS.zip --replay      # and every run again from its answers, to the same digest
                                     # (--run-files: also where that runs Python that the scenario names; read it first)
```"""
_WITHHELD = """\
## What is withheld

The people of this run are respondents of a survey, whose rows are not passed on. Not in this package are the file with
their answers, their traits (a hash stands for each), and the prompts and facts in which they are told. In it are what
happened, the answers, the hashes of all prompts, and the recipe below. What can be checked without the file: hashes,
digests from the events, tables, report. What cannot: the replay, until the file lies in its place; then it is exact,
prompts included."""
