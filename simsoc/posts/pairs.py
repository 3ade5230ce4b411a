"""Blind pairs for human raters: a real thread beside a simulated one, and which is which in another file.

Which side is real is an addressed draw, so the same seed makes the same sheet. Nothing that gives a side away is shown:
no names, votes, times, labels or marks of a grammar. Source: the technical evaluation of Park et al. 2022, arXiv
2208.04024: raters who had to tell the real one were wrong on 41% of pairs, where guessing is wrong on 50%.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from msgspec.structs import replace

from simsoc.core.answers import PLACEHOLDER
from simsoc.core.errors import ScenarioError
from simsoc.core.stream import Stream

from .markdown import escaped, quotation
from .post import Post, in_tree, told_id
from .told import Named, readers_words, shown

SIDES = ("A", "B")
_TITLE = "Which one is real?"
INSTRUCTIONS = (
    "Each pair shows two discussions, A and B. One took place among people online; the other was made by a computer "
    "simulation of such a community. Decide for each pair which one is real, and write A or B into the column `real` "
    "of the sheet. Decide for every pair, even where you would have to guess. Do not look anything up, and do not "
    "talk to other raters before you are done. Names have been taken out, and long threads have been cut."
)


class Pair(NamedTuple):
    """A real and a simulated thread, side by side."""

    number: int
    """From 1."""
    real: str
    """A or B."""
    a: tuple[Post, ...]
    b: tuple[Post, ...]


def by_name(threads: Iterable[Sequence[Post]], named: Named) -> list[list[Post]]:
    """Threads whose posts bear the names of those who wrote them, so that mentions of these can be taken out."""
    return [[replace(post, by=named(post)) for post in thread] for thread in threads]


def made(
    real: Iterable[Sequence[Post]],
    simulated: Iterable[Sequence[Post]],
    seed: int,
    *,
    most: int | None = None,
    cap: int = 8,
) -> list[Pair]:
    """As many pairs as there are threads on both sides (or `most`), each thread used once, in an order drawn by `seed`.

    cap: replies of a thread that are shown, the first ones, so that length alone does not tell; 8 is where simulated
    threads of the published process end. Threads in which somebody wrote nothing (the null mind) are left out.
    Raises ScenarioError where a side has no thread.
    """
    sides = []
    for name, threads in (("real", real), ("simulated", simulated)):
        usable = [_cut(thread, cap) for thread in threads]
        usable = [thread for thread in usable if not any(PLACEHOLDER in post.words for post in thread)]
        if not usable:
            raise ScenarioError(f"there is no {name} thread with words in it to show")
        Stream(seed, "pairs", name).shuffle(usable)
        sides.append(usable)
    count = min(len(sides[0]), len(sides[1]), most if most is not None else len(sides[0]))
    pairs = []
    for number in range(count):
        first = Stream(seed, "pairs", "side", number).below(2)
        both = (sides[first][number], sides[1 - first][number])
        pairs.append(Pair(number + 1, SIDES[first], *both))
    return pairs


def _cut(thread: Sequence[Post], cap: int) -> tuple[Post, ...]:
    return tuple(thread[: cap + 1])


def anonymous(thread: Sequence[Post]) -> list[tuple[int, str, str]]:
    """(depth, who, words) of each post as a reader meets them; writers are `Person 1`, ... by first appearance.

    Where they are called by name (`Post.by`) in a text, that becomes their number, too.
    """
    numbers: dict[tuple[int, str], int] = {}
    for post in thread:
        numbers.setdefault(post.writer, len(numbers) + 1)
    called = {name: number for (_, name), number in numbers.items() if name}
    longest_first = sorted(map(re.escape, called), key=len, reverse=True)
    mention = re.compile(rf"(?<!\w)(?:/?u/|@)?({'|'.join(longest_first)})(?!\w)") if called else None
    told = []
    for post in in_tree(thread):
        words = readers_words(post) if post.depth else f"{post.title}\n\n{readers_words(post)}".strip()
        if mention is not None:
            words = mention.sub(lambda found: f"Person {called[found[1]]}", words)
        told.append((post.depth, f"Person {numbers[post.writer]}", shown(words)))
    return told


# -- files -----------------------------------------------------------------------------------------------------------


def as_sheet(pairs: Sequence[Pair]) -> str:
    """CSV to be filled in: a row for each pair, its two threads as text, and an empty column `real`."""
    return _csv(("pair", "real", "A", "B"), [(pair.number, "", _text(pair.a), _text(pair.b)) for pair in pairs])


def as_key(pairs: Sequence[Pair]) -> str:
    """CSV with the answers: which side is real, and which threads they are. To be kept from raters."""
    rows = []
    for pair in pairs:
        real, simulated = (pair.a, pair.b) if pair.real == "A" else (pair.b, pair.a)
        rows.append((pair.number, pair.real, told_id(real[0].id), told_id(simulated[0].id)))
    return _csv(("pair", "real", "real_thread", "simulated_thread"), rows)


def _text(thread: Sequence[Post]) -> str:
    lines = []
    for depth, who, words in anonymous(thread):
        indent = "    " * depth
        lines += [f"{indent}{who}:", *(f"{indent}{line}" for line in words.split("\n")), ""]
    return "\n".join(lines).rstrip()


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV that a spreadsheet takes as text: a cell that would be a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def as_markdown(pairs: Sequence[Pair], title: str = _TITLE) -> str:
    """The same as Markdown (CommonMark): instructions, then for each pair its two threads, A above B."""
    lines = [f"# {escaped(title)}", "", escaped(INSTRUCTIONS)]
    for pair in pairs:
        lines += ["", f"## Pair {pair.number}"]
        for side, thread in zip(SIDES, (pair.a, pair.b), strict=True):
            lines += ["", f"### {side}"]
            for depth, who, words in anonymous(thread):
                lines += quotation(depth, f"**{who}**", words)
    return "\n".join(lines) + "\n"


_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
section{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem;border-top:2px solid #222;padding:1rem 0 2rem}
h2{grid-column:1/-1;margin:0}h3{margin:0 0 .5rem}
.post{border-left:3px solid #bbb;padding:.1rem 0 .4rem .7rem;margin:.6rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.who{color:#555;font-size:.85em}
@media(max-width:45rem){section{grid-template-columns:1fr}}
"""


def as_page(pairs: Sequence[Pair], title: str = _TITLE) -> str:
    """One HTML file that needs nothing else: instructions, then the pairs side by side. It holds no script."""
    body = [f"<h1>{escape(title)}</h1><p>{escape(INSTRUCTIONS)}</p>"]
    for pair in pairs:
        body.append(f"<section><h2>Pair {pair.number}</h2>{_side('A', pair.a)}{_side('B', pair.b)}</section>")
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    return f"{head}<style>{_STYLE}</style></head><body>\n" + "\n".join(body) + "\n</body></html>\n"


def _side(name: str, thread: Sequence[Post]) -> str:
    posts = "".join(
        f'<div class="post" style="margin-left:{min(depth, 10) * 1.2:g}rem">'
        f'<div class="who">{escape(who)}</div>{escape(words)}</div>'
        for depth, who, words in anonymous(thread)
    )
    return f"<div><h3>{name}</h3>{posts}</div>"
