"""The side-by-side page of a multiverse: one HTML file that needs nothing else and holds no script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from simsoc.posts import Post, in_tree
from simsoc.posts.listing import Place
from simsoc.posts.told import marks, readers_words, shown

if TYPE_CHECKING:
    import pandas as pd

    from .side_by_side import Universes

_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:90rem;padding:0 1.2rem;background:#fff;color:#222}
table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}
th,td{padding:.15rem .8rem .15rem 0;text-align:right;border-bottom:1px solid #ddd}th{font-weight:600}
td:first-child,th:first-child{text-align:left}
.row{display:flex;gap:1rem;overflow-x:auto;padding-bottom:.6rem;align-items:flex-start}
.universe{flex:0 0 20rem;border-top:3px solid #0072B2;padding-top:.3rem}
.universe.same{border-color:#bbb}.universe h3{margin:0;font-size:1em}
.post{border-left:3px solid #bbb;padding:.1rem 0 .2rem .6rem;margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.post.known{opacity:.55}.who,.note{color:#666;font-size:.85em}
h2{border-top:1px solid #ddd;padding-top:1rem;margin-bottom:.3rem}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}th,td{border-color:#444}.who,.note{color:#999}}
"""
_MEANS = {
    "replies": "replies in a thread",
    "people": "different people in a thread",
    "depth": "longest chain of replies",
    "score": "mean score of its texts",
    "drift": "distance of replies from the opening post",
    "dispersion": "distance of two texts of a thread",
    "variety": "distance of a thread between universes",
}


def page(universes: Universes, first: int) -> str:
    """Tables of numbers and spread, and the first so many threads, a column for each universe."""
    threads = zip_longest(*(universe.threads for universe in universes.written))
    places = [universe.place for universe in universes.written]
    numbers = [universe.number for universe in universes.written]
    body = [_top(universes), _spread(universes.spread), _each(universes.each)]
    count = max(len(universe.threads) for universe in universes.written)
    if count > first:
        body.append(f"<p class=note>The first {first} of {count} threads; the others are in the logs.</p>")
    for number, variants in zip(range(first), threads, strict=False):
        body.append(_thread(number, variants, numbers, places))
    title = escape(f"{universes.name}: {len(numbers)} universes")
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    return f"{head}<style>{_STYLE}</style></head><body>\n" + "\n".join(body) + "\n</body></html>\n"


def _top(universes: Universes) -> str:
    index, judge = universes.index, universes.judge
    begun = "people and network are the same in all of them"
    if index.branch is not None:
        begun = f"they share {index.branch.path.name} up to step {index.branch.at}"
    question = index.scenario.get("question") or ""
    told = (
        f"{len(universes.written)} universes: the same design with other random draws; {begun}. "
        f"Answered by {', '.join(universes.minds)}. Score: {judge.name} ({judge.version}), {judge.scale}. "
        "Distances: lexical embedder, 0 the same words, 1 none."
    )
    return f"<h1>{escape(universes.name)}</h1><p>{escape(question)}</p><p class=note>{escape(told)}</p>"


def _spread(frame: pd.DataFrame) -> str:
    rows = [
        [_MEANS[str(row.number)], _n(row.mean), _n(row.sd), _n(row.low), _n(row.high), _n(row.of_a_thread)]
        for row in frame.itertuples(index=False)
    ]
    heads = ("", "mean", "sd of universes", "lowest", "highest", "sd of one thread")
    return f"<h2>How far they spread</h2>{_table(heads, rows)}"


def _each(frame: pd.DataFrame) -> str:
    names = ("universe", "threads", "replies", "length", "depth", "score", "drift", "dispersion", "differs")
    rows = [[_n(row[name]) for name in names] for row in frame.to_dict("records")]
    note = "<p class=note>differs: share of threads that are not word for word those of universe 0</p>"
    return f"<h2>Each of them</h2>{_table(names, rows)}{note}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _n(value: Any) -> str:
    if value is None or value != value:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _thread(
    number: int, variants: Sequence[Sequence[Post] | None], numbers: Sequence[int], places: Sequence[Place]
) -> str:
    first = variants[0] or ()
    known = {(post.writer, post.parent, post.words) for post in first}
    made = []
    for universe, place, thread in zip(numbers, places, variants, strict=True):
        if thread is None:
            made.append(f'<div class="universe"><h3>Universe {universe}</h3><p class=note>no such thread</p></div>')
            continue
        same = " same" if universe != numbers[0] and list(thread) == list(first) else ""
        posts = "".join(_post(post, place, universe != numbers[0] and _key(post) in known) for post in in_tree(thread))
        told = f"replies: {len(thread) - 1}" + (", as in universe 0" if same else "")
        head = f"<h3>Universe {universe}</h3><div class=note>{told}</div>"
        made.append(f'<div class="universe{same}">{head}{posts}</div>')
    return f'<h2>Thread {number}</h2><div class="row">{"".join(made)}</div>'


def _key(post: Post) -> tuple[Any, ...]:
    return post.writer, post.parent, post.words


def _post(post: Post, place: Place, known: bool) -> str:
    who = escape(shown(" · ".join([" ".join(place.named(post).split()), f"step {post.step}", *marks(post)])))
    title = f"<b>{escape(shown(post.title))}</b>\n" if post.title and post.gone is None else ""
    words = escape(shown(readers_words(post)))
    css = "post known" if known else "post"
    indent = f"margin-left:{min(post.depth, 8) * 0.8:g}rem"
    return f'<div class="{css}" style="{indent}"><div class="who">{who}</div>{title}{words}</div>'
