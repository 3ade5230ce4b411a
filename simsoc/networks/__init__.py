"""Who is tied to whom at the start: generators that take the stream, well-known graphs, and graph files.

A generator is called ``generator(n, stream, people, **parameters)`` and returns a NetworkX graph on the nodes 0..n-1,
in order, with sorted edges, no loops and no parallel edges. `n` is None when the population leaves the size open.
"""

from simsoc.core.shelf import Shelf

NETWORKS = Shelf(
    "networks",
    {
        "complete": "simsoc.networks.generators:complete",
        "empty": "simsoc.networks.generators:empty",
        "ring": "simsoc.networks.generators:ring",
        "lattice": "simsoc.networks.generators:lattice",
        "erdos_renyi": "simsoc.networks.generators:erdos_renyi",
        "watts_strogatz": "simsoc.networks.generators:watts_strogatz",
        "barabasi_albert": "simsoc.networks.generators:barabasi_albert",
        "random_regular": "simsoc.networks.generators:random_regular",
        "stochastic_block": "simsoc.networks.blocks:stochastic_block",
        "partisan": "simsoc.networks.partisan:partisan",
        "karate_club": "simsoc.networks.famous:karate_club",
        "davis_southern_women": "simsoc.networks.famous:davis_southern_women",
        "florentine_families": "simsoc.networks.famous:florentine_families",
        "les_miserables": "simsoc.networks.famous:les_miserables",
        "file": "simsoc.networks.files:file",
    },
)

FIXED = frozenset({"karate_club", "davis_southern_women", "florentine_families", "les_miserables", "file"})
"""Networks with a size of their own: they may be built with n=None and then set the number of people."""
SIZED = frozenset({"lattice", "stochastic_block"})
"""Networks whose own keys may tell the size (rows and cols, sizes): built with n=None they work it out or complain."""
