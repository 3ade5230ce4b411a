"""``python -m simsoc``: the command line."""

from simsoc.cli import app

app()
