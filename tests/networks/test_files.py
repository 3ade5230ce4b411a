import json

import networkx as nx
import pytest

from simsoc.core.errors import ScenarioError
from simsoc.core.stream import Stream
from simsoc.networks.files import file


def read(path, n=None, **parameters):
    return file(n, Stream(1), [], file=str(path), **parameters)


@pytest.fixture
def write(tmp_path):
    def to(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to


def test_plain_edge_list_keeps_agent_ids(write):
    graph = read(write("a.csv", "0,1\n1,2\n"))
    assert list(graph.edges()) == [(0, 1), (1, 2)]
    assert not graph.is_directed()
    assert "label" not in graph.nodes[0]


def test_header_weights_comments_and_attributes(write):
    text = "# friends\nsource,target,weight,since\nann,bob,2,1999\n\nbob,cy,0.5,early\n"
    graph = read(write("a.csv", text), directed=True)
    assert graph.is_directed()
    assert [name for _, name in graph.nodes(data="label")] == ["ann", "bob", "cy"]
    assert graph[0][1] == {"weight": 2, "since": 1999}
    assert graph[1][2] == {"weight": 0.5, "since": "early"}


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("x y\n0 1\n1 2\n", [(0, 1), (1, 2)]),
        ("0\t1\n", [(0, 1)]),
        ("0;1;3\n", [(0, 1)]),
        ("weight,to,from\n2,1,0\n", [(0, 1)]),
        ("ann,bob\nbob,cy\n", [(0, 1), (1, 2)]),
        ('"0","1"\n', [(0, 1)]),
    ],
)
def test_ways_to_write_an_edge_list(write, text, edges):
    assert list(read(write("a.txt", text)).edges()) == edges


def test_a_header_can_be_denied(write):
    assert len(read(write("a.csv", "source,target\n"), header=False)) == 2
    assert read(write("b.csv", "one,two\n0,1\n"), header=True).number_of_edges() == 1


def test_third_column_is_a_weight(write):
    assert read(write("a.csv", "0,1,2.5\n"))[0][1] == {"weight": 2.5}


def test_numbers_are_renumbered_in_their_order_and_words_in_file_order(write):
    numbers = read(write("a.csv", "30,10\n10,20\n"))
    assert [label for _, label in numbers.nodes(data="label")] == [10, 20, 30]
    words = read(write("b.csv", "zoe,ann\nann,bob\n"))
    assert [label for _, label in words.nodes(data="label")] == ["zoe", "ann", "bob"]


def test_loops_and_repeated_edges_are_dropped_and_counted(write):
    path = write("a.csv", "0,1,5\n1,0,6\n1,1\n0,1\n")
    assert read(path).graph["dropped"] == {"loops": 1, "repeated": 2}
    assert read(path, directed=True).graph["dropped"] == {"loops": 1, "repeated": 1}
    assert read(path)[0][1]["weight"] == 5


def test_sizes(write):
    path = write("a.csv", "0,1\n1,3\n")
    assert len(read(path, 6)) == 6
    assert read(path, 6).has_edge(1, 3)
    assert [label for _, label in read(path).nodes(data="label")] == [0, 1, 3]
    words = write("b.csv", "ann,bob\n")
    with pytest.raises(ScenarioError, match=r"'b.csv' has 2 nodes, population says 50"):
        read(words, 50)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("suffix", ["graphml", "gexf", "json"])
def test_other_formats_round_trip(tmp_path, suffix, directed):
    source = (nx.DiGraph if directed else nx.Graph)()
    source.add_node("ann", age=30)
    source.add_node("bob", age=40)
    source.add_node("eve", age=50)
    source.add_edge("bob", "ann", weight=2.0)
    path = tmp_path / f"g.{suffix}"
    if suffix == "json":
        path.write_text(json.dumps(nx.node_link_data(source, edges="links")))
    else:
        {"graphml": nx.write_graphml, "gexf": nx.write_gexf}[suffix](source, path)
    graph = read(path)
    assert graph.is_directed() is directed
    assert [label for _, label in graph.nodes(data="label")] == ["ann", "bob", "eve"]
    assert [age for _, age in graph.nodes(data="age")] == [30, 40, 50]
    assert list(graph.edges(data="weight")) == [(1, 0, 2.0) if directed else (0, 1, 2.0)]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "", "no nodes"),
        ("a.csv", "source,target\n", "no nodes"),
        ("a.csv", "0,1\n2\n", "line 2: an edge needs two ends"),
        ("a.csv", "0,1\n2,\n", "two ends"),
        ("a.csv", "0,1,much\n", "a weight should be a number"),
        ("a.csv", "source,target,x,x\n0,1,2,3\n", "same name"),
        ("a.graphml", "<graphml", "cannot be read: ParseError"),
        ("a.gexf", "<x></x>", "cannot be read"),
        ("a.json", "{", "cannot be read: JSONDecodeError"),
        ("a.json", "[]", "not node-link data"),
        ("a.json", '{"nodes": [{"id": 0}], "links": [{"source": 0, "target": 1}]}', "not among its nodes"),
        ("a.json", '{"nodes": [{"id": 0}, {"id": 0}], "links": []}', "two nodes"),
        ("a.xlsx", "0,1", "no kind of graph file"),
    ],
)
def test_broken_files_say_what_is_wrong(write, name, text, told):
    with pytest.raises(ScenarioError, match=told) as caught:
        read(write(name, text))
    assert caught.value.problems[0].path == "network.file"


def test_a_missing_file_is_guessed(write):
    path = write("friends.csv", "0,1\n")
    with pytest.raises(ScenarioError, match=r"Did you mean 'friends\.csv'"):
        read(path.with_name("freinds.csv"))
    with pytest.raises(ScenarioError, match="no file"):
        read(path.parent / "nowhere" / "a.csv")
