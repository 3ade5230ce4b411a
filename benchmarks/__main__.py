"""``python -m benchmarks [NAME ...]``: all tables, or those named (turns, sizes, server, order, ...)."""

from __future__ import annotations

import sys

from rich.console import Console

_ALL = (
    *("turns", "sizes", "server", "order", "replay", "memory"),
    *("feeds", "exposures", "twitter", "reddit", "people", "evidence"),
)


def main() -> None:
    """Print the tables that are named, or all."""
    wanted = sys.argv[1:] or list(_ALL)
    console = Console(width=120)
    if "turns" in wanted:
        from .turns import table as turns

        console.print(turns())
    if "sizes" in wanted:
        from .sizes import table as sizes

        console.print(sizes())
    if "server" in wanted:
        from .server import main as server

        server()
    if "order" in wanted:
        from .order import main as order

        order()
    if "replay" in wanted:
        from .replay import table as replay

        console.print(replay())
    if "memory" in wanted:
        from .memory import table as memory

        console.print(memory())
    if "feeds" in wanted:
        from .feeds import growth as feeds_growth
        from .feeds import table as feeds

        console.print(feeds())
        console.print(feeds_growth())
    if "exposures" in wanted:
        from .exposures import table as exposures

        console.print(exposures())
    if "twitter" in wanted:
        from .twitter import table as twitter

        console.print(twitter())
    if "reddit" in wanted:
        from .reddit import table as reddit

        console.print(reddit())
    if "people" in wanted:
        from .people import table as people

        console.print(people())
    if "evidence" in wanted:
        from .evidence import table as evidence

        console.print(evidence())


if __name__ == "__main__":
    main()
