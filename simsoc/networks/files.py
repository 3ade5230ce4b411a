"""Networks from files: edge lists as CSV, GraphML, GEXF and JSON node-link data.

Every format is first read into nodes and edges as written; then the nodes are numbered. Labels that already are agent
ids (0..n-1) stay; whole numbers are renumbered in their order, anything else in the order of the file, and `label`
keeps the name from the file. Loops and repeated edges are dropped and counted in ``graph.graph["dropped"]``.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import networkx as nx

from simsoc.core.errors import ScenarioError
from simsoc.core.shelf import nearest
from simsoc.core.stream import Stream

from .checks import build, same_size, wrong

SOURCES = ("source", "from", "ego", "follower", "a", "u", "i", "node1", "id1")
TARGETS = ("target", "to", "alter", "followed", "b", "v", "j", "node2", "id2")


@dataclass
class Raw:
    """A graph as it stands in the file."""

    directed: bool
    nodes: dict[Any, dict[str, Any]] = field(default_factory=dict)
    edges: list[tuple[Any, Any, dict[str, Any]]] = field(default_factory=list)

    def edge(self, a: Any, b: Any, attributes: dict[str, Any]) -> None:
        """Take in an edge; its ends become nodes when they are new."""
        self.nodes.setdefault(a, {})
        self.nodes.setdefault(b, {})
        self.edges.append((a, b, attributes))


def file(
    n: int | None,
    stream: Stream,
    people: Sequence[Mapping[str, Any]],
    *,
    file: str,
    directed: bool | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
) -> nx.Graph | nx.DiGraph:
    """The graph in a file: .csv, .tsv, .txt, .edges (edge list), .graphml, .gexf or .json (node-link).

    file: path, relative to the scenario.
    directed: whether ties have a direction; what the file says when not given (an edge list says no).
    delimiter: between the columns of an edge list; found out when not given.
    header: whether the first row of an edge list names the columns; found out when not given.

    In an edge list the first two columns, or those called source and target, are the ends; a third column without a
    name is the weight, named columns become attributes of the tie. Raises ScenarioError when the file is missing,
    empty, broken or of another size than the population; a population may be larger than an edge list whose labels are
    agent ids (isolates are not listed there).
    """
    path = Path(file)
    try:
        raw = _read(path, delimiter, header)
    except ScenarioError:
        raise
    except FileNotFoundError:
        raise wrong("file", f"no file '{file}'.{_neighbour(path)}") from None
    except Exception as error:
        raise wrong("file", f"'{path.name}' cannot be read: {type(error).__name__}: {error}") from error
    if not raw.nodes:
        raise wrong("file", f"'{path.name}' holds no nodes and no edges")
    if directed is not None:
        raw.directed = directed
    return _number(raw, n, path)


def _neighbour(path: Path) -> str:
    """The nearest file name in the same folder, as a guess."""
    folder = path.parent
    return nearest(path.name, sorted(p.name for p in folder.iterdir())) if folder.is_dir() else ""


def _read(path: Path, delimiter: str | None, header: bool | None) -> Raw:
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv", ".txt", ".edges", ".edgelist"):
        return _edge_list(path, delimiter, header)
    if suffix in (".graphml", ".xml"):
        return _from_graph(nx.read_graphml(path))
    if suffix == ".gexf":
        return _from_graph(nx.read_gexf(path))
    if suffix == ".json":
        return _node_link(path)
    raise wrong("file", f"'{path.name}' is no kind of graph file known here: .csv, .tsv, .txt, .graphml, .gexf, .json")


# -- edge lists ---------------------------------------------------------------------------------------------------


def _edge_list(path: Path, delimiter: str | None, header: bool | None) -> Raw:
    rows = _rows(path, delimiter)
    raw = Raw(directed=False)
    if not rows:
        return raw
    titled = _is_header(rows) if header is None else header
    first, rows = (rows[0], rows[1:]) if titled else (None, rows)
    names = [name.strip() for name in first[1]] if first else []
    a, b, extra = _columns(names, path)
    for line, row in rows:
        if len(row) <= max(a, b) or not row[a] or not row[b]:
            raise wrong("file", f"'{path.name}' line {line}: an edge needs two ends (got {row})")
        raw.edge(_label(row[a]), _label(row[b]), _attributes(row, a, b, extra, f"'{path.name}' line {line}"))
    return raw


def _rows(path: Path, delimiter: str | None) -> list[tuple[int, list[str]]]:
    """Line numbers and stripped cells; comments (#) and empty lines are left out."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        text = [(i, line.rstrip("\r\n")) for i, line in enumerate(lines, 1)]
    text = [(i, line) for i, line in text if line.strip() and not line.lstrip().startswith("#")]
    if not text:
        return []
    mark = delimiter if delimiter is not None else next((d for d in (",", ";", "\t") if d in text[0][1]), " ")
    if mark == " ":
        return [(i, line.split()) for i, line in text]
    return [
        (i, [cell.strip() for cell in row])
        for (i, _), row in zip(text, csv.reader([t for _, t in text], delimiter=mark), strict=True)
    ]


def _is_header(rows: list[tuple[int, list[str]]]) -> bool:
    """A first row with known titles, or of words above numbers."""
    first = [cell.lower() for cell in rows[0][1]]
    if len(first) >= 2 and first[0] in SOURCES and first[1] in TARGETS:
        return True
    if len(first) >= 3 and first[2] in ("weight", "w"):
        return True
    below = [row[:2] for _, row in rows[1:]]
    numeric = bool(below) and all(isinstance(_label(cell), int) for row in below for cell in row)
    return numeric and not any(isinstance(_label(cell), int) for cell in first[:2])


def _columns(names: list[str], path: Path) -> tuple[int, int, dict[int, str]]:
    """Where the two ends stand, and the names of the other columns."""
    low = [name.lower() for name in names]
    a = next((low.index(name) for name in SOURCES if name in low), 0)
    b = next((low.index(name) for name in TARGETS if name in low), 1 if a != 1 else 0)
    if len(set(low)) != len(low):
        raise wrong("file", f"'{path.name}': two columns have the same name")
    return a, b, {i: name for i, name in enumerate(names) if i not in (a, b) and name}


def _attributes(row: list[str], a: int, b: int, names: dict[int, str], where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for i, cell in enumerate(row):
        if i in (a, b) or not cell:
            continue
        name = names.get(i, "weight" if i == 2 else "")
        value = _number_or_text(cell)
        if name.lower() in ("weight", "w"):
            name = "weight"
            if isinstance(value, str):
                raise wrong("file", f"{where}: a weight should be a number (got '{cell}')")
        if name:
            found[name] = value
    return found


def _label(cell: str) -> int | str:
    """A whole number when the cell is written like one (no leading zeros, no sign), else the text."""
    plain = cell.isascii() and cell.isdigit() and (cell == "0" or cell[0] != "0")
    return int(cell) if plain else cell


def _number_or_text(cell: str) -> int | float | str:
    if "_" in cell:
        return cell
    for kind in (int, float):
        try:
            value = kind(cell)
        except ValueError:
            continue
        return value if isfinite(value) else cell
    return cell


# -- other formats ------------------------------------------------------------------------------------------------


def _from_graph(graph: nx.Graph) -> Raw:
    raw = Raw(directed=graph.is_directed())
    for node, attributes in graph.nodes(data=True):
        raw.nodes[_plain(node)] = dict(attributes)
    for a, b, attributes in graph.edges(data=True):
        raw.edge(_plain(a), _plain(b), {k: v for k, v in attributes.items() if k != "id"})
    return raw


def _plain(label: Any) -> Any:
    return _label(label) if isinstance(label, str) else label


def _node_link(path: Path) -> Raw:
    told = json.loads(path.read_text(encoding="utf-8-sig"))
    edges = told.get("edges", told.get("links")) if isinstance(told, dict) else None
    if edges is None or "nodes" not in told:
        raise wrong("file", f"'{path.name}' is not node-link data: it needs 'nodes' and 'links' (or 'edges')")
    raw = Raw(directed=bool(told.get("directed", False)))
    for node in told["nodes"]:
        if node["id"] in raw.nodes:
            raise wrong("file", f"'{path.name}' has two nodes with id {node['id']!r}")
        raw.nodes[node["id"]] = {k: v for k, v in node.items() if k != "id"}
    for edge in edges:
        a, b = edge["source"], edge["target"]
        for end in (a, b):
            if end not in raw.nodes:
                raise wrong("file", f"'{path.name}' has an edge to {end!r}, which is not among its nodes")
        raw.edge(a, b, {k: v for k, v in edge.items() if k not in ("source", "target", "key")})
    return raw


# -- numbering ----------------------------------------------------------------------------------------------------


def _number(raw: Raw, n: int | None, path: Path) -> nx.Graph | nx.DiGraph:
    """Agent ids for labels, loops and repeated edges out, attributes and original labels kept."""
    labels = list(raw.nodes)
    whole = all(isinstance(label, int) and not isinstance(label, bool) for label in labels)
    places = range(n if n is not None else len(labels))
    own = whole and all(label in places for label in labels)
    if own:
        place = {label: label for label in labels}
    else:
        same_size(n, len(labels), f"'{path.name}'")
        place = {label: i for i, label in enumerate(sorted(labels) if whole else labels)}
    loops = sum(a == b for a, b, _ in raw.edges)
    graph = build(len(places), ((place[a], place[b], data) for a, b, data in raw.edges), directed=raw.directed)
    graph.graph["dropped"] = {"loops": loops, "repeated": len(raw.edges) - loops - graph.number_of_edges()}
    for label, attributes in raw.nodes.items():
        graph.nodes[place[label]].update(attributes if own else {"label": label, **attributes})
    return graph
