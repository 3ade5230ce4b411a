"""What every run needs, imported by the one process that the others are forked from: seconds of CPU once for all.

Importing it is for that process alone.
"""

import sys
from importlib import import_module

sys.path[:] = [place for place in sys.path if place]  # a `pandas.py` in the working folder is somebody else's
for name in (
    "simsoc.experiments.processes",
    "simsoc.society.model",
    "simsoc.backends.local",
    "simsoc.networks.generators",
    "simsoc.population.sources",
    "simsoc.runlog.writer",
):
    import_module(name)
